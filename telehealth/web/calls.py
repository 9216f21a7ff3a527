"""The virtual room, as browsers ask for it: coming, telling each other, conducting, going. All of it in JSON, because
without script there is no room; every refusal says its code and a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Response, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.audit_words import Actor, Via
from telehealth.domain.errors import InvalidInput, NotFound, RoomNotReady
from telehealth.domain.languages import ENGLISH, nearest_language
from telehealth.domain.ports import Gateways, Guest
from telehealth.late import Library
from telehealth.models import Appointment, Caller
from telehealth.services.audit import ActedBy
from telehealth.web.headers import limiter
from telehealth.web.link_pages import make_link_blueprint

if TYPE_CHECKING:
    from telehealth.domain.video import calls, relays, waiting
    from telehealth.services.video import choosing, coming, conducting, exchanging, room_finding
    from telehealth.web import call_words
else:
    calls = Library("telehealth.domain.video.calls")
    choosing = Library("telehealth.services.video.choosing")
    relays = Library("telehealth.domain.video.relays")
    waiting = Library("telehealth.domain.video.waiting")
    coming = Library("telehealth.services.video.coming")
    conducting = Library("telehealth.services.video.conducting")
    exchanging = Library("telehealth.services.video.exchanging")
    room_finding = Library("telehealth.services.video.room_finding")
    call_words = Library("telehealth.web.call_words")

ALLOWS = "camera=(self), microphone=(self), display-capture=(self), screen-wake-lock=(self), geolocation=(), payment=()"
"""On the page of a room alone."""
ASKS = "300 per minute"
"""Of one caller: twice a second, and a few more while browsers find each other."""
ASKS_OF_NETWORK = "100 per second"
"""A clinic behind one address has many rooms. Counted first, because its window is the shorter one: whoever makes
callers up leaves no more counts behind than that.
"""
LONGEST_ID = 36
LARGEST_BODY = 150_000
"""Bytes: what a browser has to say to five others at once, with room for all their candidates."""
LOOKS_AFTER = timedelta(seconds=5)
"""Whoever waits for a room that is being made looks again."""
LONGEST_NOTE = 200
LONGEST_TIMER = 240
"""In minutes."""

_HALVES = re.compile("[\ud800-\udfff]")

blueprint = make_link_blueprint("calls")


def _find_caller_id() -> str:
    caller = _text(_parse_body() or {}, "caller")
    return f"caller:{caller}" if len(caller) <= LONGEST_ID else "caller:"


def show_room(
    appointment: Appointment,
    *,
    come_url: str,
    back_url: str,
    language: str = ENGLISH,
    **context: Any,
) -> Response:
    """The page of a room, which may use the camera and the microphone, in the language of whoever reads it."""
    words = call_words.find_call_words(language, is_guest="is_guest" in context)
    said: dict[str, Any] = {"frame_language": nearest_language(language), "words": words, "frame_words": words}
    said["has_relays"] = bool(current_app.config["TURN_URLS"])
    said["own_words"] = waiting.find_waiting_words(appointment.practice, language)
    page = render_template(
        "call/room.html", appointment=appointment, come_url=come_url, back_url=back_url, **said, **context
    )
    response = make_response(page)
    response.headers["Permissions-Policy"] = ALLOWS
    return response


def show_soon(
    *, again_url: str, back_url: str, language: str = ENGLISH, practice: object = None
) -> ResponseReturnValue:
    """The page for whoever comes while their room elsewhere is being made. It looks again by itself."""
    words, now = call_words.find_call_words(language), clock.now()
    page = render_template(
        "call/soon.html",
        now=now,
        look_at=now + LOOKS_AFTER,
        again_url=again_url,
        back_url=back_url,
        practice=practice,
        frame_language=nearest_language(language),
        words=words,
        frame_words=words,
    )
    return page, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "5"}


def find_way_elsewhere(appointment: Appointment, *, name: str, is_therapist: bool) -> str | None:
    """The address of the room where an appointment meets, for somebody of this name; None: in our own room. Raises
    NotFound where a link was promised that is none, RoomNotReady while the room is being made, which is seen to, and
    VideoFailed where a service has to be asked for the address and does not say it.
    """
    house, now = current_app.extensions["house_video"], clock.now()
    room = choosing.find_video_room(appointment, house=house, ring=current_app.extensions["key_ring"], now=now)
    if room.is_awaited:
        room_finding.ask_for_room(
            practice_id=appointment.practice_id, appointment_id=appointment.id, house=house, now=now
        )
        raise RoomNotReady
    gateways: Gateways = current_app.extensions["gateways"]
    return gateways.video.join_url(room, Guest(display_name=name, is_therapist=is_therapist))


def answer_comer(appointment: Appointment, comer: coming.Comer, by: ActedBy) -> ResponseReturnValue:
    """Let somebody come to a room. Raises what coming raises."""
    body = read_body()
    came = coming.come(
        practice_id=appointment.practice_id,
        appointment_id=appointment.id,
        comer=comer,
        key=_text(body, "key"),
        takes_over=body.get("takes_over") is True,
        by=by,
        now=clock.now(),
    )
    return jsonify(caller=came.caller_public_id, key=came.key, device=came.device, **give_relays(came.caller_public_id))


def give_relays(whom: str) -> dict[str, Any]:
    """What browsers need to find each other, and after how many seconds they ask for it anew. ``whom`` is opaque."""
    renewed_after = int((relays.LASTS / 2).total_seconds())
    return {"ice": relays.make_ice_servers(find_relays(), whom, now=clock.now()), "ice_seconds": renewed_after}


def find_relays() -> relays.Relays:
    """The servers that this installation has for it."""
    settings = current_app.config
    return relays.Relays(
        stun_urls=settings["STUN_URLS"], turn_urls=settings["TURN_URLS"], turn_secret=settings["TURN_SECRET"]
    )


@blueprint.post("/call/exchange")
@access.by_link
@limiter.limit(ASKS_OF_NETWORK)
@limiter.limit(ASKS, key_func=_find_caller_id)
@access.answers_in_json
def exchange_signals() -> ResponseReturnValue:
    """Take what a device has sent, and give it what is new."""
    body = read_body()
    now = clock.now()
    found = exchanging.exchange(
        **_read_device(body), after=_count(body, "after"), sent=_read_signals(body), now=now
    )  # fmt: skip
    call = found.call
    ids = {each.id: each.public_id for each in found.others}
    is_conductor = found.caller.role == calls.CallerRole.THERAPIST
    anew = (
        give_relays(found.caller.public_id)
        if body.get("renews_ice") is True and found.caller.state in calls.PRESENT
        else {}
    )
    timer = call.timer_ends_at if is_conductor or call.is_timer_shared else None
    return jsonify(
        me=_shown(found.caller, to_therapist=True),
        call={
            "is_awaited": found.is_awaited,
            "is_locked": call.is_locked,
            "note": call.note,
            "is_over": call.ended_at is not None,
            "timer_ends_at": timer.isoformat() if timer else None,
            "is_timer_shared": call.is_timer_shared,
        },
        others=[_shown(each, to_therapist=is_conductor) for each in found.others],
        signals=[
            {"id": each.id, "sender": ids[each.sender_id], "device": each.sender_device, "body": each.body}
            for each in found.signals
            if each.sender_id in ids
        ],
        last=max((each.id for each in found.signals), default=0),
        now=now.isoformat(),
        **anew,
    )


@blueprint.post("/call/do")
@access.by_link
@limiter.limit(ASKS_OF_NETWORK)
@limiter.limit(ASKS, key_func=_find_caller_id)
@access.answers_in_json
def conduct_call() -> ResponseReturnValue:
    """Do one thing in a call. Raises NotFound for what nobody knows."""
    body = read_body()
    deed = DEEDS.get(_text(body, "do"))
    if deed is None:
        raise NotFound
    deed(_read_device(body), body)
    return "", HTTPStatus.NO_CONTENT


def _read_device(body: Mapping[str, Any]) -> dict[str, Any]:
    """By what a device proves itself: its caller, its key, and whose sign-in, which still counts, the browser has."""
    login_id = getattr(current_user, "id", None)  # Nobody has none.
    return {"caller_public_id": _text(body, "caller"), "key": _text(body, "key"), "login_id": login_id}


def read_body() -> Mapping[str, Any]:
    """What a browser sent. Raises InvalidInput for anything but an object of JSON."""
    body = _parse_body()
    if body is None:
        raise InvalidInput({})
    return body


def _parse_body() -> Mapping[str, Any] | None:
    """The same; None for anything else. Raises RequestEntityTooLarge."""
    request.max_content_length = LARGEST_BODY
    try:
        body = request.get_json(silent=True)
    except RecursionError:  # Nested deeper than anything that a browser of ours sends.
        return None
    return body if isinstance(body, dict) else None


def _shown(caller: Caller, *, to_therapist: bool) -> dict[str, Any]:
    """Somebody in the room. That they cannot speak freely is for therapists: whoever is with them may be a caller."""
    return {
        "id": caller.public_id,
        "name": caller.name,
        "role": caller.role,
        "guest_kind": caller.guest_kind or "",
        "state": caller.state,
        "device": caller.device,
        "since": caller.came_at.isoformat(),
        "hand_at": caller.hand_at.isoformat() if caller.hand_at else None,
        "cannot_speak": to_therapist and caller.cannot_speak,
    }


def _read_signals(body: Mapping[str, Any]) -> list[calls.SignalSent]:
    sent = body.get("sent")
    return [
        calls.SignalSent(each["to"], each["number"], each["body"])
        for each in (sent if isinstance(sent, list) else [])
        if isinstance(each, dict)
        and _is_clean(each.get("to"))
        and type(each.get("number")) is int
        and 0 < each["number"] < 2**31
        and _is_clean(each.get("body"))
    ]


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name, "")
    return str(value) if _is_clean(value) else ""


def _is_clean(value: object) -> bool:
    """Whether it is text that a database can keep: no NUL, and no half of a letter."""
    return isinstance(value, str) and "\x00" not in value and not _HALVES.search(value)


def _count(body: Mapping[str, Any], name: str) -> int:
    value = body.get(name, 0)
    return value if type(value) is int and 0 <= value < 2**63 else 0


def _by_therapist() -> ActedBy:
    """Whoever conducts; the key of their device says who that is."""
    return ActedBy(Actor.STAFF, via=Via.PAGE, remote_address=request.remote_addr)


def _let_in(who: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    conducting.let_in(**who, whom=_text(body, "whom"), by=_by_therapist(), now=clock.now())


def _put_out(who: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    conducting.put_out(**who, whom=_text(body, "whom"), by=_by_therapist(), now=clock.now())


def _set_lock(who: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    conducting.set_lock(**who, is_locked=body.get("is_locked") is True, by=_by_therapist(), now=clock.now())


def _set_note(who: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    conducting.set_note(**who, note=" ".join(_text(body, "note").split())[:LONGEST_NOTE], now=clock.now())


def _set_timer(who: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    minutes = min(_count(body, "minutes"), LONGEST_TIMER)
    ends_at = clock.now() + timedelta(minutes=minutes) if minutes else None
    conducting.set_timer(**who, ends_at=ends_at, is_shared=body.get("is_shared") is True)


def _end_for_all(who: Mapping[str, Any], body: Mapping[str, Any]) -> None:  # noqa: ARG001 -- as the others
    conducting.end_for_all(**who, by=_by_therapist(), now=clock.now())


def _raise_hand(who: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    conducting.raise_hand(**who, is_up=body.get("is_up") is True, now=clock.now())


def _set_cannot_speak(who: Mapping[str, Any], body: Mapping[str, Any]) -> None:
    conducting.set_cannot_speak(**who, cannot_speak=body.get("cannot_speak") is True)


def _leave(who: Mapping[str, Any], body: Mapping[str, Any]) -> None:  # noqa: ARG001 -- as the others
    coming.leave(**who, now=clock.now())


DEEDS = {
    "let_in": _let_in,
    "put_out": _put_out,
    "set_lock": _set_lock,
    "set_note": _set_note,
    "set_timer": _set_timer,
    "end_for_all": _end_for_all,
    "raise_hand": _raise_hand,
    "set_cannot_speak": _set_cannot_speak,
    "leave": _leave,
}
