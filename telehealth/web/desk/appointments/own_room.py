"""Our own virtual room, for whoever gives the appointment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import access
from telehealth.domain.errors import NotAllowed
from telehealth.domain.video.calls import CallerRole, say_whom
from telehealth.late import Library
from telehealth.models import Appointment
from telehealth.web.acting import by_staff, viewer
from telehealth.web.calls import answer_comer, in_json, show_room
from telehealth.web.desk.appointments.appointment import find_on_desk
from telehealth.web.desk.frame import blueprint, is_own

if TYPE_CHECKING:
    from telehealth.services.video import coming
else:
    coming = Library("telehealth.services.video.coming")


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
@in_json
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
