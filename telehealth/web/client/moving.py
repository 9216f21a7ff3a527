"""Moving an appointment: how and with whom, a week of times, old and new side by side, and back again."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.audit_words import Via
from telehealth.domain.errors import (
    ImpossibleStatus,
    InsideWindow,
    InvalidInput,
    MovedTooOften,
    NotAllowed,
    NotFound,
    PleaseCall,
    ServiceEnded,
    SlotNotOffered,
    SlotTaken,
    TelehealthError,
    TooLate,
    TooManyHolds,
)
from telehealth.domain.words import Mode
from telehealth.services.appointments.moving import Destination, move_by_link
from telehealth.web.acting import by_client
from telehealth.web.booking.choices import BookingQuestion
from telehealth.web.booking.visitor_holds import forget_visitor_hold
from telehealth.web.client import changes
from telehealth.web.client.frame import blueprint
from telehealth.web.client.move_pages import MovePage, read_move_page
from telehealth.web.client.seats import Seat, open_seat_for_all
from telehealth.web.free_times import ShownSlot
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, WRITES, read_manage_link, redirect_to_appointment

REFUSED = (SlotTaken, SlotNotOffered, PleaseCall)
NOT_KEPT = (*REFUSED, TooManyHolds)
CANNOT_BE = (InsideWindow, MovedTooOften, TooLate, ImpossibleStatus, NotAllowed, NotFound, ServiceEnded)
"""The appointment's own page says each of these better than an error would."""
BACK = "Your appointment is back where it was."
UNDOES = "undoes"
"""The field that says which change is undone: pressed twice, the button must not undo its own undoing."""
NOT_BACK = "Somebody took the old time meanwhile, so your appointment stays at the new one."


@blueprint.get("/m/<token>/move")
@access.by_link
@limiter.limit(READS)
def show_move(token: str) -> ResponseReturnValue:
    """How and with whom, where there is a choice; then the times; then old and new side by side."""
    seat = open_seat_for_all(LinkPurpose.MANAGE, token)
    if not seat.may_move:
        return redirect_to_appointment(token)
    page = read_move_page(seat, token)
    slot = page.slot
    if page.choices.question() != BookingQuestion.TIME or page.asks_how:
        return page.show_question(answered="mode" in request.args)
    if slot is None:
        return page.show_times(problem=SlotNotOffered.sentence if "slot" in request.args else "")
    if not page.is_offered(slot):
        return page.show_times(near=slot, problem=SlotTaken.sentence)
    return page.show_confirm(slot)


@blueprint.post("/m/<token>/move")
@access.by_link
@limiter.limit(WRITES)
def submit_move(token: str) -> ResponseReturnValue:
    """A chosen time is kept; a confirmed one becomes the appointment's."""
    seat = open_seat_for_all(LinkPurpose.MANAGE, token)
    if not seat.may_move:
        return redirect_to_appointment(token)
    page = read_move_page(seat, token)
    slot = page.slot
    if page.choices.question() != BookingQuestion.TIME:
        return page.show_question(answered=True)
    if slot is None:
        return page.show_times(problem=SlotNotOffered.sentence)
    if "slot" in request.form:
        return _choose(page, slot)
    if request.form.get("do") == "keep":
        return _keep_longer(page, slot)
    return _confirm(page, slot)


def _choose(page: MovePage, slot: ShownSlot) -> ResponseReturnValue:
    """Keep the time. One that overlaps the appointment itself needs no keeping: nobody else could take it. Nor does one
    stand in the way when too many are kept: then it is to be confirmed soon.
    """
    try:
        page, slot = page.keep(slot)
    except NOT_KEPT as refusal:
        page = page.without_hold()
        if not page.is_offered(slot):
            return page.show_times(near=slot, problem=_say(refusal))
        if isinstance(refusal, TooManyHolds):
            flash(str(refusal), "warning")
    except CANNOT_BE:
        return redirect_to_appointment(page.token)
    return redirect(page.slot_url(slot), HTTPStatus.SEE_OTHER)


def _say(refusal: TelehealthError) -> str:
    """Whatever kept it from being kept: of a time that is gone, only that counts."""
    return SlotTaken.sentence if isinstance(refusal, TooManyHolds) else str(refusal)


def _keep_longer(page: MovePage, slot: ShownSlot) -> ResponseReturnValue:
    try:
        page = page.keep_longer(slot)
    except TooManyHolds as refusal:
        return page.show_confirm(slot, problem=str(refusal))
    except REFUSED as refusal:
        return page.show_times(near=slot, problem=str(refusal))
    except CANNOT_BE:
        return redirect_to_appointment(page.token)
    return redirect(page.slot_url(slot), HTTPStatus.SEE_OTHER)


def _confirm(page: MovePage, slot: ShownSlot) -> ResponseReturnValue:
    try:
        _move(page.token, page.destination(slot), now=page.seat.now)
    except REFUSED as refusal:
        return page.show_times(near=slot, problem=str(refusal))
    except InvalidInput as refusal:
        return page.show_confirm(slot, errors=refusal.fields)
    except CANNOT_BE:
        return redirect_to_appointment(page.token)
    forget_visitor_hold()
    return redirect(url_for("client.show_moved", token=page.token), HTTPStatus.SEE_OTHER)


@blueprint.get("/m/<token>/moved")
@access.by_link
@limiter.limit(READS)
def show_moved(token: str) -> ResponseReturnValue:
    """What has changed, who hears of it when, and the way back."""
    seat = open_seat_for_all(LinkPurpose.MANAGE, token)
    before = changes.find_last_move(seat)
    if before is None:
        return redirect_to_appointment(token)
    return seat.page("client/moved.html", **_about(seat, token), before=before)


@blueprint.post("/m/<token>/undo")
@access.by_link
@limiter.limit(WRITES)
def submit_undo(token: str) -> ResponseReturnValue:
    """Back to where it was: a move like any other, so that both together tell nobody."""
    seat = open_seat_for_all(LinkPurpose.MANAGE, token)
    before = changes.find_last_move(seat)
    if before is not None and seat.may_undo and request.form.get(UNDOES) == str(seat.appointment.sequence):
        quiet = seat.told_in_minutes > 0  # Another change starts the grace anew.
        try:
            _move(token, before.destination, now=seat.now)
        except (*REFUSED, InvalidInput):
            flash(NOT_BACK, "warning")
        except CANNOT_BE:
            pass
        else:
            flash(f"{BACK} Nobody was bothered." if quiet else BACK, "success")
    return redirect_to_appointment(token)


def _move(token: str, to: Destination, *, now: datetime) -> None:
    move_by_link(link=read_manage_link(token), to=to, by=by_client(Via.LINK), now=now)


def _about(seat: Seat, token: str) -> dict[str, Any]:
    return {
        "manage_url": url_for("client.show_appointment", token=token),
        "undo_url": url_for("client.submit_undo", token=token) if seat.may_undo else "",
        "by_video": seat.appointment.mode == Mode.VIRTUAL,
    }
