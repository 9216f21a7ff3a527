"""What will be planned: what has a row already, and what is not a row yet, on objects that never reach the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload, selectinload

from telehealth.database import db
from telehealth.domain.consent.contactability import PURPOSE_OF, why_not_contactable
from telehealth.domain.delivery.states import REACHES, UNTRIED
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.domain.messages.planning import plan_messages
from telehealth.domain.messages.plans import Key, MessageRow, Planned, Recipient
from telehealth.domain.messages.rules import BEFORE, Rule, usual_rules
from telehealth.domain.messages.told import NEWS, Standing
from telehealth.domain.words import AppointmentStatus, OccurrenceStatus
from telehealth.models import (
    Appointment,
    Attendee,
    Companion,
    Message,
    MessageRule,
    Occurrence,
    Practice,
    Series,
    SeriesMember,
    Therapist,
)
from telehealth.queries.consent.client_files import ClientFiles
from telehealth.queries.series.date_verdicts import slot_of
from telehealth.services.delivery.contents import NEEDED
from telehealth.services.messages.agendas import list_wanted_agendas
from telehealth.services.messages.outbox import message_values
from telehealth.services.messages.planning import SAY_THE_SLOT, occasion_of
from telehealth.services.messages.recipients import files_of_appointments, recipient_key, recipients_of_appointment
from telehealth.services.rehearsal.telling import RehearsedLine
from telehealth.services.series.date_booking import foresee_appointment

DAY = timedelta(days=1)
LONGEST_LEAD = timedelta(days=14)
LONGEST_WAIT = 2 * DAY
"""From when an appointment is made to when that is said: the grace, and a night."""


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
    return (*_is_kept(practice_id), Occurrence.starts_at >= since, Occurrence.starts_at < until + ahead)


def _is_kept(practice_id: int) -> tuple[ColumnElement[bool], ...]:
    return Occurrence.practice_id == practice_id, Occurrence.status == OccurrenceStatus.PLANNED


def list_leads(practice_id: int) -> set[timedelta]:
    """How long before its start something may be said of an appointment of the practice."""
    theirs = select(MessageRule.minutes).where(MessageRule.practice_id == practice_id, MessageRule.kind.in_(BEFORE))
    usual = [rule.minutes for kind in BEFORE for rule in usual_rules(kind)]
    return {timedelta(minutes=each) for each in (*usual, *db.session.scalars(theirs.distinct()))}


def list_told_rows(practice: Practice, since: datetime, until: datetime) -> Sequence[Message]:
    """Those messages, with all that their words need."""
    statement = select(Message).where(*is_told(practice.id, since, until)).options(*NEEDED)
    return db.session.scalars(statement).unique().all()


def foresee_standing_slots(practice: Practice, since: datetime, until: datetime, *, now: datetime) -> Iterator[Message]:
    """What the dates of standing slots will plan when their appointments are made."""
    found = _list_dates(practice, since, until, now=now)
    known = _slots_told_by_text(each.series_id for each in found)
    made_at = [max(now, each.starts_at - timedelta(weeks=practice.series_weeks)) for each in found]
    made = [foresee_appointment(slot_of(each.series), each, now=at) for each, at in zip(found, made_at, strict=True)]
    files = files_of_appointments(db.session(), made)
    for occurrence, appointment, at in zip(found, made, made_at, strict=True):
        for message in _planned(appointment, files.get(appointment.service_id), now=at):
            is_text = (message.kind, message.channel) == (MessageKind.CONFIRMATION, Channel.TEXT)
            if is_text and occurrence.series_id in known:
                message.status, message.reason = MessageStatus.VOID, Reason.SAID_BEFORE
            if since <= message.due_at < until:
                yield message


def _list_dates(practice: Practice, since: datetime, until: datetime, *, now: datetime) -> Sequence[Occurrence]:
    """Those dates of which something may be said in these days: ahead of them, or when their appointments are made."""
    ahead, weeks = max(list_leads(practice.id)), timedelta(weeks=practice.series_weeks)
    made_from = now if since - LONGEST_WAIT <= now else since - LONGEST_WAIT + weeks  # What is late is made now.
    comes = and_(Occurrence.starts_at >= max(since, now), Occurrence.starts_at < until + ahead)
    is_made = and_(Occurrence.starts_at >= made_from, Occurrence.starts_at < until + weeks)
    statement = select(Occurrence).where(*_is_kept(practice.id), or_(comes, is_made)).order_by(Occurrence.id)
    needed = joinedload(Occurrence.series).options(
        selectinload(Series.members).joinedload(SeriesMember.client), joinedload(Series.service)
    )
    return db.session.scalars(statement.options(needed)).unique().all()


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
        select(Appointment)
        .where(
            Appointment.practice_id == practice.id,
            Appointment.status == AppointmentStatus.PENDING,
            Appointment.expires_at < until,
        )
        .options(selectinload(Appointment.attendees).joinedload(Attendee.client))
    ).all()
    files, told = files_of_appointments(db.session(), waiting), _news_of(each.id for each in waiting)
    for appointment in waiting:
        ends = max(appointment.expires_at or now, now)
        readers = recipients_of_appointment(db.session(), appointment, None, (), files.get(appointment.service_id))
        off = [replace(each, standing=Standing.OFF) for each in readers]
        plan = plan_messages(off, _as_if_told(told[appointment.id], ends), occasion_of(appointment, now=ends))
        for message in _unsaved_of(appointment, plan.new, readers):
            if since <= message.due_at < until:
                yield message


def _news_of(appointment_ids: Iterable[int]) -> defaultdict[int | None, list[Message]]:
    """The news about each appointment that has been said, or will be."""
    is_news = (Message.appointment_id.in_(list(appointment_ids)), Message.kind.in_(NEWS), Message.status.in_(REACHES))
    found: defaultdict[int | None, list[Message]] = defaultdict(list)
    for each in db.session.scalars(select(Message).where(*is_news)):
        found[each.appointment_id].append(each)
    return found


def _as_if_told(rows: Iterable[Message], at: datetime) -> list[MessageRow]:
    """What of it will have been said by then."""
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


def _planned(appointment: Appointment, files: ClientFiles | None, *, now: datetime) -> Iterator[Message]:
    reading = recipients_of_appointment(db.session(), appointment, None, (), files)
    plan = plan_messages(reading, [], occasion_of(appointment, now=now))
    yield from _unsaved_of(appointment, plan.new, reading)


def _unsaved_of(
    appointment: Appointment, planned: Iterable[Planned], readers: Sequence[Recipient]
) -> Iterator[Message]:
    seats = {recipient_key(each): each for each in appointment.attendees}
    seats |= {each.recipient: seats[each.seat] for each in readers if each.seat}
    ids = {each.recipient: each.companion_id for each in readers if each.companion_id is not None}
    therapists = {recipient_key(each): each for each in appointment.therapists}
    for each in planned:
        to = each.key.recipient
        companion = db.session.get_one(Companion, ids[to]) if to in ids else None
        yield _unsaved(each, appointment, seats.get(to), companion, therapists.get(to))


def _unsaved(
    planned: Planned,
    appointment: Appointment,
    seat: Attendee | None,
    companion: Companion | None,
    therapist: Therapist | None,
) -> Message:
    values = message_values(
        planned,
        now=planned.due_at,
        practice_id=appointment.practice.id,
        appointment=appointment,
        attendee=seat,
        companion=companion,
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
            if about not in there and since <= row["due_at"] < until:
                there.add(about)
                therapist = db.session.get_one(Therapist, row["therapist_id"])
                yield Message(**row, public_id="rehearsal", therapist=therapist)
        at += DAY


def find_missing(practice: Practice, since: datetime, until: datetime, *, now: datetime) -> Iterator[RehearsedLine]:
    """What the rules ask for and nobody planned, each with the reason."""
    due = [
        and_(Appointment.starts_at >= since + lead, Appointment.starts_at < until + lead)
        for lead in list_leads(practice.id)
    ]
    found = db.session.scalars(
        select(Appointment)
        .where(
            Appointment.practice_id == practice.id,
            Appointment.status == AppointmentStatus.BOOKED,
            Appointment.starts_at >= max(since, now),
            or_(*due),
        )
        .options(selectinload(Appointment.attendees).joinedload(Attendee.client))
    ).all()
    files = files_of_appointments(db.session(), found)
    planned = _keys(each.id for each in found)
    for appointment in found:
        if (theirs := files.get(appointment.service_id)) is not None:
            lines = _missing_of(appointment, theirs, planned)
            yield from (each for each in lines if since <= each.at < until)


def _keys(appointment_ids: Iterable[int]) -> set[tuple[object, ...]]:
    columns = (Message.appointment_id, Message.recipient, Message.kind, Message.minutes, Message.channel)
    rows = db.session.execute(
        select(*columns).where(Message.appointment_id.in_(list(appointment_ids)), Message.kind.in_(BEFORE))
    )
    return {tuple(row) for row in rows}


def _missing_of(
    appointment: Appointment, files: ClientFiles, planned: Collection[tuple[object, ...]]
) -> Iterator[RehearsedLine]:
    for seat in appointment.seats:
        for rule in files.by_id[seat.client_id].rules:
            key = (appointment.id, recipient_key(seat), rule.kind, rule.minutes, rule.channel)
            if rule.kind in BEFORE and appointment.mode in rule.modes and key not in planned:
                yield _missing(appointment, seat, rule, files)


def _missing(appointment: Appointment, seat: Attendee, rule: Rule, files: ClientFiles) -> RehearsedLine:
    at = appointment.starts_at - timedelta(minutes=rule.minutes)
    why = why_not_contactable(seat, seat.client, rule.channel, PURPOSE_OF[rule.kind], files.opt_outs)
    late = Reason.BOOKED_LATER if at <= appointment.changed_at else Reason.TOLD_OTHERWISE
    return RehearsedLine(
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
