"""What waits to be sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.delivery.states import LOST, OPEN
from telehealth.domain.links import digest_of
from telehealth.domain.message_words import Reason
from telehealth.models import Message, NumberCode

NOTHING = timedelta(0)
SAID_BY_ITS_OWNER = (Reason.RECIPIENT_STOPPED, Reason.RECIPIENT_BLOCKS)

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


def is_code_lost(practice_id: int, phone: str, secret: str) -> bool:
    """Whether the last code that was texted to a number, for the bearer of a secret, did not get through. Of a number
    that has ended texts it is never said: whoever asks is a stranger.
    """
    last = (
        select(Message.status, Message.reason)
        .join(NumberCode, NumberCode.id == Message.number_code_id)
        .where(
            NumberCode.practice_id == practice_id, NumberCode.phone == phone, NumberCode.asked_by == digest_of(secret)
        )
    )
    found = db.session.execute(last.order_by(Message.id.desc()).limit(1)).one_or_none()
    if found is None:
        return False
    return found.reason == Reason.TEXT_BAD_ADDRESS or (found.status in LOST and found.reason not in SAID_BY_ITS_OWNER)
