"""Tokens with scopes and a last day, over the API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from telehealth.database import db
from telehealth.domain.access import Scope
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.words import Role
from telehealth.models import ApiToken, PracticeEvent, User
from telehealth.services.practice.token_issuing import NOTED_EVERY, issue_token
from tests.factories import BY_STAFF, Office, make_office, make_user
from tests.fakes import FakeClock
from tests.statements import listening

NEW = {"name": "Screen", "scopes": ["read"]}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def owner(office: Office) -> User:
    return make_user(office.practice)


class Program:
    """Something that has a token."""

    def __init__(self, app: Flask, office: Office, token: str) -> None:
        self.browser, self.slug = app.test_client(), office.practice.slug
        self.headers = {"Authorization": f"Bearer {token}"}

    def ask(self, path: str, method: str = "GET", body: dict[str, Any] | None = None) -> TestResponse:
        address = f"/api/v1/practices/{self.slug}/{path}"
        return self.browser.open(address, method=method, json=body, headers=self.headers)


@pytest.fixture
def make(app: Flask, office: Office, owner: User, clock: FakeClock) -> Any:
    def one(*scopes: Scope, ends_at: datetime | None = None, user: User | None = None) -> Program:
        given: dict[str, Any] = {"scopes": scopes} if scopes else {}
        token = issue_token(
            practice_id=office.practice.id, user_id=(user or owner).id, name="Program", by=BY_STAFF, now=clock(),
            ends_at=ends_at, **given,
        )  # fmt: skip
        return Program(app, office, token)

    return one


ASKED = {
    Scope.READ: ("GET", "appointments"),
    Scope.BOOK: ("POST", "desk/appointments"),
    Scope.DESK: ("POST", "clients"),
    Scope.SETTINGS: ("PUT", "pace"),
}


@pytest.mark.parametrize("scope", Scope)
def test_a_token_does_what_its_scopes_say_and_nothing_else(make: Any, scope: Scope) -> None:
    program = make(scope)
    for needed, (method, path) in ASKED.items():
        answer = program.ask(path, method, None if method == "GET" else {})
        assert answer.json is not None
        if needed == scope:
            assert answer.status_code in {200, 422}, answer.json
        else:
            assert (answer.status_code, answer.json["code"]) == (403, "scope_missing")
            assert answer.json["detail"].endswith(f"lacks the scope {needed}.")


def test_a_scope_gives_nothing_that_the_login_may_not(make: Any, office: Office) -> None:
    desk = make(user=make_user(office.practice, Role.FRONT_DESK))
    answer = desk.ask("pace", "PUT", {})
    assert (answer.status_code, answer.json["code"]) == (403, "not_allowed")


def test_what_looks_with_a_body_is_looking(make: Any) -> None:
    assert make(Scope.READ).ask("series/preview", "POST", {}).status_code == 422


def test_another_practice_is_not_there_whatever_the_scope(make: Any) -> None:
    program = make(Scope.BOOK)
    program.slug = "elsewhere"
    assert program.ask("appointments").status_code == 404


def test_a_token_ends_on_its_date_and_says_so(make: Any, clock: FakeClock) -> None:
    program = make(ends_at=clock() + timedelta(days=1))
    assert program.ask("appointments").status_code == 200
    clock.advance(timedelta(days=1))
    answer = program.ask("appointments")
    assert (answer.status_code, answer.json["code"]) == (401, "token_ended")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_use_is_noted_once_an_hour(make: Any, clock: FakeClock) -> None:
    program = make()
    used = select(ApiToken.used_at)
    program.ask("appointments")
    first = clock()
    assert db.session.scalars(used).one() == first
    clock.advance(NOTED_EVERY - timedelta(seconds=1))
    with listening() as statements:
        program.ask("appointments")
    assert not [each for each in statements if each.startswith("UPDATE")]
    db.session.expire_all()
    assert db.session.scalars(used).one() == first
    clock.advance(timedelta(seconds=1))
    program.ask("appointments")
    db.session.expire_all()
    assert db.session.scalars(used).one() == clock()


def test_a_program_makes_lists_and_ends_tokens(app: Flask, make: Any, office: Office, owner: User) -> None:
    program = make()
    made = program.ask("tokens", "POST", NEW)
    assert made.status_code == 201
    screen = Program(app, office, made.json["token"])
    assert screen.ask("appointments").status_code == 200
    [newest, _] = program.ask("tokens").json["tokens"]
    assert (newest["name"], newest["scopes"], newest["acts_for"]) == ("Screen", ["read"], owner.public_id)
    assert newest["last_used"] is not None
    assert made.json["token"] not in program.ask("tokens").text
    assert program.ask(f"tokens/{newest['id']}", "DELETE").status_code == 204
    assert screen.ask("appointments").json["code"] == "token_invalid"
    found = select(PracticeEvent.action).where(PracticeEvent.subject == AuditSubject.API_TOKEN)
    assert list(db.session.scalars(found.order_by(PracticeEvent.id))) == [
        AuditAction.ADDED, AuditAction.ADDED, AuditAction.ENDED,
    ]  # fmt: skip


def test_none_makes_one_that_may_do_more_or_lasts_longer(make: Any, clock: FakeClock) -> None:
    until = clock() + timedelta(days=7)
    program = make(Scope.SETTINGS, Scope.READ, ends_at=until)
    more = program.ask("tokens", "POST", {**NEW, "scopes": ["read", "book"], "ends_at": until.isoformat()})
    assert (more.status_code, more.json["code"]) == (403, "scope_missing")
    for ends_at in (None, (until + timedelta(seconds=1)).isoformat()):
        answer = program.ask("tokens", "POST", {**NEW, "ends_at": ends_at})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["ends_at"])
    assert program.ask("tokens", "POST", {**NEW, "ends_at": until.isoformat()}).status_code == 201


@pytest.mark.parametrize(
    "wrong", [{"scopes": []}, {"scopes": ["all"]}, {"name": " "}, {"ends_at": "2020-01-01T00:00:00Z"}]
)
def test_what_cannot_be_is_refused(make: Any, wrong: dict[str, Any]) -> None:
    assert make().ask("tokens", "POST", {**NEW, **wrong}).status_code == 422


def test_tokens_are_for_owners(make: Any, office: Office) -> None:
    desk = make(user=make_user(office.practice, Role.FRONT_DESK))
    assert desk.ask("tokens").status_code == 403
    assert desk.ask("tokens", "POST", NEW).status_code == 403
