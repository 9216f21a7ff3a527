"""The dates of a standing slot: laying them down, keeping their time, and making their appointments.

Everything here runs inside the caller's transaction. A date that is PLANNED owns occupancy rows, in the same guard as
appointments; one in CONFLICT or SKIPPED owns none.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from telehealth.domain import links, walltime
from telehealth.domain.appointments.states import ACTIVE
from telehealth.domain.errors import NotFound, SlotTaken
from telehealth.domain.series.patterns import (
    ONE_DAY,
    PROTECTED_DAYS,
    DateOutcome,
    DateResult,
    read_obstacles,
    write_obstacles,
)
from telehealth.domain.words import AppointmentStatus, AuditAction, Mode, Obstacle, OccurrenceStatus
from telehealth.models import Appointment, Attendee, Message, Occupancy, Occurrence, Room, Series, SeriesMember
from telehealth.models.columns import ContactColumns
from telehealth.queries.series.date_verdicts import DateVerdict, SlotOfSeries, dates_ahead, judge_dates
from telehealth.queries.series.standing_slots import SERIES
from telehealth.services.appointments.cancelling import call_off_appointment
from telehealth.services.appointments.occupancies import Interval, Owner, give_back_time, take_time, transfer_time
from telehealth.services.appointments.placing import choose_rooms, queue_for_limits, take_slot
from telehealth.services.appointments.seating import insert_appointment
from telehealth.services.audit import ActedBy, record_event
from telehealth.services.hours.freed_times import note_freed
from telehealth.services.locking import lock_appointment
from telehealth.services.messages.planning import replan_appointment, take_back_known

LONGEST_REASON = 200
NOT_WANTED = "left out when the slot was set up"
OVER = frozenset({AppointmentStatus.FULFILLED, AppointmentStatus.NOSHOW})
CONTACT = [name for name in ContactColumns.__annotations__ if name != "client_id"]


def lock_series(session: Session, practice_id: int, public_id: str) -> Series:
    """A standing slot with its members, locked: changes of one slot come one after the other. Raises NotFound."""
    found = session.scalar(
        SERIES.where(Series.practice_id == practice_id, Series.public_id == public_id)
        .with_for_update(of=Series)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def lock_dates(
    session: Session, series: Series, *, now: datetime, first: date = date.min, last: date = date.max
) -> list[Occurrence]:
    """The dates from ``first`` to ``last`` (inclusive) that are still ahead, locked, in order.

    Whoever makes their appointments locks them too, so each is either made by then or will be made afterwards.
    """
    statement = (
        select(Occurrence)
        .where(
            Occurrence.series_id == series.id,
            Occurrence.day >= first,
            Occurrence.day <= last,
            Occurrence.starts_at > now,
        )
        .order_by(Occurrence.day)
        .with_for_update(of=Occurrence)
    )
    return list(session.scalars(statement.execution_options(populate_existing=True)))


def lock_date(session: Session, series: Series, day: date, *, now: datetime) -> Occurrence:
    """One date ahead. Raises NotFound."""
    found = lock_dates(session, series, now=now, first=day, last=day)
    if not found:
        raise NotFound
    return found[0]


def owner_of_date(occurrence: Occurrence) -> Owner:
    """What its time is kept by."""
    return Owner(occurrence.practice_id, occurrence_id=occurrence.id)


def new_date(series: Series, day: date, starts_at: datetime) -> Occurrence:
    """A date that keeps nothing yet."""
    return Occurrence(
        practice_id=series.practice_id,
        series_id=series.id,
        day=day,
        starts_at=starts_at,
        duration_minutes=series.service.duration_minutes,
        status=OccurrenceStatus.PLANNED,
        reason="",
    )


def lay_dates(
    session: Session, series: Series, slot: SlotOfSeries, choices: Mapping[date, datetime | None], *, now: datetime
) -> None:
    """Write down every date that is known and not written down yet, and take what can be had."""
    first = series.starts_on if series.known_until is None else series.known_until + ONE_DAY
    rows = [
        new_date(series, day, choices.get(day) or starts_at)
        for day, starts_at in dates_ahead(slot.pattern, first, now=now)
    ]
    unwanted = {day for day, choice in choices.items() if choice is None}
    session.add_all(rows)
    session.flush()
    for row in rows:
        if row.day in unwanted:
            skip_date(row, NOT_WANTED)
    wanted = [row for row in rows if row.day not in unwanted]
    if wanted:
        queue_for_limits(session, slot.query(wanted[0].day, wanted[0].starts_at))
        keep_dates(session, slot, wanted, now=now)
    series.known_until = _known_until(slot, now)
    session.flush()


def _known_until(slot: SlotOfSeries, now: datetime) -> date:
    return walltime.wall(now, slot.pattern.zone).date() + timedelta(days=PROTECTED_DAYS)


def keep_dates(session: Session, slot: SlotOfSeries, occurrences: Iterable[Occurrence], *, now: datetime) -> None:
    """Take the time of every date that can be had; the others become conflicts that say what is in the way."""
    rows = sorted(occurrences, key=lambda each: each.starts_at)
    said = judge_dates(slot, [(row.day, row.starts_at) for row in rows], now=now)
    for row in rows:
        keep_date(session, slot, row, said[row.day], now=now)
    session.flush()


def keep_date(
    session: Session, slot: SlotOfSeries, occurrence: Occurrence, verdict: DateVerdict, *, now: datetime
) -> None:
    """Take the time of one date, if the rules and the database allow it."""
    obstacles = verdict.obstacles or _take(session, slot, occurrence, verdict, now=now)
    occurrence.status = OccurrenceStatus.CONFLICT if obstacles else OccurrenceStatus.PLANNED
    occurrence.reason = write_obstacles(obstacles)


def _take(
    session: Session, slot: SlotOfSeries, occurrence: Occurrence, verdict: DateVerdict, *, now: datetime
) -> tuple[Obstacle, ...]:
    """Nothing stands in the way, or somebody was faster a moment ago."""
    occurrence.duration_minutes = slot.service.duration_minutes
    owner = owner_of_date(occurrence)
    coming = [each.resource_id for each in slot.members_on(occurrence.day)]
    together = [] if slot.service.is_group else coming
    query = slot.query(occurrence.day, occurrence.starts_at)
    try:
        rooms = choose_rooms(session, query, now=now)
        take_slot(session, owner, query, verdict.candidates, clients=together, rooms=rooms, now=now)
    except SlotTaken:
        give_back_time(session, owner)
        return (Obstacle.TAKEN,)
    if slot.service.is_group:
        take_time_for_clients(session, occurrence, coming, now=now)
    return ()


def take_time_for_clients(session: Session, occurrence: Occurrence, resources: Iterable[int], *, now: datetime) -> bool:
    """Take the clients' own time on a date; whether it was free for all of them."""
    spans = (Interval(each, occurrence.starts_at, occurrence.ends_at) for each in sorted(resources))
    taken = [take_time(session, owner_of_date(occurrence), span, now=now) for span in spans]
    return all(taken)


