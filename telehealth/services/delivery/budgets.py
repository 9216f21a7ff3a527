"""The budgets of senders, shared by every worker through their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Executable, func, select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.delivery import budget
from telehealth.domain.delivery.budget import Budget, SendingLimits
from telehealth.models import Practice, SenderBudget
from telehealth.services.inserting import insert_in


class SenderBudgets:
    """What may be spent in one claim. Its rows stay locked until the caller's transaction ends, so two workers never
    spend the same second. Without limits it touches no row, and must not be asked.
    """

    def __init__(self, session: Session, limits: SendingLimits, *, now: datetime) -> None:
        self._limits = limits
        rows = _locked(session, limits, now=now) if limits else []
        self._rows = {row.sender: row for row in rows}
        self._left = {row.sender: budget.refill(_read(row), limits, now=now) for row in rows}

    @property
    def empty(self) -> list[str]:
        """The senders that may send nothing now."""
        return [sender for sender, left in self._left.items() if not budget.has_room(left, self._limits)]

    def has_room(self, practice: Practice) -> bool:
        """Whether a text of this practice may go now."""
        left = self._left.get(self._sender(practice))  # None when it was chosen a moment ago: the next claim asks.
        return left is not None and budget.has_room(left, self._limits)

    def spend(self, practice: Practice, segments: int) -> None:
        """Note that one text goes."""
        sender = self._sender(practice)
        if sender in self._left:
            self._left[sender] = budget.spend(self._left[sender], segments)

    def close(self) -> None:
        """Write down what is left."""
        for sender, row in self._rows.items():
            left = self._left[sender]
            row.tokens, row.refilled_at = left.tokens, left.refilled_at
            row.day_began_at, row.sent_today = left.day_began_at, left.sent_today

    def _sender(self, practice: Practice) -> str:
        return practice.text_sender or self._limits.sender


def next_room_for(limits: SendingLimits, *, now: datetime) -> datetime | None:
    """When the first of the senders that may send nothing at the moment may send again; None when all of them may."""
    rows = db.session.scalars(select(SenderBudget)).all()
    left = [budget.refill(_read(row), limits, now=now) for row in rows]
    db.session.rollback()
    return min((budget.next_room_at(each, limits) for each in left if not budget.has_room(each, limits)), default=None)


_ROWS = select(SenderBudget).order_by(SenderBudget.sender).with_for_update().execution_options(populate_existing=True)


def sender_of_practice(limits: SendingLimits) -> ColumnElement[str]:
    """The sender of a Practice, as a column."""
    return func.coalesce(func.nullif(Practice.text_sender, ""), limits.sender)


def _locked(session: Session, limits: SendingLimits, *, now: datetime) -> Sequence[SenderBudget]:
    rows = session.scalars(_ROWS).all()
    known = {row.sender for row in rows}
    new = set(session.scalars(select(sender_of_practice(limits)).distinct())) - known
    if not new:
        return rows
    made = [{"sender": sender, **asdict(budget.full_budget(limits, now=now))} for sender in sorted(new)]
    session.connection().execute(_make(session.connection().dialect.name), made)
    return session.scalars(_ROWS).all()


@cache
def _make(dialect_name: str) -> Executable:
    """Insert budgets; another worker may be as quick."""
    statement: Executable = insert_in(dialect_name, SenderBudget).on_conflict_do_nothing()
    return statement


def _read(row: SenderBudget) -> Budget:
    return Budget(row.tokens, row.refilled_at, row.day_began_at, row.sent_today)
