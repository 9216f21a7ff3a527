"""The statements behind calendars, built once: building one costs as much as running it.

They come in two sizes: for one therapist by id, and for all therapists of a practice in one go. Parameters are those of
``queries.appointments.slot_calendars.parameters``; ids that are not given are 0, which no row has.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Row,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
)

from telehealth.database import epoch_seconds
from telehealth.models import (
    BusyInterval,
    Client,
    HoursOverride,
    Licence,
    Occupancy,
    Room,
    Service,
    Therapist,
    TherapistService,
    TimeOff,
    WeeklyHours,
)
from telehealth.models.users import GIVES_CARE

AnySelect = Select[*tuple[Any, ...]]
AnyRow = Row[*tuple[Any, ...]]
AnyResult = CursorResult[*tuple[Any, ...]]

# Holds free themselves: a row whose time is over is passed over by every read, whether or not it was swept away.
_STANDS = or_(Occupancy.expires_at.is_(None), Occupancy.expires_at > bindparam("now"))
_NEAR = (Occupancy.ends_at > bindparam("since"), Occupancy.starts_at < bindparam("until"), _STANDS)
_NOT_OWN = (
    Occupancy.appointment_id.is_distinct_from(bindparam("own_appointment")),
    Occupancy.hold_id.is_distinct_from(bindparam("own_hold")),
)
_SPAN = (epoch_seconds(Occupancy.starts_at), epoch_seconds(Occupancy.ends_at))

_OVERRIDES_NEAR = (HoursOverride.day >= bindparam("first_day"), HoursOverride.day <= bindparam("last_day"))
_TIME_OFF_NEAR = (TimeOff.ends_local > bindparam("since_local"), TimeOff.starts_local < bindparam("until_local"))
_BUSY_NEAR = (BusyInterval.ends_at > bindparam("since"), BusyInterval.starts_at < bindparam("until"))
_LICENSED_THROUGHOUT = (
    Licence.therapist_id == Therapist.id,
    Licence.jurisdiction == bindparam("jurisdiction"),
    Licence.valid_from <= bindparam("first_day"),
    or_(Licence.valid_until.is_(None), Licence.valid_until >= bindparam("last_day")),
)
_GIVES = exists().where(
    TherapistService.therapist_id == Therapist.id, TherapistService.service_id == bindparam("service")
)

_ANYBODY = (
    select(
        Therapist.id,
        Therapist.resource_id,
        Therapist.timezone,
        Therapist.daily_cap,
        Therapist.weekly_cap,
        Therapist.longest_run,
        Therapist.break_minutes,
        Therapist.note_minutes,
        exists().where(*_LICENSED_THROUGHOUT).label("is_licensed"),
        exists().where(HoursOverride.therapist_id == Therapist.id, *_OVERRIDES_NEAR).label("has_overrides"),
        exists().where(TimeOff.therapist_id == Therapist.id, *_TIME_OFF_NEAR).label("has_time_off"),
        exists().where(BusyInterval.therapist_id == Therapist.id, *_BUSY_NEAR).label("is_busy"),
    )
    .where(Therapist.practice_id == bindparam("practice"))
    .order_by(Therapist.id)
)
_GIVERS = _ANYBODY.join(TherapistService, TherapistService.therapist_id == Therapist.id).where(
    TherapistService.service_id == bindparam("service"), GIVES_CARE
)
_LICENCES = select(Licence.therapist_id, Licence.jurisdiction, Licence.valid_from, Licence.valid_until).where(
    Licence.practice_id == bindparam("practice"), Licence.jurisdiction == bindparam("jurisdiction")
)
_HOURS = select(
    WeeklyHours.therapist_id,
    WeeklyHours.weekday,
    WeeklyHours.starts,
    WeeklyHours.ends,
    WeeklyHours.modes,
    WeeklyHours.location_id,
    WeeklyHours.valid_from,
    WeeklyHours.valid_until,
    WeeklyHours.every_weeks,
    WeeklyHours.anchor,
)
_OVERRIDES = select(
    HoursOverride.therapist_id,
    HoursOverride.day,
    HoursOverride.starts,
    HoursOverride.ends,
    HoursOverride.modes,
    HoursOverride.location_id,
).where(*_OVERRIDES_NEAR)
_TIME_OFF = select(TimeOff.therapist_id, TimeOff.starts_local, TimeOff.ends_local).where(*_TIME_OFF_NEAR)
_BUSY = select(
    BusyInterval.therapist_id, epoch_seconds(BusyInterval.starts_at), epoch_seconds(BusyInterval.ends_at)
).where(*_BUSY_NEAR)
_OCCUPIED = (
    select(Therapist.id.label("therapist_id"), *_SPAN)
    .join(Occupancy, Occupancy.resource_id == Therapist.resource_id)
    .where(*_NEAR)
)


# What limits count of it: the time without buffers and the service. What says nothing counts as it stands. The index
# answers it alone, as it does what is occupied. Explanations also want to know what it is: 0 for an appointment, 1 for
# a hold and 2 for a date of a standing slot.
_CARRIED = _OCCUPIED.add_columns(
    epoch_seconds(func.coalesce(Occupancy.core_starts_at, Occupancy.starts_at)),
    epoch_seconds(func.coalesce(Occupancy.core_ends_at, Occupancy.ends_at)),
    Occupancy.service_id,
).order_by(Therapist.id)
_TOLD_APART = _CARRIED.add_columns(
    case((Occupancy.appointment_id.is_not(None), 0), (Occupancy.hold_id.is_not(None), 1), else_=2)
).where(*_NOT_OWN)

SERVICES = select(Service.id, Service.load_percent).where(Service.practice_id == bindparam("practice"))
"""A handful of rows: looked up here, they cost less than a join with every row of what is occupied."""


def _of_one(statement: AnySelect, column: Any) -> AnySelect:
    return statement.where(column == bindparam("therapist"))


def _of_practice(statement: AnySelect, column: Any) -> AnySelect:
    return statement.where(column == bindparam("practice"))


FOR_ONE = {
    "therapists": _of_one(_GIVERS, Therapist.id),
    "anybody": _of_one(_ANYBODY.add_columns((_GIVES & GIVES_CARE).label("gives")), Therapist.id),
    "licences": _of_one(_LICENCES, Licence.therapist_id),
    "hours": _of_one(_HOURS, WeeklyHours.therapist_id),
    "overrides": _of_one(_OVERRIDES, HoursOverride.therapist_id),
    "time_off": _of_one(_TIME_OFF, TimeOff.therapist_id),
    "busy": _of_one(_BUSY, BusyInterval.therapist_id),
    "occupied": _of_one(_OCCUPIED, Therapist.id),
    "occupied_by_others": _of_one(_OCCUPIED.where(*_NOT_OWN), Therapist.id),
    "carried": _of_one(_CARRIED, Therapist.id),
    "carried_by_others": _of_one(_CARRIED.where(*_NOT_OWN), Therapist.id),
    "told_apart": _of_one(_TOLD_APART, Therapist.id),
}
FOR_ALL = {
    "therapists": _GIVERS,
    "licences": _LICENCES,
    "hours": _of_practice(_HOURS, WeeklyHours.practice_id),
    "overrides": _of_practice(_OVERRIDES, HoursOverride.practice_id),
    "time_off": _of_practice(_TIME_OFF, TimeOff.practice_id),
    "busy": _of_practice(_BUSY, BusyInterval.practice_id),
    "occupied": _of_practice(_OCCUPIED, Therapist.practice_id),
    "occupied_by_others": _of_practice(_OCCUPIED.where(*_NOT_OWN), Therapist.practice_id),
    "carried": _of_practice(_CARRIED, Therapist.practice_id),
    "carried_by_others": _of_practice(_CARRIED.where(*_NOT_OWN), Therapist.practice_id),
    "told_apart": _of_practice(_TOLD_APART, Therapist.practice_id),
}


def _rooms(*more: ColumnElement[bool]) -> AnySelect:
    return (
        select(Room.id, Room.kind, *_SPAN)
        .outerjoin(Occupancy, and_(Occupancy.resource_id == Room.resource_id, *_NEAR, *more))
        .where(Room.location_id == bindparam("location"), Room.practice_id == bindparam("practice"))
        .order_by(Room.id)
    )


ROOMS, ROOMS_WITHOUT_OWN = _rooms(), _rooms(*_NOT_OWN)
CLIENTS = (
    select(*_SPAN)
    .join(Client, Client.resource_id == Occupancy.resource_id)
    .where(
        Client.id.in_(bindparam("clients", expanding=True)),
        Client.practice_id == bindparam("practice"),
        *_NEAR,
        *_NOT_OWN,
    )
)
TRAITS = select(Therapist.id, Therapist.modalities, Therapist.specialties, Therapist.languages).where(
    Therapist.practice_id == bindparam("practice"), GIVES_CARE
)
