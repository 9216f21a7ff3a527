"""Where one appointment meets by video: what is chosen for it, and choosing something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import VideoKind
from telehealth.late import Library
from telehealth.models import Appointment
from telehealth.queries.appointments.appointments import find_appointment
from telehealth.web.acting import by_staff
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.desk.video_words import show_video_choices
from telehealth.web.form_reader import FormReader

if TYPE_CHECKING:
    from telehealth.queries.video import kinds
    from telehealth.services.video import choosing
else:
    kinds = Library("telehealth.queries.video.kinds")
    choosing = Library("telehealth.services.video.choosing")


@blueprint.post("/appointments/<public_id>/video")
@access.staff()
def appointment_choose_video(public_id: str) -> ResponseReturnValue:
    """Choose where an appointment meets, also while it goes on. Raises NotFound."""
    desk, typed = current(), FormReader(request.form)
    found = find_appointment(desk.practice.id, public_id, therapist_id=desk.only_therapist)
    kind = typed.word("video_kind", VideoKind) if typed.text("video_kind") else None
    try:
        typed.refuse()
        choosing.choose_video_of_appointment(
            practice_id=found.practice_id,
            appointment_id=found.id,
            kind=kind,
            house=current_app.extensions["house_video"],
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        flash(problem.fields["video_kind"], "error")
    else:
        flash("Saved. Whoever enters next comes there. Nobody is told by this.", "success")
    return redirect(url_for("desk.appointment", public_id=public_id))


def show_choices_of(found: Appointment) -> dict[str, Any]:
    """Where it meets as things are now, and what can be chosen for it."""
    has_own_link = bool(found.therapist.video_url)
    house = current_app.extensions["house_video"]
    return {
        "video_kind": kinds.decide_for(found, house),
        **show_video_choices(found.practice_id, usual="As usual", has_own_link=has_own_link, now=found.video_kind),
    }
