"""The statements behind calendars, built once: building one costs as much as running it.

A therapist's row brings with it, as JSON, everything that decides about their time: one statement answers for one
therapist and for all of a practice. Each sub-select is answered from its index. Parameters are those of
``queries.appointments.slot_calendars.parameters``; ids that are not given are 0, which no row has.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from telehealth.database import Base
from telehealth.domain.appointments.load import ORDINARY
from telehealth.domain.calendar_words import ConnectionState
from telehealth.models import (
    Appointment,
    BusyInterval,
    CalendarConnection,
    Client,
    Closure,
    ConnectedCalendar,
    HoursOverride,
    Licence,
    Location,
    Occupancy,
    Practice,
    RemoteEntry,
    Room,
    Service,
    Therapist,
    TherapistService,
    TimeOff,
    WeeklyHours,
    WrittenAppointment,
)
from telehealth.models.users import GIVES_CARE
from telehealth.queries.epoch_seconds import epoch_seconds
from telehealth.queries.hours.busy_intervals import TIMES, select_busy
from telehealth.queries.json_rows import json_rows

AnySelect = Select[*tuple[Any, ...]]
AnyRow = Row[*tuple[Any, ...]]
AnyResult = CursorResult[*tuple[Any, ...]]

# Holds free themselves: a row whose time is over is passed over by every read, whether or not it was swept away.
_STANDS = or_(Occupancy.expires_at.is_(None), Occupancy.expires_at > bindparam("now"))
_NEAR = (Occupancy.ends_at > bindparam("since"), Occupancy.starts_at < bindparam("until"), _STANDS)
_WEEKS_AROUND = (Occupancy.ends_at > bindparam("weeks_since"), Occupancy.starts_at < bindparam("weeks_until"), _STANDS)
_NOT_OWN = (
    Occupancy.appointment_id.is_distinct_from(bindparam("own_appointment")),
    Occupancy.hold_id.is_distinct_from(bindparam("own_hold")),
)
_SPAN = (epoch_seconds(Occupancy.starts_at), epoch_seconds(Occupancy.ends_at))


def _gathered(whose: type[Base], what: json_rows, *where: ColumnElement[bool]) -> ColumnElement[str]:
    return select(what).where(*where).correlate(whose).scalar_subquery()


_of_therapist = partial(_gathered, Therapist)


PLACE = select(Location.jurisdiction).where(Location.id == bindparam("location")).scalar_subquery()
"""Where they meet, in person: the place's own state counts."""

CLIENTS = (
    select(json_rows(*_SPAN))
    .join(Client, Client.resource_id == Occupancy.resource_id)
    .where(
        Client.id.in_(bindparam("clients", expanding=True)),
        Client.practice_id == bindparam("practice"),
        *_NEAR,
        *_NOT_OWN,
    )
    .scalar_subquery()
)
"""When one of the clients is taken."""

LICENCES = _of_therapist(
    json_rows(Licence.jurisdiction, Licence.valid_from, Licence.valid_until),
    Licence.therapist_id == Therapist.id,
    or_(Licence.jurisdiction.in_(bindparam("states", expanding=True)), Licence.jurisdiction == PLACE),
)
OVERRIDES = _of_therapist(
    json_rows(
        HoursOverride.day,
        HoursOverride.starts,
        HoursOverride.ends,
        HoursOverride.modes,
        HoursOverride.location_id,
    ),
    HoursOverride.therapist_id == Therapist.id,
    HoursOverride.day >= bindparam("first_day"),
    HoursOverride.day <= bindparam("last_day"),
)
TIME_OFF = _of_therapist(
    json_rows(TimeOff.starts_local, TimeOff.ends_local),
    TimeOff.therapist_id == Therapist.id,
    TimeOff.ends_local > bindparam("since_local"),
    TimeOff.starts_local < bindparam("until_local"),
)
CLOSURES = (
    select(json_rows(Closure.first_day, Closure.last_day, Closure.yields_to_hours))
    .where(
        Closure.practice_id == bindparam("practice"),
        Closure.last_day >= bindparam("first_day"),
        Closure.first_day <= bindparam("last_day"),
    )
    .scalar_subquery()
)
"""When the whole practice is closed."""
_HOURS = _of_therapist(
    json_rows(
        WeeklyHours.weekday,
        WeeklyHours.starts,
        WeeklyHours.ends,
        WeeklyHours.modes,
        WeeklyHours.location_id,
        WeeklyHours.valid_from,
        WeeklyHours.valid_until,
        WeeklyHours.every_weeks,
        WeeklyHours.anchor,
    ),
    WeeklyHours.therapist_id == Therapist.id,
)


def _busy(*which: ColumnElement[bool]) -> ColumnElement[str]:
    whose = BusyInterval.therapist_id == Therapist.id
    near = select_busy(TIMES, whose, *which, since=bindparam("since"), until=bindparam("until")).subquery()
    return select(json_rows(*map(epoch_seconds, near.c))).scalar_subquery()


