"""The appointments of a standing slot's dates: made of those that keep their time, all of them in one go.

Everything here runs inside the caller's transaction, with the dates locked.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from telehealth.domain import links, walltime
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.words import AppointmentStatus, Mode, OccurrenceStatus
from telehealth.models import Appointment, Attendee, Message, Occupancy, Occurrence, Room, Series, SeriesMember
from telehealth.queries.series.date_verdicts import SlotOfSeries
from telehealth.services.appointments.occupancies import hand_over_time
from telehealth.services.appointments.seating import insert_appointments
from telehealth.services.audit import ActedBy, record_events
from telehealth.services.messages.planning import plan_new_appointments
from telehealth.services.series.date_keeping import CONTACT, take_time_for_clients

# Built once: building a statement takes longer than running it.
_IS_BOOKED = (
    update(Occurrence)
    .where(Occurrence.id == bindparam("date"))
    .values(status=OccurrenceStatus.BOOKED, reason="", appointment_id=bindparam("appointment"))
)
_KEPT = (
    select(Occupancy.occurrence_id, Occupancy.resource_id, Room.id)
    .outerjoin(Room, Room.resource_id == Occupancy.resource_id)
    .where(Occupancy.occurrence_id.in_(bindparam("dates", expanding=True)))
)
Kept = Mapping[int | None, Mapping[int, int | None]]
"""By date (id) the resources whose time it keeps, each with the id of the room that it is, if it is one."""


def make_appointments(
    session: Session, series: Series, slot: SlotOfSeries, dates: Sequence[Occurrence], by: ActedBy, *, now: datetime
) -> None:
    """The appointments of planned dates: their time changes hands without being free for a moment."""
    if not dates:
        return
    kept = _read_kept(session, slot, dates)
    coming = _who_comes(session, series, slot, dates, kept)
    made = {each.id: _draft(slot, each, _room_id(kept, each), now=now) for each in dates}
    insert_appointments(session, [(made[each.id], [seat_of_member(one) for one in coming[each.id]]) for each in dates])
    for appointment in made.values():
        for name in ("practice", "service", "therapist", "co_therapist", "location"):
            set_committed_value(appointment, name, getattr(slot, name))
    hand_over_time(session, {date_id: appointment.id for date_id, appointment in made.items()})
    _note_booked(session, dates, made)
    told = [(each, {"starts_at": each.starts_at, "series": series.public_id}) for each in made.values()]
    record_events(session, told, AuditAction.BOOKED, by, now=now)
    plan_new_appointments(session, list(made.values()), earlier=_of_series(series), now=now)


def foresee_appointment(slot: SlotOfSeries, occurrence: Occurrence, *, now: datetime) -> Appointment:
    """The appointment that a planned date will become, for looking at: it never reaches the database."""
    appointment = _draft(slot, occurrence, None, now=now)
    appointment.practice, appointment.service, appointment.location = slot.practice, slot.service, slot.location
    appointment.therapist, appointment.co_therapist = slot.therapist, slot.co_therapist
    appointment.public_id = appointment.uid = occurrence.public_id
    for member in occurrence.series.members:
        if member.comes_on(occurrence.day):
            seat = seat_of_member(member)
            seat.client = member.client
            appointment.attendees.append(seat)
    return appointment


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


def _of_series(series: Series) -> ColumnElement[bool]:
    """Messages about appointments of the same standing slot."""
    made = Occurrence.series_id == series.id, Occurrence.appointment_id.is_not(None)
    return Message.appointment_id.in_(select(Occurrence.appointment_id).where(*made))


def _draft(slot: SlotOfSeries, occurrence: Occurrence, room_id: int | None, *, now: datetime) -> Appointment:
    zone = slot.pattern.zone if slot.location is None else walltime.zone(slot.location.timezone)
    return Appointment(
        practice_id=slot.practice.id,
        service_id=slot.service.id,
        therapist_id=slot.therapist.id,
        co_therapist_id=slot.co_therapist.id if slot.co_therapist is not None else None,
        location_id=slot.location.id if slot.location is not None else None,
        room_id=room_id,
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


def _note_booked(session: Session, dates: Sequence[Occurrence], made: Mapping[int, Appointment]) -> None:
    rows = [{"date": each.id, "appointment": made[each.id].id} for each in dates]
    session.connection().execute(_IS_BOOKED, rows)
    for each in dates:  # What this session has read of them is as it was written.
        set_committed_value(each, "status", OccurrenceStatus.BOOKED)
        set_committed_value(each, "reason", "")
        set_committed_value(each, "appointment_id", made[each.id].id)


def _read_kept(session: Session, slot: SlotOfSeries, dates: Sequence[Occurrence]) -> Kept:
    """Asked only where it decides something: which clients of a group come, and where to meet in person."""
    found: dict[int | None, dict[int, int | None]] = {each.id: {} for each in dates}
    if slot.service.is_group or slot.mode == Mode.IN_PERSON:
        for date_id, resource_id, room_id in session.execute(_KEPT, {"dates": [each.id for each in dates]}):
            found[date_id][resource_id] = room_id
    return found


def _room_id(kept: Kept, occurrence: Occurrence) -> int | None:
    return next((room_id for room_id in kept[occurrence.id].values() if room_id is not None), None)


def _who_comes(
    session: Session, series: Series, slot: SlotOfSeries, dates: Sequence[Occurrence], kept: Kept
) -> dict[int, list[SeriesMember]]:
    """The members of each date (id). A group goes on without one who has another appointment then."""
    coming = {each.id: _members_on(series, slot, each.day) for each in dates}
    if not slot.service.is_group:
        return coming
    wanted = [(each, one.client.resource_id) for each in dates for one in coming[each.id]]
    missing = [(each, resource_id) for each, resource_id in wanted if resource_id not in kept[each.id]]
    busy = {(each.id, resource_id) for each, resource_id in missing} - take_time_for_clients(session, missing)
    return {
        date_id: [one for one in who if (date_id, one.client.resource_id) not in busy]
        for date_id, who in coming.items()
    }


def _members_on(series: Series, slot: SlotOfSeries, day: date) -> list[SeriesMember]:
    clients = {each.client_id for each in slot.members_on(day)}
    return [each for each in series.members if each.client_id in clients and each.comes_on(day)]
