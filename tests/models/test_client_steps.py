"""Steps of the schema that fill in what earlier rows of clients did not know."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
import pytest

from telehealth.database import db
from telehealth.domain.client_facts import Booking
from telehealth.queries.practice.clients import search_clients
from tests import databases
from tests.factories import make_client, make_office


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_whoever_is_there_already_is_found(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"clients_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        practice = make_office().practice
        for name in ("José García", "Sinéad O’Brien"):
            make_client(practice, name=name)
        flask_migrate.downgrade(revision="0036")
        flask_migrate.upgrade()
        db.session.remove()
        found = search_clients(practice.id)
        assert [(each.may_book, each.tags) for each in found] == [(Booking.ONLINE, [])] * 2
        assert [each.name for each in search_clients(practice.id, "obrien 555")] == ["Sinéad O’Brien"]
