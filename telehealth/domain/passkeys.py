"""Passkeys (WebAuthn): for which address they are made, and when one that is shown counts. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

MOST = 20
"""So many passkeys has a login at most."""
ANSWERED_WITHIN = timedelta(minutes=10)
"""From the page that asks for a passkey to the answer of the browser."""
_USUAL_PORTS = {"https": 443, "http": 80}
_NUMBERS = re.compile(r"[0-9.]+|.*:.*")


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys are made and used: ``name`` without a port, and the ``origin`` that browsers vouch for."""

    name: str
    origin: str


def find_site(public_url: str) -> Site | None:
    """The site of an installation; None where browsers make no passkeys: without TLS, but for a machine that serves
    itself, and where the address is a number.
    """
    parts = urlsplit(public_url)
    name = parts.hostname or ""
    is_own_machine = name == "localhost" or name.endswith(".localhost")
    if not name or _NUMBERS.fullmatch(name) or not (parts.scheme == "https" or is_own_machine):
        return None
    port = "" if parts.port in {None, _USUAL_PORTS[parts.scheme]} else f":{parts.port}"
    return Site(name, f"{parts.scheme}://{name}{port}")


def looks_copied(counted: int, *, before: int) -> bool:
    """Whether a device says a number that its passkey had passed already, so that there are two of it. Those that do
    not count say 0 for ever (WebAuthn 3, section 6.1.1).
    """
    return (counted > 0 or before > 0) and counted <= before
