"""Where the clients of a video appointment said they are, and what a therapist without a licence there decides: on the
page of the appointment, and beside the pictures in our own room.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput
from telehealth.late import Library
from telehealth.models import Appointment
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.appointments.appointment import find_on_desk, list_said_where, show_appointment
from telehealth.web.desk.frame import blueprint, is_own, zone_of
from telehealth.web.form_reader import FormReader

if TYPE_CHECKING:
    from telehealth.domain.video import whereabouts as places
    from telehealth.services.video import whereabouts as keeping
    from telehealth.web.desk import telehealth_words
else:
    places = Library("telehealth.domain.video.whereabouts")
    keeping = Library("telehealth.services.video.whereabouts")
    telehealth_words = Library("telehealth.web.desk.telehealth_words")

DECIDED = "Your decision is kept, with your name and the time."


@blueprint.get("/appointments/<public_id>/whereabouts")
@access.staff()
def appointment_whereabouts(public_id: str) -> ResponseReturnValue:
    """The part of a page that says it, for the page of the room. Raises NotFound."""
    return show_part(find_on_desk(public_id))


@blueprint.post("/appointments/<public_id>/whereabouts")
@access.staff()
def appointment_decide_licence(public_id: str) -> ResponseReturnValue:
    """Keep a decision. Raises NotFound, NotAllowed."""
    found, typed = find_on_desk(public_id), FormReader(request.form)
    in_room = typed.is_ticked("in_room")
    decision = typed.word("decision", places.LicenceDecision)
    try:
        typed.refuse()
        if decision is not None:
            keeping.decide_about_licence(
                practice_id=found.practice_id,
                appointment_id=found.id,
                whereabouts_public_id=typed.text("said"),
                decision=decision,
                reason=request.form.get("reason", ""),
                by=by_staff(),
                now=clock.now(),
            )
    except InvalidInput as refusal:
        page = show_part(found, refusal.fields) if in_room else show_appointment(found, dict(refusal.fields))
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    if in_room:
        return show_part(found)
    flash(DECIDED, "success")
    return redirect(url_for("desk.appointment", public_id=public_id), HTTPStatus.SEE_OTHER)


def show_part(found: Appointment, problems: Mapping[str, str] | None = None) -> str:
    """Only what was said, as a part of another page."""
    return render_template(
        "desk/whereabouts_part.html",
        appointment=found,
        is_own=is_own(found),
        problems=problems or {},
        form=request.form,
        words=words,
        said_where=list_said_where(found),
        consents=telehealth_words.say_consents(found, zone_of(found.therapist)),
    )
