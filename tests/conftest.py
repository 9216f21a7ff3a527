"""What every test may ask for.

``--database`` chooses where the suite runs. Each test works inside one transaction that is never committed: what it
and the services under it "commit" are savepoints. Tests of concurrency commit for real, on databases of their own.
"""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from sqlalchemy.orm import Session

from telehealth.clock import running_on
from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.calendar_words import CalendarKind
from telehealth.domain.ports import Gateways
from tests import databases
from tests.fakes import FakeClock, FakeEmails, FakeTexts, FakeVideo
from tests.fakes_calendars import FakeCalendars
from tests.moments import NOW

LOOPBACK = "127.0.0.1,::1,localhost"

settings.register_profile(
    "default",
    max_examples=40,
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    # Examples share the database of their test, and say so where it matters.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=2_000, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite", help="where the suite runs")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.option.allow_hosts = config.option.allow_hosts or LOOPBACK
    config.option.allow_unix_socket = True
    databases.choose_folder()
    gc.set_threshold(50_000, 20, 10)  # Looking so often through all that a service holds is a tenth of a run.
    logging.getLogger("telehealth").addHandler(logging.NullHandler())  # So that caplog sees what would go to stderr.


class Browser(FlaskClient):
    """A client whose requests have contexts of their own, as they do on a server.

    Otherwise they would share the test's database session, and whoever is signed in would stay signed in.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        db.session.rollback()  # The test's own read would be a savepoint around everything the request keeps.
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
        db.session.expire_all()  # What the test still holds was read before: a rollback without a transaction keeps it.
        return answer


@pytest.fixture(scope="session")
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Flask]:
    """The service on the database of this run, migrated. One a worker."""
    folder = tmp_path_factory.mktemp("service")
    url = databases.new_url(request.config.getoption("--database"), folder=folder, name=f"suite_{worker_id}")
    with databases.migrated_app(url, folder=folder) as app:
        app.test_client_class = Browser
        yield app


@pytest.fixture(autouse=True)
def untouched(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test puts into the service, the next one finds the service as it was made."""
    if "app" not in request.fixturenames:
        yield
        return
    app: Flask = request.getfixturevalue("app")
    before = [(kept, dict(kept)) for kept in (app.extensions, app.config)]
    yield
    for kept, made in before:
        kept.clear()
        kept.update(made)


@pytest.fixture
def database(app: Flask) -> Iterator[Session]:
    """The session of an empty database. Whatever a test does to it is undone."""
    with app.app_context():
        engine = db.engine
        with engine.connect().execution_options(writes=True) as connection:
            outer = connection.begin()
            db.session.configure(join_transaction_mode="create_savepoint")
            engines: Any = db.engines  # Giving the session a connection would leak rows between tests.
            engines[None] = connection
            try:
                yield db.session()
            finally:
                db.session.remove()
                outer.rollback()
                engines[None] = engine


@pytest.fixture
def clock() -> Iterator[FakeClock]:
    """What ``telehealth.clock.now()`` says: NOW, until ``clock.advance(timedelta(hours=1))``."""
    fake = FakeClock(NOW)
    with running_on(fake):
        yield fake


@pytest.fixture
def texts(clock: FakeClock) -> FakeTexts:
    return FakeTexts(now=clock)


@pytest.fixture
def emails() -> FakeEmails:
    return FakeEmails()


@pytest.fixture
def calendars() -> FakeCalendars:
    """Calendars elsewhere, of every kind."""
    return FakeCalendars()


@pytest.fixture
def gateways(app: Flask, texts: FakeTexts, emails: FakeEmails, calendars: FakeCalendars) -> Gateways:
    """Ways out that lead nowhere and remember everything; the app uses them too."""
    by_kind = dict.fromkeys(CalendarKind, calendars)
    app.extensions["gateways"] = Gateways(texts=texts, emails=emails, video=FakeVideo(), calendars=by_kind)
    return app.extensions["gateways"]  # type: ignore[no-any-return]


@pytest.fixture
def addresses(app: Flask) -> Addresses:
    return app.extensions["addresses"]  # type: ignore[no-any-return]


@pytest.fixture
def client(app: Flask, database: Session, gateways: Gateways, clock: FakeClock) -> FlaskClient:
    """A browser without cookies, on an empty database, at NOW."""
    return app.test_client()
