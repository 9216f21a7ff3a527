"""Rooms at Daily (docs.daily.co/reference/rest-api): private ones, which only a token of ours opens.

A room has the unguessable name of its appointment and nothing else of it. Tokens are signed here with the API key, as
Daily offers it ("self-signing tokens"), so nobody who enters waits for its API.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from telehealth.adapters.guarded_http import GuardedHttp
from telehealth.adapters.video_http import ServiceAnswer, ask_service, make_video_http
from telehealth.domain.icalendar import clean_party_name
from telehealth.domain.ports import Guest, MadeRoom, RoomWish, VideoAccess, VideoFailed, VideoFailure, VideoRoom
from telehealth.late import Library

if TYPE_CHECKING:
    import jwt
else:
    jwt = Library("jwt")

API: Final = "https://api.daily.co/v1"
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9_-]+")
_IS_ROOM: Final = re.compile(r"https://[a-z0-9-]+\.daily\.co/[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class DailyRooms:
    """Rooms that are made at Daily. ``base_url`` is that of its API: tests give their own."""

    http: GuardedHttp = field(default_factory=make_video_http)
    base_url: str = API

    def check(self, access: VideoAccess, /) -> None:
        """Whether the API key opens anything. Raises VideoFailed."""
        self._find_domain(access)

    def make(self, access: VideoAccess, wish: RoomWish, /, *, before: MadeRoom | None) -> MadeRoom:  # noqa: ARG002 -- its name tells
        """Make a private room that is open between two instants, or change the one of this name."""
        domain, name = self._find_domain(access), _NOT_IN_A_NAME.sub("-", wish.name)
        # Whoever is inside when the time is over may stay: a session may run over. Nobody new comes in.
        properties = {"nbf": int(wish.opens_at.timestamp()), "exp": int(wish.closes_at.timestamp())}
        said: dict[str, Any] = {"privacy": "private", "properties": properties}
        answer = self._ask(access, "POST", "/rooms", {"name": name, **said})
        if answer.status == HTTPStatus.BAD_REQUEST and "already exists" in str(answer.data.get("info", "")):
            answer = self._ask(access, "POST", f"/rooms/{quote(name)}", said)
        if not answer.is_fine:
            raise answer.as_failure()
        if answer.data.get("privacy") != "private" or not _IS_ROOM.fullmatch(answer.text("url")):
            raise VideoFailed(VideoFailure.BROKEN)
        return MadeRoom(name, {"url": answer.text("url"), "domain": domain})

    def find(self, access: VideoAccess, wish: RoomWish, /) -> MadeRoom | None:
        """The room of this name."""
        name = _NOT_IN_A_NAME.sub("-", wish.name)
        answer = self._ask(access, "GET", f"/rooms/{quote(name)}")
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        if not answer.is_fine:
            raise answer.as_failure()
        return MadeRoom(name, {"url": answer.text("url")})

    def remove(self, access: VideoAccess, made: MadeRoom, /) -> None:
        """Delete a room. One whose time is over is gone already (404)."""
        answer = self._ask(access, "DELETE", f"/rooms/{quote(made.remote_id)}")
        if not answer.is_fine and answer.status != HTTPStatus.NOT_FOUND:
            raise answer.as_failure()

    def enter(self, access: VideoAccess, made: MadeRoom, room: VideoRoom, guest: Guest, /) -> str:
        """The room with a token for this one guest, that opens this one room, and that between two instants."""
        opens_at = int(room.opens_at.timestamp())
        claims = {
            "r": made.remote_id,
            "d": made.facts.get("domain", ""),
            "iat": opens_at,  # It has to be one that has been.
            "nbf": opens_at,
            "exp": int(room.closes_at.timestamp()),
            "o": guest.is_therapist,
            "u": clean_party_name(guest.display_name),
        }
        token = jwt.encode(claims, access.secrets.get("api_key", ""), algorithm="HS256")
        return f"{made.facts.get('url', '')}?{urlencode({'t': token})}"

    def _find_domain(self, access: VideoAccess) -> str:
        answer = self._ask(access, "GET", "/")
        if not answer.is_fine:
            raise answer.as_failure()
        return answer.text("domain_id")

    def _ask(self, access: VideoAccess, method: str, path: str, body: dict[str, Any] | None = None) -> ServiceAnswer:
        bearer = f"Bearer {access.secrets.get('api_key', '')}"
        answer = ask_service(self.http, method, self.base_url + path, authorization=bearer, body=body)
        if answer.status == HTTPStatus.BAD_REQUEST and answer.data.get("error") == "authentication-error":
            raise VideoFailed(VideoFailure.REFUSED)
        return answer
