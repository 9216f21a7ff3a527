"""Whether the database is one that this program can work with."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect

from telehealth.database import db

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
"""Its steps are in files that begin with their numbers. Alembic takes them; to know which there are nobody needs it."""

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
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return version


def newest_version() -> str:
    """The last step of the schema that this program knows."""
    return known_versions()[-1]


def is_known_version(version: str) -> bool:
    """Whether this program has the step."""
    return version in known_versions()


def is_copy(connection: Connection) -> bool:
    """Whether this is a copy of a SQLite database that was not settled yet."""
    if connection.dialect.name != "sqlite":
        return False
    return bool(connection.exec_driver_sql("PRAGMA user_version").scalar() == COPY_MARK)


@cache
def known_versions() -> list[str]:
    """All steps of the schema that this program knows, in their order."""
    return sorted(step.name.partition("_")[0] for step in (MIGRATIONS / "versions").glob("*.py"))
