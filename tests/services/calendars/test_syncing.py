"""Reading calendars elsewhere as time passes: what is kept of them, and what holds when one does not answer."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from threading import Event, Semaphore
from typing import Any

import pytest
from sqlalchemy import func, select

from telehealth.database import db, transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.calendar_ports import (
    UNREAD_VERSION,
    Bookmark,
    CalendarAccess,
    CalendarEntry,
    CalendarFailed,
    CalendarReading,
    OwnEvent,
    OwnTimes,
    ReadingWindow,
)
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind, ConnectionState
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.domain.sealing import KeyRing
from telehealth.models import (
    BusyInterval,
    CalendarConnection,
    FreedTime,
    PracticeEvent,
    RemoteEntry,
)
from telehealth.queries.calendars.connections import count_unread_events
from telehealth.queries.hours.busy_intervals import list_busy_intervals
from telehealth.services.audit import COMMAND
from telehealth.services.calendars import looking, syncing
from telehealth.services.calendars.connecting import (
    NewConnection,
    change_connection,
    choose_calendars,
    connect_account,
)
from telehealth.services.calendars.ending import end_connection
from telehealth.services.calendars.looking import Outcome, read_in_steps
from telehealth.services.calendars.sealed_access import open_access
from telehealth.services.calendars.storing import read_versions, store_reading
from telehealth.services.calendars.syncing import sync_due_calendars
from telehealth.services.hours.busy_times import replace_busy_intervals
from telehealth.services.practice.therapists import end_therapist
from tests.factories import BY_STAFF, Office, book, make_office
from tests.factories.connections import HOME, RING, WORK
from tests.factories.rows import change
from tests.fakes_calendars import FakeCalendars
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")

USER, SECRET = "dana@fastmail.example", "abcd-efgh"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SOON = NOW + MINUTE
MORNING, NOON, EVENING = (BusySpan(at(hour), at(hour + 1)) for hour in (9, 12, 18))


class Account:
    """One therapist's account elsewhere with two calendars, connected."""

    def __init__(self, office: Office, calendars: FakeCalendars) -> None:
        self.office, self.calendars = office, calendars
        self.access = calendars.open_account(USER, SECRET)
        for each in (WORK, HOME):
            calendars.add_calendar(USER, each.remote_id, zone=each.zone)
        self.connection_id = connect_account(
            practice_id=office.practice.id,
            therapist_id=office.therapist.id,
            new=NewConnection(kind=CalendarKind.CALDAV, name="Fastmail", access=self.access, found=(WORK, HOME)),
            ring=RING,
            by=BY_STAFF,
            now=NOW,
        ).id

    @property
    def row(self) -> CalendarConnection:
        return db.session.get_one(CalendarConnection, self.connection_id, populate_existing=True)

    @property
    def which(self) -> dict[str, Any]:
        return {"practice_id": self.office.practice.id, "connection_public_id": self.row.public_id}

    def put(self, span: BusySpan, *, uid: str, calendar: str = "work") -> str:
        return self.calendars.put_busy(USER, calendar, span, uid=uid)

    def sync(self, now: datetime = SOON, *, ring: KeyRing = RING) -> int:
        gateways = dict.fromkeys(CalendarKind, self.calendars)
        return sync_due_calendars(gateways=gateways, ring=ring, now=now)

    def sync_again(self, *, ring: KeyRing = RING) -> datetime:
        """At the moment when it is due; when that is."""
        due_at = self.row.due_at
        assert self.sync(due_at, ring=ring) == 1
        return due_at


@pytest.fixture
def office() -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def account(office: Office, calendars: FakeCalendars) -> Account:
    return Account(office, calendars)


def busy(office: Office) -> list[BusySpan]:
    rows = select(BusyInterval.starts_at, BusyInterval.ends_at).where(BusyInterval.therapist_id == office.therapist.id)
    return sorted(BusySpan(*row) for row in db.session.execute(rows))


def freed() -> list[BusySpan]:
    rows = db.session.execute(select(FreedTime.starts_at, FreedTime.ends_at).order_by(FreedTime.starts_at))
    return [BusySpan(*row) for row in rows]


def lines() -> list[Mapping[str, Any]]:
    which = PracticeEvent.subject == AuditSubject.BUSY_TIME, PracticeEvent.action == AuditAction.CHANGED
    return [each.details for each in db.session.scalars(select(PracticeEvent).where(*which).order_by(PracticeEvent.id))]


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


