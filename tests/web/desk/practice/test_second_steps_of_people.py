"""Taking the second step off a colleague who has lost it: for owners, once more sure that it is they."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db, transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.domain.words import Role
from telehealth.models import LoginLetter, Passkey, Practice, PracticeEvent, RecoveryCode, User
from telehealth.services.logins.passkeys import NewPasskey, add_passkey
from telehealth.services.logins.second_factor import keep_authenticator, make_recovery_codes
from tests.factories import BY_STAFF, Office, make_office, make_practice, make_user
from tests.factories.users import PASSWORD
from tests.fakes import FakeClock
from tests.web.staff import Staff, as_front_desk, as_owner, sign_in, try_to_sign_in, words_of


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def sam(app: Flask, office: Office, clock: FakeClock) -> User:
    """With everything that there is."""
    user = make_user(office.practice, Role.FRONT_DESK, password=PASSWORD, name="Sam Hill")
    secret = app.extensions["users"].apps.generate_totp_secret()
    keep_authenticator(login_id=user.login_id, secret=secret, by=BY_STAFF, now=clock())
    made = NewPasskey("an-id", "a-public-key", 0)
    add_passkey(login_id=user.login_id, name="Blue key", made=made, by=BY_STAFF, now=clock())
    make_recovery_codes(login_id=user.login_id, by=BY_STAFF, now=clock())
    return user


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def path_of(user: User) -> str:
    return f"/desk/people/{user.public_id}/second-step"


def rows() -> tuple[int, int]:
    return tuple(len(db.session.scalars(select(each.id)).all()) for each in (Passkey, RecoveryCode))  # type: ignore[return-value]


def test_the_password_is_enough_afterwards_and_all_is_told(
    client: FlaskClient, owner: Staff, sam: User, clock: FakeClock
) -> None:
    assert "Second step An authenticator app and a passkey" in owner.read(f"/desk/people/{sam.public_id}")
    assert "Take the second step of Sam Hill off?" in owner.read(path_of(sam))
    assert rows() == (1, 10)
    assert "Sam Hill signs in with the password alone" in owner.send(path_of(sam))
    assert rows() == (0, 0)
    assert try_to_sign_in(client, sam.email).headers["Location"].endswith("/desk")
    found = select(PracticeEvent).where(PracticeEvent.subject == AuditSubject.SECOND_STEP)
    line = db.session.scalars(found.order_by(PracticeEvent.id.desc())).first()
    assert line is not None
    assert (line.action, line.name) == (AuditAction.ENDED, "Sam Hill")
    assert line.details == {"app": True, "passkeys": 1}
    ended = select(LoginLetter.user_id).where(LoginLetter.kind == LoginLetterKind.SECOND_STEP_ENDED)
    assert list(db.session.scalars(ended)) == [sam.id]
    answer = owner.post(path_of(sam))
    assert (answer.status_code, "They have none" in words_of(answer)) == (422, True)


def test_their_sign_ins_end(app: Flask, office: Office, owner: Staff, clock: FakeClock) -> None:
    user = make_user(office.practice, Role.FRONT_DESK, password=PASSWORD)
    desk = sign_in(app, user)
    made = NewPasskey("an-id", "a-public-key", 0)
    add_passkey(login_id=user.login_id, name="Blue key", made=made, by=BY_STAFF, now=clock())
    assert desk.get("/desk/week").status_code == 200
    owner.post(path_of(user))
    assert desk.get("/desk/week").status_code == 302


def test_it_is_asked_once_more_who_does_it(owner: Staff, sam: User) -> None:
    with owner.browser.session_transaction() as session:
        session["fs_paa"] -= 3_600
        session.pop("fs_gexp", None)
    for answer in (owner.get(path_of(sam)), owner.post(path_of(sam))):
        assert "/sign-in/again" in answer.headers["Location"]
    assert rows() == (1, 10)


def test_only_owners_and_only_of_their_own_practice(app: Flask, office: Office, sam: User, owner: Staff) -> None:
    assert as_front_desk(app, office).post(path_of(sam)).status_code == 403
    stranger = sign_in(app, make_user(make_practice(), password=PASSWORD))
    assert stranger.post(path_of(sam)).status_code == 404
    assert rows() == (1, 10)


def test_nobody_takes_off_their_own_here(app: Flask, office: Office, clock: FakeClock) -> None:
    user = make_user(office.practice, password=PASSWORD)
    desk = sign_in(app, user)
    made = NewPasskey("an-id", "a-public-key", 0)
    add_passkey(login_id=user.login_id, name="Blue key", made=made, by=BY_STAFF, now=clock())
    answer = desk.post(path_of(user))
    assert (answer.status_code, "This is your own" in words_of(answer)) == (422, True)
    assert "Take their second step off" not in desk.read(f"/desk/people/{user.public_id}")


def test_people_says_who_has_none_yet(owner: Staff, office: Office, sam: User, clock: FakeClock) -> None:
    make_user(office.practice, Role.FRONT_DESK, name="Ann Lee", password=PASSWORD)
    make_user(office.practice, Role.FRONT_DESK, name="Gone Away", password=PASSWORD, active=False)
    words = owner.read("/desk/people")
    assert "is for whoever wants one. None yet: Ann Lee and Robin Reed." in words
    assert "Second step: an authenticator app and a passkey" in words
    owner.post("/desk/account/second-step", {"asked": "week"})
    assert "everybody needs a second step to sign in. None yet: Ann Lee and Robin Reed." in owner.read("/desk/people")
    with transaction() as session:
        session.get_one(Practice, office.practice.id).second_step_since = clock()
    assert owner.get("/desk/people").status_code == 302, "the owner has none either"
