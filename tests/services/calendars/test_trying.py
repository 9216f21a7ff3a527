"""A calendar is tried before anything is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from telehealth.domain import calendar_refusals
from telehealth.domain.calendar_ports import (
    Bookmark,
    CalendarAccess,
    CalendarEntry,
    CalendarFailed,
    CalendarReading,
    FoundCalendar,
    ReadingWindow,
)
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.services.calendars import trying
from telehealth.services.calendars.trying import COUNTED_WITHIN, MOST_READ, try_access
from tests.factories.connections import HOME, WORK
from tests.moments import NOW

pytestmark = pytest.mark.usefixtures("database")

HOUR = timedelta(hours=1)


@dataclass
class Elsewhere:
    """As much of a CalendarGateway as trying needs."""

    found: Sequence[FoundCalendar]
    taken: Mapping[str, Sequence[BusySpan]] = field(default_factory=dict)
    failure: CalendarFailure | None = None
    windows: list[ReadingWindow] = field(default_factory=list)

    def refresh(self, access: CalendarAccess, /, *, now: datetime) -> CalendarAccess:
        return CalendarAccess(access.address, access.username, {"password": "fresh"})

    def list_calendars(self, access: CalendarAccess, /) -> Sequence[FoundCalendar]:
        if self.failure is not None:
            raise CalendarFailed(self.failure)
        return self.found

    def read(
        self, access: CalendarAccess, remote_id: str, bookmark: Bookmark, window: ReadingWindow, /
    ) -> CalendarReading:
        self.windows.append(window)
        if remote_id not in self.taken:
            raise CalendarFailed(CalendarFailure.UNREADABLE)
        entries = [CalendarEntry(f"{each}", "1", (each,)) for each in self.taken[remote_id]]
        return CalendarReading(Bookmark(), is_whole=True, entries=entries)

    write = remove = find = None  # type: ignore[assignment]  # Trying writes nothing.


def attempt(elsewhere: Elsewhere) -> object:
    return try_access(elsewhere, CalendarAccess(), kind=CalendarKind.CALDAV, zone="America/Denver", now=NOW)  # type: ignore[arg-type]


def test_it_tells_which_calendars_are_there_and_how_much_they_take() -> None:
    spans = [BusySpan(NOW, NOW + HOUR), BusySpan(NOW + HOUR, NOW + 2 * HOUR), BusySpan(NOW + 5 * HOUR, NOW + 6 * HOUR)]
    elsewhere = Elsewhere([WORK, HOME], {"work": spans})
    tried = try_access(elsewhere, CalendarAccess(), kind=CalendarKind.CALDAV, zone="America/Denver", now=NOW)  # type: ignore[arg-type]
    assert [(each.found.name, each.busy_times) for each in tried.calendars] == [("Work", 2), ("Home with Sam", None)]
    assert tried.access.secrets == {"password": "fresh"}
    assert elsewhere.windows[0] == ReadingWindow(NOW, NOW + timedelta(weeks=4), "America/Denver")


def test_of_very_many_calendars_few_are_read() -> None:
    found = [FoundCalendar(f"{each}", "One", can_write=False) for each in range(MOST_READ + 3)]
    elsewhere = Elsewhere(found, {each.remote_id: [] for each in found})
    tried = try_access(elsewhere, CalendarAccess(), kind=CalendarKind.CALDAV, zone="UTC", now=NOW)  # type: ignore[arg-type]
    assert [each.busy_times for each in tried.calendars] == [0] * MOST_READ + [None] * 3


@pytest.mark.parametrize("failure", list(CalendarFailure))
def test_every_failure_is_a_refusal_with_a_code_of_its_own(failure: CalendarFailure) -> None:
    with pytest.raises(calendar_refusals.CalendarNotRead) as refusal:
        attempt(Elsewhere([], failure=failure))
    meant_for_writing = {CalendarFailure.CHANGED_MEANWHILE, CalendarFailure.TOKEN_EXPIRED}
    code = CalendarFailure.BROKEN if failure in meant_for_writing else failure
    assert (refusal.value.code, refusal.value.status) == (f"calendar_{code}", 422)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("name", ["refresh", "list_calendars", "read"])
def test_what_nobody_expected_of_a_server_is_its_fault_for_whoever_tries(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("https://calendars.example/secret")

    elsewhere = Elsewhere([WORK], {"work": []})
    monkeypatch.setattr(elsewhere, name, fail)
    if name == "read":
        tried = try_access(elsewhere, CalendarAccess(), kind=CalendarKind.CALDAV, zone="UTC", now=NOW)  # type: ignore[arg-type]
        assert [each.busy_times for each in tried.calendars] == [None]
    else:
        with pytest.raises(calendar_refusals.CalendarNotRead) as caught:
            try_access(elsewhere, CalendarAccess(), kind=CalendarKind.CALDAV, zone="UTC", now=NOW)  # type: ignore[arg-type]
        assert (caught.value.code, caught.value.__context__) == ("calendar_broken", None)
    assert "secret" not in caplog.text


def test_nobody_waits_for_the_next_slow_calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = Elsewhere([WORK, HOME], {"work": [], "home": []})
    moments = iter([0.0, 1.0, 1.0 + COUNTED_WITHIN])
    monkeypatch.setattr(trying, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    tried = try_access(elsewhere, CalendarAccess(), kind=CalendarKind.CALDAV, zone="UTC", now=NOW)  # type: ignore[arg-type]
    assert [each.busy_times for each in tried.calendars] == [0, None]
