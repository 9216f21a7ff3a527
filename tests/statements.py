"""What is said to the database: counted, because no noise can blur a count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from telehealth.database import db

BOOKKEEPING = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")


@contextmanager
def listening() -> Iterator[list[str]]:
    """The statements of the block, in order, without the bookkeeping of transactions. One for many rows is one."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(BOOKKEEPING):
            said.append(statement)

    place = db.engine
    event.listen(place, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(place, "before_cursor_execute", note)
