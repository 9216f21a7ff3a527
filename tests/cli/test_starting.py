"""What does not start, and what it says: a database that this program cannot work with."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import text

from telehealth.database import db
from telehealth.queries.schema import why_not_ready
from tests import databases

ROOT = Path(__file__).resolve().parents[2]


def forget_tables() -> None:
    flask_migrate.downgrade(revision="base")
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))


def go_back() -> None:
    flask_migrate.downgrade(revision="-1")


def come_from_the_future() -> None:
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))


def leave_as_it_is() -> None:
    pass


STATES: dict[str, tuple[Callable[[], None], str | None]] = {
    "current": (leave_as_it_is, None),
    "no tables": (forget_tables, "flask db upgrade"),
    "older": (go_back, "flask db upgrade"),
    "newer": (come_from_the_future, "version 9999 is not known"),
}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize(("change", "told"), STATES.values(), ids=STATES)
def test_only_its_own_tables_will_do(
    kind: str, change: Callable[[], None], told: str | None, tmp_path: Path, worker_id: str
) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"starting_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        change()
        why_not = why_not_ready()
        assert why_not is None if told is None else told in (why_not or "")
        if told is not None:
            jobs = app.test_cli_runner().invoke(args=["jobs"])
            assert (jobs.exit_code, jobs.output) == (1, f"Error: {why_not}\n")
            assert app.test_cli_runner().invoke(args=["serve"]).output == f"Error: {why_not}\n"


def test_the_web_server_says_it_and_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", "--bind=127.0.0.1:0", "wsgi:app"]
    environ = {"TELEHEALTH_ENV": "development", "DATA_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode != 0
    assert "The database has no tables yet. Run `flask db upgrade`, then start again." in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_made_is_for_its_owner_only(tmp_path: Path) -> None:
    """Whatever the machine's usual rights are: SQLite's file, what SQLite keeps beside it, and the folders."""
    environ = {"TELEHEALTH_ENV": "development", "DATA_DIR": str(tmp_path / "data"), "PATH": "/usr/bin:/bin"}
    upgrade = [sys.executable, "-m", "flask", "db", "upgrade"]
    subprocess.run(upgrade, cwd=ROOT, env=environ, capture_output=True, check=True, umask=0o022)  # noqa: S603
    made = [tmp_path / "data", *(tmp_path / "data").rglob("*")]
    assert tmp_path / "data" / "telehealth.db" in made
    assert {path.name: path.stat().st_mode & 0o077 for path in made} == {path.name: 0 for path in made}


def run_flask(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command, environ = [sys.executable, "-m", "flask", *words], {"PATH": "/usr/bin:/bin", **environ}
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.mark.parametrize("words", [("rotate-keys",), ("set-password", "--email=a@b.example", "--password=x1x2x3x4x5")])
def test_a_command_beside_the_wrong_folder_says_where_it_looked(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = run_flask(*words, TELEHEALTH_ENV="development", DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "The database has no tables yet. Run `flask db upgrade`" in done.stderr
    assert f"{tmp_path}/telehealth.db, which DATABASE_URL or DATA_DIR say" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_command_says_that_its_database_does_not_open(tmp_path: Path) -> None:
    where = f"sqlite:///{tmp_path}/not-there/telehealth.db"
    done = run_flask("rotate-keys", TELEHEALTH_ENV="development", DATA_DIR=str(tmp_path), DATABASE_URL=where)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "The database does not open." in done.stderr


def test_a_command_ends_with_what_its_settings_lack() -> None:
    done = run_flask("rotate-keys")
    assert done.returncode == 1
    assert "SECRET_KEY must be" in done.stderr
    assert "No such command" not in done.stderr
    assert "Traceback" not in done.stderr


def test_what_commands_there_are_is_listed_whatever_settings_lack() -> None:
    done = run_flask("--help")
    assert "SECRET_KEY must be" in done.stderr
    assert "Commands:" in done.stdout
    assert "Traceback" not in done.stderr
