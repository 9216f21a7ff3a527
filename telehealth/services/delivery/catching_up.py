"""After an outage: one message for each person instead of a burst, and nothing about the past.

Locks are taken as everywhere: appointments first, then messages. What somebody else holds is passed over; the next look
finds it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, bindparam, case, func, or_, select, update
from sqlalchemy.orm import Session

from telehealth import observability
from telehealth.database import db, transaction
from telehealth.domain.consent.contactability import NO_OPT_OUTS
from telehealth.domain.delivery.states import require_step
from telehealth.domain.delivery.verdicts import decide
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.domain.messages.plans import Key, Planned
from telehealth.domain.messages.rules import BEFORE
from telehealth.domain.messages.told import NEWS
from telehealth.models import Appointment, Attendee, Client, Companion, Message
from telehealth.queries.consent.reaching import email_goes_to, folded, text_goes_to
from telehealth.queries.delivery.outbox import IS_OPEN
from telehealth.services.delivery.contents import NEEDED
from telehealth.services.delivery.ways_in import save_ways_in
from telehealth.services.messages.outbox import insert_message, message_values

LATE = timedelta(minutes=30)
GROUPS_AT_ONCE = 200
COLLAPSED: Mapping[Channel, frozenset[MessageKind]] = MappingProxyType(
    {
        Channel.TEXT: frozenset({*BEFORE, *NEWS}),
        Channel.EMAIL: frozenset(BEFORE),
    }
)
"""What one message can say for several. E-mails that change a calendar stay what they are, and so does what can only be
answered by itself: an offer, and our answer to a text.
"""


class _Person(NamedTuple):
    """Who is written to on a channel, in one practice: by address; and in texts by number and address, because what
    cannot be texted is e-mailed, and that is not the same mailbox for everybody who shares a phone.
    """

    practice_id: int
    channel: Channel
    where: str


_NOW, _LATE_SINCE = (bindparam(name, type_=Message.due_at.type) for name in ("now", "late_since"))
# Late since nobody looked, or since the provider takes nothing: then it has been put off again and again.
_LATE = or_(Message.due_at <= _LATE_SINCE, Message.first_tried_at <= _LATE_SINCE)
_IS_DUE = and_(
    IS_OPEN,
    Message.due_at <= _NOW,
    Message.status == MessageStatus.PLANNED,
    Message.unsure.is_(False),
    Message.attendee_id.is_not(None),
    or_(*(and_(Message.channel == channel, Message.kind.in_(kinds)) for channel, kinds in COLLAPSED.items())),
)
_MAILBOX = func.coalesce(folded(email_goes_to(Attendee)), "")
_WHERE = case(
    (Message.channel == Channel.TEXT, func.coalesce(text_goes_to(Attendee), "") + " " + _MAILBOX), else_=_MAILBOX
)
_ANY = select(Message.id).where(_IS_DUE, _LATE).limit(1)
_GROUPS = (
    select(Message.practice_id, Message.channel, _WHERE.label("where"))
    .join(Attendee, Attendee.id == Message.attendee_id)
    .join(Client, Client.id == Attendee.client_id)
    .outerjoin(Companion, Companion.id == Message.companion_id)
    .where(_IS_DUE)
    .group_by(Message.practice_id, Message.channel, _WHERE)
    .having(func.count() > 1, func.count(case((_LATE, 1))) > 0)
    .limit(GROUPS_AT_ONCE)
)
_THEIRS = (
    select(Message.id, Message.appointment_id, Message.practice_id, Message.channel, _WHERE.label("where"))
    .join(Attendee, Attendee.id == Message.attendee_id)
    .join(Client, Client.id == Attendee.client_id)
    .outerjoin(Companion, Companion.id == Message.companion_id)
    .where(_IS_DUE, _WHERE.in_(bindparam("wheres", expanding=True)))
    .order_by(Message.id)
)
_PAST = (
    select(Message.id)
    .join(Appointment, Appointment.id == Message.appointment_id)
    .where(_IS_DUE, _LATE, Appointment.starts_at <= _NOW)
    .with_for_update(of=Message, skip_locked=True)
)


def collapse_late_messages(*, now: datetime) -> int:
    """Put what is more than ``LATE`` late in order, before it is claimed: what is about the past ends, and of several
    messages that are due to one person one catch-up is made, which says what is still ahead. How many messages ended.

    One short statement when nothing is late.
    """
    given = {"now": now, "late_since": now - LATE}
    is_any = db.session.execute(_ANY, given).first() is not None
    db.session.rollback()
    if not is_any:
        return 0
    with transaction() as session:
        ended = _end_the_past(session, given, now=now)
        people = {_Person(*row) for row in session.execute(_GROUPS, given)}
        late = _locked(session, people, given) if people else {}
        for messages in late.values():
            ended += say_in_one(session, MessageKind.CATCH_UP, messages, now=now)
        return ended


def _end_the_past(session: Session, given: Mapping[str, datetime], *, now: datetime) -> int:
    status = require_step(MessageStatus.PLANNED, MessageStatus.EXPIRED)
    over = (
        update(Message)
        .where(Message.id.in_(_PAST))
        .values(status=status, reason=Reason.HAS_BEGUN, changed_at=now)
        .returning(Message.id, Message.kind, Message.channel)
        .execution_options(synchronize_session=False)
    )
    found = session.execute(over, given).all()
    save_ways_in(session, found, now=now)
    for row in found:
        observability.count_message(status, row.kind, row.channel)
    return len(found)


def _locked(
    session: Session, people: Collection[_Person], given: Mapping[str, datetime]
) -> Mapping[_Person, Sequence[Message]]:
    """What is due to them, locked, after the appointments that it is about."""
    rows = session.execute(_THEIRS, {**given, "wheres": sorted({each.where for each in people})}).all()
    by_id = {row.id: person for row in rows if (person := _person(row)) in people}
    found = lock_due_messages(session, by_id, {row.appointment_id for row in rows if row.id in by_id})
    grouped: defaultdict[_Person, list[Message]] = defaultdict(list)
    for message in found.values():
        grouped[by_id[message.id]].append(message)
    return grouped


def lock_due_messages(
    session: Session, message_ids: Iterable[int], appointment_ids: Iterable[int]
) -> Mapping[int, Message]:
    """Those of these messages that are still planned, by id, locked after the appointments that they are about. What
    somebody else holds is passed over.
    """
    free = select(Appointment.id).where(Appointment.id.in_(list(appointment_ids))).order_by(Appointment.id)
    # A new message about an appointment needs this lock anyway: it must not wait for it while it holds messages.
    held = session.scalars(free.with_for_update(read=True, key_share=True, skip_locked=True)).all()
    found = session.scalars(
        select(Message)
        .where(
            Message.id.in_(list(message_ids)),
            Message.appointment_id.in_(held),
            Message.status == MessageStatus.PLANNED,
        )
        .order_by(Message.id)
        .options(*NEEDED)
        .with_for_update(of=Message, skip_locked=True)
        .execution_options(populate_existing=True)
    ).unique()
    return {message.id: message for message in found}


def _person(row: Row[*tuple[Any, ...]]) -> _Person:  # The columns of ``_THEIRS``.
    return _Person(row.practice_id, row.channel, row.where)


def say_in_one(session: Session, kind: MessageKind, messages: Iterable[Message], *, now: datetime) -> int:
    """Let one message say what these would, if at least two of them are still wanted; how many ended for it. They go to
    the same reader on the same channel, and the caller has locked them.
    """
    ahead = [each for each in messages if _is_wanted(each, now=now)]
    if len(ahead) < 2:  # noqa: PLR2004 -- one is one
        return 0
    made = _instead_of(session, kind, ahead, now=now)
    for message in ahead:
        message.status = require_step(message.status, MessageStatus.VOID)
        message.reason, message.told_by_id, message.changed_at = Reason.SAID_IN_ONE, made, now
        observability.count_message(message.status, message.kind, message.channel)
    session.flush()
    return len(ahead)


def _is_wanted(message: Message, *, now: datetime) -> bool:
    """Whether it would be sent, now or in the morning. Whether its reader may be written to is looked at before the
    catch-up is sent.
    """
    said = decide(message, withheld=NO_OPT_OUTS, now=now)
    return said.send or said.wait_until is not None


def _instead_of(session: Session, kind: MessageKind, ahead: Sequence[Message], *, now: datetime) -> int:
    """One message that stands for these; it is about the first of their appointments."""
    first = min(ahead, key=lambda each: (_starts_at(each), each.id))
    earlier = select(func.max(Message.copy)).where(
        Message.appointment_id == first.appointment_id,
        Message.kind == kind,
        Message.channel == first.channel,
        Message.recipient == first.recipient,
    )
    last = session.scalar(earlier)
    until = max(_starts_at(each) for each in ahead)
    if kind == MessageKind.SEVERAL:  # An end is still worth knowing after the start.
        until = max(each.not_after for each in ahead)
    values = message_values(
        Planned(Key(kind, first.channel, first.recipient), "", now, until),
        now=now,
        practice_id=first.practice_id,
        appointment_id=first.appointment_id,
        attendee_id=first.attendee_id,
        companion_id=first.companion_id,
        therapist_id=first.therapist_id,
        version=first.version,
        copy=0 if last is None else last + 1,
    )
    return insert_message(session, values)


def _starts_at(message: Message) -> datetime:
    return message.appointment.starts_at if message.appointment is not None else message.not_after
