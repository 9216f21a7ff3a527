"""Running the clock forward over a practice's real plans, without sending: what would go out, when, in whose zone, and
why what would not, would not.

Nothing is written. Rows that wait are judged by the same function that sending asks (``domain.delivery.verdicts``) and
put into words by the same one; what is not a row yet (dates of standing slots whose appointments are made later,
agendas) is planned by the same rules, on objects that never reach the database.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload, selectinload

from telehealth.database import db
from telehealth.domain.addresses import Addresses, without_keys
from telehealth.domain.consent.contactability import NO_OPT_OUTS, PURPOSE_OF, OptOuts, why_not_contactable
from telehealth.domain.delivery.states import UNTRIED
from telehealth.domain.delivery.verdicts import contact_of, decide
from telehealth.domain.messages.planning import Planned, plan_messages
from telehealth.domain.messages.rules import BEFORE
from telehealth.domain.reasons import say_why
from telehealth.domain.words import AppointmentStatus, Channel, MessageKind, MessageStatus, OccurrenceStatus, Reason
from telehealth.models import Appointment, Attendee, Message, Occurrence, Practice, Series, Therapist
from telehealth.queries.consent.opt_outs import opt_outs_of_messages, opt_outs_of_seats
from telehealth.queries.delivery.texted_numbers import TextedNumbers, read_texted_numbers
from telehealth.queries.series.date_verdicts import slot_of
from telehealth.services.delivery.contents import NEEDED, write_content
from telehealth.services.messages.agendas import list_wanted_agendas
from telehealth.services.messages.outbox import message_values
from telehealth.services.messages.planning import occasion_of
from telehealth.services.messages.recipients import recipient_key, recipients_of_appointment
from telehealth.services.series.date_keeping import foresee_appointment

LONGEST = timedelta(days=62)
LONGEST_LEAD = timedelta(days=14)
DAY = timedelta(days=1)
MOST_ROWS, MOST_DATES = 3_000, 1_000
"""Messages, and dates of standing slots whose appointments are made later, that are put into words at once."""


@dataclass(frozen=True, slots=True)
class RehearsedLine:
    """One message that would go out (``goes``) or not, and why (``reason`` and what belongs to it, as with a message;
    it may also say why it goes then). ``by_email``: it goes by e-mail instead. ``is_planned``: it has a row, or will.

    ``at`` is an aware instant, ``zone`` the IANA name of its reader's clock, ``appointment`` a public id, "" for none.
    """

    at: datetime
    zone: str
    to: str
    kind: MessageKind
    channel: Channel
    minutes: int
    goes: bool
    reason: Reason | None = None
    text_reason: Reason | None = None
    reason_detail: str = ""
    by_email: bool = False
    is_planned: bool = True
    subject: str = ""
    body: str = ""
    appointment: str = ""

    @property
    def why(self) -> str:
        """The reason in words for staff."""
        words = say_why(self) + (" It goes by e-mail instead." if self.by_email else "")
        return words if self.is_planned else words.rstrip(".")


def rehearse_practice(
    *, practice_id: int, since: datetime, until: datetime, addresses: Addresses, now: datetime
) -> Sequence[RehearsedLine]:
    """What would happen in [since, until) (aware instants, at most 62 days), in order of time.

    ``since`` may lie far ahead. What has gone out is left out; what was due before ``now`` and did not go is explained.
    Whoever lets people wait for it asks ``end_of_rehearsal`` first.
    """
    until = min(until, since + LONGEST)
    try:
        practice = db.session.get_one(Practice, practice_id)
        rows = [*_rows(practice, since, until), *_of_standing_slots(practice, since, until, now=now)]
        rows.extend(_agendas(practice, since, until, now=now))
        told = _Telling(practice, addresses, now=now)
        lines = list(told.all(sorted(rows, key=lambda each: each.due_at)))
        lines.extend(_missing(practice, since, until, now=now))
        return sorted((each for each in lines if since <= each.at < until), key=lambda each: each.at)
    finally:
        db.session.rollback()  # Words were put into rows to see them: nothing of it is kept.


def end_of_rehearsal(
    *,
    practice_id: int,
    since: datetime,
    until: datetime,
    most_rows: int = MOST_ROWS,
    most_dates: int = MOST_DATES,
) -> datetime:
    """Where a look at [since, until) ends: after 62 days at most, and sooner where these days hold more than somebody
    waits for (a few seconds); but the first day is always told.
    """
    until = min(until, since + LONGEST)
    rows = select(Message.due_at).where(*_told(practice_id, since, until))
    dates = select(Occurrence.starts_at).where(*_planned_dates(practice_id, since, until))
    row_too_many = db.session.scalar(rows.order_by(Message.due_at).offset(most_rows).limit(1))
    date_too_many = db.session.scalar(dates.order_by(Occurrence.starts_at).offset(most_dates).limit(1))
    ends = [until]
    if row_too_many is not None:
        ends.append(max(row_too_many, since + DAY))
    if date_too_many is not None:
        ends.append(max(date_too_many - LONGEST_LEAD, since + DAY))
    return min(ends)


def _told(practice_id: int, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    explained = Message.status.in_(UNTRIED) & Message.reason.is_distinct_from(Reason.APPOINTMENT_CHANGED)
    return (
        Message.practice_id == practice_id,
        Message.due_at >= since,
        Message.due_at < until,
        or_(Message.status == MessageStatus.PLANNED, explained),
    )


def _planned_dates(practice_id: int, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Occurrence.practice_id == practice_id,
        Occurrence.status == OccurrenceStatus.PLANNED,
        Occurrence.starts_at >= since,
        Occurrence.starts_at < until + LONGEST_LEAD,
    )


def _rows(practice: Practice, since: datetime, until: datetime) -> Sequence[Message]:
    statement = select(Message).where(*_told(practice.id, since, until)).options(*NEEDED)
    return db.session.scalars(statement).unique().all()


class _Why(NamedTuple):
    """A reason with what belongs to it."""

    reason: Reason | None = None
    text_reason: Reason | None = None
    detail: str = ""


def _why_of(row: Message) -> _Why:
    return _Why(row.reason, row.text_reason, row.reason_detail or "")


class _Telling:
    """Judges one message after the other, and remembers whom it would have texted."""

    def __init__(self, practice: Practice, addresses: Addresses, *, now: datetime) -> None:
        self._practice, self._addresses, self._now = practice, addresses, now
        self._texted: deque[tuple[datetime, str]] = deque()
        self._never = TextedNumbers()

    def all(self, rows: Iterable[Message]) -> Iterator[RehearsedLine]:
        """A line for each, those that wait for the morning in their new place."""
        listed = list(rows)
        self._never = read_texted_numbers([each for each in listed if each.id is not None], now=self._now)
        withheld = opt_outs_of_messages(listed).get(self._practice.id, NO_OPT_OUTS)
        for row in listed:
            if row.status == MessageStatus.PLANNED:
                yield self._judged(row, withheld)
            else:
                yield _line(row, row.due_at, _why_of(row), goes=False)

    def _judged(self, row: Message, withheld: OptOuts) -> RehearsedLine:
        at = max(row.due_at, self._now)
        if row.appointment is not None and row.appointment.plan_version < self._practice.plan_version:
            row.appointment.plan_version = self._practice.plan_version  # Planned anew before it is sent; here, too.
        said = decide(row, withheld=withheld, now=at, texted=self._had(at))
        if said.wait_until is not None:
            at = said.wait_until
        elif not said.send:
            return _line(row, at, _Why(said.reason, None, said.detail), goes=False, by_email=said.by_email)
        return self._written(row, at, _why_of(row) if said.reason is None else _Why(said.reason))

    def _written(self, row: Message, at: datetime, why: _Why) -> RehearsedLine:
        try:
            write_content(row, self._addresses, now=at, is_first_text=self._never.is_first(row))
        except ValueError as problem:
            return _line(row, at, _Why(Reason.OTHER, None, str(problem)), goes=False)
        if row.channel == Channel.TEXT:
            self._texted.append((at, row.sent_to))
            self._never.note(row.practice_id, row.sent_to)
        return _line(row, at, why, goes=True)

    def _had(self, at: datetime) -> Mapping[str, int]:
        while self._texted and self._texted[0][0] <= at - DAY:
            self._texted.popleft()
        return Counter(number for _, number in self._texted)


def _line(row: Message, at: datetime, why: _Why, *, goes: bool, by_email: bool = False) -> RehearsedLine:
    to, zone = _reader(row)
    return RehearsedLine(
        at=at,
        zone=zone,
        to=to,
        kind=row.kind,
        channel=row.channel,
        minutes=row.minutes or 0,
        goes=goes,
        reason=why.reason,
        text_reason=why.text_reason,
        reason_detail=why.detail,
        by_email=by_email,
        subject=row.subject or "" if goes else "",
        body=without_keys(row.body or "") if goes else "",
        appointment=(row.appointment.public_id or "") if row.appointment is not None else "",
    )


def _reader(row: Message) -> tuple[str, str]:
    contact = contact_of(row)
    if contact is not None:
        return contact.name, contact.timezone
    if row.therapist is not None:
        return row.therapist.name, row.therapist.timezone
    return (row.inbound.sender if row.inbound is not None else ""), "UTC"


def _of_standing_slots(practice: Practice, since: datetime, until: datetime, *, now: datetime) -> Iterator[Message]:
    """What the dates of standing slots will plan when their appointments are made."""
    dates = db.session.scalars(
        select(Occurrence)
        .join(Occurrence.series)
        .where(*_planned_dates(practice.id, max(since, now), until))
        .options(joinedload(Occurrence.series).options(selectinload(Series.members), joinedload(Series.service)))
    )
    for occurrence in dates.unique():
        made_at = max(now, occurrence.starts_at - timedelta(weeks=practice.series_weeks))
        appointment = foresee_appointment(slot_of(occurrence.series), occurrence, now=made_at)
        for message in _planned(appointment, now=made_at):
            if since <= message.due_at < until:
                yield message


def _planned(appointment: Appointment, *, now: datetime) -> Iterator[Message]:
    seats = {recipient_key(each): each for each in appointment.attendees}
    therapists = {recipient_key(each): each for each in appointment.therapists}
    reading = recipients_of_appointment(db.session(), appointment, None, ())
    for each in plan_messages(reading, [], occasion_of(appointment, now=now)).new:
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


def _agendas(practice: Practice, since: datetime, until: datetime, *, now: datetime) -> Iterator[Message]:
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


def _missing(practice: Practice, since: datetime, until: datetime, *, now: datetime) -> Iterator[RehearsedLine]:
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
