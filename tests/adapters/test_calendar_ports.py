"""What every implementation of the port for calendars elsewhere does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from telehealth.adapters.caldav import CalDavCalendars
from telehealth.adapters.calendar_parsing import CalendarParser
from telehealth.adapters.google_calendar import GoogleApp, GoogleCalendars
from telehealth.adapters.microsoft_calendar import MicrosoftApp, MicrosoftCalendars
from telehealth.domain.calendar_ports import (
    Bookmark,
    CalendarAccess,
    CalendarEntry,
    CalendarFailed,
    CalendarGateway,
    CalendarReading,
    OwnEvent,
    OwnTimes,
    ReadingWindow,
    SignedInCalendars,
    SignInTicket,
    Written,
    WrittenEvent,
)
from telehealth.domain.calendar_words import CalendarFailure
from telehealth.domain.hours.busy_spans import BusySpan
from tests import fake_google, fake_microsoft
from tests.caldav_process import KINDS, PASSWORD, CalDavOwner
from tests.fake_google import FakeGoogle, GoogleCalendar
from tests.fake_microsoft import FakeMicrosoft, MicrosoftCalendar
from tests.fake_oauth import CLIENT_ID, CLIENT_SECRET, FakeProvider
from tests.fakes_calendars import FakeCalendars

MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WINDOW = ReadingWindow(MONDAY - timedelta(days=1), MONDAY + timedelta(days=90), "America/New_York")
EVENT = WrittenEvent(
    uid="5b0e7c3e-95f5-4d0e-8f6e-5d0f3c2a1b10",
    key="k-1",
    sequence=0,
    starts_at=MONDAY,
    ends_at=MONDAY + HOUR,
    zone="America/New_York",
    changed_at=MONDAY - timedelta(days=2),
    summary="Appointment",
)
OURS = OwnTimes("k-1", (BusySpan(EVENT.starts_at, EVENT.ends_at),))
KNOWN = replace(WINDOW, known={EVENT.uid: OURS, "k-1": OURS})


def hour(later: float = 0, long: float = 1) -> BusySpan:
    """A span that begins so many hours after Monday, 15:00 UTC."""
    begin = MONDAY + later * HOUR
    return BusySpan(begin, begin + long * HOUR)


class Owner(Protocol):
    """What the owner of a calendar does to it with a program of their own."""

    def put_busy(self, span: BusySpan, *, uid: str) -> str:
        """An event, new or in the place of the one with this UID; its remote id."""
        ...

    def move(self, entry_id: str, to: BusySpan) -> None: ...

    def copy(self, entry_id: str, *, uid: str) -> str:
        """A copy in the same calendar under another UID; its remote id."""
        ...

    def delete(self, entry_id: str) -> None: ...

    def remove_calendar(self) -> None: ...

    def forget_tokens(self) -> None: ...


@dataclass(frozen=True)
class Elsewhere:
    """An account with one calendar, its owner, and our way in."""

    gateway: CalendarGateway
    access: CalendarAccess
    remote_id: str
    owner: Owner
    has_tokens: bool = True  # Microsoft's are of no use, so each look is at all of it.

    def read(self, bookmark: Bookmark | None = None, window: ReadingWindow = WINDOW) -> CalendarReading:
        return self.gateway.read(self.access, self.remote_id, bookmark or Bookmark(), window)

    def write(self, event: WrittenEvent = EVENT, before: Written | None = None) -> Written:
        return self.gateway.write(self.access, self.remote_id, event, before)

    def remove(self, written: Written) -> None:
        self.gateway.remove(self.access, self.remote_id, written)

    def find(self, written: Written) -> tuple[str, OwnEvent | None] | None:
        return self.gateway.find(self.access, self.remote_id, written.remote_id)


@dataclass(frozen=True)
class FakeOwner:
    calendars: FakeCalendars

    def put_busy(self, span: BusySpan, *, uid: str) -> str:
        return self.calendars.put_busy("ana", "home", span, uid=uid)

    def move(self, entry_id: str, to: BusySpan) -> None:
        self.calendars.move("ana", "home", entry_id, to)

    def copy(self, entry_id: str, *, uid: str) -> str:
        return self.calendars.copy("ana", "home", entry_id, into="home", uid=uid)

    def delete(self, entry_id: str) -> None:
        self.calendars.delete("ana", "home", entry_id)

    def remove_calendar(self) -> None:
        self.calendars.remove_calendar("ana", "home")

    def forget_tokens(self) -> None:
        self.calendars.forget_tokens()


def fake_elsewhere() -> Elsewhere:
    calendars = FakeCalendars()
    access = calendars.open_account("ana", "secret")
    calendars.add_calendar("ana", "home")
    return Elsewhere(calendars, access, "home", FakeOwner(calendars))


@dataclass(frozen=True)
class GoogleOwner:
    google: FakeGoogle

    def put_busy(self, span: BusySpan, *, uid: str) -> str:
        times = {"start": fake_google.at(span.starts_at), "end": fake_google.at(span.ends_at)}
        return str(self.google.put(uid, "home", iCalUID=uid, **times)["id"])

    def move(self, entry_id: str, to: BusySpan) -> None:
        self.google.put(entry_id, "home", start=fake_google.at(to.starts_at), end=fake_google.at(to.ends_at))

    def copy(self, entry_id: str, *, uid: str) -> str:
        event = self.google.calendars["home"].events[entry_id]
        return str(self.google.put(uid, "home", **{**event, "id": uid, "iCalUID": uid})["id"])

    def delete(self, entry_id: str) -> None:
        self.google.delete(entry_id, "home")

    def remove_calendar(self) -> None:
        del self.google.calendars["home"]

    def forget_tokens(self) -> None:
        self.google.expire_tokens()


@dataclass(frozen=True)
class MicrosoftOwner:
    microsoft: FakeMicrosoft

    def put_busy(self, span: BusySpan, *, uid: str) -> str:
        times = {"start": fake_microsoft.at(span.starts_at), "end": fake_microsoft.at(span.ends_at)}
        return str(self.microsoft.put(uid, "home", iCalUId=uid, **times)["id"])

    def move(self, entry_id: str, to: BusySpan) -> None:
        times = {"start": fake_microsoft.at(to.starts_at), "end": fake_microsoft.at(to.ends_at)}
        self.microsoft.put(entry_id, "home", **times)

    def copy(self, entry_id: str, *, uid: str) -> str:
        event = self.microsoft.calendars["home"].events[entry_id]
        copied = {**event, "id": uid, "iCalUId": uid, "transactionId": None}
        return str(self.microsoft.put(uid, "home", **copied)["id"])

    def delete(self, entry_id: str) -> None:
        self.microsoft.delete(entry_id, "home")

    def remove_calendar(self) -> None:
        del self.microsoft.calendars["home"]

    def forget_tokens(self) -> None:
        """There are none."""


def google_elsewhere(server: FakeGoogle) -> Elsewhere:
    server.calendars = {"home": GoogleCalendar("home", "Home", is_main=True)}
    app = GoogleApp(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, base_url=server.url)
    calendars = GoogleCalendars(app)
    return Elsewhere(calendars, sign_in(server, calendars), "home", GoogleOwner(server))


def microsoft_elsewhere(server: FakeMicrosoft) -> Elsewhere:
    server.calendars = {"home": MicrosoftCalendar("home", "Home", is_main=True)}
    app = MicrosoftApp(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, base_url=server.url)
    calendars = MicrosoftCalendars(app)
    return Elsewhere(calendars, sign_in(server, calendars), "home", MicrosoftOwner(server), has_tokens=False)


def sign_in(server: FakeProvider, calendars: SignedInCalendars) -> CalendarAccess:
    ticket = SignInTicket("a-state", "a-verifier" * 5, server.redirect_uris[0])
    return calendars.finish(ticket, server.consent(calendars.find_address(ticket))["code"], now=MONDAY)


def caldav_elsewhere(owner: CalDavOwner) -> Elsewhere:
    gateway = CalDavCalendars(owner.server.make_http(), CalendarParser())
    access = owner.server.set_password(owner.username, PASSWORD)
    return Elsewhere(gateway, access, owner.server.url(owner.path), owner)


@pytest.fixture(params=["fake", "google", "microsoft", *KINDS])
def elsewhere(request: pytest.FixtureRequest, caldav_owner: Callable[[str], CalDavOwner]) -> Iterator[Elsewhere]:
    if request.param == "google":
        with FakeGoogle() as google:
            yield google_elsewhere(google)
    elif request.param == "microsoft":
        with FakeMicrosoft() as microsoft:
            yield microsoft_elsewhere(microsoft)
    elif request.param in KINDS:
        yield caldav_elsewhere(caldav_owner(request.param))
    else:
        yield fake_elsewhere()


def busy(entries: CalendarReading) -> list[BusySpan]:
    return sorted(span for entry in entries.entries for span in entry.spans)


def own(reading: CalendarReading) -> list[OwnEvent]:
    return sorted((each for entry in reading.entries for each in entry.own), key=lambda each: each.uid)


def only(reading: CalendarReading) -> CalendarEntry:
    [entry] = reading.entries
    return entry


def failure(caught: pytest.ExceptionInfo[CalendarFailed]) -> CalendarFailure:
    return caught.value.failure


class TestGettingIn:
    def test_names_every_calendar(self, elsewhere: Elsewhere) -> None:
        [found] = elsewhere.gateway.list_calendars(elsewhere.access)
        assert (found.remote_id, found.name, found.can_write) == (elsewhere.remote_id, "Home", True)

    @pytest.mark.parametrize("secrets", [{"password": "another"}, {"password": ""}, {}])
    def test_refuses_another_password(self, elsewhere: Elsewhere, secrets: dict[str, str]) -> None:
        stranger = replace(elsewhere.access, secrets=secrets)
        with pytest.raises(CalendarFailed) as caught:
            elsewhere.gateway.list_calendars(stranger)
        assert caught.value.needs_sign_in
        with pytest.raises(CalendarFailed) as caught:
            elsewhere.gateway.read(stranger, elsewhere.remote_id, Bookmark(), WINDOW)
        assert caught.value.needs_sign_in

    def test_keeps_an_access_that_is_good(self, elsewhere: Elsewhere) -> None:
        assert elsewhere.gateway.refresh(elsewhere.access, now=MONDAY) is elsewhere.access


class TestReading:
    def test_an_empty_calendar_is_read_whole(self, elsewhere: Elsewhere) -> None:
        reading = elsewhere.read()
        assert (reading.is_whole, reading.is_unchanged, list(reading.entries)) == (True, False, [])

    def test_finds_what_is_there(self, elsewhere: Elsewhere) -> None:
        names = {elsewhere.owner.put_busy(hour(), uid="one"), elsewhere.owner.put_busy(hour(24), uid="two")}
        reading = elsewhere.read()
        assert reading.is_whole
        assert busy(reading) == [hour(), hour(24)]
        assert {entry.remote_id for entry in reading.entries} == names
        assert {entry.remote_id: entry.version for entry in reading.entries} == dict(reading.bookmark.entries)

    def test_nothing_new_is_unchanged(self, elsewhere: Elsewhere) -> None:
        elsewhere.owner.put_busy(hour(), uid="one")
        again = elsewhere.read(elsewhere.read().bookmark)
        assert again.is_unchanged
        assert (list(again.entries), list(again.removed)) == ([], [])

    def test_finds_only_what_is_new(self, elsewhere: Elsewhere) -> None:
        elsewhere.owner.put_busy(hour(), uid="one")
        first = elsewhere.read()
        two = elsewhere.owner.put_busy(hour(24), uid="two")
        news = elsewhere.read(first.bookmark)
        assert not news.is_whole
        assert (only(news).remote_id, busy(news)) == (two, [hour(24)])
        assert len(news.bookmark.entries) == 2

    def test_finds_what_was_moved_and_what_is_gone(self, elsewhere: Elsewhere) -> None:
        one, two = elsewhere.owner.put_busy(hour(), uid="one"), elsewhere.owner.put_busy(hour(24), uid="two")
        first = elsewhere.read()
        elsewhere.owner.move(one, hour(3))
        elsewhere.owner.delete(two)
        news = elsewhere.read(first.bookmark)
        assert busy(news) == [hour(3)]
        assert list(news.removed) == [two]
        assert list(news.bookmark.entries) == [one]
        assert elsewhere.read(news.bookmark).is_unchanged

    def test_reads_all_when_the_token_means_nothing_any_more(self, elsewhere: Elsewhere) -> None:
        elsewhere.owner.put_busy(hour(), uid="one")
        first = elsewhere.read()
        elsewhere.owner.put_busy(hour(24), uid="two")
        elsewhere.owner.forget_tokens()
        again = elsewhere.read(first.bookmark)
        assert again.is_whole is elsewhere.has_tokens
        assert busy(again) == ([hour(), hour(24)] if elsewhere.has_tokens else [hour(24)])
        assert elsewhere.read(again.bookmark).is_unchanged

    def test_leaves_what_is_far_away(self, elsewhere: Elsewhere) -> None:
        elsewhere.owner.put_busy(hour(-24 * 400), uid="long-ago")
        elsewhere.owner.put_busy(hour(24 * 400), uid="far-off")
        assert busy(elsewhere.read()) == []

    def test_says_when_the_calendar_is_gone(self, elsewhere: Elsewhere) -> None:
        first = elsewhere.read()
        elsewhere.owner.remove_calendar()
        for bookmark in (first.bookmark, Bookmark()):
            with pytest.raises(CalendarFailed) as caught:
                elsewhere.read(bookmark)
            assert failure(caught) is CalendarFailure.GONE


class TestWriting:
    def test_what_we_wrote_is_ours_and_takes_no_time(self, elsewhere: Elsewhere) -> None:
        written = elsewhere.write()
        reading = elsewhere.read(window=KNOWN)
        assert busy(reading) == []
        assert own(reading) == [OwnEvent("k-1", EVENT.uid, *hour())]
        assert only(reading).remote_id == written.remote_id
        assert only(reading).version == written.version

    def test_what_we_wrote_takes_time_where_its_owner_moved_it(self, elsewhere: Elsewhere) -> None:
        written = elsewhere.write()
        elsewhere.owner.move(written.remote_id, hour(5))
        reading = elsewhere.read(window=KNOWN)
        assert busy(reading) == [hour(5)]
        assert own(reading) == [OwnEvent("k-1", EVENT.uid, *hour(5))]
        elsewhere.owner.move(written.remote_id, hour(0, 2))
        assert busy(elsewhere.read(window=KNOWN)) == [hour(1)]

    def test_a_copy_takes_time_where_its_owner_moved_it(self, elsewhere: Elsewhere) -> None:
        written = elsewhere.write()
        copied = elsewhere.owner.copy(written.remote_id, uid="a-copy")
        elsewhere.owner.move(copied, hour(5))
        assert busy(elsewhere.read(window=KNOWN)) == [hour(5)]

    def test_what_we_wrote_and_nobody_knows_any_more_is_busy(self, elsewhere: Elsewhere) -> None:
        elsewhere.write()
        assert busy(elsewhere.read()) == [hour()]

    def test_writing_the_same_again_makes_no_second_event(self, elsewhere: Elsewhere) -> None:
        first = elsewhere.write()
        again = elsewhere.write()
        assert again.remote_id == first.remote_id
        assert len(elsewhere.read(window=KNOWN).entries) == 1

    def test_writing_anew_what_was_lost_with_other_times_makes_no_second_event(self, elsewhere: Elsewhere) -> None:
        elsewhere.write()
        later = replace(EVENT, sequence=1, starts_at=MONDAY + 3 * HOUR, ends_at=MONDAY + 4 * HOUR)
        elsewhere.write(later)
        assert own(elsewhere.read(window=KNOWN)) == [OwnEvent("k-1", EVENT.uid, *hour(3))]

    def test_what_was_lost_is_not_written_over_what_is_newer(self, elsewhere: Elsewhere) -> None:
        """A slow worker's writing comes after that of another, who had it meanwhile."""
        later = replace(EVENT, sequence=1, starts_at=MONDAY + 3 * HOUR, ends_at=MONDAY + 4 * HOUR)
        elsewhere.write(later)
        with pytest.raises(CalendarFailed) as caught:
            elsewhere.write()
        assert caught.value.failure is CalendarFailure.CHANGED_MEANWHILE
        assert own(elsewhere.read(window=KNOWN)) == [OwnEvent("k-1", EVENT.uid, *hour(3))]

    def test_a_change_stands_in_the_same_place(self, elsewhere: Elsewhere) -> None:
        first = elsewhere.write()
        later = replace(EVENT, sequence=1, starts_at=MONDAY + 3 * HOUR, ends_at=MONDAY + 4 * HOUR)
        second = elsewhere.write(later, first)
        assert second.remote_id == first.remote_id
        assert second.version != first.version
        assert own(elsewhere.read(window=KNOWN)) == [OwnEvent("k-1", EVENT.uid, *hour(3))]

    def test_a_change_whose_answer_was_lost_may_be_written_again(self, elsewhere: Elsewhere) -> None:
        first = elsewhere.write()
        later = replace(EVENT, sequence=1, starts_at=MONDAY + 3 * HOUR, ends_at=MONDAY + 4 * HOUR)
        second = elsewhere.write(later, first)
        assert elsewhere.write(later, first) == second

    def test_what_its_owner_moved_is_not_written_over(self, elsewhere: Elsewhere) -> None:
        first = elsewhere.write()
        elsewhere.owner.move(first.remote_id, hour(5))
        with pytest.raises(CalendarFailed) as caught:
            elsewhere.write(replace(EVENT, sequence=1, summary="Another"), first)
        assert failure(caught) is CalendarFailure.CHANGED_MEANWHILE
        found = elsewhere.find(first)
        assert found is not None
        assert found[1] == OwnEvent("k-1", EVENT.uid, *hour(5))
        back = elsewhere.write(replace(EVENT, sequence=2), Written(first.remote_id, found[0]))
        assert own(elsewhere.read(window=KNOWN)) == [OwnEvent("k-1", EVENT.uid, *hour())]
        assert back.remote_id == first.remote_id

    def test_what_its_owner_deleted_is_not_made_anew_by_a_change(self, elsewhere: Elsewhere) -> None:
        first = elsewhere.write()
        elsewhere.owner.delete(first.remote_id)
        with pytest.raises(CalendarFailed) as caught:
            elsewhere.write(replace(EVENT, sequence=1), first)
        assert failure(caught) is CalendarFailure.CHANGED_MEANWHILE
        assert elsewhere.find(first) is None
        elsewhere.write(replace(EVENT, sequence=2))
        assert len(own(elsewhere.read(window=KNOWN))) == 1

    def test_removing_takes_it_out_and_may_be_done_twice(self, elsewhere: Elsewhere) -> None:
        written = elsewhere.write()
        elsewhere.remove(written)
        elsewhere.remove(written)
        assert elsewhere.find(written) is None
        assert list(elsewhere.read(window=KNOWN).entries) == []

    def test_what_its_owner_moved_is_not_removed(self, elsewhere: Elsewhere) -> None:
        written = elsewhere.write()
        elsewhere.owner.move(written.remote_id, hour(5))
        with pytest.raises(CalendarFailed) as caught:
            elsewhere.remove(written)
        assert failure(caught) is CalendarFailure.CHANGED_MEANWHILE
        assert elsewhere.find(written) is not None

    def test_a_copy_under_another_name_is_ours_as_well(self, elsewhere: Elsewhere) -> None:
        written = elsewhere.write()
        elsewhere.owner.copy(written.remote_id, uid="a-copy")
        reading = elsewhere.read(window=KNOWN)
        assert busy(reading) == []
        assert own(reading) == [OwnEvent("k-1", EVENT.uid, *hour()), OwnEvent("k-1", "a-copy", *hour())]

    def test_what_is_not_ours_is_found_as_such(self, elsewhere: Elsewhere) -> None:
        theirs = elsewhere.owner.put_busy(hour(), uid="one")
        found = elsewhere.find(Written(theirs, ""))
        assert found is not None
        assert found[1] is None

    def test_says_when_the_calendar_is_gone(self, elsewhere: Elsewhere) -> None:
        written = elsewhere.write()
        elsewhere.owner.remove_calendar()
        for before in (None, written):
            with pytest.raises(CalendarFailed) as caught:
                elsewhere.write(replace(EVENT, sequence=1), before)
            assert failure(caught) is CalendarFailure.GONE


