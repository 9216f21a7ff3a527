"""When a therapist works: weekly hours, other hours on a date, time off, all in wall time of the therapist's zone.

None of these touch what is booked already: an appointment is a promise, and only cancelling or moving it changes it.
Time that they open is written down for those who wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.contact import clean_line
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.words import Mode
from telehealth.models import HoursOverride, Location, Therapist, TimeOff, WeeklyHours
from telehealth.services.hours.freed_times import note_opened, note_reopened

LONGEST_NOTE = 200
DAYS_IN_A_WEEK = 7
MOST_WEEKS = 8
MOST_AHEAD = 500
"""Rows of one kind that a therapist has and that are not over: every search for a free time reads them all."""
YEARS = range(1971, 2201)
"""Years that mean something here; a typo like 0206 or 9999 would only surprise the calendar arithmetic later."""

Facts = dict[str, Any]
Plan = TypeVar("Plan", WeeklyHours, HoursOverride, TimeOff)


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


def add_weekly_hours(*, practice_id: int, therapist_id: int, wish: WeeklyWish, now: datetime) -> WeeklyHours:
    """Work these hours, too. Raises InvalidInput by field, NotFound."""
    return _add(WeeklyHours, practice_id, therapist_id, _weekly_facts(wish), now=now)


def change_weekly_hours(
    *, practice_id: int, therapist_id: int, public_id: str, wish: WeeklyWish, now: datetime
) -> WeeklyHours:
    """Work these hours instead of the ones that ``public_id`` names. Raises InvalidInput by field, NotFound."""
    return _change(WeeklyHours, practice_id, therapist_id, public_id, _weekly_facts(wish), now=now)


def remove_weekly_hours(*, practice_id: int, therapist_id: int, public_id: str, now: datetime) -> None:
    """Stop working these hours. Raises NotFound."""
    _remove(WeeklyHours, practice_id, therapist_id, public_id, now=now)


def add_override(*, practice_id: int, therapist_id: int, wish: OverrideWish, now: datetime) -> HoursOverride:
    """Work other hours on one date, or not at all. Raises InvalidInput by field, NotFound."""
    return _add(HoursOverride, practice_id, therapist_id, _override_facts(wish), now=now)


def change_override(
    *, practice_id: int, therapist_id: int, public_id: str, wish: OverrideWish, now: datetime
) -> HoursOverride:
    """Set a date with other hours differently, or move it to another date. Raises InvalidInput by field, NotFound."""
    return _change(HoursOverride, practice_id, therapist_id, public_id, _override_facts(wish), now=now)


def remove_override(*, practice_id: int, therapist_id: int, public_id: str, now: datetime) -> None:
    """Go back to the weekly hours on that date. Raises NotFound."""
    _remove(HoursOverride, practice_id, therapist_id, public_id, now=now)


def add_time_off(
    *, practice_id: int, therapist_id: int, starts_local: datetime, ends_local: datetime, note: str = "", now: datetime
) -> TimeOff:
    """Be away from one wall time until another. Raises InvalidInput by field, NotFound."""
    return _add(TimeOff, practice_id, therapist_id, _time_off_facts(starts_local, ends_local, note), now=now)


def change_time_off(
    *,
    practice_id: int,
    therapist_id: int,
    public_id: str,
    starts_local: datetime,
    ends_local: datetime,
    note: str = "",
    now: datetime,
) -> TimeOff:
    """Be away at another time, or note another reason. Raises InvalidInput by field, NotFound."""
    facts = _time_off_facts(starts_local, ends_local, note)
    return _change(TimeOff, practice_id, therapist_id, public_id, facts, now=now)


def remove_time_off(*, practice_id: int, therapist_id: int, public_id: str, now: datetime) -> None:
    """Be there after all. Raises NotFound."""
    _remove(TimeOff, practice_id, therapist_id, public_id, now=now)


def _weekly_facts(wish: WeeklyWish) -> Facts:
    """The columns of weekly hours, with the place by its public id. Raises InvalidInput."""
    _refuse(_weekly_problems(wish))
    return {
        "weekday": wish.weekday,
        "starts": wish.starts,
        "ends": wish.ends,
        "modes": [mode.value for mode in wish.modes],
        "location": wish.location,
        "valid_from": wish.valid_from,
        "valid_until": wish.valid_until,
        "every_weeks": wish.every_weeks,
        "anchor": wish.anchor,
    }


def _override_facts(wish: OverrideWish) -> Facts:
    """The columns of other hours, with the place by its public id. Raises InvalidInput."""
    _refuse(_override_problems(wish))
    return {
        "day": wish.day,
        "starts": wish.starts,
        "ends": wish.ends,
        "modes": [mode.value for mode in wish.modes],
        "location": wish.location,
    }


def _time_off_facts(starts_local: datetime, ends_local: datetime, note: str) -> Facts:
    """The columns of time off. Raises InvalidInput."""
    problems: dict[str, str] = {}
    if starts_local >= ends_local:
        problems["ends"] = "Time off has to end after it starts."
    try:
        note = clean_line(note, longest=LONGEST_NOTE)
    except ValueError as problem:
        problems["note"] = str(problem)
    _refuse(problems | _year_problems(starts=starts_local, ends=ends_local))
    return {"starts_local": starts_local, "ends_local": ends_local, "note": note}


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


def _add(model: type[Plan], practice_id: int, therapist_id: int, facts: Facts, *, now: datetime) -> Plan:
    with transaction() as session:
        row = model(practice_id=practice_id, therapist_id=_therapist(session, practice_id, therapist_id))
        _require_few(session, model, therapist_id, now=now)
        _write(session, row, facts)
        session.add(row)
        note_opened(session, row, now=now)
        return row


def _require_few(session: Session, model: type[Plan], therapist_id: int, *, now: datetime) -> None:
    ahead = select(func.count()).where(model.therapist_id == therapist_id, _is_ahead(model, now.date()))
    if (session.scalar(ahead) or 0) >= MOST_AHEAD:
        raise InvalidInput({"ends": f"There are {MOST_AHEAD} of these already. Please remove some of them first."})


def _is_ahead(model: type[Plan], today: date) -> ColumnElement[bool]:
    """Whether a row is not over yet; a day more or less, as zones have it, does not matter here."""
    if issubclass(model, WeeklyHours):
        return or_(model.valid_until.is_(None), model.valid_until >= today)
    if issubclass(model, HoursOverride):
        return model.day >= today
    return TimeOff.ends_local >= datetime.combine(today, time())


def _change(
    model: type[Plan], practice_id: int, therapist_id: int, public_id: str, facts: Facts, *, now: datetime
) -> Plan:
    with transaction() as session:
        row = _find(session, model, practice_id, therapist_id, public_id)
        note_reopened(session, row, now=now)
        _write(session, row, facts)
        note_opened(session, row, now=now)
        return row


def _remove(model: type[Plan], practice_id: int, therapist_id: int, public_id: str, *, now: datetime) -> None:
    """Delete a plan for the future; what happened in the past is in the appointments."""
    with transaction() as session:
        row = _find(session, model, practice_id, therapist_id, public_id)
        note_reopened(session, row, now=now)
        session.delete(row)


def _find(session: Session, model: type[Plan], practice_id: int, therapist_id: int, public_id: str) -> Plan:
    """The row, locked: of two people who change and remove it, the second one finds what the first one left."""
    found = session.scalar(
        select(model)
        .where(model.practice_id == practice_id, model.therapist_id == therapist_id, model.public_id == public_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound
    return found


def _write(session: Session, row: WeeklyHours | HoursOverride | TimeOff, facts: Facts) -> None:
    """Put the facts into their columns. A place is looked up among those of the practice. Raises InvalidInput."""
    for name, value in facts.items():
        if name == "location":
            row.location_id = _location(session, row.practice_id, value)  # type: ignore[union-attr]
        else:
            setattr(row, name, value)
