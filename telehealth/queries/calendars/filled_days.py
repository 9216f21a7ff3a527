"""What fills these days: everything that takes time of therapists and rooms, for whoever draws it. The number of
statements is the same for one therapist and for all of them, for a day and for a month.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.domain.words import AppointmentStatus, Obstacle
from telehealth.models import (
    Appointment,
    BusyInterval,
    Client,
    Closure,
    Hold,
    HoursOverride,
    Occupancy,
    Occurrence,
    Room,
    Series,
    SeriesMember,
    Service,
    Therapist,
    TimeOff,
    WeeklyHours,
)
from telehealth.queries.hours.busy_intervals import TIMES_OF_EACH, select_busy
from telehealth.queries.hours.closures import list_closures
from telehealth.queries.hours.working_hours import HoursEntry, hours_beginning_on
from telehealth.queries.loading import APPOINTMENTS

ONE_DAY = timedelta(days=1)


class KeptTime(NamedTuple):
    """Time of a therapist or a room that no appointment has yet: a hold keeps it, or a date of a standing slot.

    ``starts_at`` to ``ends_at`` (aware, half-open) is without buffers.
    """

    resource_id: int
    starts_at: datetime
    ends_at: datetime
    service: str
    series_public_id: str | None
    members: tuple[str, ...]


@dataclass(slots=True)
class FilledDays:
    """All of it, between two instants. What belongs to a therapist is found by their id, what is taken by resource.

    ``buffers`` are the parts (aware, half-open) of therapists' time around their appointments.
    """

    appointments: Sequence[Appointment] = ()
    kept: Mapping[int, list[KeptTime]] = field(default_factory=dict)
    buffers: Mapping[int, list[BusySpan]] = field(default_factory=dict)
    hours: Mapping[int, list[WeeklyHours]] = field(default_factory=dict)
    overrides: Mapping[int, list[HoursOverride]] = field(default_factory=dict)
    time_off: Mapping[int, list[TimeOff]] = field(default_factory=dict)
    closures: Sequence[Closure] = ()
    busy: Mapping[int, list[BusySpan]] = field(default_factory=dict)

    def is_overlaid(self, appointment: Appointment, *, now: datetime) -> bool:
        """Whether something in a therapist's own calendar is at the same time as an appointment that has not begun, and
        nobody knew that when it was booked (``queries.calendars.conflicts`` lists them).
        """
        is_ahead = appointment.status in {AppointmentStatus.BOOKED, AppointmentStatus.PENDING}
        if not is_ahead or appointment.starts_at <= now or Obstacle.BUSY in appointment.overrides:
            return False
        return any(
            span.starts_at < appointment.ends_at and span.ends_at > appointment.starts_at
            for therapist_id in (appointment.therapist_id, appointment.co_therapist_id)
            for span in self.busy.get(therapist_id or 0, ())
        )

    def open_spans(self, therapist: Therapist, day: date) -> Iterator[tuple[datetime, datetime]]:
        """A therapist's hours that begin on a date of their own, as instants; time off is not taken out."""
        own = walltime.zone(therapist.timezone)
        weekly, overrides = self.hours.get(therapist.id, ()), self.overrides.get(therapist.id, ())
        for entry in hours_beginning_on(day, weekly, overrides, self.closures):
            if entry.starts is not None and entry.ends is not None:
                last = day if entry.starts < entry.ends else day + ONE_DAY
                wall = (datetime.combine(day, entry.starts), datetime.combine(last, entry.ends))
                yield walltime.resolve(wall[0], own), walltime.resolve(wall[1], own)


class CountedStart(NamedTuple):
    """One appointment of many: as much as a month shows of it."""

    starts_at: datetime
    status: AppointmentStatus


def read_filled_days(
    practice_id: int,
    since: datetime,
    until: datetime,
    *,
    therapists: Sequence[Therapist],
    rooms: Sequence[Room] = (),
    only: Collection[int] | None = None,
    now: datetime,
) -> FilledDays:
    """What overlaps [since, until), aware instants, of these therapists and rooms; cancelled appointments too.

    Appointments are everybody's, or those of the therapists with the ids ``only``. Holds that have run out are no more.
    """
    ids = [each.id for each in therapists]
    kept, buffers = _read_taken(therapists, rooms, since, until, now=now)
    wall_since, wall_until = since.replace(tzinfo=None) - ONE_DAY, until.replace(tzinfo=None) + ONE_DAY
    return FilledDays(
        appointments=_read_appointments(practice_id, since, until, only),
        kept=kept,
        buffers=buffers,
        hours=_by_therapist(_read_hours(ids, wall_since.date(), wall_until.date())),
        overrides=_by_therapist(_read_overrides(ids, wall_since.date(), wall_until.date())),
        time_off=_by_therapist(_read_time_off(ids, wall_since, wall_until)),
        closures=list_closures(practice_id, since=wall_since.date()),
        busy=_read_busy(ids, since, until),
    )


def list_starts(
    practice_id: int, since: datetime, until: datetime, *, only: Collection[int] | None = None
) -> Sequence[CountedStart]:
    """The appointments that start in [since, until), without cancelled ones, to be counted."""
    rows = db.session.execute(
        select(Appointment.starts_at, Appointment.status)
        .where(
            Appointment.practice_id == practice_id,
            Appointment.starts_at >= since,
            Appointment.starts_at < until,
            Appointment.status != AppointmentStatus.CANCELLED,
            *_given_by_one_of(only),
        )
        .order_by(Appointment.starts_at)
    )
    return [CountedStart(*row) for row in rows]


