"""The join link: wait, enter, or learn why there is no room to enter."""

from __future__ import annotations

from contextlib import suppress

from flask import current_app, redirect, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.appointments.joining import Door, closes_at, opens_at
from telehealth.domain.audit_words import Via
from telehealth.domain.errors import Unavailable
from telehealth.domain.ports import Gateways, Guest, VideoRoom
from telehealth.services.appointments.attending import record_client_entered
from telehealth.web.acting import by_client
from telehealth.web.client.frame import blueprint
from telehealth.web.client.seats import Seat, open_seat_for_all
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS

NAMELESS = "Guest"


@blueprint.get("/j/<token>")
@access.by_link
@limiter.limit(READS)
def show_join(token: str) -> ResponseReturnValue:
    """The door. It does not open by itself: programs that look at links in messages must not enter rooms."""
    seat = open_seat_for_all(LinkPurpose.JOIN, token)
    return seat.page(
        "client/join.html",
        enter_url=url_for("client.enter_room", token=token),
        join_url=url_for("client.show_join", token=token),
    )


@blueprint.get("/j/<token>/enter")
@access.by_link
@limiter.limit(READS)
def enter_room(token: str) -> ResponseReturnValue:
    """Into the room, while it is open. A plain link, because the content policy lets no form lead to another site."""
    seat = open_seat_for_all(LinkPurpose.JOIN, token)
    if seat.door != Door.OPEN:
        return redirect(url_for("client.show_join", token=token))
    with suppress(Unavailable):  # Nobody is kept out of a session because it cannot be written down.
        record_client_entered(attendee_id=seat.attendee.id, by=by_client(Via.LINK), now=seat.now)
    response = redirect(_room_url(seat))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _room_url(seat: Seat) -> str:
    gateways: Gateways = current_app.extensions["gateways"]
    appointment = seat.appointment
    room = VideoRoom(
        name=appointment.video_name,
        fixed_link=appointment.therapist.video_url,
        opens_at=opens_at(appointment.starts_at),
        closes_at=closes_at(appointment.ends_at),
    )
    guest = Guest(display_name=seat.facts.client_initials or NAMELESS, is_therapist=False)
    return gateways.video.join_url(room, guest)
