"""Copies of the database: whole, private, put back on purpose only, and never sending again what was sent."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import func, select

from telehealth.database import db
from telehealth.domain.message_words import Channel, MessageStatus
from telehealth.models import Appointment, Message
from telehealth.queries.schema import why_not_ready
from tests import databases
from tests.factories import book, make_office
from tests.fakes import FakeClock
from tests.moments import at


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migrated")
    with databases.migrated_app(databases.sqlite(folder / "one.db"), folder=folder):
        return folder / "one.db"


@pytest.fixture
def service(tmp_path: Path, migrated: Path, clock: FakeClock) -> Iterator[Flask]:
    """The service on a file of its own, with one appointment."""
    shutil.copy(migrated, tmp_path / "live.db")
    app = databases.make_app(databases.sqlite(tmp_path / "live.db"), folder=tmp_path)
    with app.app_context():
        book(make_office(practice={"grace_minutes": 0}), at(10, days=7))
    databases.close(app)
    yield app
    databases.close(app)


def run(app: Flask, *line: str | Path, code: int = 0) -> str:
    answer = app.test_cli_runner().invoke(args=[str(word) for word in line])
    assert answer.exit_code == code, answer.output
    assert "Traceback" not in answer.output
    return str(answer.output)


def count(app: Flask, model: Any = Appointment) -> int:
    with app.app_context():
        try:
            return db.session.scalar(select(func.count()).select_from(model)) or 0
        finally:
            db.session.remove()
            db.engine.dispose()


def test_a_copy_is_whole_and_private_and_nothing_works_with_it_as_it_is(service: Flask, tmp_path: Path) -> None:
    with service.app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1 FROM appointment")  # Somebody is using the database.
        said = run(service, "backup", tmp_path / "copy.db")
    assert re.fullmatch(r"Copied to \S+: version \d{4}, rows: 1 appointment, \d+ message\.\n", said)
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if "unfinished" in path.name] == []
    copy = databases.make_app(databases.sqlite(tmp_path / "copy.db"), folder=tmp_path)
    with copy.app_context():
        assert "settle-restored" in (why_not_ready() or "")
        assert "settle-restored" in run(copy, "jobs", code=1)
    databases.close(copy)


def test_going_back_to_a_copy(service: Flask, tmp_path: Path) -> None:
    run(service, "backup", tmp_path / "copy.db")
    with service.app_context():
        book(make_office(practice={"slug": "later"}), at(10, days=7))
    assert count(service) == 2
    assert "--replace" in run(service, "restore", tmp_path / "copy.db", code=1)
    said = run(service, "restore", tmp_path / "copy.db", "--replace")
    assert re.search(r"kept as \S+live\.db\.20\d{6}T\d{6}Z\.\nRestored\.\nOf what was due, 1 texts", said)
    assert count(service) == 1
    kept = next(tmp_path.glob("live.db.20*"))
    with sqlite3.connect(kept) as former:
        assert former.execute("SELECT count(*) FROM appointment").fetchone() == (2,)
    with service.app_context():
        assert why_not_ready() is None
        unsure = select(Message.unsure).where(Message.channel == Channel.TEXT, Message.status == MessageStatus.PLANNED)
        assert True in db.session.scalars(unsure).all()
    assert (tmp_path / "live.db").stat().st_mode & 0o777 == 0o600


def test_nothing_is_put_in_place_of_a_database_in_use(service: Flask, tmp_path: Path, migrated: Path) -> None:
    run(service, "backup", tmp_path / "copy.db")
    with sqlite3.connect(tmp_path / "live.db") as somebody:
        somebody.execute("SELECT count(*) FROM appointment").fetchone()
        assert "in use" in run(service, "restore", tmp_path / "copy.db", "--replace", code=1)
    somebody.close()
    assert count(service) == 1


def test_without_a_database_a_copy_is_put_in_place_at_once(service: Flask, tmp_path: Path) -> None:
    run(service, "backup", tmp_path / "copy.db")
    databases.close(service)
    (tmp_path / "live.db").unlink()
    assert run(service, "restore", tmp_path / "copy.db").startswith("Restored.")
    assert count(service) == 1


def test_what_is_no_copy_is_refused(service: Flask, tmp_path: Path) -> None:
    (tmp_path / "words").write_text("not a database, and long enough to be read as one " * 40)
    assert "no SQLite database" in run(service, "restore", tmp_path / "words", "--replace", code=1)
    sqlite3.connect(tmp_path / "other.db").execute("CREATE TABLE a (b)")
    assert "no database of this service" in run(service, "restore", tmp_path / "other.db", "--replace", code=1)
    assert count(service) == 1


def test_a_copy_of_a_newer_program_is_refused_and_one_of_an_older_is_brought_up_to_date(
    service: Flask, tmp_path: Path
) -> None:
    run(service, "backup", tmp_path / "copy.db")
    with sqlite3.connect(tmp_path / "copy.db") as copy:
        newest = copy.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        copy.execute("UPDATE alembic_version SET version_num = '9999'")
    copy.close()
    assert "9999, which this program does not know" in run(service, "restore", tmp_path / "copy.db", code=1)
    with service.app_context():
        flask_migrate.downgrade(revision="-1")
    databases.close(service)
    run(service, "backup", tmp_path / "older.db")
    said = run(service, "restore", tmp_path / "older.db", "--replace")
    assert "flask db upgrade, then flask settle-restored" in said
    with service.app_context():
        assert newest in (why_not_ready() or "")
        flask_migrate.upgrade()
        assert "settle-restored" in (why_not_ready() or ""), "it is still a copy"
    databases.close(service)
    assert run(service, "settle-restored").startswith("Of what was due")
    with service.app_context():
        assert why_not_ready() is None


def test_a_copy_never_goes_over_anything(service: Flask, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("precious")
    assert "already" in run(service, "backup", tmp_path / "there", code=1)
    assert (tmp_path / "there").read_text() == "precious"
    assert "No copy was made" in run(service, "backup", tmp_path / "no" / "folder", code=1)


def test_a_damaged_database_makes_no_copy(service: Flask, tmp_path: Path) -> None:
    with service.app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    databases.close(service)
    with sqlite3.connect(tmp_path / "live.db") as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("UPDATE appointment SET practice_id = 999")
    connection.close()
    assert "point nowhere" in run(service, "backup", tmp_path / "copy.db", code=1)
    assert not (tmp_path / "copy.db").exists()


def test_with_postgresql_its_own_tools_copy_and_settling_is_ours(tmp_path: Path, worker_id: str, clock: Any) -> None:
    url = databases.postgresql(f"copies_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app:
        with app.app_context():
            book(make_office(practice={"grace_minutes": 0}), at(10, days=7))
        assert "pg_dump" in run(app, "backup", tmp_path / "copy", code=1)
        (tmp_path / "copy").touch()
        assert "pg_restore" in run(app, "restore", tmp_path / "copy", code=1)
        assert run(app, "settle-restored").startswith("Of what was due, 1 texts")


def test_what_was_open_to_others_is_closed_at_the_start(service: Flask, tmp_path: Path) -> None:
    (tmp_path / "outbox").mkdir()
    private = [tmp_path / name for name in ("live.db", "outbox", "outbox/a.eml")]
    (tmp_path / "outbox/a.eml").touch()
    for path in (tmp_path, *private):
        path.chmod(0o777)
    databases.close(databases.make_app(databases.sqlite(tmp_path / "live.db"), folder=tmp_path))
    assert [path.stat().st_mode & 0o077 for path in (tmp_path, *private)] == [0] * 4
    assert private[0].stat().st_mode & 0o111 == 0


def test_a_folder_for_everybody_stays_so(service: Flask, tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    databases.close(databases.make_app(databases.sqlite(tmp_path / "live.db"), folder=tmp_path))
    assert tmp_path.stat().st_mode & 0o7777 == 0o1777
