"""What became of an appointment, recorded at the desk: who will come, who came, who did not, mistakes put right, and
another room.
"""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.appointments.states import is_correction
from telehealth.domain.errors import (
    AlreadyCancelled,
    ImpossibleStatus,
    InvalidInput,
    NotFound,
    SlotTaken,
    TooEarly,
    TooLate,
)
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment
from telehealth.services.appointments.attending import confirm_seat, set_status
from telehealth.services.appointments.moving import change_room
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.appointments.appointment import LONGEST_REASON, find_on_desk, seat_named, show_appointment
from telehealth.web.desk.frame import blueprint
from telehealth.web.form_reader import FormReader

NO_REASON = "Please say in a few words what went wrong. It is kept with the appointment."
GONE = "The time, the room or the client is taken by now, so it could not be brought back. Please book it anew."
NOTHING_AHEAD = "This appointment has begun, is cancelled or still waits for an answer. Nothing was noted."


@blueprint.post("/appointments/<public_id>/status")
@access.staff()
def appointment_set_status(public_id: str) -> ResponseReturnValue:
    """Record the next step, for everybody or for one seat ("arrived <seat>"). Raises NotFound."""
    found = find_on_desk(public_id)
    wanted, _, seat_id = request.form.get("status", "").partition(" ")
    seat = seat_named(found, seat_id)
    try:
        status = AppointmentStatus(wanted)
    except ValueError as problem:
        raise NotFound from problem
    try:
        current = seat.status if seat is not None else found.status
        reason = _reason(is_correcting=is_correction(current, status))
        set_status(
            practice_id=found.practice_id,
            appointment_id=found.id,
            attendee_id=seat.id if seat is not None else None,
            status=status,
            by=by_staff(),
            reason=reason,
            now=clock.now(),
        )
    except InvalidInput as problem:
        return show_appointment(found, dict(problem.fields)), problem.status
    except (TooEarly, ImpossibleStatus) as refusal:
        flash(str(refusal), "warning")
    except SlotTaken:
        flash(GONE, "warning")
    else:
        whom = f" for {seat.name}" if seat is not None else ""
        flash(f"Noted{whom}: {words.STATUSES[status].lower()}.", "success")
    return go_back(found)


@blueprint.post("/appointments/<public_id>/confirm")
@access.staff()
def appointment_confirm(public_id: str) -> ResponseReturnValue:
    """Keep that the client of ``?seat=`` told us that they will come. Raises NotFound."""
    found = find_on_desk(public_id)
    seat = seat_named(found, request.args.get("seat"))
    if seat is None:
        raise NotFound
    try:
        confirm_seat(attendee_public_id=seat.public_id, by=by_staff(), now=clock.now())
    except (AlreadyCancelled, TooLate, ImpossibleStatus):
        flash(NOTHING_AHEAD, "warning")
    else:
        flash(f"Noted: {seat.name} will come.", "success")
    return _back(found)


@blueprint.post("/appointments/<public_id>/room")
@access.staff()
def appointment_change_room(public_id: str) -> ResponseReturnValue:
    """Meet in another room of the same place. Raises NotFound."""
    found = find_on_desk(public_id)
    try:
        change_room(
            practice_id=found.practice_id,
            appointment_id=found.id,
            room_public_id=request.form.get("room", "").replace("\0", ""),
            by=by_staff(),
            now=clock.now(),
        )
    except (SlotTaken, ImpossibleStatus) as refusal:
        flash(str(refusal), "warning")
    except InvalidInput as refusal:
        flash(" ".join(refusal.fields.values()), "warning")
    else:
        flash("The room is changed. Nobody is told: rooms are found on the day.", "success")
    return _back(found)


def _reason(*, is_correcting: bool) -> str:
    """A correction needs a reason. Raises InvalidInput."""
    typed = FormReader(request.form)
    reason = typed.line("reason", longest=LONGEST_REASON)
    if is_correcting and not reason:
        typed.problems.setdefault("reason", NO_REASON)
    typed.refuse()
    return reason


def go_back(found: Appointment) -> ResponseReturnValue:
    """To where it was pressed: to the page of the appointment, or to the one that the form names."""
    for name, endpoint in (("from_today", "desk.today"), ("from_tasks", "desk.tasks")):
        if name in request.form:
            return redirect(url_for(endpoint))
    if "from_after" in request.form:
        return redirect(url_for("desk.appointment_after", public_id=found.public_id))
    return _back(found)


def _back(found: Appointment) -> ResponseReturnValue:
    return redirect(url_for("desk.appointment", public_id=found.public_id))
