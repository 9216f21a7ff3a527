"""Holidays and other dates on which the whole practice is closed. What is booked then is kept, and named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Role
from telehealth.models import Appointment, Closure
from telehealth.queries.hours.closures import find_closure, is_booked_on, list_booked_on, list_closures
from telehealth.services.hours.closures import ClosureWish, add_closure, change_closure, remove_closure
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader

MOST_SHOWN = 50


@blueprint.get("/closures")
@access.staff(Role.OWNER)
def closures() -> ResponseReturnValue:
    """Present and coming closures, with what is booked then."""
    practice, now = current().practice, clock.now()
    today = walltime.wall(now, walltime.zone(practice.timezone)).date()
    found = list_closures(practice.id, since=today)
    booked = list_booked_on(practice.id, found, now=now)
    entries = [_in_words(each, [one for one in booked if is_booked_on(one, each)]) for each in found]
    return render_template("desk/closures.html", entries=entries, most=MOST_SHOWN, words=words)


@blueprint.get("/closures/new")
@access.staff(Role.OWNER)
def closures_new() -> ResponseReturnValue:
    """The form for one more."""
    return _form(MultiDict(), {}, changing=False)


@blueprint.post("/closures/new")
@access.staff(Role.OWNER)
def closures_add() -> ResponseReturnValue:
    """Close on some dates."""
    try:
        wish = _read(FormReader(request.form))
        closure = add_closure(practice_id=current().practice.id, wish=wish, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _form(request.form, problem.fields, changing=False), problem.status
    return _saved(closure)


@blueprint.get("/closures/<public_id>/change")
@access.staff(Role.OWNER)
def closures_edit(public_id: str) -> ResponseReturnValue:
    """The form, filled in. Raises NotFound."""
    found = find_closure(current().practice.id, public_id)
    values = MultiDict(
        {"first_day": words.iso(found.first_day), "last_day": words.iso(found.last_day), "note": found.note}
    )
    if found.yields_to_hours:
        values["yields_to_hours"] = "y"
    return _form(values, {}, changing=True)


@blueprint.post("/closures/<public_id>/change")
@access.staff(Role.OWNER)
def closures_change(public_id: str) -> ResponseReturnValue:
    """Close on other dates. Raises NotFound."""
    practice_id = current().practice.id
    find_closure(practice_id, public_id)
    try:
        wish = _read(FormReader(request.form))
        changed = change_closure(
            practice_id=practice_id, public_id=public_id, wish=wish, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _form(request.form, problem.fields, changing=True), problem.status
    return _saved(changed)


@blueprint.post("/closures/<public_id>/remove")
@access.staff(Role.OWNER)
def closures_remove(public_id: str) -> ResponseReturnValue:
    """Be open after all. Raises NotFound."""
    remove_closure(practice_id=current().practice.id, public_id=public_id, by=by_staff(), now=clock.now())
    flash("Removed. The hours of your therapists can be booked again.", "success")
    return redirect(url_for("desk.closures"))


def _saved(closure: Closure) -> ResponseReturnValue:
    flash(f"The practice is closed: {_say_dates(closure)}. Nothing new can be booked then.", "success")
    if booked := list_booked_on(closure.practice_id, [closure], now=clock.now()):
        flash(f"{words.kept(len(booked))} inside. Nothing was cancelled; see below.", "warning")
    return redirect(url_for("desk.closures"))


def _read(typed: FormReader) -> ClosureWish:
    """Without a last day it is the first one. Raises InvalidInput."""
    first = typed.day("first_day", "Please choose the first day.")
    last = typed.day("last_day", needed=False) or first
    typed.refuse()
    assert first is not None and last is not None  # noqa: S101, PT018 -- refused above
    return ClosureWish(first, last, typed.text("note"), yields_to_hours=typed.is_ticked("yields_to_hours"))


def _in_words(closure: Closure, booked: Sequence[Appointment]) -> dict[str, Any]:
    return {"row": closure, "dates": _say_dates(closure), "booked": [_line(each) for each in booked]}


def _line(each: Appointment) -> tuple[str, str]:
    zone = walltime.zone(each.therapist.timezone)
    whom = words.listed([who.name for who in each.therapists])
    said = f"{words.say_clients(each)} with {whom}, {times.say_briefly(each.starts_at, zone)}"
    return said, url_for("desk.appointment", public_id=each.public_id)


def _say_dates(closure: Closure) -> str:
    first, last = words.long_day(closure.first_day), words.long_day(closure.last_day)
    return first if closure.first_day == closure.last_day else f"{first} to {last}"


def _form(values: MultiDict[str, str], problems: Mapping[str, str], *, changing: bool) -> str:
    return render_template("desk/closures_form.html", values=values, problems=problems, changing=changing)
