"""What a client gets from us: texts about their appointments on or off, and everything else they may end, by the client
who would get it and nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.audit_words import Via
from telehealth.domain.consent.contactability import ABOUT_PURPOSE, PLURALS, THEIRS_TO_REFUSE, reached_at
from telehealth.domain.contact import TEXT_CONSENT
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.message_words import Channel, ConsentSource, Purpose, SuppressionReason
from telehealth.services.consent.consents import say_consent, set_texts
from telehealth.web.acting import by_client
from telehealth.web.client.frame import blueprint
from telehealth.web.client.seats import Phase, Seat, open_seat
from telehealth.web.form_reader import FormReader
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, WRITES, make_manage_url, read_manage_link, redirect_to_appointment

PLEASE_AGREE = "Please tick the box, so that we may text you."
CHOICES = {
    f"{purpose} {channel}": (purpose, channel)
    for purpose in Purpose
    if purpose in THEIRS_TO_REFUSE
    for channel in (Channel.EMAIL, Channel.TEXT)
}
"""What can be ended besides texts about appointments, as the form names it."""
WORDING = {True: "Send me {what} {about}.", False: "Send me no {what} {about}."}
CALL_US = {
    SuppressionReason.STOP: "Texts to your phone were ended with STOP. Text START to us from it, and they begin again.",
    SuppressionReason.BLOCKED: "Your phone or its carrier blocks our texts. Text START to us from it to begin again.",
    SuppressionReason.STAFF: "We were asked not to text your number. Please call us to change that.",
    SuppressionReason.PAUSED: "Texts to your phone are paused: you may want no more. Text START to us, or call us.",
    SuppressionReason.BAD_ADDRESS: "Our texts to your number do not arrive. Please enter another one below.",
}
"""Why a number is not texted, as its owner may read it."""


@blueprint.get("/m/<token>/texts")
@access.by_link
@limiter.limit(READS)
def show_texts(token: str) -> ResponseReturnValue:
    """The form. Where nothing is to come any more, there is nothing to text about."""
    seat = open_seat(LinkPurpose.MANAGE, token)
    return show_texts_form(seat, token) if seat.phase == Phase.AHEAD else redirect_to_appointment(token)


@blueprint.post("/m/<token>/texts")
@access.by_link
@limiter.limit(WRITES)
def submit_texts(token: str) -> ResponseReturnValue:
    """Turn them on, with consent, or off."""
    seat = open_seat(LinkPurpose.MANAGE, token)
    if seat.phase != Phase.AHEAD:
        return redirect_to_appointment(token)
    wants, typed = request.form.get("do") == "on", FormReader(request.form)
    if wants and not typed.is_ticked("wants_texts"):
        return show_texts_form(seat, token, errors={"wants_texts": PLEASE_AGREE})
    phone = request.form.get("phone", "")
    try:
        changed = set_texts(
            link=read_manage_link(token), phone=phone, wants=wants, by=by_client(Via.LINK), now=seat.now
        )
    except InvalidInput as refusal:
        return show_texts_form(seat, token, errors=refusal.fields)
    return redirect(make_manage_url(changed), HTTPStatus.SEE_OTHER)


@blueprint.post("/m/<token>/wishes")
@access.by_link
@limiter.limit(WRITES)
def submit_message_wish(token: str) -> ResponseReturnValue:
    """End messages of one purpose on one channel, or begin them again. Nothing is cancelled by it."""
    seat = open_seat(LinkPurpose.MANAGE, token)
    chosen = CHOICES.get(request.form.get("about", ""))
    if chosen is None:
        raise NotFound
    purpose, channel = chosen
    is_given = request.form.get("do") == "on"
    if is_given and seat.phase != Phase.AHEAD:
        return redirect_to_appointment(token)
    say_consent(
        practice_id=seat.attendee.practice_id,
        client_public_id=seat.attendee.client.public_id,
        channel=channel,
        purpose=purpose,
        is_given=is_given,
        source=ConsentSource.LINK,
        wording=WORDING[is_given].format(what=PLURALS[channel], about=ABOUT_PURPOSE[purpose]),
        link=read_manage_link(token),
        by=by_client(Via.LINK),
        now=seat.now,
    )
    return redirect(url_for("client.show_texts", token=token, _anchor="wishes"), HTTPStatus.SEE_OTHER)


def show_texts_form(
    seat: Seat, token: str, *, errors: Mapping[str, str] | None = None, problem: str = ""
) -> ResponseReturnValue:
    """With the words that are agreed to."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors or problem else HTTPStatus.OK
    return seat.page(
        "client/texts.html",
        status,
        typed=request.form.get("phone", ""),
        agreed=FormReader(request.form).is_ticked("wants_texts"),
        errors=errors or {},
        problem=problem,
        consent=TEXT_CONSENT.format(sender=seat.appointment.practice.sender_name),
        manage_url=url_for("client.show_appointment", token=token),
        wish_url=url_for("client.submit_message_wish", token=token),
        wishes=_wishes(seat),
        left_alone=_left_alone(seat),
    )


@dataclass(frozen=True, slots=True)
class EndableMessages:
    """Something that can be ended here. ``value`` names it in the form."""

    value: str
    what: str
    is_wanted: bool


def _wishes(seat: Seat) -> list[EndableMessages]:
    refused = seat.withheld.refused
    return [
        EndableMessages(
            value,
            f"{PLURALS[channel]} {ABOUT_PURPOSE[purpose]}".capitalize(),
            (seat.attendee.client_id, channel, purpose) not in refused,
        )
        for value, (purpose, channel) in CHOICES.items()
        if channel == Channel.EMAIL or seat.gets_texts
    ]


def _left_alone(seat: Seat) -> str:
    """Why the number is not texted although its owner once agreed; "" when there is no such reason."""
    where = reached_at(seat.attendee, seat.attendee.client, Channel.TEXT)
    reason = seat.withheld.suppressed.get((Channel.TEXT, where or ""))
    return CALL_US[reason] if reason is not None else ""
