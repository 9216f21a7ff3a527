"""When a therapist works: weekly hours, other hours on a date, time off, all in wall time of the therapist's zone.

Each of the three is a wish, which knows what may be wished; adding, changing and removing are the same for all of them.
None of these touch what is booked already: an appointment is a promise, and only cancelling or moving it changes it.
Time that they open is written down for those who wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time
from typing import Any, ClassVar, Generic

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.contact import clean_line
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.hours.absences import AbsenceKind
from telehealth.domain.words import Mode
from telehealth.models import HoursOverride, Location, Therapist, TimeOff, WeeklyHours
from telehealth.queries.hours.working_hours import HoursEntry, count_hours_ahead
from telehealth.services.audit import ActedBy, Setting, record_change, record_setting
from telehealth.services.hours.freed_times import note_opened, note_reopened

LONGEST_NOTE = 200
DAYS_IN_A_WEEK = 7
MOST_WEEKS = 8
MOST_AHEAD = 500
"""Rows of one kind that a therapist has and that are not over: every search for a free time reads them all."""
YEARS = range(1971, 2201)
"""Years that mean something here; a typo like 0206 or 9999 would only surprise the calendar arithmetic later."""

Facts = dict[str, Any]
Problems = dict[str, str]
"""A sentence for each field that cannot be."""


@dataclass(frozen=True, slots=True)
class HoursWish(Generic[HoursEntry]):
    """An entry as somebody wants it. Its fields are named as in the model; a ``location`` is a public id."""

    model: ClassVar[type[Any]]
    subject: ClassVar[AuditSubject]

    def problems(self) -> Problems:
        """What cannot be."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class WeeklyWish(HoursWish[WeeklyHours]):
    """Weekly hours, or hours of every few weeks."""

    model = WeeklyHours
    subject = AuditSubject.WEEKLY_HOURS

    weekday: int
    starts: time
    ends: time
    modes: Sequence[Mode]
    location: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    every_weeks: int = 1
    anchor: date | None = None

    def problems(self) -> Problems:
        """What cannot be."""
        problems = _hours_problems(self.starts, self.ends, self.modes, self.location)
        if not 0 <= self.weekday < DAYS_IN_A_WEEK:
            problems["weekday"] = "Please choose a day of the week."
        if not 1 <= self.every_weeks <= MOST_WEEKS:
            problems["every_weeks"] = f"Please choose every week up to every {MOST_WEEKS} weeks."
        elif self.every_weeks > 1 and self.anchor is None:
            problems["anchor"] = "Please give a date in a week in which these hours hold."
        if self.valid_from and self.valid_until and self.valid_from > self.valid_until:
            problems["valid_until"] = "The last date has to be on or after the first one."
        return problems | _year_problems(valid_from=self.valid_from, valid_until=self.valid_until, anchor=self.anchor)


@dataclass(frozen=True, slots=True)
class OverrideWish(HoursWish[HoursOverride]):
    """Other hours on one date; without ``starts`` and ``ends`` the date is closed."""

    model = HoursOverride
    subject = AuditSubject.OVERRIDE

    day: date
    starts: time | None = None
    ends: time | None = None
    modes: Sequence[Mode] = ()
    location: str | None = None

    def problems(self) -> Problems:
        """What cannot be."""
        problems = _year_problems(day=self.day)
        if self.starts is None and self.ends is None:
            return problems
        if self.starts is None or self.ends is None:
            return problems | {"ends": "Please give both a start and an end, or neither for a day off."}
        return problems | _hours_problems(self.starts, self.ends, self.modes, self.location)


@dataclass(frozen=True, slots=True)
class TimeOffWish(HoursWish[TimeOff]):
    """To be away from one wall time until another; see models.TimeOff."""

    model = TimeOff
    subject = AuditSubject.TIME_OFF

    starts_local: datetime
    ends_local: datetime
    note: str = ""
    kind: AbsenceKind = AbsenceKind.TIME_OFF
    is_shown: bool = False

    def problems(self) -> Problems:
        """What cannot be."""
        problems: Problems = {}
        if self.starts_local >= self.ends_local:
            problems["ends"] = "Time off has to end after it starts."
        try:
            clean_line(self.note, longest=LONGEST_NOTE)
        except ValueError as problem:
            problems["note"] = str(problem)
        return problems | _year_problems(starts=self.starts_local, ends=self.ends_local)


WISHES: dict[type[Any], type[HoursWish[Any]]] = {wish.model: wish for wish in (WeeklyWish, OverrideWish, TimeOffWish)}


