"""The way to a practice of one's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import AuditAction, AuditSubject, Via
from telehealth.domain.words import Role
from telehealth.models import Practice, PracticeEvent, User
from tests.factories import make_practice, make_user, users
from tests.fakes import FakeClock
from tests.moments import NOW
from tests.web.staff import sign_in, token_in, try_to_sign_in, words_of

PASSWORD = "four quiet words here"


@pytest.fixture
def on_the_own_machine(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, "starts_without_link", True)


def form(**given: str) -> dict[str, str]:
    usual = {
        "name": "Elm Street Counseling",
        "slug": "",
        "timezone": "America/Denver",
        "phone": "(303) 555-0100",
        "owner_name": "Ana Rivera",
        "owner_email": "ana@elm.example",
        "password": PASSWORD,
    }
    return {**usual, **given}


def start(client: FlaskClient, path: str = "/start", **given: str) -> Any:
    page = client.get(path)
    assert page.status_code == 200, page.status
    return client.post(path, data={"csrf_token": token_in(page), **form(**given)}, follow_redirects=True)


def link(app: Flask, *, hours: int = 24) -> str:
    addresses: Addresses = app.extensions["addresses"]
    return addresses.start(until=NOW + timedelta(hours=hours)).removeprefix(addresses.base_url)


@pytest.mark.usefixtures("on_the_own_machine")
def test_a_practice_begins_and_its_owner_is_signed_in(app: Flask, client: FlaskClient) -> None:
    answer = start(client)
    assert answer.request.path == "/desk"
    assert "Welcome. Elm Street Counseling is there" in words_of(answer)
    practice = db.session.query(Practice).one()
    assert (practice.slug, practice.name, practice.sender_name) == (
        "elm-street-counseling", "Elm Street Counseling", "Elm Street Counseling",
    )  # fmt: skip
    assert (practice.timezone, practice.phone, practice.email) == ("America/Denver", "+13035550100", "ana@elm.example")
    owner = db.session.query(User).one()
    assert (owner.name, [role.name for role in owner.roles]) == ("Ana Rivera", [Role.OWNER])
    lines = db.session.query(PracticeEvent).order_by(PracticeEvent.id).all()
    assert [(line.subject, line.action, line.via) for line in lines[:2]] == [
        (AuditSubject.PRACTICE, AuditAction.ADDED, Via.PAGE),
        (AuditSubject.LOGIN, AuditAction.ADDED, Via.PAGE),
    ]
    assert try_to_sign_in(app.test_client(), "ana@elm.example", PASSWORD).status_code == 302
    assert client.get("/elm-street-counseling").status_code == 200


@pytest.mark.usefixtures("on_the_own_machine")
def test_everything_that_is_wrong_is_told_at_once_and_kept(client: FlaskClient) -> None:
    wrong = {"name": "", "slug": "Desk", "phone": "12", "owner_name": "", "owner_email": "x", "password": "short"}
    answer = start(client, **wrong, timezone="Mars/Base")
    assert answer.status_code == 422
    for field in (*wrong, "timezone"):
        assert f'id="{field}-error"' in answer.text, field
    assert 'value="12"' in answer.text
    assert 'value="short"' not in answer.text
    assert db.session.query(Practice).count() == 0


@pytest.mark.usefixtures("on_the_own_machine")
def test_the_browser_says_its_zone_once(client: FlaskClient) -> None:
    assert "data-timezone-assumed" in client.get("/start").text
    page = client.get("/start?timezone=America/Chicago").text
    assert "data-timezone-assumed" not in page
    assert '<option value="America/Chicago" selected' in page
    assert client.get("/start?timezone=nowhere").status_code == 200


@pytest.mark.usefixtures("on_the_own_machine")
def test_it_is_offered_until_there_is_one_besides_the_demo(client: FlaskClient) -> None:
    make_practice(slug="demo")
    assert client.get("/start").status_code == 200
    page = client.get("/start")
    make_practice(slug="oak")
    assert client.get("/start").headers["Location"] == "/"
    answer = client.post("/start", data={"csrf_token": token_in(page), **form()})
    assert answer.status_code == 403
    assert "There is a practice here already." in words_of(answer)


def test_a_server_that_everybody_reaches_asks_for_the_link(app: Flask, client: FlaskClient) -> None:
    assert client.get("/start").status_code == 404
    token = token_in(client.get("/sign-in"))
    assert client.post("/start", data={"csrf_token": token, **form()}).status_code == 404
    assert db.session.query(Practice).count() == 0
    assert start(client, link(app)).request.path == "/desk"
    assert app.test_client().get(link(app)).headers["Location"] == "/", "it opens nothing any more"


def test_links_that_open_nothing(app: Flask, client: FlaskClient, clock: FakeClock) -> None:
    addresses: Addresses = app.extensions["addresses"]
    good = link(app, hours=1)
    manage = addresses.manage(make_seat()).rpartition("/")[2]
    for token in ("x", good.rpartition("/")[2][:-1] + "_", manage):
        assert client.get(f"/start/{token}").status_code in {404, 410}, token
    clock.advance(timedelta(hours=1))
    assert client.get(good).status_code in {404, 410}


def test_no_demo_stands_aside_on_a_server(app: Flask, client: FlaskClient) -> None:
    make_practice(slug="demo")
    assert client.get(link(app)).headers["Location"] == "/"


class Seat:
    public_id, links_version = "29999999999", 0


def make_seat() -> Seat:
    return Seat()


@pytest.mark.usefixtures("on_the_own_machine")
def test_whoever_is_signed_in_starts_it_with_the_login_that_they_have(app: Flask, client: FlaskClient) -> None:
    demo = make_user(make_practice(slug="demo"), Role.OWNER, password=users.PASSWORD, email="ana@elm.example")
    answer = start(client)
    assert "There is a login with this address already" in answer.text, "not without showing whose it is"
    signed_in = sign_in(app, demo).browser
    page = signed_in.get("/start")
    assert "You go on signing in with ana@elm.example" in words_of(page)
    assert 'name="password"' not in page.text
    given = {"csrf_token": token_in(page), **form(owner_email="", password="")}
    answer = signed_in.post("/start", data=given, follow_redirects=True)
    assert "Welcome. Elm Street Counseling is there" in words_of(answer)
    assert "<summary>Practice: Elm Street Counseling</summary>" in answer.text
    assert len({each.login_id for each in db.session.query(User)}) == 1
    assert db.session.query(Practice).filter_by(slug="elm-street-counseling").one().email == "ana@elm.example"
