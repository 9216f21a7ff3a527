"""When somebody could come, as it was typed, and as the rules want it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from telehealth.domain.times import say_clock
from telehealth.domain.waitlist.waiting import WeeklyWindow
from telehealth.domain.words import Mode
from telehealth.models import Location
from telehealth.queries.practice.offers import AnyTherapist
from telehealth.web.form_reader import FormReader

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NOON, EVENING, MIDNIGHT = time(12), time(17), time(0)
PARTS = {
    "morning": ("Mornings, until noon", MIDNIGHT, NOON),
    "afternoon": ("Afternoons, noon to 5:00 PM", NOON, EVENING),
    "evening": ("Evenings, from 5:00 PM", EVENING, MIDNIGHT),
}
WAITS_FOR = timedelta(weeks=4)
LONGEST_WAIT = timedelta(days=366)


def read_modes(typed: FormReader, possible: Sequence[Mode]) -> tuple[Mode, ...]:
    """The ways to meet that would do, in the usual order."""
    if len(possible) == 1:
        return tuple(possible)
    return tuple(typed.words("modes", possible, "Please choose at least one way to meet."))


def read_location(typed: FormReader, modes: Iterable[Mode], locations: Sequence[Location]) -> str | None:
    """The place, when meeting in person would do."""
    if Mode.IN_PERSON not in modes:
        return None
    if len(locations) == 1:
        return str(locations[0].public_id)
    if typed.text("location") not in {each.public_id for each in locations}:
        typed.problems["location"] = "Please choose where you would like to meet."
    return typed.text("location")


def read_therapists(typed: FormReader, possible: Sequence[AnyTherapist]) -> tuple[str, ...]:
    """The therapists by public id; nobody ticked means anybody."""
    return tuple(each.public_id for each in possible if each.public_id in typed.several("therapists"))


def read_windows(typed: FormReader) -> tuple[WeeklyWindow, ...]:
    """Each ticked day with each ticked part of it, or with the exact hours where they were typed; none is any time."""
    spans = _read_spans(typed)
    days = [day for day in range(len(WEEKDAYS)) if str(day) in typed.several("weekdays")]
    if not days and not spans:
        return ()
    return tuple(
        WeeklyWindow(day, starts, ends)
        for day in days or range(len(WEEKDAYS))
        for starts, ends in spans or [(MIDNIGHT, MIDNIGHT)]
    )


def read_until(typed: FormReader, *, today: date) -> date | None:
    """The last date that would do, inclusive."""
    day = typed.day("until", "Please enter a date, for example 2026-12-31.")
    if day is not None and not today <= day <= today + LONGEST_WAIT:
        typed.problems["until"] = "Please choose a date from today on, within a year."
    return day


def describe_windows(windows: Iterable[Mapping[str, object]], zone: ZoneInfo) -> list[str]:
    """ "Monday: mornings, until noon" of windows as rows keep them, a line a day; one line when no day differs. They
    are on the clocks of ``zone``.
    """
    by_day: dict[int, list[str]] = {}
    for window in map(WeeklyWindow.read, windows):
        by_day.setdefault(window.weekday, []).append(_words(window, zone))
    said = {day: " and ".join(words) for day, words in sorted(by_day.items())}
    if len(said) == len(WEEKDAYS) and len(set(said.values())) == 1:
        return [f"Every day: {said[0]}"]
    return [f"{WEEKDAYS[day]}: {words}" for day, words in said.items()]


def _read_spans(typed: FormReader) -> list[tuple[time, time]]:
    if not typed.text("starts") and not typed.text("ends"):
        return [(starts, ends) for name, (_, starts, ends) in PARTS.items() if name in typed.several("parts")]
    try:
        starts, ends = (time.fromisoformat(typed.text(name)) for name in ("starts", "ends"))
    except ValueError:
        typed.problems["starts"] = "Please enter both hours, for example 16:00 and 19:30, or neither."
        return []
    if ends <= starts:
        typed.problems["starts"] = "The second hour must be later than the first."
    return [(starts, ends)]


def _words(window: WeeklyWindow, zone: ZoneInfo) -> str:
    for words, starts, ends in PARTS.values():
        if (window.starts, window.ends) == (starts, ends):
            return words[:1].lower() + words[1:]
    if window.starts == window.ends:
        return "all day"
    return f"{say_clock(window.starts, zone)} to {say_clock(window.ends, zone)}"
