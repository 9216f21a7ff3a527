"""Rows that are carried outside the house, each in the hands of one worker at a time: who holds one until when, keeping
it, writing down what came of it, and giving it back.

A claim is made in one short transaction, the network is spoken with while none is open, and what came of it is written
in a second one. When the worker dies in between, its lease runs out and another takes the row up. Messages, calendars
that are due and what is written into them share what is here; a message is also told by its status and by how manieth
attempt it is, so it has statements of its own for the rest (``delivery.leases``).
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from telehealth.models.columns import LeasedColumns

LEASE = timedelta(minutes=1)
"""A worker that lives renews it, so this is for how long nobody carries what a killed one held."""
KEPT_FOR_THE_ANSWER = RENEWED_AFTER = 3
"""What part of its lease a row must still have when its carrying begins, and after what part of it it is renewed: a
third, so that one renewal may come late.
"""
LeasedRow = TypeVar("LeasedRow", bound=LeasedColumns)


@dataclass(slots=True)
class Lease:
    """Until when (aware) a claimed row is its worker's, for ``length`` after each renewal. Threads that carry read what
    the one that renews writes.
    """

    until: datetime
    length: timedelta

    @property
    def begin_by(self) -> datetime:
        """After that, the row might be somebody else's before an answer has come."""
        return self.until - self.length / KEPT_FOR_THE_ANSWER


def name_worker() -> str:
    """A name that no other worker has, here or on another machine."""
    return f"{socket.gethostname()[:20]}:{os.getpid()}:{secrets.token_hex(4)}"


def claim_due(
    session: Session,
    model: type[LeasedRow],
    *which: ColumnElement[bool],
    worker: str,
    limit: int,
    now: datetime,
    lease: timedelta = LEASE,
) -> list[int]:
    """Take up to ``limit`` rows that are due, those first that have been so longest, and what dead workers left behind;
    their ids. Inside the caller's transaction, which must be short.

    ``worker`` is a new name for each claim (``name_worker``): it alone tells what is still in hand from what somebody
    has taken up since, be it the same process. What another claim has locked at this moment is left to it.
    """
    due = (
        select(model.id)
        .where(*which, model.due_at <= now, or_(model.leased_until.is_(None), model.leased_until <= now))
        .order_by(model.due_at, model.id)
        .limit(limit)
        .with_for_update(of=model, skip_locked=True)
    )
    ids = list(session.scalars(due))
    _write(session, model, model.id.in_(ids), worker=worker, leased_until=now + lease)
    return ids


def find_held(session: Session, model: type[LeasedRow], ids: Collection[int], *, worker: str) -> Sequence[LeasedRow]:
    """Those of these rows that are still in the hands of this claim, locked until the transaction ends, so that what
    came of them can be written. What is somebody else's by now is left out: they know better.
    """
    held = select(model).where(model.id.in_(ids), model.worker == worker).order_by(model.id)
    return session.scalars(held.with_for_update(of=model).execution_options(populate_existing=True)).all()


def keep_claim(
    session: Session,
    model: type[LeasedRow],
    ids: Collection[int],
    *which: ColumnElement[bool],
    worker: str,
    now: datetime,
    lease: timedelta = LEASE,
) -> int:
    """Keep those of these rows that are as said (``which``) for another lease from ``now`` on; how many of them are
    still this claim's.
    """
    held = and_(model.id.in_(ids), model.worker == worker, *which)
    return _write(session, model, held, leased_until=now + lease)


def give_back(session: Session, model: type[LeasedRow], ids: Collection[int], *, worker: str) -> int:
    """Give rows back, tried or not, so that anybody may take them when they are due; how many were this claim's."""
    return _write(session, model, model.id.in_(ids) & (model.worker == worker), worker=None, leased_until=None)


def _write(session: Session, model: type[LeasedRow], which: ColumnElement[bool], **values: object) -> int:
    statement = update(model).where(which).values(**values).execution_options(synchronize_session=False)
    return session.execute(statement).rowcount  # type: ignore[attr-defined, no-any-return]  # An UPDATE has it.
