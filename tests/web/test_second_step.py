"""A second step when staff sign in: codes of an app, recovery codes, and a practice that asks everybody for it."""

from __future__ import annotations

import base64
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from telehealth.database import db, transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.authenticator_codes import SECONDS, make_app_code, step_at
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.domain.words import Role
from telehealth.models import Login, LoginLetter, Practice, PracticeEvent, RecoveryCode, SignIn, User
from telehealth.services.logins.second_factor import CODES, end_authenticator, make_recovery_codes
from telehealth.services.practice.token_issuing import issue_token
from telehealth.web.second_step import STEP_WITHIN, AuthenticatorApp
from tests.factories import BY_STAFF, Office, make_office, make_user
from tests.factories.users import PASSWORD
from tests.fakes import FakeClock
from tests.web.staff import Staff, sign_in, token_in, try_to_sign_in, words_of

STEP = timedelta(seconds=SECONDS)
KEY = re.compile(r"<strong>([A-Z2-7 ]+)</strong>")
VALIDATE = re.compile(r'action="(/sign-in/authenticator/[^"]+)"')
WRONG = "000000"
OLD_KEY = "an older key of the service, long enough"
PAGES = ["/sign-in/authenticator", "/sign-in/recovery-codes", "/sign-in/again", "/sign-in/code"]


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def user(office: Office) -> User:
    return make_user(office.practice, password=PASSWORD)


@pytest.fixture
def owner(app: Flask, user: User) -> Staff:
    return sign_in(app, user)


class Phone:
    """An app that makes codes. Every code is later than the one before."""

    def __init__(self, key: str, clock: FakeClock) -> None:
        self.secret, self.clock = base64.b32decode(key.replace(" ", "")), clock

    def code(self) -> str:
        self.clock.advance(STEP)
        return make_app_code(self.secret, step_at(self.clock()))


def begin_setup(somebody: Staff) -> TestResponse:
    return somebody.post("/sign-in/authenticator", {"setup": "authenticator"})


def set_up(somebody: Staff, clock: FakeClock) -> Phone:
    page = begin_setup(somebody)
    key, action = KEY.search(page.text), VALIDATE.search(page.text)
    assert key, words_of(page)
    assert action, words_of(page)
    phone = Phone(key[1], clock)
    answer = somebody.post(action[1], {"code": phone.code()})
    assert answer.headers["Location"].endswith("/desk/account#second-step"), words_of(answer)
    return phone


def type_code(browser: FlaskClient, code: str, path: str = "/sign-in/code", **given: str) -> TestResponse:
    token = token_in(browser.get(path))
    return browser.post(path, data={"csrf_token": token, "code": code, **given})


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/desk/week").status_code == 200


def lines(subject: AuditSubject) -> list[AuditAction]:
    found = select(PracticeEvent.action).where(PracticeEvent.subject == subject).order_by(PracticeEvent.id)
    return list(db.session.scalars(found))


def letters() -> list[LoginLetterKind]:
    return list(db.session.scalars(select(LoginLetter.kind).order_by(LoginLetter.id)))


def test_after_the_password_a_code_is_asked_for(
    client: FlaskClient, owner: Staff, user: User, clock: FakeClock
) -> None:
    phone = set_up(owner, clock)
    before = len(db.session.scalars(select(SignIn.id)).all())
    answer = try_to_sign_in(client, user.email)
    assert "/sign-in/code" in answer.headers["Location"]
    assert not is_in(client)
    assert len(db.session.scalars(select(SignIn.id)).all()) == before, "the password alone is no sign-in"
    assert "not the code of this moment" in words_of(type_code(client, WRONG))
    assert type_code(client, phone.code()).headers["Location"].endswith("/desk")
    assert is_in(client)


def test_a_code_works_once(app: Flask, client: FlaskClient, owner: Staff, user: User, clock: FakeClock) -> None:
    phone = set_up(owner, clock)
    code = phone.code()
    try_to_sign_in(client, user.email)
    assert type_code(client, code).status_code == 302
    thief = app.test_client()
    try_to_sign_in(thief, user.email)
    assert "or it was used" in words_of(type_code(thief, code))
    assert not is_in(thief)


