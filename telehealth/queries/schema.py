"""Whether the database is one that this program can work with."""

from __future__ import annotations

from functools import cache

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import Connection

from telehealth.database import db

COPY_MARK = 1
"""What ``flask backup`` writes into the ``user_version`` of a copy, so that nothing works with it as it is."""

NO_TABLES = "The database has no tables yet. Run `flask db upgrade`, then start again."
OLDER = "The database is older than this program ({has} instead of {needs}). Run `flask db upgrade`, then start again."
NEWER = (
    "The database is newer than this program: its version {has} is not known here. Install the program that it belongs "
    "to, or restore a copy that was made before (`flask restore`)."
)
A_COPY = (
    "The database is a copy made by `flask backup`: what has been sent since would be sent again. Stop everything that "
    "uses it, and run `flask settle-restored`."
)


def why_not_ready() -> str | None:
    """Why nothing can be served or sent from this database, in a sentence that says what to do; None when it can."""
    with db.engine.connect() as connection:
        return why_not_current(connection) or (A_COPY if is_copy(connection) else None)


def why_not_current(connection: Connection) -> str | None:
    """Why the tables are not those of this program; None when they are."""
    has, needs = find_version(connection), newest_version()
    if has == needs:
        return None
    if has is None:
        return NO_TABLES
    return OLDER.format(has=has, needs=needs) if is_known_version(has) else NEWER.format(has=has)


def find_version(connection: Connection) -> str | None:
    """The last step of the schema that was taken in a database; None when there was none."""
    return MigrationContext.configure(connection).get_current_revision()


def newest_version() -> str | None:
    """The last step of the schema that this program knows."""
    return _steps().get_current_head()


def is_known_version(version: str) -> bool:
    """Whether this program has the step."""
    try:
        return _steps().get_revision(version) is not None
    except CommandError:
        return False


def is_copy(connection: Connection) -> bool:
    """Whether this is a copy of a SQLite database that was not settled yet."""
    if connection.dialect.name != "sqlite":
        return False
    return bool(connection.exec_driver_sql("PRAGMA user_version").scalar() == COPY_MARK)


def _steps() -> ScriptDirectory:
    return _steps_in(current_app.extensions["migrate"].directory)


@cache  # Reading two dozen files is too much for a health check.
def _steps_in(folder: str) -> ScriptDirectory:
    return ScriptDirectory(folder)
