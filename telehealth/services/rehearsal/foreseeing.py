"""What will be planned: what has a row already, and what is not a row yet, on objects that never reach the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload, selectinload

from telehealth.database import db
from telehealth.domain.consent.contactability import NO_OPT_OUTS, PURPOSE_OF, why_not_contactable
from telehealth.domain.delivery.states import REACHES, UNTRIED
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.domain.messages.planning import plan_messages
from telehealth.domain.messages.plans import Key, MessageRow, Planned
from telehealth.domain.messages.rules import BEFORE
from telehealth.domain.messages.told import NEWS, Standing
from telehealth.domain.words import AppointmentStatus, OccurrenceStatus
from telehealth.models import Appointment, Attendee, Message, Occurrence, Practice, Series, Therapist
from telehealth.queries.consent.opt_outs import opt_outs_of_seats
from telehealth.queries.series.date_verdicts import slot_of
from telehealth.services.delivery.contents import NEEDED
from telehealth.services.messages.agendas import list_wanted_agendas
from telehealth.services.messages.outbox import message_values
from telehealth.services.messages.planning import SAY_THE_SLOT, occasion_of
from telehealth.services.messages.recipients import recipient_key, recipients_of_appointment
from telehealth.services.rehearsal.telling import RehearsedLine
from telehealth.services.series.date_booking import foresee_appointment

DAY = timedelta(days=1)
LONGEST_LEAD = timedelta(days=14)


def is_told(practice_id: int, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    """Messages that are due then, or that say why they will not be sent."""
    explained = Message.status.in_(UNTRIED) & Message.reason.is_distinct_from(Reason.APPOINTMENT_CHANGED)
    return (
        Message.practice_id == practice_id,
        Message.due_at >= since,
        Message.due_at < until,
        or_(Message.status == MessageStatus.PLANNED, explained),
    )


def is_planned_date(
    practice_id: int, since: datetime, until: datetime, *, ahead: timedelta = LONGEST_LEAD
) -> tuple[ColumnElement[bool], ...]:
    """Dates of standing slots, with what is said ``ahead`` of them, whose appointments are made later."""
    return (
        Occurrence.practice_id == practice_id,
        Occurrence.status == OccurrenceStatus.PLANNED,
        Occurrence.starts_at >= since,
        Occurrence.starts_at < until + ahead,
    )


def list_told_rows(practice: Practice, since: datetime, until: datetime) -> Sequence[Message]:
    """Those messages, with all that their words need."""
    statement = select(Message).where(*is_told(practice.id, since, until)).options(*NEEDED)
    return db.session.scalars(statement).unique().all()


def foresee_standing_slots(practice: Practice, since: datetime, until: datetime, *, now: datetime) -> Iterator[Message]:
    """What the dates of standing slots will plan when their appointments are made."""
    ahead = max(LONGEST_LEAD, timedelta(weeks=practice.series_weeks))
    dates = db.session.scalars(
        select(Occurrence)
        .join(Occurrence.series)
        .where(*is_planned_date(practice.id, max(since, now), until, ahead=ahead))
        .options(joinedload(Occurrence.series).options(selectinload(Series.members), joinedload(Series.service)))
    ).unique()
    found = dates.all()
    known = _slots_told_by_text(each.series_id for each in found)
    for occurrence in found:
        made_at = max(now, occurrence.starts_at - timedelta(weeks=practice.series_weeks))
        appointment = foresee_appointment(slot_of(occurrence.series), occurrence, now=made_at)
        for message in _planned(appointment, now=made_at):
            is_text = (message.kind, message.channel) == (MessageKind.CONFIRMATION, Channel.TEXT)
            if is_text and occurrence.series_id in known:
                message.status, message.reason = MessageStatus.VOID, Reason.SAID_BEFORE
            if since <= message.due_at < until:
                yield message


def _slots_told_by_text(series_ids: Iterable[int]) -> set[int]:
    """The standing slots of which a text has told, or will: what is made later is not texted again."""
    told = (
        select(Occurrence.series_id)
        .join(Message, Message.appointment_id == Occurrence.appointment_id)
        .where(
            Occurrence.series_id.in_(set(series_ids)),
            Message.channel == Channel.TEXT,
            Message.kind.in_(SAY_THE_SLOT),
            Message.status.in_(REACHES),
        )
    )
    return set(db.session.scalars(told.distinct()))


def foresee_requests(practice: Practice, since: datetime, until: datetime, *, now: datetime) -> Iterator[Message]:
    """What is said when nobody answers the requests that wait."""
    waiting = db.session.scalars(
        select(Appointment).where(
            Appointment.practice_id == practice.id,
            Appointment.status == AppointmentStatus.PENDING,
            Appointment.expires_at < until,
        )
    ).all()
    for appointment in waiting:
        ends = max(appointment.expires_at or now, now)
        readers = recipients_of_appointment(db.session(), appointment, None, ())
        off = [replace(each, standing=Standing.OFF) for each in readers]
        plan = plan_messages(off, _as_if_told(appointment, ends), occasion_of(appointment, now=ends))
        for message in _unsaved_of(appointment, plan.new):
            if since <= message.due_at < until:
                yield message


def _as_if_told(appointment: Appointment, at: datetime) -> list[MessageRow]:
    """The news about it that will have been said by then."""
    rows = db.session.scalars(
        select(Message).where(
            Message.appointment_id == appointment.id, Message.kind.in_(NEWS), Message.status.in_(REACHES)
        )
    )
    return [
        MessageRow(
            id=each.id,
            key=Key(each.kind, each.channel, each.recipient, each.minutes),
            version=each.version,
            status=MessageStatus.SENT if each.due_at <= at else each.status,
            unsure=each.unsure,
            says=each.says,
            planned_for=each.planned_for,
            not_after=each.not_after,
        )
        for each in rows
    ]


def _planned(appointment: Appointment, *, now: datetime) -> Iterator[Message]:
    reading = recipients_of_appointment(db.session(), appointment, None, ())
    yield from _unsaved_of(appointment, plan_messages(reading, [], occasion_of(appointment, now=now)).new)


def _unsaved_of(appointment: Appointment, planned: Iterable[Planned]) -> Iterator[Message]:
    seats = {recipient_key(each): each for each in appointment.attendees}
    therapists = {recipient_key(each): each for each in appointment.therapists}
    for each in planned:
        yield _unsaved(each, appointment, seats.get(each.key.recipient), therapists.get(each.key.recipient))


def _unsaved(planned: Planned, appointment: Appointment, seat: Attendee | None, therapist: Therapist | None) -> Message:
    values = message_values(
        planned,
        now=planned.due_at,
        practice_id=appointment.practice.id,
        appointment=appointment,
        attendee=seat,
        therapist=therapist,
        version=appointment.sequence,
        reason=planned.reason or Reason.NOT_MADE,
    )
    return Message(**values, unsure=False, body="", public_id="rehearsal")


def foresee_agendas(practice: Practice, since: datetime, until: datetime, *, now: datetime) -> Iterator[Message]:
    """The agendas that the evenings before will plan, of days that no row stands for yet."""
    rows = db.session.execute(
        select(Message.therapist_id, Message.day).where(
            Message.practice_id == practice.id, Message.kind == MessageKind.AGENDA, Message.due_at >= since
        )
    )
    there = {tuple(row) for row in rows}
    at = max(since, now) - DAY
    while at < until:
        for row in list_wanted_agendas(db.session(), now=max(at, now), practice_id=practice.id):
            about = (row["therapist_id"], row["day"])
            if about not in there:
                there.add(about)
                therapist = db.session.get_one(Therapist, row["therapist_id"])
                yield Message(**row, public_id="rehearsal", therapist=therapist)
        at += DAY


def find_missing(practice: Practice, since: datetime, until: datetime, *, now: datetime) -> Iterator[RehearsedLine]:
    """What the rules ask for and nobody planned, each with the reason."""
    found = db.session.scalars(
        select(Appointment)
        .where(
            Appointment.practice_id == practice.id,
            Appointment.starts_at >= max(since, now),
            Appointment.starts_at < until + LONGEST_LEAD,
            Appointment.status == AppointmentStatus.BOOKED,
        )
        .options(selectinload(Appointment.attendees).joinedload(Attendee.client))
    ).all()
    planned = _keys(each.id for each in found)
    for appointment in found:
        yield from _missing_of(practice, appointment, planned)


def _keys(appointment_ids: Iterable[int]) -> set[tuple[object, ...]]:
    columns = (Message.appointment_id, Message.recipient, Message.kind, Message.minutes, Message.channel)
    rows = db.session.execute(
        select(*columns).where(Message.appointment_id.in_(list(appointment_ids)), Message.kind.in_(BEFORE))
    )
    return {tuple(row) for row in rows}


def _missing_of(
    practice: Practice, appointment: Appointment, planned: set[tuple[object, ...]]
) -> Iterator[RehearsedLine]:
    contacts = appointment.seats
    theirs = {each.recipient: each for each in recipients_of_appointment(db.session(), appointment, contacts, ())}
    missing = [
        (seat, rule)
        for seat in contacts
        for rule in theirs[recipient_key(seat)].rules
        if rule.kind in BEFORE
        and appointment.mode in rule.modes
        and (appointment.id, recipient_key(seat), rule.kind, rule.minutes, rule.channel) not in planned
    ]
    withheld = opt_outs_of_seats(practice.id, contacts) if missing else NO_OPT_OUTS
    for seat, rule in missing:
        at = appointment.starts_at - timedelta(minutes=rule.minutes)
        purpose = PURPOSE_OF[rule.kind]
        why = why_not_contactable(seat, seat.client, rule.channel, purpose, withheld)
        late = Reason.BOOKED_LATER if at <= appointment.changed_at else Reason.TOLD_OTHERWISE
        yield RehearsedLine(
            at=at,
            zone=seat.timezone,
            to=seat.name,
            kind=rule.kind,
            channel=rule.channel,
            minutes=rule.minutes,
            goes=False,
            reason=why or late,
            is_planned=False,
            appointment=appointment.public_id,
        )
