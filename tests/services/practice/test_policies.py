"""Terms for cancelling: a new version for every change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.words import LateChange
from telehealth.models import Policy
from telehealth.services.practice.policies import USUAL_TERMS, NewTerms, change_terms
from tests.factories import BY_STAFF, Office, book, make_office
from tests.moments import NOW

TWO_DAYS = NewTerms(48 * 60, LateChange.CALL, "Late cancellations cost half the fee.")


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def change(office: Office, terms: NewTerms, **given: int) -> Policy:
    practice = given.get("practice_id", office.practice.id)
    return change_terms(
        practice_id=practice, service_public_id=office.service.public_id, terms=terms, by=BY_STAFF, now=NOW
    )


def test_the_first_terms_of_a_service(office: Office) -> None:
    policy = change(office, TWO_DAYS)
    assert (policy.version, policy.window_minutes, policy.when_late) == (1, 2880, LateChange.CALL)
    assert policy.terms == "Late cancellations cost half the fee."
    assert policy.created_at == NOW


def test_what_is_booked_keeps_the_terms_it_was_booked_under(database: Session, office: Office) -> None:
    first = change(office, USUAL_TERMS)
    made = book(office)
    second = change(office, TWO_DAYS)
    database.expire_all()
    assert second.version == 2
    assert made.policy_id == first.id
    assert (first.window_minutes, first.terms) == (1440, "")
    assert book(office, made.starts_at + timedelta(hours=2)).policy_id == second.id


def test_nothing_new_makes_no_version(database: Session, office: Office) -> None:
    first = change(office, TWO_DAYS)
    again = change(office, NewTerms(48 * 60, LateChange.CALL, "  Late cancellations\n cost half the fee. "))
    assert again.id == first.id
    assert database.query(Policy).count() == 1


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (NewTerms(-1), "window_minutes"),
        (NewTerms(14 * 24 * 60 + 1), "window_minutes"),
        (NewTerms(60, terms="x" * 601), "terms"),
    ],
)
def test_terms_that_cannot_be(office: Office, terms: NewTerms, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        change(office, terms)
    assert set(caught.value.fields) == {field}


def test_the_terms_of_another_practice_are_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        change(office, TWO_DAYS, practice_id=make_office().practice.id)
