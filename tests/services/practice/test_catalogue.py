"""What can be booked, and how it is changed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.words import Approval, LateChange, Mode, ServiceKind, WhenOneCancels
from telehealth.models import Service
from telehealth.services.practice.catalogue import (
    ServiceFacts,
    add_service,
    change_service,
    end_service,
    reopen_service,
)
from tests.factories import BY_STAFF, Office, book, make_office, make_therapist
from tests.moments import NOW

EVERYTHING: dict[str, Any] = {
    "kind": ServiceKind.COUPLE,
    "name": "Couples",
    "duration_minutes": 80,
    "modes": (Mode.VIRTUAL, Mode.IN_PERSON),
    "other_lengths": [60, 90],
    "description": "For two.",
    "buffer_before_minutes": 5,
    "buffer_after_minutes": 15,
    "step_minutes": 30,
    "notice_minutes": 120,
    "horizon_days": 366,
    "position": 4,
    "capacity": 2,
    "when_one_cancels": WhenOneCancels.GOES_ON,
    "load_percent": 150,
    "approval": Approval.NEW_CLIENTS,
    "approval_minutes": 60,
    "room_kind": "large",
    "therapists_needed": 2,
}


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def facts(**given: Any) -> ServiceFacts:
    return ServiceFacts(**{**EVERYTHING, **given})


def add(office: Office, **given: Any) -> Service:
    return add_service(practice_id=office.practice.id, facts=facts(**given), by=BY_STAFF, now=NOW)


def change(office: Office, **given: Any) -> Service:
    whose = {"practice_id": office.practice.id, "service_public_id": office.service.public_id}
    return change_service(**whose, facts=facts(**given), by=BY_STAFF, now=NOW)


def test_a_new_service_has_everything_and_the_usual_terms(office: Office) -> None:
    service = add(office)
    for name, value in EVERYTHING.items():
        assert getattr(service, name) == ([each.value for each in value] if name == "modes" else value), name
    assert service.policy is not None
    assert (service.policy.window_minutes, service.policy.when_late) == (1440, LateChange.MARK)
    assert service.policy.version == 1


def test_nobody_gives_a_new_service_unless_named(database: Session, office: Office) -> None:
    given = add(office, therapists=[office.therapist.public_id])
    not_given = add(office, name="Another")
    database.expire_all()
    assert given in office.therapist.services
    assert not_given not in office.therapist.services


def test_a_changed_service_leaves_what_is_booked_alone(database: Session, office: Office) -> None:
    made = book(office)
    service = change(office, room_kind="")
    database.expire_all()
    assert (service.name, service.capacity, service.room_kind) == ("Couples", 2, None)
    assert (made.ends_at - made.starts_at).total_seconds() == 50 * 60
    assert office.service in office.therapist.services, "who gives it was not asked about"


def test_who_gives_a_service_is_exactly_who_is_named(database: Session, office: Office) -> None:
    colleague = make_therapist(office.practice)
    change(office, therapists=[colleague.public_id])
    database.expire_all()
    assert [therapist.services for therapist in (office.therapist, colleague)] == [[], [office.service]]
    with pytest.raises(NotFound):
        change(office, therapists=[make_office().therapist.public_id])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"step_minutes": 0}, "step_minutes"),
        ({"buffer_before_minutes": -1}, "buffer_before_minutes"),
        ({"buffer_after_minutes": 721}, "buffer_after_minutes"),
        ({"notice_minutes": -1}, "notice_minutes"),
        ({"horizon_days": 367}, "horizon_days"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 1}, "capacity"),
        ({"load_percent": -5}, "load_percent"),
        ({"approval_minutes": 10}, "approval_minutes"),
        ({"therapists_needed": 3}, "therapists_needed"),
        ({"modes": ()}, "modes"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"room_kind": "a\nb"}, "room_kind"),
    ],
)
def test_a_service_that_cannot_be(office: Office, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        change(office, **wrong)
    assert set(caught.value.fields) == {field}
    with pytest.raises(InvalidInput):
        add(office, **wrong)


def test_every_problem_is_said_at_once(office: Office) -> None:
    with pytest.raises(InvalidInput) as caught:
        add(office, name="", capacity=1, horizon_days=0)
    assert set(caught.value.fields) == {"name", "capacity", "horizon_days"}


def test_a_closed_service_can_be_opened_again(office: Office) -> None:
    given = {"practice_id": office.practice.id, "service_public_id": office.service.public_id}
    assert end_service(**given, by=BY_STAFF, now=NOW).ended_at == NOW
    assert reopen_service(**given, by=BY_STAFF, now=NOW).ended_at is None


def test_services_of_another_practice_are_not_found(office: Office) -> None:
    stranger = make_office()
    given: dict[str, Any] = {"practice_id": stranger.practice.id, "service_public_id": office.service.public_id}
    with pytest.raises(NotFound):
        change_service(**given, facts=facts(), by=BY_STAFF, now=NOW)
    with pytest.raises(NotFound):
        end_service(**given, by=BY_STAFF, now=NOW)
    with pytest.raises(NotFound):
        reopen_service(**given, by=BY_STAFF, now=NOW)


def test_other_lengths_are_told_once_without_the_usual_one(office: Office) -> None:
    assert add(office, other_lengths=[90, 60, 80, 60]).other_lengths == [60, 90]


@pytest.mark.parametrize("lengths", [[0], [1441], list(range(10, 19))])
def test_lengths_that_cannot_be(office: Office, lengths: list[int]) -> None:
    with pytest.raises(InvalidInput) as problem:
        add(office, other_lengths=lengths)
    assert set(problem.value.fields) == {"other_lengths"}
