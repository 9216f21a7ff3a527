"""The outbox: every message becomes a row here, what was not sent yet is taken back here, and what became of an
attempt is written here.

All of it runs inside the caller's transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, Insert, bindparam, insert, or_, update
from sqlalchemy.orm import Session

from telehealth.database import RowValues
from telehealth.domain.delivery.states import UNTRIED, require_step
from telehealth.domain.message_words import MessageStatus, Reason
from telehealth.domain.messages.plans import Planned
from telehealth.models import Message
from telehealth.services.inserting import insert_in, insert_unless_taken

ABOUT_APPOINTMENT = ("appointment_id", "kind", "minutes", "channel", "recipient", "version", "copy")
ABOUT_DAY = ("therapist_id", "day", "kind", "channel", "copy")
REVIVED = (
    "status", "reason", "says", "told_before", "template", "minutes", "planned_for", "due_at", "not_after",
    "changed_at",
)  # fmt: skip
_INSERT = insert(Message)
_NEW = "new_"


def message_values(planned: Planned, *, now: datetime, **about: object) -> RowValues:
    """The row of what is planned. ``about`` names its practice, what it is about and who reads it; and whatever else
    it is to hold.
    """
    kind, channel, recipient, minutes = planned.key
    return {
        "recipient": recipient,
        "kind": kind,
        "channel": channel,
        "minutes": minutes,
        "template": planned.template,
        "version": 0,
        "says": planned.says,
        "told_before": planned.told_before,
        "status": planned.status,
        "reason": planned.reason,
        "planned_for": planned.due_at,
        "due_at": planned.due_at,
        "not_after": planned.not_after,
        "created_at": now,
        "changed_at": now,
        **about,
    }


def insert_messages(session: Session, rows: Sequence[RowValues], *, reviving: tuple[str, ...] | None = None) -> None:
    """Put rows of the same shape into the outbox.

    ``reviving`` names what makes a message the same (``ABOUT_APPOINTMENT``, ``ABOUT_DAY``): one that was taken back, or
    found no time, and is wanted again, is planned again; one that stands otherwise stays. Without it all of them are
    new.
    """
    if rows:
        connection = session.connection()
        statement = _INSERT if reviving is None else _insert_or_revive(reviving, connection.dialect.name)
        connection.execute(statement, rows)


def count_inserted(session: Session, rows: Sequence[RowValues], *, reviving: tuple[str, ...]) -> int:
    """The same, and how many were put there, or are planned again. It takes longer: the database names each one."""
    if not rows:
        return 0
    connection = session.connection()
    statement = _insert_or_revive(reviving, connection.dialect.name)
    return len(connection.execute(statement.returning(Message.id), rows).all())


def insert_message(session: Session, row: RowValues) -> int:
    """Put one row into the outbox and return its id. The caller holds what it is about, so nobody else makes it."""
    made = insert_unless_taken(session, Message, row)
    if made is None:
        raise RuntimeError("a message was made twice at the same moment")
    return made


def take_back_messages(session: Session, *which: ColumnElement[bool], reason: Reason, now: datetime) -> None:
    """Void those of them that are still to be sent. What is being sent at this moment checks again by itself, and what
    may have been sent is asked about first.
    """
    waiting = update(Message).where(*which, Message.status == MessageStatus.PLANNED, Message.unsure.is_(False))
    void = require_step(MessageStatus.PLANNED, MessageStatus.VOID)
    session.execute(waiting.values(status=void, reason=reason, changed_at=now))


def update_messages(session: Session, changes: Mapping[int, RowValues]) -> None:
    """Write new values into the rows of messages, by id: one statement for all that change the same columns."""
    rows: defaultdict[tuple[str, ...], list[RowValues]] = defaultdict(list)
    for message_id, values in changes.items():
        rows[tuple(values)].append({"which": message_id, **{_NEW + name: value for name, value in values.items()}})
    for names, theirs in rows.items():
        session.connection().execute(_update(names), theirs)
    for message_id in changes:  # What this session has read of them is old now.
        known = session.identity_map.get(session.identity_key(Message, message_id))
        if known is not None:
            session.expire(known)


@cache
def _update(names: tuple[str, ...]) -> Executable:
    one = update(Message).where(Message.id == bindparam("which"))
    return one.values({name: bindparam(_NEW + name) for name in names})


@cache
def _insert_or_revive(same: tuple[str, ...], dialect_name: str) -> Insert:
    """The steps are those of ``domain.delivery.states``: from VOID and EXPIRED to any of PLANNED, VOID and EXPIRED."""
    table: Any = Message.__table__
    statement = insert_in(dialect_name, Message)
    wanted = statement.excluded
    made: Insert = statement.on_conflict_do_update(
        index_elements=same,
        set_={name: wanted[name] for name in REVIVED},
        where=(
            or_(*(table.c.status == each for each in UNTRIED))  # Not IN, which cannot be said of many rows at once.
            & table.c.told_by_id.is_(None)
            & or_(table.c.status != wanted.status, table.c.reason.is_distinct_from(wanted.reason))
        ),
    )
    return made
