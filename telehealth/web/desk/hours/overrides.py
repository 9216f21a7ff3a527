"""Other hours on one date, instead of the weekly ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, walltime
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Mode
from telehealth.models import HoursOverride, Therapist
from telehealth.queries.hours.working_hours import find_hours_entry, list_booked_during
from telehealth.services.hours.working_hours_changes import OverrideWish, add_override, change_override, remove_override
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, with_therapist, zone_of
from telehealth.web.desk.hours.weekly_hours import hours_filled, hours_typed, place_typed, places
from telehealth.web.desk.words import iso
from telehealth.web.form_reader import FormReader

CLOSED, OPEN = "closed", "open"
DEFAULTS = MultiDict([("kind", OPEN), ("modes", Mode.VIRTUAL.value)])


@blueprint.get("/hours/dates/new")
@access.staff()
@with_therapist
def hours_on_date(_therapist: Therapist) -> ResponseReturnValue:
    """The form for other hours on a date."""
    return _form(DEFAULTS, {})


@blueprint.post("/hours/dates/new")
@access.staff()
@with_therapist
def hours_on_date_add(therapist: Therapist) -> ResponseReturnValue:
    """Work other hours on one date, or not at all."""
    try:
        wish = _wish(request.form)
        add_override(practice_id=therapist.practice_id, therapist_id=therapist.id, wish=wish, now=clock.now())
    except InvalidInput as problem:
        return _form(request.form, problem.fields), problem.status
    return _saved(therapist, wish)


@blueprint.get("/hours/dates/<public_id>/change")
@access.staff()
@with_therapist
def hours_on_date_edit(therapist: Therapist, public_id: str) -> ResponseReturnValue:
    """The form for a date that has other hours, filled in. Raises NotFound."""
    return _form(_filled(find_hours_entry(HoursOverride, therapist.id, public_id)), {}, changing=True)


@blueprint.post("/hours/dates/<public_id>/change")
@access.staff()
@with_therapist
def hours_on_date_change(therapist: Therapist, public_id: str) -> ResponseReturnValue:
    """Set the date differently, or move it. Raises NotFound."""
    entry = find_hours_entry(HoursOverride, therapist.id, public_id)
    try:
        wish = _wish(request.form)
        change_override(
            practice_id=therapist.practice_id,
            therapist_id=therapist.id,
            public_id=entry.public_id,
            wish=wish,
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _form(request.form, problem.fields, changing=True), problem.status
    return _saved(therapist, wish)


@blueprint.post("/hours/dates/<public_id>/remove")
@access.staff()
@with_therapist
def hours_on_date_remove(therapist: Therapist, public_id: str) -> ResponseReturnValue:
    """Go back to the weekly hours on that date. Raises NotFound."""
    remove_override(practice_id=therapist.practice_id, therapist_id=therapist.id, public_id=public_id, now=clock.now())
    flash("Removed. If nothing else is set for that date, the weekly hours count again.", "success")
    return redirect(url_for("desk.hours"))


def _saved(therapist: Therapist, wish: OverrideWish) -> ResponseReturnValue:
    flash(f"Saved for {words.long_day(wish.day)}. The weekly hours do not count on that date.", "success")
    booked = _booked_on(therapist, wish.day)
    if booked:
        flash(f"{words.kept(booked)} on that date. Nothing was cancelled.", "warning")
    return redirect(url_for("desk.hours"))


def _form(values: MultiDict[str, str], problems: Mapping[str, str], *, changing: bool = False) -> str:
    return render_template(
        "desk/hours_on_date.html",
        values=values,
        problems=problems,
        changing=changing,
        places=places(),
        modes=words.MODES,
        words=words,
    )


def _filled(entry: HoursOverride) -> MultiDict[str, str]:
    """The form as somebody would have filled it in for this date."""
    if entry.starts is None:
        # Whoever opens the date after all starts from the usual ticks instead of none.
        return MultiDict([("day", iso(entry.day)), ("kind", CLOSED), ("modes", Mode.VIRTUAL.value)])
    return MultiDict([("day", iso(entry.day)), ("kind", OPEN), *hours_filled(entry)])


def _wish(form: MultiDict[str, str]) -> OverrideWish:
    """What was typed. A closed date needs nothing but the date. Raises InvalidInput."""
    typed = FormReader(form)
    day = typed.day("day")
    if form.get("kind") == CLOSED:
        typed.refuse()
        return OverrideWish(_given(day), None, None)
    starts, ends = hours_typed(typed)
    modes = typed.words("modes", Mode, "Please choose at least one way to meet.")
    location = place_typed(typed, modes)
    typed.refuse()
    return OverrideWish(_given(day), starts, ends, modes, location)


def _given(day: date | None) -> date:
    """The date, which was refused before if it was missing."""
    assert day is not None  # noqa: S101
    return day


def _booked_on(therapist: Therapist, day: date) -> int:
    zone = zone_of(therapist)
    midnight = datetime.combine(day, time())
    since, until = (walltime.resolve(at, zone) for at in (midnight, midnight + timedelta(days=1)))
    return len(list_booked_during(therapist.id, since, until))
