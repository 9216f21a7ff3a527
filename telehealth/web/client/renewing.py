"""A form whose token no longer counts, for example because the browser was closed: it is asked once more, as it was."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.errors import LinkEnded, LinkInvalid
from telehealth.web import errors
from telehealth.web.client import managing, texts
from telehealth.web.client.frame import blueprint
from telehealth.web.client.seats import Phase, open_seat_for_all
from telehealth.web.link_pages import redirect_to_appointment

RENEWED = "This page had been open for a long time, so we renewed it. Please press the button again."
NOTHING_CANCELLED = (
    "This page had been open for a long time, so we renewed it. Nothing is cancelled yet. "
    "Please press the button again."
)


@blueprint.errorhandler(CSRFError)
def renew_page(error: CSRFError) -> ResponseReturnValue:
    """The same page with what was typed; where nothing was, its address asked for anew. A script is told."""
    if errors.is_asked_by_script():
        return errors.tell_error(error)
    token = (request.view_args or {})["token"]
    try:
        seat = open_seat_for_all(LinkPurpose.MANAGE, token)
    except (LinkInvalid, LinkEnded) as refusal:  # Nobody else would hear it: this is an error handler already.
        return errors.show_error(refusal)
    if request.endpoint == "client.submit_cancel" and seat.may_cancel:
        return managing.show_cancel_form(seat, problem=NOTHING_CANCELLED)
    if request.endpoint == "client.submit_texts" and seat.phase == Phase.AHEAD:
        return texts.show_texts_form(seat, token, problem=RENEWED)
    flash(RENEWED, "warning")
    if request.endpoint == "client.submit_move":
        return redirect(request.full_path, HTTPStatus.SEE_OTHER)
    return redirect_to_appointment(token)
