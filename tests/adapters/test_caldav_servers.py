"""Our client and real CalDAV servers: Radicale and xandikos, each in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar, Event

from telehealth.adapters.caldav import CalDavCalendars
from telehealth.adapters.calendar_parsing import CalendarParser
from telehealth.adapters.guarded_http import HttpAnswer
from telehealth.adapters.webdav import Http
from telehealth.domain.calendar_ports import Bookmark, CalendarAccess, CalendarFailed, OwnEvent
from telehealth.domain.calendar_words import CalendarFailure
from telehealth.domain.hours.busy_spans import BusySpan
from tests.adapters.test_calendar_ports import (
    EVENT,
    KNOWN,
    MONDAY,
    OURS,
    WINDOW,
    busy,
    caldav_elsewhere,
    failure,
    hour,
    own,
)
from tests.caldav_process import KINDS, PASSWORD, CalDavOwner, CalDavServer, serve_caldav

NEW_YORK = """BEGIN:VTIMEZONE
TZID:America/New_York
BEGIN:STANDARD
DTSTART:20071104T020000
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU
TZOFFSETFROM:-0400
TZOFFSETTO:-0500
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20070311T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU
TZOFFSETFROM:-0500
TZOFFSETTO:-0400
END:DAYLIGHT
END:VTIMEZONE
""".replace("\n", "\r\n")


@dataclass
class CountingHttp:
    """Carries requests, and remembers what was asked. ``before`` is called with the number of each."""

    http: Http
    asked: list[str] = field(default_factory=list)
    before: Callable[[int], None] = lambda _: None

    def request(self, method: str, url: str, **given: Any) -> HttpAnswer:
        self.asked.append(f"{method} {url.partition('calendar.example')[2].partition('/')[2]}")
        self.before(len(self.asked))
        return self.http.request(method, url, **given)


@pytest.fixture(params=KINDS)
def owner(request: pytest.FixtureRequest, caldav_owner: Callable[[str], CalDavOwner]) -> CalDavOwner:
    return caldav_owner(request.param)


@pytest.fixture
def http(owner: CalDavOwner) -> CountingHttp:
    return CountingHttp(owner.server.make_http())


@pytest.fixture
def gateway(http: CountingHttp) -> CalDavCalendars:
    return CalDavCalendars(http, CalendarParser())


@pytest.fixture
def access(owner: CalDavOwner) -> CalendarAccess:
    return CalendarAccess(owner.server.url("/"), owner.username, {"password": PASSWORD})


class TestFindingCalendars:
    @pytest.mark.parametrize("given", ["host", "server", "principal", "home", "calendar", "calendar without a slash"])
    def test_from_whatever_address_somebody_gives(
        self, owner: CalDavOwner, gateway: CalDavCalendars, access: CalendarAccess, given: str
    ) -> None:
        calendar = owner.server.url(owner.path)
        address = {
            "host": calendar.removeprefix("https://").partition("/")[0],
            "server": owner.server.url("/"),
            "principal": owner.server.url("/user/" if owner.server.kind == "xandikos" else f"/{owner.username}/"),
            "home": calendar.removesuffix("home/"),
            "calendar": calendar,
            "calendar without a slash": calendar.removesuffix("/"),
        }[given]
        [found] = gateway.list_calendars(replace(access, address=address))
        assert (found.remote_id.rstrip("/"), found.name) == (calendar.rstrip("/"), "Home")
        assert gateway.read(access, found.remote_id, Bookmark(), WINDOW).is_whole

    def test_leaves_out_what_holds_no_events(
        self, owner: CalDavOwner, gateway: CalDavCalendars, access: CalendarAccess
    ) -> None:
        tasks, work = (owner.path.replace("home", name) for name in ("tasks", "work"))
        owner.make_calendar(tasks, name="Tasks", component="VTODO")
        owner.make_calendar(work, name="Arbeit & <Zeit>")
        try:
            names = [found.name for found in gateway.list_calendars(access)]
        finally:
            owner.delete(tasks)
            owner.delete(work)
        assert sorted(names) == ["Arbeit & <Zeit>", "Home"]

    def test_a_given_calendar_is_the_main_one(
        self, owner: CalDavOwner, gateway: CalDavCalendars, access: CalendarAccess
    ) -> None:
        work = owner.path.replace("home", "work")
        address = owner.make_calendar(work, name="Work")
        try:
            found = gateway.list_calendars(replace(access, address=address))
        finally:
            owner.delete(work)
        assert [(each.name, each.is_main) for each in found] == [("Work", True), ("Home", False)]

    def test_a_stranger_is_refused(self, gateway: CalDavCalendars, access: CalendarAccess) -> None:
        with pytest.raises(CalendarFailed) as caught:
            gateway.list_calendars(replace(access, username="nobody"))
        assert caught.value.needs_sign_in


class TestReading:
    def test_what_comes_back_and_began_long_ago_is_found(
        self, owner: CalDavOwner, gateway: CalDavCalendars, access: CalendarAccess
    ) -> None:
        """At nine in New York, through the night of March 8 when its clocks go forward."""
        text = (
            "BEGIN:VCALENDAR\r\nPRODID:-//Somebody//EN\r\nVERSION:2.0\r\n" + NEW_YORK + "BEGIN:VEVENT\r\nUID:weekly\r\n"
            "DTSTAMP:20240101T000000Z\r\nDTSTART;TZID=America/New_York:20240101T090000\r\nDURATION:PT1H\r\n"
            "RRULE:FREQ=WEEKLY\r\nSUMMARY:Class\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        owner.put_text(f"{owner.path}weekly.ics", text)
        reading = gateway.read(access, owner.server.url(owner.path), Bookmark(), WINDOW)
        starts = [span.starts_at for span in busy(reading)]
        assert starts[:3] == [datetime(2026, 3, day, at, tzinfo=UTC) for day, at in ((2, 14), (9, 13), (16, 13))]
        assert len(starts) == 13

    def test_days_and_what_leaves_its_owner_free(
        self, owner: CalDavOwner, gateway: CalDavCalendars, access: CalendarAccess
    ) -> None:
        day = Event({"UID": "day", "SUMMARY": "Away", "DTSTAMP": "20260101T000000Z"})
        day.add("dtstart", date(2026, 3, 4))
        day.add("dtend", date(2026, 3, 5))
        owner.put(f"{owner.path}day.ics", day)
        owner.put_busy(hour(), uid="free", transp="TRANSPARENT")
        owner.put_busy(hour(2), uid="off", status="CANCELLED")
        reading = gateway.read(access, owner.server.url(owner.path), Bookmark(), WINDOW)
        assert busy(reading) == [BusySpan(datetime(2026, 3, 4, 5, tzinfo=UTC), datetime(2026, 3, 5, 5, tzinfo=UTC))]
        assert len(reading.entries) == 3

    def test_what_is_long_past_is_not_even_fetched(
        self, owner: CalDavOwner, gateway: CalDavCalendars, access: CalendarAccess
    ) -> None:
        owner.put_busy(hour(-24 * 400), uid="past")
        owner.put_busy(hour(), uid="near")
        reading = gateway.read(access, owner.server.url(owner.path), Bookmark(), WINDOW)
        assert [entry.remote_id for entry in reading.entries] == [f"{owner.path}near.ics"]

    def test_nothing_new_costs_one_request(
        self, owner: CalDavOwner, gateway: CalDavCalendars, access: CalendarAccess, http: CountingHttp
    ) -> None:
        owner.put_busy(hour(), uid="one")
        first = gateway.read(access, owner.server.url(owner.path), Bookmark(), WINDOW)
        http.asked.clear()
        assert gateway.read(access, owner.server.url(owner.path), first.bookmark, WINDOW).is_unchanged
        assert len(http.asked) == 1

    def test_by_ctag_where_there_is_no_token(
        self, owner: CalDavOwner, gateway: CalDavCalendars, access: CalendarAccess, http: CountingHttp
    ) -> None:
        one = owner.put_busy(hour(), uid="one")
        two = owner.put_busy(hour(2), uid="two")
        address = owner.server.url(owner.path)
        known = replace(gateway.read(access, address, Bookmark(), WINDOW).bookmark, token=None)
        http.asked.clear()
        assert gateway.read(access, address, known, WINDOW).is_unchanged
        assert len(http.asked) == 1
        owner.delete(one)
        owner.move(two, hour(5))
        news = gateway.read(access, address, replace(known, token=None), WINDOW)
        assert (news.is_whole, busy(news), list(news.removed)) == (False, [hour(5)], [one])

    def test_names_of_every_kind(self, owner: CalDavOwner, gateway: CalDavCalendars, access: CalendarAccess) -> None:
        for number, name in enumerate(["a%20b", "caf%C3%A9", "ana@example.org", "50%25", "one(1)"]):
            owner.put(f"{owner.path}{name}.ics", _event(f"uid-{number}", hour(number)))
        address = owner.server.url(owner.path)
        first = gateway.read(access, address, Bookmark(), WINDOW)
        assert busy(first) == [hour(number) for number in range(5)]
        owner.move(f"{owner.path}caf%C3%A9.ics", hour(9))
        owner.delete(f"{owner.path}50%25.ics")
        news = gateway.read(access, address, first.bookmark, WINDOW)
        assert busy(news) == [hour(9)]
        assert {entry.remote_id for entry in news.entries} <= set(first.bookmark.entries)
        assert set(news.removed) <= set(first.bookmark.entries)

    def test_one_that_cannot_be_read_spoils_no_other(
        self, owner: CalDavOwner, gateway: CalDavCalendars, access: CalendarAccess
    ) -> None:
        owner.put_busy(hour(), uid="one")
        text = owner.ask("GET", f"{owner.path}one.ics").text
        odd = text.replace("UID:one", "UID:two").replace("DTSTART:20260302T150000Z", "DTSTART:20260302T250000Z")
        owner.ask("PUT", f"{owner.path}two.ics", odd, {"Content-Type": "text/calendar"})
        assert hour() in busy(gateway.read(access, owner.server.url(owner.path), Bookmark(), WINDOW))


class TestTroubles:
    def test_another_password(
        self, owner: CalDavOwner, gateway: CalDavCalendars, access: CalendarAccess, http: CountingHttp
    ) -> None:
        """Changed in the middle of a look: nothing of it counts, and the next one with the new password finds all."""
        owner.put_busy(hour(), uid="one")
        address = owner.server.url(owner.path)
        first = gateway.read(access, address, Bookmark(), WINDOW)
        two = owner.put_busy(hour(2), uid="two")

        def change_password(count: int) -> None:
            if count == 2:
                owner.server.set_password(owner.username, "another")

        http.asked.clear()
        http.before = change_password
        with pytest.raises(CalendarFailed) as caught:
            gateway.read(access, address, first.bookmark, WINDOW)
        assert caught.value.needs_sign_in
        for ask in (lambda: gateway.write(access, address, EVENT, None), lambda: gateway.list_calendars(access)):
            with pytest.raises(CalendarFailed) as caught:
                ask()
            assert caught.value.needs_sign_in
        news = gateway.read(replace(access, secrets={"password": "another"}), address, first.bookmark, WINDOW)
        assert [entry.remote_id for entry in news.entries] == [two]


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_falls_in_the_middle(kind: str, tmp_path: Path) -> None:
    """Of a look and of writing; once it is up again, nothing is there twice and nothing is missing."""
    with serve_caldav(kind, tmp_path / "server") as server:
        server.set_password("ana", PASSWORD)
        owner = CalDavOwner(server, "ana", "/ana/home/" if kind == "radicale" else "/user/calendars/home/")
        owner.make_calendar()
        owner.put_busy(hour(), uid="one")
        http = CountingHttp(server.make_http())
        there = replace(caldav_elsewhere(owner), gateway=CalDavCalendars(http, CalendarParser()))
        http.before = lambda count: server.stop() if count == 3 else None
        with pytest.raises(CalendarFailed) as caught:
            there.read()
        assert failure(caught) is CalendarFailure.UNREACHABLE
        with pytest.raises(CalendarFailed) as caught:
            there.write()
        assert failure(caught) is CalendarFailure.UNREACHABLE
        server.start()
        assert busy(there.read()) == [hour()]
        # The event is stored, and the server falls before it can say so.
        http.before = lambda _: None
        lossy = replace(there, gateway=CalDavCalendars(AnswerLost(http, server), CalendarParser()))
        with pytest.raises(CalendarFailed) as caught:
            lossy.write()
        assert failure(caught) is CalendarFailure.TIMED_OUT
        server.start()
        there.write()
        assert len(owner.list_entries()) == 2
        assert own(there.read(window=KNOWN)) == [OwnEvent("k-1", EVENT.uid, *hour())]


@dataclass
class AnswerLost:
    """Carries a request, and the server falls before its answer comes."""

    http: Http
    server: CalDavServer

    def request(self, method: str, url: str, **given: Any) -> HttpAnswer:
        self.http.request(method, url, **given)
        self.server.stop()
        raise CalendarFailed(CalendarFailure.TIMED_OUT)


def test_two_thousand_events(caldav_owner: Callable[[str], CalDavOwner]) -> None:
    """Put into the server's folder, as from a copy of it; found in a few requests, and not again when one is moved."""
    owner = caldav_owner("radicale")
    folder = owner.server.folder / "data" / "collection-root" / owner.username / "home"
    for number in range(2_000):
        calendar = Calendar({"PRODID": "-//Somebody//EN", "VERSION": "2.0"})
        calendar.add_component(_event(f"uid-{number}", hour(number, 0.5)))
        (folder / f"uid-{number}.ics").write_bytes(calendar.to_ical())
    http = CountingHttp(owner.server.make_http(seconds=120))
    there = replace(caldav_elsewhere(owner), gateway=CalDavCalendars(http, CalendarParser()))
    first = there.read()
    assert len(first.entries) == 2_000
    assert busy(first) == [hour(number, 0.5) for number in range(2_000)]
    assert len(http.asked) == 22
    http.asked.clear()
    owner.move(first.entries[7].remote_id, hour(0.6, 0.2))
    assert busy(there.read(first.bookmark)) == [hour(0.6, 0.2)]
    assert len(http.asked) == 2


