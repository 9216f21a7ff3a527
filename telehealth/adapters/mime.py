"""An Email as a MIME message, the same for the mail server and for the local outbox.

With an invite the shape is mixed{ alternative{ plain, html, calendar }, invite.ics }: some mail programs look
only at the alternative part and some only at the attachment, so both carry the calendar object. Without one
it is the alternative.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime
from email import policy
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage, Message
from email.policy import Policy
from email.utils import format_datetime

from telehealth.adapters.letters import html, plain_text
from telehealth.domain.icalendar import clean_party_name
from telehealth.domain.ports import DeliveryFailed, Email, Invite, Remedy


class _Verbatim(UnstructuredHeader, BaseHeader):
    """A header that is written as it is, on one line: the library would turn a long address into encoded words, which
    mail programs do not take for an address (RFC 2369 section 2).
    """

    def fold(self, *, policy: Policy) -> str:
        """The header's line."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("List-Unsubscribe", _Verbatim)

# Seven bits, so that a server without 8BITMIME takes the mail too. RFC 5321 line ends.
POLICY = policy.SMTP.clone(cte_type="7bit", header_factory=_HEADERS)

_LONGEST_SUBJECT = 150

# What people have for addresses, and nothing that could end a header or an SMTP command: no quoted local
# parts, and no letters outside ASCII before the @, which few servers take (RFC 6531).
_LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}")
_WAY_OUT = re.compile(r"https?://[A-Za-z0-9.:/_-]{1,900}")


def build_mime(email: Email, *, sender_address: str, sent_at: datetime) -> EmailMessage:
    """The message, ready to be written with ``as_bytes()``. The same e-mail at the same instant gives the
    same bytes.

    ``sent_at`` is an aware instant. Raises DeliveryFailed with BAD_ADDRESS when the recipient's address
    cannot be one, and with ALERT when one of ours cannot.
    """
    message = EmailMessage(policy=POLICY)
    _add_headers(message, email, sender_address=sender_address, sent_at=sent_at)
    message.set_content(_encodable(plain_text(email.letter)))
    page = html(email.letter, sender_name=clean_party_name(email.sender_name))
    message.add_alternative(_encodable(page), subtype="html")
    if email.invite is not None:
        _add_invite(message, email.invite)
    _fix_boundaries(message, email.reference)
    return message


def message_id(reference: str, sender_address: str) -> str:
    """The Message-ID of an e-mail: always the same for the same reference, so that a second copy is seen as
    one.
    """
    # A reference of ours is already plain; the digest keeps a strange one from breaking the header.
    is_plain = reference.isascii() and reference.replace("-", "").replace("_", "").isalnum()
    name = reference if is_plain else hashlib.sha256(reference.encode()).hexdigest()[:32]
    host = _ascii(sender_address.rpartition("@")[2])
    return f"<{name}@{host}>"


def _add_headers(message: EmailMessage, email: Email, *, sender_address: str, sent_at: datetime) -> None:
    message["From"] = _address(email.sender_name, sender_address, Remedy.ALERT)
    message["To"] = _address(email.to_name, email.to, Remedy.BAD_ADDRESS)
    if email.reply_to:
        message["Reply-To"] = _address(email.sender_name, email.reply_to, Remedy.ALERT)
    message["Subject"] = clean_party_name(email.letter.subject, longest=_LONGEST_SUBJECT)
    message["Date"] = format_datetime(sent_at)
    message["Message-ID"] = message_id(email.reference, sender_address)
    # RFC 3834: out-of-office programs do not answer to this.
    message["Auto-Submitted"] = "auto-generated"
    if email.unsubscribe_url:
        _add_way_out(message, email.unsubscribe_url)


def _add_way_out(message: EmailMessage, url: str) -> None:
    """RFC 2369, and RFC 8058 for one click. Whoever signs the mail (DKIM) has to sign both, too."""
    if not _WAY_OUT.fullmatch(url):
        raise DeliveryFailed("malformed address", Remedy.ALERT)
    message["List-Unsubscribe"] = f"<{url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _add_invite(message: EmailMessage, invite: Invite) -> None:
    # Bytes, because ``add_alternative`` would turn the CRLF of a str into LF. METHOD must match the one
    # inside.
    message.add_alternative(
        invite.content,
        maintype="text",
        subtype="calendar",
        params={"method": invite.method, "charset": "UTF-8"},
        cte="base64",
    )
    message.add_attachment(invite.content, maintype="application", subtype="ics", filename="invite.ics")


def _address(name: str, address: str, remedy: Remedy) -> Address:
    local, at, domain = address.rpartition("@")
    host = _ascii(domain)
    if not (at and host and _LOCAL_PART.fullmatch(local)):
        raise DeliveryFailed("malformed address", remedy)
    return Address(display_name=clean_party_name(name), username=local, domain=host)


def _ascii(domain: str) -> str:
    """A domain as servers know it, or nothing when it cannot be one."""
    try:
        host = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return host if _HOST.fullmatch(host) else ""


def _encodable(text: str) -> str:
    """The text with a question mark for each lone surrogate, which no mail can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _fix_boundaries(message: Message, reference: str) -> None:
    multiparts: Iterable[Message] = (part for part in message.walk() if part.is_multipart())
    for number, part in enumerate(multiparts):
        seed = hashlib.sha256(f"{reference}/{number}".encode()).hexdigest()
        part.set_boundary(f"=_{seed[:32]}")
