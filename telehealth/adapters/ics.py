"""Calendars at a private address (iCalendar over https, or webcal): read whole, and never written.

Google, Outlook, Apple and most others give each calendar such an address. Whoever has it may read, so it is the secret
itself. Nothing is read twice: the server is asked whether anything is new, and where it cannot tell, what came is
compared with what came last time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Final, NoReturn

from telehealth.adapters.calendar_parsing import CalendarParser
from telehealth.adapters.guarded_http import GuardedHttp, HttpAnswer, failure_of
from telehealth.domain.calendar_ports import (
    Bookmark,
    CalendarAccess,
    CalendarEntry,
    CalendarFailed,
    CalendarReading,
    FoundCalendar,
    ReadingWindow,
)
from telehealth.domain.calendar_words import CalendarFailure

_TYPES: Final = frozenset(
    {"", "text/calendar", "text/plain", "text/x-vcalendar", "application/octet-stream", "application/ics"}
)
"""What servers call a calendar. A page is most often the address of the calendar's web page, or of a sign-in."""
_BEGINNING: Final = b"BEGIN:VCALENDAR"
LONGEST_MARK: Final = 200
_WRITTEN_ANEW: Final = b"DTSTAMP"
"""Google writes the moment of each download into every event: that alone is nothing new."""


class IcsCalendars:
    """A CalendarGateway. ``Bookmark.version`` is an ETag, ``modified`` Last-Modified, and ``token`` a digest of what
    stood in the calendar.
    """

    def __init__(self, http: GuardedHttp, parser: CalendarParser) -> None:
        self._http = http
        self._parser = parser

    def refresh(self, access: CalendarAccess, /, *, now: datetime) -> CalendarAccess:  # noqa: ARG002 -- the port's own
        """The very same: an address does not run out."""
        return access

    def list_calendars(self, access: CalendarAccess, /) -> Sequence[FoundCalendar]:
        """The one at this address, if there is one."""
        _require_calendar(self._get(access, {}))
        return [FoundCalendar("", "", can_write=False, is_main=True)]

    def read(
        self, access: CalendarAccess, remote_id: str, bookmark: Bookmark, window: ReadingWindow, /
    ) -> CalendarReading:
        """All of it as one entry, or that nothing is new."""
        answer = self._get(access, _conditions(bookmark))
        if answer.status == HTTPStatus.NOT_MODIFIED and _conditions(bookmark):
            return CalendarReading(bookmark, is_unchanged=True)
        body = _require_calendar(answer)
        digest = _digest(body)
        if digest == bookmark.token:
            return CalendarReading(bookmark, is_unchanged=True)
        times = self._parser.read(body, window)
        entry = CalendarEntry(remote_id, digest, times.spans, times.own, times.unread)
        said = (answer.headers.get(name, "") for name in ("etag", "last-modified"))
        version, modified = (each if _can_be_asked(each) else None for each in said)
        mark = Bookmark(digest, version, modified, {remote_id: digest})
        return CalendarReading(mark, is_whole=True, entries=[entry])

    def _refuse(self, *_: object) -> NoReturn:
        """Not possible, as with a calendar of an account that its owner may only read. Raises CalendarFailed."""
        raise CalendarFailed(CalendarFailure.REFUSED)

    write = remove = find = _refuse

    def _get(self, access: CalendarAccess, conditions: Mapping[str, str]) -> HttpAnswer:
        url = access.secrets.get("url")
        if not url:
            raise CalendarFailed(CalendarFailure.REFUSED)
        return self._http.request("GET", url, headers={"Accept": "text/calendar, */*;q=0.1", **conditions})


def _can_be_asked(mark: str) -> bool:
    """Whether "anything new since then?" can be asked with it: RFC 9110 section 8.8.3 lets servers give letters that no
    header of ours holds, and some have much to say.
    """
    return 0 < len(mark) <= LONGEST_MARK and mark.isascii() and mark.isprintable()


def _conditions(bookmark: Bookmark) -> dict[str, str]:
    said = {"If-None-Match": bookmark.version, "If-Modified-Since": bookmark.modified}
    return {name: value for name, value in said.items() if value}


def _require_calendar(answer: HttpAnswer) -> bytes:
    """The calendar that came. Raises CalendarFailed."""
    if answer.status != HTTPStatus.OK:
        raise failure_of(answer)
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    begins = answer.body[:256].lstrip(b"\xef\xbb\xbf \t\r\n").upper()
    if kind not in _TYPES or not begins.startswith(_BEGINNING):
        raise CalendarFailed(CalendarFailure.NOT_A_CALENDAR)
    return answer.body


def _digest(body: bytes) -> str:
    """Of all but the moment in which it was written. What is wrapped stays wrapped."""
    told = sha256()
    for line in body.splitlines(keepends=True):
        if not line.startswith(_WRITTEN_ANEW):
            told.update(line)
    return told.hexdigest()
