"""The language and the time zone of messages, chosen by the client who reads them."""

from __future__ import annotations

from flask import flash, request
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.audit_words import Via
from telehealth.domain.errors import InvalidInput
from telehealth.domain.languages import LANGUAGES
from telehealth.domain.times import zone_name
from telehealth.domain.walltime import zone
from telehealth.services.consent.contact_preferences import set_timezone
from telehealth.services.practice.client_files import set_language
from telehealth.web.acting import by_client
from telehealth.web.booking.zones import list_zones
from telehealth.web.client.frame import blueprint
from telehealth.web.client.seats import open_seat
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, WRITES, make_manage_url, redirect_to_appointment


@blueprint.post("/m/<token>/language")
@access.by_link
@limiter.limit(WRITES)
def submit_language(token: str) -> ResponseReturnValue:
    """Write to them in this language from now on."""
    seat, chosen = open_seat(LinkPurpose.MANAGE, token), request.form.get("locale", "")
    practice_id, client = seat.appointment.practice_id, seat.attendee.client.public_id
    try:
        set_language(
            practice_id=practice_id, client_public_id=client, locale=chosen, by=by_client(Via.LINK), now=clock.now()
        )
    except InvalidInput as refusal:
        flash(f"{refusal.fields['locale']} Nothing was changed.", "warning")
    else:
        flash(f"From now on we write to you in: {LANGUAGES[chosen]}.", "success")
    return redirect_to_appointment(token)


@blueprint.get("/m/<token>/timezone")
@access.by_link
@limiter.limit(READS)
def show_timezone(token: str) -> ResponseReturnValue:
    """Which one they live by: a page of its own, because there are hundreds."""
    seat = open_seat(LinkPurpose.MANAGE, token)
    own = zone(seat.attendee.timezone)
    choices = list_zones(own, zone(seat.appointment.practice.timezone))
    return seat.page("client/timezone.html", zones=choices, own=own.key, manage_url=make_manage_url(seat.attendee))


@blueprint.post("/m/<token>/timezone")
@access.by_link
@limiter.limit(WRITES)
def submit_timezone(token: str) -> ResponseReturnValue:
    """Say times to them in this zone from now on."""
    seat, chosen = open_seat(LinkPurpose.MANAGE, token), request.form.get("timezone", "")
    practice_id, client = seat.appointment.practice_id, seat.attendee.client.public_id
    try:
        set_timezone(
            practice_id=practice_id, client_public_id=client, timezone=chosen, by=by_client(Via.LINK), now=clock.now()
        )
    except InvalidInput as refusal:
        flash(f"{refusal.fields['timezone']} Nothing was changed.", "warning")
    else:
        flash(f"From now on we say times in: {zone_name(zone(chosen))}.", "success")
    return redirect_to_appointment(token)