def _given_by_one_of(only: Collection[int] | None) -> tuple[ColumnElement[bool], ...]:
    if only is None:
        return ()
    return (or_(Appointment.therapist_id.in_(only), Appointment.co_therapist_id.in_(only)),)


def _read_appointments(
    practice_id: int, since: datetime, until: datetime, only: Collection[int] | None
) -> Sequence[Appointment]:
    statement = APPOINTMENTS.where(
        Appointment.practice_id == practice_id,
        # No appointment is longer than a day, so the index on the start finds the few that may reach in.
        Appointment.starts_at >= since - ONE_DAY,
        Appointment.starts_at < until,
        Appointment.ends_at > since,
        *_given_by_one_of(only),
    ).options(joinedload(Appointment.room))
    return db.session.scalars(statement.order_by(Appointment.starts_at, Appointment.id)).unique().all()


def _read_taken(
    therapists: Sequence[Therapist], rooms: Sequence[Room], since: datetime, until: datetime, *, now: datetime
) -> tuple[dict[int, list[KeptTime]], dict[int, list[BusySpan]]]:
    """What holds and standing slots keep, and the buffers around appointments, by resource."""
    rows = db.session.execute(
        select(Occupancy, Series.id.label("series_id"), Series.public_id, Service.name)
        .outerjoin(Hold, Hold.id == Occupancy.hold_id)
        .outerjoin(Occurrence, Occurrence.id == Occupancy.occurrence_id)
        .outerjoin(Series, Series.id == Occurrence.series_id)
        .outerjoin(Service, Service.id == func.coalesce(Hold.service_id, Series.service_id))
        .where(
            Occupancy.resource_id.in_(
                [*(each.resource_id for each in therapists), *(each.resource_id for each in rooms)]
            ),
            Occupancy.ends_at > since,
            Occupancy.starts_at < until,
            or_(Occupancy.expires_at.is_(None), Occupancy.expires_at > now),
        )
        .order_by(Occupancy.starts_at, Occupancy.id)
    ).all()
    members = _read_members({each.series_id for each in rows if each.series_id is not None})
    kept: dict[int, list[KeptTime]] = defaultdict(list)
    buffers: dict[int, list[BusySpan]] = defaultdict(list)
    for taken, series_id, series_public_id, service in rows:
        begins, ends = taken.core_starts_at or taken.starts_at, taken.core_ends_at or taken.ends_at
        if taken.appointment_id is None:
            who = members.get(series_id, ())
            kept[taken.resource_id].append(
                KeptTime(taken.resource_id, begins, ends, service or "", series_public_id, tuple(who))
            )
        around = (BusySpan(taken.starts_at, begins), BusySpan(ends, taken.ends_at))
        buffers[taken.resource_id] += [each for each in around if each.starts_at < each.ends_at]
    return kept, buffers


def _read_members(series_ids: Collection[int]) -> Mapping[int, list[str]]:
    """The names of those who have not left, by the id of their standing slot."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = db.session.execute(
        select(SeriesMember.series_id, Client.name)
        .join(SeriesMember.client)
        .where(SeriesMember.series_id.in_(series_ids), SeriesMember.left_on.is_(None))
        .order_by(SeriesMember.id)
    )
    for series_id, name in rows:
        found[series_id].append(name)
    return found


def _read_hours(ids: Sequence[int], first: date, last: date) -> Sequence[WeeklyHours]:
    return db.session.scalars(
        select(WeeklyHours)
        .where(
            WeeklyHours.therapist_id.in_(ids),
            or_(WeeklyHours.valid_from.is_(None), WeeklyHours.valid_from <= last),
            or_(WeeklyHours.valid_until.is_(None), WeeklyHours.valid_until >= first),
        )
        .order_by(WeeklyHours.weekday, WeeklyHours.starts, WeeklyHours.id)
    ).all()


def _read_overrides(ids: Sequence[int], first: date, last: date) -> Sequence[HoursOverride]:
    return db.session.scalars(
        select(HoursOverride)
        .where(HoursOverride.therapist_id.in_(ids), HoursOverride.day.between(first, last))
        .order_by(HoursOverride.day, HoursOverride.starts, HoursOverride.id)
    ).all()


def _read_time_off(ids: Sequence[int], since: datetime, until: datetime) -> Sequence[TimeOff]:
    return db.session.scalars(
        select(TimeOff)
        .where(TimeOff.therapist_id.in_(ids), TimeOff.ends_local > since, TimeOff.starts_local < until)
        .order_by(TimeOff.starts_local, TimeOff.id)
    ).all()


def _read_busy(ids: Sequence[int], since: datetime, until: datetime) -> Mapping[int, list[BusySpan]]:
    near = select_busy(TIMES_OF_EACH, BusyInterval.therapist_id.in_(ids), since=since, until=until)
    found: dict[int, list[BusySpan]] = defaultdict(list)
    for therapist_id, starts_at, ends_at in db.session.execute(near.order_by(BusyInterval.starts_at)):
        found[therapist_id].append(BusySpan(starts_at, ends_at))
    return found


def _by_therapist(rows: Sequence[HoursEntry]) -> Mapping[int, list[HoursEntry]]:
    found: dict[int, list[HoursEntry]] = defaultdict(list)
    for row in rows:
        found[row.therapist_id].append(row)
    return found
