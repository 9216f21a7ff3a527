"""One behaviour suite for the calendars that people connect by signing in: Google's and Microsoft's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from telehealth.adapters import google_calendar, google_events, microsoft_calendar, oauth
from telehealth.adapters.google_calendar import GoogleApp, GoogleCalendars
from telehealth.adapters.google_events import EventReader
from telehealth.adapters.microsoft_calendar import MicrosoftApp, MicrosoftCalendars
from telehealth.domain.calendar_ports import (
    EARLIEST,
    Bookmark,
    CalendarAccess,
    CalendarFailed,
    ChannelWish,
    OwnTimes,
    ReadingWindow,
    SignedInCalendars,
    SignInFailed,
    SignInTicket,
    WrittenEvent,
)
from telehealth.domain.calendar_words import CalendarFailure, SignInFailure
from telehealth.domain.hours.busy_spans import BusySpan
from tests import fake_google, fake_microsoft
from tests.fake_google import FakeGoogle
from tests.fake_microsoft import FakeMicrosoft
from tests.fake_oauth import CLIENT_ID, CLIENT_SECRET, FakeProvider

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
TEN = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)  # 10:00 in Denver
HOUR = timedelta(hours=1)
WINDOW = ReadingWindow(since=NOW, until=NOW + timedelta(days=60), zone="America/Denver")
TICKET = SignInTicket("a-state", "a-verifier-that-is-long-enough-to-be-one-0123456789", "https://practice.example/back")
APPOINTMENT = WrittenEvent(
    uid="a1@practice.example",
    key="key-a1",
    sequence=0,
    starts_at=TEN,
    ends_at=TEN + HOUR,
    zone="America/Denver",
    changed_at=NOW,
    summary="Busy",
    description="Ask for 50% <b>off</b> & more",
)


@dataclass
class Peer:
    """A provider as its fake, spoken with by our adapter, and what each of them calls what."""

    server: FakeGoogle | FakeMicrosoft
    calendars: SignedInCalendars
    main: str
    other: str
    is_google: bool
    made: Callable[[], SignedInCalendars] = field(repr=False)

    def sign_in(self, **answers: Any) -> CalendarAccess:
        back = self.server.consent(self.calendars.find_address(TICKET), **answers)
        assert back["state"] == TICKET.state
        return self.calendars.finish(TICKET, back["code"], now=NOW)

    def put(self, name: str, begin: datetime = TEN, *, calendar: str = "", **facts: Any) -> str:
        """Write an event as its owner: ``all_day``, ``shown`` (free, tentative) and ``answer`` as each calls it."""
        days, shown, answer = facts.pop("all_day", 0), facts.pop("shown", ""), facts.pop("answer", "")
        own_id = self.id_of(name)
        if self.is_google:
            self._put_google(own_id, begin, calendar or self.main, days=days, shown=shown, answer=answer, **facts)
        else:
            self._put_microsoft(own_id, begin, calendar or self.main, days=days, shown=shown, answer=answer, **facts)
        return own_id

    def id_of(self, name: str) -> str:
        return name if self.is_google else f"AAMk/{name}="

    def _put_google(
        self, own_id: str, begin: datetime, calendar: str, *, days: int, shown: str, answer: str, **facts: Any
    ) -> None:
        given = fake_google.hours(begin, hours=facts.pop("hours", 1))
        if days:
            given = {
                "start": {"date": begin.date().isoformat()},
                "end": {"date": (begin.date() + timedelta(days=days)).isoformat()},
            }
        if shown == "free":
            given["transparency"] = "transparent"
        if shown == "tentative":
            given["status"] = "tentative"
        if answer:
            others = {"email": "boss@example.com", "responseStatus": "accepted"}
            given["attendees"] = [{"email": "dana@example.com", "self": True, "responseStatus": answer}, others]
        assert isinstance(self.server, FakeGoogle)
        self.server.put(own_id, calendar, **given, **facts)

    def _put_microsoft(
        self, own_id: str, begin: datetime, calendar: str, *, days: int, shown: str, answer: str, **facts: Any
    ) -> None:
        given = fake_microsoft.hours(begin, hours=facts.pop("hours", 1))
        if days:
            midnight = datetime(begin.year, begin.month, begin.day, tzinfo=UTC)
            given = {"isAllDay": True, **fake_microsoft.hours(midnight, hours=24 * days)}
        if shown:
            given["showAs"] = shown
        said = {"accepted": "accepted", "declined": "declined", "tentative": "tentativelyAccepted"}
        if answer:
            given["responseStatus"] = {"response": said.get(answer, "notResponded")}
        assert isinstance(self.server, FakeMicrosoft)
        self.server.put(own_id, calendar, **given, **facts)

    def events(self, calendar: str = "") -> list[dict[str, Any]]:
        """What stands in a calendar."""
        found = self.server.calendars[calendar or self.main].events.values()
        return [each for each in found if each.get("status") != "cancelled"]


def _google() -> Iterator[Peer]:
    with FakeGoogle() as server:

        def make() -> GoogleCalendars:
            return GoogleCalendars(GoogleApp(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, base_url=server.url))

        yield Peer(server, make(), "dana@example.com", "family@group.calendar.google.com", True, make)


def _microsoft() -> Iterator[Peer]:
    with FakeMicrosoft() as server:

        def make() -> MicrosoftCalendars:
            app = MicrosoftApp(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, base_url=server.url)
            return MicrosoftCalendars(app)

        yield Peer(server, make(), "AAMkA/main==", "AAMkA/family=", False, make)


@pytest.fixture(params=[_google, _microsoft], ids=["google", "microsoft"])
def peer(request: pytest.FixtureRequest) -> Iterator[Peer]:
    yield from request.param()


@pytest.fixture
def google() -> Iterator[Peer]:
    yield from _google()


@pytest.fixture
def microsoft() -> Iterator[Peer]:
    yield from _microsoft()


@pytest.fixture
def access(peer: Peer) -> CalendarAccess:
    return peer.sign_in()


def spans_of(peer: Peer, access: CalendarAccess, window: ReadingWindow = WINDOW) -> list[BusySpan]:
    return sorted(
        span for each in peer.calendars.read(access, peer.main, Bookmark(), window).entries for span in each.spans
    )


def failure_of(act: Callable[[], object]) -> CalendarFailure:
    with pytest.raises(CalendarFailed) as failed:
        act()
    return failed.value.failure


def test_somebody_signs_in_and_their_calendars_are_found(peer: Peer) -> None:
    access = peer.sign_in()
    assert access.username == "dana@example.com"
    assert int(access.secrets["expires_at"]) == NOW.timestamp() + peer.server.lifetime
    found = peer.calendars.list_calendars(access)
    assert found[0].remote_id == peer.main
    assert found[0].is_main
    assert found[0].can_write
    assert not next(each for each in found if each.remote_id == peer.other).can_write


def test_where_somebody_is_sent_says_who_is_expected_and_what_is_wanted(peer: Peer) -> None:
    asked = parse_qs(urlsplit(peer.calendars.find_address(TICKET, username="dana@example.com")).query)
    assert asked["login_hint"] == ["dana@example.com"]
    assert asked["redirect_uri"] == [TICKET.return_to]
    assert TICKET.verifier not in str(asked)
    wanted = google_calendar.SCOPES if peer.is_google else microsoft_calendar.SCOPES
    assert asked["scope"] == [" ".join(wanted)]


def test_who_says_no_comes_back_without_a_code(peer: Peer) -> None:
    back = peer.server.consent(peer.calendars.find_address(TICKET), allows=False)
    assert back == {"state": TICKET.state, "error": "access_denied"}


@pytest.mark.parametrize("box", ["calendarlist", "events.owned", "ReadWrite", "offline"])
def test_who_leaves_a_box_unticked_has_not_let_us_in(peer: Peer, box: str) -> None:
    if box in " ".join(google_calendar.SCOPES if peer.is_google else microsoft_calendar.SCOPES):
        with pytest.raises(SignInFailed) as failed:
            peer.sign_in(leaves_out=box)
        assert failed.value.failure == SignInFailure.INCOMPLETE


def test_a_code_counts_once_and_only_with_what_we_began_with(peer: Peer) -> None:
    code = peer.server.consent(peer.calendars.find_address(TICKET))["code"]
    with pytest.raises(SignInFailed) as failed:
        peer.calendars.finish(replace(TICKET, verifier="another" * 8), code, now=NOW)
    assert failed.value.failure == SignInFailure.STALE
    with pytest.raises(SignInFailed):
        peer.calendars.finish(TICKET, code, now=NOW)


def test_an_operator_who_mistyped_the_secret_is_told_in_the_log_and_nobody_else(
    peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    code = peer.server.consent(peer.calendars.find_address(TICKET))["code"]
    peer.server.fail_next(401, {"error": "invalid_client"}, path="token")
    assert failure_of(lambda: peer.calendars.finish(TICKET, code, now=NOW)) == CalendarFailure.BROKEN
    assert "does not take our credentials" in caplog.text
    assert CLIENT_SECRET not in caplog.text
    assert code not in caplog.text


def test_access_is_renewed_only_when_it_ends_soon(peer: Peer, access: CalendarAccess) -> None:
    assert peer.calendars.refresh(access, now=NOW) is access
    later = NOW + timedelta(seconds=peer.server.lifetime - oauth.GOOD_FOR)
    renewed = peer.calendars.refresh(access, now=later)
    assert renewed.secrets["access_token"] != access.secrets["access_token"]
    assert int(renewed.secrets["expires_at"]) == later.timestamp() + peer.server.lifetime
    assert renewed.username == access.username
    assert peer.calendars.list_calendars(renewed)
    assert (renewed.secrets["refresh_token"] == access.secrets["refresh_token"]) is peer.is_google


def test_a_token_that_ends_early_is_renewed_once_within_a_call(peer: Peer, access: CalendarAccess) -> None:
    peer.server.forget_access_tokens()
    assert peer.calendars.list_calendars(access)
    assert peer.server.refreshed == 1


def test_access_that_was_taken_back_is_refused(peer: Peer, access: CalendarAccess) -> None:
    peer.server.take_back()
    assert failure_of(lambda: peer.calendars.list_calendars(access)) == CalendarFailure.REFUSED
    assert failure_of(lambda: peer.calendars.refresh(access, now=NOW + HOUR)) == CalendarFailure.REFUSED


def test_access_is_given_back_where_that_is_possible(peer: Peer, access: CalendarAccess) -> None:
    peer.calendars.revoke(access)
    peer.calendars.revoke(access)
    assert (peer.server.grants == []) is peer.is_google


def test_busy_time_is_read(peer: Peer, access: CalendarAccess) -> None:
    peer.put("first")
    peer.put("second", TEN + 3 * HOUR, hours=0.5)
    peer.put("before", NOW - timedelta(days=2))
    peer.put("muchlater", NOW + timedelta(days=90))
    assert spans_of(peer, access) == [
        BusySpan(TEN, TEN + HOUR),
        BusySpan(TEN + 3 * HOUR, TEN + 3.5 * HOUR),
    ]


def test_an_event_that_reaches_into_the_window_counts(peer: Peer, access: CalendarAccess) -> None:
    peer.put("night", NOW - 3 * HOUR, hours=4)
    assert spans_of(peer, access) == [BusySpan(NOW - 3 * HOUR, NOW + HOUR)]


@pytest.mark.parametrize(
    ("facts", "is_busy", "is_busy_by_rule"),
    [
        ({}, True, True),
        ({"shown": "free"}, False, False),
        ({"shown": "tentative"}, False, True),
        ({"answer": "declined"}, False, False),
        ({"answer": "tentative"}, False, True),
        ({"answer": "needsAction"}, False, True),
        ({"answer": "accepted"}, True, True),
        ({"hours": 0}, False, False),
    ],
    ids=str,
)
def test_what_takes_time(
    peer: Peer, access: CalendarAccess, facts: dict[str, Any], is_busy: bool, is_busy_by_rule: bool
) -> None:
    peer.put("first", **facts)
    for is_tentative_busy, expected in ((False, is_busy), (True, is_busy_by_rule)):
        window = replace(WINDOW, is_tentative_busy=is_tentative_busy)
        assert bool(spans_of(peer, access, window)) is expected


@pytest.mark.parametrize(
    ("kind", "is_busy"),
    [("workingLocation", False), ("birthday", False), ("outOfOffice", True), ("focusTime", True), ("fromGmail", True)],
)
def test_googles_kinds_of_events(google: Peer, kind: str, is_busy: bool) -> None:
    access = google.sign_in()
    google.put("first", eventType=kind)
    assert bool(spans_of(google, access)) is is_busy


def test_a_time_that_cannot_be_read_is_not_taken_for_none() -> None:
    """Google says a time by no clock, Outlook one by another clock than it was asked for."""
    tokyo = {"dateTime": "2026-12-01T17:00:00", "timeZone": "Tokyo Standard Time"}
    outlooks = {"id": "first", "@odata.etag": "1", "start": tokyo, "end": tokyo}
    googles = {"id": "first", "etag": "1", "status": "confirmed", "start": {"dateTime": "soon"}, "end": {}}
    for entry in (microsoft_calendar.read_entry(outlooks, WINDOW), EventReader(WINDOW).read(googles)):
        assert entry is not None
        assert (entry.is_read, entry.unread, entry.spans) == (False, 1, ())


@pytest.mark.parametrize("year", ["0001", "1960", "9999"])
@pytest.mark.parametrize("is_day", [False, True])
def test_times_that_no_zone_can_tell_reach_nobody(year: str, is_day: bool) -> None:
    window = replace(own_window(), zone="Asia/Tokyo")
    day = {"date": f"{year}-01-01"} if is_day else {"dateTime": f"{year}-01-01T00:00:00+14:00"}
    begins = {"dateTime": f"{year}-01-01T00:00:00", "timeZone": "UTC"}
    properties = {"private": {google_events.KEY: APPOINTMENT.key}}
    googles = {"id": "a", "etag": "1", "start": day, "end": day, "extendedProperties": properties}
    outlooks = {"id": "a", "@odata.etag": "1", "iCalUId": APPOINTMENT.uid, "isAllDay": is_day}
    assert google_events.read_own(googles) is None
    for entry in (
        EventReader(window).read(googles),
        microsoft_calendar.read_entry({**outlooks, "start": begins, "end": begins}, window),
    ):
        assert entry is not None
        assert (entry.is_read, entry.own, entry.spans) == (False, (), ())


def test_what_began_before_all_times_is_kept_from_the_first_of_them_on() -> None:
    begin, end = ({"dateTime": f"{day}T17:00:00", "timeZone": "UTC"} for day in ("0001-01-01", "2026-12-01"))
    long = microsoft_calendar.read_entry({"id": "b", "@odata.etag": "1", "start": begin, "end": end}, WINDOW)
    assert long.spans == (BusySpan(EARLIEST, TEN),)


@pytest.mark.parametrize(("shown", "is_busy"), [("oof", True), ("workingElsewhere", False), ("unknown", True)])
def test_how_outlook_shows_time(microsoft: Peer, shown: str, is_busy: bool) -> None:
    access = microsoft.sign_in()
    microsoft.put("first", shown=shown)
    assert bool(spans_of(microsoft, access)) is is_busy


def test_a_meeting_that_its_organiser_cancelled_takes_no_time(microsoft: Peer) -> None:
    access = microsoft.sign_in()
    microsoft.put("first", isCancelled=True)
    assert spans_of(microsoft, access) == []


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("America/Denver", date(2026, 12, 1), datetime(2026, 12, 1, 7, tzinfo=UTC)),
        ("Asia/Kathmandu", date(2026, 12, 1), datetime(2026, 11, 30, 18, 15, tzinfo=UTC)),
        ("Pacific/Chatham", date(2026, 12, 1), datetime(2026, 11, 30, 10, 15, tzinfo=UTC)),
    ],
)
def test_a_whole_day_is_one_where_its_owner_is(
    peer: Peer, access: CalendarAccess, zone: str, day: date, begins: datetime
) -> None:
    peer.put("day", datetime(day.year, day.month, day.day, tzinfo=UTC), all_day=2)
    window = replace(WINDOW, zone=zone)
    assert spans_of(peer, access, window) == [BusySpan(begins, begins + timedelta(days=2))]


def test_titles_and_guests_are_never_even_sent(peer: Peer, access: CalendarAccess) -> None:
    peer.put("first", answer="accepted")
    peer.put("second", TEN + HOUR)
    peer.calendars.read(access, peer.main, peer.calendars.read(access, peer.main, Bookmark(), WINDOW).bookmark, WINDOW)
    told = "".join(peer.server.sent)
    assert peer.id_of("first").split("/")[-1].rstrip("=") in told
    for secret in ("Secret plans", "Nobody's business", "boss@example.com"):
        assert secret not in told


def test_many_events_come_in_pages(peer: Peer, access: CalendarAccess) -> None:
    peer.server.page = 3
    for number in range(10):
        peer.put(f"event{number}", TEN + number * HOUR)
    reading = peer.calendars.read(access, peer.main, Bookmark(), WINDOW)
    assert reading.is_whole
    assert len({each.remote_id for each in reading.entries}) == 10


def test_pages_that_come_too_slowly_end(peer: Peer, access: CalendarAccess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth, "PAGES_SECONDS", -1.0)
    with pytest.raises(CalendarFailed) as caught:
        peer.calendars.read(access, peer.main, Bookmark(), WINDOW)
    assert caught.value.failure is CalendarFailure.TIMED_OUT


def test_nothing_new_is_said_to_be_nothing(peer: Peer, access: CalendarAccess) -> None:
    peer.put("first")
    first = peer.calendars.read(access, peer.main, Bookmark(), WINDOW)
    again = peer.calendars.read(access, peer.main, first.bookmark, WINDOW)
    assert again.is_unchanged
    assert not again.entries


def kept_after(peer: Peer, access: CalendarAccess, act: Callable[[], object]) -> dict[str, Sequence[BusySpan]]:
    """What is known after a first reading, something that happened, and a second one."""
    first = peer.calendars.read(access, peer.main, Bookmark(), WINDOW)
    known = {each.remote_id: each.spans for each in first.entries}
    act()
    second = peer.calendars.read(access, peer.main, first.bookmark, WINDOW)
    if second.is_whole:
        known = {}
    known |= {each.remote_id: each.spans for each in second.entries}
    return {name: spans for name, spans in known.items() if name not in second.removed}


def test_what_is_new_changed_and_gone_is_found(peer: Peer, access: CalendarAccess) -> None:
    kept, moved, gone = (peer.put(name, TEN + place * HOUR) for place, name in enumerate(("keeps", "moves", "goes")))

    def act() -> None:
        peer.put("moves", TEN + timedelta(days=1))
        peer.put("added", TEN + timedelta(days=2))
        peer.server.delete(gone)

    assert kept_after(peer, access, act) == {
        kept: (BusySpan(TEN, TEN + HOUR),),
        moved: (BusySpan(TEN + timedelta(days=1), TEN + timedelta(days=1) + HOUR),),
        peer.id_of("added"): (BusySpan(TEN + timedelta(days=2), TEN + timedelta(days=2) + HOUR),),
    }


def test_what_is_moved_out_of_the_window_is_gone(peer: Peer, access: CalendarAccess) -> None:
    peer.put("moves")
    assert kept_after(peer, access, lambda: peer.put("moves", TEN + timedelta(days=300))) == {}


def test_what_changes_hands_in_pages_is_all_found(google: Peer) -> None:
    access = google.sign_in()
    google.put("first")

    def act() -> None:
        google.server.page = 2
        for number in range(7):
            google.put(f"event{number}", TEN + number * HOUR)

    assert len(kept_after(google, access, act)) == 8


def test_a_token_that_means_nothing_any_more_has_all_read_anew(google: Peer) -> None:
    access = google.sign_in()
    google.put("first")
    first = google.calendars.read(access, google.main, Bookmark(), WINDOW)
    google.put("second", TEN + HOUR)
    assert isinstance(google.server, FakeGoogle)
    google.server.expire_tokens()
    again = google.calendars.read(access, google.main, first.bookmark, WINDOW)
    assert again.is_whole
    assert len(again.entries) == 2


def test_a_calendar_that_somebody_else_shares_as_busy_is_read(google: Peer) -> None:
    access = google.sign_in()
    google.put("first", calendar=google.other)
    reading = google.calendars.read(access, google.other, Bookmark(), WINDOW)
    assert [each.spans for each in reading.entries] == [(BusySpan(TEN, TEN + HOUR),)]


def test_a_next_page_elsewhere_is_not_followed(microsoft: Peer) -> None:
    access = microsoft.sign_in()
    microsoft.server.fail_next(200, {"value": [], "@odata.nextLink": "https://elsewhere.example/v1.0/x"}, path="View")
    act = lambda: microsoft.calendars.read(access, microsoft.main, Bookmark(), WINDOW)  # noqa: E731
    assert failure_of(act) == CalendarFailure.FORBIDDEN_ADDRESS


def own_window() -> ReadingWindow:
    ours = OwnTimes("ours", (BusySpan(TEN, TEN + HOUR),))
    return replace(WINDOW, known={APPOINTMENT.key: ours, APPOINTMENT.uid: ours})


def test_what_we_write_stands_there_discreetly_and_is_known_again(peer: Peer, access: CalendarAccess) -> None:
    written = peer.calendars.write(access, peer.main, APPOINTMENT, None)
    (event,) = peer.events()
    assert event["id"] == written.remote_id
    assert not event.get("attendees")
    told = str(event)
    assert ("'visibility': 'private'" in told) or ("'sensitivity': 'private'" in told)
    assert ("'useDefault': False" in told) or ("'isReminderOn': False" in told)
    assert ("&lt;b&gt;" in told) is peer.is_google  # Google shows a description as HTML.
    (entry,) = peer.calendars.read(access, peer.main, Bookmark(), own_window()).entries
    assert entry.spans == ()
    assert [(own.key, own.starts_at, own.ends_at) for own in entry.own] == [("ours", TEN, TEN + HOUR)]
    assert entry.version == written.version
    assert peer.calendars.find(access, peer.main, written.remote_id) == (
        written.version,
        replace(entry.own[0], key=APPOINTMENT.key),
    )


def test_a_copy_in_another_calendar_is_known_by_its_key(peer: Peer, access: CalendarAccess) -> None:
    peer.calendars.write(access, peer.main, APPOINTMENT, None)
    (event,) = peer.events()
    copied = {name: value for name, value in event.items() if name not in {"id", "iCalUID", "iCalUId", "etag", "#"}}
    peer.server.put("copied0", peer.main, **{**copied, "transactionId": None})
    reading = peer.calendars.read(access, peer.main, Bookmark(), own_window())
    assert [len(each.own) for each in reading.entries] == [1, 1]
    assert all(not each.spans for each in reading.entries)


def test_what_is_not_known_as_ours_is_busy(peer: Peer, access: CalendarAccess) -> None:
    peer.calendars.write(access, peer.main, APPOINTMENT, None)
    assert spans_of(peer, access) == [BusySpan(TEN, TEN + HOUR)]


def test_writing_again_after_a_lost_answer_makes_no_second_one(peer: Peer, access: CalendarAccess) -> None:
    first = peer.calendars.write(access, peer.main, APPOINTMENT, None)
    moved = replace(APPOINTMENT, starts_at=TEN + HOUR, ends_at=TEN + 2 * HOUR, sequence=1)
    again = peer.calendars.write(access, peer.main, moved, None)
    assert again.remote_id == first.remote_id
    assert again.version != first.version
    assert len(peer.events()) == 1
    assert spans_of(peer, access) == [BusySpan(TEN + HOUR, TEN + 2 * HOUR)]


@pytest.mark.parametrize("refuses", [True, False])
def test_what_its_owner_deleted_can_be_put_back(peer: Peer, access: CalendarAccess, refuses: bool) -> None:
    written = peer.calendars.write(access, peer.main, APPOINTMENT, None)
    peer.server.delete(written.remote_id)
    if isinstance(peer.server, FakeMicrosoft):
        peer.server.refuses_used_transactions = refuses
    assert peer.calendars.find(access, peer.main, written.remote_id) is None
    again = peer.calendars.write(access, peer.main, APPOINTMENT, None)
    assert len(peer.events()) == 1
    assert peer.calendars.find(access, peer.main, again.remote_id) is not None


def test_two_who_write_the_same_at_once_make_one(microsoft: Peer) -> None:
    access = microsoft.sign_in()
    assert isinstance(microsoft.server, FakeMicrosoft)
    first = microsoft.calendars.write(access, microsoft.main, APPOINTMENT, None)
    microsoft.server.refuses_used_transactions = True
    microsoft.server.fail_next(200, {"value": []}, path="/events")  # It was not there yet when the second one looked.
    second = microsoft.calendars.write(access, microsoft.main, APPOINTMENT, None)
    assert second == first
    assert len(microsoft.events()) == 1


@pytest.mark.parametrize("refuses", [True, False])
def test_who_was_slower_writes_what_is_newer_all_the_same(microsoft: Peer, refuses: bool) -> None:
    """What the faster one has made is not taken for what was to be written."""
    access = microsoft.sign_in()
    assert isinstance(microsoft.server, FakeMicrosoft)
    first = microsoft.calendars.write(access, microsoft.main, APPOINTMENT, None)
    microsoft.server.refuses_used_transactions = refuses
    microsoft.server.fail_next(200, {"value": []}, path="/events")
    moved = replace(APPOINTMENT, starts_at=TEN + HOUR, ends_at=TEN + 2 * HOUR, sequence=1)
    second = microsoft.calendars.write(access, microsoft.main, moved, None)
    assert (second.remote_id, len(microsoft.events())) == (first.remote_id, 1)
    assert spans_of(microsoft, access) == [BusySpan(TEN + HOUR, TEN + 2 * HOUR)]
    microsoft.server.fail_next(200, {"value": []}, path="/events")
    act = lambda: microsoft.calendars.write(access, microsoft.main, APPOINTMENT, None)  # noqa: E731
    assert failure_of(act) == CalendarFailure.CHANGED_MEANWHILE, "it is older than what stands there"


def test_what_stands_there_is_written_over_only_as_it_was_seen(peer: Peer, access: CalendarAccess) -> None:
    written = peer.calendars.write(access, peer.main, APPOINTMENT, None)
    later = replace(APPOINTMENT, starts_at=TEN + HOUR, ends_at=TEN + 2 * HOUR)
    newer = peer.calendars.write(access, peer.main, later, written)
    assert newer.remote_id == written.remote_id
    assert spans_of(peer, access) == [BusySpan(TEN + HOUR, TEN + 2 * HOUR)]
    act = lambda: peer.calendars.write(access, peer.main, APPOINTMENT, written)  # noqa: E731
    assert failure_of(act) == CalendarFailure.CHANGED_MEANWHILE
    assert spans_of(peer, access) == [BusySpan(TEN + HOUR, TEN + 2 * HOUR)]


def test_what_is_deleted_meanwhile_is_not_written_over(peer: Peer, access: CalendarAccess) -> None:
    written = peer.calendars.write(access, peer.main, APPOINTMENT, None)
    peer.server.delete(written.remote_id)
    act = lambda: peer.calendars.write(access, peer.main, APPOINTMENT, written)  # noqa: E731
    assert failure_of(act) == CalendarFailure.CHANGED_MEANWHILE
    assert peer.events() == []


def test_what_is_removed_is_gone_and_may_be_gone_already(peer: Peer, access: CalendarAccess) -> None:
    written = peer.calendars.write(access, peer.main, APPOINTMENT, None)
    peer.calendars.remove(access, peer.main, written)
    assert peer.events() == []
    peer.calendars.remove(access, peer.main, written)


def test_what_was_changed_there_is_not_removed(peer: Peer, access: CalendarAccess) -> None:
    written = peer.calendars.write(access, peer.main, APPOINTMENT, None)
    peer.calendars.write(access, peer.main, replace(APPOINTMENT, summary="Else"), written)
    act = lambda: peer.calendars.remove(access, peer.main, written)  # noqa: E731
    assert failure_of(act) == CalendarFailure.CHANGED_MEANWHILE


def test_a_lost_calendar_is_not_taken_for_deleted_events(peer: Peer, access: CalendarAccess) -> None:
    written = peer.calendars.write(access, peer.main, APPOINTMENT, None)
    peer.server.calendars.pop(peer.main)
    assert failure_of(lambda: peer.calendars.find(access, peer.main, written.remote_id)) == CalendarFailure.GONE
    assert failure_of(lambda: peer.calendars.write(access, peer.main, APPOINTMENT, None)) == CalendarFailure.GONE
    assert failure_of(lambda: peer.calendars.write(access, peer.main, APPOINTMENT, written)) == CalendarFailure.GONE
    assert failure_of(lambda: peer.calendars.read(access, peer.main, Bookmark(), WINDOW)) == CalendarFailure.GONE


def test_nothing_is_written_where_we_may_not(peer: Peer, access: CalendarAccess) -> None:
    act = lambda: peer.calendars.write(access, peer.other, APPOINTMENT, None)  # noqa: E731
    assert failure_of(act) == CalendarFailure.REFUSED
    assert peer.events(peer.other) == []


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (429, {"error": {"code": "TooManyRequests"}}, CalendarFailure.OVERLOADED),
        (503, {}, CalendarFailure.OVERLOADED),
        (500, {}, CalendarFailure.BROKEN),
        (403, {"error": {"code": 403, "errors": [{"reason": "forbidden"}]}}, CalendarFailure.REFUSED),
        (404, {}, CalendarFailure.GONE),
        (302, {}, CalendarFailure.BROKEN),
    ],
)
def test_what_goes_wrong_is_told_apart(
    peer: Peer, access: CalendarAccess, status: int, body: dict[str, Any], failure: CalendarFailure
) -> None:
    peer.server.fail_next(status, body, Retry_After="17", Location="https://elsewhere.example/")
    with pytest.raises(CalendarFailed) as failed:
        peer.calendars.read(access, peer.main, Bookmark(), WINDOW)
    assert failed.value.failure == failure
    assert failed.value.retry_after == 17


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"])
def test_google_says_too_much_with_another_status(google: Peer, reason: str) -> None:
    access = google.sign_in()
    google.server.fail_next(403, {"error": {"code": 403, "errors": [{"reason": reason}]}})
    act = lambda: google.calendars.read(access, google.main, Bookmark(), WINDOW)  # noqa: E731
    assert failure_of(act) == CalendarFailure.OVERLOADED


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (400, {"error": "invalid_grant"}, CalendarFailure.REFUSED),
        (400, {"error": "temporarily_unavailable"}, CalendarFailure.OVERLOADED),
        (200, {}, CalendarFailure.BROKEN),
        (400, {}, CalendarFailure.BROKEN),
        (429, {}, CalendarFailure.OVERLOADED),
        (503, {}, CalendarFailure.OVERLOADED),
        (502, {}, CalendarFailure.BROKEN),
    ],
)
def test_what_goes_wrong_while_renewing_is_told_apart(
    peer: Peer, access: CalendarAccess, status: int, body: dict[str, Any], failure: CalendarFailure
) -> None:
    peer.server.fail_next(status, body, path="token")
    assert failure_of(lambda: peer.calendars.refresh(access, now=NOW + HOUR)) == failure


def test_too_much_is_not_taken(peer: Peer, access: CalendarAccess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth, "MOST_BYTES", 100)
    for number in range(10):
        peer.put(f"event{number}")
    act = lambda: peer.calendars.read(access, peer.main, Bookmark(), WINDOW)  # noqa: E731
    assert failure_of(act) == CalendarFailure.TOO_LARGE


def test_a_server_that_is_not_there_is_unreachable(peer: Peer, access: CalendarAccess) -> None:
    peer.server.__exit__()
    try:
        assert failure_of(lambda: peer.made().list_calendars(access)) == CalendarFailure.UNREACHABLE
        assert failure_of(lambda: peer.made().refresh(access, now=NOW + HOUR)) == CalendarFailure.UNREACHABLE
    finally:
        peer.server.__enter__()


def test_no_secret_is_told_by_what_goes_wrong_or_is_printed(peer: Peer, access: CalendarAccess) -> None:
    peer.server.take_back()
    with pytest.raises(CalendarFailed) as failed:
        peer.calendars.list_calendars(access)
    said = f"{failed.value!r} {failed.value.__cause__!r} {access!r} {TICKET!r} {peer.calendars!r}"
    for secret in (*access.secrets.values(), CLIENT_SECRET, TICKET.verifier, TICKET.state, "dana@example.com"):
        assert secret not in said


def test_a_channel_is_made_and_stopped_and_may_be_gone(peer: Peer, access: CalendarAccess) -> None:
    until = NOW + timedelta(days=2)
    wish = ChannelWish("a-name-of-ours", "a-token", "https://practice.example/news", until)
    channel = peer.calendars.watch(access, peer.main, wish)
    assert channel.ends_at == until
    [kept] = peer.server.channels.values()
    assert "a-token" in str(kept)
    peer.calendars.unwatch(access, channel)
    peer.calendars.unwatch(access, channel)
    assert peer.server.channels == {}


def test_a_channel_that_is_not_wanted_there_is_said(peer: Peer, access: CalendarAccess) -> None:
    wish = ChannelWish("a-name-of-ours", "a-token", "http://practice.example/news", NOW + timedelta(days=2))
    assert failure_of(lambda: peer.calendars.watch(access, peer.main, wish)) == CalendarFailure.BROKEN


def test_where_the_providers_are_when_nothing_else_is_said() -> None:
    google, microsoft = GoogleApp(client_id="c", client_secret="s"), MicrosoftApp(client_id="c", client_secret="s")
    assert google.oauth.authorize_url == "https://accounts.google.com/o/oauth2/v2/auth"
    assert google.oauth.token_url == "https://oauth2.googleapis.com/token"
    assert google.oauth.revoke_url == "https://oauth2.googleapis.com/revoke"
    host = "https://login.microsoftonline.com/common/oauth2/v2.0"
    assert (microsoft.oauth.authorize_url, microsoft.oauth.token_url) == (f"{host}/authorize", f"{host}/token")
    assert issubclass(FakeGoogle, FakeProvider)
