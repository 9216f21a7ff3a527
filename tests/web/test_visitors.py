"""Whoever only looks has no cookie, no user and no write: sign-in, session and limits cost them nothing."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.domain.addresses import Addresses, LinkPurpose
from tests.factories import Office, book, make_office, make_service, make_therapist
from tests.statements import listening
from tests.web.visitor import Visitor, form_of


@pytest.fixture
def office(client: FlaskClient) -> Office:
    made = make_office()
    make_service(made.practice, name="Another")
    make_therapist(made.practice, made.service, name="Alex Kim")
    return made


@pytest.fixture
def visitor(client: FlaskClient, office: Office) -> Visitor:
    return Visitor(client, office)


@pytest.fixture
def looks(visitor: Visitor) -> list[str]:
    """Pages without a form that changes anything."""
    service = {"service": visitor.office.service.public_id}
    questions = [{}, service, {**service, "mode": "virtual"}, visitor.choices, {**visitor.choices, "state": "NY"}]
    return [
        f"/{visitor.office.practice.slug}",
        *(visitor.book_path(**each) for each in questions),
        "/nowhere-to-be-found",
    ]


def test_looking_leaves_no_cookie(client: FlaskClient, looks: list[str]) -> None:
    for path in looks:
        assert client.get(path).headers.getlist("Set-Cookie") == [], path


def test_looking_writes_nothing_and_asks_for_no_user(client: FlaskClient, looks: list[str], visitor: Visitor) -> None:
    times = visitor.book_path(**visitor.choices, therapist="any")
    for path in (*looks, times):
        with listening() as said:
            client.get(path)
        assert [each for each in said if not each.startswith("SELECT") or "fs_uniquifier" in each] == [], path


def test_a_form_brings_one_cookie_which_then_stays_as_it_is(client: FlaskClient, visitor: Visitor) -> None:
    """The form's token is in it. What signs staff in writes nothing more into it."""
    times = visitor.book_path(**visitor.choices, therapist="any")
    first = client.get(times)
    assert len(first.headers.getlist("Set-Cookie")) == 1
    for path in (times, times, f"/{visitor.office.practice.slug}"):
        assert client.get(path).headers.getlist("Set-Cookie") == [], path
    assert form_of(client.get(times)).fields["csrf_token"]


def test_a_link_is_opened_without_a_user(client: FlaskClient, office: Office, addresses: Addresses) -> None:
    token = addresses.token(LinkPurpose.MANAGE, book(office).attendees[0])
    with listening() as said:
        assert client.get(f"/m/{token}").status_code == 200
    assert [each for each in said if not each.startswith("SELECT") or "fs_uniquifier" in each] == []


def test_templates_are_compiled_once(app: Flask, client: FlaskClient, looks: list[str]) -> None:
    cache = app.jinja_env.cache
    assert cache is not None
    assert not app.jinja_env.auto_reload
    assert len(app.jinja_env.list_templates()) < cache.capacity
    first = [client.get(path) for path in looks]
    compiled = {key: id(cache[key]) for key in cache}
    assert [client.get(path).text for path in looks] == [each.text for each in first]
    assert {key: id(cache[key]) for key in cache} == compiled


def test_a_program_is_asked_for_no_cookie(client: FlaskClient, office: Office) -> None:
    """What is in a browser's cookie is nothing to the API: nobody opens it, and so no answer depends on it."""
    answer = client.get(f"/api/v1/practices/{office.practice.slug}")
    assert answer.status_code == 200
    assert "Vary" not in answer.headers
