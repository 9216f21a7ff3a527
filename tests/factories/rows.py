"""Keeping rows."""

from __future__ import annotations

from itertools import count
from typing import Any, TypeVar

from telehealth.database import Base, transaction

Row = TypeVar("Row", bound=Base)
number = count(1).__next__


def keep(row: Row) -> Row:
    with transaction() as session:
        session.add(row)
    return row


def change(row: Row, **values: Any) -> Row:
    """Give columns of a row that is there other values."""
    with transaction() as session:
        found = session.get_one(type(row), row.id)  # type: ignore[attr-defined]  # Every row of ours has an id.
        for name, value in values.items():
            setattr(found, name, value)
        return found
