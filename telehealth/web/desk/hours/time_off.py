"""When a therapist is away. Appointments that are booked already are kept, and named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.errors import InvalidInput
from telehealth.models import Appointment, Therapist, TimeOff
from telehealth.queries.hours.working_hours import find_hours_entry, list_booked_during, list_time_off
from telehealth.services.hours.working_hours_changes import add_time_off, change_time_off, remove_time_off
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, with_therapist, zone_of
from telehealth.web.desk.words import iso
from telehealth.web.form_reader import FormReader

ONE_DAY = timedelta(days=1)
FIELDS = {"ends": "last_day"}
"""Names of the service's fields where the form calls them otherwise."""


@blueprint.get("/time-off")
@access.staff()
@with_therapist
def time_off(therapist: Therapist) -> ResponseReturnValue:
    """Present and coming time off, with what is booked inside."""
    now = clock.now()
    found = list_time_off(therapist.id, since=walltime.wall(now, zone_of(therapist)))
    entries = [_entry(therapist, each, now=now) for each in found]
    return render_template("desk/time_off.html", entries=entries, words=words)


@blueprint.get("/time-off/new")
@access.staff()
@with_therapist
def time_off_new(_therapist: Therapist) -> ResponseReturnValue:
    """The form for time off."""
    return _form(MultiDict(), {})


@blueprint.post("/time-off/new")
@access.staff()
@with_therapist
def time_off_add(therapist: Therapist) -> ResponseReturnValue:
    """Be away for whole days, or from one time to another."""
    try:
        added = add_time_off(
            practice_id=therapist.practice_id, therapist_id=therapist.id, **_given(request.form), now=clock.now()
        )
    except InvalidInput as problem:
        return _form(request.form, problem.fields), problem.status
    return _saved(therapist, added)


@blueprint.get("/time-off/<public_id>/change")
@access.staff()
@with_therapist
def time_off_edit(therapist: Therapist, public_id: str) -> ResponseReturnValue:
    """The form for time off that is planned, filled in. Raises NotFound."""
    return _form(_filled(find_hours_entry(TimeOff, therapist.id, public_id)), {}, changing=True)


@blueprint.post("/time-off/<public_id>/change")
@access.staff()
@with_therapist
def time_off_change(therapist: Therapist, public_id: str) -> ResponseReturnValue:
    """Be away at another time. Raises NotFound."""
    entry = find_hours_entry(TimeOff, therapist.id, public_id)
    try:
        given = _given(request.form)
        changed = change_time_off(
            practice_id=therapist.practice_id,
            therapist_id=therapist.id,
            public_id=entry.public_id,
            **given,
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _form(request.form, problem.fields, changing=True), problem.status
    return _saved(therapist, changed)


@blueprint.post("/time-off/<public_id>/remove")
@access.staff()
@with_therapist
def time_off_remove(therapist: Therapist, public_id: str) -> ResponseReturnValue:
    """Be there after all. Raises NotFound."""
    remove_time_off(practice_id=therapist.practice_id, therapist_id=therapist.id, public_id=public_id, now=clock.now())
    flash("The time off is removed. Your hours can be booked again.", "success")
    return redirect(url_for("desk.time_off"))


def _saved(therapist: Therapist, found: TimeOff) -> ResponseReturnValue:
    flash(f"Time off is saved: {words.away(found)}. Nothing new can be booked then.", "success")
    if booked := _booked_in(therapist, found):
        flash(f"{words.kept(len(booked))} inside this time off. Nothing was cancelled; see below.", "warning")
    return redirect(url_for("desk.time_off"))


def _form(values: MultiDict[str, str], problems: Mapping[str, str], *, changing: bool = False) -> str:
    fields = {FIELDS.get(field, field): sentence for field, sentence in problems.items()}
    return render_template("desk/time_off_form.html", values=values, problems=fields, changing=changing)


def _given(form: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed, as the services take it. Raises InvalidInput."""
    starts, ends = _span(form)
    return {"starts_local": starts, "ends_local": ends, "note": form.get("note", "")}


def _filled(found: TimeOff) -> MultiDict[str, str]:
    """The form as somebody would have filled it in: the other way round of ``_span``."""
    starts, ends = found.starts_local, found.ends_local
    whole_last_day = ends.time() == time()
    last = ends.date() - ONE_DAY if whole_last_day else ends.date()
    return MultiDict(
        [
            ("first_day", iso(starts.date())),
            ("starts", iso(starts.time()) if starts.time() != time() else ""),
            ("last_day", iso(last)),
            ("ends", "" if whole_last_day else iso(ends.time())),
            ("note", found.note),
        ]
    )


def _span(form: MultiDict[str, str]) -> tuple[datetime, datetime]:
    """From one wall time to another. Without times it is whole days; without a last day it is the first one."""
    typed = FormReader(form)
    first = typed.day("first_day", "Please choose the first day.")
    last = typed.day("last_day", needed=False) or first
    starts, ends = typed.clock("starts", needed=False), typed.clock("ends", needed=False)
    typed.refuse()
    assert first is not None and last is not None  # noqa: S101, PT018 -- refused above
    if ends is None:
        return datetime.combine(first, starts or time()), datetime.combine(last, time()) + ONE_DAY
    return datetime.combine(first, starts or time()), datetime.combine(last, ends)


def _entry(therapist: Therapist, found: TimeOff, *, now: datetime) -> dict[str, Any]:
    zone = zone_of(therapist)
    return {
        "row": found,
        "title": words.away(found),
        "booked": [
            (
                words.say_clients(each),
                times.say_briefly(each.starts_at, zone),
                url_for("desk.appointment", public_id=each.public_id),
            )
            for each in _booked_in(therapist, found)
            if each.ends_at > now
        ],
    }


def _booked_in(therapist: Therapist, found: TimeOff) -> list[Appointment]:
    zone = zone_of(therapist)
    since, until = walltime.resolve(found.starts_local, zone), walltime.resolve(found.ends_local, zone)
    return list(list_booked_during(therapist.id, since, until))