# What takes time in a calendar elsewhere because the own appointment was moved there.
_IS_OWN_ENTRY = exists().where(
    RemoteEntry.id == BusyInterval.entry_id,
    RemoteEntry.calendar_id == WrittenAppointment.calendar_id,
    RemoteEntry.remote_id == WrittenAppointment.remote_id,
    WrittenAppointment.appointment_id == bindparam("own_appointment"),
)
_READ_AT = (
    select(func.min(epoch_seconds(func.coalesce(CalendarConnection.synced_at, CalendarConnection.created_at))))
    .where(
        CalendarConnection.therapist_id == Therapist.id,
        CalendarConnection.state != ConnectionState.ENDED,
        exists().where(ConnectedCalendar.connection_id == CalendarConnection.id, ConnectedCalendar.blocks),
    )
    .correlate(Therapist)
    .scalar_subquery()
)
# What limits count of it: the time without buffers and the service. What says nothing counts as it stands.
_CORE = (
    epoch_seconds(func.coalesce(Occupancy.core_starts_at, Occupancy.starts_at)),
    epoch_seconds(func.coalesce(Occupancy.core_ends_at, Occupancy.ends_at)),
    Occupancy.service_id,
)
# Explanations also want to know what it is: an appointment, a hold or a date of a standing slot.
_KIND = case((Occupancy.appointment_id.is_not(None), 0), (Occupancy.hold_id.is_not(None), 1), else_=2)
_THEIRS = Occupancy.resource_id == Therapist.resource_id
_HAS_LIMITS = or_(
    Therapist.daily_cap.is_not(None), Therapist.weekly_cap.is_not(None), Therapist.longest_run.is_not(None)
)
_WEIGHTS = (
    select(json_rows(Service.id, Service.load_percent))
    .where(Service.practice_id == bindparam("practice"), Service.load_percent != ORDINARY)
    .scalar_subquery()
)
_NO_ROWS = literal_column("'[]'", Text())
_GIVES = and_(
    exists().where(TherapistService.therapist_id == Therapist.id, TherapistService.service_id == bindparam("service")),
    GIVES_CARE,
)


def _calendars(
    occupied: ColumnElement[Any],
    booked: ColumnElement[Any],
    busy: ColumnElement[Any],
    clients: ColumnElement[Any] = _NO_ROWS,
) -> AnySelect:
    return (
        select(
            Therapist.id,
            Therapist.resource_id,
            Therapist.timezone,
            Therapist.leaves_on,
            Therapist.new_clients,
            Therapist.new_clients_from,
            Therapist.daily_cap,
            Therapist.weekly_cap,
            Therapist.longest_run,
            Therapist.break_minutes,
            Therapist.note_minutes,
            cast(Therapist.modalities, Text).label("modalities"),
            cast(Therapist.specialties, Text).label("specialties"),
            cast(Therapist.languages, Text).label("languages"),
            _GIVES.label("gives"),
            PLACE.label("place"),
            LICENCES.label("licences"),
            _HOURS.label("hours"),
            OVERRIDES.label("overrides"),
            TIME_OFF.label("time_off"),
            CLOSURES.label("closures"),
            busy.label("busy"),
            _READ_AT.label("read_at"),
            Practice.busy_before_minutes,
            Practice.busy_after_minutes,
            Practice.unread_hours,
            Practice.when_unread,
            occupied.label("occupied"),
            booked.label("booked"),
            _WEIGHTS.label("weights"),
            clients.label("clients"),
        )
        .join(Practice, Practice.id == Therapist.practice_id)
        .where(Therapist.practice_id == bindparam("practice"))
        .order_by(Therapist.id)
    )


def _sizes(statement: AnySelect) -> dict[bool, AnySelect]:
    named: Any = (bindparam("therapist"), bindparam("co_therapist"))
    return {True: statement.where(Therapist.id.in_(named)), False: statement.where(_GIVES)}


# Without more the index on occupancy answers alone, and what is booked is gathered for those who have limits.
CALENDARS = _sizes(
    _calendars(
        _of_therapist(json_rows(*_SPAN), _THEIRS, *_NEAR),
        case((_HAS_LIMITS, _of_therapist(json_rows(*_CORE), _THEIRS, *_WEEKS_AROUND))),
        _busy(),
    )
)
"""By whether therapists are named. Those who are may well not give the service."""

CALENDARS_TOLD_APART = _sizes(
    _calendars(
        _of_therapist(json_rows(*_SPAN), _THEIRS, *_NEAR, *_NOT_OWN),
        _of_therapist(json_rows(*_CORE, _KIND), _THEIRS, *_WEEKS_AROUND, *_NOT_OWN),
        _busy(~_IS_OWN_ENTRY),
        CLIENTS,
    )
)
"""The same with who has what of their time, and the clients' time; the own appointment and hold are left out."""


_IS_OPEN = Room.ended_at.is_(None)
_OWN_ROOM = select(Appointment.room_id).where(Appointment.id == bindparam("own_appointment")).scalar_subquery()


def _rooms(which: ColumnElement[bool], *more: ColumnElement[bool]) -> AnySelect:
    taken = _gathered(Room, json_rows(*_SPAN), Occupancy.resource_id == Room.resource_id, *_NEAR, *more)
    return (
        select(Room.id, Room.kind, taken)
        .where(Room.location_id == bindparam("location"), Room.practice_id == bindparam("practice"), which)
        .order_by(Room.id)
    )


ROOMS, ROOMS_WITHOUT_OWN = _rooms(_IS_OPEN), _rooms(or_(_IS_OPEN, Room.id == _OWN_ROOM), *_NOT_OWN)
"""What is booked in a room that was closed since can still be moved within it."""
