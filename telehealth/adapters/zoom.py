"""Meetings at Zoom (developers.zoom.us/docs/api), by an app of the kind "Server-to-Server OAuth" of the practice's own.

A meeting has a waiting room and a topic that tells nothing. The address that starts it as its host holds a key of that
person: it is asked for when they press, handed on, and kept nowhere.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from telehealth.adapters.guarded_http import GuardedHttp
from telehealth.adapters.video_http import ServiceAnswer, ask_service, make_soon_http, make_video_http
from telehealth.domain.ports import Guest, MadeRoom, RoomWish, VideoAccess, VideoFailed, VideoFailure, VideoRoom

SIGN_IN, API = "https://zoom.us/oauth/token", "https://api.zoom.us/v2"
_ON_A_PAGE, _MOST_PAGES = 300, 5
_SCHEDULED: Final = 2
"""A meeting with a time, that happens once."""
_NO_MEETING, _NO_USER, _WRONG_TOKEN, _NO_SCOPE, _GOES_ON = 3001, 1001, 124, 4711, 3002
_SETTINGS: Final[Mapping[str, Any]] = {
    "waiting_room": True,
    "join_before_host": False,
    "use_pmi": False,
    "auto_recording": "none",
    "approval_type": 2,  # Nobody registers.
    "email_notification": False,
    "meeting_authentication": False,
}


@dataclass(frozen=True)
class ZoomMeetings:
    """Meetings that are made at Zoom. ``soon`` asks what somebody waits for. The addresses are Zoom's: tests give their
    own.
    """

    http: GuardedHttp = field(default_factory=make_video_http)
    soon: GuardedHttp = field(default_factory=make_soon_http)
    sign_in_url: str = SIGN_IN
    base_url: str = API

    def check(self, access: VideoAccess, /) -> None:
        """Whether Zoom lets us in, and knows the host, where one is named. Raises VideoFailed."""
        token = self._sign_in(self.http, access)
        host = access.settings.get("host", "") or "me"
        answer = self._ask(token, "GET", f"/users/{quote(host, safe='')}/meetings?type=upcoming&page_size=1")
        # Without a host of its own, "me" is whoever made the app, who need not be a host at all.
        if not answer.is_fine and not (host == "me" and answer.data.get("code") == _NO_USER):
            raise _failure_of(answer)

    def make(self, access: VideoAccess, wish: RoomWish, /, *, before: MadeRoom | None) -> MadeRoom:
        """Make a meeting, or change the one that was made to other times."""
        token = self._sign_in(self.http, access)
        made = before or self._find(token, access, wish)
        if made is not None:
            answer = self._ask(token, "PATCH", f"/meetings/{quote(made.remote_id)}", _describe(wish))
            if answer.is_fine:
                return made
            if not _is_gone(answer):
                raise _failure_of(answer)
        answer = self._ask(token, "POST", f"/users/{_host_of(access, wish)}/meetings", _describe(wish))
        if not answer.is_fine:
            raise _failure_of(answer)
        return _read_meeting(answer.data)

    def find(self, access: VideoAccess, wish: RoomWish, /) -> MadeRoom | None:
        """The meeting with the topic of this wish."""
        return self._find(self._sign_in(self.http, access), access, wish)

    def remove(self, access: VideoAccess, made: MadeRoom, /) -> None:
        """Delete a meeting, and have nobody written to about it."""
        token = self._sign_in(self.http, access)
        quietly = "schedule_for_reminder=false&cancel_meeting_reminder=false"
        answer = self._ask(token, "DELETE", f"/meetings/{quote(made.remote_id)}?{quietly}")
        if not answer.is_fine and not _is_gone(answer):
            raise _failure_of(answer)

    def enter(self, access: VideoAccess, made: MadeRoom, room: VideoRoom, guest: Guest, /) -> str:  # noqa: ARG002 -- its port
        """A client's way into the waiting room; for a therapist what starts it as its host, asked for now."""
        if not guest.is_therapist:
            return made.facts.get("join_url", "")
        token = self._sign_in(self.soon, access)
        answer = self._ask(token, "GET", f"/meetings/{quote(made.remote_id)}", http=self.soon)
        if not answer.is_fine:
            raise _failure_of(answer)
        return _read_address(answer.data, "start_url")

    def _find(self, token: str, access: VideoAccess, wish: RoomWish) -> MadeRoom | None:
        topic, page = _topic_of(wish), ""
        for _ in range(_MOST_PAGES):
            query = urlencode({"type": "scheduled", "page_size": _ON_A_PAGE, "next_page_token": page})
            answer = self._ask(token, "GET", f"/users/{_host_of(access, wish)}/meetings?{query}")
            if not answer.is_fine:
                raise _failure_of(answer)
            listed = answer.data.get("meetings")
            for each in listed if isinstance(listed, list) else []:
                if isinstance(each, dict) and each.get("topic") == topic:
                    return _read_meeting(each)
            page = str(answer.data.get("next_page_token") or "")
            if not page:
                return None
        return None

    def _sign_in(self, http: GuardedHttp, access: VideoAccess) -> str:
        """A token for the next hour. Raises VideoFailed."""
        pair = f"{access.settings.get('client_id', '')}:{access.secrets.get('client_secret', '')}"
        basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
        form = urlencode({"grant_type": "account_credentials", "account_id": access.settings.get("account_id", "")})
        answer = ask_service(http, "POST", self.sign_in_url, authorization=basic, form=form.encode())
        if answer.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
            raise VideoFailed(VideoFailure.REFUSED)
        if not answer.is_fine:
            raise answer.as_failure()
        return answer.text("access_token")

    def _ask(
        self,
        token: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        http: GuardedHttp | None = None,
    ) -> ServiceAnswer:
        return ask_service(http or self.http, method, self.base_url + path, authorization=f"Bearer {token}", body=body)


