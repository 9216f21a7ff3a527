"""A therapist's weekly hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, time

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, walltime
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Mode
from telehealth.models import HoursOverride, Location, Therapist, WeeklyHours
from telehealth.queries.hours.working_hours import find_hours_entry, list_overrides, list_weekly_hours
from telehealth.queries.practice.practices import list_locations
from telehealth.services.hours.working_hours_changes import (
    WeeklyWish,
    add_weekly_hours,
    change_weekly_hours,
    remove_weekly_hours,
)
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, current, with_therapist, zone_of
from telehealth.web.form_reader import FormReader

DEFAULTS = MultiDict([("starts", "09:00"), ("ends", "17:00"), ("every_weeks", "1"), ("modes", Mode.VIRTUAL.value)])


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
        places=_places_by_id(),
        is_over=lambda each: each.valid_until is not None and each.valid_until < today,
        words=words,
    )


@blueprint.get("/hours/new")
@access.staff()
@with_therapist
def hours_new(_therapist: Therapist) -> ResponseReturnValue:
    """The form for more weekly hours."""
    return _form(DEFAULTS, {})


@blueprint.post("/hours/new")
@access.staff()
@with_therapist
def hours_add(therapist: Therapist) -> ResponseReturnValue:
    """Work these hours on one or several days of the week."""
    try:
        wishes = _wishes(request.form)
        before = list(list_weekly_hours(therapist.id))
        for wish in wishes:
            add_weekly_hours(practice_id=therapist.practice_id, therapist_id=therapist.id, wish=wish, now=clock.now())
    except InvalidInput as problem:
        return _form(request.form, problem.fields), problem.status
    flash(_said("Added", wishes), "success")
    if overlap := _overlaps(wishes, before):
        flash(overlap, "info")
    return redirect(url_for("desk.hours"))


@blueprint.get("/hours/<public_id>/change")
@access.staff()
@with_therapist
def hours_edit(therapist: Therapist, public_id: str) -> ResponseReturnValue:
    """The form for weekly hours that are there, filled in. Raises NotFound."""
    return _form(_filled(find_hours_entry(WeeklyHours, therapist.id, public_id)), {}, changing=True)


@blueprint.post("/hours/<public_id>/change")
@access.staff()
@with_therapist
def hours_change(therapist: Therapist, public_id: str) -> ResponseReturnValue:
    """Work other hours instead of these. Raises NotFound."""
    entry = find_hours_entry(WeeklyHours, therapist.id, public_id)
    others = [each for each in list_weekly_hours(therapist.id) if each is not entry]
    try:
        wish = _wishes(request.form)[0]  # This form asks for one day.
        change_weekly_hours(
            practice_id=therapist.practice_id,
            therapist_id=therapist.id,
            public_id=entry.public_id,
            wish=wish,
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _form(request.form, problem.fields, changing=True), problem.status
    flash(f"{_said('Changed', [wish])} Appointments that are booked already stay as they are.", "success")
    if overlap := _overlaps([wish], others):
        flash(overlap, "info")
    return redirect(url_for("desk.hours"))


@blueprint.post("/hours/<public_id>/remove")
@access.staff()
@with_therapist
def hours_remove(therapist: Therapist, public_id: str) -> ResponseReturnValue:
    """Stop working some weekly hours. Raises NotFound."""
    remove_weekly_hours(
        practice_id=therapist.practice_id, therapist_id=therapist.id, public_id=public_id, now=clock.now()
    )
    flash("These hours are removed. Appointments that are booked already stay as they are.", "success")
    return redirect(url_for("desk.hours"))


def places() -> Sequence[Location]:
    """Where the practice meets people in person."""
    return list_locations(current().practice.id)


def _places_by_id() -> dict[int | None, Location]:
    return {place.id: place for place in places()}


def _form(values: MultiDict[str, str], problems: Mapping[str, str], *, changing: bool = False) -> str:
    return render_template(
        "desk/hours_form.html",
        values=values,
        problems=problems,
        changing=changing,
        places=places(),
        modes=words.MODES,
        words=words,
    )


def _filled(entry: WeeklyHours) -> MultiDict[str, str]:
    """The form as somebody would have filled it in for these hours."""
    return MultiDict(
        [
            ("weekdays", str(entry.weekday)),
            *hours_filled(entry),
            ("every_weeks", str(entry.every_weeks)),
            *((name, words.iso(getattr(entry, name))) for name in ("anchor", "valid_from", "valid_until")),
        ]
    )


def hours_filled(entry: WeeklyHours | HoursOverride) -> list[tuple[str, str]]:
    """The fields that weekly hours and hours on one date share, filled in."""
    place = _places_by_id().get(entry.location_id)
    return [
        ("starts", words.iso(entry.starts)),
        ("ends", words.iso(entry.ends)),
        *(("modes", mode) for mode in entry.modes),
        *([("location", place.public_id)] if place is not None else []),
    ]


def _wishes(form: MultiDict[str, str]) -> list[WeeklyWish]:
    """One wish for each day of the week that is ticked. Raises InvalidInput."""
    typed = FormReader(form)
    days = [day for day in range(len(words.WEEKDAYS)) if str(day) in form.getlist("weekdays")]
    if not days:
        typed.problems["weekdays"] = "Please choose at least one day."
    starts, ends = hours_typed(typed)
    modes = typed.words("modes", Mode, "Please choose at least one way to meet.")
    every_weeks = typed.number("every_weeks", "Please choose how often.")
    valid_from, valid_until = typed.day("valid_from", needed=False), typed.day("valid_until", needed=False)
    sentence = "Please choose a date in a week in which you work these hours."
    anchor = typed.day("anchor", sentence, needed=every_weeks not in (None, 1))
    location = place_typed(typed, modes)
    typed.refuse()
    assert starts is not None and ends is not None and every_weeks is not None  # noqa: S101, PT018 -- refused above
    return [
        WeeklyWish(
            weekday=day,
            starts=starts,
            ends=ends,
            modes=modes,
            location=location,
            valid_from=valid_from,
            valid_until=valid_until,
            every_weeks=every_weeks,
            anchor=anchor if every_weeks > 1 else None,
        )
        for day in days
    ]


def hours_typed(typed: FormReader) -> tuple[time | None, time | None]:
    """From when until when."""
    return (
        typed.clock("starts", "Please enter when the hours start, for example 9:00 AM."),
        typed.clock("ends", "Please enter when the hours end, for example 5:00 PM."),
    )


def place_typed(typed: FormReader, modes: Sequence[Mode]) -> str | None:
    """The public id of the place; it only matters to people who meet in person."""
    location = typed.text("location") or None
    if Mode.IN_PERSON not in modes:
        return None
    if location is None:
        typed.problems["location"] = "Please choose where clients meet you in person."
    return location


def _said(what: str, wishes: Sequence[WeeklyWish]) -> str:
    days = words.listed([words.WEEKDAYS[wish.weekday] for wish in wishes])
    return f"{what}: {days}, {words.span(wishes[0].starts, wishes[0].ends)}."


def _overlaps(wishes: Sequence[WeeklyWish], before: Sequence[WeeklyHours]) -> str:
    """Hours may overlap: open time is then the two together, which is worth saying."""
    days = [words.WEEKDAYS[wish.weekday] for wish in wishes if any(_meet(wish, hours) for hours in before)]
    if not days:
        return ""
    return f"Some hours on {words.listed(days)} overlap. That is fine: they join, and nothing is offered twice."


def _meet(wish: WeeklyWish, hours: WeeklyHours) -> bool:
    same_dates = (wish.valid_from or date.min) <= (hours.valid_until or date.max) and (
        hours.valid_from or date.min
    ) <= (wish.valid_until or date.max)
    return (
        wish.weekday == hours.weekday
        and same_dates
        and _minutes(wish.starts) < _end(hours.starts, hours.ends)
        and _minutes(hours.starts) < _end(wish.starts, wish.ends)
    )


def _minutes(at: time) -> int:
    return at.hour * words.HOUR + at.minute


def _end(starts: time, ends: time) -> int:
    return _minutes(ends) + (words.DAY if ends <= starts else 0)
