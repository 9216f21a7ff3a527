"""Signing in where a login was never used: its owner is asked whether it was they."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.links import Signed
from telehealth.domain.login_letters import MOST_A_DAY, USEFUL_FOR, LoginLetterKind
from telehealth.domain.words import Role
from telehealth.models import ApiToken, LoginLetter, Message, PracticeEvent, RecoveryCode, SignIn, User
from telehealth.services.delivery.contents import write_content
from telehealth.services.logins.address_change import ask_for_new_address, confirm_new_address
from telehealth.services.logins.new_browsers import tell_of_new_browser
from telehealth.services.logins.passkeys import NewPasskey, add_passkey
from telehealth.services.logins.password_setting import ask_for_new_password
from telehealth.services.logins.second_factor import keep_authenticator, make_recovery_codes
from telehealth.services.practice.token_issuing import issue_token
from tests.factories import BY_STAFF, Office, make_office, make_user
from tests.factories.rows import change
from tests.factories.users import PASSWORD
from tests.fakes import FakeClock
from tests.web.staff import sign_in, token_in, try_to_sign_in, words_of

OWN, THEIRS = "robin@riverside.example", "mallory@evil.example"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Gecko/20100101 Firefox/133.0"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def user(office: Office) -> User:
    return make_user(office.practice, password=PASSWORD, email=OWN)


@pytest.fixture
def known(app: Flask, user: User, clock: FakeClock) -> FlaskClient:
    """The first browser that ever signed in."""
    browser = sign_in(app, user).browser
    clock.advance(timedelta(minutes=5))
    return browser


def stranger(app: Flask) -> FlaskClient:
    browser = app.test_client()
    browser.environ_base["HTTP_USER_AGENT"] = FIREFOX
    return browser


def letters(kind: LoginLetterKind = LoginLetterKind.NEW_BROWSER) -> list[LoginLetter]:
    return list(db.session.scalars(select(LoginLetter).where(LoginLetter.kind == kind).order_by(LoginLetter.id)))


def link_in(app: Flask, letter: LoginLetter) -> str:
    addresses: Addresses = app.extensions["addresses"]
    return addresses.not_me(letter.public_id).removeprefix(addresses.base_url)


def tell(user: User, clock: FakeClock) -> LoginLetter:
    """The letter about one more browser."""
    tell_of_new_browser(login_id=user.login_id, browser="Safari on a Mac", now=clock())
    return letters()[-1]


def press(app: Flask, letter: LoginLetter) -> TestResponse:
    """Say that it was somebody else, as whoever reads the letter can."""
    path, reader = link_in(app, letter), app.test_client()
    answer = reader.post(path, data={"csrf_token": token_in(reader.get(path))}, follow_redirects=True)
    db.session.expire_all()
    return answer


def move_to(user: User, address: str, clock: FakeClock) -> None:
    """What whoever knows the password and reads that mailbox can do."""
    ask_for_new_address(login_id=user.login_id, email=address, by=BY_STAFF, now=clock())
    sent = letters(LoginLetterKind.ADDRESS)[-1]
    confirm_new_address(link=Signed(sent.public_id, 0), by=BY_STAFF, now=clock())
    db.session.expire_all()


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/desk/week").status_code == 200


def test_nobody_is_asked_about_the_first_sign_in_nor_about_a_browser_that_is_known(
    known: FlaskClient, user: User
) -> None:
    assert letters() == []
    known.post("/sign-out", data={"csrf_token": token_in(known.get("/desk/account"))})
    try_to_sign_in(known, user.email)
    assert is_in(known)
    assert letters() == []


def test_a_new_browser_is_told_with_when_and_what_to_do(
    app: Flask, office: Office, known: FlaskClient, user: User
) -> None:
    browser = stranger(app)
    try_to_sign_in(browser, user.email)
    [letter] = letters()
    message = db.session.scalars(select(Message).where(Message.login_letter_id == letter.id)).one()
    email = write_content(message, app.extensions["addresses"], now=letter.created_at)
    told = email.letter  # type: ignore[union-attr]
    assert (email.to, told.subject) == (user.email, "Was this you?")
    assert "Firefox on Windows, Monday, November 23, 2026, 9:05 AM MST (Mountain Time)" in told.paragraphs[0]
    assert told.actions == (("That was not me", app.extensions["addresses"].not_me(letter.public_id)),)
    said = " ".join((told.subject, *told.paragraphs, *told.closing, letter.browser or ""))
    assert "127.0.0.1" not in said
    assert "Firefox on Windows" in words_of(known.get("/desk/account"))


def test_a_wrong_password_and_half_a_sign_in_tell_nobody(app: Flask, known: FlaskClient, user: User) -> None:
    try_to_sign_in(stranger(app), user.email, "wrong, and long enough")
    assert letters() == []


def test_that_was_not_me_ends_all_and_leads_to_a_new_password(app: Flask, known: FlaskClient, user: User) -> None:
    thief = stranger(app)
    try_to_sign_in(thief, user.email)
    path, reader = link_in(app, letters()[0]), app.test_client()
    page = reader.get(path)
    assert "Firefox on Windows" in words_of(page)
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert is_in(thief), "looking changes nothing"
    answer = reader.post(path, data={"csrf_token": token_in(page)}, follow_redirects=True)
    assert "You are signed out everywhere" in words_of(answer)
    assert not is_in(thief)
    assert not is_in(known)
    assert [each.address for each in letters(LoginLetterKind.RESET)] == [user.email]
    [line] = db.session.scalars(select(PracticeEvent).where(PracticeEvent.subject == AuditSubject.SIGN_INS))
    assert (line.action, line.user_id, line.details) == (AuditAction.ENDED, user.id, {"count": 2})
    assert reader.get(path).status_code == 404, "it works once"


def test_a_second_new_browser_does_not_end_the_link_about_the_first(
    app: Flask, known: FlaskClient, user: User, clock: FakeClock
) -> None:
    for _ in range(2):
        try_to_sign_in(stranger(app), user.email)
    first, second = letters()
    for letter in (first, second):
        assert app.test_client().get(link_in(app, letter)).status_code == 200
    clock.advance(USEFUL_FOR[LoginLetterKind.NEW_BROWSER])
    assert app.test_client().get(link_in(app, first)).status_code == 404


def test_a_mailbox_is_not_filled(app: Flask, known: FlaskClient, user: User) -> None:
    for _ in range(MOST_A_DAY + 2):
        try_to_sign_in(stranger(app), user.email)
    assert len(letters()) == MOST_A_DAY
    assert len(db.session.scalars(select(SignIn.id)).all()) == MOST_A_DAY + 3


def test_each_login_has_its_own_browsers(app: Flask, office: Office, known: FlaskClient, user: User) -> None:
    colleague = make_user(office.practice, Role.FRONT_DESK, password=PASSWORD)
    sign_in(app, colleague)
    known.post("/sign-out", data={"csrf_token": token_in(known.get("/desk/account"))})
    try_to_sign_in(known, colleague.email)
    assert [each.user_id for each in letters()] == [colleague.id]


def test_what_was_added_since_is_taken_off_and_what_was_there_stays(
    app: Flask, office: Office, known: FlaskClient, user: User, clock: FakeClock
) -> None:
    def add(name: str) -> None:
        made = NewPasskey(credential_id=name, public_key="key", sign_count=0)
        add_passkey(login_id=user.login_id, name=name, made=made, by=BY_STAFF, now=clock())
        issue_token(practice_id=office.practice.id, user_id=user.id, name=name, by=BY_STAFF, now=clock())

    add("Mine")
    clock.advance(timedelta(minutes=5))
    theirs = tell(user, clock)
    add("Theirs")
    keep_authenticator(login_id=user.login_id, secret="theirs", by=BY_STAFF, now=clock())
    make_recovery_codes(login_id=user.login_id, by=BY_STAFF, now=clock())
    clock.advance(timedelta(minutes=5))
    assert "what was added to your login since is taken off" in words_of(press(app, tell(user, clock)))
    assert [each.name for each in user.login.passkeys] == ["Mine", "Theirs"], "only since the sign-in that is meant"
    press(app, theirs)
    assert [each.name for each in user.login.passkeys] == ["Mine"]
    assert user.login.authenticator_secret is None
    assert db.session.scalars(select(RecoveryCode)).all() == []
    assert db.session.scalars(select(ApiToken.name).where(ApiToken.ended_at.is_(None))).all() == ["Mine"]
    ended = (AuditAction.REMOVED, AuditAction.ENDED)
    lines = select(PracticeEvent.subject, PracticeEvent.user_id).where(PracticeEvent.action.in_(ended))
    for subject in (
        AuditSubject.PASSKEY, AuditSubject.API_TOKEN, AuditSubject.SECOND_STEP, AuditSubject.RECOVERY_CODES
    ):  # fmt: skip
        assert (subject, user.id) in db.session.execute(lines).all(), subject


def test_an_app_from_before_stays(app: Flask, known: FlaskClient, user: User, clock: FakeClock) -> None:
    keep_authenticator(login_id=user.login_id, secret="mine", by=BY_STAFF, now=clock())
    make_recovery_codes(login_id=user.login_id, by=BY_STAFF, now=clock())
    clock.advance(timedelta(minutes=5))
    press(app, tell(user, clock))
    assert user.login.authenticator_secret == "mine"
    assert db.session.scalars(select(RecoveryCode)).all() != []


def test_the_old_password_opens_nothing_and_a_new_one_can_always_be_chosen(
    app: Flask, known: FlaskClient, user: User, clock: FakeClock
) -> None:
    for _ in range(MOST_A_DAY):
        ask_for_new_password(email=user.email, by=BY_STAFF, now=clock())
        clock.advance(timedelta(minutes=5))
    try_to_sign_in(stranger(app), user.email)
    press(app, letters()[0])
    thief = stranger(app)
    assert try_to_sign_in(thief, user.email).status_code == 200, "the page for signing in again"
    assert not is_in(thief)
    [open_one] = [each for each in letters(LoginLetterKind.RESET) if each.ended_at is None]
    path = app.extensions["addresses"].login(open_one.public_id).partition("://")[2].partition("/")[2]
    owner, new = app.test_client(), "seven green umbrellas"
    form = {"csrf_token": token_in(owner.get(f"/{path}")), "new_password": new, "new_password_again": new}
    assert owner.post(f"/{path}", data=form).status_code == 303
    try_to_sign_in(owner, user.email, new)
    assert is_in(owner)


def test_the_link_goes_where_the_login_was_and_the_address_is_put_back(
    app: Flask, office: Office, known: FlaskClient, user: User, clock: FakeClock
) -> None:
    change(office.therapist, user_id=user.id, email=OWN)
    try_to_sign_in(stranger(app), OWN)
    move_to(user, THEIRS, clock)
    try_to_sign_in(stranger(app), THEIRS)
    clock.advance(timedelta(minutes=5))
    ask_for_new_address(login_id=user.login_id, email="third@evil.example", by=BY_STAFF, now=clock())
    first, second = letters()
    assert (first.address, second.address) == (OWN, THEIRS)
    page = words_of(app.test_client().get(link_in(app, first)))
    assert OWN in page
    assert THEIRS not in page
    said = words_of(press(app, first))
    assert OWN in said
    assert THEIRS not in said
    assert (user.email, office.therapist.email) == (OWN, OWN)
    assert [each.address for each in letters(LoginLetterKind.RESET)] == [OWN]
    assert letters(LoginLetterKind.ADDRESS_CHANGED)[-1].address == THEIRS
    assert all(each.ended_at is not None for each in letters(LoginLetterKind.ADDRESS))
    assert app.test_client().get(link_in(app, second)).status_code == 404, "nobody puts it back to theirs"
    found = select(PracticeEvent.details).where(
        PracticeEvent.subject == AuditSubject.LOGIN, PracticeEvent.action == AuditAction.CHANGED
    )
    assert db.session.scalars(found.order_by(PracticeEvent.id)).all()[-1] == {
        "before": {"email": THEIRS}, "after": {"email": OWN}
    }  # fmt: skip


def test_the_letter_from_before_counts_after_one_from_elsewhere(
    app: Flask, known: FlaskClient, user: User, clock: FakeClock
) -> None:
    try_to_sign_in(stranger(app), OWN)
    move_to(user, THEIRS, clock)
    try_to_sign_in(stranger(app), THEIRS)
    first, second = letters()
    press(app, second)
    assert user.email == THEIRS
    press(app, first)
    assert user.email == OWN


def test_an_address_that_another_login_has_now_is_said_and_the_rest_is_done(
    app: Flask, office: Office, known: FlaskClient, user: User, clock: FakeClock
) -> None:
    thief = stranger(app)
    try_to_sign_in(thief, OWN)
    move_to(user, THEIRS, clock)
    make_user(office.practice, email=OWN)
    said = words_of(press(app, letters()[0]))
    assert f"Your login has the address {THEIRS} now. We could not put it back to {OWN}" in said
    assert user.email == THEIRS
    assert not is_in(thief)
    assert try_to_sign_in(stranger(app), THEIRS).status_code == 200
    assert [each.address for each in letters(LoginLetterKind.RESET)] == [OWN]
