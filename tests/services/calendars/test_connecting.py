"""Connecting a calendar that a therapist keeps elsewhere, changing it, choosing what takes time, and ending it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.calendar_accounts import TypedAccount, read_account
from telehealth.domain.calendar_ports import CalendarAccess, FoundCalendar
from telehealth.domain.calendar_refusals import CalendarsOff, ConnectionEnded
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind, ConnectionState
from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.domain.sealing import KeyRing, SealBroken
from telehealth.domain.words import Role
from telehealth.models import (
    BusyInterval,
    CalendarConnection,
    ConnectedCalendar,
    FreedTime,
    PracticeEvent,
    RemoteEntry,
)
from telehealth.queries.calendars.connections import (
    count_busy,
    count_refused,
    list_connections,
    list_connections_of_all,
    list_next_busy,
    require_may_connect,
    require_may_see,
)
from telehealth.services.calendars.connecting import (
    MOST_BLOCKING,
    MOST_CONNECTIONS,
    LookedThrough,
    NewConnection,
    ask_reading,
    change_connection,
    choose_calendars,
    connect_account,
    note_calendars,
)
from telehealth.services.calendars.ending import end_connection
from telehealth.services.calendars.sealed_access import open_access
from telehealth.services.calendars.signing_in import end_connections_of_those_who_left
from telehealth.services.hours.busy_times import replace_busy_intervals
from telehealth.services.practice.therapists import end_therapist
from tests.factories import BY_STAFF, Office, make_office, make_user
from tests.factories.connections import HOME, PASSWORD, RING, WORK, connect_calendars, make_busy
from tests.factories.rows import change
from tests.moments import NOW

pytestmark = pytest.mark.usefixtures("database")

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def office() -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


def which(connection: CalendarConnection, **given: Any) -> dict[str, Any]:
    whose = {"practice_id": connection.practice_id, "connection_public_id": connection.public_id}
    return {**whose, "by": BY_STAFF, "now": LATER, **given}


def look(access: CalendarAccess, *found: FoundCalendar) -> LookedThrough:
    return LookedThrough(opened_with=access, access=access, found=found)


def reading(connection: CalendarConnection) -> dict[str, Any]:
    return {"practice_id": connection.practice_id, "connection_public_id": connection.public_id, "now": LATER}


def lines(office: Office) -> list[PracticeEvent]:
    wanted = select(PracticeEvent).where(PracticeEvent.practice_id == office.practice.id).order_by(PracticeEvent.id)
    return list(db.session.scalars(wanted))


def many(count: int) -> list[FoundCalendar]:
    return [FoundCalendar(f"calendar-{each}", f"Calendar {each}", can_write=False) for each in range(count)]


def test_what_is_connected_is_due_at_once_and_all_its_calendars_take_time(office: Office) -> None:
    made = connect_calendars(office.therapist)
    assert (made.state, made.due_at, made.failures) == (ConnectionState.NEW, NOW, 0)
    assert [(each.name, each.blocks, each.can_write, each.zone) for each in made.calendars] == [
        ("Work", True, True, "America/Denver"),
        ("Home with Sam", True, True, None),
    ]
    assert list_connections(office.practice.id, office.therapist.id) == [made]


def test_its_secret_opens_for_its_own_row_only(office: Office) -> None:
    made, other = connect_calendars(office.therapist), connect_calendars(office.therapist, username="other@example.org")
    assert PASSWORD.encode() not in (made.secret or b"")
    assert open_access(RING, made) == CalendarAccess(
        "https://caldav.example", "dana@fastmail.example", {"password": PASSWORD}
    )
    other.secret = made.secret
    with pytest.raises(SealBroken):
        open_access(RING, other)
    db.session.rollback()


def test_no_line_of_the_audit_tells_a_secret_or_what_a_calendar_is_called(office: Office) -> None:
    made = connect_calendars(office.therapist)
    private = connect_calendars(office.therapist, CalendarKind.ICS, name="Rota", username="secret-word")
    change_connection(**which(made), name="Mail", access=open_access(RING, made), ring=RING)
    choose_calendars(**which(made), blocking=[made.calendars[0].public_id])
    end_connection(**which(private))
    told = lines(office)
    assert [(each.action, each.name) for each in told] == [
        ("added", "Fastmail, Dana Rivera"),
        ("added", "Rota, Dana Rivera"),
        ("changed", "Mail, Dana Rivera"),
        ("changed", "Mail, Dana Rivera"),
        ("ended", "Rota, Dana Rivera"),
    ]
    assert told[0].details == {"after": {"kind": "caldav", "calendars_taking_time": 2, "calendars": 2}}
    assert told[3].details == {"before": {"calendars_taking_time": 2}, "after": {"calendars_taking_time": 1}}
    assert told[2].details == {"signed_in_anew": True}
    written = " ".join(f"{each.name} {each.details}" for each in told)
    for secret in (PASSWORD, "secret-word", "private.ics", "Home with Sam"):
        assert secret not in written


def test_without_a_key_nothing_is_kept(office: Office) -> None:
    new = NewConnection(kind=CalendarKind.CALDAV, name="Mine", access=CalendarAccess(), found=[WORK])
    whose = {"practice_id": office.practice.id, "therapist_id": office.therapist.id}
    with pytest.raises(CalendarsOff):
        connect_account(**whose, new=new, ring=KeyRing([]), by=BY_STAFF, now=NOW)
    assert list_connections(office.practice.id, office.therapist.id) == []


def test_the_same_calendar_twice_is_told(office: Office) -> None:
    connect_calendars(office.therapist, name="Mine")
    with pytest.raises(InvalidInput) as refusal:
        connect_calendars(office.therapist, username="Dana@Fastmail.example")
    assert "“Mine”" in refusal.value.fields["account"]


def test_the_same_private_address_twice_is_told_and_another_of_the_same_host_is_not(office: Office) -> None:
    first = connect_calendars(office.therapist, CalendarKind.ICS, username="one", name="Rota")
    connect_calendars(office.therapist, CalendarKind.ICS, username="two")
    with pytest.raises(InvalidInput, match="marked fields"):
        connect_calendars(office.therapist, CalendarKind.ICS, username="one")
    end_connection(**which(first))
    connect_calendars(office.therapist, CalendarKind.ICS, username="one")


def test_there_are_so_many_connections_and_no_more(office: Office) -> None:
    for each in range(MOST_CONNECTIONS):
        connect_calendars(office.therapist, username=f"user-{each}", found=[])
    with pytest.raises(InvalidInput) as refusal:
        connect_calendars(office.therapist, username="one-more", found=[])
    assert "end one first" in refusal.value.fields["account"]


def test_of_very_many_calendars_the_first_take_time(office: Office) -> None:
    made = connect_calendars(office.therapist, found=many(MOST_BLOCKING + 5))
    assert [each.blocks for each in made.calendars] == [True] * MOST_BLOCKING + [False] * 5
    other = connect_calendars(office.therapist, username="other", found=[WORK])
    assert [each.blocks for each in other.calendars] == [False]
    with pytest.raises(InvalidInput) as refusal:
        choose_calendars(**which(other), blocking=[other.calendars[0].public_id])
    assert refusal.value.fields == {"blocking": "At most 20 calendars can keep your time. Please choose fewer."}


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\nb"])
def test_a_connection_has_a_name(office: Office, name: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        connect_calendars(office.therapist, name=name)
    assert refusal.value.fields.keys() == {"name"}


def test_a_new_password_makes_it_as_good_as_new(office: Office) -> None:
    made = connect_calendars(office.therapist)
    make_busy(made, 0, LATER)
    change(
        made,
        state=ConnectionState.REFUSED,
        failure=CalendarFailure.REFUSED,
        failures=7,
        failing_since=NOW,
        warned_at=NOW,
        due_at=NOW + timedelta(days=1),
    )
    access = CalendarAccess("https://caldav.example", "dana@fastmail.example", {"password": "new"})
    changed = change_connection(**which(made), name="Fastmail", access=access, ring=RING)
    assert (changed.state, changed.failure, changed.failures, changed.due_at) == (ConnectionState.NEW, None, 0, LATER)
    assert (changed.failing_since, changed.warned_at, changed.calendars[0].version) == (None, None, None)
    assert open_access(RING, changed).secrets == {"password": "new"}
    assert len(list_next_busy(office.therapist.id, since=NOW, most=9)) == 1, "what was read last holds"


def test_another_name_leaves_everything_else(office: Office) -> None:
    made = connect_calendars(office.therapist)
    secret = made.secret
    change(made, state=ConnectionState.WORKING, due_at=LATER)
    changed = change_connection(**which(made), name=" My  mail ", ring=RING)
    assert (changed.name, changed.state, changed.secret, changed.due_at) == (
        "My mail", ConnectionState.WORKING, secret, LATER,
    )  # fmt: skip


def test_somebody_elses_account_is_not_put_in_its_place(office: Office) -> None:
    made = connect_calendars(office.therapist)
    access = CalendarAccess("https://caldav.example", "sam@fastmail.example", {"password": "new"})
    with pytest.raises(InvalidInput) as refusal:
        change_connection(**which(made), name="Fastmail", access=access, ring=RING)
    assert refusal.value.fields.keys() == {"account"}


def test_a_private_address_may_be_another_one(office: Office) -> None:
    made = connect_calendars(office.therapist, CalendarKind.ICS)
    access = read_account(TypedAccount(kind=CalendarKind.ICS, private_address="webcal://new.example/x.ics"))
    changed = change_connection(**which(made), name="Rota", access=access, ring=RING)
    assert (changed.address, open_access(RING, changed).secrets) == (
        "new.example", {"url": "https://new.example/x.ics"},
    )  # fmt: skip


def test_what_no_calendar_takes_any_more_is_free_for_those_who_wait(office: Office) -> None:
    made = connect_calendars(office.therapist)
    make_busy(made, 0, LATER)
    make_busy(made, 1, LATER + timedelta(minutes=30))
    make_busy(made, 1, LATER + timedelta(hours=5))
    choose_calendars(**which(made), blocking=[made.calendars[0].public_id])
    [first, second] = db.session.scalars(select(FreedTime).order_by(FreedTime.starts_at))
    assert (first.starts_at, first.ends_at) == (LATER + timedelta(hours=1), LATER + timedelta(minutes=90))
    assert (second.starts_at, second.ends_at) == (LATER + timedelta(hours=5), LATER + timedelta(hours=6))
    assert [each.starts_at for each in list_next_busy(office.therapist.id, since=NOW, most=9)] == [LATER]
    assert count_busy([made.id], since=NOW) == {made.calendars[0].id: 1}


def test_a_calendar_that_takes_time_again_is_read_whole_and_soon(office: Office) -> None:
    made = connect_calendars(office.therapist)
    make_busy(made, 1, LATER)
    choose_calendars(**which(made), blocking=[])
    change(made, due_at=LATER + timedelta(days=1), state=ConnectionState.WORKING)
    chosen = choose_calendars(**which(made), blocking=[made.calendars[1].public_id])
    assert [(each.blocks, each.version) for each in chosen.calendars] == [(False, None), (True, None)]
    assert chosen.due_at == LATER


def test_only_its_own_calendars_can_be_chosen(office: Office) -> None:
    made, other = connect_calendars(office.therapist), connect_calendars(office.therapist, username="other")
    with pytest.raises(InvalidInput):
        choose_calendars(**which(made), blocking=[other.calendars[0].public_id])


def test_calendars_that_came_later_take_no_time_before_somebody_chooses(office: Office) -> None:
    made = connect_calendars(office.therapist)
    renamed = FoundCalendar("work", "Office\n hours", can_write=False)
    noted = note_calendars(
        **which(made),
        looked=look(open_access(RING, made), renamed, FoundCalendar("new", "New", can_write=True)),
        ring=RING,
    )
    assert [(each.name, each.blocks, each.can_write) for each in noted.calendars] == [
        ("Office hours", True, False), ("Home with Sam", True, True), ("New", False, True),
    ]  # fmt: skip


def test_secrets_that_were_renewed_by_looking_are_kept(office: Office) -> None:
    made = connect_calendars(office.therapist)
    kept = open_access(RING, made)
    renewed = replace(kept, secrets={"password": "renewed"})
    note_calendars(**which(made), looked=replace(look(kept, WORK, HOME), access=renewed), ring=RING)
    assert open_access(RING, made) == renewed


@pytest.mark.parametrize("renewed", [None, {"password": "renewed"}])
def test_a_look_that_took_long_writes_over_no_newer_password(office: Office, renewed: dict[str, str] | None) -> None:
    made = connect_calendars(office.therapist)
    kept = open_access(RING, made)
    newer = replace(kept, secrets={"password": "typed meanwhile"})
    change_connection(**which(made), name="Fastmail", access=newer, ring=RING)
    found_with = replace(kept, secrets=renewed) if renewed else kept
    note_calendars(**which(made), looked=replace(look(kept, WORK, HOME), access=found_with), ring=RING)
    assert open_access(RING, made) == newer


def test_sync_now_is_soon(office: Office) -> None:
    made = change(connect_calendars(office.therapist), state=ConnectionState.WORKING, due_at=NOW + timedelta(days=1))
    assert ask_reading(**reading(made))
    assert db.session.get_one(CalendarConnection, made.id).due_at == LATER


def test_sync_now_while_it_is_read_is_once_more(office: Office) -> None:
    held = {"worker": "w", "leased_until": LATER + timedelta(minutes=10)}
    made = change(connect_calendars(office.therapist), state=ConnectionState.WORKING, due_at=NOW, **held)
    assert ask_reading(**reading(made))
    assert db.session.get_one(CalendarConnection, made.id).due_at == LATER


def test_sync_now_neither_presses_a_busy_server_nor_tries_a_wrong_password_again(office: Office) -> None:
    tomorrow = NOW + timedelta(days=1)
    made = connect_calendars(office.therapist)
    change(made, state=ConnectionState.FAILING, failure=CalendarFailure.OVERLOADED, due_at=tomorrow)
    assert not ask_reading(**reading(made))
    change(made, state=ConnectionState.REFUSED, failure=CalendarFailure.REFUSED)
    assert not ask_reading(**reading(made))
    assert db.session.get_one(CalendarConnection, made.id).due_at == tomorrow


def test_what_is_about_to_end_may_be_connected_anew(office: Office) -> None:
    leaving = {"state": ConnectionState.LEAVING}
    for _ in range(MOST_CONNECTIONS + 1):
        change(connect_calendars(office.therapist), **leaving)
    private = connect_calendars(office.therapist, CalendarKind.ICS)
    with pytest.raises(InvalidInput):
        connect_calendars(office.therapist, CalendarKind.ICS)
    change(private, **leaving)
    connect_calendars(office.therapist, CalendarKind.ICS)


def test_what_ends_is_forgotten_and_its_time_is_free(office: Office, database: Session) -> None:
    made = connect_calendars(office.therapist)
    make_busy(made, 0, LATER)
    change(made.calendars[0], is_written=True)
    assert end_connection(**which(made))
    assert not end_connection(**which(made)), "twice is as good as once"
    database.expire_all()
    ended = database.get_one(CalendarConnection, made.id)
    assert (ended.state, ended.secret, ended.username, ended.ended_at) == (ConnectionState.ENDED, None, "", LATER)
    assert [(each.blocks, each.is_written, each.version) for each in ended.calendars] == [(False, False, None)] * 2
    assert database.scalar(select(func.count()).select_from(BusyInterval)) == 0
    assert database.scalar(select(func.count()).select_from(RemoteEntry)) == 0
    [freed] = database.scalars(select(FreedTime))
    assert (freed.starts_at, freed.ends_at) == (LATER, LATER + timedelta(hours=1))
    assert list_connections(office.practice.id, office.therapist.id) == []


def test_what_a_program_reported_outlives_a_connection(office: Office) -> None:
    reported = BusySpan(LATER, LATER + timedelta(hours=2))
    about = {"practice_id": office.practice.id, "therapist_id": office.therapist.id, "by": BY_STAFF}
    replace_busy_intervals(**about, spans=[reported], now=NOW)
    made = connect_calendars(office.therapist)
    make_busy(made, 0, LATER)
    end_connection(**which(made))
    assert list_next_busy(office.therapist.id, since=NOW, most=9) == [reported]
    assert list(db.session.scalars(select(FreedTime))) == []


def test_nothing_is_done_with_one_that_has_ended(office: Office) -> None:
    made = connect_calendars(office.therapist)
    end_connection(**which(made))
    for act in (
        lambda: change_connection(**which(made), name="New", ring=RING),
        lambda: choose_calendars(**which(made), blocking=[]),
        lambda: note_calendars(**which(made), looked=look(CalendarAccess(), HOME), ring=RING),
        lambda: ask_reading(**reading(made)),
    ):
        with pytest.raises(ConnectionEnded):
            act()


def test_another_practice_has_none_of_it(office: Office) -> None:
    made, elsewhere = connect_calendars(office.therapist), make_office().practice
    for act in (
        lambda: change_connection(**which(made, practice_id=elsewhere.id), name="New", ring=RING),
        lambda: choose_calendars(**which(made, practice_id=elsewhere.id), blocking=[]),
        lambda: end_connection(**which(made, practice_id=elsewhere.id)),
    ):
        with pytest.raises(NotFound):
            act()
    assert list_connections_of_all(elsewhere.id) == []


def test_whoever_leaves_takes_their_calendars_along(office: Office) -> None:
    made = connect_calendars(office.therapist)
    doors: Any = {"sign_ins": {}, "ring": RING, "now": LATER}
    assert end_connections_of_those_who_left(**doors) == 0
    whose = {"practice_id": office.practice.id, "therapist_public_id": office.therapist.public_id}
    end_therapist(**whose, by=BY_STAFF, now=LATER)
    assert end_connections_of_those_who_left(**doors) == 1
    assert end_connections_of_those_who_left(**doors) == 0
    assert db.session.get_one(CalendarConnection, made.id).secret is None


def test_refused_ones_are_counted(office: Office) -> None:
    made = connect_calendars(office.therapist)
    assert count_refused(office.practice.id, therapist_id=None) == 0
    change(made, state=ConnectionState.REFUSED)
    assert count_refused(office.practice.id, therapist_id=office.therapist.id) == 1
    assert count_refused(office.practice.id, therapist_id=-1) == 0


def test_a_therapist_connects_for_themselves_and_an_owner_only_what_can_be_read(office: Office) -> None:
    own = make_user(office.practice, Role.THERAPIST)
    therapist = change(office.therapist, user_id=own.id)
    owner, desk = make_user(office.practice, Role.OWNER), make_user(office.practice, Role.FRONT_DESK)
    colleague = make_user(office.practice, Role.THERAPIST)
    for kind in CalendarKind:
        require_may_connect(user_id=own.id, therapist=therapist, kind=kind)
    require_may_connect(user_id=owner.id, therapist=therapist, kind=CalendarKind.ICS)
    for user, kind in ((owner, CalendarKind.CALDAV), (owner, CalendarKind.GOOGLE), (desk, CalendarKind.ICS)):
        require_may_see(user_id=user.id, therapist=therapist)
        with pytest.raises(NotAllowed):
            require_may_connect(user_id=user.id, therapist=therapist, kind=kind)
    with pytest.raises(NotFound):
        require_may_see(user_id=colleague.id, therapist=therapist)
    with pytest.raises(NotFound):
        require_may_connect(user_id=colleague.id, therapist=therapist, kind=CalendarKind.ICS)


def test_no_two_rows_stand_for_one_calendar(office: Office) -> None:
    made = connect_calendars(office.therapist, found=[WORK, HOME])
    note_calendars(**which(made), looked=look(open_access(RING, made), WORK, HOME), ring=RING)
    assert db.session.scalar(select(func.count()).select_from(ConnectedCalendar)) == 2
