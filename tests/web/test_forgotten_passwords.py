"""Whoever has forgotten a password gets a link by e-mail, and nobody learns who has a login."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from telehealth.database import db, transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import Actor, AuditAction, AuditSubject, Via
from telehealth.domain.login_letters import MOST_A_DAY, RESTS_FOR
from telehealth.domain.message_words import MessageKind, MessageStatus, Reason
from telehealth.domain.ports import Email, Gateways
from telehealth.models import LoginLetter, Message, PracticeEvent, SignIn, User
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.sending import deliver_all
from telehealth.services.practice.token_issuing import issue_token
from telehealth.web.headers import limiter
from tests import databases
from tests.factories import BY_STAFF, Office, make_office, make_practice, make_user
from tests.factories.users import PASSWORD
from tests.fakes import FakeClock, FakeEmails
from tests.web.staff import as_front_desk, sign_in, token_in, try_to_sign_in, words_of

ADDRESS, NEW = "robin@riverside.example", "seven green umbrellas"
HOUR = timedelta(hours=1)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def user(office: Office) -> User:
    return make_user(office.practice, password=PASSWORD, email=ADDRESS)


Send = Callable[[], list[Email]]


@pytest.fixture
def send(app: Flask, gateways: Gateways, clock: FakeClock) -> Send:
    """Everything that is due; the e-mails of this time."""

    def send_due() -> list[Email]:
        emails = gateways.emails
        assert isinstance(emails, FakeEmails)
        before = len(emails.sent)
        addresses: Addresses = app.extensions["addresses"]
        claimed = claim_messages(worker="w", addresses=addresses, limit=50, now=clock())
        deliver_all(claimed, gateways=gateways, now=clock)
        return emails.sent[before:]

    return send_due


def ask(browser: FlaskClient, email: str = ADDRESS) -> TestResponse:
    form = {"csrf_token": token_in(browser.get("/sign-in/forgotten")), "email": email}
    return browser.post("/sign-in/forgotten", data=form, follow_redirects=True)


def link_in(email: Email) -> str:
    ((_, url),) = email.letter.actions
    return url.partition("://")[2].partition("/")[2].join(["/", ""])


def choose(browser: FlaskClient, link: str, password: str = NEW, **typed: str) -> TestResponse:
    form = {"csrf_token": token_in(browser.get(link)), "new_password": password, "new_password_again": password}
    return browser.post(link, data={**form, **typed}, follow_redirects=True)


def test_a_link_leads_to_a_new_password(client: FlaskClient, user: User, send: Send) -> None:
    assert "an e-mail is on its way" in words_of(ask(client))
    (email,) = send()
    assert (email.to, email.to_name) == (ADDRESS, user.name)
    assert "signed out everywhere" in words_of(choose(client, link_in(email)))
    assert try_to_sign_in(client, ADDRESS, PASSWORD).status_code == 200
    assert try_to_sign_in(client, ADDRESS, NEW).status_code == 302


def test_nobody_learns_who_has_a_login(app: Flask, client: FlaskClient, user: User, send: Send) -> None:
    known, unknown = ask(client), ask(app.test_client(), "nobody@riverside.example")
    assert words_of(known) == words_of(unknown)
    assert known.status_code == unknown.status_code
    with transaction() as session:
        session.get_one(User, user.id).active = False
    assert words_of(ask(app.test_client())) == words_of(known)
    assert db.session.scalars(select(LoginLetter.user_id)).all() == [user.id]


def test_capitals_do_not_matter(client: FlaskClient, user: User, send: Send) -> None:
    ask(client, ADDRESS.upper())
    assert [each.to for each in send()] == [ADDRESS]


@pytest.mark.parametrize("typed", ["", "robin", "x" * 2_000 + "@example.com"])
def test_what_is_no_address_is_said_so(client: FlaskClient, typed: str) -> None:
    answer = ask(client, typed)
    assert answer.status_code == 422
    assert "Please type the e-mail address" in words_of(answer)


def test_the_link_works_once(client: FlaskClient, user: User, send: Send) -> None:
    ask(client)
    link = link_in(send()[0])
    assert client.get(link).status_code == 200, "to look uses nothing up"
    choose(client, link)
    assert client.get(link).status_code == 404
    token = token_in(client.get("/sign-in"))
    again = {"csrf_token": token, "new_password": "another of mine", "new_password_again": "another of mine"}
    assert client.post(link, data=again).status_code == 404
    assert try_to_sign_in(client, ADDRESS, NEW).status_code == 302


def test_the_link_works_for_an_hour(client: FlaskClient, user: User, send: Send, clock: FakeClock) -> None:
    ask(client)
    link = link_in(send()[0])
    clock.advance(HOUR - timedelta(seconds=1))
    assert client.get(link).status_code == 200
    clock.advance(timedelta(seconds=1))
    assert client.get(link).status_code == 404


def test_a_newer_link_ends_the_older_and_what_waits_of_it(
    client: FlaskClient, user: User, send: Send, clock: FakeClock
) -> None:
    ask(client)
    link = link_in(send()[0])
    clock.advance(RESTS_FOR)
    ask(client)
    assert client.get(link).status_code == 404
    clock.advance(RESTS_FOR)
    ask(client)
    assert len(send()) == 1
    rows = db.session.execute(select(Message.status, Message.reason).order_by(Message.id)).all()
    assert [row.status for row in rows] == [MessageStatus.SENT, MessageStatus.VOID, MessageStatus.SENT]
    assert rows[1].reason == Reason.LINK_ENDED


def test_no_mailbox_is_filled(client: FlaskClient, user: User, send: Send, clock: FakeClock) -> None:
    ask(client)
    ask(client)
    assert len(send()) == 1
    for _ in range(20):
        clock.advance(RESTS_FOR)
        ask(client)
        send()
    assert len(db.session.scalars(select(LoginLetter.id)).all()) == MOST_A_DAY


def test_a_new_password_ends_all_sign_ins(app: Flask, client: FlaskClient, user: User, send: Send) -> None:
    desk = sign_in(app, user)
    ask(client)
    choose(client, link_in(send()[0]))
    assert desk.get("/desk").status_code == 302
    assert all(each.ended_at is not None for each in db.session.scalars(select(SignIn)))


def test_whoever_it_belongs_to_is_told(client: FlaskClient, user: User, send: Send) -> None:
    ask(client)
    choose(client, link_in(send()[0]))
    assert [each.letter.subject for each in send()] == ["Your password was changed"]


def test_programs_are_shut_out_unless_told_otherwise(
    client: FlaskClient, office: Office, user: User, send: Send, clock: FakeClock
) -> None:
    issue_token(practice_id=office.practice.id, user_id=user.id, name="Front door", by=BY_STAFF, now=clock())
    ask(client)
    link = link_in(send()[0])
    assert "Shut out the programs" in words_of(client.get(link))
    choose(client, link, ends_tokens="y")
    found = select(PracticeEvent.action).where(PracticeEvent.subject == AuditSubject.API_TOKEN)
    assert AuditAction.ENDED in db.session.scalars(found).all()


@pytest.mark.parametrize(
    ("password", "again", "said"), [("short", "short", "at least 8"), (NEW, "other", "not the same")]
)
def test_what_is_wrong_is_said_and_the_link_stays(
    client: FlaskClient, user: User, send: Send, password: str, again: str, said: str
) -> None:
    ask(client)
    link = link_in(send()[0])
    answer = choose(client, link, password, new_password_again=again)
    assert answer.status_code == 422
    assert said in words_of(answer)
    assert password not in answer.text.partition("<form")[2]
    assert client.get(link).status_code == 200


def test_the_audit_says_who_asked_and_who_changed(client: FlaskClient, user: User, send: Send) -> None:
    ask(client)
    choose(client, link_in(send()[0]))
    told = db.session.scalars(select(PracticeEvent).where(PracticeEvent.subject == AuditSubject.PASSWORD)).all()
    assert [(each.action, each.actor, each.user_id, each.via) for each in told] == [
        (AuditAction.LINK_SENT, Actor.SYSTEM, None, Via.PAGE),
        (AuditAction.CHANGED, Actor.STAFF, user.id, Via.LINK),
    ]
    assert all(each.remote_address for each in told)


def test_neither_the_records_nor_the_desk_nor_the_logs_hold_the_link(
    app: Flask, client: FlaskClient, office: Office, user: User, send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ask(client)
    key = link_in(send()[0]).rpartition("/")[2]
    client.get(f"/sign-in/k/{key}")
    row = db.session.scalars(select(Message).where(Message.kind == MessageKind.LOGIN)).one()
    kept = " ".join(str(getattr(row, column.key)) for column in Message.__table__.columns)
    letter = db.session.scalars(select(LoginLetter)).one()
    kept += " ".join(str(getattr(letter, column.key)) for column in LoginLetter.__table__.columns)
    secret = key.partition(".")[2]
    desk = as_front_desk(app, office)
    page = desk.get(f"/desk/messages/{row.public_id}")
    assert page.status_code == 200
    assert user.name in words_of(page)
    assert secret not in kept + page.text + caplog.text


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[FlaskClient]:
    """A service that counts; the limiter is one for the process, so it is put back."""
    url = databases.sqlite(tmp_path / "limited.db")
    with databases.migrated_app(url, folder=tmp_path, RATE_LIMITS=True) as app, app.app_context():
        make_user(make_practice(), password=PASSWORD, email=ADDRESS)
        yield app.test_client()
    limiter.enabled = False
    limiter.reset()


@pytest.mark.parametrize("email", [ADDRESS, "nobody@riverside.example"])
def test_asking_for_one_login_from_many_networks_is_slow(limited: FlaskClient, email: str) -> None:
    token = token_in(limited.get("/sign-in/forgotten"))
    answers = [
        limited.post(
            "/sign-in/forgotten",
            data={"csrf_token": token, "email": email},
            environ_base={"REMOTE_ADDR": f"198.51.100.{number}"},
        ).status_code
        for number in range(1, 23)
    ]
    assert answers == [303] * 20 + [429] * 2


def test_asking_from_one_network_is_slow(limited: FlaskClient) -> None:
    token = token_in(limited.get("/sign-in/forgotten"))
    form = {"csrf_token": token}
    answers = [
        limited.post("/sign-in/forgotten", data={**form, "email": f"somebody-{number}@example.com"}).status_code
        for number in range(12)
    ]
    assert answers == [303] * 10 + [429] * 2


def test_the_way_is_shown_where_it_is_needed(client: FlaskClient) -> None:
    assert re.search(r'href="/sign-in/forgotten"', client.get("/sign-in").text)
