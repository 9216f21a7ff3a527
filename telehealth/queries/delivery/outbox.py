"""What waits to be sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.delivery.states import OPEN
from telehealth.models import Message

NOTHING = timedelta(0)

# Written into the statement word for word, as the partial index has it: SQLite does not use the index otherwise.
IS_OPEN = Message.status.in_(bindparam("open", list(OPEN), expanding=True, literal_execute=True))
_IS_DUE = (IS_OPEN, Message.due_at <= bindparam("now", type_=Message.due_at.type))
_OLDEST = select(Message.due_at).where(*_IS_DUE).order_by(Message.due_at).limit(1)
_COUNT = select(func.count()).select_from(Message).where(*_IS_DUE)


def oldest_lateness(*, now: datetime, session: Session | None = None) -> timedelta:
    """For how long the oldest due message has been due; nothing when none is. It costs the same however many are."""
    oldest = (session or db.session()).scalar(_OLDEST, {"now": now})
    return now - oldest if oldest is not None else NOTHING


def count_due_messages(*, now: datetime) -> int:
    """How many messages should be on their way by now."""
    return db.session.scalar(_COUNT, {"now": now}) or 0
