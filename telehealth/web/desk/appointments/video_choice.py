"""Where one appointment meets by video: what is chosen for it, and choosing something else."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput, RoomNotReady
from telehealth.domain.ports import VideoFailed
from telehealth.domain.words import VideoKind
from telehealth.late import Library
from telehealth.models import Appointment
from telehealth.queries.appointments.appointments import find_appointment
from telehealth.web.acting import by_staff
from telehealth.web.calls import find_way_elsewhere, show_soon
from telehealth.web.desk import video_words
from telehealth.web.desk.frame import blueprint, current, zone_of
from telehealth.web.desk.video_words import say_not_made, show_video_choices
from telehealth.web.form_reader import FormReader

if TYPE_CHECKING:
    from telehealth.queries.video import kinds, rooms
    from telehealth.services.video import choosing
    from telehealth.web.desk import telehealth_words
    from telehealth.web.desk.appointments import guest_list
else:
    kinds = Library("telehealth.queries.video.kinds")
    rooms = Library("telehealth.queries.video.rooms")
    choosing = Library("telehealth.services.video.choosing")
    guest_list = Library("telehealth.web.desk.appointments.guest_list")
    telehealth_words = Library("telehealth.web.desk.telehealth_words")


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


def look_for_way(found: Appointment, *, name: str) -> tuple[str | None, ResponseReturnValue | None]:
    """The address elsewhere by which a therapist of this name enters (None: in our own room); or the page that says why
    there is none at this moment, and what can be done.
    """
    try:
        return find_way_elsewhere(found, name=name, is_therapist=True), None
    except RoomNotReady:
        again_url = url_for("desk.appointment_join", public_id=found.public_id)
        return None, show_soon(again_url=again_url, back_url=url_for("desk.appointment", public_id=found.public_id))
    except VideoFailed as failed:
        return None, (_show_video_away(found, failed), HTTPStatus.SERVICE_UNAVAILABLE)


def _show_video_away(found: Appointment, failed: VideoFailed) -> str:
    """What a therapist can do when the service where they are to meet does not let them in now."""
    kind, _ = kinds.decide_now(found, current_app.extensions["house_video"])
    made = rooms.find_room_elsewhere(found, kind)
    return render_template(
        "desk/video_away.html",
        name=video_words.KINDS[kind],
        why=video_words.FAILED[failed.failure],
        join_url=made.facts.get("join_url", "") if made is not None else "",
        appointment=found,
    )


def show_choices_of(found: Appointment) -> dict[str, Any]:
    """Where it meets as things are now, what can be chosen for it, who is invited there and who has agreed to video."""
    has_own_link = bool(found.therapist.video_url)
    house = current_app.extensions["house_video"]
    kind, not_made = kinds.decide_now(found, house)
    return {
        "video_kind": kind,
        "consents": telehealth_words.say_consents(found, zone_of(found.therapist)),
        "room_not_made": say_not_made(not_made) if not_made is not None else "",
        **show_video_choices(found.practice_id, usual="As usual", has_own_link=has_own_link, now=found.video_kind),
        **guest_list.show_guests_of(found),
    }
