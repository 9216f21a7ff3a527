"""Who could stand in for a therapist who cannot come: for every appointment, the colleagues who can take it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from telehealth.database import db
from telehealth.domain.appointments.matching import Fit, Match, rank_therapists
from telehealth.domain.appointments.states import ACTIVE
from telehealth.domain.words import AppointmentStatus, Obstacle
from telehealth.models import Appointment, Attendee, Therapist
from telehealth.queries.appointments.licences import jurisdictions_of
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import obstacles_at
from telehealth.queries.loading import APPOINTMENTS, is_given_by
from telehealth.queries.practice.practices import list_therapists

WAIVED = frozenset({Obstacle.NOTICE, Obstacle.HORIZON, Obstacle.OFF_GRID})
"""What binds clients who choose a time does not bind a colleague who takes over one that is agreed on."""

NEAR = timedelta(hours=18)
HAPPENED = (AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who can take an appointment. ``knows`` says that they have met one of its clients before."""

    therapist: Therapist
    knows: bool


@dataclass(frozen=True, slots=True)
class ReassignmentProposal:
    """One appointment, who can take it (the best first), and what keeps the others from it.

    ``obstacles`` leaves out those who do not give the service at all.
    """

    appointment: Appointment
    colleagues: list[Colleague]
    obstacles: list[tuple[Therapist, list[Obstacle]]]


def propose_colleagues(
    practice_id: int, therapist_id: int, since: datetime, until: datetime, *, now: datetime
) -> list[ReassignmentProposal]:
    """For each appointment of a therapist that starts in [since, until) and is still ahead, in order.

    A colleague has to give the service, to be licensed where care happens, and to be free: the same function decides
    that offers and books. They are ranked by ``domain.appointments.matching``: whoever knows the client, then who works
    most like the one who is away, then who has least to do around that time, counting what is proposed to them here.
    """
    away = db.session.get_one(Therapist, therapist_id)
    team = {each.id: each for each in list_therapists(practice_id) if each.id != therapist_id}
    proposed: Counter[int] = Counter()
    found: list[ReassignmentProposal] = []
    appointments = _appointments(practice_id, therapist_id, max(since, now), until)
    if not appointments:
        return found
    known = _gather(appointments, practice_id)
    for appointment in appointments:
        proposal = _proposal(appointment, away, team, known, proposed, now=now)
        proposed.update(each.therapist.id for each in proposal.colleagues[:1])
        found.append(proposal)
    return found


def _appointments(practice_id: int, therapist_id: int, since: datetime, until: datetime) -> Sequence[Appointment]:
    statement = APPOINTMENTS.where(
        Appointment.practice_id == practice_id,
        is_given_by(therapist_id),
        Appointment.starts_at >= since,
        Appointment.starts_at < until,
        Appointment.status.in_(ACTIVE),
    )
    return db.session.scalars(statement.order_by(Appointment.starts_at, Appointment.id)).unique().all()


def _proposal(
    appointment: Appointment,
    away: Therapist,
    team: dict[int, Therapist],
    colleagues: _Colleagues,
    proposed: Counter[int],
    *,
    now: datetime,
) -> ReassignmentProposal:
    staying = {appointment.therapist_id, appointment.co_therapist_id}
    found = {key: each for key, each in _obstacles(appointment, now=now).items() if key in team and key not in staying}
    free = [key for key, obstacles in found.items() if not obstacles]
    known = colleagues.count_met(appointment, free)
    matches = (
        Match(
            key,
            colleagues.count_near(appointment, key) + proposed[key],
            team[key].modalities,
            team[key].specialties,
            team[key].languages,
        )
        for key in sorted(free, key=lambda key: team[key].name)
    )
    fit = Fit(
        tuple(away.modalities), tuple(away.specialties), therapist_id=known.most_common(1)[0][0] if known else None
    )
    return ReassignmentProposal(
        appointment,
        [Colleague(team[key], key in known) for key in rank_therapists(fit, matches)],
        [
            (team[key], [each for each in obstacles if each != Obstacle.NOT_GIVEN])
            for key, obstacles in sorted(found.items(), key=lambda pair: team[pair[0]].name)
            if obstacles and Obstacle.NOT_GIVEN not in obstacles
        ],
    )


def _obstacles(appointment: Appointment, *, now: datetime) -> dict[int, list[Obstacle]]:
    """What keeps each therapist who gives the service from it; nothing for those who could take it.

    Clients who will be in several states need somebody who may treat in all of them.
    """
    query = SlotQuery.about_appointment(
        appointment,
        client_ids=tuple(seat.client_id for seat in appointment.seats),
        further_jurisdictions=tuple(sorted(jurisdictions_of(appointment))),
        waived=WAIVED,
        minutes=appointment.service.keep_length(appointment.minutes),
    )
    found = obstacles_at(query, now=now)
    return {key: [each for each in obstacles if each not in WAIVED] for key, obstacles in found.items()}


@dataclass(frozen=True, slots=True)
class _Colleagues:
    """What is known about everybody: how often each client was met by each therapist (``met``, by both ids), and when
    what each has to do begins (``busy``).
    """

    met: Mapping[tuple[int, int], int]
    busy: Mapping[int, Sequence[datetime]]

    def count_met(self, appointment: Appointment, therapist_ids: Sequence[int]) -> Counter[int]:
        """How often each of the therapists has met one of the clients; those who have not are missing."""
        clients = [seat.client_id for seat in appointment.seats]
        known = {each: sum(self.met.get((client, each), 0) for client in clients) for each in therapist_ids}
        return Counter({each: times for each, times in known.items() if times})

    def count_near(self, appointment: Appointment, therapist_id: int) -> int:
        """How much somebody has to do around that time."""
        return sum(abs(at - appointment.starts_at) < NEAR for at in self.busy.get(therapist_id, ()))


def _gather(appointments: Sequence[Appointment], practice_id: int) -> _Colleagues:
    """For all of the appointments at once."""
    met = (
        select(Attendee.client_id, Therapist.id, func.count())
        .select_from(Therapist)
        .join(Appointment, is_given_by(Therapist.id))
        .join(Attendee, Attendee.appointment_id == Appointment.id)
        .where(
            Appointment.practice_id == practice_id,
            Appointment.status.in_(HAPPENED),
            Attendee.client_id.in_({seat.client_id for each in appointments for seat in each.seats}),
        )
        .group_by(Attendee.client_id, Therapist.id)
    )
    near = (
        select(Therapist.id, Appointment.starts_at)
        .join(Appointment, is_given_by(Therapist.id))
        .where(
            Therapist.practice_id == practice_id,
            Appointment.status.in_(ACTIVE),
            Appointment.starts_at > appointments[0].starts_at - NEAR,
            Appointment.starts_at < appointments[-1].starts_at + NEAR,
        )
    )
    busy: defaultdict[int, list[datetime]] = defaultdict(list)
    for therapist_id, starts_at in db.session.execute(near):
        busy[therapist_id].append(starts_at)
    return _Colleagues({(client, them): times for client, them, times in db.session.execute(met)}, busy)
