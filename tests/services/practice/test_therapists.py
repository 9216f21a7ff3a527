"""Where therapists may practise, and how much they take on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from telehealth.domain.appointments.licences import Basis
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.models import Licence, Therapist
from telehealth.services.practice.therapists import (
    LicenceFacts,
    TherapistLimits,
    add_licence,
    change_limits,
    end_licence,
)
from tests.factories import BY_STAFF, Office, make_office
from tests.moments import NOW


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def licence(office: Office, **given: Any) -> Licence:
    usual = {"jurisdiction": "UT", "valid_from": date(2026, 1, 1), "basis": Basis.COMPACT, "number": "P 12"}
    whose = {"practice_id": office.practice.id, "therapist_id": office.therapist.id}
    return add_licence(**whose, facts=LicenceFacts(**{**usual, **given}), by=BY_STAFF, now=NOW)


def test_a_licence_with_its_basis_and_dates(office: Office) -> None:
    added = licence(office, valid_until=date(2026, 1, 1))
    assert (added.jurisdiction, added.basis, added.number) == ("UT", "compact", "P 12")
    assert (added.valid_from, added.valid_until) == (date(2026, 1, 1), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"jurisdiction": "ZZ"}, "jurisdiction"),
        ({"valid_until": date(2025, 12, 31)}, "valid_until"),
        ({"number": "x" * 81}, "number"),
    ],
)
def test_a_licence_that_cannot_be(office: Office, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        licence(office, **wrong)
    assert set(caught.value.fields) == {field}


def test_a_licence_ends_earlier_or_later_or_never(office: Office) -> None:
    added = licence(office)
    given = {"practice_id": office.practice.id, "therapist_id": office.therapist.id, "licence_id": added.id}
    for last_day in (date(2026, 12, 1), date(2028, 1, 1), None):
        assert end_licence(**given, last_day=last_day, by=BY_STAFF, now=NOW).valid_until == last_day
    with pytest.raises(InvalidInput):
        end_licence(**given, last_day=date(2025, 12, 31), by=BY_STAFF, now=NOW)


def test_licences_of_others_are_not_found(office: Office) -> None:
    added = licence(office)
    stranger = make_office()
    for practice, therapist in (
        (stranger.practice.id, office.therapist.id),
        (office.practice.id, stranger.therapist.id),
    ):
        given: dict[str, Any] = {"practice_id": practice, "therapist_id": therapist, "now": NOW}
        with pytest.raises(NotFound):
            end_licence(**given, licence_id=added.id, last_day=None, by=BY_STAFF)
        with pytest.raises(NotFound):
            add_licence(**given, facts=LicenceFacts("CO", date(2026, 1, 1)), by=BY_STAFF)


def limit(office: Office, **given: Any) -> Therapist:
    usual = {"daily_cap": 6, "weekly_cap": 25, "longest_run": 3, "break_minutes": 20, "note_minutes": 10}
    whose = {"practice_id": office.practice.id, "therapist_id": office.therapist.id}
    return change_limits(**whose, limits=TherapistLimits(**{**usual, **given}), by=BY_STAFF, now=NOW)


def test_how_much_a_therapist_takes_on(office: Office) -> None:
    therapist = limit(office)
    assert (therapist.daily_cap, therapist.weekly_cap, therapist.longest_run) == (6, 25, 3)
    assert (therapist.break_minutes, therapist.note_minutes) == (20, 10)
    free = limit(office, daily_cap=None, weekly_cap=None, longest_run=None, break_minutes=0)
    assert (free.daily_cap, free.weekly_cap, free.longest_run) == (None, None, None)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"daily_cap": 0}, "daily_cap"),
        ({"weekly_cap": 201}, "weekly_cap"),
        ({"longest_run": 0}, "longest_run"),
        ({"break_minutes": 0}, "break_minutes"),
        ({"break_minutes": 241}, "break_minutes"),
        ({"note_minutes": -1}, "note_minutes"),
    ],
)
def test_limits_that_cannot_be(office: Office, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        limit(office, **wrong)
    assert set(caught.value.fields) == {field}
