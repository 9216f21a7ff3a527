"""Databases that are really committed to, for what happens when one cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, event, make_url

from telehealth.database import Base, db, transaction
from telehealth.domain.ports import Gateways
from tests import databases
from tests.conftest import Browser
from tests.fakes import FakeClock, FakeEmails, FakeTexts, FakeVideo


@dataclass
class Served:
    """The service on a database of one kind, and a browser in front of it."""

    app: Flask
    url: str

    @property
    def browser(self) -> FlaskClient:
        return self.app.test_client()

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @property
    def file(self) -> str:
        return make_url(self.url).database or ""

    @contextmanager
    def held(self, sqlite: str, postgresql: str) -> Iterator[None]:
        """Somebody else's transaction, which has said this, for as long as the block."""
        db.session.rollback()
        if self.is_sqlite:
            other = db.engine.raw_connection()
            try:
                other.execute(sqlite)  # type: ignore[attr-defined]
                yield
            finally:
                other.rollback()
                other.close()
            return
        with psycopg.connect(self.url) as connection:
            connection.execute(postgresql)  # type: ignore[call-overload]
            yield
            connection.rollback()

    @contextmanager
    def connecting(self, pragma: str) -> Iterator[None]:
        """New connections to SQLite begin with this."""

        def begin(connection: Any, _record: Any) -> None:
            connection.execute(pragma)

        databases.close(self.app)
        event.listen(db.engine, "connect", begin)
        try:
            yield
        finally:
            event.remove(db.engine, "connect", begin)
            databases.close(self.app)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        if self.is_sqlite:
            with self.connecting("PRAGMA query_only=ON"):
                yield
            return
        name = make_url(self.url).database
        databases.close(self.app)
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')  # type: ignore[call-overload]
            try:
                yield
            finally:
                connection.execute("SET default_transaction_read_only = off")
                connection.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')  # type: ignore[call-overload]
                databases.close(self.app)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("served")
    url = databases.new_url(request.param, folder=folder, name=f"served_{worker_id}")
    nowhere = Gateways(texts=FakeTexts(), emails=FakeEmails(), video=FakeVideo())
    with databases.migrated_app(url, folder=folder, gateways=nowhere, DATABASE_TIMEOUT=1) as app:
        app.test_client_class = Browser
        yield Served(app, url)


@pytest.fixture
def served(place: Served, clock: FakeClock) -> Iterator[Served]:
    """The service at NOW on an empty database, which is empty again afterwards."""
    with place.app.app_context():
        yield place
        db.session.rollback()
        with transaction() as session:
            for table in reversed(Base.metadata.sorted_tables):
                session.execute(delete(table))
        databases.close(place.app)
