"""Servers that help browsers find each other: STUN says how the world sees them, TURN hands on what cannot go directly.

TURN wants a name and a password. They are made from a secret that both sides know, and end by themselves: what
somebody copies out of a page is worth nothing an hour later.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NotRequired, TypedDict

LASTS = timedelta(hours=1)
"""What is given ends after so long; a page that stays in the call asks anew after half of it."""

LASTS_FOR_TEST = timedelta(minutes=2)
"""What is given for a test of the network before a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relays:
    """The servers there are: none is fine on one network."""

    stun_urls: Sequence[str] = ()
    turn_urls: Sequence[str] = ()
    turn_secret: str = field(default="", repr=False)


class IceServer(TypedDict):
    """As a browser's ``RTCPeerConnection`` takes them."""

    urls: list[str]
    username: NotRequired[str]
    credential: NotRequired[str]


def make_ice_servers(relays: Relays, whom: str, *, now: datetime, lasts: timedelta = LASTS) -> list[IceServer]:
    """What browsers get, for so long from ``now``.

    ``whom`` is an opaque id, never a name: it stands in the server's log. Name and password are as coturn's
    ``use-auth-secret`` wants them (README.turnserver, "TURN REST API"): the instant in seconds at which they end with
    the id, and its HMAC-SHA1.
    """
    servers: list[IceServer] = []
    if relays.stun_urls:
        servers.append({"urls": list(relays.stun_urls)})
    if relays.turn_urls:
        username = f"{int((now + lasts).timestamp())}:{whom}"
        signed = hmac.digest(relays.turn_secret.encode(), username.encode(), hashlib.sha1)
        credential = base64.b64encode(signed).decode()
        servers.append({"urls": list(relays.turn_urls), "username": username, "credential": credential})
    return servers
