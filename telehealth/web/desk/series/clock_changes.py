"""What is booked at another time than was agreed, because the rules of a zone's clocks have changed since."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.errors import SlotNotOffered, SlotTaken, TelehealthError
from telehealth.domain.series.patterns import SeriesChange, SeriesScope
from telehealth.models import Appointment
from telehealth.queries.appointments.clock_changes import agreed_start, list_out_of_step
from telehealth.queries.series.clock_changes import ShiftedSeries, list_shifted_series
from telehealth.services.appointments.clock_changes import REASON, KeptTime, settle_clock_changes
from telehealth.services.series.changing import change_series
from telehealth.web.acting import by_staff
from telehealth.web.desk import series_words, words
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.desk.series.standing_slots import find_series_on_desk
from telehealth.web.form_reader import FormReader

NOT_FREE = "That time is not free. Please open the appointment and move it."


@blueprint.get("/clock-changes")
@access.staff()
def clock_changes() -> ResponseReturnValue:
    """Each appointment with what was agreed and what its clock shows now, and standing slots whose dates are off."""
    return _page({})


@blueprint.post("/clock-changes")
@access.staff()
def clock_changes_settle() -> ResponseReturnValue:
    """Keep the wall time or the instant of those that are ticked; the page says which could not be settled, and why."""
    typed, desk, now = FormReader(request.form), current(), clock.now()
    ticked = set(typed.several("appointment"))
    chosen = [each for each in _listed() if each.public_id in ticked]
    keep = KeptTime.INSTANT if typed.text("do") == KeptTime.INSTANT else KeptTime.WALL
    ids = [each.id for each in chosen]
    refused = settle_clock_changes(practice_id=desk.practice.id, appointment_ids=ids, keep=keep, by=by_staff(), now=now)
    if refused:
        return _page({each: _why(problem) for each, problem in refused.items()}), HTTPStatus.CONFLICT
    flash(f"Done for {words.counted(len(chosen), 'appointment')}. Everybody concerned is told.", "success")
    return redirect(url_for("desk.clock_changes"))


@blueprint.post("/clock-changes/<public_id>")
@access.staff()
def clock_changes_series(public_id: str) -> ResponseReturnValue:
    """Put the dates of a standing slot back at its time. Raises NotFound."""
    found = find_series_on_desk(public_id)
    done = change_series(
        practice_id=found.practice_id,
        series_public_id=public_id,
        scope=SeriesScope.ALL,
        to=SeriesChange(),
        reason=REASON,
        by=by_staff(),
        now=clock.now(),
    )
    flash(f"The dates are back at the time of the slot. {series_words.summed_up(done.dates)}", "success")
    return redirect(url_for("desk.clock_changes"))


def _why(problem: TelehealthError) -> str:
    return NOT_FREE if isinstance(problem, SlotTaken | SlotNotOffered) else str(problem)


def _listed() -> list[Appointment]:
    desk = current()
    return list(list_out_of_step(desk.practice.id, therapist_id=desk.only_therapist, now=clock.now()))


def _page(refused: dict[int, str]) -> str:
    desk = current()
    series = list_shifted_series(desk.practice.id, therapist_id=desk.only_therapist, now=clock.now())
    return render_template(
        "desk/clock_changes.html",
        rows=[_row(each, refused.get(each.id, "")) for each in _listed()],
        slots=[_slot(each) for each in series],
        release=walltime.zone_data_version(),
        words=words,
    )


def _row(found: Appointment, problem: str) -> dict[str, Any]:
    zone = walltime.zone(found.timezone)
    return {
        "public_id": found.public_id,
        "who": words.say_clients(found),
        "agreed": times.say_briefly(agreed_start(found), zone),
        "now": times.say_briefly(found.starts_at, zone),
        "href": url_for("desk.appointment", public_id=found.public_id),
        "problem": problem,
    }


def _slot(found: ShiftedSeries) -> dict[str, Any]:
    zone, first = series_words.zone_of(found.series), found.dates[0]
    return {
        "public_id": found.series.public_id,
        "title": series_words.title(found.series),
        "dates": words.counted(len(found.dates), "date"),
        "first": times.say_briefly(first.starts_at, zone),
        "href": url_for("desk.series_one", public_id=found.series.public_id),
    }
