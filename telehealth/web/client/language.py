"""The language of messages, chosen by the client who reads them."""

from __future__ import annotations

from flask import flash, request
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.errors import InvalidInput
from telehealth.domain.languages import LANGUAGES
from telehealth.domain.words import Via
from telehealth.services.practice.client_files import set_language
from telehealth.web.acting import by_client
from telehealth.web.client.frame import blueprint
from telehealth.web.client.seats import open_seat
from telehealth.web.headers import limiter
from telehealth.web.link_pages import WRITES, redirect_to_appointment


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
