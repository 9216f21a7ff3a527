"""Who may sign in, and as what."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.words import Role
from telehealth.models import Therapist, User
from telehealth.services.practice.accounts import IS_OFF, IS_TAKEN, IS_THERAPIST, NewLogin
from telehealth.services.practice.therapists import TherapistFacts, add_therapist
from tests.factories import BY_STAFF, Office, make_office, make_user
from tests.moments import NOW

HASH = "$argon2id$v=19$a-hash"


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def give_care(office: Office, login: NewLogin | int) -> Therapist:
    facts = TherapistFacts("Robin Reed", "LPC", "robin@riverside.example", "America/Denver")
    return add_therapist(practice_id=office.practice.id, facts=facts, login=login, by=BY_STAFF, now=NOW)


@pytest.mark.parametrize("by_address", [False, True])
def test_a_login_of_the_practice_may_give_care_as_well(office: Office, database: Session, by_address: bool) -> None:
    owner = make_user(office.practice, email="Robin@Riverside.example", password="a long one of old")
    kept = owner.login.password
    therapist = give_care(office, NewLogin("Robin", "robin@riverside.example", HASH) if by_address else owner.id)
    database.expire_all()
    assert (therapist.user_id, owner.therapist) == (owner.id, therapist)
    assert owner.role_names == [Role.OWNER, Role.THERAPIST]
    assert owner.login.password == kept
    assert len(database.scalars(select(User)).all()) == 1


def test_whoever_signs_in_is_one_therapist_at_most(office: Office) -> None:
    owner = make_user(office.practice)
    give_care(office, owner.id)
    with pytest.raises(InvalidInput) as caught:
        give_care(office, owner.id)
    assert caught.value.fields == {"email": IS_THERAPIST}


def test_a_login_that_is_switched_off_gives_no_care(office: Office) -> None:
    off = make_user(office.practice, Role.FRONT_DESK, active=False)
    with pytest.raises(InvalidInput) as caught:
        give_care(office, off.id)
    assert caught.value.fields == {"email": IS_OFF}


def test_logins_of_others_are_left_alone(office: Office) -> None:
    theirs: Any = make_user(make_office().practice)
    with pytest.raises(NotFound):
        give_care(office, theirs.id)
    with pytest.raises(InvalidInput) as caught:
        give_care(office, NewLogin("Robin", theirs.email, HASH))
    assert caught.value.fields == {"email": IS_TAKEN}
    assert theirs.role_names == [Role.OWNER]
