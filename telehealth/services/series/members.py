"""Who a standing slot belongs to: joining it, and leaving it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.contact import Contact
from telehealth.domain.errors import GroupFull, InvalidInput, NotFound
from telehealth.domain.series.patterns import ONE_DAY, DateOutcome, DateResult
from telehealth.domain.words import Mode, Obstacle, OccurrenceStatus
from telehealth.models import Appointment, Client, Occurrence, Series, SeriesMember
from telehealth.queries.series.date_verdicts import SlotMember, slot_of
from telehealth.queries.series.standing_slots import has_place, would_go_on
from telehealth.services.appointments.cancelling import cancel_appointment_in
from telehealth.services.appointments.occupancies import Interval, Owner, give_back_time, take_time
from telehealth.services.appointments.seating import insert_seat, require_free_seat
from telehealth.services.audit import ActedBy, raise_sequence, record_event
from telehealth.services.consent.consents import record_agreements
from telehealth.services.locking import lock_appointment
from telehealth.services.messages.planning import replan_appointment
from telehealth.services.practice.client_files import find_or_make_clients
from telehealth.services.series.date_booking import seat_of_member
from telehealth.services.series.date_keeping import (
    lock_dates,
    lock_series,
    owner_of_date,
    put_in_conflict,
    result_of_date,
    take_time_for_clients,
)
from telehealth.services.series.ending import end_series_in
from telehealth.services.series.making import draft_member, set_aside_guardian

LEFT = "left the standing slot"
ALREADY_IN = "This person belongs to it already."
NO_STATE = "Please say which state the client will be in."
STARTED_LATER = "The last date must not lie before the first."


@retry_on_conflict
def add_member(  # noqa: PLR0913 -- a membership is these facts
    *,
    practice_id: int,
    series_public_id: str,
    contact: Contact,
    first_day: date | None = None,
    reason: str = "",
    guardian_reason: str = "",
    by: ActedBy,
    now: datetime,
) -> list[DateResult]:
    """Let one more client belong to a standing slot, from ``first_day`` (inclusive) or the next date on.

    They get a seat in every appointment that was made; what stands in the way is listed date by date. ``series`` is a
    public id. ``guardian_reason`` says why nobody has to act for a minor, where the practice wants that. Staff only.
    Raises NotFound, NotAllowed, GroupFull, InvalidInput.
    """
    by.require_staff()
    with transaction() as session:
        found = lock_series(session, practice_id, series_public_id)
        rows = lock_dates(session, found, now=now, first=first_day or date.min)
        joined_on = first_day or (rows[0].day if rows else found.starts_on)
        _require_place(found, contact, joined_on)
        files = find_or_make_clients(session, practice_id, [contact], by=by, now=now)
        member = draft_member(found, contact, files, joined_on, by=by, now=now)
        if any(each.client_id == member.client_id and each.stays(joined_on) for each in found.members):
            raise InvalidInput({"name": ALREADY_IN})
        about = _set_aside_guardian(found, member, guardian_reason, on=joined_on)
        found.members.append(member)
        found.changed_at = now
        session.flush()
        record_agreements(session, [member], files, by=by, now=now)
        about |= {"first": joined_on, "member": member.public_id, "reason": reason or None}
        record_event(session, found, AuditAction.JOINED, by, now=now, **about)
        planned = _come_to_planned(session, found, member, rows)
        return [planned.get(row.id) or _join(session, row, member, by, reason, now=now) for row in rows]


def _require_place(series: Series, contact: Contact, joined_on: date) -> None:
    if not has_place(series, joined_on):
        raise GroupFull
    if series.mode != Mode.IN_PERSON and contact.jurisdiction is None:
        raise InvalidInput({"jurisdiction": NO_STATE})


def _set_aside_guardian(series: Series, member: SeriesMember, reason: str, *, on: date) -> dict[str, object]:
    """What the audit keeps of it. In a group each comes alone. Raises InvalidInput."""
    slot = slot_of(series)
    joining = SlotMember(member.client_id, 0, member.jurisdiction, member.joined_on)
    others = () if series.service.is_group else slot.members_on(on)
    return set_aside_guardian(slot, [joining, *others], reason, on=on)


def _come_to_planned(
    session: Session, series: Series, member: SeriesMember, rows: Iterable[Occurrence]
) -> dict[int, DateResult]:
    """What becomes of the planned dates, by id: they keep the client's time, too. Where it is not free a group goes on
    without them.
    """
    planned = [row for row in rows if row.status == OccurrenceStatus.PLANNED]
    resource_id = session.get_one(Client, member.client_id).resource_id
    free = take_time_for_clients(session, [(row, resource_id) for row in planned])
    busy = [row for row in planned if (row.id, resource_id) not in free]
    if not series.service.is_group:
        put_in_conflict(session, dict.fromkeys(busy, (Obstacle.CLIENT_BUSY,)))
    joined = {row.id: DateResult(row.day, row.starts_at, DateOutcome.JOINED) for row in planned}
    stuck = {row.id: DateResult(row.day, row.starts_at, DateOutcome.CONFLICT, (Obstacle.CLIENT_BUSY,)) for row in busy}
    return joined | stuck


def _join(
    session: Session, row: Occurrence, member: SeriesMember, by: ActedBy, reason: str, *, now: datetime
) -> DateResult:
    if row.status == OccurrenceStatus.BOOKED:
        return _sit_down(session, row, member, by, reason, now=now)
    return result_of_date(row)


def _sit_down(
    session: Session, row: Occurrence, member: SeriesMember, by: ActedBy, reason: str, *, now: datetime
) -> DateResult:
    """A seat in an appointment that was made."""
    appointment = lock_appointment(session, row.practice_id, row.appointment_id or 0)
    if not appointment.is_ahead(now=now):
        return DateResult(row.day, appointment.starts_at, DateOutcome.KEPT)
    obstacles = _take_seat(session, appointment, member, now=now)
    if obstacles:
        return DateResult(row.day, appointment.starts_at, DateOutcome.CONFLICT, obstacles)
    made = seat_of_member(member)
    insert_seat(session, appointment, made)
    raise_sequence(appointment, now=now)
    session.flush()
    record_event(session, appointment, AuditAction.JOINED, by, now=now, attendee=made.public_id, reason=reason or None)
    replan_appointment(session, appointment, now=now, only=[made])
    return DateResult(row.day, appointment.starts_at, DateOutcome.JOINED)


def _take_seat(
    session: Session, appointment: Appointment, member: SeriesMember, *, now: datetime
) -> tuple[Obstacle, ...]:
    try:
        require_free_seat(session, appointment, appointment.service.capacity, now=now)
    except GroupFull:
        return (Obstacle.FULL,)
    resource_id = session.get_one(Client, member.client_id).resource_id
    owner = Owner(appointment.practice_id, appointment_id=appointment.id)
    free = take_time(session, owner, Interval(resource_id, appointment.starts_at, appointment.ends_at), now=now)
    return () if free else (Obstacle.CLIENT_BUSY,)


@retry_on_conflict
def remove_member(
    *,
    practice_id: int,
    series_public_id: str,
    member_public_id: str,
    last_day: date,
    reason: str = "",
    by: ActedBy,
    now: datetime,
) -> list[DateResult]:
    """End a client's membership after ``last_day`` (inclusive); their seats after it are cancelled, and they are told.

    A group goes on, even when nobody is left in it. A couple's or family's slot goes on without them if the service's
    rule for cancelling says so, else it ends. ``member`` is a membership's public id. Staff only. Raises NotFound,
    NotAllowed, InvalidInput.
    """
    by.require_staff()
    with transaction() as session:
        found = lock_series(session, practice_id, series_public_id)
        leaving = next((each for each in found.members if each.public_id == member_public_id), None)
        if leaving is None:
            raise NotFound
        if last_day < leaving.joined_on - ONE_DAY:
            raise InvalidInput({"last_day": STARTED_LATER})
        leaving.left_on, found.changed_at = last_day, now
        record_event(
            session, found, AuditAction.LEFT, by, now=now, last=last_day, member=member_public_id, reason=reason or None
        )
        after = last_day + ONE_DAY
        if not would_go_on(found, after, without=leaving):
            return end_series_in(session, found, after, by, reason or LEFT, now=now)
        rows = lock_dates(session, found, now=now, first=after)
        planned = [owner_of_date(row) for row in rows if row.status == OccurrenceStatus.PLANNED]
        give_back_time(session, *planned, resource_id=session.get_one(Client, leaving.client_id).resource_id)
        return [_leave(session, row, leaving, by, reason or LEFT, now=now) for row in rows]


def _leave(
    session: Session, row: Occurrence, member: SeriesMember, by: ActedBy, reason: str, *, now: datetime
) -> DateResult:
    if row.status == OccurrenceStatus.BOOKED:
        return _stand_up(session, row, member, by, reason, now=now)
    if row.status != OccurrenceStatus.PLANNED:
        return result_of_date(row)
    return DateResult(row.day, row.starts_at, DateOutcome.LEFT)


def _stand_up(
    session: Session, row: Occurrence, member: SeriesMember, by: ActedBy, reason: str, *, now: datetime
) -> DateResult:
    appointment = lock_appointment(session, row.practice_id, row.appointment_id or 0)
    mine = next((each for each in appointment.seats if each.client_id == member.client_id), None)
    if mine is None or not appointment.is_ahead(now=now):
        return DateResult(row.day, appointment.starts_at, DateOutcome.KEPT)
    cancel_appointment_in(session, appointment, by, now=now, reason=reason, attendee_id=mine.id, late=False)
    return DateResult(row.day, appointment.starts_at, DateOutcome.LEFT)
