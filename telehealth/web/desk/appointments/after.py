"""After an appointment: how did it go, one tap for each client when a therapist leaves the video room; and from when
until when they met, where nothing was counted, or not rightly.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, walltime
from telehealth.domain.errors import ImpossibleStatus, InvalidInput, NotFound
from telehealth.domain.words import AppointmentStatus
from telehealth.late import Library
from telehealth.models import Appointment
from telehealth.web.acting import by_staff
from telehealth.web.desk import absent, words
from telehealth.web.desk.appointments.appointment import (
    LONGEST_REASON,
    find_on_desk,
    list_steps,
    seat_named,
    show_appointment,
)
from telehealth.web.desk.appointments.attendance import go_back
from telehealth.web.desk.appointments.met_times import show_met
from telehealth.web.desk.frame import blueprint, zone_of
from telehealth.web.form_reader import FormReader

if TYPE_CHECKING:
    from telehealth.domain.appointments import face_to_face as rules
    from telehealth.services.appointments import face_to_face as saying
    from telehealth.services.appointments import not_coming
else:
    not_coming = Library("telehealth.services.appointments.not_coming")
    rules = Library("telehealth.domain.appointments.face_to_face")
    saying = Library("telehealth.services.appointments.face_to_face")

KEPT = "The time is kept, with your name and what was there before."
AS_COUNTED = "What our own video room counted holds again."
NEVER_MET = "This appointment is cancelled or waits for an answer, so nobody met. Nothing was changed."
FURTHEST = timedelta(hours=12)
"""A start so long before the appointment's was meant after midnight."""
PUT_AWAY = "Put away. Nothing was marked."
ASKED_AFTER = (AppointmentStatus.FULFILLED, AppointmentStatus.NOSHOW)
"""Who has arrived has arrived; now it is asked how it ended."""


@blueprint.post("/appointments/<public_id>/met")
@access.staff()
def appointment_say_met(public_id: str) -> ResponseReturnValue:
    """Keep when they met, for everybody or for one seat, or take that back. Raises NotFound."""
    found, typed = find_on_desk(public_id), FormReader(request.form)
    seat = seat_named(found, typed.text("met_seat"))
    is_back = typed.is_ticked("as_counted")
    reason = typed.line("met_reason", longest=LONGEST_REASON)
    met = None if is_back else _read_span(found, typed)
    try:
        typed.refuse()
        saying.say_met(
            practice_id=found.practice_id,
            appointment_id=found.id,
            attendee_id=seat.id if seat is not None else None,
            met=met,
            reason=reason,
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as refusal:
        problems = {"met_reason" if name == "reason" else name: said for name, said in refusal.fields.items()}
        return show_appointment(found, problems), HTTPStatus.UNPROCESSABLE_ENTITY
    except ImpossibleStatus:
        flash(NEVER_MET, "warning")
    else:
        flash(AS_COUNTED if is_back else KEPT, "success")
    return redirect(url_for("desk.appointment", public_id=public_id), HTTPStatus.SEE_OTHER)


def _read_span(found: Appointment, typed: FormReader) -> rules.Stay | None:
    """The two clock times on the day of the appointment, or the night after it, in its therapist's zone."""
    starts, ends = typed.clock("met_from"), typed.clock("met_until")
    if starts is None or ends is None:
        return None
    zone = zone_of(found.therapist)
    meant = walltime.wall(found.starts_at, zone)
    first = datetime.combine(meant.date(), starts)
    if meant - first > FURTHEST:
        first += timedelta(days=1)
    elif first - meant > FURTHEST:
        first -= timedelta(days=1)
    last = datetime.combine(first.date(), ends)
    last += timedelta(days=1) if last < first else timedelta()
    return rules.Stay(walltime.resolve(first, zone), walltime.resolve(last, zone))


@blueprint.get("/appointments/<public_id>/after")
@access.staff()
def appointment_after(public_id: str) -> ResponseReturnValue:
    """How it went, of each client; with ``?part=1`` only that, for the page of the room. Raises NotFound."""
    found = find_on_desk(public_id)
    is_part = "part" in request.args
    return render_template("desk/after_part.html" if is_part else "desk/after.html", **_show(found))


@blueprint.post("/appointments/<public_id>/absence/away")
@access.staff()
def appointment_put_away_absence(public_id: str) -> ResponseReturnValue:
    """The client of ``?seat=`` is not to be marked as not having come. Raises NotFound."""
    found = find_on_desk(public_id)
    seat = seat_named(found, request.args.get("seat"))
    if seat is None:
        raise NotFound
    not_coming.put_away_absence(
        practice_id=found.practice_id, attendee_public_id=seat.public_id, by=by_staff(), now=clock.now()
    )
    flash(PUT_AWAY, "success")
    return go_back(found)


def _show(found: Appointment) -> dict[str, Any]:
    now = clock.now()
    asked = [
        (each, [(value, text) for value, text in list_steps(each.status, found, now=now) if value in ASKED_AFTER])
        for each in found.seats
    ]
    return {
        "appointment": found,
        "asked": asked,
        "absent_seats": {each.seat for each in absent.list_absent_in(found)},
        "is_early": now < found.starts_at,
        "is_done": bool(asked) and not any(steps for _, steps in asked) and now >= found.starts_at,
        "words": words,
        **show_met(found, now=now),
    }
