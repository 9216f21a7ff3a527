"""A therapist's weekly hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.first_steps import find_mismatches
from telehealth.domain.words import Mode
from telehealth.models import HoursOverride, Therapist, WeeklyHours
from telehealth.queries.hours.outside_hours import list_outside_hours
from telehealth.queries.hours.working_hours import list_overrides, list_weekly_hours
from telehealth.queries.practice.first_steps import find_giver_setup
from telehealth.services.hours.hours_setting import DAYS_IN_A_WEEK, WeeklyWish
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, with_therapist, zone_of
from telehealth.web.desk.hours.entry_forms import CHANGED, EntryForm, Said, add_pages
from telehealth.web.form_reader import FormReader

KEPT = "Appointments that are booked already stay as they are. Those outside your hours are listed on this page."


@blueprint.get("/hours")
@access.staff()
@with_therapist
def hours(therapist: Therapist) -> ResponseReturnValue:
    """Weekly hours by day, and the dates that differ."""
    today = walltime.wall(clock.now(), zone_of(therapist)).date()
    weekly = list_weekly_hours(therapist.id)
    return render_template(
        "desk/hours.html",
        weekdays=[(name, [each for each in weekly if each.weekday == day]) for day, name in enumerate(words.WEEKDAYS)],
        has_hours=bool(weekly),
        overrides=list_overrides(therapist.id, since=today),
        outside=list_outside_in_words(therapist),
        mismatches=[words.say_mismatch(each) for each in find_mismatches(find_giver_setup(therapist, now=clock.now()))],
        is_over=lambda each: each.valid_until is not None and each.valid_until < today,
        words=words,
    )


def list_outside_in_words(therapist: Therapist) -> list[tuple[str, str, str]]:
    """Client, when and address of what is booked ahead and lies outside the hours, the next ones first."""
    zone = zone_of(therapist)
    return [
        (
            words.say_clients(each),
            times.say_briefly(each.starts_at, zone),
            url_for("desk.appointment", public_id=each.public_id),
        )
        for each in list_outside_hours(therapist, now=clock.now())
    ]


def fill_hours(entry: WeeklyHours | HoursOverride) -> list[tuple[str, str]]:
    """The fields that weekly hours and hours on one date share, filled in."""
    return [
        ("starts", words.iso(entry.starts)),
        ("ends", words.iso(entry.ends)),
        *(("modes", mode) for mode in entry.modes),
        *([("location", entry.location.public_id)] if entry.location is not None else []),
    ]


def read_hours(typed: FormReader) -> dict[str, Any]:
    """What was typed into these fields, for a wish. The place only matters to people who meet in person."""
    starts = typed.clock("starts", "Please enter when the hours start, for example 9:00 AM.")
    ends = typed.clock("ends", "Please enter when the hours end, for example 5:00 PM.")
    modes = typed.words("modes", Mode, "Please choose at least one way to meet.")
    location = typed.text("location") if Mode.IN_PERSON in modes else None
    if location == "":
        typed.problems["location"] = "Please choose where clients meet you in person."
    return {"starts": starts, "ends": ends, "modes": modes, "location": location}


def _fill(entry: WeeklyHours) -> MultiDict[str, str]:
    """The form as somebody would have filled it in for these hours."""
    dates = ((name, words.iso(getattr(entry, name))) for name in ("anchor", "valid_from", "valid_until"))
    rhythm = ("every_weeks", str(entry.every_weeks))
    return MultiDict([("weekdays", str(entry.weekday)), *fill_hours(entry), rhythm, *dates])


def _read(typed: FormReader) -> list[WeeklyWish]:
    """One wish for each day of the week that is ticked. Raises InvalidInput."""
    days = typed.words("weekdays", range(DAYS_IN_A_WEEK), "Please choose at least one day.")
    same = read_hours(typed)
    every_weeks = typed.number("every_weeks", "Please choose how often.")
    same |= {name: typed.day(name, needed=False) for name in ("valid_from", "valid_until")}
    sentence = "Please choose a date in a week in which you work these hours."
    anchor = typed.day("anchor", sentence, needed=every_weeks not in (None, 1))
    typed.refuse()
    assert every_weeks is not None  # noqa: S101 -- refused above
    same |= {"every_weeks": every_weeks, "anchor": anchor if every_weeks > 1 else None}
    return [WeeklyWish(weekday=day, **same) for day in days]


def _say_saved(saved: Sequence[WeeklyHours], done: str) -> Said:
    """Hours may overlap: open time is then the two together, which is worth saying."""
    what = f"{done}: {_days(saved)}, {words.open_hours(saved[0])}."
    yield f"{what} {KEPT}" if done == CHANGED else what, "success"
    others = [each for each in list_weekly_hours(saved[0].therapist_id) if each not in saved]
    if overlapping := [each for each in saved if any(_meet(each, other) for other in others)]:
        sentence = f"Some hours on {_days(overlapping)} overlap. That is fine: they join, and nothing is offered twice."
        yield sentence, "info"


def _days(entries: Sequence[WeeklyHours]) -> str:
    return words.listed([words.WEEKDAYS[each.weekday] for each in entries])


def _meet(one: WeeklyHours, other: WeeklyHours) -> bool:
    same_dates = (one.valid_from or date.min) <= (other.valid_until or date.max) and (other.valid_from or date.min) <= (
        one.valid_until or date.max
    )
    return (
        one.weekday == other.weekday
        and same_dates
        and _minutes(one.starts) < _end(other.starts, other.ends)
        and _minutes(other.starts) < _end(one.starts, one.ends)
    )


def _minutes(at: time) -> int:
    return at.hour * words.HOUR + at.minute


def _end(starts: time, ends: time) -> int:
    return _minutes(ends) + (words.DAY if ends <= starts else 0)


FORM = EntryForm(
    model=WeeklyHours,
    template="desk/hours_form.html",
    listed_at="desk.hours",
    at_first=MultiDict({"starts": "09:00", "ends": "17:00", "every_weeks": "1", "modes": Mode.VIRTUAL.value}),
    fill=_fill,
    read=_read,
    say_saved=_say_saved,
    removed=f"These hours are removed. {KEPT}",
)
add_pages("/hours", FORM, ("hours_new", "hours_add", "hours_edit", "hours_change", "hours_remove"))
