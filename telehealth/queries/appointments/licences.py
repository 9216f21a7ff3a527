"""Appointments ahead on whose date a therapist may no longer treat where the client is.

A licence can end after something was booked, or be ended by hand. Nothing is cancelled for that: people decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import selectinload

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.appointments.licences import uncovered
from telehealth.domain.appointments.states import EXPECTED
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Appointment, Attendee, Licence, Location, Therapist
from telehealth.queries.loading import APPOINTMENTS, is_given_by

EARLIEST, LATEST = date(1971, 1, 1), date(9000, 1, 1)
PORTION = 200  # SQLite reads "a OR b OR c" as a tree, and refuses trees that are a thousand deep.


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch, aware instants [since, until), in which a therapist has no authority in a jurisdiction they held.

    ``last_day`` is the last date with authority before it, in the therapist's calendar; None when there was none yet.
    """

    therapist: Therapist
    jurisdiction: str
    since: datetime
    until: datetime
    last_day: date | None

    def holds(self, appointment: Appointment) -> bool:
        """Whether the appointment needs an authority that is missing then."""
        return (
            self.since <= appointment.starts_at < self.until
            and self.therapist in appointment.therapists
            and self.jurisdiction in jurisdictions_of(appointment)
        )


@dataclass(frozen=True, slots=True)
class Uncovered:
    """The appointments in one gap, in order."""

    gap: Gap
    appointments: list[Appointment]


def jurisdictions_of(appointment: Appointment) -> set[str]:
    """The states whose licence counts: the place's in person, else those the clients will be in."""
    if appointment.location is not None and appointment.mode == Mode.IN_PERSON:
        return {appointment.location.jurisdiction}
    return {seat.jurisdiction for seat in appointment.seats if seat.jurisdiction}


def list_authorities(therapist_id: int) -> Sequence[Licence]:
    """Every authority a therapist has or had, by state, the latest last."""
    return db.session.scalars(
        select(Licence)
        .where(Licence.therapist_id == therapist_id)
        .order_by(Licence.jurisdiction, Licence.valid_from, Licence.id)
    ).all()


def uncovered_appointments(practice_id: int, therapist_id: int | None, now: datetime) -> list[Uncovered]:
    """What is booked or asked for ahead without authority on its date, grouped by therapist and licence.

    The earliest first; of the whole practice when ``therapist_id`` is None. In person the place's state counts, else
    the one each client will be in (ATA guidelines: care happens where the client is). An appointment that staff booked
    without a licence knowingly is not news.
    """
    gaps = [gap for gap in _gaps(practice_id, therapist_id) if gap.until > now]
    found: dict[Gap, list[Appointment]] = defaultdict(list)
    for first in range(0, len(gaps), PORTION):
        portion = gaps[first : first + PORTION]
        for appointment in _ahead(portion, now):
            for gap in portion:
                if gap.holds(appointment) and Obstacle.LICENCE not in appointment.overrides:
                    found[gap].append(appointment)
    return sorted(
        (Uncovered(gap, appointments) for gap, appointments in found.items()),
        key=lambda each: (each.appointments[0].starts_at, each.gap.therapist.name, each.gap.jurisdiction),
    )


def _gaps(practice_id: int, therapist_id: int | None) -> Iterator[Gap]:
    wanted = select(Therapist).where(Therapist.practice_id == practice_id)
    if therapist_id is not None:
        wanted = wanted.where(Therapist.id == therapist_id)
    for therapist in db.session.scalars(wanted.options(selectinload(Therapist.licences))):
        for jurisdiction in {licence.jurisdiction for licence in therapist.licences}:
            for first, end in uncovered(therapist.licences, jurisdiction=jurisdiction):
                last_day = None if first == date.min else date.fromordinal(first.toordinal() - 1)
                yield Gap(therapist, jurisdiction, _midnight(first, therapist), _midnight(end, therapist), last_day)


def _midnight(day: date, therapist: Therapist) -> datetime:
    within = min(max(day, EARLIEST), LATEST)
    return walltime.resolve(datetime.combine(within, time()), walltime.zone(therapist.timezone)).astimezone(UTC)


def _ahead(gaps: Sequence[Gap], now: datetime) -> Sequence[Appointment]:
    """Appointments that lie in one of the gaps."""
    statement = APPOINTMENTS.where(
        Appointment.starts_at > now, Appointment.status.in_(EXPECTED), or_(*(_lies_in(gap) for gap in gaps))
    )
    return db.session.scalars(statement.order_by(Appointment.starts_at, Appointment.id)).unique().all()


def _lies_in(gap: Gap) -> ColumnElement[bool]:
    here = or_(
        and_(Appointment.mode == Mode.IN_PERSON, Appointment.location.has(Location.jurisdiction == gap.jurisdiction)),
        and_(Appointment.mode != Mode.IN_PERSON, Appointment.attendees.any(Attendee.jurisdiction == gap.jurisdiction)),
    )
    return and_(
        is_given_by(gap.therapist.id),
        Appointment.starts_at >= gap.since,
        Appointment.starts_at < gap.until,
        here,
    )
