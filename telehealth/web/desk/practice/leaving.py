"""A therapist leaves the practice on a date: what is booked after it, to hand over or cancel. For owners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.models import Appointment, Series, Therapist
from telehealth.queries.practice.ahead import find_first_day_after, list_booked_from, list_series_from
from telehealth.queries.practice.practices import find_therapist
from telehealth.web.acting import by_staff
from telehealth.web.desk import series_words, words
from telehealth.web.desk.frame import blueprint, current, zone_of
from telehealth.web.desk.hours.handing_over import find_hand_over
from telehealth.web.form_reader import FormReader

if TYPE_CHECKING:
    from telehealth.services.practice import leaving
else:
    leaving = Library("telehealth.services.practice.leaving")

MOST_SHOWN = 15


@blueprint.get("/therapists/<public_id>/leaving")
@access.staff(Role.OWNER)
def therapists_leaving(public_id: str) -> ResponseReturnValue:
    """From when on they are not here any more, and what is booked after that. Raises NotFound."""
    found = find_therapist(current().practice.id, public_id)
    values = {"leaves_on": words.iso(found.leaves_on)} if found.leaves_on is not None else {}
    return _page(found, MultiDict(values), {})


@blueprint.post("/therapists/<public_id>/leaving")
@access.staff(Role.OWNER)
def therapists_leaving_set(public_id: str) -> ResponseReturnValue:
    """Say when they leave. Raises NotFound."""
    found, typed = find_therapist(current().practice.id, public_id), FormReader(request.form)
    day = typed.day("leaves_on", "Please choose the first day on which they are not here any more.")
    try:
        typed.refuse()
        assert day is not None  # noqa: S101 -- refused above
        leaving.set_leaving(
            practice_id=found.practice_id, therapist_public_id=public_id, leaves_on=day, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _page(found, request.form, problem.fields), problem.status
    flash(f"Saved: from {words.full_day(day)} on nothing is offered with {found.name}.", "success")
    return redirect(url_for("desk.therapists_leaving", public_id=public_id))


@blueprint.post("/therapists/<public_id>/leaving/back")
@access.staff(Role.OWNER)
def therapists_leaving_back(public_id: str) -> ResponseReturnValue:
    """They stay after all. Raises NotFound."""
    found = find_therapist(current().practice.id, public_id)
    try:
        leaving.take_leaving_back(
            practice_id=found.practice_id, therapist_public_id=public_id, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _page(found, MultiDict(), problem.fields), problem.status
    flash(f"{found.name} stays, and can be booked as before.", "success")
    return redirect(url_for("desk.therapists_leaving", public_id=public_id))


def _page(found: Therapist, values: Mapping[str, str], problems: Mapping[str, str]) -> str:
    now, zone = clock.now(), zone_of(found)
    day = find_first_day_after(found, now=now)
    series = list_series_from(found, day)
    booked = list_booked_from(found, max(now, walltime.midnight(day, zone)))
    return render_template(
        "desk/therapists_leaving.html",
        therapist=found,
        values=values,
        problems=problems,
        leaves=words.full_day(found.leaves_on) if found.leaves_on is not None else "",
        booked=[_line(each, found) for each in booked[:MOST_SHOWN]],
        more=max(len(booked) - MOST_SHOWN, 0),
        hand_over=find_hand_over(found, booked),
        series=[
            (f"{series_words.who(each, day)}, {series_words.title(each)}", _series_url(each))
            for each in series[:MOST_SHOWN]
        ],
        more_series=max(len(series) - MOST_SHOWN, 0),
        zone_of_therapist=times.zone_name(zone),
        words=words,
    )


def _series_url(series: Series) -> str:
    return url_for("desk.series_one", public_id=series.public_id)


def _line(each: Appointment, therapist: Therapist) -> tuple[str, str]:
    """ "Jane Doe, Tue, Nov 24 at 10:00 AM", and the address of its page, where it can be cancelled."""
    said = f"{words.say_clients(each)}, {times.say_briefly(each.starts_at, zone_of(therapist))}"
    return said, url_for("desk.appointment", public_id=each.public_id)