class TestWriting:
    def test_what_is_written(self, owner: CalDavOwner, gateway: CalDavCalendars, access: CalendarAccess) -> None:
        event = replace(EVENT, description="Line one\nLine; two", location="Room\r\nX-EVIL:1", category="Sessions, all")
        written = gateway.write(access, owner.server.url(owner.path), event, None)
        text = owner.ask("GET", written.remote_id).text
        there = owner.get(written.remote_id)
        assert "METHOD" not in text
        assert not {"ATTENDEE", "ORGANIZER", "X-EVIL"} & set(there)
        assert (there["UID"], there["SEQUENCE"], there["TRANSP"], there["CLASS"]) == (EVENT.uid, 0, "OPAQUE", "PRIVATE")
        assert (there.start, there.end) == (EVENT.starts_at, EVENT.ends_at)
        assert there["DTSTAMP"].dt == EVENT.changed_at
        assert there["DESCRIPTION"] == "Line one\nLine; two"
        assert there["LOCATION"] == "Room\nX-EVIL:1"
        assert [str(alarm["ACTION"]) for alarm in there.walk("VALARM")] == ["NONE"]
        assert written.remote_id == f"{owner.path}{EVENT.uid}.ics"

    def test_a_copy_that_took_our_uid_is_taken_over(
        self, owner: CalDavOwner, gateway: CalDavCalendars, access: CalendarAccess
    ) -> None:
        """Some servers and programs put what they are given elsewhere."""
        address = owner.server.url(owner.path)
        first = gateway.write(access, address, EVENT, None)
        text = owner.ask("GET", first.remote_id).text
        owner.delete(first.remote_id)
        moved = owner.put_text(f"{owner.path}elsewhere.ics", text)
        later = replace(EVENT, sequence=1, starts_at=MONDAY + timedelta(hours=2), ends_at=MONDAY + timedelta(hours=3))
        again = gateway.write(access, address, later, None)
        assert owner.list_entries() == [again.remote_id] == [moved]
        assert own(gateway.read(access, address, Bookmark(), KNOWN)) == [OwnEvent("k-1", EVENT.uid, *hour(2))]

    def test_a_uid_that_is_taken_by_something_else(
        self, owner: CalDavOwner, gateway: CalDavCalendars, access: CalendarAccess
    ) -> None:
        address = owner.server.url(owner.path)
        theirs = _event(EVENT.uid, hour(7))
        theirs["X-TELEHEALTH-KEY"] = "of another service"
        other = owner.put(f"{owner.path}other.ics", theirs)
        written = gateway.write(access, address, EVENT, None)
        assert gateway.write(access, address, EVENT, None) == written
        assert sorted(owner.list_entries()) == sorted([other, written.remote_id])
        later = replace(EVENT, sequence=1, starts_at=MONDAY + timedelta(hours=2), ends_at=MONDAY + timedelta(hours=3))
        changed = gateway.write(access, address, later, written)
        known = {"k-1": replace(OURS, spans=(BusySpan(later.starts_at, later.ends_at),))}
        reading = gateway.read(access, address, Bookmark(), replace(KNOWN, known=known))
        assert [(each.key, each.starts_at) for each in own(reading)] == [("k-1", MONDAY + timedelta(hours=2))]
        assert busy(reading) == [hour(7)]
        gateway.remove(access, address, changed)
        assert owner.list_entries() == [other]


def _event(uid: str, span: BusySpan) -> Event:
    event = Event({"UID": uid, "SUMMARY": "x", "DTSTAMP": "20260101T000000Z"})
    event.add("dtstart", span.starts_at)
    event.add("dtend", span.ends_at)
    return event
