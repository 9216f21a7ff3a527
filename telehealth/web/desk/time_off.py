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
from telehealth.queries import hours as openings
from telehealth.services import hours as working
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, with_therapist, zone_of
from telehealth.web.desk.typed import Typed

ONE_DAY = timedelta(days=1)
FIELDS = {"ends": "last_day"}
"""Names of the service's fields where the form calls them otherwise."""


@blueprint.get("/time-off")
@access.staff()
@with_therapist
def time_off(therapist: Therapist) -> ResponseReturnValue:
    """Present and coming time off, with what is booked inside."""
    now = clock.now()
    found = openings.time_off(therapist.id, since=walltime.wall(now, zone_of(therapist)))
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
        starts, ends = _span(request.form)
        added = working.add_time_off(
            practice_id=therapist.practice_id,
            therapist_id=therapist.id,
            starts_local=starts,
            ends_local=ends,
            note=request.form.get("note", ""),
        )
    except InvalidInput as problem:
        fields = {FIELDS.get(field, field): sentence for field, sentence in problem.fields.items()}
        return _form(request.form, fields), problem.status
    flash(f"Time off is saved: {words.away(added)}. Nothing new can be booked then.", "success")
    if booked := _booked_in(therapist, added):
        flash(f"{words.kept(len(booked))} inside this time off. Nothing was cancelled; see below.", "warning")
    return redirect(url_for("desk.time_off"))


@blueprint.post("/time-off/<public_id>/remove")
@access.staff()
@with_therapist
def time_off_remove(therapist: Therapist, public_id: str) -> ResponseReturnValue:
    """Be there after all. Raises NotFound."""
    working.remove_time_off(practice_id=therapist.practice_id, therapist_id=therapist.id, public_id=public_id)
    flash("The time off is removed. Your hours can be booked again.", "success")
    return redirect(url_for("desk.time_off"))


def _form(values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    return render_template("desk/time_off_new.html", values=values, problems=problems)


def _span(form: MultiDict[str, str]) -> tuple[datetime, datetime]:
    """From one wall time to another. Without times it is whole days; without a last day it is the first one."""
    typed = Typed(form)
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
                words.who(each),
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
    return list(openings.booked_during(therapist.id, since, until))
