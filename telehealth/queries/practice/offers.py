"""What a practice offers to whoever books: its services, who gives which of them, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.appointments.licences import Held, covered_on
from telehealth.models import Licence, Location, Service, Therapist, TherapistService
from telehealth.models.users import GIVES_CARE
from telehealth.queries.json_rows import json_rows, rows_in
from telehealth.queries.practice.practices import list_locations, list_services

_GIVEN = select(json_rows(TherapistService.service_id)).where(TherapistService.therapist_id == Therapist.id)
_LICENCES = select(json_rows(Licence.jurisdiction, Licence.valid_from, Licence.valid_until)).where(
    Licence.therapist_id == Therapist.id
)
_THERAPISTS = (
    select(Therapist, _GIVEN.scalar_subquery(), _LICENCES.scalar_subquery())
    .where(Therapist.practice_id == bindparam("practice"), GIVES_CARE)
    .order_by(Therapist.name)
)


@dataclass(frozen=True, slots=True)
class Offer:
    """Services that can be booked in the practice's order, therapists and locations by name.

    By the id of a therapist: ``given`` has the ids of their services, also of those that have ended, and ``states`` the
    codes of the states in which they may treat today, by their own calendar.
    """

    services: Sequence[Service]
    therapists: Sequence[Therapist]
    locations: Sequence[Location]
    given: Mapping[int, Set[int]]
    states: Mapping[int, Set[str]]

    def list_givers(self, service: Service | None) -> list[Therapist]:
        """Who gives a service."""
        return [each for each in self.therapists if service is not None and service.id in self.given[each.id]]

    def list_given(self, therapist: Therapist) -> list[Service]:
        """The services of a therapist that can be booked."""
        return [each for each in self.services if each.id in self.given[therapist.id]]

    def list_licensed(self, therapists: Sequence[Therapist], state: str | None) -> list[Therapist]:
        """Who of them may treat in a state; all of them while it is not known."""
        return [each for each in therapists if state is None or state in self.states[each.id]]


def find_offer(practice_id: int, *, now: datetime) -> Offer:
    """All of it, in three statements."""
    rows = db.session.execute(_THERAPISTS, {"practice": practice_id}).all()
    return Offer(
        services=list_services(practice_id),
        therapists=[therapist for therapist, _, _ in rows],
        locations=list_locations(practice_id),
        given={therapist.id: {service for (service,) in rows_in(services)} for therapist, services, _ in rows},
        states={therapist.id: _states(therapist, licences, now=now) for therapist, _, licences in rows},
    )


def _states(therapist: Therapist, licences: str, *, now: datetime) -> Set[str]:
    today = walltime.wall(now, walltime.zone(therapist.timezone)).date()
    return covered_on([Held.read(*each) for each in rows_in(licences)], today)
