"""Before a video appointment, in front of whichever room it has: where the client is, and how they are called back.

Works without script, and keeps nobody out: who answers nothing goes in all the same. Looking at it writes nothing,
because programs look at links in messages, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.appointments.joining import Door
from telehealth.domain.audit_words import Via
from telehealth.domain.errors import InvalidInput
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.late import Library
from telehealth.web.acting import by_client
from telehealth.web.client.frame import blueprint
from telehealth.web.client.seats import DIGITS_SHOWN, Seat, open_seat_for_all
from telehealth.web.client.spoken import show_spoken
from telehealth.web.form_reader import FormReader
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, WRITES

if TYPE_CHECKING:
    from telehealth.domain.video import whereabouts as places
    from telehealth.models import Whereabouts
    from telehealth.queries.video import whereabouts as answers
    from telehealth.services.video import whereabouts as keeping
    from telehealth.web import crisis_words
    from telehealth.web.client import door_words
else:
    places = Library("telehealth.domain.video.whereabouts")
    answers = Library("telehealth.queries.video.whereabouts")
    keeping = Library("telehealth.services.video.whereabouts")
    door_words = Library("telehealth.web.client.door_words")
    crisis_words = Library("telehealth.web.crisis_words")

SAME, ELSEWHERE = "same", "elsewhere"


@blueprint.get("/j/<token>/before")
@access.by_link
@limiter.limit(READS)
def show_before(token: str) -> ResponseReturnValue:
    """The questions, or, once they are answered, the way in. Nothing is asked while the room is closed."""
    seat = open_seat_for_all(LinkPurpose.JOIN, token)
    if seat.door != Door.OPEN:
        return redirect(url_for("client.show_join", token=token))
    return _show(seat, token)


@blueprint.post("/j/<token>/before")
@access.by_link
@limiter.limit(WRITES)
def submit_before(token: str) -> ResponseReturnValue:
    """Keep the answers."""
    seat = open_seat_for_all(LinkPurpose.JOIN, token)
    if seat.door != Door.OPEN:
        return redirect(url_for("client.show_join", token=token))
    typed, last = FormReader(request.form), _find_last(seat)
    try:
        answer = _read(typed, last, known_phone=_known_phone(seat, last))
    except InvalidInput as refusal:
        return _show(seat, token, errors=refusal.fields)
    keeping.say_whereabouts(
        attendee_id=seat.attendee.id,
        companion_id=seat.companion.id if seat.companion is not None else None,
        answer=answer,
        by=by_client(Via.LINK).through(seat.link),
        now=seat.now,
    )
    return redirect(url_for("client.show_before", token=token), HTTPStatus.SEE_OTHER)


def asks_before(seat: Seat) -> bool:
    """Whether the questions come next for the reader of a seat: they have not answered them for it."""
    return not answers.is_said_for(_find_last(seat), seat.attendee)


def _read(typed: FormReader, last: Whereabouts | None, *, known_phone: str) -> places.Whereabout:
    """What was typed counts, also where "the same place" is still chosen above it."""
    state, place = typed.text("state"), typed.text("place")
    if last is not None and typed.text("where") == SAME and not state and not place:
        state, place = last.jurisdiction or places.ABROAD, last.place
    return places.read_whereabout(
        state, place, typed.text("phone"), known_phone=known_phone, cannot_speak=typed.is_ticked("cannot_speak")
    )


def _show(seat: Seat, token: str, *, errors: Mapping[str, str] | None = None) -> ResponseReturnValue:
    last = _find_last(seat)
    known_phone = _known_phone(seat, last)
    is_said = not errors and "again" not in request.args and answers.is_said_for(last, seat.attendee)
    typed = FormReader(request.form)
    # Other numbers than the one a client can safely be reached at may be told by their last digits.
    ends_in = known_phone[-DIGITS_SHOWN:] if not seat.attendee.client.safe_phone else ""
    words = door_words.find_door_words(seat.language)
    said = door_words.say_problems(errors or {}, request.form, seat.language)
    return show_spoken(
        seat,
        "client/before.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        is_said=is_said,
        last_place=_say_where(last, words["abroad"]) if last is not None else "",
        states=[("", words["choose_state"]), *JURISDICTIONS.items(), (places.ABROAD, words["abroad"])],
        where=typed.text("where") or (SAME if last is not None else ELSEWHERE),
        state=typed.text("state"),
        place=typed.text("place"),
        phone=typed.text("phone"),
        knows_phone=bool(known_phone),
        ends_in=ends_in,
        cannot_speak=typed.is_ticked("cannot_speak") or (is_said and last is not None and last.cannot_speak),
        errors=said,
        enter_url=url_for("client.enter_room", token=token),
        before_url=url_for("client.submit_before", token=token),
        again_url=url_for("client.show_before", token=token, again="yes"),
        **help_at(seat, last),
    )


def _say_where(said: Whereabouts, abroad: str) -> str:
    state = JURISDICTIONS.get(said.jurisdiction or "", abroad)
    return f"{said.place}, {state}"


def help_in_crisis(seat: Seat) -> dict[str, Any]:
    """Whom the reader of a seat may call in a crisis, by where they said they are now: since the room opened."""
    return help_at(seat, _find_last(seat) if seat.now >= seat.appointment.room_opens_at else None)


def help_at(seat: Seat, last: Whereabouts | None) -> dict[str, Any]:
    """The same for whoever knows already what they said last, of whichever appointment."""
    said = last if answers.is_said_for(last, seat.attendee) else None
    return crisis_words.offer_crisis_help(seat.appointment.practice, said, seat.language)


def _find_last(seat: Seat) -> Whereabouts | None:
    return answers.find_last_said(seat.attendee, seat.companion)


def _known_phone(seat: Seat, last: Whereabouts | None) -> str:
    return answers.find_known_phone(seat.attendee, seat.companion, last)
