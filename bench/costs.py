"""What something costs the database, counted: no busy machine changes that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(slots=True)
class Costs:
    """Statements (BEGIN is none: one of the drivers says it unheard), flushes of sessions, and rows written."""

    statements: int = 0
    flushes: int = 0
    rows: int = 0
    _before: dict[Any, int] = field(default_factory=dict)

    def begin(self, connection: Any, *_: Any) -> None:
        """A statement will be executed."""
        if connection.dialect.name == "sqlite":
            driver = connection.connection.dbapi_connection
            self._before.setdefault(driver, driver.total_changes)

    def note(self, connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        """A statement was executed."""
        self.statements += not statement.startswith("BEGIN")
        if connection.dialect.name == "postgresql" and statement.lstrip().startswith(WRITES):
            self.rows += cursor.rowcount

    def note_flush(self, *_: Any) -> None:
        """A session has written what had changed."""
        self.flushes += 1

    def end(self) -> None:
        """SQLite counts rows itself, and its driver does so only for statements that return none."""
        self.rows += sum(driver.total_changes - before for driver, before in self._before.items())


@contextmanager
def counted() -> Iterator[Costs]:
    """What this process costs the databases until the end of the block."""
    costs = Costs()
    listeners: tuple[tuple[Any, str, Any], ...] = (
        (Engine, "before_cursor_execute", costs.begin),
        (Engine, "after_cursor_execute", costs.note),
        (Session, "after_flush", costs.note_flush),
    )
    for listener in listeners:
        event.listen(*listener)
    try:
        yield costs
        costs.end()
    finally:
        for listener in listeners:
            event.remove(*listener)
