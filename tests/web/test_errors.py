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
def service(tmp_path: Path) -> Iterator[Flask]:
    """As it runs for real, without a database yet."""
    app = databases.make_app(databases.sqlite(tmp_path / "service.db"), folder=tmp_path, TESTING=False)
    yield app
    databases.close(app)


@pytest.mark.parametrize("is_broken", [False, True])
def test_without_a_database_staff_are_answered_and_no_link_is_logged(
    service: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture, is_broken: bool
) -> None:
    """It has gone away, which may be over soon; or its file is not one any more, and the page about that fails, too."""
    where = tmp_path / "service.db" if is_broken else tmp_path / "gone" / "service.db"
    if is_broken:
        where.write_bytes(b"nothing that a database would write" * 1000)
    with service.app_context():
        db.engine.dispose()
        db.engines[None] = create_engine(databases.sqlite(where))  # type: ignore[index]
    addresses: Addresses = service.extensions["addresses"]
    link = addresses.manage(Signed("seat")).removeprefix(addresses.base_url)
    browser = service.test_client()
    with browser.session_transaction() as session:
        session["_user_id"] = "somebody who was signed in"
    for path in (link, "/desk", "/sign-in"):
        answer = browser.get(path)
        expected = (500, "on our side") if is_broken else (503, "Our records cannot be reached")
        assert (answer.status_code, expected[1] in answer.text) == (expected[0], True)
    assert ("no error page" in caplog.text) == is_broken
    assert link not in caplog.text


@pytest.mark.parametrize("host", ["x" * 300, "-" * 300, "9" * 300])
def test_a_host_that_is_none_is_refused_in_plain_words(client: FlaskClient, host: str) -> None:
    """Not even a page about it could have addresses."""
    answer = client.get("/sign-in", headers={"Host": host})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert client.get("/api/v1/nowhere", headers={"Host": host}).mimetype == "application/problem+json"


def test_an_address_longer_than_any_of_ours_is_refused_in_plain_words(client: FlaskClient) -> None:
    answer = client.get("/nobody-here?week=" + "ü" * 5_000)
    assert answer.status_code == 414
    assert "<h1>" in answer.text
