"""Several links of one login are used at once: each is used or comes too late, and none waits for another forever."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from telehealth.database import db, transaction
from telehealth.domain.links import Signed
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.models import Login, LoginLetter, User
from telehealth.services.logins.address_change import confirm_new_address
from telehealth.services.logins.inviting import accept_invitation, withdraw_invitation
from telehealth.services.logins.letters import send_login_letter
from telehealth.services.logins.new_browsers import Disowned, disown_sign_in
from telehealth.services.logins.password_setting import ask_for_new_password, choose_password_by_link
from telehealth.services.logins.second_factor import end_second_step_of
from telehealth.services.practice.sign_ins import begin_sign_in
from tests.concurrency.conftest import Race
from tests.concurrency.racing import Call, look_again
from tests.factories import BY_STAFF, make_office, make_user
from tests.factories.rows import change
from tests.factories.users import PASSWORD
from tests.moments import NOW

pytestmark = pytest.mark.concurrency

ROUNDS = 6
LATER = NOW + timedelta(minutes=10)
ABOUT = {"by": BY_STAFF, "now": LATER}


def link_to(user: User, kind: LoginLetterKind, address: str = "") -> Signed:
    with transaction() as session:
        letter = send_login_letter(session, session.get_one(User, user.id), kind, address=address, now=NOW)
        return Signed(letter.public_id)


def taken_back(user: User) -> Call:
    return partial(disown_sign_in, link=link_to(user, LoginLetterKind.NEW_BROWSER), useless_hash="useless", **ABOUT)


def test_an_address_is_confirmed_while_the_login_is_taken_back(race: Race, committed: Flask) -> None:
    """Whoever it was, the login has its old address in the end."""
    practice = make_office().practice
    users = [make_user(practice, password=PASSWORD) for _ in range(ROUNDS)]
    theirs = {each.id: each.email for each in users}
    calls: list[Call] = []
    for each in users:
        calls.append(taken_back(each))
        link = link_to(each, LoginLetterKind.ADDRESS, f"other-{each.id}@example.com")
        calls.append(partial(confirm_new_address, link=link, **ABOUT))
    outcomes = race(calls)
    assert {each.error for each in outcomes} <= {"", "LinkInvalid"}
    assert sum(isinstance(each.value, Disowned) for each in outcomes) == ROUNDS
    look_again()
    assert {each.id: each.email for each in db.session.scalars(select(User))} == theirs


def test_a_password_is_chosen_and_asked_for_while_the_login_is_taken_back(race: Race, committed: Flask) -> None:
    """What stands in the end is one link to a new password."""
    practice = make_office().practice
    users = [make_user(practice, password=PASSWORD) for _ in range(ROUNDS)]
    calls: list[Call] = []
    for each in users:
        link = link_to(each, LoginLetterKind.RESET)
        calls.append(taken_back(each))
        calls.append(partial(choose_password_by_link, link=link, password_hash="chosen", **ABOUT))
        calls.append(partial(ask_for_new_password, email=each.email, **ABOUT))
    outcomes = race(calls)
    assert {each.error for each in outcomes} <= {"", "LinkInvalid"}
    assert sum(isinstance(each.value, Disowned) for each in outcomes) == ROUNDS
    look_again()
    is_open = (LoginLetter.kind == LoginLetterKind.RESET, LoginLetter.ended_at.is_(None))
    for each in users:
        assert len(db.session.scalars(select(LoginLetter).where(LoginLetter.user_id == each.id, *is_open)).all()) == 1


def test_an_invitation_is_taken_while_it_is_withdrawn(race: Race, committed: Flask) -> None:
    practice = make_office().practice
    users = [make_user(practice, invited_email=f"new-{number}@riverside.example") for number in range(ROUNDS)]
    calls: list[Call] = []
    for each in users:
        link = link_to(each, LoginLetterKind.INVITATION)
        about = {"practice_id": practice.id, "person_public_id": each.public_id}
        calls.append(partial(accept_invitation, link=link, password_hash="chosen", **ABOUT))
        calls.append(partial(withdraw_invitation, **about, **ABOUT))
    outcomes = race(calls)
    assert {each.error for each in outcomes} <= {"", "LinkInvalid", "InvalidInput"}
    look_again()
    for each in users:
        found = db.session.get_one(User, each.id)
        assert (found.login_id is not None) == found.active, "one of the two came first"


def test_two_practices_invite_one_address_and_both_links_are_used(race: Race, committed: Flask) -> None:
    """There is one login in the end, with the password of whoever came first; the other is asked to sign in with it."""
    calls: list[Call] = []
    practices = [make_office().practice for _ in range(2)]
    for number in range(ROUNDS):
        for practice in practices:
            user = make_user(practice, invited_email=f"new-{number}@example.com")
            link = link_to(user, LoginLetterKind.INVITATION)
            calls.append(partial(accept_invitation, link=link, password_hash=practice.slug, **ABOUT))
    outcomes = race(calls)
    assert {each.error for each in outcomes} <= {"", "NotAllowed"}
    assert sum(each.error == "" for each in outcomes) == ROUNDS
    look_again()
    assert len(db.session.scalars(select(Login).where(Login.email.like("new-%"))).all()) == ROUNDS


def test_a_second_step_is_taken_off_at_the_first_sign_in(race: Race, committed: Flask) -> None:
    """The one holds the person and then their login, the other would the other way round."""
    practice = make_office().practice
    users = [make_user(practice, password=PASSWORD) for _ in range(ROUNDS)]
    calls: list[Call] = []
    for each in users:
        change(each.login, authenticator_secret="a secret")
        about = {"practice_id": practice.id, "person_public_id": each.public_id}
        calls.append(partial(end_second_step_of, **about, **ABOUT))
        calls += [partial(begin_sign_in, login_id=each.login_id, now=LATER)] * 2
    outcomes = race(calls)
    assert {each.error for each in outcomes} == {""}
