"""Appointments ahead on whose date a therapist may no longer treat where the client is.

A licence can end after something was booked, or be ended by hand, and a client may turn out to be in another state.
Nothing is cancelled for that: people decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlalchemy.orm import joinedload, selectinload

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.appointments.licences import may_treat, uncovered
from telehealth.domain.appointments.states import EXPECTED
from telehealth.domain.words import AppointmentStatus, Mode, Obstacle
from telehealth.models import Appointment, Attendee, Licence, Location, Therapist
from telehealth.queries.loading import APPOINTMENTS, is_given_by

EARLIEST, LATEST = date(1971, 1, 1), date(9000, 1, 1)
PORTION = 200  # SQLite reads "a OR b OR c" as a tree, and refuses trees that are a thousand deep.


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch, aware instants [since, until), in which a therapist has no authority in a jurisdiction.

    ``last_day`` is the last date with authority before it, in the therapist's calendar; None when there was none yet.
    """

    therapist: Therapist
    jurisdiction: str
    since: datetime
    until: datetime
    last_day: date | None

    @property
    def is_for_ever(self) -> bool:
        """Whether there never was an authority, and none is to come."""
        return self.last_day is None and self.until.year >= LATEST.year

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
    gaps = [gap for gap in _gaps(practice_id, therapist_id, now) if gap.until > now]
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


@dataclass(frozen=True, slots=True)
class Unfit:
    """A therapist of an appointment who may not treat one of its clients where they will be, on its date."""

    therapist: Therapist
    jurisdiction: str


def find_unfit(appointment: Appointment, *, now: datetime) -> list[Unfit]:
    """Everybody of an appointment that is still to come who has no authority for it; nobody where staff booked it so
    knowingly.
    """
    is_news = appointment.is_ahead(now=now) and Obstacle.LICENCE not in appointment.overrides
    states = sorted(jurisdictions_of(appointment)) if is_news else []
    return [
        Unfit(therapist, each)
        for therapist in appointment.therapists
        for each in states
        if not may_treat(therapist.licences, jurisdiction=each, on=_day_of(appointment, therapist))
    ]


def find_unlicensed(appointment: Appointment, jurisdiction: str | None) -> list[Therapist]:
    """The therapists of an appointment who have no authority on its date where a client turns out to be (None: outside
    every state). Nobody where staff booked it so knowingly, for that very state.
    """
    if Obstacle.LICENCE in appointment.overrides and jurisdiction in jurisdictions_of(appointment):
        return []
    return [
        each
        for each in appointment.therapists
        if jurisdiction is None
        or not may_treat(each.licences, jurisdiction=jurisdiction, on=_day_of(appointment, each))
    ]


def list_unfit_of_client(practice_id: int, client_id: int, *, now: datetime) -> list[tuple[Appointment, list[Unfit]]]:
    """The appointments ahead of a client that do not fit, in order, each with what is amiss."""
    theirs = Appointment.attendees.any(
        and_(Attendee.client_id == client_id, Attendee.status != AppointmentStatus.CANCELLED)
    )
    statement = APPOINTMENTS.where(Appointment.practice_id == practice_id, Appointment.starts_at > now, theirs)
    statement = statement.where(Appointment.status.in_(EXPECTED)).options(
        joinedload(Appointment.therapist).selectinload(Therapist.licences),
        joinedload(Appointment.co_therapist).selectinload(Therapist.licences),
    )
    found = db.session.scalars(statement.order_by(Appointment.starts_at, Appointment.id)).unique().all()
    judged = ((each, find_unfit(each, now=now)) for each in found)
    return [(each, unfit) for each, unfit in judged if unfit]


def _day_of(appointment: Appointment, therapist: Therapist) -> date:
    return walltime.wall(appointment.starts_at, walltime.zone(therapist.timezone)).date()


def _asked_states(practice_id: int, now: datetime) -> dict[int, set[str]]:
    """The states in which what is ahead takes place, by the id of the therapist who gives it."""
    where = case((Appointment.mode == Mode.IN_PERSON, Location.jurisdiction), else_=Attendee.jurisdiction)
    asked = (
        select(Appointment.therapist_id, Appointment.co_therapist_id, where)
        .join(Attendee, Attendee.appointment_id == Appointment.id)
        .outerjoin(Location, Location.id == Appointment.location_id)
        .where(
            Appointment.practice_id == practice_id,
            Appointment.starts_at > now,
            Appointment.status.in_(EXPECTED),
            where.is_not(None),
        )
        .distinct()
    )
    found: dict[int, set[str]] = defaultdict(set)
    for first, second, state in db.session.execute(asked):
        for each in (first, second):
            if each is not None:
                found[each].add(state)
    return found


def _gaps(practice_id: int, therapist_id: int | None, now: datetime) -> Iterator[Gap]:
    asked = _asked_states(practice_id, now)
    wanted = select(Therapist).where(Therapist.practice_id == practice_id)
    if therapist_id is not None:
        wanted = wanted.where(Therapist.id == therapist_id)
    for therapist in db.session.scalars(wanted.options(selectinload(Therapist.licences))):
        held = {licence.jurisdiction for licence in therapist.licences}
        for jurisdiction in sorted(held | asked.get(therapist.id, set())):
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
