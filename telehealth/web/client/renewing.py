"""A form whose token no longer counts, for example because the browser was closed: it is asked once more, as it was."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.errors import LinkInvalid
from telehealth.web import errors
from telehealth.web.client import managing, texts
from telehealth.web.client.seats import Phase, open_seat

RENEWED = "This page had been open for a long time, so we renewed it. Please press the button again."
NOTHING_CANCELLED = (
    "This page had been open for a long time, so we renewed it. Nothing is cancelled yet. "
    "Please press the button again."
)


def add_to(blueprint: Blueprint) -> None:
    """Handle what the token check refuses."""
    blueprint.register_error_handler(CSRFError, renew)


def renew(_error: CSRFError) -> ResponseReturnValue:
    """The same page with what was typed; where nothing was, its address asked for anew."""
    token = (request.view_args or {})["token"]
    try:
        seat = open_seat(LinkPurpose.MANAGE, token)
    except LinkInvalid as refusal:  # Nobody else would hear it: this is an error handler already.
        return errors.page(refusal)
    if request.endpoint == "client.cancel" and seat.may_cancel:
        return managing.show_cancel_form(seat, problem=NOTHING_CANCELLED)
    if request.endpoint == "client.change_texts" and seat.phase == Phase.AHEAD:
        return texts.show_texts_form(seat, token, problem=RENEWED)
    flash(RENEWED, "warning")
    here = request.full_path if request.endpoint == "client.submit_move" else url_for("client.manage", token=token)
    return redirect(here, HTTPStatus.SEE_OTHER)
