from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from telehealth.domain.words import Mode
from telehealth.models import (
    BusyInterval,
    HoursOverride,
    Licence,
    Location,
    Practice,
    Resource,
    Service,
    Therapist,
    TimeOff,
    WeeklyHours,
)
from telehealth.models.practices import ResourceKind
from tests.factories.rows import keep, number

WEEKDAYS = range(5)
ALL_MODES = [mode.value for mode in Mode]


def make_therapist(
    practice: Practice,
    *services: Service,
    hours: tuple[time, time] | None = (time(9), time(17)),
    location: Location | None = None,
    licences: Iterable[str] = ("CO",),
    **given: Any,
) -> Therapist:
    """Works on weekdays from nine to five, in person at ``location`` if there is one, and is licensed in Colorado."""
    usual = {
        "name": "Dana Rivera",
        "credential": "LPC",
        "email": f"dana-{number()}@riverside.example",
        "timezone": "America/Denver",
    }
    resource = Resource(practice_id=practice.id, kind=ResourceKind.THERAPIST)
    therapist = keep(
        Therapist(practice_id=practice.id, resource=resource, services=list(services), **{**usual, **given})
    )
    if hours is not None:
        add_hours(therapist, *hours, location=location)
    for jurisdiction in licences:
        add_licence(therapist, jurisdiction)
    return therapist


def add_hours(
    therapist: Therapist,
    starts: time,
    ends: time,
    *,
    weekdays: Iterable[int] = WEEKDAYS,
    modes: Sequence[str] = tuple(ALL_MODES),
    location: Location | None = None,
    **given: Any,
) -> list[WeeklyHours]:
    return [
        keep(
            WeeklyHours(
                practice_id=therapist.practice_id,
                therapist_id=therapist.id,
                weekday=weekday,
                starts=starts,
                ends=ends,
                modes=list(modes),
                location_id=location.id if location else None,
                **given,
            )
        )
        for weekday in weekdays
    ]


def add_licence(therapist: Therapist, jurisdiction: str = "CO", **given: Any) -> Licence:
    usual = {"valid_from": date(2020, 1, 1), "number": "LPC.0012345"}
    return keep(
        Licence(
            practice_id=therapist.practice_id,
            therapist_id=therapist.id,
            jurisdiction=jurisdiction,
            **{**usual, **given},
        )
    )


def add_override(therapist: Therapist, day: date, starts: time | None, ends: time | None) -> HoursOverride:
    return keep(
        HoursOverride(
            practice_id=therapist.practice_id,
            therapist_id=therapist.id,
            day=day,
            starts=starts,
            ends=ends,
            modes=ALL_MODES,
        )
    )


def add_time_off(therapist: Therapist, starts: datetime, ends: datetime, **given: Any) -> TimeOff:
    """Naive wall times in the therapist's zone."""
    whose = {"practice_id": therapist.practice_id, "therapist_id": therapist.id}
    return keep(TimeOff(starts_local=starts, ends_local=ends, **whose, **given))


def add_busy(therapist: Therapist, starts: datetime, ends: datetime) -> BusyInterval:
    """Instants, as a calendar program reports them."""
    return keep(
        BusyInterval(practice_id=therapist.practice_id, therapist_id=therapist.id, starts_at=starts, ends_at=ends)
    )
