"""Telling somebody once more what they were told, because their links or their address are not what they were."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.domain.delivery.states import OPEN
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.plans import Key, Planned, Recipient
from telehealth.domain.messages.told import NEWS, Standing
from telehealth.models import Appointment, Attendee, Message, Occurrence
from telehealth.services.messages.outbox import insert_message, message_values
from telehealth.services.messages.recipients import recipient_key, recipients_of_appointment

SAYS = {
    Standing.BOOKED: MessageKind.CONFIRMATION,
    Standing.PENDING: MessageKind.REQUEST,
    Standing.ASKED: MessageKind.CHOOSE_AGAIN,
}


def tell_again(session: Session, seats: Iterable[Attendee], *, now: datetime) -> int:
    """Confirm appointments ahead to their clients, and to those who act for them, once more, with the links and the
    address of now; how many messages. By e-mail, or by text where only that may be.

    Whoever was not told yet will be, and of a standing slot its next date speaks for all. Runs inside the caller's
    transaction, which holds the appointments.
    """
    ahead = sorted((each for each in seats if each.appointment.is_ahead(now=now)), key=_by_start)
    return sum(_tell(session, each, now=now) for each in _first_of_series(session, ahead))


def _by_start(seat: Attendee) -> tuple[datetime, int]:
    return seat.appointment.starts_at, seat.id


def _first_of_series(session: Session, seats: list[Attendee]) -> list[Attendee]:
    ids = [each.appointment_id for each in seats]
    dates = select(Occurrence.appointment_id, Occurrence.series_id).where(Occurrence.appointment_id.in_(ids))
    series = {row.appointment_id: row.series_id for row in session.execute(dates)} if ids else {}
    first: dict[tuple[str, int], Attendee] = {}
    for each in seats:
        mine = series.get(each.appointment_id)
        first.setdefault(("series", mine) if mine is not None else ("seat", each.id), each)
    return list(first.values())


def _tell(session: Session, seat: Attendee, *, now: datetime) -> int:
    everybody = recipients_of_appointment(session, seat.appointment, [seat], ())
    theirs = [each for each in everybody if recipient_key(seat) in (each.recipient, each.seat)]
    return sum(_tell_reader(session, seat, each, now=now) for each in theirs)


def _tell_reader(session: Session, seat: Attendee, reader: Recipient, *, now: datetime) -> int:
    told = select(Message.status).where(
        Message.appointment_id == seat.appointment_id, Message.recipient == reader.recipient, Message.kind.in_(NEWS)
    )
    so_far = set(session.scalars(told))
    if not so_far or not so_far.isdisjoint(OPEN) or reader.standing not in SAYS:
        return 0
    kind = SAYS[reader.standing]
    channel = _channel(reader, kind)
    if channel is None:
        return 0
    say_now(session, seat, reader, kind, channel, now=now)
    return 1


def say_now(
    session: Session, seat: Attendee, reader: Recipient, kind: MessageKind, channel: Channel, *, now: datetime
) -> Message:
    """Tell one reader something about a seat at once, however often it was said before."""
    appointment = seat.appointment
    planned = Planned(Key(kind, channel, reader.recipient), reader.says, now, appointment.starts_at)
    made = insert_message(
        session,
        message_values(
            planned,
            now=now,
            practice_id=appointment.practice_id,
            appointment_id=appointment.id,
            attendee_id=seat.id,
            companion_id=reader.companion_id,
            version=appointment.sequence,
            copy=_next_copy(session, appointment, planned.key),
        ),
    )
    return session.get_one(Message, made)


def _channel(reader: Recipient, kind: MessageKind) -> Channel | None:
    may_be = reader.reachable(kind)
    return next((each for each in (Channel.EMAIL, Channel.TEXT) if each in may_be), None)


def _next_copy(session: Session, appointment: Appointment, key: Key) -> int:
    kind, channel, recipient, minutes = key
    latest = select(func.max(Message.copy)).where(
        Message.appointment_id == appointment.id,
        Message.kind == kind,
        Message.minutes == minutes,
        Message.channel == channel,
        Message.recipient == recipient,
        Message.version == appointment.sequence,
    )
    last = session.scalar(latest)
    return 0 if last is None else last + 1
