"""SQLite's file as a file: nobody else reads it, it is copied whole while it is in use, and put back.

A plain copy of the file is none: what was committed last stands in the ``-wal`` beside it, and what is being written
comes in halves.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

PRIVATE_FILE, PRIVATE_FOLDER, STICKY = 0o600, 0o700, 0o1000
BESIDE = ("", "-wal", "-shm", "-journal")


class BadCopy(ValueError):
    """A file cannot be used as the database; says why."""


def keep_private(folder: Path, *files: Path | None) -> None:
    """Let nobody else of the machine into a folder of ours, what is in it, and these databases. What belongs to
    somebody else is left alone, and so is a folder for everybody, such as /tmp.
    """
    if folder.is_dir() and not folder.stat().st_mode & STICKY:
        _limit(folder, PRIVATE_FOLDER)
    for path in (each for file in files if file is not None for each in _with_companions(file)):
        _limit(path, PRIVATE_FILE)


def keep_files_private(folder: Path) -> None:
    """Let nobody else of the machine into a folder that is all ours, or read what is in it."""
    keep_private(folder)
    for path in folder.iterdir() if folder.is_dir() else ():
        _limit(path, PRIVATE_FILE)


def _limit(path: Path, mode: int) -> None:
    with suppress(FileNotFoundError, PermissionError):  # Gone meanwhile, or not ours.
        if path.stat().st_mode & 0o777 & ~mode:
            path.chmod(mode)


def _with_companions(path: Path) -> list[Path]:
    return [path.with_name(path.name + end) for end in BESIDE]


def copy_database(source: Path, target: Path, *, mark: int) -> None:
    """Write a consistent copy of a database that may be in use, as it is at one instant, marked with ``mark``.

    Only its owner can read it. Raises FileExistsError when there is something already, FileNotFoundError without a
    source, and BadCopy when the copy is not sound.
    """
    if not source.is_file():
        raise FileNotFoundError(source)
    unfinished = target.with_name(f".{target.name}.unfinished")
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    try:
        unfinished.unlink(missing_ok=True)
        unfinished.touch(PRIVATE_FILE)
        with closing(sqlite3.connect(source, isolation_level=None)) as connection:
            # Unlike a copy page by page it leaves out what was deleted.
            connection.execute("VACUUM INTO ?", (str(unfinished),))
        mark_database(unfinished, mark)
        check_database(unfinished)
        _to_disk(unfinished)
        unfinished.replace(target)
        _to_disk(target.parent)
    except BaseException:
        target.unlink()
        unfinished.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


def check_database(path: Path) -> None:
    """Read a whole database. Raises BadCopy when it is none, or not sound."""
    try:
        with _reading(path) as connection:
            told = connection.execute("PRAGMA integrity_check").fetchone()[0]
            orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as problem:
        raise BadCopy(f"{path} is no SQLite database: {problem}.") from problem
    if told != "ok" or orphans:
        raise BadCopy(f"{path} is damaged: {told}; {len(orphans)} rows point nowhere.")


def read_version(path: Path) -> str:
    """The last step of the schema that was taken in a database. Raises BadCopy when it has none."""
    try:
        with _reading(path) as connection:
            return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    except (sqlite3.DatabaseError, TypeError) as problem:
        raise BadCopy(f"{path} is no database of this service.") from problem


def count_rows(path: Path, *tables: str) -> list[tuple[str, int]]:
    """How many rows there are in these tables, by their names."""
    with _reading(path) as connection:
        return [(name, connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) for name in tables]  # noqa: S608 -- our own names


def mark_database(path: Path, mark: int) -> None:
    """Write a number into a database that says what it is good for (its ``user_version``)."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA user_version = {mark:d}")


def _reading(path: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True))


def put_in_place(copy: Path, target: Path, *, mark: int, at: datetime) -> Path | None:
    """Make a copy the database, with this ``mark``; where the database that was there is kept, if there was one.

    Raises BlockingIOError while something uses it.
    """
    kept = _set_aside(target, at=at) if target.exists() else None
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(PRIVATE_FILE)
    shutil.copyfile(copy, unfinished)
    mark_database(unfinished, mark)
    for companion in _with_companions(target):
        companion.unlink(missing_ok=True)
    _to_disk(unfinished)
    unfinished.replace(target)
    _to_disk(target.parent)
    return kept


def _set_aside(target: Path, *, at: datetime) -> Path:
    with closing(sqlite3.connect(target, isolation_level=None, timeout=0)) as connection:
        try:
            # Only who is alone with a database can end its -wal, and what stands in it comes into the file.
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
        except sqlite3.OperationalError as problem:
            raise BlockingIOError(f"{target} is in use.") from problem
    if mode != "delete":
        raise BlockingIOError(f"{target} is in use.")
    kept = target.with_name(f"{target.name}.{at:%Y%m%dT%H%M%SZ}")
    target.rename(kept)
    return kept


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