def test_where_they_wanted_to_be_is_kept(client: FlaskClient, owner: Staff, user: User, clock: FakeClock) -> None:
    phone = set_up(owner, clock)
    sent = try_to_sign_in(client, user.email, next="/desk/week?week=2026-W48").headers["Location"]
    assert type_code(client, phone.code(), sent).headers["Location"].endswith("/desk/week?week=2026-W48")


def test_nothing_is_set_up_until_a_code_fits(client: FlaskClient, owner: Staff, user: User, clock: FakeClock) -> None:
    page = begin_setup(owner)
    action = VALIDATE.search(page.text)
    assert action
    owner.post(action[1], {"code": WRONG})
    assert db.session.get_one(Login, user.login_id, populate_existing=True).authenticator_secret is None
    assert try_to_sign_in(client, user.email).headers["Location"].endswith("/desk")


def test_the_picture_is_made_here_and_may_be_shown(owner: Staff) -> None:
    page = begin_setup(owner)
    assert 'src="data:image/svg+xml;base64,' in page.text
    assert "img-src 'self' data:" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"


def test_the_records_hold_no_secret(owner: Staff, user: User, clock: FakeClock) -> None:
    phone = set_up(owner, clock)
    kept = db.session.get_one(Login, user.login_id, populate_existing=True).authenticator_secret or ""
    assert base64.b32encode(phone.secret).decode() not in kept
    assert phone.secret not in base64.urlsafe_b64decode(kept)
    page = owner.post("/sign-in/recovery-codes")
    codes = re.findall(r"<code>([^<]+)</code>", page.text)
    assert len(set(codes)) == CODES
    assert not set(codes) & set(db.session.scalars(select(RecoveryCode.digest)))
    assert "<code>" not in owner.get("/sign-in/recovery-codes?show_codes=1").text, "they are shown once"


def test_an_old_key_of_the_service_still_opens_and_is_given_up_with_the_next_code(
    client: FlaskClient, owner: Staff, user: User, clock: FakeClock, app: Flask
) -> None:
    phone = set_up(owner, clock)
    old = AuthenticatorApp({1: OLD_KEY}, "Appointments")
    both = AuthenticatorApp(
        {1: app.config["SECRET_KEY"], 2: "an older key of the service, long enough"}, "Appointments"
    )
    secret = old._encrypt(phone.secret)
    with transaction() as session:
        session.get_one(Login, user.login_id).authenticator_secret = secret
    person = db.session.get_one(Login, user.login_id, populate_existing=True)
    assert both.verify_totp(phone.code(), secret, person)
    person = db.session.get_one(Login, user.login_id, populate_existing=True)
    only_new = app.extensions["users"].apps
    assert only_new.decrypt(person.authenticator_secret) == phone.secret


def test_a_recovery_code_lets_in_once(
    app: Flask, client: FlaskClient, owner: Staff, user: User, clock: FakeClock
) -> None:
    set_up(owner, clock)
    code, *_ = make_recovery_codes(login_id=user.login_id, by=BY_STAFF, now=clock())
    try_to_sign_in(client, user.email)
    assert "no recovery code of yours" in words_of(type_code(client, "abcd-abcd-abcd-abcd", "/sign-in/recovery"))
    assert type_code(client, f" {code.upper()} ", "/sign-in/recovery").headers["Location"].endswith("/desk")
    assert is_in(client)
    again = app.test_client()
    try_to_sign_in(again, user.email)
    assert "no recovery code of yours" in words_of(type_code(again, code, "/sign-in/recovery"))
    assert f"{CODES - 1} recovery codes left" in owner.read("/desk/account")
    assert lines(AuditSubject.RECOVERY_CODES) == [AuditAction.ADDED, AuditAction.USED]
    assert LoginLetterKind.RECOVERY_CODE_USED in letters()


def test_what_changes_is_written_down_and_told(owner: Staff, user: User, clock: FakeClock) -> None:
    set_up(owner, clock)
    set_up(owner, clock)
    owner.post("/sign-in/authenticator", {"setup": "disable"})
    assert lines(AuditSubject.SECOND_STEP) == [AuditAction.ADDED, AuditAction.CHANGED, AuditAction.ENDED]
    assert letters() == [LoginLetterKind.SECOND_STEP_ON] * 2 + [LoginLetterKind.SECOND_STEP_OFF]


