"""Planning messages and taking plans back. These run inside the caller's transaction: a slot and what is said about it
are one decision.

Locks, on PostgreSQL: whoever changes an appointment holds its row and then waits for its messages, in the order of
their ids. Nobody who holds a message ever waits for an appointment or for a second message (see ``delivery``), so the
two cannot wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from telehealth.domain.message_states import require_step
from telehealth.domain.planning import (
    Change,
    Key,
    Occasion,
    Planned,
    Reader,
    Row,
    Standing,
    plan,
    says,
    standing,
)
from telehealth.domain.words import Actor, Channel, MessageKind, MessageStatus
from telehealth.models import Appointment, AppointmentEvent, Attendee, Message, Offer, ReminderRule, Therapist

ATTENDEE, THERAPIST, ENTRY = "attendee:", "therapist:", "entry:"
SAYS_NOTHING = (MessageStatus.VOID, MessageStatus.FAILED, MessageStatus.EXPIRED)

# Built once: building a statement takes longer than running it. Rows and not objects: nobody changes them here.
_RULES = select(ReminderRule.kind, ReminderRule.channel, ReminderRule.minutes_before, ReminderRule.modes).where(
    ReminderRule.practice_id == bindparam("practice")
)
_SO_FAR = (
    select(
        Message.id,
        Message.kind,
        Message.channel,
        Message.recipient,
        Message.minutes_before,
        Message.version,
        Message.status,
        Message.unsure,
        Message.says,
        Message.therapist_id,
    )
    .where(Message.appointment_id == bindparam("appointment"), Message.status.not_in(SAYS_NOTHING))
    .order_by(Message.id)
    .with_for_update(of=Message)
)
_ACTORS = (
    select(AppointmentEvent.actor)
    .where(AppointmentEvent.appointment_id == bindparam("appointment"))
    .order_by(AppointmentEvent.id)
)
_INSERT = insert(Message)


def replan(
    session: Session,
    appointment: Appointment,
    *,
    now: datetime,
    only: Collection[Attendee] | None = None,
    is_new: bool = False,
) -> None:
    """Make what is planned fit how things are now, and plan to tell whoever believes something else.

    Called after every change, with the appointment's row locked; calling it twice changes nothing. ``only`` names the
    seats that may have changed, when not all have; therapists are always looked at. ``is_new`` spares the look at what
    was said before.
    """
    rows = [] if is_new else session.connection().execute(_SO_FAR, {"appointment": appointment.id}).all()
    so_far = [
        Row(
            row.id,
            Key(row.kind, row.channel, row.recipient, row.minutes_before),
            row.version,
            row.status,
            row.unsure,
            row.says,
        )
        for row in rows
    ]
    former = {row.recipient: row.therapist_id for row in rows if row.therapist_id is not None}
    readers = [*_clients(session, appointment, only), *_therapists(appointment, former)]
    change = plan(readers, so_far, _occasion(session, appointment, now=now))
    _carry_out(session, appointment, change, _bystanders(readers, so_far), now=now)
    _write(session, appointment, change.new, former, is_new=is_new, now=now)


def plan_offer(session: Session, offer: Offer, *, now: datetime) -> None:
    """Tell somebody who waits that a time is kept for them: at once, for it is kept for a short while."""
    entry = offer.entry
    channels = [Channel.EMAIL, Channel.TEXT] if _takes_texts(entry) else [Channel.EMAIL]
    rows = [
        {
            "practice_id": offer.practice_id,
            "offer_id": offer.id,
            "recipient": ENTRY + entry.public_id,
            "kind": MessageKind.OFFER,
            "channel": channel,
            "version": 0,
            "planned_for": now,
            "due_at": now,
            "not_after": offer.expires_at,
            "created_at": now,
            "changed_at": now,
        }
        for channel in channels
    ]
    session.connection().execute(_INSERT, rows)


def void_offer(session: Session, offer: Offer, *, reason: str, now: datetime) -> None:
    """Take an offer's messages back, as far as they have not been handed to a provider."""
    about = update(Message).where(Message.offer_id == offer.id)
    _take_back(session, about, reason, now=now)


def take_back_texts(session: Session, appointment: Appointment, *, reason: str, now: datetime) -> None:
    """Say by e-mail alone that it is booked. Reminders stay as they are."""
    about = update(Message).where(
        Message.appointment_id == appointment.id,
        Message.kind == MessageKind.CONFIRMATION,
        Message.channel == Channel.TEXT,
    )
    _take_back(session, about, reason, now=now)


def recipient_of(reader: Attendee | Therapist) -> str:
    """The key by which messages name a reader."""
    return (ATTENDEE if isinstance(reader, Attendee) else THERAPIST) + reader.public_id


def _occasion(session: Session, appointment: Appointment, *, now: datetime) -> Occasion:
    rules = session.connection().execute(_RULES, {"practice": appointment.practice_id}).all()
    return Occasion(
        starts_at=appointment.starts_at,
        mode=appointment.mode,
        rules=rules,
        grace=timedelta(minutes=appointment.practice.grace_minutes),
        now=now,
        answer_by=appointment.expires_at,
    )