def add_hours_entry(
    *, practice_id: int, therapist_id: int, wish: HoursWish[HoursEntry], by: ActedBy, now: datetime
) -> HoursEntry:
    """Work these hours, too, or other hours on a date, or be away. Raises InvalidInput by field, NotFound."""
    _refuse(wish.problems())
    with transaction() as session:
        _require_therapist(session, practice_id, therapist_id)
        if count_hours_ahead(wish.model, therapist_id, today=now.date()) >= MOST_AHEAD:
            raise InvalidInput({"ends": f"There are {MOST_AHEAD} of these already. Please remove some of them first."})
        row: HoursEntry = wish.model(practice_id=practice_id, therapist_id=therapist_id)
        _write(session, row, wish)
        session.add(row)
        session.flush()
        note_opened(session, row, now=now)
        record_setting(session, practice_id, _named(row), AuditAction.ADDED, by, now=now, after=_facts(row))
        return row


def change_hours_entry(
    *, practice_id: int, therapist_id: int, public_id: str, wish: HoursWish[HoursEntry], by: ActedBy, now: datetime
) -> HoursEntry:
    """Put the wish in the place of what ``public_id`` names. Raises InvalidInput by field, NotFound."""
    _refuse(wish.problems())
    with transaction() as session:
        row: HoursEntry = _find(session, wish.model, practice_id, therapist_id, public_id)
        before = _facts(row)
        note_reopened(session, row, now=now)
        _write(session, row, wish)
        note_opened(session, row, now=now)
        record_change(session, practice_id, _named(row), by, before=before, after=_facts(row), now=now)
        return row


def remove_hours_entry(
    model: type[HoursEntry], *, practice_id: int, therapist_id: int, public_id: str, by: ActedBy, now: datetime
) -> None:
    """Stop working these hours, go back to the weekly hours on that date, or be there after all. Raises NotFound.

    It is a plan for the future that goes; what happened in the past is in the appointments.
    """
    with transaction() as session:
        row = _find(session, model, practice_id, therapist_id, public_id)
        note_reopened(session, row, now=now)
        record_setting(session, practice_id, _named(row), AuditAction.REMOVED, by, now=now, before=_facts(row))
        session.delete(row)


def _hours_problems(starts: time, ends: time, modes: Sequence[Mode], location: str | None) -> Problems:
    problems: Problems = {}
    if starts == ends:
        problems["ends"] = "The end has to differ from the start."
    if not modes:
        problems["modes"] = "Please choose at least one way to meet."
    if Mode.IN_PERSON in modes and location is None:
        problems["location"] = "Please choose where clients meet you in person."
    return problems


def _year_problems(**days: date | None) -> Problems:
    return {
        field: f"Please check the year; it should be between {YEARS[0]} and {YEARS[-1]}."
        for field, day in days.items()
        if day is not None and day.year not in YEARS
    }


def _refuse(problems: Problems) -> None:
    if problems:
        raise InvalidInput(problems)


def _require_therapist(session: Session, practice_id: int, therapist_id: int) -> None:
    whether = select(Therapist.id).where(Therapist.practice_id == practice_id, Therapist.id == therapist_id)
    if session.scalar(whether) is None:
        raise NotFound


def _find_location(session: Session, practice_id: int, public_id: str | None) -> Location | None:
    if public_id is None:
        return None
    found = session.scalar(select(Location).where(Location.practice_id == practice_id, Location.public_id == public_id))
    if found is None:
        raise InvalidInput({"location": "Please choose one of the practice's places."})
    return found


def _find(session: Session, model: type[HoursEntry], practice_id: int, therapist_id: int, public_id: str) -> HoursEntry:
    """The row, locked: of two people who change and remove it, the second one finds what the first one left."""
    found = session.scalar(
        select(model)
        .where(model.practice_id == practice_id, model.therapist_id == therapist_id, model.public_id == public_id)
        .with_for_update()
    )
    if found is None:
        raise NotFound
    return found


def _write(session: Session, row: HoursEntry, wish: HoursWish[HoursEntry]) -> None:
    """Put the wish into the row. Raises InvalidInput for a place that is not the practice's."""
    facts = {field.name: getattr(wish, field.name) for field in fields(wish)}
    if "modes" in facts:
        facts["modes"] = [mode.value for mode in dict.fromkeys(facts["modes"])]
        facts["location"] = location = _find_location(session, row.practice_id, facts["location"])
        if location is not None and location.ended_at is not None and location.id != getattr(row, "location_id", None):
            raise InvalidInput({"location": "This place is closed. Please choose another one."})
    if "note" in facts:
        facts["note"] = clean_line(facts["note"], longest=LONGEST_NOTE)
    for name, value in facts.items():
        setattr(row, name, value)


def _facts(row: HoursEntry) -> Facts:
    """What the row says, in the fields of a wish. It does not matter which way to meet was named first."""
    facts = {field.name: getattr(row, field.name) for field in fields(WISHES[type(row)])}
    if "modes" in facts:
        facts["modes"] = sorted(facts["modes"])
        facts["location"] = facts["location"].public_id if facts["location"] else None
    return facts


def _named(row: HoursEntry) -> Setting:
    return Setting(WISHES[type(row)].subject, row.public_id, row.therapist.name)
