"""Databases that are really committed to: one of each kind a worker, emptied after each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete

from telehealth.database import Base, db, transaction
from tests import databases
from tests.concurrency.racing import Call, Outcome, Processes, in_threads
from tests.fakes import FakeClock


@dataclass(frozen=True)
class Place:
    """A database of one kind and the service on it."""

    app: Flask
    url: str
    folder: Path


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("racing")
    url = databases.new_url(request.param, folder=folder, name=f"racing_{worker_id}")
    with databases.migrated_app(url, folder=folder, DATABASE_POOL_SIZE=30) as app:
        yield Place(app, url, folder)


@pytest.fixture
def committed(place: Place, clock: FakeClock) -> Iterator[Flask]:
    """The app, inside its context, at NOW, on a database that is empty again afterwards."""
    with place.app.app_context():
        yield place.app
        db.session.rollback()
        with transaction() as session:
            for table in reversed(Base.metadata.sorted_tables):
                session.execute(delete(table))
        databases.close(place.app)


@pytest.fixture(scope="session")
def processes() -> Iterator[Processes]:
    made = Processes()
    yield made
    made.close()


Race = Callable[[Sequence[Call]], list[Outcome]]


@pytest.fixture(params=["threads", "processes"])
def race(request: pytest.FixtureRequest, committed: Flask, place: Place) -> Race:
    """Run calls at the same moment: once in threads of one process, once spread over several processes."""
    if request.param == "threads":
        return lambda calls: in_threads(committed, calls)
    processes: Processes = request.getfixturevalue("processes")
    return lambda calls: processes.run(place.url, place.folder, calls)


@pytest.fixture
def threads(committed: Flask) -> Race:
    """Run calls at the same moment in threads."""
    return lambda calls: in_threads(committed, calls)