def _describe(wish: RoomWish) -> dict[str, Any]:
    minutes = max(1, round((wish.ends_at - wish.starts_at).total_seconds() / 60))
    return {
        "topic": _topic_of(wish),
        "type": _SCHEDULED,
        "start_time": _say(wish.starts_at),
        "timezone": "UTC",
        "duration": minutes,
        "settings": dict(_SETTINGS),
    }


def _topic_of(wish: RoomWish) -> str:
    """What everybody there may read, and what a meeting is found again by."""
    return f"Appointment {hashlib.sha256(wish.name.encode()).hexdigest()[:12]}"


def _say(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _host_of(access: VideoAccess, wish: RoomWish) -> str:
    return quote(access.settings.get("host", "") or wish.host, safe="")


def _read_meeting(data: Mapping[str, Any]) -> MadeRoom:
    remote_id = data.get("id")
    if not isinstance(remote_id, int | str) or not str(remote_id).isdecimal():
        raise VideoFailed(VideoFailure.BROKEN)
    return MadeRoom(str(remote_id), {"join_url": _read_address(data, "join_url")})


def _read_address(data: Mapping[str, Any], name: str) -> str:
    """An address at Zoom. Raises VideoFailed for any other."""
    said = data.get(name)
    try:
        parts = urlsplit(said if isinstance(said, str) else "")
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme != "https" or not f".{host}".endswith((".zoom.us", ".zoomgov.com")):
        raise VideoFailed(VideoFailure.BROKEN)
    return str(said)


def _is_gone(answer: ServiceAnswer) -> bool:
    return answer.status == HTTPStatus.NOT_FOUND and answer.data.get("code") == _NO_MEETING


def _failure_of(answer: ServiceAnswer) -> VideoFailed:
    """What Zoom's code means, which says more than its status."""
    code = answer.data.get("code")
    by_code: Mapping[object, VideoFailure] = {
        _WRONG_TOKEN: VideoFailure.REFUSED,
        _NO_SCOPE: VideoFailure.NOT_ALLOWED,
        _NO_USER: VideoFailure.NO_HOST,
        _GOES_ON: VideoFailure.OVERLOADED,
    }
    if isinstance(code, int) and code in by_code:
        return VideoFailed(by_code[code], retry_after=answer.retry_after)
    return answer.as_failure()
