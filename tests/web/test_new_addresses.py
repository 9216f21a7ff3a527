"""Another address to sign in with: it is confirmed where it leads, and the old one is told."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.models import LoginLetter, PracticeEvent, User
from telehealth.services.logins.password_setting import set_password
from tests.factories import BY_STAFF, Office, make_office, make_user
from tests.factories.rows import change
from tests.factories.users import PASSWORD
from tests.fakes import FakeClock
from tests.web.staff import Staff, sign_in, token_in, try_to_sign_in, words_of

OLD, NEW = "robin@riverside.example", "robin@elm.example"
ASK = "/desk/account/address"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def user(office: Office) -> User:
    return make_user(office.practice, password=PASSWORD, email=OLD)


@pytest.fixture
def owner(app: Flask, user: User) -> Staff:
    return sign_in(app, user)


def letters() -> list[tuple[LoginLetterKind, str]]:
    """Those about addresses: whoever signs in here comes with a new browser each time."""
    about = LoginLetter.kind != LoginLetterKind.NEW_BROWSER
    rows = db.session.execute(select(LoginLetter.kind, LoginLetter.address).where(about).order_by(LoginLetter.id))
    return [(row.kind, row.address) for row in rows]


def link_sent(app: Flask) -> str:
    addresses: Addresses = app.extensions["addresses"]
    last = select(LoginLetter).where(LoginLetter.kind == LoginLetterKind.ADDRESS).order_by(LoginLetter.id.desc())
    letter = db.session.scalars(last.limit(1)).one()
    return urlsplit(addresses.new_address(letter.public_id)).path


def confirm(browser: FlaskClient, link: str) -> int:
    token = token_in(browser.get("/sign-in/forgotten"))
    return browser.post(link, data={"csrf_token": token}).status_code


def test_it_counts_when_the_link_was_opened(app: Flask, client: FlaskClient, owner: Staff, office: Office) -> None:
    therapist = office.therapist
    change(therapist, user_id=db.session.scalars(select(User.id)).one(), email=OLD)
    assert f"the link that we send to {NEW}" in owner.send(ASK, {"email": NEW, "address_password": PASSWORD})
    assert letters() == [(LoginLetterKind.ADDRESS, NEW)]
    link = link_sent(app)
    page = client.get(link)
    assert f"with {NEW} instead of {OLD}" in words_of(page)
    assert try_to_sign_in(app.test_client(), OLD).status_code == 302, "to look changes nothing"
    assert confirm(client, link) == 303
    assert letters()[1:] == [(LoginLetterKind.ADDRESS_CHANGED, OLD)]
    assert try_to_sign_in(app.test_client(), NEW).status_code == 302
    assert try_to_sign_in(app.test_client(), OLD).status_code == 200
    assert confirm(client, link) == 404, "once"
    db.session.refresh(therapist)
    assert therapist.email == NEW
    found = select(PracticeEvent).where(PracticeEvent.subject == AuditSubject.LOGIN).order_by(PracticeEvent.id)
    sent, changed = db.session.scalars(found).all()
    assert (sent.action, changed.action) == (AuditAction.LINK_SENT, AuditAction.CHANGED)
    assert changed.details == {"before": {"email": OLD}, "after": {"email": NEW}}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"address_password": "guess"}, "This is not your password"),
        ({"email": "robin"}, "robin"),
        ({"email": OLD.upper()}, "You sign in with this address now."),
    ],
)
def test_what_cannot_be_is_said(owner: Staff, typed: dict[str, str], said: str) -> None:
    answer = owner.post(ASK, {"email": NEW, "address_password": PASSWORD, **typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert letters() == []


def test_nobody_learns_who_else_signs_in(app: Flask, owner: Staff, office: Office) -> None:
    make_user(office.practice, email=NEW)
    assert "the link that we send" in owner.send(ASK, {"email": NEW.upper(), "address_password": PASSWORD})
    assert letters() == []


def test_an_address_that_was_taken_meanwhile_is_not_given_twice(
    app: Flask, client: FlaskClient, owner: Staff, office: Office
) -> None:
    owner.post(ASK, {"email": NEW, "address_password": PASSWORD})
    make_user(office.practice, email=NEW)
    assert confirm(client, link_sent(app)) == 404


def test_the_link_ends_after_a_day_and_with_a_new_password(
    app: Flask, client: FlaskClient, owner: Staff, clock: FakeClock
) -> None:
    owner.post(ASK, {"email": NEW, "address_password": PASSWORD})
    first = link_sent(app)
    set_password(email=OLD, password_hash="hash", by=BY_STAFF, now=clock())
    assert client.get(first).status_code == 404
    assert letters()[-1] == (LoginLetterKind.PASSWORD_CHANGED, OLD)
    clock.advance(timedelta(days=1))
    assert client.get(first).status_code == 404
