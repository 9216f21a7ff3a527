"""The page about an error, when even that page cannot be made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.links import Signed
from tests import databases


@pytest.fixture
def without_database(tmp_path: Path) -> Iterator[Flask]:
    """A service as it runs for real, whose database has gone away."""
    url = databases.sqlite(tmp_path / "service.db")
    app = databases.make_app(url, folder=tmp_path, TESTING=False)
    with app.app_context():
        db.engine.dispose()
        db.engines[None] = create_engine(databases.sqlite(tmp_path / "gone" / "service.db"))  # type: ignore[index]
    yield app
    databases.close(app)


def test_without_a_database_staff_are_answered_and_no_link_is_logged(
    without_database: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    addresses: Addresses = without_database.extensions["addresses"]
    link = addresses.manage(Signed("seat")).removeprefix(addresses.base_url)
    browser = without_database.test_client()
    with browser.session_transaction() as session:
        session["_user_id"] = "somebody who was signed in"
    for path in (link, "/desk", "/sign-in"):
        answer = browser.get(path)
        assert (answer.status_code, "on our side" in answer.text) == (500, True)
    assert "no error page" in caplog.text
    assert link not in caplog.text


@pytest.mark.parametrize("host", ["x" * 300, "-" * 300, "9" * 300])
def test_a_host_that_is_none_is_refused_in_plain_words(client: FlaskClient, host: str) -> None:
    """Not even a page about it could have addresses."""
    answer = client.get("/sign-in", headers={"Host": host})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert client.get("/api/v1/nowhere", headers={"Host": host}).mimetype == "application/problem+json"
