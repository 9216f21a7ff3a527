"""Texts about an appointment: on or off, by the client who would get them and nobody else."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import access
from telehealth.domain.addresses import Purpose
from telehealth.domain.contact import TEXT_CONSENT
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Via
from telehealth.services import consents
from telehealth.web.acting import by_client
from telehealth.web.client.seats import Phase, Seat, open_seat
from telehealth.web.headers import limiter

READS, WRITES = "120 per minute", "20 per minute"
PLEASE_AGREE = "Please tick the box, so that we may text you."


def add_to(blueprint: Blueprint) -> None:
    """Register the addresses."""
    blueprint.get("/m/<token>/texts", endpoint="texts")(ask)
    blueprint.post("/m/<token>/texts", endpoint="change_texts")(change)


@access.by_link
@limiter.limit(READS)
def ask(token: str) -> ResponseReturnValue:
    """The form. Where nothing is to come any more, there is nothing to text about."""
    seat = open_seat(Purpose.MANAGE, token)
    return form(seat, token) if seat.phase == Phase.AHEAD else _back(token)


@access.by_link
@limiter.limit(WRITES)
def change(token: str) -> ResponseReturnValue:
    """Turn them on, with consent, or off."""
    seat = open_seat(Purpose.MANAGE, token)
    if seat.phase != Phase.AHEAD:
        return _back(token)
    wants = request.form.get("do") == "on"
    typed, agreed = request.form.get("phone", ""), request.form.get("wants_texts") == "y"
    if wants and not agreed:
        return form(seat, token, typed=typed, errors={"wants_texts": PLEASE_AGREE})
    try:
        consents.set_texts(
            attendee=seat.attendee.public_id, phone=typed, wants=wants, by=by_client(Via.LINK), now=seat.now
        )
    except InvalidInput as refusal:
        return form(seat, token, typed=typed, agreed=agreed, errors=refusal.fields)
    return _back(token)


def form(
    seat: Seat,
    token: str,
    *,
    typed: str = "",
    agreed: bool = False,
    errors: dict[str, str] | None = None,
    problem: str = "",
) -> ResponseReturnValue:
    """With the words that are agreed to."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors or problem else HTTPStatus.OK
    return seat.page(
        "client/texts.html",
        status,
        typed=typed,
        agreed=agreed,
        errors=errors or {},
        problem=problem,
        consent=TEXT_CONSENT.format(sender=seat.appointment.practice.sender_name),
        manage_url=url_for("client.manage", token=token),
    )


def _back(token: str) -> ResponseReturnValue:
    return redirect(url_for("client.manage", token=token), HTTPStatus.SEE_OTHER)
