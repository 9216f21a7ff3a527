"""Proving the own number for alerts, on the page of one's account."""

from __future__ import annotations

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput, TooManyCodes
from telehealth.domain.messages.number_codes import Proof
from telehealth.services.inbox.own_numbers import prove_own_number, text_own_number
from telehealth.web.acting import by_staff
from telehealth.web.desk.frame import blueprint
from telehealth.web.form_reader import FormReader

SAID = {
    Proof.PROVED: ("Thank you. You are texted at this number from now on.", "success"),
    Proof.WRONG: ("This is not the code that we texted last. Please look once more.", "warning"),
    Proof.SPENT: ("That were too many tries with one code. Please ask for a new one.", "warning"),
    Proof.OVER: ("This code is too old. Please ask for a new one.", "warning"),
}


@blueprint.post("/account/alerts/code")
@access.staff()
def account_alert_code() -> ResponseReturnValue:
    """Text a code to the number that is kept."""
    try:
        text_own_number(user_id=by_staff().user_id or 0, by=by_staff(), now=clock.now())
        flash("We texted you a code. Please type it here within ten minutes.", "success")
    except TooManyCodes:
        flash("Several codes were sent already. Please use the newest one, or try again in an hour.", "warning")
    except InvalidInput as refusal:
        flash(refusal.fields["phone"], "warning")
    return _back()


@blueprint.post("/account/alerts/proof")
@access.staff()
def account_alert_proof() -> ResponseReturnValue:
    """Take the code that was texted."""
    typed, addresses = FormReader(request.form).text("code"), current_app.extensions["addresses"]
    try:
        found = prove_own_number(
            user_id=by_staff().user_id or 0, typed=typed, addresses=addresses, by=by_staff(), now=clock.now()
        )
        flash(*SAID[found])
    except InvalidInput as refusal:
        flash(refusal.fields["phone"], "warning")
    return _back()


def _back() -> ResponseReturnValue:
    return redirect(url_for("desk.account", _anchor="urgent-texts"))
