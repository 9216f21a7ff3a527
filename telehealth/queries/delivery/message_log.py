"""What was said, what will be said, and what became of it: the outbox as staff read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from telehealth.database import db
from telehealth.domain.delivery.states import OPEN
from telehealth.domain.errors import NotFound
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.models import Appointment, Attendee, Client, InboundText, LoginLetter, Message, Offer, WaitlistEntry
from telehealth.queries.loading import is_given_by

PAGE = 20
THINGS = (
    "appointment_id",
    "offer_id",
    "inbound_id",
    "therapist_id",
    "day",
    "login_letter_id",
    "alert_id",
    "number_code_id",
)
"""What a message can be about. Each begins an index, or stands in one behind the others."""

_WITH = (
    joinedload(Message.attendee).joinedload(Attendee.client),
    joinedload(Message.companion),
    joinedload(Message.therapist),
    joinedload(Message.appointment).options(joinedload(Appointment.therapist), joinedload(Appointment.practice)),
    joinedload(Message.offer).joinedload(Offer.entry).joinedload(WaitlistEntry.client),
    joinedload(Message.inbound).joinedload(InboundText.client),
    joinedload(Message.login_letter).joinedload(LoginLetter.user),
    selectinload(Message.events),
)


@dataclass(frozen=True, slots=True)
class LogFilters:
    """What to look for; None is "all". ``client`` and ``appointment`` are public ids, ``therapist_id`` narrows it to
    one therapist's appointments, and the instants bound when it was or is due: [since, until).
    """

    client: str | None = None
    appointment: str | None = None
    statuses: Sequence[MessageStatus] = ()
    channel: Channel | None = None
    kind: MessageKind | None = None
    therapist_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some lines of the log, and where the next ones begin: pass ``following`` as ``after``; None at the end."""

    rows: Sequence[Message]
    following: str | None


def list_log(practice_id: int, filters: LogFilters, *, after: str | None = None, limit: int = PAGE) -> LogPage:
    """What was or is due, the latest first. Raises NotFound for an ``after`` that is nobody's."""
    statement = _found(practice_id, filters).order_by(Message.due_at.desc(), Message.id.desc()).limit(limit + 1)
    if after is not None:
        last = find_message(practice_id, after, therapist_id=filters.therapist_id)
        earlier = and_(Message.due_at == last.due_at, Message.id < last.id)
        statement = statement.where(or_(Message.due_at < last.due_at, earlier))
    rows = db.session.scalars(statement).unique().all()
    return LogPage(rows[:limit], rows[limit - 1].public_id if len(rows) > limit else None)


def list_outgoing(practice_id: int, filters: LogFilters, *, limit: int, skip: int = 0) -> Sequence[Message]:
    """What waits to be sent, the soonest first, without the first ``skip`` of it."""
    statement = _found(practice_id, filters).where(Message.status.in_(OPEN)).order_by(Message.due_at, Message.id)
    return db.session.scalars(statement.limit(limit).offset(skip)).unique().all()


def count_outgoing(practice_id: int, filters: LogFilters, bounds: Sequence[datetime]) -> list[int]:
    """How many messages wait to be sent between each of the bounds and the next one."""
    within = (
        func.count(case(((Message.due_at >= since) & (Message.due_at < until), 1))) for since, until in pairwise(bounds)
    )
    conditions = [Message.practice_id == practice_id, Message.status.in_(OPEN), *_conditions(filters)]
    return list(db.session.execute(select(*within).where(*conditions)).one())


def find_message(practice_id: int, public_id: str, *, therapist_id: int | None = None) -> Message:
    """One message with what the provider reported about it. Raises NotFound."""
    statement = _found(practice_id, LogFilters(therapist_id=therapist_id)).where(Message.public_id == public_id)
    found = db.session.scalars(statement).unique().one_or_none()
    if found is None:
        raise NotFound
    return found


def list_about_the_same(message: Message) -> list[ColumnElement[bool]]:
    """Messages about the same thing, found by its index: the whole log of a practice may be long."""
    return [getattr(Message, name) == value for name in THINGS if (value := getattr(message, name)) is not None]


def list_copies(message: Message) -> Sequence[Message]:
    """The message that this one replaces, and those that replaced it, in order."""
    related = or_(Message.id == message.instead_of_id, Message.instead_of_id == message.id)
    theirs = select(Message).where(*list_about_the_same(message), related).options(*_WITH)
    return db.session.scalars(theirs.order_by(Message.id)).unique().all()


def _found(practice_id: int, filters: LogFilters) -> Select[Message]:
    conditions = [Message.practice_id == practice_id, *_conditions(filters)]
    return select(Message).where(*conditions).options(*_WITH)


def _conditions(filters: LogFilters) -> Iterator[Any]:
    if filters.statuses:
        yield Message.status.in_(filters.statuses)
    if filters.channel is not None:
        yield Message.channel == filters.channel
    if filters.kind is not None:
        yield Message.kind == filters.kind
    if filters.since is not None:
        yield Message.due_at >= filters.since
    if filters.until is not None:
        yield Message.due_at < filters.until
    yield from _of_whom(filters)


def _of_whom(filters: LogFilters) -> Iterator[Any]:
    if filters.appointment is not None:
        theirs = select(Appointment.id).where(Appointment.public_id == filters.appointment)
        yield Message.appointment_id == theirs.scalar_subquery()
    if filters.client is not None:
        yield _is_for(filters.client)
    if filters.therapist_id is not None:
        given = select(Appointment.id).where(is_given_by(filters.therapist_id))
        is_own = or_(Message.day.is_not(None), Message.kind == MessageKind.ALERT)
        yield or_(Message.appointment_id.in_(given), and_(Message.therapist_id == filters.therapist_id, is_own))


def _is_for(client: str) -> Any:
    """About any of a client's seats, waits and texts."""
    wanted = select(func.coalesce(Client.merged_into_id, Client.id)).where(Client.public_id == client).scalar_subquery()
    offers = select(Offer.id).join(Offer.entry).where(WaitlistEntry.client_id == wanted)
    return or_(
        Message.attendee_id.in_(select(Attendee.id).where(Attendee.client_id == wanted)),
        Message.offer_id.in_(offers),
        Message.inbound_id.in_(select(InboundText.id).where(InboundText.client_id == wanted)),
    )