def _clients(session: Session, appointment: Appointment, only: Collection[Attendee] | None) -> list[Reader]:
    seats = appointment.attendees if only is None else list(only)
    ends = any(standing(seat.status) == Standing.OFF for seat in seats)
    is_surprised = ends and _ended_by_the_practice(session, appointment)
    return [_client(appointment, seat, is_surprised=is_surprised) for seat in seats]


def _client(appointment: Appointment, seat: Attendee, *, is_surprised: bool) -> Reader:
    is_off = standing(seat.status) == Standing.OFF
    now_is = Standing.OFF if is_off else standing(appointment.status)
    return Reader(
        recipient_of(seat),
        now_is,
        _says(appointment, now_is),
        takes_texts=_takes_texts(seat),
        is_reminded=True,
        is_surprised=is_surprised,
    )


def _therapists(appointment: Appointment, former: dict[str, int]) -> list[Reader]:
    """Who gives it, and who was told that they would and does not any more."""
    now_is = standing(appointment.status)
    said = _says(appointment, now_is, *sorted(seat.public_id for seat in appointment.seats))
    readers = {recipient_of(each): Reader(recipient_of(each), now_is, said) for each in appointment.therapists}
    gone = [Reader(key, Standing.OFF, _says(appointment, Standing.OFF)) for key in former if key not in readers]
    return [*readers.values(), *gone]


def _says(appointment: Appointment, now_is: Standing, *seats: str) -> str:
    therapists = (appointment.therapist_id, appointment.co_therapist_id)
    where = (appointment.ends_at.timestamp(), appointment.location_id)
    return says(now_is, appointment.starts_at, appointment.mode, where, therapists, seats)


def _takes_texts(contact: Any) -> bool:
    return contact.text_consent_at is not None and contact.phone is not None


def _ended_by_the_practice(session: Session, appointment: Appointment) -> bool:
    """Whether clients had a hand in it, and not in its end."""
    actors = session.connection().scalars(_ACTORS, {"appointment": appointment.id}).all()
    return Actor.CLIENT in actors and actors[-1] != Actor.CLIENT


def _bystanders(readers: Iterable[Reader], so_far: Iterable[Row]) -> list[int]:
    """What is still to be sent to seats that nobody asked about: it stays true under the new version."""
    looked_at = {reader.recipient for reader in readers}
    still_open = {MessageStatus.PLANNED, MessageStatus.SENDING}
    return [row.id for row in so_far if row.key.recipient not in looked_at and row.status in still_open]


def _carry_out(
    session: Session, appointment: Appointment, change: Change, bystanders: Sequence[int], *, now: datetime
) -> None:
    if change.void:
        about = update(Message).where(Message.id.in_(change.void))
        _take_back(session, about, "the appointment changed", now=now)
    kept = [*change.keep, *bystanders]
    if kept:
        stays = update(Message).where(Message.id.in_(kept), Message.version < appointment.sequence)
        session.execute(stays.values(version=appointment.sequence))


def _take_back(session: Session, about: Any, reason: str, *, now: datetime) -> None:
    """What is being sent at this moment checks again by itself, and what may have been sent is asked about first."""
    session.execute(
        about.where(Message.status == MessageStatus.PLANNED, Message.unsure.is_(False)).values(
            status=require_step(MessageStatus.PLANNED, MessageStatus.VOID), reason=reason, changed_at=now
        )
    )


def _write(
    session: Session,
    appointment: Appointment,
    planned: Iterable[Planned],
    former: dict[str, int],
    *,
    is_new: bool,
    now: datetime,
) -> None:
    seats = {recipient_of(attendee): attendee.id for attendee in appointment.attendees}
    therapists = former | {recipient_of(therapist): therapist.id for therapist in appointment.therapists}
    rows = [
        {
            "practice_id": appointment.practice_id,
            "appointment_id": appointment.id,
            "attendee_id": seats.get(each.key.recipient),
            "therapist_id": therapists.get(each.key.recipient),
            "recipient": each.key.recipient,
            "kind": each.key.kind,
            "channel": each.key.channel,
            "minutes_before": each.key.minutes_before,
            "version": appointment.sequence,
            "says": each.says,
            "planned_for": each.due_at,
            "due_at": each.due_at,
            "not_after": each.not_after,
            "created_at": now,
            "changed_at": now,
        }
        for each in planned
    ]
    if rows:
        connection = session.connection()
        connection.execute(_INSERT if is_new else _plan_anew(connection.dialect.name), rows)


@cache
def _plan_anew(dialect_name: str) -> Executable:
    """Insert; and what was taken back under this very version, and is wanted again, is planned again."""
    dialect: Any = postgresql if dialect_name == "postgresql" else sqlite
    statement = dialect.insert(Message.__table__)
    anew = {name: statement.excluded[name] for name in ("says", "planned_for", "due_at", "not_after", "changed_at")}
    made: Executable = statement.on_conflict_do_update(
        index_elements=["appointment_id", "kind", "minutes_before", "channel", "recipient", "version"],
        set_={"status": require_step(MessageStatus.VOID, MessageStatus.PLANNED), "reason": "", **anew},
        where=Message.__table__.c.status == MessageStatus.VOID,
    )
    return made
