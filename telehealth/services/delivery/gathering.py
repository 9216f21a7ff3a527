"""What is due to somebody at the same moment is one message: the dates of a standing slot, and in texts whatever goes
to one phone in the same minute.

Each is planned by itself, and taken back by itself, until it is due: so what is undone in time is never said, and what
nobody was told of is not called off. Locks are taken as everywhere: appointments first, then messages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row, bindparam, or_, select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.domain.messages.rules import BEFORE
from telehealth.domain.messages.told import NEWS
from telehealth.models import Attendee, Client, Companion, Message, Occurrence
from telehealth.queries.consent.reaching import text_goes_to
from telehealth.queries.delivery.outbox import IS_OPEN
from telehealth.services.delivery.catching_up import lock_due_messages, say_in_one

SAME_MINUTE = timedelta(minutes=1)
LOOKED_AT = 1_000
GATHERED: Mapping[Channel, frozenset[MessageKind]] = MappingProxyType(
    {Channel.TEXT: frozenset({*BEFORE, *NEWS}), Channel.EMAIL: frozenset(NEWS)}
)

_NOW = bindparam("now", type_=Message.due_at.type)
_WAITS = (
    IS_OPEN,
    Message.status == MessageStatus.PLANNED,
    Message.unsure.is_(False),
    or_(*((Message.channel == channel) & Message.kind.in_(kinds) for channel, kinds in GATHERED.items())),
)
_DUE = (
    select(
        Message.id,
        Message.appointment_id,
        Message.practice_id,
        Message.kind,
        Message.channel,
        Message.due_at,
        Message.therapist_id,
        Message.companion_id,
        Attendee.client_id,
        Occurrence.series_id,
        text_goes_to(Attendee).label("number"),
    )
    .outerjoin(Attendee, Attendee.id == Message.attendee_id)
    .outerjoin(Client, Client.id == Attendee.client_id)
    .outerjoin(Companion, Companion.id == Message.companion_id)
    .outerjoin(Occurrence, Occurrence.appointment_id == Message.appointment_id)
    .where(*_WAITS, Message.due_at <= bindparam("soon", type_=Message.due_at.type))
    .order_by(Message.due_at, Message.id)
    .limit(LOOKED_AT)
)


def gather_messages(*, now: datetime) -> int:
    """Make one message of those that are due together; how many it stands for. One short statement when nothing is."""
    with transaction() as session:
        groups = _groups(session, now=now)
        if not groups:
            return 0
        rows = [each for group in groups for each in group]
        locked = lock_due_messages(session, {each.id for each in rows}, {each.appointment_id for each in rows})
        return sum(_gather(session, group, locked, now=now) for group in groups)


# The rows have the columns of ``_DUE``.
def _groups(session: Session, *, now: datetime) -> list[list[Row[*tuple[Any, ...]]]]:
    """Rows that belong together, at least one of them due."""
    found: defaultdict[tuple[object, ...], list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in session.execute(_DUE, {"soon": now + SAME_MINUTE}):
        if (key := _key(row, now=now)) is not None:
            found[key].append(row)
    return [group for group in found.values() if len(group) > 1 and group[0].due_at <= now]


def _key(
    row: Row[*tuple[Any, ...]],  # The columns of ``_DUE``.
    *,
    now: datetime,
) -> tuple[object, ...] | None:
    """What is the same for those that belong together; None for what stays by itself. E-mails wait for their time: they
    change a calendar.
    """
    if row.channel == Channel.TEXT:
        return (row.practice_id, row.number) if row.number else None
    if row.series_id is None or row.due_at > now:
        return None
    return (row.series_id, row.kind, row.client_id, row.companion_id, row.therapist_id)


def _gather(
    session: Session,
    group: Collection[Row[*tuple[Any, ...]]],  # The columns of ``_DUE``.
    locked: Mapping[int, Message],
    *,
    now: datetime,
) -> int:
    messages: Sequence[Message] = [locked[each.id] for each in group if each.id in locked]
    return say_in_one(session, MessageKind.SEVERAL, messages, now=now)
