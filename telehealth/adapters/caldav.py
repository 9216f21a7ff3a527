"""Calendars on CalDAV servers (RFC 4791): iCloud, Fastmail, Nextcloud, and whatever else speaks it.

A client of our own, of which only what we need is there: PROPFIND, three reports, GET, PUT and DELETE with ETags. A
calendar is known by its whole address, what stands in it by its path (``webdav.clean_path``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final, Protocol
from urllib.parse import quote
from uuid import UUID, uuid5

from telehealth.adapters.caldav_accounts import find_calendars
from telehealth.adapters.caldav_reading import CalendarLook
from telehealth.adapters.guarded_http import HttpAnswer
from telehealth.adapters.webdav import DavSession, Http, clean_etag, clean_path, refusal_of
from telehealth.domain.calendar_ports import (
    EARLIEST,
    KEY_PROPERTY,
    LATEST,
    UNREAD_VERSION,
    Bookmark,
    CalendarAccess,
    CalendarEntry,
    CalendarFailed,
    CalendarReading,
    FoundCalendar,
    OwnEvent,
    OwnTimes,
    ReadingWindow,
    TakenTimes,
    Written,
    WrittenEvent,
)
from telehealth.domain.calendar_words import CalendarFailure
from telehealth.domain.icalendar import Entry, EntryStatus, resource

_STORED: Final = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT})
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_NO_ROOM: Final = frozenset({*_GONE, HTTPStatus.CONFLICT, HTTPStatus.BAD_REQUEST, HTTPStatus.PRECONDITION_FAILED})
"""What a PUT may be answered with where there is no such calendar, or where its UID is taken."""
_ICALENDAR: Final = {"Content-Type": "text/calendar; charset=utf-8"}
_FOLD: Final = re.compile(rb"\r?\n[ \t]")
_ALARM: Final = re.compile(rb"(?is)\nBEGIN:VALARM.*?\nEND:VALARM")
_COMPARED: Final = (b"UID", b"SEQUENCE", b"DTSTART", b"DTEND", b"SUMMARY", b"DESCRIPTION", b"LOCATION", b"STATUS")
_ANOTHER: Final = UUID("6f2bd7a2-8d0c-4f6e-9a51-1f0a53a3c6c4")
_OUR_UID: Final = re.compile(r"[A-Za-z0-9_-]{12}")
_EVER: Final = (EARLIEST, LATEST)
_AROUND: Final = (timedelta(days=-2), timedelta(days=400))
"""Of an event that repeats, so much around its first date is looked at, be it repeated every hour for ever."""
_REPEATING: Final = re.compile(rb"(?mi)^(?:RRULE|RDATE|EXDATE)[;:][^\n]*\n")
_EVENT: Final = re.compile(rb"(?is)^BEGIN:VEVENT\r?$.*?^END:VEVENT", re.MULTILINE)


class EntryParser(Protocol):
    """Reads what stands in a calendar, however it is meant: ``calendar_parsing.CalendarParser``."""

    def read_many(self, contents: Sequence[bytes], window: ReadingWindow) -> Sequence[TakenTimes | CalendarFailure]:
        """What each of them says, or why it could not be read. Raises CalendarFailed."""
        ...


@dataclass(frozen=True, slots=True)
class CalDavCalendars:
    """A CalendarGateway for every CalDAV server that ``http`` reaches."""

    http: Http
    parser: EntryParser

    def refresh(self, access: CalendarAccess, /, *, now: datetime) -> CalendarAccess:  # noqa: ARG002 -- the port's
        """As it is: a password is good until somebody changes it."""
        return access

    def list_calendars(self, access: CalendarAccess, /) -> Sequence[FoundCalendar]:
        """Every calendar of the account that can hold events."""
        return find_calendars(self.http, access)

    def read(
        self, access: CalendarAccess, remote_id: str, bookmark: Bookmark, window: ReadingWindow, /
    ) -> CalendarReading:
        """What is new. Nothing is fetched that lies outside of the window by a day, unless it has just been changed."""
        news = self._look(access, remote_id).find_news(bookmark, window)
        if news.is_empty:
            return CalendarReading(news.bookmark, is_unchanged=True)
        told = self.parser.read_many([content for _, content in news.contents.values()], window)
        entries = [
            _entry(path, etag, said) for (path, (etag, _)), said in zip(news.contents.items(), told, strict=True)
        ]
        versions = {**news.bookmark.entries, **{each.remote_id: each.version for each in entries}}
        here = replace(news.bookmark, entries=versions)
        return CalendarReading(here, is_whole=news.is_whole, entries=entries, removed=news.removed)

    def write(self, access: CalendarAccess, remote_id: str, event: WrittenEvent, before: Written | None, /) -> Written:
        """Put it at an address of our own, or in the place of ``before``."""
        look = self._look(access, remote_id)
        another = _another(event)
        if before:
            # The UID of what stands there must not change (RFC 4791 section 5.3.2.1).
            is_another = before.remote_id == _place(remote_id, another.uid)
            return _Writing(look, before.remote_id, another if is_another else event).change(before.version)
        try:
            return _Writing(look, _place(remote_id, event.uid), event).create()
        except _UidTaken:
            place = look.find_uid(event.uid)
        if place and place != _place(remote_id, event.uid):
            try:
                return _Writing(look, place, event).take_over()
            except CalendarFailed as failed:
                if failed.failure is not CalendarFailure.CHANGED_MEANWHILE:
                    raise
        # Some servers keep what was deleted for a while, and its UID with it. Ours is known by its key as well.
        try:
            return _Writing(look, _place(remote_id, another.uid), another).create()
        except _UidTaken as taken:
            raise taken.failed from None

    def remove(self, access: CalendarAccess, remote_id: str, written: Written, /) -> None:
        """Take it out, unless it was changed meanwhile."""
        look = self._look(access, remote_id)
        only_if = {"If-Match": written.version} if written.version else {}
        answer = look.session.ask("DELETE", look.address_of(written.remote_id), headers=only_if)
        if answer.status == HTTPStatus.PRECONDITION_FAILED and look.fetch(written.remote_id) is None:
            return
        if answer.status not in _STORED | _GONE | {HTTPStatus.ACCEPTED, HTTPStatus.MULTI_STATUS}:
            raise refusal_of(answer)

    def find(self, access: CalendarAccess, remote_id: str, written_id: str, /) -> tuple[str, OwnEvent | None] | None:
        """How it stands there now."""
        found = self._look(access, remote_id).fetch(written_id)
        if found is None:
            return None
        version, content = found
        key, uid = _read_line(content, KEY_PROPERTY.encode()), _read_line(content, b"UID")
        if not key and written_id == _place(remote_id, uid) and _OUR_UID.fullmatch(uid):
            key = uid  # On a server that drops what it does not know.
        if not key:
            return version, None
        ours = OwnTimes(key, ())
        window = ReadingWindow(*_dates_of(content), "UTC", known={key: ours, uid: ours})
        (told,) = self.parser.read_many([content], window)
        if isinstance(told, CalendarFailure):  # It comes again more often than anybody counts.
            (told,) = self.parser.read_many([_REPEATING.sub(b"", _FOLD.sub(b"", content))], window)
        if isinstance(told, CalendarFailure):  # Ours, but nobody can say when it is: another must not be written.
            raise CalendarFailed(told)
        return version, told.own[0] if told.own else None

    def _look(self, access: CalendarAccess, remote_id: str) -> CalendarLook:
        return CalendarLook(DavSession(self.http, access, remote_id), remote_id)


class _UidTaken(Exception):
    """A server has something by this UID already, in another place (RFC 4791 section 5.3.2.1)."""

    def __init__(self, failed: CalendarFailed) -> None:
        super().__init__()
        self.failed = failed


@dataclass(frozen=True, slots=True)
class _Writing:
    """One event on its way to one place."""

    look: CalendarLook
    place: str
    event: WrittenEvent

    def create(self) -> Written:
        """Raises _UidTaken, and CalendarFailed."""
        answer = self._put({"If-None-Match": "*"})
        if answer.status in _STORED:
            return self._stored(answer)
        if answer.status == HTTPStatus.PRECONDITION_FAILED and self.look.fetch(self.place):
            return self.take_over()  # Written before; only the answer was lost.
        if answer.status in _NO_ROOM:
            self.look.find_state()  # Raises GONE when it is the calendar that is not there.
            if answer.status not in _GONE:
                raise _UidTaken(refusal_of(answer))
        raise refusal_of(answer)

    def change(self, version: str) -> Written:
        """Raises CalendarFailed: CHANGED_MEANWHILE also for what is gone."""
        answer = self._put({"If-Match": version})
        if answer.status in _STORED:
            return self._stored(answer)
        if answer.status not in _NO_ROOM:
            raise refusal_of(answer)
        found = self.look.fetch(self.place)
        if found is None:
            self.look.find_state()  # Raises GONE when it is the calendar that is not there.
        elif answer.status == HTTPStatus.BAD_REQUEST:
            raise refusal_of(answer)
        elif self._is_same(found[1]):
            return Written(self.place, found[0])
        raise CalendarFailed(CalendarFailure.CHANGED_MEANWHILE)

    def take_over(self) -> Written:
        """What stands in our place already: as it is when it is what we write, else written over when it is ours,
        unless it says something newer: then another of us was faster.
        """
        found = self.look.fetch(self.place)
        if found is None or not self._is_ours(found[1]):
            raise CalendarFailed(CalendarFailure.CHANGED_MEANWHILE)
        version, content = found
        if self._is_newer(content):
            raise CalendarFailed(CalendarFailure.CHANGED_MEANWHILE)
        return Written(self.place, version) if self._is_same(content) else self.change(version)

    def _put(self, condition: dict[str, str]) -> HttpAnswer:
        address = self.look.address_of(self.place)
        return self.look.session.ask("PUT", address, _write(self.event), _ICALENDAR | condition)

    def _stored(self, answer: HttpAnswer) -> Written:
        """A server that keeps something else than it was given must not say a version (RFC 4791 section 5.3.4)."""
        version = clean_etag(answer.headers.get("etag", ""))
        if not version:
            found = self.look.fetch(self.place)
            if found is None:  # It was put elsewhere, or taken out again at once.
                raise CalendarFailed(CalendarFailure.CHANGED_MEANWHILE)
            version = found[0]
        return Written(self.place, version)

    def _is_ours(self, content: bytes) -> bool:
        """Some servers drop properties that they do not know."""
        key, uid = _read_line(content, KEY_PROPERTY.encode()), _read_line(content, b"UID")
        return key == self.event.key or (not key and uid == self.event.uid)

    def _is_newer(self, content: bytes) -> bool:
        sequence = _read_line(content, b"SEQUENCE")
        return sequence.isdecimal() and int(sequence) > self.event.sequence

    def _is_same(self, content: bytes) -> bool:
        ours = _write(self.event)
        return all(_read_line(content, name) == _read_line(ours, name) for name in _COMPARED)


def _entry(path: str, etag: str, told: TakenTimes | CalendarFailure) -> CalendarEntry:
    """What cannot be read of it makes nothing else unreadable."""
    if isinstance(told, CalendarFailure):
        return CalendarEntry(path, UNREAD_VERSION, unread=1)
    return CalendarEntry(path, etag, told.spans, told.own, told.unread)


def _write(event: WrittenEvent) -> bytes:
    """In UTC: a single event needs no more, and nothing can be understood in two ways then."""
    entry = Entry(
        uid=event.uid,
        sequence=event.sequence,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        updated_at=event.changed_at,
        summary=event.summary,
        description=event.description,
        location=event.location,
        status=EntryStatus.TENTATIVE if event.is_tentative else EntryStatus.CONFIRMED,
    )
    return resource(entry, marks={KEY_PROPERTY: event.key}, category=event.category)


def _read_line(content: bytes, name: bytes) -> str:
    """The value of the first property of a name in an event, as it is written there; empty without one."""
    event = _ALARM.sub(b"", _FOLD.sub(b"", content).partition(b"BEGIN:VEVENT")[2])
    found = re.search(rb"(?mi)^" + re.escape(name) + rb"(?:;[^:\r\n]*)?:([^\r\n]*)", event)
    return found[1].decode(errors="replace").strip() if found else ""


def _dates_of(content: bytes) -> tuple[datetime, datetime]:
    """From just before the first date of an event on, exceptions included."""
    said = [_read_line(event[0], b"DTSTART")[:8] for event in _EVENT.finditer(content)]
    try:
        first = min(datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC) for day in said)
        return first + _AROUND[0], first + _AROUND[1]
    except (ValueError, OverflowError):  # Nothing that is a date is there.
        return _EVER


def _place(calendar: str, uid: str) -> str:
    return clean_path(calendar.rstrip("/") + "/" + quote(uid, safe="") + ".ics")


def _another(event: WrittenEvent) -> WrittenEvent:
    """The same under another UID, which follows from the first."""
    return replace(event, uid=str(uuid5(_ANOTHER, event.uid)))