class TestReading:
    def test_what_is_busy_there_is_busy_here(self, account: Account, office: Office) -> None:
        account.put(MORNING, uid="one")
        account.put(EVENING, uid="two", calendar="home")
        assert account.sync() == 1
        assert busy(office) == [MORNING, EVENING]
        row = account.row
        assert (row.state, row.synced_at, row.tried_at, row.failures) == (ConnectionState.WORKING, SOON, SOON, 0)
        assert (row.worker, row.leased_until) == (None, None)
        assert all(each.read_whole_at == SOON and each.token for each in row.calendars)
        assert lines() == [{"kind": "caldav", "added": 2, "removed": 0}]

    def test_it_is_due_again_after_a_while(self, account: Account) -> None:
        account.sync()
        assert account.sync() == 0
        assert account.row.due_at == SOON + syncing.EVERY[CalendarKind.CALDAV]

    def test_nothing_is_written_when_nothing_is_new(self, account: Account, office: Office) -> None:
        account.put(MORNING, uid="one")
        account.sync()
        rows = list(db.session.scalars(select(BusyInterval.id)))
        due_at = account.sync_again()
        assert list(db.session.scalars(select(BusyInterval.id))) == rows
        assert len(lines()) == 1
        assert account.row.synced_at == due_at

    def test_a_whole_pass_that_finds_the_same_writes_nothing(self, account: Account) -> None:
        account.put(MORNING, uid="one")
        account.sync()
        rows = list(db.session.scalars(select(BusyInterval.id)))
        entries = list(db.session.scalars(select(RemoteEntry.id)))
        account.calendars.forget_tokens()
        account.sync_again()
        assert list(db.session.scalars(select(BusyInterval.id))) == rows
        assert list(db.session.scalars(select(RemoteEntry.id))) == entries
        assert len(lines()) == 1

    def test_only_what_is_new_is_asked_for(self, account: Account, office: Office) -> None:
        account.put(MORNING, uid="one")
        account.sync()
        account.put(NOON, uid="two")
        account.sync_again()
        assert busy(office) == [MORNING, NOON]
        assert lines()[1] == {"kind": "caldav", "added": 1, "removed": 0}
        assert count(RemoteEntry) == 2

    def test_what_was_moved_or_deleted_there_is_free_here(self, account: Account, office: Office) -> None:
        one, two = account.put(MORNING, uid="one"), account.put(NOON, uid="two")
        account.sync()
        account.calendars.move(USER, "work", one, EVENING)
        account.calendars.delete(USER, "work", two)
        account.sync_again()
        assert busy(office) == [EVENING]
        assert freed() == [MORNING, NOON]
        assert count(RemoteEntry) == 1

    def test_what_another_calendar_takes_is_not_free(self, account: Account, office: Office) -> None:
        one = account.put(MORNING, uid="one")
        account.put(BusySpan(MORNING.starts_at, MORNING.starts_at + HOUR / 2), uid="two", calendar="home")
        reported = [BusySpan(MORNING.ends_at - HOUR / 4, MORNING.ends_at)]
        whose = {"practice_id": office.practice.id, "therapist_id": office.therapist.id}
        replace_busy_intervals(**whose, spans=reported, by=COMMAND, now=NOW)
        account.sync()
        account.calendars.delete(USER, "work", one)
        account.sync_again()
        assert freed() == [BusySpan(MORNING.starts_at + HOUR / 2, MORNING.ends_at - HOUR / 4)]

    def test_what_a_program_reports_and_what_is_read_here_are_kept_apart(
        self, account: Account, office: Office
    ) -> None:
        account.put(MORNING, uid="one")
        account.sync()
        whose: dict[str, Any] = {
            "practice_id": office.practice.id,
            "therapist_id": office.therapist.id,
            "by": COMMAND,
            "now": SOON,
        }
        replace_busy_intervals(**whose, spans=[BusySpan(at(9, 30), at(11))])
        replace_busy_intervals(**whose, spans=[BusySpan(at(9, 30), at(11))])
        assert len(lines()) == 2
        assert list_busy_intervals(office.therapist.id, since=NOW) == [BusySpan(at(9), at(11))]
        replace_busy_intervals(**whose, spans=[])
        assert busy(office) == [MORNING]
        assert freed() == [BusySpan(at(10), at(11))]

    def test_a_token_that_died_leads_to_a_whole_pass(self, account: Account, office: Office) -> None:
        one = account.put(MORNING, uid="one")
        account.sync()
        account.calendars.delete(USER, "work", one)
        account.calendars.forget_tokens()
        account.sync_again()
        assert busy(office) == []

    def test_a_token_that_an_adapter_gives_up_leads_to_a_whole_pass(self, account: Account, office: Office) -> None:
        account.put(MORNING, uid="one")
        account.sync()
        account.put(NOON, uid="two")

        class GivingUp(FakeCalendars):
            def read(self, access: Any, remote_id: str, bookmark: Bookmark, window: Any, /) -> CalendarReading:
                if bookmark.token:
                    raise CalendarFailed(CalendarFailure.TOKEN_EXPIRED)
                return super().read(access, remote_id, bookmark, window)

        giving_up = GivingUp(account.calendars.accounts, account.calendars.passwords)
        sync_due_calendars(gateways={CalendarKind.CALDAV: giving_up}, ring=RING, now=account.row.due_at)
        assert account.row.state is ConnectionState.WORKING
        assert busy(office) == [MORNING, NOON]

    def test_everything_is_read_once_a_day(self, account: Account, office: Office, calendars: FakeCalendars) -> None:
        """What repeats was counted up to a horizon, which has moved on since."""
        account.put(BusySpan(at(9, days=110), at(10, days=110)), uid="far")
        account.sync()
        assert busy(office) == []
        later = SOON + timedelta(days=15)
        account.sync(later)
        assert len(busy(office)) == 1
        assert account.row.calendars[0].read_whole_at == later

    def test_as_far_as_is_booked(self, account: Account, office: Office) -> None:
        change(office.service, horizon_days=300)
        account.put(BusySpan(at(9, days=299), at(10, days=299)), uid="far")
        account.put(BusySpan(at(9, days=320), at(10, days=320)), uid="farther")
        account.sync()
        assert busy(office) == [BusySpan(at(9, days=299), at(10, days=299))]

    def test_farther_as_soon_as_more_can_be_booked(self, account: Account, office: Office) -> None:
        far = BusySpan(at(9, days=299), at(10, days=299))
        account.put(far, uid="far")
        account.sync()
        assert busy(office) == []
        change(office.service, horizon_days=300)
        account.sync_again()
        assert busy(office) == [far]

    @pytest.mark.parametrize(
        "changed",
        [
            lambda office: change(office.practice, tentative_is_busy=False),
            lambda office: change(office.therapist, timezone="Europe/Berlin"),
            lambda office: change(office.therapist, email="dana.rivera@practice.example"),
        ],
        ids=["half accepted", "zone", "address"],
    )
    def test_all_is_read_anew_by_other_rules(
        self, account: Account, office: Office, changed: Callable[[Office], object], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        marks, read = [], account.calendars.read

        def noting(access: CalendarAccess, remote_id: str, bookmark: Bookmark, window: ReadingWindow) -> Any:
            marks.append(bookmark)
            return read(access, remote_id, bookmark, window)

        account.put(MORNING, uid="one")
        account.sync()
        monkeypatch.setattr(account.calendars, "read", noting)
        account.sync_again()
        assert all(mark.token for mark in marks), "nothing is otherwise"
        changed(office)
        marks.clear()
        account.sync_again()
        assert marks[-1] == Bookmark(), "the calendar without a zone of its own"
        marks.clear()
        account.sync_again()
        assert all(mark.token for mark in marks), "once"

    def test_what_is_over_goes_with_time(self, account: Account, office: Office) -> None:
        account.put(MORNING, uid="one")
        account.sync()
        account.sync(SOON + timedelta(days=3))
        assert busy(office) == []
        assert freed() == []
        assert len(lines()) == 1

    def test_a_calendar_that_takes_no_time_is_not_read(self, account: Account, office: Office) -> None:
        work, _home = account.row.calendars
        choose_calendars(**account.which, blocking=[work.public_id], by=BY_STAFF, now=NOW)
        account.put(EVENING, uid="one", calendar="home")
        account.sync()
        assert busy(office) == []
        assert account.calendars.asked == ["refresh", "read"]

    def test_one_that_is_only_written_takes_no_time(self, account: Account, office: Office) -> None:
        work, home = account.row.calendars
        choose_calendars(**account.which, blocking=[work.public_id], by=BY_STAFF, now=NOW)
        change(home, is_written=True)
        account.put(EVENING, uid="one", calendar="home")
        account.sync()
        assert busy(office) == []
        assert count(RemoteEntry) == 1

    def test_an_appointment_of_ours_is_never_busy(self, account: Account, office: Office) -> None:
        appointment = book(office)
        account.put(BusySpan(appointment.starts_at, appointment.ends_at), uid=appointment.uid)
        account.sync()
        assert busy(office) == []

    def test_secrets_that_were_renewed_are_sealed(self, account: Account) -> None:
        account.calendars.refreshed = {"password": SECRET, "access_token": "new"}
        account.sync()
        assert open_access(RING, account.row).secrets["access_token"] == "new"

    def test_spans_within_one_entry_are_joined(self, account: Account, office: Office) -> None:
        account.calendars.put_busy(
            USER, "work", BusySpan(at(9), at(10)), BusySpan(at(9, 30), at(11)), BusySpan(at(12), at(12)), uid="one"
        )
        account.sync()
        assert busy(office) == [BusySpan(at(9), at(11))]

    def test_no_transaction_is_open_while_somebody_is_asked(self, account: Account) -> None:
        seen, ours = [], db.session()

        class Watching(FakeCalendars):
            def read(self, *given: Any) -> CalendarReading:
                seen.append(ours.in_transaction())
                return super().read(*given)

        watching = Watching(account.calendars.accounts, account.calendars.passwords)
        sync_due_calendars(gateways={CalendarKind.CALDAV: watching}, ring=RING, now=SOON)
        assert seen == [False, False]

    def test_a_kind_that_nobody_speaks_waits(self, account: Account) -> None:
        assert sync_due_calendars(gateways={}, ring=RING, now=SOON) == 0
        assert account.row.state is ConnectionState.NEW


class TestNews:
    """What comes back of our own events is told to whoever compares it."""

    def test_own_events_and_what_is_gone(self, account: Account) -> None:
        calendar = account.row.calendars[0]
        event = OwnEvent("k", "u", *MORNING)
        entry = replace(_entry("a"), own=(event,))
        with transaction() as session:
            first = store_reading(session, calendar, _reading([entry, _entry("b")], is_whole=True), now=SOON)
        assert sorted(first.news.seen) == ["a", "b"]
        assert (dict(first.news.own), list(first.news.removed)) == ({"a": (event,)}, [])
        with transaction() as session:
            second = store_reading(session, calendar, _reading([_entry("b")], is_whole=True), now=SOON)
        assert (second.news.is_whole, list(second.news.removed)) == (True, ["a"])
        with transaction() as session:
            third = store_reading(session, calendar, _reading([], removed=["b", "never-known"]), now=SOON)
        assert (third.news.is_whole, list(third.news.removed)) == (False, ["b", "never-known"])

    def test_what_cannot_be_read_any_more_takes_what_it_took(self, account: Account, office: Office) -> None:
        """Nobody is told that its time is free, and it is read again."""
        calendar = account.row.calendars[0]
        with transaction() as session:
            store_reading(session, calendar, _reading([replace(_entry("a"), spans=(MORNING,))], is_whole=True), now=NOW)
        for is_whole in (False, True):
            broken = [CalendarEntry("a", UNREAD_VERSION, unread=1), CalendarEntry("b", UNREAD_VERSION, unread=1)]
            with transaction() as session:
                stored = store_reading(session, calendar, _reading(broken, is_whole=is_whole), now=NOW)
            assert (busy(office), stored.dropped) == ([MORNING], [])
            assert count_unread_events(account.row.id) == {calendar.id: 2}
            assert read_versions(db.session(), [calendar.id])[calendar.id] == {"a": UNREAD_VERSION, "b": UNREAD_VERSION}

    def test_what_could_not_be_read_is_counted_until_it_can(self, account: Account) -> None:
        calendar = account.row.calendars[0]
        broken = [replace(_entry("a"), unread=2), replace(_entry("b"), unread=1), _entry("c")]
        with transaction() as session:
            store_reading(session, calendar, _reading(broken, is_whole=True), now=SOON)
        assert count_unread_events(account.row.id) == {calendar.id: 3}
        with transaction() as session:
            store_reading(session, calendar, _reading([_entry("a")]), now=SOON)
        assert count_unread_events(account.row.id) == {calendar.id: 1}
        with transaction() as session:
            store_reading(session, calendar, _reading([], removed=["b"]), now=SOON)
        assert count_unread_events(account.row.id) == {}


def _entry(remote_id: str) -> CalendarEntry:
    return CalendarEntry(remote_id, "1")


def _reading(
    entries: list[CalendarEntry], *, is_whole: bool = False, removed: list[str] | None = None
) -> CalendarReading:
    return CalendarReading(Bookmark(token="1"), is_whole=is_whole, entries=entries, removed=removed or [])


class TestFailing:
    def test_the_last_good_copy_stays(self, account: Account, office: Office) -> None:
        account.put(MORNING, uid="one")
        account.sync()
        account.calendars.remove_calendar(USER, "work")
        account.calendars.remove_calendar(USER, "home")
        due_at = account.sync_again()
        row = account.row
        assert busy(office) == [MORNING]
        assert (row.state, row.failure) == (ConnectionState.FAILING, CalendarFailure.GONE)
        assert (row.failing_since, row.failures, row.synced_at) == (due_at, 1, SOON)

    def test_it_is_tried_less_and_less_often(self, account: Account) -> None:
        waits = []
        for _ in range(9):
            account.calendars.fail_next(CalendarFailure.UNREACHABLE)
            tried_at = account.sync_again()
            waits.append(account.row.due_at - tried_at)
        assert waits[0] >= syncing.FIRST_WAIT
        assert all(later > sooner * 1.7 for sooner, later in pairwise(waits[:5]))
        assert syncing.LONGEST_WAIT <= waits[-1] <= syncing.LONGEST_WAIT * 1.1
        assert account.row.failing_since == NOW

    @pytest.mark.parametrize("failure", [CalendarFailure.TIMED_OUT, CalendarFailure.UNREACHABLE])
    def test_a_server_that_does_not_answer_is_asked_for_no_other_calendar(
        self, account: Account, office: Office, failure: CalendarFailure
    ) -> None:
        class Slow(FakeCalendars):
            def read(self, access: CalendarAccess, remote_id: str, *given: Any) -> CalendarReading:
                reading = super().read(access, remote_id, *given)
                if remote_id == "work":
                    raise CalendarFailed(failure)
                return reading

        account.put(MORNING, uid="one")
        account.put(EVENING, uid="two", calendar="home")
        slow = Slow(account.calendars.accounts, account.calendars.passwords)
        sync_due_calendars(gateways={CalendarKind.CALDAV: slow}, ring=RING, now=SOON)
        assert slow.asked == ["refresh", "read"]
        assert (account.row.failure, account.row.failures, busy(office)) == (failure, 1, [])
        # Another one is asked first then, so that what always takes too long holds up no other for ever.
        for failures in (2, 3):
            sync_due_calendars(gateways={CalendarKind.CALDAV: slow}, ring=RING, now=account.row.due_at)
            assert (account.row.failures, busy(office)) == (failures, [EVENING])
        assert slow.asked == ["refresh", "read", *["refresh", "read", "read"] * 2]

    def test_an_account_that_takes_all_of_its_turn_is_read_on_later(
        self, account: Account, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(looking, "TURN", -1.0)  # Over with the first calendar.
        account.put(MORNING, uid="one")
        account.put(EVENING, uid="two", calendar="home")
        account.sync()
        row = account.row
        assert (row.state, row.failure, row.synced_at) == (ConnectionState.FAILING, CalendarFailure.TOO_SLOW, None)
        assert busy(office) == [MORNING], "what was read counts"
        begun = [account.sync_again() for _ in range(4)]
        assert busy(office) == [MORNING, EVENING], "another one comes first then"
        assert begun[3] - begun[2] > begun[2] - begun[1] > begun[1] - begun[0], "others of its worker go before"
        monkeypatch.undo()
        read_at = account.sync_again()
        assert (account.row.state, account.row.synced_at) == (ConnectionState.WORKING, read_at)

    def test_what_an_account_waited_for_others_is_not_its_turn(self, account: Account) -> None:
        [due] = syncing._claim([CalendarKind.CALDAV], RING, worker="w", limit=8, now=SOON)
        outcome = Outcome(due, due.access)
        steps = read_in_steps(account.calendars, outcome, now=SOON)
        next(steps)
        assert 0 <= outcome.took < looking.TURN
        took = outcome.took
        deque(steps, maxlen=0)
        assert (outcome.failed, len(outcome.readings)) == (None, 2)
        assert outcome.took == took, "nothing is counted before it goes on, nor after the last"

    def test_it_waits_as_long_as_it_is_asked_to(self, account: Account) -> None:
        account.calendars.fail_next(CalendarFailure.OVERLOADED, retry_after=7200)
        account.sync()
        assert account.row.due_at >= SOON + 2 * HOUR
        account.calendars.fail_next(CalendarFailure.OVERLOADED, retry_after=10**9)
        tried_at = account.sync_again()
        assert account.row.due_at <= tried_at + 1.1 * DAY

    def test_it_recovers(self, account: Account) -> None:
        account.calendars.fail_next(CalendarFailure.UNREACHABLE)
        account.sync()
        account.sync_again()
        row = account.row
        assert (row.state, row.failure, row.failing_since, row.failures) == (ConnectionState.WORKING, None, None, 0)

    def test_who_lets_us_in_no_more_is_left_alone(self, account: Account, office: Office) -> None:
        account.put(MORNING, uid="one")
        account.sync()
        account.calendars.open_account(USER, "another password")
        account.sync_again()
        assert account.row.state is ConnectionState.REFUSED
        assert account.sync(SOON + timedelta(days=30)) == 0
        assert busy(office) == [MORNING]

    def test_whoever_signs_in_anew_is_read_again(self, account: Account) -> None:
        account.calendars.open_account(USER, "another password")
        account.sync()
        access = replace(account.access, secrets={"password": "another password"})
        change_connection(**account.which, name="Fastmail", access=access, ring=RING, by=BY_STAFF, now=SOON + HOUR)
        assert account.sync(SOON + HOUR) == 1
        assert account.row.state is ConnectionState.WORKING

    def test_a_secret_that_no_key_opens_is_read_once_the_key_is_back(
        self, account: Account, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It is the operator's fault, whom the log tells, and no therapist is asked for a password."""
        account.sync(ring=KeyRing(["another key"]))
        assert account.row.state is ConnectionState.FAILING
        assert account.calendars.asked == []
        assert "ENCRYPTION_KEYS" in caplog.text
        assert account.sync(account.row.due_at) == 1
        assert account.row.state is ConnectionState.WORKING

    def test_one_calendar_that_is_gone_holds_up_no_other(self, account: Account, office: Office) -> None:
        account.sync()
        account.calendars.remove_calendar(USER, "work")
        account.put(EVENING, uid="one", calendar="home")
        for _ in range(4):
            tried_at = account.sync_again()
        assert busy(office) == [EVENING]
        row = account.row
        assert (row.state, row.failure) == (ConnectionState.FAILING, CalendarFailure.GONE)
        assert row.due_at - tried_at < 2 * syncing.EVERY[CalendarKind.CALDAV]

    @pytest.mark.parametrize("unshared", ["work", "home"])
    def test_one_calendar_that_is_not_shared_any_more_asks_nobody_to_sign_in(
        self, account: Account, office: Office, unshared: str
    ) -> None:
        class Unshared(FakeCalendars):
            def read(self, access: CalendarAccess, remote_id: str, *given: Any) -> CalendarReading:
                reading = super().read(access, remote_id, *given)
                if remote_id == unshared:
                    raise CalendarFailed(CalendarFailure.REFUSED)
                return reading

        account.put(MORNING, uid="one")
        account.put(MORNING, uid="two", calendar="home")
        elsewhere = Unshared(account.calendars.accounts, account.calendars.passwords)
        for _ in range(3):
            sync_due_calendars(gateways={CalendarKind.CALDAV: elsewhere}, ring=RING, now=account.row.due_at)
        row = account.row
        assert (row.state, row.failure) == (ConnectionState.FAILING, CalendarFailure.GONE)
        assert busy(office) == [MORNING], "the other one is read"

    def test_a_wrong_password_is_not_tried_at_every_calendar(self, office: Office, calendars: FakeCalendars) -> None:
        access = calendars.open_account(USER, SECRET)
        found = [replace(WORK, remote_id=f"no-{number}", is_main=not number) for number in range(9)]
        for each in found:
            calendars.add_calendar(USER, each.remote_id)
        whose = {"practice_id": office.practice.id, "therapist_id": office.therapist.id}
        new = NewConnection(kind=CalendarKind.CALDAV, name="Many", access=access, found=found)
        connect_account(**whose, new=new, ring=RING, by=BY_STAFF, now=NOW)
        calendars.passwords[USER] = "another"
        calendars.asked.clear()
        sync_due_calendars(gateways={CalendarKind.CALDAV: calendars}, ring=RING, now=SOON)
        assert calendars.asked == ["refresh", "read", "read"]
        assert db.session.scalars(select(CalendarConnection)).one().state is ConnectionState.REFUSED

    def test_more_than_anybody_does_is_too_much(
        self, account: Account, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(looking, "MOST_SPANS", 2)
        account.put(MORNING, uid="one", calendar="home")
        for uid, span in (("one", MORNING), ("two", NOON), ("three", EVENING)):
            account.put(span, uid=uid)
        account.sync()
        row = account.row
        assert (row.state, row.failure) == (ConnectionState.FAILING, CalendarFailure.TOO_LARGE)
        assert busy(office) == [MORNING], "the other calendar is read"

    def test_a_fault_of_ours_holds_up_nobody(
        self, account: Account, office: Office, caplog: pytest.LogCaptureFixture
    ) -> None:
        class Broken(FakeCalendars):
            def read(self, *_: Any) -> CalendarReading:
                raise RuntimeError("https://secret.example/private.ics")

        with caplog.at_level(logging.INFO, logger="telehealth"):
            sync_due_calendars(gateways={CalendarKind.CALDAV: Broken({}, {})}, ring=RING, now=SOON)
        assert account.row.failure is CalendarFailure.BROKEN
        assert "secret.example" not in caplog.text
        assert USER not in caplog.text

    def test_what_cannot_be_kept_is_a_failure(self, account: Account, office: Office) -> None:
        class TooLong(FakeCalendars):
            def read(self, *given: Any) -> CalendarReading:
                return replace(super().read(*given), bookmark=Bookmark(version=object()))  # type: ignore[arg-type]

        broken = TooLong(account.calendars.accounts, account.calendars.passwords)
        sync_due_calendars(gateways={CalendarKind.CALDAV: broken}, ring=RING, now=SOON)
        row = account.row
        assert (row.state, row.failure, row.worker) == (ConnectionState.FAILING, CalendarFailure.BROKEN, None)
        assert busy(office) == []


class TestMeanwhile:
    """What somebody does while a calendar is being read."""

    def read(self, account: Account, now: datetime) -> list[Outcome]:
        claimed = syncing._claim([CalendarKind.CALDAV], RING, worker="w", limit=8, now=now)
        outcomes = [Outcome(due, due.access) for due in claimed]
        for outcome in outcomes:
            deque(read_in_steps(account.calendars, outcome, now=now), maxlen=0)
        return outcomes

    def during(self, account: Account, what: Callable[[], object]) -> None:
        """Claim and read it, do this, and keep what was read."""
        outcomes = self.read(account, SOON)
        what()
        for outcome in outcomes:
            syncing._record(outcome, RING, worker="w", now=SOON)

    def test_it_is_ended(self, account: Account, office: Office) -> None:
        account.put(MORNING, uid="one")
        self.during(account, lambda: end_connection(**account.which, by=BY_STAFF, now=SOON))
        assert busy(office) == []
        assert (account.row.state, account.row.secret) == (ConnectionState.ENDED, None)

    def test_another_password_is_typed(self, account: Account, office: Office) -> None:
        account.put(MORNING, uid="one")
        access = replace(account.access, secrets={"password": "newer"})
        given: dict[str, Any] = {"name": "Fastmail", "access": access, "ring": RING, "by": BY_STAFF, "now": SOON}
        self.during(account, lambda: change_connection(**account.which, **given))
        row = account.row
        assert (row.state, row.worker, row.due_at) == (ConnectionState.NEW, None, SOON)
        assert open_access(RING, row).secrets["password"] == "newer"

    def test_with_another_password_it_is_read_at_once(self, account: Account, office: Office) -> None:
        access = account.calendars.open_account(USER, "newer")
        given: dict[str, Any] = {"name": "Fastmail", "access": access, "ring": RING, "by": BY_STAFF, "now": SOON}
        account.put(MORNING, uid="one")

        def change_and_read() -> None:
            change_connection(**account.which, **given)
            assert account.sync() == 1, "and not when whoever reads with the old one is done"

        self.during(account, change_and_read)
        assert (account.row.state, busy(office)) == (ConnectionState.WORKING, [MORNING])

    def test_what_was_read_by_rules_of_before_is_read_once_more(self, account: Account, office: Office) -> None:
        far = BusySpan(at(9, days=299), at(10, days=299))
        account.put(far, uid="far")
        self.during(account, lambda: change(office.service, horizon_days=300))
        assert busy(office) == []
        account.sync_again()
        assert busy(office) == [far]

    def test_other_calendars_are_chosen(self, account: Account, office: Office) -> None:
        account.put(MORNING, uid="one")
        account.put(EVENING, uid="two", calendar="home")
        home = account.row.calendars[1].public_id
        self.during(account, lambda: choose_calendars(**account.which, blocking=[home], by=BY_STAFF, now=SOON))
        assert busy(office) == [EVENING]

    def choose(self, account: Account, *names: str) -> None:
        chosen = [each.public_id for each in account.row.calendars if each.remote_id in names]
        choose_calendars(**account.which, blocking=chosen, by=BY_STAFF, now=SOON)

    def test_what_is_chosen_is_not_fresh_before_it_was_read(self, account: Account, office: Office) -> None:
        account.put(MORNING, uid="one")
        account.put(EVENING, uid="two", calendar="home")
        self.choose(account, "work")
        self.during(account, lambda: self.choose(account, "work", "home"))
        row = account.row
        assert (row.state, row.synced_at, row.worker) == (ConnectionState.NEW, None, None)
        assert busy(office) == [MORNING]
        assert account.sync() == 1
        assert busy(office) == [MORNING, EVENING]
        assert account.row.synced_at == SOON

    def test_neither_where_nothing_else_was_new(self, account: Account, office: Office) -> None:
        account.put(EVENING, uid="two", calendar="home")
        self.choose(account, "work")
        account.sync()
        later = account.row.due_at
        outcomes = self.read(account, later)
        assert [each.is_quiet for each in outcomes] == [True]
        self.choose(account, "work", "home")
        syncing._record_quiet(outcomes, worker="w", now=later)
        assert (account.row.synced_at, account.row.due_at, account.row.worker) == (SOON, SOON, None)
        assert account.sync(later) == 1
        assert busy(office) == [EVENING]

    def test_another_worker_has_taken_it_up(self, account: Account, office: Office) -> None:
        """One that was stopped for long, and goes on when its lease is over, writes nothing any more."""
        account.put(MORNING, uid="one")
        later = SOON + syncing.LEASE

        def take_up() -> None:
            account.put(NOON, uid="two")
            assert account.sync(later) == 1

        self.during(account, take_up)
        assert busy(office) == [MORNING, NOON]
        assert account.row.synced_at == later

    def test_nobody_takes_it_up_before(self, account: Account) -> None:
        taken = []
        self.during(account, lambda: taken.append(account.sync(SOON + syncing.LEASE - MINUTE)))
        assert taken == [0]

    def test_the_therapist_leaves(self, account: Account, office: Office) -> None:
        account.put(MORNING, uid="one")
        whose: dict[str, Any] = {"practice_id": office.practice.id, "therapist_public_id": office.therapist.public_id}
        self.during(account, lambda: end_therapist(**whose, by=BY_STAFF, now=SOON))
        assert account.row.state is ConnectionState.WORKING


class SlowCalendars(FakeCalendars):
    """Some minutes pass with each calendar that is read, and somebody does something whenever the time is asked. That
    is asked once after each of them, so no other is read before.
    """

    def on(self, others: FakeCalendars, *, pace: timedelta, meanwhile: Callable[[datetime], object]) -> SlowCalendars:
        self.accounts, self.passwords = others.accounts, others.passwords
        self.time, self.pace, self.meanwhile = SOON, pace, meanwhile
        self.turns = Semaphore()
        return self

    def read(self, *given: Any) -> CalendarReading:
        assert self.turns.acquire(timeout=60)
        self.time += self.pace
        return super().read(*given)

    def clock(self) -> datetime:
        time = self.time
        self.meanwhile(time)
        self.turns.release()
        return time

    def sync(self) -> int:
        return sync_due_calendars(gateways={CalendarKind.CALDAV: self}, ring=RING, now=SOON, clock=self.clock)


class TestLeases:
    """An account is in one worker's hands as long as that lives and goes on reading, however long it takes."""

    def take_up(self, now: datetime) -> list[int]:
        """What another worker finds to be read."""
        return [each.connection_id for each in syncing._claim([*CalendarKind], RING, worker="other", limit=8, now=now)]

    def test_twenty_slow_calendars_take_longer_than_a_lease(self, office: Office, calendars: FakeCalendars) -> None:
        found = [
            replace(WORK, remote_id=f"no-{number}", name=f"No {number}", is_main=not number) for number in range(20)
        ]
        access = calendars.open_account(USER, SECRET)
        for number, each in enumerate(found):
            calendars.add_calendar(USER, each.remote_id)
            calendars.put_busy(USER, each.remote_id, BusySpan(at(9, days=number), at(10, days=number)), uid="one")
        new = NewConnection(kind=CalendarKind.CALDAV, name="Slow", access=access, found=found)
        whose = {"practice_id": office.practice.id, "therapist_id": office.therapist.id}
        made = connect_account(**whose, new=new, ring=RING, by=BY_STAFF, now=NOW)
        works = [each.public_id for each in made.calendars]
        choose_calendars(
            practice_id=office.practice.id, connection_public_id=made.public_id, blocking=works, by=BY_STAFF, now=NOW
        )
        taken: list[list[int]] = []
        slow = SlowCalendars().on(calendars, pace=3 * MINUTE, meanwhile=lambda now: taken.append(self.take_up(now)))
        assert slow.sync() == 1
        assert slow.time == SOON + HOUR
        assert taken == [[]] * 20
        assert len(busy(office)) == 20

    def test_one_that_was_stopped_for_longer_than_a_lease_reads_no_more(self, account: Account, office: Office) -> None:
        account.put(MORNING, uid="one")
        taken: list[list[int]] = []
        slow = SlowCalendars().on(
            account.calendars, pace=syncing.LEASE, meanwhile=lambda now: taken.append(self.take_up(now))
        )
        slow.sync()
        assert taken[0] == [account.connection_id]
        assert slow.asked == ["refresh", "read"]
        assert (account.row.worker, account.row.state) == ("other", ConnectionState.NEW)
        assert busy(office) == []

    def test_one_that_was_ended_is_let_alone(self, account: Account, office: Office) -> None:
        account.put(MORNING, uid="one")
        slow = SlowCalendars().on(
            account.calendars,
            pace=2 * MINUTE,
            meanwhile=lambda now: end_connection(**account.which, by=BY_STAFF, now=now),
        )
        slow.sync()
        assert slow.asked == ["refresh", "read"]
        assert busy(office) == []

    def test_what_waits_its_turn_is_kept_too(self, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(syncing, "AT_ONCE", 1)
        monkeypatch.setitem(syncing.EVERY, CalendarKind.CALDAV, DAY)
        others = [_another(account, f"other-{number}") for number in range(3)]
        taken: list[list[int]] = []
        slow = SlowCalendars().on(
            account.calendars, pace=4 * MINUTE, meanwhile=lambda now: taken.append(self.take_up(now))
        )
        assert slow.sync() == 4
        assert taken == [[]] * 5
        assert db.session.get_one(CalendarConnection, others[-1]).state is ConnectionState.WORKING

    def test_who_is_slow_holds_up_nothing_of_others(
        self, account: Account, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(syncing, "AT_ONCE", 1)
        _another(account, "other")
        account.calendars.put_busy("other", "work", NOON, uid="one")
        account.put(MORNING, uid="one")
        known: list[list[BusySpan]] = []
        slow = SlowCalendars().on(account.calendars, pace=MINUTE, meanwhile=lambda _: known.append(busy(office)))
        slow.sync()
        assert known[-1] == [NOON]  # The second calendar of the first account was read only now.
        assert busy(office) == [MORNING, NOON]

    def test_neither_where_nothing_is_new(self, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
        second = _another(account, "other")
        account.sync()
        inner, is_recorded, later = syncing._record_quiet, Event(), account.row.due_at

        def record(outcomes: list[Outcome], **given: Any) -> None:
            inner(outcomes, **given)
            if second in {each.due.connection_id for each in outcomes}:
                is_recorded.set()

        class Waiting(FakeCalendars):
            def read(self, access: CalendarAccess, remote_id: str, *given: Any) -> CalendarReading:
                if remote_id == "home" and not is_recorded.wait(10):
                    raise CalendarFailed(CalendarFailure.TIMED_OUT)
                return super().read(access, remote_id, *given)

        monkeypatch.setattr(syncing, "_record_quiet", record)
        waiting = Waiting(account.calendars.accounts, account.calendars.passwords)
        assert sync_due_calendars(gateways={CalendarKind.CALDAV: waiting}, ring=RING, now=later) == 2
        assert (account.row.state, account.row.synced_at) == (ConnectionState.WORKING, later)


def _another(account: Account, username: str) -> int:
    """One more account of the same therapist, with one calendar."""
    access = account.calendars.open_account(username, SECRET)
    account.calendars.add_calendar(username, WORK.remote_id)
    whose = {"practice_id": account.office.practice.id, "therapist_id": account.office.therapist.id}
    new = NewConnection(kind=CalendarKind.CALDAV, name=username, access=access, found=(WORK,))
    return connect_account(**whose, new=new, ring=RING, by=BY_STAFF, now=NOW).id


def test_what_is_asked_of_a_calendar(account: Account, office: Office) -> None:
    windows: list[ReadingWindow] = []

    class Noting(FakeCalendars):
        def read(
            self, access: CalendarAccess, remote_id: str, bookmark: Bookmark, window: ReadingWindow, /
        ) -> CalendarReading:
            windows.append(window)
            return super().read(access, remote_id, bookmark, window)

    appointment = book(office)
    change(office.therapist, email="Dana@Riverside.example")
    noting = Noting(account.calendars.accounts, account.calendars.passwords)
    sync_due_calendars(gateways={CalendarKind.CALDAV: noting}, ring=RING, now=SOON)
    work, home = windows
    assert work.zone == "America/Denver"
    assert home.zone == office.therapist.timezone
    assert work.owner_addresses == {USER, "dana@riverside.example"}
    assert work.known == {
        appointment.uid: OwnTimes(appointment.uid, (BusySpan(appointment.starts_at, appointment.ends_at),))
    }
    assert work.since < NOW


def test_ten_of_many_are_read_and_the_rest_stay_due(office: Office, calendars: FakeCalendars) -> None:
    for number in range(10):
        access = calendars.open_account(f"user{number}@example.org", SECRET)
        calendars.add_calendar(access.username, "work")
        connect_account(
            practice_id=office.practice.id,
            therapist_id=office.therapist.id,
            new=NewConnection(kind=CalendarKind.CALDAV, name=f"No {number}", access=access, found=(WORK,)),
            ring=RING,
            by=BY_STAFF,
            now=NOW,
        )
    gateways = dict.fromkeys(CalendarKind, calendars)
    assert [sync_due_calendars(gateways=gateways, ring=RING, now=SOON, limit=8) for _ in range(3)] == [8, 2, 0]