def give_up_date(session: Session, slot: SlotOfSeries, occurrence: Occurrence, *, now: datetime) -> None:
    """Give back what a planned date keeps, and let those who wait hear of it."""
    if occurrence.status != OccurrenceStatus.PLANNED:
        return
    give_back_time(session, owner_of_date(occurrence))
    for therapist in filter(None, (slot.therapist, slot.co_therapist)):
        note_freed(session, slot.practice, therapist.id, occurrence.starts_at, occurrence.ends_at, now=now)


def put_date_in_conflict(session: Session, occurrence: Occurrence, obstacles: Sequence[Obstacle]) -> None:
    """It keeps nothing any more, and says why."""
    give_back_time(session, owner_of_date(occurrence))
    occurrence.status, occurrence.reason = OccurrenceStatus.CONFLICT, write_obstacles(obstacles)


def skip_date(occurrence: Occurrence, reason: str) -> None:
    """It will not take place."""
    occurrence.status, occurrence.reason = OccurrenceStatus.SKIPPED, reason[:LONGEST_REASON]


def cancel_or_skip_date(
    session: Session, slot: SlotOfSeries, occurrence: Occurrence, by: ActedBy, reason: str, *, now: datetime
) -> DateResult:
    """A date that will not take place; an appointment that was made is cancelled and everybody told."""
    appointment = None
    if occurrence.status == OccurrenceStatus.BOOKED:
        appointment = lock_appointment(session, occurrence.practice_id, occurrence.appointment_id or 0)
    if appointment is not None and (appointment.starts_at <= now or appointment.status in OVER):
        return DateResult(occurrence.day, appointment.starts_at, DateOutcome.KEPT)
    give_up_date(session, slot, occurrence, now=now)
    skip_date(occurrence, reason)
    if appointment is None or appointment.status not in ACTIVE:
        return result_of_date(occurrence)
    call_off_appointment(session, appointment, by, action=AuditAction.CANCELLED, reason=reason, now=now)
    return DateResult(occurrence.day, appointment.starts_at, DateOutcome.CANCELLED)


def drop_date(
    session: Session, slot: SlotOfSeries, occurrence: Occurrence, by: ActedBy, reason: str, *, now: datetime
) -> DateResult:
    """A date on which the slot no longer falls. Plans are forgotten; appointments that were made are not."""
    if occurrence.appointment_id is not None:
        return cancel_or_skip_date(session, slot, occurrence, by, reason, now=now)
    give_up_date(session, slot, occurrence, now=now)
    session.delete(occurrence)
    return DateResult(occurrence.day, occurrence.starts_at, DateOutcome.DROPPED)


def result_of_date(occurrence: Occurrence) -> DateResult:
    """How a date without an appointment stands now."""
    outcome = {OccurrenceStatus.SKIPPED: DateOutcome.SKIPPED, OccurrenceStatus.CONFLICT: DateOutcome.CONFLICT}
    obstacles = read_obstacles(occurrence.reason) if occurrence.status == OccurrenceStatus.CONFLICT else ()
    return DateResult(
        occurrence.day,
        occurrence.starts_at,
        outcome.get(occurrence.status, DateOutcome.PLANNED),
        tuple(obstacles),
    )


