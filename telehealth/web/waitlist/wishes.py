"""When somebody could come, as it was typed, and as the rules want it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from werkzeug.datastructures import MultiDict

from telehealth.domain.errors import InvalidInput
from telehealth.domain.waitlist.waiting import WeeklyWindow
from telehealth.domain.words import Mode
from telehealth.models import Location, Therapist

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NOON, EVENING, MIDNIGHT = time(12), time(17), time(0)
PARTS = {
    "morning": ("Mornings, until noon", MIDNIGHT, NOON),
    "afternoon": ("Afternoons, noon to 5:00 PM", NOON, EVENING),
    "evening": ("Evenings, from 5:00 PM", EVENING, MIDNIGHT),
}
WAITS_FOR = timedelta(weeks=4)
LONGEST_WAIT = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class TypedWish:
    """The fields as they stand in the form; lists are what is ticked."""

    modes: Sequence[str] = ()
    state: str = ""
    location: str = ""
    therapists: Sequence[str] = ()
    weekdays: Sequence[str] = ()
    parts: Sequence[str] = ()
    starts: str = ""
    ends: str = ""
    until: str = ""


def read_wish(form: MultiDict[str, str]) -> TypedWish:
    """What was typed and ticked."""
    return TypedWish(
        modes=form.getlist("modes"),
        state=form.get("state", ""),
        location=form.get("location", ""),
        therapists=form.getlist("therapists"),
        weekdays=form.getlist("weekdays"),
        parts=form.getlist("parts"),
        starts=form.get("starts", ""),
        ends=form.get("ends", ""),
        until=form.get("until", ""),
    )


def modes_of(typed: TypedWish, possible: Sequence[Mode]) -> tuple[Mode, ...]:
    """The ways to meet that would do, in the usual order. Raises InvalidInput when none is left."""
    if len(possible) == 1:
        return tuple(possible)
    found = tuple(mode for mode in possible if mode in typed.modes)
    if not found:
        raise InvalidInput({"modes": "Please choose at least one way to meet."})
    return found


def location_of(typed: TypedWish, modes: Iterable[Mode], locations: Sequence[Location]) -> str | None:
    """The place, when meeting in person would do. Raises InvalidInput."""
    if Mode.IN_PERSON not in modes:
        return None
    if len(locations) == 1:
        return str(locations[0].public_id)
    if typed.location not in {each.public_id for each in locations}:
        raise InvalidInput({"location": "Please choose where you would like to meet."})
    return typed.location


def therapists_of(typed: TypedWish, possible: Sequence[Therapist]) -> tuple[str, ...]:
    """The therapists by public id; nobody ticked means anybody."""
    return tuple(each.public_id for each in possible if each.public_id in typed.therapists)


def windows_of(typed: TypedWish) -> tuple[WeeklyWindow, ...]:
    """Each ticked day with each ticked part of it, or with the exact hours where they were typed; none is any time.

    Raises InvalidInput.
    """
    spans = _spans(typed)
    days = [day for day in range(len(WEEKDAYS)) if str(day) in typed.weekdays]
    if not days and not spans:
        return ()
    return tuple(
        WeeklyWindow(day, starts, ends)
        for day in days or range(len(WEEKDAYS))
        for starts, ends in spans or [(MIDNIGHT, MIDNIGHT)]
    )


def until_of(typed: TypedWish, *, today: date) -> date:
    """The last date that would do, inclusive. Raises InvalidInput."""
    try:
        day = date.fromisoformat(typed.until)
    except ValueError:
        raise InvalidInput({"until": "Please enter a date, for example 2026-12-31."}) from None
    if not today <= day <= today + LONGEST_WAIT:
        raise InvalidInput({"until": "Please choose a date from today on, within a year."})
    return day


def described(windows: Iterable[Mapping[str, object]]) -> list[str]:
    """ "Monday: mornings, until noon" of windows as rows keep them, a line a day; one line when no day differs."""
    by_day: dict[int, list[str]] = {}
    for window in map(WeeklyWindow.read, windows):
        by_day.setdefault(window.weekday, []).append(_words(window))
    said = {day: " and ".join(words) for day, words in sorted(by_day.items())}
    if len(said) == len(WEEKDAYS) and len(set(said.values())) == 1:
        return [f"Every day: {said[0]}"]
    return [f"{WEEKDAYS[day]}: {words}" for day, words in said.items()]


def _spans(typed: TypedWish) -> list[tuple[time, time]]:
    if not typed.starts and not typed.ends:
        return [(starts, ends) for name, (_, starts, ends) in PARTS.items() if name in typed.parts]
    try:
        starts, ends = time.fromisoformat(typed.starts), time.fromisoformat(typed.ends)
    except ValueError:
        raise InvalidInput({"starts": "Please enter both hours, for example 16:00 and 19:30, or neither."}) from None
    if ends <= starts:
        raise InvalidInput({"starts": "The second hour must be later than the first."})
    return [(starts, ends)]


def _words(window: WeeklyWindow) -> str:
    for words, starts, ends in PARTS.values():
        if (window.starts, window.ends) == (starts, ends):
            return words[:1].lower() + words[1:]
    if window.starts == window.ends:
        return "all day"
    return f"{_clock(window.starts)} to {_clock(window.ends)}"


def _clock(at: time) -> str:
    return f"{at.hour % 12 or 12}:{at:%M} {'AM' if at.hour < NOON.hour else 'PM'}"
