"""Copies of the database: making one while the service runs, and going back to one."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click
from flask.cli import with_appcontext

from telehealth import clock
from telehealth.adapters import sqlite_files
from telehealth.adapters.sqlite_files import BadCopy
from telehealth.database import db
from telehealth.queries import schema
from telehealth.services.delivery.restoring import settle_restored

FOR_POSTGRESQL = "This is for SQLite. With PostgreSQL use {tool}; the README says how."


@click.command("backup")
@click.argument("to", type=click.Path(path_type=Path))
@with_appcontext
def backup(to: Path) -> None:
    """Write a consistent copy of the SQLite database to the file TO, while the service runs.

    Only its owner can read it, and what was deleted is not in it.
    """
    source = _file("pg_dump")
    try:
        sqlite_files.copy_database(source, to, mark=schema.COPY_MARK)
    except FileExistsError:
        _refuse(f"There is a file {to} already. Nothing was written.")
    except (OSError, BadCopy) as problem:
        _refuse(f"No copy was made: {problem}")
    counts = ", ".join(f"{count:,} {what}" for what, count in sqlite_files.count_rows(to, "appointment", "message"))
    click.echo(f"Copied to {to}: version {sqlite_files.read_version(to)}, rows: {counts}.")


@click.command("restore")
@click.argument("copy", metavar="FROM", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Put it in place of the database that is there, which is kept beside it.")
@with_appcontext
def restore(copy: Path, *, replace: bool) -> None:
    """Make the copy FROM the SQLite database. Stop the web server and the jobs first.

    What was due since may have been sent already and is not sent again: see ``flask settle-restored``.
    """
    target = _file("pg_restore")
    version = _version_of(copy)
    if target.exists() and not replace:
        _refuse(f"There is a database at {target}. To put the copy in its place: --replace. Nothing was changed.")
    db.engine.dispose()
    try:
        kept = sqlite_files.put_in_place(copy, target, mark=schema.COPY_MARK, at=clock.now())
    except BlockingIOError:
        _refuse(f"{target} is in use: stop the web server and the jobs first. Nothing was changed.")
    if kept is not None:
        click.echo(f"The database that was there is kept as {kept}.")
    if version != schema.newest_version():
        click.echo(f"Restored; it is of version {version}. Now run: flask db upgrade, then flask settle-restored.")
        return
    click.echo("Restored.")
    _settle()


@click.command("settle-restored")
@with_appcontext
def settle() -> None:
    """After an earlier state of the database was restored: send nothing again that was due before now.

    ``flask restore`` does it by itself. After pg_restore run it before anything is started.
    """
    with db.engine.connect() as connection:
        why_not = schema.why_not_current(connection)
    if why_not:
        _refuse(why_not)
    _settle()


def _settle() -> None:
    settled = settle_restored(now=clock.now())
    if path := _sqlite_file():
        db.session.remove()
        db.engine.dispose()
        sqlite_files.mark_database(path, 0)
    click.echo(
        f"Of what was due, {settled.texts:,} texts are asked about before they go, and {settled.emails:,} e-mails do "
        "not go again: they wait under To do at the desk."
    )


def _version_of(copy: Path) -> str:
    """The version of a copy's tables, which this program knows."""
    try:
        sqlite_files.check_database(copy)
        version = sqlite_files.read_version(copy)
    except BadCopy as problem:
        _refuse(f"{problem} Nothing was changed.")
    if not schema.is_known_version(version):
        _refuse(f"The copy is of version {version}, which this program does not know. Nothing was changed.")
    return version


def _file(tool: str) -> Path:
    return _sqlite_file() or _refuse(FOR_POSTGRESQL.format(tool=tool))


def _sqlite_file() -> Path | None:
    url = db.engine.url
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def _refuse(why: str) -> NoReturn:
    raise click.ClickException(why)