def copy_member(member: SeriesMember) -> SeriesMember:
    """The same membership for a slot that goes on under other terms."""
    contact = {name: getattr(member, name) for name in CONTACT}
    return SeriesMember(
        practice_id=member.practice_id,
        client_id=member.client_id,
        joined_on=member.joined_on,
        left_on=member.left_on,
        **contact,
    )


def make_appointment(
    session: Session, series: Series, slot: SlotOfSeries, occurrence: Occurrence, by: ActedBy, *, now: datetime
) -> Appointment:
    """The appointment of a planned date: its time changes hands without being free for a moment."""
    appointment = _draft(slot, occurrence, now=now)
    appointment.room_id = _kept_room_id(session, slot, occurrence)
    seats = [seat_of_member(each) for each in _who_comes(session, series, slot, occurrence, now=now)]
    insert_appointment(session, appointment, seats)
    for name in ("practice", "service", "therapist", "co_therapist", "location"):
        set_committed_value(appointment, name, getattr(slot, name))
    owner = Owner(series.practice_id, appointment_id=appointment.id)
    transfer_time(session, owner_of_date(occurrence), owner)
    occurrence.status, occurrence.reason = OccurrenceStatus.BOOKED, ""
    occurrence.appointment_id = appointment.id
    session.flush()
    record_event(
        session, appointment, AuditAction.BOOKED, by, now=now, starts_at=appointment.starts_at, series=series.public_id
    )
    replan_appointment(session, appointment, now=now, is_new=True)
    take_back_known(session, appointment, _of_other_dates(series, occurrence), now=now)
    return appointment


def foresee_appointment(slot: SlotOfSeries, occurrence: Occurrence, *, now: datetime) -> Appointment:
    """The appointment that a planned date will become, for looking at: it never reaches the database."""
    appointment = _draft(slot, occurrence, now=now)
    appointment.practice, appointment.service, appointment.location = slot.practice, slot.service, slot.location
    appointment.therapist, appointment.co_therapist = slot.therapist, slot.co_therapist
    appointment.public_id = appointment.uid = occurrence.public_id
    for member in occurrence.series.members:
        if member.comes_on(occurrence.day):
            seat = seat_of_member(member)
            seat.client = member.client
            appointment.attendees.append(seat)
    return appointment


def _of_other_dates(series: Series, occurrence: Occurrence) -> ColumnElement[bool]:
    """Messages about appointments of the same standing slot."""
    others = select(Occurrence.appointment_id).where(
        Occurrence.series_id == series.id, Occurrence.appointment_id.is_not(None), Occurrence.id != occurrence.id
    )
    return Message.appointment_id.in_(others)


def _draft(slot: SlotOfSeries, occurrence: Occurrence, *, now: datetime) -> Appointment:
    zone = slot.pattern.zone if slot.location is None else walltime.zone(slot.location.timezone)
    return Appointment(
        practice_id=slot.practice.id,
        service_id=slot.service.id,
        therapist_id=slot.therapist.id,
        co_therapist_id=slot.co_therapist.id if slot.co_therapist is not None else None,
        location_id=slot.location.id if slot.location is not None else None,
        mode=slot.mode,
        status=AppointmentStatus.BOOKED,
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        timezone=zone.key,
        local_start=walltime.wall(occurrence.starts_at, zone),
        sequence=0,
        video_name=secrets.token_hex(16),
        policy_id=slot.service.policy_id,
        plan_version=slot.practice.plan_version,
        created_at=now,
        changed_at=now,
    )


def _kept_room_id(session: Session, slot: SlotOfSeries, occurrence: Occurrence) -> int | None:
    if slot.mode != Mode.IN_PERSON:
        return None
    kept = select(Room.id).join(Occupancy, Occupancy.resource_id == Room.resource_id)
    return session.scalar(kept.where(Occupancy.occurrence_id == occurrence.id))


def _who_comes(
    session: Session, series: Series, slot: SlotOfSeries, occurrence: Occurrence, *, now: datetime
) -> list[SeriesMember]:
    """The members of that date. A group goes on without one who has another appointment then."""
    coming = {each.client_id: each.resource_id for each in slot.members_on(occurrence.day)}
    if slot.service.is_group:
        kept = set(session.scalars(select(Occupancy.resource_id).where(Occupancy.occurrence_id == occurrence.id)))
        coming = {
            client_id: resource_id
            for client_id, resource_id in coming.items()
            if resource_id in kept or take_time_for_clients(session, occurrence, [resource_id], now=now)
        }
    return [each for each in series.members if each.client_id in coming and each.comes_on(occurrence.day)]


def seat_of_member(member: SeriesMember) -> Attendee:
    """A seat with the contact and the consent that were given for the standing slot."""
    contact = {name: getattr(member, name) for name in CONTACT}
    return Attendee(
        public_id=links.new_public_id(),
        practice_id=member.practice_id,
        client_id=member.client_id,
        status=AppointmentStatus.BOOKED,
        **contact,
    )
