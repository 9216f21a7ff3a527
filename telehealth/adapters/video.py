"""Virtual rooms: on a Jitsi server, or behind the link a therapist already has."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from telehealth.domain.errors import NotFound
from telehealth.domain.icalendar import clean_party_name
from telehealth.domain.ports import Guest, VideoAccess, VideoRoom, VideoRooms
from telehealth.domain.words import VideoKind
from telehealth.late import Library

if TYPE_CHECKING:
    import jwt

    from telehealth.domain.ports import RoomService
else:
    jwt = Library("jwt")

_NOT_IN_A_ROOM_NAME = re.compile(r"[^a-z0-9-]+")
JAAS_ISSUER = "chat"
"""What every token for JaaS says (developer.8x8.com/jaas/docs/api-keys-jwt); its ``sub`` is the tenant."""
_NO_LINK_YET = "The video link for this appointment is not ready. Please call the practice."


@dataclass(frozen=True, slots=True, kw_only=True)
class JitsiServer:
    """A Jitsi Meet server, such as ``https://meet.example.org``, with a tenant in the path where it has
    tenants.

    With ``app_id`` and ``app_secret`` every link carries a token that opens one room between two instants;
    the server must be set up to demand it (AUTH_TYPE=jwt, JWT_ALLOW_EMPTY=0). Without them whoever knows the
    link may enter. ``audience`` must be among the server's accepted audiences. With a ``key_id`` it is JaaS, Jitsi as
    a service: the secret is a private key, the app id the tenant.
    """

    base_url: str
    app_id: str = ""
    app_secret: str = field(default="", repr=False)
    audience: str = "jitsi"
    key_id: str = ""

    def __post_init__(self) -> None:
        if not _is_web_address(self.base_url):
            raise ValueError("A Jitsi server needs an address that starts with https://.")
        if bool(self.app_id) != bool(self.app_secret):
            raise ValueError("A Jitsi app id needs its secret, and the other way round.")


class JitsiRooms:
    """VideoRooms on a Jitsi server."""

    def __init__(self, server: JitsiServer) -> None:
        self._server = server

    def join_url(self, room: VideoRoom, guest: Guest) -> str:
        """The address of the room; with an app secret it works from opens_at to closes_at only.

        The token stands in the query, where Jitsi looks for it, so it shows in that server's log: hand the
        address out late, through a link of our own. A token is checked on entering; nobody inside is put out
        when it runs out.
        """
        name = _room_name(room.name)
        address = f"{self._server.base_url.rstrip('/')}/{quote(name)}"
        if self._server.app_secret:
            address += f"?{urlencode({'jwt': self._token(name, room, guest)})}"
        return f"{address}#{_shown_as(guest)}"

    def _token(self, name: str, room: VideoRoom, guest: Guest) -> str:
        server = self._server
        is_jaas = bool(server.key_id)
        claims = {
            "iss": JAAS_ISSUER if is_jaas else server.app_id,
            "aud": server.audience,
            "sub": server.app_id if is_jaas else _subject(server.base_url),
            "room": name,
            "nbf": int(room.opens_at.timestamp()),
            "exp": int(room.closes_at.timestamp()),
            "context": {"user": _user(guest)},
        }
        if is_jaas:
            return jwt.encode(claims, server.app_secret, algorithm="RS256", headers={"kid": server.key_id})
        return jwt.encode(claims, server.app_secret, algorithm="HS256")


class OurRooms:
    """VideoRooms in our own house."""

    def join_url(self, room: VideoRoom, guest: Guest) -> None:
        """Nowhere else."""


class FixedLinks:
    """VideoRooms behind the therapist's own link, whatever it leads to. When it may be entered is not in our
    hands.
    """

    def join_url(self, room: VideoRoom, guest: Guest) -> str:  # noqa: ARG002 - everyone gets the same link.
        """The therapist's link. Raises NotFound when there is none, or when it is not an address of the
        web.
        """
        link = (room.fixed_link or "").strip()
        if not _is_web_address(link):
            raise NotFound(_NO_LINK_YET)
        return link


class ChosenRooms:
    """VideoRooms wherever a room is (``VideoRoom.kind``); on the ``house``'s Jitsi server without one of its own, and
    at ``services`` where it was made for the appointment.
    """

    def __init__(
        self, house: JitsiServer | None = None, *, services: Mapping[VideoKind, RoomService] | None = None
    ) -> None:
        self._house, self._services = house, services or {}

    def join_url(self, room: VideoRoom, guest: Guest) -> str | None:
        """The address that opens the room. Raises what the chosen kind of room raises."""
        if room.made is not None and room.access is not None:
            return self._services[room.kind].enter(room.access, room.made, room, guest)
        return self._rooms_for(room).join_url(room, guest)

    def _rooms_for(self, room: VideoRoom) -> VideoRooms:
        if room.kind == VideoKind.FIXED:
            return FixedLinks()
        if room.kind != VideoKind.JITSI:
            return OurRooms()
        server = jitsi_server(room.access) if room.access is not None else self._house
        return JitsiRooms(server) if server is not None else OurRooms()


def jitsi_server(access: VideoAccess) -> JitsiServer:
    """A practice's own."""
    return JitsiServer(
        base_url=access.address,
        app_id=access.settings.get("app_id", ""),
        app_secret=access.secrets.get("app_secret", ""),
        audience=access.settings.get("audience", ""),
        key_id=access.settings.get("key_id", ""),
    )


def _room_name(name: str) -> str:
    """Jitsi writes room names in lower case and compares the token's with that, so it is done here for
    both.
    """
    return _NOT_IN_A_ROOM_NAME.sub("-", name.lower())


def _subject(base_url: str) -> str:
    """``sub`` is the tenant where the address has one, and the domain otherwise (lib-jitsi-meet,
    doc/tokens.md).
    """
    parts = urlsplit(base_url)
    return (parts.path.strip("/") or parts.hostname or "").lower()


def _user(guest: Guest) -> dict[str, str]:
    """Display only. Every value is a string, because Jitsi refuses the whole token for a null or a number."""
    return {
        "id": "therapist" if guest.is_therapist else "guest",
        "name": clean_party_name(guest.display_name),
        "email": "",
        "avatar": "",
        "moderator": "true" if guest.is_therapist else "false",
    }


def _shown_as(guest: Guest) -> str:
    """The name that the page before the room starts with. The fragment never reaches the server."""
    return f"userInfo.displayName={quote(json.dumps(clean_party_name(guest.display_name)), safe='')}"


def _is_web_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
