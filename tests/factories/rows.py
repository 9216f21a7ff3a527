"""Keeping rows."""

from __future__ import annotations

from itertools import count
from typing import TypeVar

from telehealth.database import Base, transaction

Row = TypeVar("Row", bound=Base)
number = count(1).__next__


def keep(row: Row) -> Row:
    with transaction() as session:
        session.add(row)
    return row
