"""Being called when video does not work: asked for at the door of the room, in the waiting room and inside. It works
without script, because without it there is no room.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.appointments.joining import Door
from telehealth.domain.audit_words import Via
from telehealth.domain.errors import InvalidInput
from telehealth.late import Library
from telehealth.web.acting import by_client
from telehealth.web.client.before import help_in_crisis
from telehealth.web.client.frame import blueprint
from telehealth.web.client.seats import DIGITS_SHOWN, Seat, open_seat_for_all
from telehealth.web.client.spoken import show_spoken
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, WRITES

if TYPE_CHECKING:
    from telehealth.services.video import calling_instead
    from telehealth.web.client import door_words
else:
    calling_instead = Library("telehealth.services.video.calling_instead")
    door_words = Library("telehealth.web.client.door_words")


@blueprint.get("/j/<token>/call")
@access.by_link
@limiter.limit(READS)
def show_call_me(token: str) -> ResponseReturnValue:
    """The form, and what happens next once it was sent; at another time than the room's, the door says what is."""
    seat = open_seat_for_all(LinkPurpose.JOIN, token)
    return _page(seat, token) if seat.door == Door.OPEN else redirect(url_for("client.show_join", token=token))


@blueprint.post("/j/<token>/call")
@access.by_link
@limiter.limit(WRITES)
def submit_call_me(token: str) -> ResponseReturnValue:
    """Ask to be called: at another number, or at the one of the seat, of which the page says only the end."""
    seat = open_seat_for_all(LinkPurpose.JOIN, token)
    if seat.door != Door.OPEN:
        return redirect(url_for("client.show_join", token=token), HTTPStatus.SEE_OTHER)
    typed = request.form.get("phone", "").strip()
    known = (seat.reader.phone or "") if seat.number_ends_in else ""
    try:
        calling_instead.ask_for_call(
            attendee_public_id=seat.attendee.public_id,
            phone=typed or known,
            by=by_client(Via.LINK).through(seat.link),
            now=seat.now,
        )
    except InvalidInput as problem:
        said = door_words.say_problems(problem.fields, request.form, seat.language)
        return _page(seat, token, HTTPStatus.UNPROCESSABLE_ENTITY, error=said["phone"])
    return redirect(url_for("client.show_call_me", token=token), HTTPStatus.SEE_OTHER)


def _page(seat: Seat, token: str, status: HTTPStatus = HTTPStatus.OK, *, error: str = "") -> ResponseReturnValue:
    return show_spoken(
        seat,
        "client/call_me.html",
        status,
        asked_ends_in=(seat.attendee.call_phone or "")[-DIGITS_SHOWN:],
        typed=request.form.get("phone", ""),
        error=error,
        join_url=url_for("client.show_join", token=token),
        **help_in_crisis(seat),
    )
