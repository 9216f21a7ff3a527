"""Runs the migrations on the application's own database connection.

Steps are serial and small; each one runs in its own transaction, so a failed step leaves the one before it in place.
"""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from telehealth import models  # noqa: F401 -- registers the tables
from telehealth.database import Base, db


def run() -> None:
    """Upgrade or downgrade the database of the current application."""
    given = context.config.attributes.get("connection")
    with current_app.app_context():
        if given is not None:
            _migrate(given)
        else:
            with db.engine.connect() as connection:
                _migrate(connection)


def _migrate(connection: Connection) -> None:
    # SQLite can change a column only by making the table anew, and would call its rows missing meanwhile. The switch
    # works outside a transaction only, hence the bare connection.
    is_sqlite = connection.dialect.name == "sqlite"
    driver = connection.connection.dbapi_connection
    if is_sqlite:
        driver.execute("PRAGMA foreign_keys=OFF")
    try:
        _run(connection)
    finally:
        if is_sqlite:
            driver.execute("PRAGMA foreign_keys=ON")


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
