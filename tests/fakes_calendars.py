"""Calendars elsewhere, in memory: the port ``CalendarGateway`` and whoever else uses the same calendars.

``tests/adapters/test_calendar_ports.py`` holds them to the same behaviour as the real adapters.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from telehealth.domain.calendar_ports import (
    Bookmark,
    CalendarAccess,
    CalendarEntry,
    CalendarFailed,
    CalendarReading,
    FoundCalendar,
    OwnEvent,
    ReadingWindow,
    Written,
    WrittenEvent,
)
from telehealth.domain.calendar_words import CalendarFailure
from telehealth.domain.hours.busy_spans import BusySpan


@dataclass(frozen=True, slots=True)
class RemoteEvent:
    """What stands in a calendar: an event of its owner, or one that was written by us (``key`` is not empty)."""

    uid: str
    spans: tuple[BusySpan, ...]
    key: str = ""
    version: int = 0
    written: WrittenEvent | None = None


@dataclass
class RemoteCalendar:
    """One calendar. ``events`` by their remote ids; ``removed`` says at which version something was taken out."""

    found: FoundCalendar
    events: dict[str, RemoteEvent] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    version: int = 0
    oldest_token: int = 0

    def put(self, remote_id: str, event: RemoteEvent) -> RemoteEvent:
        """Whatever is put becomes the newest thing here."""
        self.version += 1
        self.removed.pop(remote_id, None)
        self.events[remote_id] = replace(event, version=self.version)
        return self.events[remote_id]

    def take_out(self, remote_id: str) -> None:
        self.version += 1
        del self.events[remote_id]
        self.removed[remote_id] = self.version


@dataclass(frozen=True, slots=True)
class CalendarTrouble:
    """What goes wrong next, and whether what was asked was done all the same."""

    failed: CalendarFailed
    is_done: bool = False


@dataclass
class FakeCalendars:
    """A CalendarGateway for one account of each ``username``, which ``passwords`` open (any secret of the access will
    do; an account that was never named lets nobody in). ``asked`` are the calls that were made, by name.

    The other methods are what people do in their calendars elsewhere.
    """

    accounts: dict[str, dict[str, RemoteCalendar]] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    refreshed: Mapping[str, str] | None = None  # The secrets that a refresh gives from now on.
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._troubles: deque[CalendarTrouble] = deque()

    # What people do elsewhere.

    def open_account(self, username: str, password: str) -> CalendarAccess:
        """A new account without calendars, or another password for one that is there; how to get in."""
        self.accounts.setdefault(username, {})
        self.passwords[username] = password
        return CalendarAccess("https://calendars.example/", username, {"password": password})

    def add_calendar(
        self, username: str, remote_id: str, *, name: str = "Home", can_write: bool = True, zone: str | None = None
    ) -> FoundCalendar:
        """The first calendar of an account is its main one."""
        calendars = self.accounts[username]
        found = FoundCalendar(remote_id, name, can_write, zone, is_main=not calendars)
        calendars[remote_id] = RemoteCalendar(found)
        return found

    def remove_calendar(self, username: str, remote_id: str) -> None:
        del self.accounts[username][remote_id]

    def put_busy(self, username: str, remote_id: str, *spans: BusySpan, uid: str) -> str:
        """An event of its owner, new or in the place of the one with this UID; its remote id."""
        entry_id = f"{remote_id}/{uid}"
        self.accounts[username][remote_id].put(entry_id, RemoteEvent(uid, spans))
        return entry_id

    def move(self, username: str, remote_id: str, entry_id: str, to: BusySpan) -> None:
        """An event is put to another time: its UID and key stay."""
        calendar = self.accounts[username][remote_id]
        calendar.put(entry_id, replace(calendar.events[entry_id], spans=(to,)))

    def copy(self, username: str, remote_id: str, entry_id: str, *, into: str, uid: str) -> str:
        """A copy in another calendar (or this one) under another UID, as most programs make it; its remote id."""
        event = self.accounts[username][remote_id].events[entry_id]
        copied = f"{into}/{uid}"
        self.accounts[username][into].put(copied, replace(event, uid=uid))
        return copied

    def delete(self, username: str, remote_id: str, entry_id: str) -> None:
        self.accounts[username][remote_id].take_out(entry_id)

    def forget_tokens(self) -> None:
        """Every token that was given means nothing any more."""
        for calendar in self._calendars():
            calendar.version += 1
            calendar.oldest_token = calendar.version

    def list_written(self, username: str, remote_id: str) -> list[WrittenEvent]:
        """What stands there of what we wrote, as we wrote it, in the order of its last change."""
        events = sorted(self.accounts[username][remote_id].events.values(), key=lambda event: event.version)
        return [event.written for event in events if event.written]

    def fail_next(
        self, failure: CalendarFailure, *, retry_after: float | None = None, done: bool = False, times: int = 1
    ) -> None:
        """The next calls fail like this. ``done``: what was asked happens, and only its answer is lost."""
        failed = CalendarFailed(failure, retry_after=retry_after)
        self._troubles.extend([CalendarTrouble(failed, done)] * times)

    # The port.

    def refresh(self, access: CalendarAccess, /, *, now: datetime) -> CalendarAccess:
        with self._asked("refresh"):
            if self.refreshed is None or access.secrets == self.refreshed:
                return access
            return replace(access, secrets=self.refreshed)

    def list_calendars(self, access: CalendarAccess, /) -> Sequence[FoundCalendar]:
        with self._asked("list_calendars"):
            return [calendar.found for calendar in self._account(access).values()]

    def read(
        self, access: CalendarAccess, remote_id: str, bookmark: Bookmark, window: ReadingWindow, /
    ) -> CalendarReading:
        with self._asked("read"):
            calendar = self._calendar(access, remote_id)
            token = str(calendar.version)
            if bookmark.token == token:
                return CalendarReading(bookmark, is_unchanged=True)
            known = int(bookmark.token) if bookmark.token else -1
            is_whole = known < calendar.oldest_token
            events = calendar.events.items()
            entries = [_entry(each, event, window) for each, event in events if is_whole or event.version > known]
            return CalendarReading(
                Bookmark(token=token, entries={each: str(event.version) for each, event in events}),
                is_whole=is_whole,
                entries=entries,
                removed=[] if is_whole else [each for each, at in calendar.removed.items() if at > known],
            )

    def write(self, access: CalendarAccess, remote_id: str, event: WrittenEvent, before: Written | None, /) -> Written:
        with self._asked("write"):
            calendar = self._writable(access, remote_id)
            place = before.remote_id if before else f"{remote_id}/{event.uid}"
            there = calendar.events.get(place)
            if there and there.written == event and there.spans == _spans(event):
                return Written(place, str(there.version))
            if (str(there.version) if there else None) != (before.version if before else None) and not (
                there and before is None and there.key == event.key and not _is_newer(there, event)
            ):
                raise CalendarFailed(CalendarFailure.CHANGED_MEANWHILE)
            put = calendar.put(place, RemoteEvent(event.uid, _spans(event), event.key, written=event))
            return Written(place, str(put.version))

    def remove(self, access: CalendarAccess, remote_id: str, written: Written, /) -> None:
        with self._asked("remove"):
            calendar = self._writable(access, remote_id)
            there = calendar.events.get(written.remote_id)
            if there and str(there.version) != written.version:
                raise CalendarFailed(CalendarFailure.CHANGED_MEANWHILE)
            if there:
                calendar.take_out(written.remote_id)

    def find(self, access: CalendarAccess, remote_id: str, written_id: str, /) -> tuple[str, OwnEvent | None] | None:
        with self._asked("find"):
            there = self._calendar(access, remote_id).events.get(written_id)
            return (str(there.version), _own(there, there.key) if there.key else None) if there else None

    @contextmanager
    def _asked(self, name: str) -> Iterator[None]:
        self.asked.append(name)
        trouble = self._troubles.popleft() if self._troubles else None
        if trouble and not trouble.is_done:
            raise trouble.failed
        yield
        if trouble:
            raise trouble.failed

    def _account(self, access: CalendarAccess) -> dict[str, RemoteCalendar]:
        password = self.passwords.get(access.username)
        if password is None or password not in access.secrets.values():
            raise CalendarFailed(CalendarFailure.REFUSED)
        return self.accounts[access.username]

    def _calendar(self, access: CalendarAccess, remote_id: str) -> RemoteCalendar:
        calendar = self._account(access).get(remote_id)
        if calendar is None:
            raise CalendarFailed(CalendarFailure.GONE)
        return calendar

    def _writable(self, access: CalendarAccess, remote_id: str) -> RemoteCalendar:
        calendar = self._calendar(access, remote_id)
        if not calendar.found.can_write:
            raise CalendarFailed(CalendarFailure.REFUSED)
        return calendar

    def _calendars(self) -> Iterator[RemoteCalendar]:
        for calendars in self.accounts.values():
            yield from calendars.values()


def _is_newer(there: RemoteEvent, event: WrittenEvent) -> bool:
    return there.written is not None and there.written.sequence > event.sequence


def _spans(event: WrittenEvent) -> tuple[BusySpan, ...]:
    return (BusySpan(event.starts_at, event.ends_at),)


def _entry(remote_id: str, event: RemoteEvent, window: ReadingWindow) -> CalendarEntry:
    ours = window.known.get(event.key) or window.known.get(event.uid)
    within = [each for each in event.spans if _is_within(each, window)]
    spans = [left for each in within for left in ours.subtract_from(each)] if ours else within
    own = [_own(event, ours.key)] if ours else []
    return CalendarEntry(remote_id, str(event.version), tuple(spans), tuple(own))


def _own(event: RemoteEvent, key: str) -> OwnEvent:
    return OwnEvent(key, event.uid, *event.spans[0])


def _is_within(span: BusySpan, window: ReadingWindow) -> bool:
    return span.starts_at < window.until and span.ends_at > window.since
