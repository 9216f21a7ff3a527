"""What a practice offers to whoever books: its services, who gives which of them, and where."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Text, bindparam, cast, select

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.appointments.licences import Held, covered_on
from telehealth.domain.appointments.openness import NewClients
from telehealth.domain.hours.absences import find_return
from telehealth.domain.hours.closures import ClosedDates
from telehealth.models import Closure, Licence, Location, Service, Therapist, TherapistService, TimeOff
from telehealth.models.users import GIVES_CARE
from telehealth.queries.json_rows import json_rows, rows_in
from telehealth.queries.practice.practices import list_locations, list_offered_services

_GIVEN = select(json_rows(TherapistService.service_id)).where(TherapistService.therapist_id == Therapist.id)
_LICENCES = select(json_rows(Licence.jurisdiction, Licence.valid_from, Licence.valid_until)).where(
    Licence.therapist_id == Therapist.id
)
_AWAY = (
    select(json_rows(TimeOff.starts_local, TimeOff.ends_local))
    .where(TimeOff.therapist_id == Therapist.id, TimeOff.is_shown)
    .correlate(Therapist)
    .scalar_subquery()
)
"""The absences that the page speaks of."""
_CLOSED = (
    select(json_rows(Closure.first_day, Closure.last_day, Closure.yields_to_hours))
    .where(Closure.practice_id == bindparam("practice"), Closure.last_day >= bindparam("closed_since"))
    .scalar_subquery()
)
_WORDS = (Therapist.modalities, Therapist.specialties, Therapist.languages, Therapist.ages)
_GIVERS = (
    select(
        Therapist.id,
        Therapist.public_id,
        Therapist.name,
        Therapist.credential,
        Therapist.timezone,
        Therapist.about,
        Therapist.pronouns,
        Therapist.is_hidden,
        Therapist.photo,
        Therapist.new_clients,
        Therapist.new_clients_from,
        *(cast(words, Text) for words in _WORDS),
        _GIVEN.scalar_subquery(),
        _LICENCES.scalar_subquery(),
        _AWAY,
        _CLOSED.label("closed"),
    )
    .where(Therapist.practice_id == bindparam("practice"), GIVES_CARE)
    .order_by(Therapist.position, Therapist.name)
)


class Giver(NamedTuple):
    """A therapist as far as whoever books gets to know them. ``given`` are the ids of their services, also of those
    that have ended.
    """

    id: int
    public_id: str
    name: str
    credential: str
    timezone: str
    about: str
    pronouns: str
    is_hidden: bool
    photo: str | None
    new_clients: NewClients
    new_clients_from: date | None
    modalities: tuple[str, ...]
    specialties: tuple[str, ...]
    languages: tuple[str, ...]
    ages: tuple[str, ...]
    given: frozenset[int]
    licences: tuple[Held, ...]
    absences: tuple[tuple[datetime, datetime], ...]

    def away_until(self, *, now: datetime) -> date | None:
        """When whoever is away is back, as far as the page may say so; None for the others."""
        return find_return(self.absences, walltime.wall(now, walltime.zone(self.timezone)))

    def takes_newcomers(self, *, now: datetime) -> bool:
        """Whether people whom they have not met are offered their time today."""
        since = self.new_clients_from
        today = walltime.wall(now, walltime.zone(self.timezone)).date()
        is_time = self.new_clients == NewClients.LATER and since is not None and since <= today
        return self.new_clients == NewClients.YES or is_time

    def states(self, *, now: datetime) -> frozenset[str]:
        """Where they may treat today, by their own calendar: codes. The date of an appointment decides again."""
        return _find_states(self.licences, walltime.wall(now, walltime.zone(self.timezone)).date())


AnyTherapist = Therapist | Giver


@dataclass(frozen=True, slots=True)
class Offer:
    """Services and therapists in the practice's order, locations by name, and when all of it is closed."""

    services: Sequence[Service]
    therapists: Sequence[Giver]
    locations: Sequence[Location]
    closures: Sequence[ClosedDates] = ()

    def list_givers(self, service: Service | None) -> list[Giver]:
        """Who gives a service."""
        return [each for each in self.therapists if service is not None and service.id in each.given]

    def list_given(self, giver: Giver) -> list[Service]:
        """The services of a therapist that can be booked."""
        return [each for each in self.services if each.id in giver.given]


def find_offer(practice_id: int, *, word: str | None = None, closed_since: date = date.max) -> Offer:
    """All of it, in three statements, with what is on no list for whoever has its ``word``, and with the closures that
    are not over on a date. Therapists are not loaded as rows of the session: nobody edits them here.
    """
    given = {"practice": practice_id, "closed_since": closed_since}
    rows = db.session.connection().execute(_GIVERS, given).all()
    return Offer(
        services=list_offered_services(practice_id, word=word),
        therapists=[_read_giver(*row[:-1]) for row in rows],
        locations=list_locations(practice_id),
        closures=_read_closures(rows[0].closed) if rows else (),
    )


def find_returns(practice_id: int, *, now: datetime) -> dict[int, date]:
    """When each therapist of a practice who is away is back, by id, as far as its page may say so."""
    asked = select(Therapist.id, Therapist.timezone, _AWAY.label("away")).where(Therapist.practice_id == practice_id)
    found = {
        row.id: find_return(_read_absences(row.away), walltime.wall(now, walltime.zone(row.timezone)))
        for row in db.session.execute(asked)
    }
    return {key: day for key, day in found.items() if day is not None}


def _read_giver(*row: Any) -> Giver:
    *plain, modalities, specialties, languages, ages, given, licences, away = row
    words = (_read_words(each) for each in (modalities, specialties, languages, ages))
    return Giver._make((*plain, *words, _read_ids(given), _read_licences(licences), _read_absences(away)))


# What stands in a text is read once for all who have the same, and for the requests to come.


@lru_cache(maxsize=4096)
def _read_words(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


@lru_cache(maxsize=4096)
def _read_ids(text: str) -> frozenset[int]:
    return frozenset(number for (number,) in rows_in(text))


@lru_cache(maxsize=4096)
def _read_licences(text: str) -> tuple[Held, ...]:
    return tuple(Held.read(*each) for each in rows_in(text))


@lru_cache(maxsize=4096)
def _read_absences(text: str) -> tuple[tuple[datetime, datetime], ...]:
    return tuple((datetime.fromisoformat(starts), datetime.fromisoformat(ends)) for starts, ends in rows_in(text))


@lru_cache(maxsize=4096)
def _read_closures(text: str) -> tuple[ClosedDates, ...]:
    return tuple(
        ClosedDates(date.fromisoformat(first), date.fromisoformat(last), bool(yields))
        for first, last, yields in rows_in(text)
    )


@lru_cache(maxsize=4096)
def _find_states(licences: tuple[Held, ...], today: date) -> frozenset[str]:
    return covered_on(licences, today)
