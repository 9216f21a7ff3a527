"""Asking the API of a video service: one request with its JSON, within the limits of ``guarded_http``, and what went
wrong in the words of ``domain.video.rooms``. What a service says of itself reaches neither the log nor an exception.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from telehealth.adapters.guarded_http import GuardedHttp, HttpAnswer, failure_of
from telehealth.domain.calendar_ports import CalendarFailed
from telehealth.domain.calendar_words import CalendarFailure
from telehealth.domain.ports import VideoFailed, VideoFailure

SECONDS, LOOKUP_SECONDS, MOST_BYTES = 8.0, 3.0, 2 * 1024 * 1024
SOON_SECONDS, SOON_LOOKUP_SECONDS = 4.0, 2.0
"""For what somebody waits for with a page before them."""
_MEANS: Final[Mapping[CalendarFailure, VideoFailure]] = {
    CalendarFailure.UNREACHABLE: VideoFailure.UNREACHABLE,
    CalendarFailure.FORBIDDEN_ADDRESS: VideoFailure.UNREACHABLE,
    CalendarFailure.TIMED_OUT: VideoFailure.TIMED_OUT,
    CalendarFailure.OVERLOADED: VideoFailure.OVERLOADED,
    CalendarFailure.REFUSED: VideoFailure.REFUSED,
}


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """What a service said: its status, and its JSON, an empty one where there is none."""

    status: int
    data: Mapping[str, Any] = field(repr=False)
    retry_after: float | None = None

    @property
    def is_fine(self) -> bool:
        """Whether it did what was asked."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    def text(self, name: str) -> str:
        """What it said under a name. Raises VideoFailed where that is nothing to be read."""
        value = self.data.get(name)
        if not isinstance(value, str | int) or not str(value):
            raise VideoFailed(VideoFailure.BROKEN)
        return str(value)

    def as_failure(self) -> VideoFailed:
        """What its status means, where nothing else is known about it."""
        if self.status == HTTPStatus.FORBIDDEN:
            return VideoFailed(VideoFailure.NOT_ALLOWED)
        failed = failure_of(HttpAnswer(self.status, {}, b"", ""))
        return VideoFailed(_MEANS.get(failed.failure, VideoFailure.BROKEN), retry_after=self.retry_after)


def make_video_http() -> GuardedHttp:
    """What asks video services out in the world."""
    return GuardedHttp(seconds=SECONDS, lookup_seconds=LOOKUP_SECONDS, most_bytes=MOST_BYTES, most_redirects=0)


def make_soon_http() -> GuardedHttp:
    """The same for what somebody waits for."""
    return GuardedHttp(
        seconds=SOON_SECONDS, lookup_seconds=SOON_LOOKUP_SECONDS, most_bytes=MOST_BYTES, most_redirects=0
    )


def ask_service(
    http: GuardedHttp,
    method: str,
    url: str,
    *,
    authorization: str,
    body: Mapping[str, Any] | None = None,
    form: bytes = b"",
) -> ServiceAnswer:
    """One request with JSON, or a form, and its answer, whatever its status. Raises VideoFailed."""
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    headers = {"Accept": "application/json", **({"Content-Type": kind} if form or body is not None else {})}
    sent = form or (json.dumps(body).encode() if body is not None else b"")
    try:
        answer = http.request(method, url, headers=headers, body=sent, authorization=authorization)
    except CalendarFailed as failed:
        failure = VideoFailed(_MEANS.get(failed.failure, VideoFailure.BROKEN))
    else:
        waits = failure_of(answer).retry_after
        return ServiceAnswer(answer.status, _read_json(answer.body), waits)
    raise failure  # Out here, so that what was asked for is not chained to it.


def _read_json(body: bytes) -> Mapping[str, Any]:
    try:
        data = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
