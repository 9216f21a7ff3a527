"""Who could stand in for somebody who cannot come."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from telehealth.domain.words import AppointmentStatus, Mode, Obstacle
from telehealth.models import Therapist
from telehealth.queries.appointments.reassignments import ReassignmentProposal, propose_colleagues
from tests.factories import (
    BY_STAFF,
    Office,
    add_licence,
    add_time_off,
    book,
    make_contact,
    make_office,
    make_service,
    make_therapist,
)
from tests.factories.rows import change
from tests.moments import NOW, at
from tests.statements import listening


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def colleague(office: Office, name: str, **given: object) -> Therapist:
    return make_therapist(office.practice, office.service, location=office.location, name=name, **given)  # type: ignore[arg-type]


def ask(office: Office, since: datetime | None = None, until: datetime | None = None) -> list[ReassignmentProposal]:
    return propose_colleagues(office.practice.id, office.therapist.id, since or at(0), until or at(0, days=2), now=NOW)


def names(proposal: ReassignmentProposal) -> list[str]:
    return [each.therapist.name for each in proposal.colleagues]


def obstacles(proposal: ReassignmentProposal) -> dict[str, list[Obstacle]]:
    return {therapist.name: found for therapist, found in proposal.obstacles}


def test_everybody_who_could_take_it_and_why_the_others_cannot(office: Office) -> None:
    colleague(office, "Free")
    colleague(office, "Unlicensed", licences=("WY",))
    away = colleague(office, "Away")
    add_time_off(away, datetime(2026, 11, 24), datetime(2026, 11, 25))
    busy = colleague(office, "Busy")
    book(office, at(10), therapist=busy.public_id)
    make_therapist(office.practice, make_service(office.practice), name="Other service")
    book(office, at(10))
    (only,) = ask(office)
    assert names(only) == ["Free"]
    found = obstacles(only)
    assert set(found) == {"Unlicensed", "Away", "Busy"}
    assert Obstacle.LICENCE in found["Unlicensed"]
    assert Obstacle.TIME_OFF in found["Away"]
    assert Obstacle.TAKEN in found["Busy"]


def test_only_what_is_still_ahead_in_the_range(office: Office) -> None:
    book(office, at(10, days=2))
    book(office, at(12, days=0), now=NOW)
    made = book(office, at(10))
    assert [each.appointment for each in ask(office)] == [made]
    assert [each.appointment.starts_at for each in ask(office, at(0, days=0), at(0, days=3))] == [
        at(12, days=0),
        at(10),
        at(10, days=2),
    ]


def test_whoever_knows_the_client_comes_first_then_who_works_alike_then_who_has_time(office: Office) -> None:
    change(office.therapist, modalities=["CBT"])
    client = make_contact()
    busy, alike, known = (
        colleague(office, "A busy one"),
        colleague(office, "Works alike", modalities=["cbt"]),
        colleague(office, "Knows the client"),
    )
    colleague(office, "Has time")
    book(office, at(14), therapist=busy.public_id)
    book(office, at(15), therapist=alike.public_id)
    before = book(office, at(16, days=0), therapist=known.public_id, contact=client)
    change(before, status=AppointmentStatus.FULFILLED)
    book(office, at(10), contact=client)
    (only,) = ask(office)
    assert names(only) == ["Knows the client", "Works alike", "Has time", "A busy one"]
    assert [each.knows for each in only.colleagues] == [True, False, False, False]


def test_several_appointments_are_spread_over_the_colleagues(office: Office) -> None:
    colleague(office, "Ada")
    colleague(office, "Ben")
    for hour in (9, 11, 13, 15):
        book(office, at(hour))
    assert [names(each)[0] for each in ask(office)] == ["Ada", "Ben", "Ada", "Ben"]


def test_short_notice_and_the_grid_do_not_bind_a_colleague(office: Office) -> None:
    change(office.service, notice_minutes=7 * 24 * 60, step_minutes=50)
    colleague(office, "Free")
    book(office, at(10), by=BY_STAFF, waived=frozenset({Obstacle.NOTICE, Obstacle.OFF_GRID}), reason="Agreed by phone")
    assert names(ask(office)[0]) == ["Free"]


def test_in_person_the_place_counts_and_its_own_room_is_free(office: Office) -> None:
    colleague(office, "At the place")
    make_therapist(office.practice, office.service, name="Elsewhere")
    book(office, at(10), mode=Mode.IN_PERSON)
    (only,) = ask(office)
    assert names(only) == ["At the place"]
    assert Obstacle.OUTSIDE_HOURS in obstacles(only)["Elsewhere"]


def test_clients_in_two_states_need_somebody_who_may_treat_in_both(office: Office) -> None:
    change(office.service, capacity=2)
    add_licence(office.therapist, "WY")
    colleague(office, "One state")
    both = colleague(office, "Both states")
    add_licence(both, "WY")
    book(office, at(10), others=(make_contact(name="Ben Ode", jurisdiction="WY"),))
    (only,) = ask(office)
    assert names(only) == ["Both states"]
    assert obstacles(only) == {"One state": [Obstacle.LICENCE]}


def test_the_other_one_of_two_therapists_is_nobody_to_ask(office: Office) -> None:
    second = colleague(office, "Second")
    colleague(office, "Third")
    made = book(office, at(10))
    change(made, co_therapist_id=second.id)
    assert names(ask(office)[0]) == ["Third"]
    assert [
        each.appointment for each in propose_colleagues(office.practice.id, second.id, at(0), at(0, days=2), now=NOW)
    ] == [made]


def test_what_is_known_of_colleagues_is_asked_once_for_all_appointments(office: Office) -> None:
    colleague(office, "Sam Okafor")

    def count_statements() -> int:
        with listening() as said:
            assert ask(office)
        return len(said)

    book(office, at(9))
    ask(office)  # What was just made is read once more.
    one = count_statements()
    for hour in (11, 12, 13, 14):
        book(office, at(hour))
    ask(office)
    assert count_statements() - one == 4, "a search each, as for whoever offers that time"
