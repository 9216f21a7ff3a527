"""Signing in where a login was never used: its owner is asked whether it was they."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.login_letters import MOST_A_DAY, USEFUL_FOR, LoginLetterKind
from telehealth.domain.words import AuditAction, AuditSubject, Role
from telehealth.models import LoginLetter, Message, PracticeEvent, SignIn, User
from telehealth.services.delivery.contents import write_content
from tests.factories import Office, make_office, make_user
from tests.factories.users import PASSWORD
from tests.fakes import FakeClock
from tests.web.staff import sign_in, token_in, try_to_sign_in, words_of

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Gecko/20100101 Firefox/133.0"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def user(office: Office) -> User:
    return make_user(office.practice, password=PASSWORD, email="robin@riverside.example")


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