def test_without_the_app_the_password_is_enough_again(
    client: FlaskClient, owner: Staff, user: User, clock: FakeClock
) -> None:
    set_up(owner, clock)
    make_recovery_codes(login_id=user.login_id, by=BY_STAFF, now=clock())
    end_authenticator(login_id=user.login_id, by=BY_STAFF, now=clock())
    assert db.session.scalars(select(RecoveryCode.id)).all() == []
    assert try_to_sign_in(client, user.email).headers["Location"].endswith("/desk")


@pytest.mark.parametrize("path", ["/sign-in/authenticator", "/sign-in/recovery-codes"])
def test_whoever_signed_in_long_ago_is_asked_for_the_password(owner: Staff, path: str) -> None:
    with owner.browser.session_transaction() as session:
        session["fs_paa"] -= 3_600
        session.pop("fs_gexp", None)
    sent = owner.get(path).headers["Location"]
    assert "/sign-in/again" in sent
    assert "This is not your password" in words_of(owner.post(sent, {"password": "guess"}))
    assert owner.post(sent, {"password": PASSWORD}).headers["Location"].endswith(path)
    assert owner.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/sign-in/authenticator", "/sign-in/recovery-codes", "/sign-in/again", "/sign-in/code"]
)
def test_whoever_is_not_signed_in_sees_none_of_it(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, "/sign-in" in answer.headers["Location"]) == (302, True)


@pytest.mark.parametrize("path", ["/sign-in/select", "/sign-in/rescue"])
def test_what_no_page_of_ours_uses_is_not_there(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_password_counts_for_some_minutes(client: FlaskClient, owner: Staff, user: User, clock: FakeClock) -> None:
    phone = set_up(owner, clock)
    try_to_sign_in(client, user.email)
    token = token_in(client.get("/sign-in/code"))
    clock.advance(STEP_WITHIN)
    answer = client.post("/sign-in/code", data={"csrf_token": token, "code": phone.code()})
    assert answer.headers["Location"].endswith("/sign-in")
    assert not is_in(client)


def test_a_practice_leads_whoever_has_none_to_set_one_up(
    owner: Staff, office: Office, user: User, clock: FakeClock
) -> None:
    assert "Saved." in owner.send("/desk/account/second-step", {"asked": "week"})
    assert owner.get("/desk/week").status_code == 200
    assert "your practice asks everybody for more" in owner.read("/desk/account")
    with transaction() as session:
        session.get_one(Practice, office.practice.id).second_step_since = clock()
    assert owner.get("/desk/week").headers["Location"].endswith("/sign-in/authenticator")
    set_up(owner, clock)
    assert owner.get("/desk/week").status_code == 200
    assert "Ask for my password only" not in words_of(owner.get("/sign-in/authenticator"))
    owner.post("/sign-in/authenticator", {"setup": "disable"})
    assert db.session.get_one(Login, user.login_id, populate_existing=True).authenticator_secret is not None
    assert AuditAction.CHANGED in lines(AuditSubject.PRACTICE)


def test_programs_go_on_as_they_are(client: FlaskClient, office: Office, user: User, clock: FakeClock) -> None:
    token = issue_token(practice_id=office.practice.id, user_id=user.id, name="Door", by=BY_STAFF, now=clock())
    with transaction() as session:
        session.get_one(Practice, office.practice.id).second_step_since = clock()
    path = f"/api/v1/practices/{office.practice.slug}/changes"
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_only_owners_ask_everybody(app: Flask, office: Office) -> None:
    desk = sign_in(app, make_user(office.practice, Role.FRONT_DESK, password=PASSWORD))
    assert desk.post("/desk/account/second-step", {"asked": "now"}).status_code == 403


def test_whoever_finds_a_desk_open_takes_the_second_step_off_nobody(owner: Staff, office: Office) -> None:
    with owner.browser.session_transaction() as session:
        session["fs_paa"] -= 3_600
        session.pop("fs_gexp", None)
    sent = owner.post("/desk/account/second-step", {"asked": "now"}).headers["Location"]
    assert "/sign-in/again" in sent
    assert db.session.get_one(Practice, office.practice.id, populate_existing=True).second_step_since is None
    assert owner.post(sent, {"password": PASSWORD}).headers["Location"].endswith("/desk/account#second-step")
    assert "Saved." in owner.send("/desk/account/second-step", {"asked": "now"})
