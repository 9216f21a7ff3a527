"""How far a new practice is, read off from its rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import exists, select

from telehealth.database import db
from telehealth.domain.first_steps import GivenService, GiverSetup, PracticeSetup
from telehealth.domain.words import Mode
from telehealth.models import Appointment, Location, Practice, Service, Therapist, WeeklyHours
from telehealth.queries.practice.practices import list_services


def find_setup(
    practice: Practice, therapists: Iterable[Therapist], *, has_own_video: bool, now: datetime
) -> PracticeSetup:
    """In three statements, however large the practice is. ``therapists`` are those who can be booked there
    (``list_therapists``). ``has_own_video`` is said by whoever knows the installation.
    """
    hours = _modes_of_hours(WeeklyHours.practice_id == practice.id)
    here = exists().where(Location.practice_id == practice.id, Location.ended_at.is_(None))
    booked = exists().where(Appointment.practice_id == practice.id)
    has_place, has_appointment = db.session.execute(select(here, booked)).one()
    return PracticeSetup(
        givers=[_giver(each, hours, now=now) for each in therapists],
        services=_given(list_services(practice.id)),
        has_place=has_place,
        has_own_video=has_own_video,
        has_words=bool(practice.about.strip()),
        has_appointment=has_appointment,
    )


def find_giver_setup(therapist: Therapist, *, now: datetime) -> GiverSetup:
    """How far one therapist is."""
    return _giver(therapist, _modes_of_hours(WeeklyHours.therapist_id == therapist.id), now=now)


def _modes_of_hours(which: object) -> Mapping[int, set[Mode]]:
    """By therapist (id), the ways to meet that their weekly hours allow."""
    found: Mapping[int, set[Mode]] = defaultdict(set)
    for therapist_id, modes in db.session.execute(select(WeeklyHours.therapist_id, WeeklyHours.modes).where(which)):  # type: ignore[arg-type]
        found[therapist_id] |= set(map(Mode, modes))
    return found


def _giver(therapist: Therapist, hours: Mapping[int, set[Mode]], *, now: datetime) -> GiverSetup:
    return GiverSetup(
        name=therapist.name,
        services=_given(each for each in therapist.services if each.ended_at is None),
        hours=frozenset(hours.get(therapist.id, ())),
        is_licensed=bool(therapist.states(now=now)),
        has_own_video=bool(therapist.video_url),
    )


def _given(services: Iterable[Service]) -> list[GivenService]:
    return [GivenService(each.name, frozenset(map(Mode, each.modes))) for each in services]
