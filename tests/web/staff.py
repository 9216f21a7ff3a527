"""Somebody of a practice in front of the desk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from telehealth.database import db, transaction
from telehealth.domain.words import Role
from telehealth.models import Therapist, User
from tests.factories import Office, make_user
from tests.factories.users import PASSWORD

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
TAG = re.compile(r"<[^>]*>")


@dataclass
class Staff:
    """A browser with somebody signed in. ``post`` sends the form token along, as a form of a page would."""

    browser: FlaskClient
    token: str

    def get(self, path: str, **given: Any) -> TestResponse:
        return self.browser.get(path, **given)

    def post(self, path: str, data: dict[str, Any] | None = None, **given: Any) -> TestResponse:
        return self.browser.post(path, data={"csrf_token": self.token, **(data or {})}, **given)

    def read(self, path: str) -> str:
        """The words of a page."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status)
        return words_of(answer)

    def send(self, path: str, data: dict[str, Any] | None = None) -> str:
        """Send a form and follow where it leads; the words of that page."""
        answer = self.post(path, data, follow_redirects=True)
        assert answer.status_code == 200, (path, answer.status, words_of(answer))
        return words_of(answer)


def words_of(answer: TestResponse) -> str:
    """What somebody reads: no tags, no doubled white space."""
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(TAG.sub(" ", main)).replace("\xa0", " ").split())


class _Form(HTMLParser):
    """The values that the forms in a page would send."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "select":
            self._select = given["name"] or ""
        elif tag == "option" and "selected" in given:
            self._keep(self._select, given)
        elif tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self._keep(given.get("name") or "", given)

    def _keep(self, name: str, given: dict[str, str | None]) -> None:
        if name and name != "csrf_token" and given["value"]:
            self.values.setdefault(name, []).append(given["value"])


def filled_in(page: str) -> dict[str, list[str]]:
    """What the forms of a page would send as they stand, without form tokens and empty fields."""
    form = _Form()
    form.feed(page.partition("<main")[2].partition("</main>")[0])
    return form.values


def token_in(answer: TestResponse) -> str:
    found = TOKEN.search(answer.text)
    assert found is not None
    return found[1]


def try_to_sign_in(browser: FlaskClient, email: str, password: str = PASSWORD, **given: Any) -> TestResponse:
    token = token_in(browser.get("/sign-in"))
    form = {"csrf_token": token, "email": email, "password": password, **given}
    return browser.post("/sign-in", data=form)


def sign_in(app: Flask, user: User) -> Staff:
    """Through the page. The user needs a password; ``make_user(..., password=PASSWORD)``."""
    browser = app.test_client()
    answer = try_to_sign_in(browser, user.email)
    assert answer.status_code == 302, words_of(answer)
    return Staff(browser, token_in(browser.get("/desk/week")) if user.roles[0].name != Role.CLIENT else "")


def as_owner(app: Flask, office: Office) -> Staff:
    return sign_in(app, make_user(office.practice, Role.OWNER, password=PASSWORD))


def as_front_desk(app: Flask, office: Office) -> Staff:
    return sign_in(app, make_user(office.practice, Role.FRONT_DESK, password=PASSWORD))


def as_therapist(app: Flask, office: Office, therapist: Therapist | None = None) -> Staff:
    """The office's therapist, or another one of the practice."""
    user = make_user(office.practice, Role.THERAPIST, password=PASSWORD)
    person = therapist or office.therapist
    with transaction() as session:
        session.get_one(Therapist, person.id).user_id = user.id
    db.session.expire_all()
    return sign_in(app, user)
