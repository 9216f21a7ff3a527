"""The join link: wait, enter, or learn why there is no room to enter."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.appointments.joining import Door
from telehealth.domain.audit_words import Via
from telehealth.domain.errors import RoomClosed, RoomNotReady, Unavailable
from telehealth.domain.video.calls import CallerRole, say_whom
from telehealth.late import Library
from telehealth.services.appointments.attending import record_client_entered
from telehealth.web.acting import by_client
from telehealth.web.calls import answer_comer, find_way_elsewhere, show_room, show_soon
from telehealth.web.client.agreeing import asks_consent
from telehealth.web.client.before import asks_before, help_in_crisis
from telehealth.web.client.frame import blueprint
from telehealth.web.client.seats import Seat, open_seat_for_all
from telehealth.web.client.spoken import show_spoken
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS
from telehealth.web.link_programs import is_program

if TYPE_CHECKING:
    from telehealth.services.video import coming
else:
    coming = Library("telehealth.services.video.coming")

NAMELESS = "Guest"


@blueprint.get("/j/<token>")
@access.by_link
@limiter.limit(READS)
def show_join(token: str) -> ResponseReturnValue:
    """The door. It does not open by itself: programs that look at links in messages must not enter rooms."""
    seat = open_seat_for_all(LinkPurpose.JOIN, token)
    first = "client.enter_room"
    if seat.door == Door.OPEN:
        first = "client.show_consent" if asks_consent(seat) else "client.show_before" if asks_before(seat) else first
    return show_spoken(
        seat,
        "client/join.html",
        enter_url=url_for(first, token=token),
        join_url=url_for("client.show_join", token=token),
        call_url=url_for("client.show_call_me", token=token),
        check_url=url_for("client.show_check", token=token),
        **help_in_crisis(seat),
    )


@blueprint.get("/j/<token>/enter")
@access.by_link
@limiter.limit(READS)
def enter_room(token: str) -> ResponseReturnValue:
    """Into the room, while it is open. A plain link, because the content policy lets no form lead to another site."""
    seat = open_seat_for_all(LinkPurpose.JOIN, token)
    if seat.door != Door.OPEN or is_program(request):
        return redirect(url_for("client.show_join", token=token))
    try:
        url = _find_room_url(seat)
    except RoomNotReady:
        again_url, back_url = (url_for(f"client.{each}", token=token) for each in ("enter_room", "show_join"))
        practice = seat.context["practice"]
        return show_soon(again_url=again_url, back_url=back_url, language=seat.language, practice=practice)
    if url is None:
        return redirect(url_for("client.show_own_room", token=token))
    with suppress(Unavailable):  # Nobody is kept out of a session because it cannot be written down.
        record_client_entered(attendee_id=seat.attendee.id, by=by_client(Via.LINK).through(seat.link), now=seat.now)
    response = redirect(url)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/j/<token>/room")
@access.by_link
@limiter.limit(READS)
def show_own_room(token: str) -> ResponseReturnValue:
    """Our own room, while it is open. Looking at the page is not coming: a press is."""
    seat = open_seat_for_all(LinkPurpose.JOIN, token)
    join_url = url_for("client.show_join", token=token)
    if seat.door != Door.OPEN:
        return redirect(join_url)
    come_url = url_for("client.come_to_own_room", token=token)
    return show_room(
        seat.appointment,
        come_url=come_url,
        back_url=join_url,
        language=seat.language,
        call_url=url_for("client.show_call_me", token=token),
        relays_url=url_for("client.test_network", token=token),
        practice=seat.context["practice"],
        **help_in_crisis(seat),
    )


@blueprint.post("/j/<token>/room/come")
@access.by_link
@limiter.limit(READS)
@access.answers_in_json
def come_to_own_room(token: str) -> ResponseReturnValue:
    """Somebody is at its door."""
    seat = open_seat_for_all(LinkPurpose.JOIN, token)
    if seat.door != Door.OPEN:
        raise RoomClosed
    return answer_comer(seat.appointment, _comer(seat), by_client(Via.LINK).through(seat.link))


def _comer(seat: Seat) -> coming.Comer:
    """As whom the reader comes: by their first name, which everybody in the room may hear."""
    if seat.companion is not None:
        role, public_id = CallerRole.COMPANION, seat.companion.public_id
    else:
        role, public_id = CallerRole.CLIENT, seat.attendee.public_id
    return coming.Comer(say_whom(role, public_id), role, seat.called or NAMELESS, attendee_id=seat.attendee.id)


def _find_room_url(seat: Seat) -> str | None:
    name = seat.facts.client_initials or NAMELESS
    return find_way_elsewhere(seat.appointment, name=name, is_therapist=False)
