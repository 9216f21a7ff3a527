"""Asking too often."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests import databases
from tests.api.caller import V1, Caller, path_of
from tests.factories import Office


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
    assert {limited.post(path).status_code for _ in range(30)} == {422}
    assert limited.post(path).status_code == 429
    assert limited.get(path).status_code == 401


def test_without_limits_nobody_counts(api: Caller, office: Office) -> None:
    for _ in range(35):
        assert api.ask("POST", path_of(office, "/appointments")).status_code == 422
