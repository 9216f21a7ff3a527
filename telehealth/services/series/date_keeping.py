"""The dates of a standing slot: laying them down, keeping their time, and making their appointments.

Everything here runs inside the caller's transaction. A date that is PLANNED owns occupancy rows, in the same guard as
appointments; one in CONFLICT or SKIPPED owns none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain import walltime
from telehealth.domain.appointments.states import ACTIVE
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import NotFound
from telehealth.domain.series.patterns import (
    ONE_DAY,
    PROTECTED_DAYS,
    DateOutcome,
    DateResult,
    read_obstacles,
    write_obstacles,
)
from telehealth.domain.words import AppointmentStatus, Obstacle, OccurrenceStatus
from telehealth.models import Occurrence, Series, SeriesMember
from telehealth.models.columns import ContactColumns
from telehealth.queries.appointments.slot_query import ONE_SECOND
from telehealth.queries.series.date_verdicts import DateVerdict, SlotOfSeries, dates_ahead, judge_dates
from telehealth.queries.series.standing_slots import ONE_SERIES
from telehealth.services.appointments.cancelling import call_off_appointment
from telehealth.services.appointments.occupancies import Interval, Owner, give_back_time, take_times
from telehealth.services.appointments.placing import (
    Placed,
    choose_rooms_each,
    draft_taking,
    queue_for_limits,
    take_slots,
)
from telehealth.services.audit import ActedBy
from telehealth.services.hours.freed_times import note_freed
from telehealth.services.inserting import insert_objects
from telehealth.services.locking import lock_appointment

LONGEST_REASON = 200
NOT_WANTED = "left out when the slot was set up"
OVER = frozenset({AppointmentStatus.FULFILLED, AppointmentStatus.NOSHOW})
CONTACT = [name for name in ContactColumns.__annotations__ if name != "client_id"]


def lock_series(session: Session, practice_id: int, public_id: str) -> Series:
    """A standing slot with its members, locked: changes of one slot come one after the other. Raises NotFound."""
    found = session.scalar(
        ONE_SERIES.where(Series.practice_id == practice_id, Series.public_id == public_id)
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
        duration_minutes=series.minutes,
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
    for row in rows:
        if row.day in choices and choices[row.day] is None:
            skip_date(row, NOT_WANTED)
    keep_dates(session, slot, rows, now=now)
    series.known_until = _known_until(slot, now)


def _known_until(slot: SlotOfSeries, now: datetime) -> date:
    return walltime.wall(now, slot.pattern.zone).date() + timedelta(days=PROTECTED_DAYS)


def keep_dates(session: Session, slot: SlotOfSeries, dates: Sequence[Occurrence], *, now: datetime) -> None:
    """Take the time of every date that can be had; the others become conflicts that say what is in the way. Those that
    are new are written down, and what is skipped stays so.
    """
    rows = sorted((each for each in dates if each.status != OccurrenceStatus.SKIPPED), key=lambda each: each.starts_at)
    said: Mapping[date, DateVerdict] = {}
    if rows:
        queue_for_limits(session, slot.query(rows[0].day, rows[0].starts_at))
        said = judge_dates(slot, [(row.day, row.starts_at) for row in rows], now=now)
    for row in rows:
        _note_obstacles(row, said[row.day].obstacles)
    insert_objects(session, [each for each in dates if each.id is None])
    possible = [row for row in rows if row.status == OccurrenceStatus.PLANNED]
    for row, placed in zip(possible, _take(session, slot, possible, said, now=now), strict=True):
        if placed is None:  # Somebody was faster a moment ago.
            _note_obstacles(row, (Obstacle.TAKEN,))


def _note_obstacles(occurrence: Occurrence, obstacles: Sequence[Obstacle]) -> None:
    occurrence.status = OccurrenceStatus.CONFLICT if obstacles else OccurrenceStatus.PLANNED
    occurrence.reason = write_obstacles(obstacles)


def _take(
    session: Session,
    slot: SlotOfSeries,
    dates: Sequence[Occurrence],
    said: Mapping[date, DateVerdict],
    *,
    now: datetime,
) -> list[Placed | None]:
    """Take the time of dates, in order, that nothing stands in the way of. In a group that of its members is taken as
    far as it is free.
    """
    if not dates:
        return []
    queries = [slot.query(each.day, each.starts_at) for each in dates]
    around = replace(queries[0], until=dates[-1].starts_at + ONE_SECOND)
    rooms = choose_rooms_each(session, around, {each.starts_at for each in dates}, now=now)
    takings = []
    for each, query in zip(dates, queries, strict=True):
        each.duration_minutes = slot.length
        together = [] if slot.service.is_group else [one.resource_id for one in slot.members_on(each.day)]
        who = said[each.day].candidates
        takings.append(draft_taking(owner_of_date(each), query, who, clients=together, rooms=rooms[each.starts_at]))
    placed = take_slots(session, takings, now=now)
    if slot.service.is_group:
        kept = [each for each, found in zip(dates, placed, strict=True) if found is not None]
        theirs = [(each, one.resource_id) for each in kept for one in slot.members_on(each.day)]
        take_time_for_clients(session, theirs)
    return placed


def take_time_for_clients(session: Session, wanted: Iterable[tuple[Occurrence, int]]) -> Set[tuple[int, int]]:
    """Take clients' own time (their resources) on dates as far as it is free: the ids of which date and resource.

    No hold ever has a client's time, so none that has run out is in the way.
    """
    spans = [(owner_of_date(each), Interval(one, each.starts_at, each.ends_at)) for each, one in wanted]
    free = take_times(session, sorted(spans, key=lambda each: (each[1].resource_id, each[1].starts_at)))
    return {(owner.occurrence_id or 0, resource_id) for owner, resource_id in free}


def give_up_dates(session: Session, slot: SlotOfSeries, dates: Iterable[Occurrence], *, now: datetime) -> None:
    """Give back what planned dates keep, and let those who wait hear of it."""
    planned = [each for each in dates if each.status == OccurrenceStatus.PLANNED]
    give_back_time(session, *map(owner_of_date, planned))
    for therapist in filter(None, (slot.therapist, slot.co_therapist)):
        periods = [(each.starts_at, each.ends_at) for each in planned]
        note_freed(session, slot.practice, therapist.id, periods, now=now)


def put_in_conflict(session: Session, dates: Mapping[Occurrence, Sequence[Obstacle]]) -> None:
    """They keep nothing any more, and say why."""
    give_back_time(session, *map(owner_of_date, dates))
    for each, obstacles in dates.items():
        _note_obstacles(each, obstacles)


def skip_date(occurrence: Occurrence, reason: str) -> None:
    """It will not take place."""
    occurrence.status, occurrence.reason = OccurrenceStatus.SKIPPED, reason[:LONGEST_REASON]


def cancel_or_skip_dates(
    session: Session, slot: SlotOfSeries, dates: Sequence[Occurrence], by: ActedBy, reason: str, *, now: datetime
) -> list[DateResult]:
    """Dates that will not take place; appointments that were made are cancelled and everybody told."""
    give_up_dates(session, slot, dates, now=now)
    return [_cancel_or_skip(session, each, by, reason, now=now) for each in dates]


def _cancel_or_skip(session: Session, occurrence: Occurrence, by: ActedBy, reason: str, *, now: datetime) -> DateResult:
    appointment = None
    if occurrence.status == OccurrenceStatus.BOOKED:
        appointment = lock_appointment(session, occurrence.practice_id, occurrence.appointment_id or 0)
    if appointment is not None and (appointment.starts_at <= now or appointment.status in OVER):
        return DateResult(occurrence.day, appointment.starts_at, DateOutcome.KEPT)
    skip_date(occurrence, reason)
    if appointment is None or appointment.status not in ACTIVE:
        return result_of_date(occurrence)
    call_off_appointment(session, appointment, by, action=AuditAction.CANCELLED, reason=reason, now=now)
    return DateResult(occurrence.day, appointment.starts_at, DateOutcome.CANCELLED)


def drop_dates(
    session: Session, slot: SlotOfSeries, dates: Sequence[Occurrence], by: ActedBy, reason: str, *, now: datetime
) -> list[DateResult]:
    """Dates on which the slot no longer falls. Plans are forgotten; appointments that were made are not."""
    give_up_dates(session, slot, dates, now=now)
    return [_drop(session, each, by, reason, now=now) for each in dates]


def _drop(session: Session, occurrence: Occurrence, by: ActedBy, reason: str, *, now: datetime) -> DateResult:
    if occurrence.appointment_id is not None:
        return _cancel_or_skip(session, occurrence, by, reason, now=now)
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
