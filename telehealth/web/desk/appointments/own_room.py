"""Our own virtual room, for whoever gives the appointment; and who is invited there besides its clients."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput, NotAllowed
from telehealth.domain.video.calls import CallerRole, GuestKind, say_whom
from telehealth.late import Library
from telehealth.models import Appointment
from telehealth.web.acting import by_staff, viewer
from telehealth.web.calls import answer_comer, show_room
from telehealth.web.desk.appointments.appointment import find_on_desk, show_appointment
from telehealth.web.desk.frame import blueprint, is_own
from telehealth.web.form_reader import FormReader

if TYPE_CHECKING:
    from telehealth.domain.video import guests as invitations
    from telehealth.services.video import coming, inviting
else:
    invitations = Library("telehealth.domain.video.guests")
    inviting = Library("telehealth.services.video.inviting")
    coming = Library("telehealth.services.video.coming")

FIELDS = {"name": "guest_name", "kind": "guest_kind", "email": "guest_email", "locale": "guest_language"}
"""How the form calls what an invitation has; other forms stand on the same page."""
SAYS_KIND = "Please say as what they come."


@blueprint.get("/appointments/<public_id>/room")
@access.staff()
def appointment_room(public_id: str) -> ResponseReturnValue:
    """The page of the room. Looking at it is not coming: a press is. Raises NotFound, NotAllowed."""
    found = _find_own(public_id)
    come_url = url_for("desk.appointment_room_come", public_id=public_id)
    back_url = url_for("desk.appointment", public_id=public_id)
    urls = {
        "places_url": url_for("desk.appointment_whereabouts", public_id=public_id),
        "after_url": url_for("desk.appointment_after", public_id=public_id),
        "relays_url": url_for("desk.video_check_network"),
    }
    return show_room(found, come_url=come_url, back_url=back_url, is_conductor=True, **urls)


@blueprint.post("/appointments/<public_id>/room/come")
@access.staff()
@access.answers_in_json
def appointment_room_come(public_id: str) -> ResponseReturnValue:
    """A therapist of it comes. Raises NotFound, NotAllowed, RoomClosed, OpenElsewhere."""
    found = _find_own(public_id)
    name = next(each.name for each in found.therapists if each.user_id == viewer.id)
    whom = say_whom(CallerRole.THERAPIST, viewer.id)
    comer = coming.Comer(whom, CallerRole.THERAPIST, name, user_id=viewer.id)
    return answer_comer(found, comer, by_staff())


def _find_own(public_id: str) -> Appointment:
    found = find_on_desk(public_id)
    if not is_own(found):
        raise NotAllowed("Only the therapist of this appointment may enter its room.")
    return found


@blueprint.post("/appointments/<public_id>/guests")
@access.staff()
def appointment_invite_guest(public_id: str) -> ResponseReturnValue:
    """Invite somebody by a link of their own. Raises NotFound."""
    found, typed = find_on_desk(public_id), FormReader(request.form)
    kind = typed.word("guest_kind", GuestKind, SAYS_KIND) or GuestKind.OTHER
    name, email, locale = (typed.text(FIELDS[field]) for field in ("name", "email", "locale"))
    try:
        typed.refuse()
        made = inviting.invite_guest(
            practice_id=found.practice_id,
            appointment_id=found.id,
            facts=invitations.GuestFacts(name, kind, email, locale),
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as refusal:
        problems = {FIELDS.get(field, field): _of_theirs(said) for field, said in refusal.fields.items()}
        return show_appointment(found, problems), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(f"{made.name} is invited. Their link stands below: please give it to them.", "success")
    return redirect(url_for("desk.appointment", public_id=public_id, _anchor="guests"))


@blueprint.post("/appointments/<public_id>/guests/<guest_id>/end")
@access.staff()
def appointment_end_guest(public_id: str, guest_id: str) -> ResponseReturnValue:
    """Their link opens nothing any more, and they are out of the room. Raises NotFound."""
    found = find_on_desk(public_id)
    ended = inviting.end_guest(
        practice_id=found.practice_id,
        appointment_id=found.id,
        guest_public_id=guest_id,
        by=by_staff(),
        now=clock.now(),
    )
    flash(f"{ended.name} is not invited any more. Their link opens nothing from now on.", "success")
    return redirect(url_for("desk.appointment", public_id=public_id, _anchor="guests"))


def _of_theirs(sentence: str) -> str:
    """What is wrong, to whoever types it for somebody else."""
    return sentence.replace("your ", "their ")
