"""Asking too often."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from telehealth.database import db
from tests import databases
from tests.api.caller import V1, Caller, booking_of, path_of
from tests.factories import Office, make_office
from tests.fakes import FakeClock
from tests.moments import NOW


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[FlaskClient]:
    """A service of its own that counts."""
    url = databases.sqlite(tmp_path / "limits.db")
    with databases.migrated_app(url, folder=tmp_path, RATE_LIMITS=True) as app:
        yield app.test_client()


def test_searching_too_often(limited: FlaskClient) -> None:
    path = f"{V1}/practices/elm-street/slots"
    assert {limited.get(path).status_code for _ in range(120)} == {422}
    refused = limited.get(path)
    assert refused.status_code == 429
    assert refused.mimetype == "application/problem+json"
    assert refused.get_json()["code"] == "too_many_requests"
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    # Somebody else, and something else, are not affected.
    assert limited.get(path, environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 422
    assert limited.get(f"{V1}/problems").status_code == 200


def test_booking_too_often(limited: FlaskClient) -> None:
    path = f"{V1}/practices/elm-street/appointments"
    assert {limited.post(path).status_code for _ in range(120)} == {422}, "who is refused may try again"
    assert limited.post(path).status_code == 429, "but not for ever"


def test_what_was_done_counts(clock: FakeClock, limited: FlaskClient) -> None:
    assert clock() == NOW
    with limited.application.app_context():
        office = make_office(practice={"slug": "elm-street"})
        path, body = f"{V1}{path_of(office, '/appointments')}", booking_of(office)
        db.session.commit()
    first = limited.post(path, json=body, headers={"Idempotency-Key": "one" * 8})
    assert first.status_code == 201
    again = [limited.post(path, json=body, headers={"Idempotency-Key": "one" * 8}).status_code for _ in range(30)]
    assert again == [201] * 29 + [429], "the same answer once more is an answer"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "therapists/dana/calendar-connections/trial"),
        ("POST", "therapists/dana/calendar-connections"),
        ("PUT", "calendar-connections/mine"),
        ("POST", "calendar-connections/mine/calendars"),
    ],
)
def test_what_goes_to_a_server_of_their_choice_is_limited_as_on_the_pages(
    limited: FlaskClient, method: str, path: str
) -> None:
    where = f"{V1}/practices/elm-street/{path}"
    assert {limited.open(where, method=method).status_code for _ in range(30)} == {401}
    refused = limited.open(where, method=method)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 600
    # What goes nowhere is not counted with it.
    other = f"{V1}/practices/elm-street/calendar-connections/mine/reading"
    assert {limited.post(other).status_code for _ in range(31)} == {401}


def test_without_limits_nobody_counts(api: Caller, office: Office) -> None:
    for _ in range(35):
        assert api.ask("POST", path_of(office, "/appointments")).status_code == 422
