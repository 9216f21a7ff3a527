"""Terms for cancelling: a new version for every change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.audit_words import AuditSubject
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.words import LateChange, Mode, ServiceKind
from telehealth.models import Policy, PracticeEvent, Service
from telehealth.services.practice.catalogue import ServiceFacts, add_service
from telehealth.services.practice.policies import (
    USUAL_TERMS,
    NewTerms,
    change_practice_terms,
    change_terms,
    take_practice_terms,
)
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


def offer(office: Office, name: str = "Walks") -> Service:
    facts = ServiceFacts(ServiceKind.INDIVIDUAL, name, 50, (Mode.PHONE,))
    return add_service(practice_id=office.practice.id, facts=facts, by=BY_STAFF, now=NOW)


def change_usual(office: Office, terms: NewTerms) -> NewTerms:
    return change_practice_terms(practice_id=office.practice.id, terms=terms, by=BY_STAFF, now=NOW)


def said_of(service: Service) -> tuple[int, str, bool]:
    db.session.expire_all()
    assert service.policy is not None
    return service.policy.window_minutes, service.policy.terms, service.has_practice_terms


def test_a_new_service_has_the_practices_terms_and_follows_them(office: Office) -> None:
    assert said_of(offer(office)) == (1440, "", True), "what most practices have"
    change_usual(office, NewTerms(48 * 60, LateChange.CALL, " Half the\nfee. "))
    made = offer(office, "Talks")
    assert said_of(made) == (2880, "Half the fee.", True)
    change_usual(office, NewTerms(0))
    assert said_of(made) == (0, "", True)


def test_a_service_with_terms_of_its_own_keeps_them_until_it_takes_the_practices(office: Office) -> None:
    made = offer(office)
    change_terms(practice_id=office.practice.id, service_public_id=made.public_id, terms=TWO_DAYS, by=BY_STAFF, now=NOW)
    change_usual(office, NewTerms(60))
    assert said_of(made) == (2880, TWO_DAYS.terms, False)
    take_practice_terms(practice_id=office.practice.id, service_public_id=made.public_id, by=BY_STAFF, now=NOW)
    assert said_of(made) == (60, "", True)


def test_what_was_set_before_there_were_usual_terms_stays(office: Office) -> None:
    change_usual(office, TWO_DAYS)
    db.session.expire_all()
    assert (office.service.policy, office.service.has_practice_terms) == (None, False)


def test_what_is_booked_keeps_the_practices_terms_of_that_day(office: Office) -> None:
    take_practice_terms(
        practice_id=office.practice.id, service_public_id=office.service.public_id, by=BY_STAFF, now=NOW
    )
    made = book(office)
    change_usual(office, TWO_DAYS)
    db.session.expire_all()
    assert made.policy is not None
    assert (made.policy.window_minutes, said_of(office.service)[0]) == (1440, 2880)


def test_usual_terms_of_one_practice_are_not_anothers(office: Office) -> None:
    other = offer(make_office())
    change_usual(office, TWO_DAYS)
    assert said_of(other) == (1440, "", True)
    with pytest.raises(NotFound):
        take_practice_terms(practice_id=office.practice.id, service_public_id=other.public_id, by=BY_STAFF, now=NOW)
    with pytest.raises(InvalidInput):
        change_usual(office, NewTerms(-1))


def test_every_service_that_follows_has_its_line_of_audit(office: Office) -> None:
    offer(office)
    change_usual(office, TWO_DAYS)
    lines = db.session.scalars(select(PracticeEvent).order_by(PracticeEvent.id)).all()[-2:]
    assert [line.subject for line in lines] == [AuditSubject.PRACTICE, AuditSubject.TERMS]
    assert {tuple(line.details["after"].items()) for line in lines} == {
        (("window_minutes", 2880), ("when_late", "call"), ("terms", TWO_DAYS.terms))
    }
