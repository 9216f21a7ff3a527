"""What a mail server means when it gives a mail back, as data (RFC 3463 and what large providers make of it)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from telehealth.domain.ports import Remedy

_ENHANCED = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\.?\d)")  # And no part of an address such as 192.5.1.1.
_NOBODY = re.compile(
    r"user unknown|unknown (user|recipient|address)|no such (user|recipient|address|mailbox)|does not exist"
    r"|doesn't exist|unrouteable address|mailbox (not found|unavailable)|address rejected"
    r"|host or domain name not found",
    re.IGNORECASE,
)
UNDEFINED = frozenset({"0", "5.0.0", "4.0.0"})
"""The server says only that it failed; the words behind it may say more."""

REMEDIES: Mapping[str, Remedy] = MappingProxyType(
    {
        "5.1.0": Remedy.BAD_ADDRESS,
        "5.1.1": Remedy.BAD_ADDRESS,  # Nobody of that name.
        "5.1.2": Remedy.BAD_ADDRESS,  # No such domain.
        "5.1.3": Remedy.BAD_ADDRESS,
        "5.1.6": Remedy.BAD_ADDRESS,  # Moved away.
        "5.1.10": Remedy.BAD_ADDRESS,  # The domain takes no mail (RFC 7505).
        "5.2.1": Remedy.BAD_ADDRESS,  # The mailbox is disabled.
        "5.4.1": Remedy.BAD_ADDRESS,  # Exchange Online: "Recipient address rejected: Access denied", nobody there.
        "5.4.4": Remedy.BAD_ADDRESS,  # Postfix: host or domain name not found.
        "5.1.7": Remedy.ALERT,  # The sender's address, which is ours.
        "5.1.8": Remedy.ALERT,
        "5.7.25": Remedy.ALERT,  # RFC 7372: no reverse DNS.
        "5.7.26": Remedy.ALERT,  # RFC 7372: neither SPF nor DKIM.
        "5.7.27": Remedy.ALERT,
        "5.7.29": Remedy.ALERT,
    }
)
"""Everything else, such as a full mailbox or a filter, is about this one mail."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient's part of a report that a mail was not delivered for good.

    ``references`` are the ids of ours that the report names (of the mail it gives back, else of the one it answers),
    ``recipients`` the address it went to and the one it was forwarded to, ``status`` the enhanced code ("5.1.1").
    """

    references: tuple[str, ...]
    recipients: tuple[str, ...] = field(repr=False)
    status: str

    @property
    def remedy(self) -> Remedy:
        """What to do about it."""
        return REMEDIES.get(self.status, Remedy.GIVE_UP)


def bounce_status(status: str, said: str) -> str:
    """The code that tells most: the report's own, or the one in what the server said, or, when neither says anything,
    "5.1.1" for words that mean that nobody is there.
    """
    given = _ENHANCED.search(status)
    code = given.group() if given else "5.0.0"
    if code not in UNDEFINED:
        return code
    inner = _ENHANCED.search(said)
    if inner and inner.group() not in UNDEFINED:
        return inner.group()
    return "5.1.1" if _NOBODY.search(said) else code
