"""When a therapist works: weekly hours, other hours on a date, time off, all in wall time of the therapist's zone.

None of these touch what is booked already: an appointment is a promise, and only cancelling or moving it changes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.contact import clean_line
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.words import Mode
from telehealth.models import HoursOverride, Location, Therapist, TimeOff, WeeklyHours

LONGEST_NOTE = 200
DAYS_IN_A_WEEK = 7
MOST_WEEKS = 8
YEARS = range(1971, 2201)
"""Years that mean something here; a typo like 0206 or 9999 would only surprise the calendar arithmetic later."""


@dataclass(frozen=True, slots=True)
class WeeklyWish:
    """Weekly hours as somebody wants them; ``location`` is a public id. See models.WeeklyHours."""

    weekday: int
    starts: time
    ends: time
    modes: Sequence[Mode]
    location: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    every_weeks: int = 1
    anchor: date | None = None


@dataclass(frozen=True, slots=True)
class OverrideWish:
    """Other hours on one date; without ``starts`` and ``ends`` the date is closed."""

    day: date
    starts: time | None
    ends: time | None
    modes: Sequence[Mode] = ()
    location: str | None = None


def add_weekly_hours(*, practice_id: int, therapist_id: int, wish: WeeklyWish) -> WeeklyHours:
    """Work these hours, too. Raises InvalidInput by field, NotFound."""
    _refuse(_weekly_problems(wish))
    with transaction() as session:
        hours = WeeklyHours(
            practice_id=practice_id,
            therapist_id=_therapist(session, practice_id, therapist_id),
            weekday=wish.weekday,
            starts=wish.starts,
            ends=wish.ends,
            modes=[mode.value for mode in wish.modes],
            location_id=_location(session, practice_id, wish.location),
            valid_from=wish.valid_from,
            valid_until=wish.valid_until,
            every_weeks=wish.every_weeks,
            anchor=wish.anchor,
        )
        session.add(hours)
        return hours


def add_override(*, practice_id: int, therapist_id: int, wish: OverrideWish) -> HoursOverride:
    """Work other hours on one date, or not at all. Raises InvalidInput by field, NotFound."""
    _refuse(_override_problems(wish))
    with transaction() as session:
        override = HoursOverride(
            practice_id=practice_id,
            therapist_id=_therapist(session, practice_id, therapist_id),
            day=wish.day,
            starts=wish.starts,
            ends=wish.ends,
            modes=[mode.value for mode in wish.modes],
            location_id=_location(session, practice_id, wish.location),
        )
        session.add(override)
        return override


def add_time_off(
    *, practice_id: int, therapist_id: int, starts_local: datetime, ends_local: datetime, note: str = ""
) -> TimeOff:
    """Be away from one wall time until another. Raises InvalidInput by field, NotFound."""
    problems: dict[str, str] = {}
    if starts_local >= ends_local:
        problems["ends"] = "Time off has to end after it starts."
    try:
        note = clean_line(note, longest=LONGEST_NOTE)
    except ValueError as problem:
        problems["note"] = str(problem)
    problems |= _year_problems(starts=starts_local, ends=ends_local)
    _refuse(problems)
    with transaction() as session:
        time_off = TimeOff(
            practice_id=practice_id,
            therapist_id=_therapist(session, practice_id, therapist_id),
            starts_local=starts_local,
            ends_local=ends_local,
            note=note,
        )
        session.add(time_off)
        return time_off


def remove_weekly_hours(*, practice_id: int, therapist_id: int, public_id: str) -> None:
    """Stop working these hours. Raises NotFound."""
    _remove(WeeklyHours, practice_id, therapist_id, public_id)


def remove_override(*, practice_id: int, therapist_id: int, public_id: str) -> None:
    """Go back to the weekly hours on that date. Raises NotFound."""
    _remove(HoursOverride, practice_id, therapist_id, public_id)


def remove_time_off(*, practice_id: int, therapist_id: int, public_id: str) -> None:
    """Be there after all. Raises NotFound."""
    _remove(TimeOff, practice_id, therapist_id, public_id)


def _weekly_problems(wish: WeeklyWish) -> dict[str, str]:
    problems = _hours_problems(wish.starts, wish.ends, wish.modes, wish.location)
    if not 0 <= wish.weekday < DAYS_IN_A_WEEK:
        problems["weekday"] = "Please choose a day of the week."
    if not 1 <= wish.every_weeks <= MOST_WEEKS:
        problems["every_weeks"] = f"Please choose every week up to every {MOST_WEEKS} weeks."
    elif wish.every_weeks > 1 and wish.anchor is None:
        problems["anchor"] = "Please give a date in a week in which these hours hold."
    if wish.valid_from and wish.valid_until and wish.valid_from > wish.valid_until:
        problems["valid_until"] = "The last date has to be on or after the first one."
    dates = {"valid_from": wish.valid_from, "valid_until": wish.valid_until, "anchor": wish.anchor}
    return problems | _year_problems(**dates)


def _override_problems(wish: OverrideWish) -> dict[str, str]:
    problems = _year_problems(day=wish.day)
    if wish.starts is None and wish.ends is None:
        return problems
    if wish.starts is None or wish.ends is None:
        return problems | {"ends": "Please give both a start and an end, or neither for a day off."}
    return problems | _hours_problems(wish.starts, wish.ends, wish.modes, wish.location)


def _year_problems(**days: date | None) -> dict[str, str]:
    return {
        field: f"Please check the year; it should be between {YEARS[0]} and {YEARS[-1]}."
        for field, day in days.items()
        if day is not None and day.year not in YEARS
    }


def _hours_problems(starts: time, ends: time, modes: Sequence[Mode], location: str | None) -> dict[str, str]:
    problems: dict[str, str] = {}
    if starts == ends:
        problems["ends"] = "The end has to differ from the start."
    if not modes:
        problems["modes"] = "Please choose at least one way to meet."
    if Mode.IN_PERSON in modes and location is None:
        problems["location"] = "Please choose where clients meet you in person."
    return problems


def _refuse(problems: dict[str, str]) -> None:
    if problems:
        raise InvalidInput(problems)


def _therapist(session: Session, practice_id: int, therapist_id: int) -> int:
    """The therapist's id, when there is one of this practice."""
    found = session.scalar(
        select(Therapist.id).where(Therapist.practice_id == practice_id, Therapist.id == therapist_id)
    )
    if found is None:
        raise NotFound
    return found


def _location(session: Session, practice_id: int, public_id: str | None) -> int | None:
    if public_id is None:
        return None
    found = session.scalar(
        select(Location.id).where(Location.practice_id == practice_id, Location.public_id == public_id)
    )
    if found is None:
        raise InvalidInput({"location": "Please choose one of the practice's places."})
    return found


def _remove(model: Any, practice_id: int, therapist_id: int, public_id: str) -> None:
    """Delete a plan for the future; what happened in the past is in the appointments."""
    with transaction() as session:
        found = session.scalar(
            select(model).where(
                model.practice_id == practice_id, model.therapist_id == therapist_id, model.public_id == public_id
            )
        )
        if found is None:
            raise NotFound
        session.delete(found)