class TestFailuresOnDemand:
    """The fake fails as the real ones do, when it is told to."""

    def test_an_answer_may_be_lost(self) -> None:
        calendars = FakeCalendars()
        access = calendars.open_account("ana", "secret")
        calendars.add_calendar("ana", "home")
        calendars.fail_next(CalendarFailure.TIMED_OUT, done=True)
        with pytest.raises(CalendarFailed):
            calendars.write(access, "home", EVENT, None)
        assert calendars.list_written("ana", "home") == [EVENT]
        calendars.write(access, "home", EVENT, None)
        assert calendars.list_written("ana", "home") == [EVENT]

    def test_it_may_be_asked_to_wait(self) -> None:
        calendars = FakeCalendars()
        access = calendars.open_account("ana", "secret")
        calendars.fail_next(CalendarFailure.OVERLOADED, retry_after=30, times=2)
        for _ in range(2):
            with pytest.raises(CalendarFailed) as caught:
                calendars.list_calendars(access)
            assert caught.value.retry_after == 30
        assert calendars.list_calendars(access) == []

    def test_secrets_may_be_renewed(self) -> None:
        calendars = FakeCalendars()
        access = calendars.open_account("ana", "secret")
        calendars.refreshed = {"password": "secret", "access_token": "new"}
        renewed = calendars.refresh(access, now=MONDAY)
        assert renewed.secrets["access_token"] == "new"
        assert calendars.refresh(renewed, now=MONDAY) is renewed

    def test_a_calendar_that_may_only_be_read_is_not_written(self) -> None:
        calendars = FakeCalendars()
        access = calendars.open_account("ana", "secret")
        calendars.add_calendar("ana", "team", can_write=False)
        with pytest.raises(CalendarFailed) as caught:
            calendars.write(access, "team", EVENT, None)
        assert failure(caught) is CalendarFailure.REFUSED

    def test_an_event_may_be_copied_into_another_calendar(self) -> None:
        calendars = FakeCalendars()
        access = calendars.open_account("ana", "secret")
        calendars.add_calendar("ana", "home")
        calendars.add_calendar("ana", "work")
        written = calendars.write(access, "home", EVENT, None)
        calendars.copy("ana", "home", written.remote_id, into="work", uid="a-copy")
        assert own(calendars.read(access, "work", Bookmark(), KNOWN)) == [OwnEvent("k-1", "a-copy", *hour())]
