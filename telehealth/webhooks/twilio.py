"""What Twilio tells us: how far a text of ours got, and what people text to us."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.adapters import twilio
from telehealth.domain import access
from telehealth.domain.errors import NotFound
from telehealth.domain.message_words import ReplyMeaning
from telehealth.services.delivery.status_reports import StatusReport, record_status
from telehealth.services.inbox.receiving import receive_text

blueprint = Blueprint("twilio", __name__, url_prefix="/webhooks/twilio")

KEPT = ("MessageSid", "MessageStatus", "ErrorCode", "AccountSid", "MessagingServiceSid", "RawDlrDoneDate")
"""What is stored of a callback: no number and no body, which are in our own rows already."""

LONGEST_ID, LONGEST_WORD = 120, 40
"""What a row holds: Twilio's ids have 34 characters, its words are short."""

OPT_OUT_TYPES = {"STOP": ReplyMeaning.STOP, "START": ReplyMeaning.START, "HELP": ReplyMeaning.HELP}
"""Advanced Opt-Out says what it took a text for, and has answered it."""
NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
"""TwiML. Our answers go through the outbox, where they are kept, counted and retried like every other text."""


@blueprint.before_request
def verify() -> None:
    """Refuse what Twilio did not sign.

    The address is rebuilt from the public one: behind a proxy the request's own host and scheme are not what was
    signed.
    """
    address = current_app.config["PUBLIC_URL"] + request.full_path.removesuffix("?")
    signature = request.headers.get("X-Twilio-Signature", "")
    if not twilio.signature_is_valid(current_app.config["TWILIO_AUTH_TOKEN"], address, request.form, signature):
        abort(403)


@blueprint.post("/status/<reference>")
@access.signed_by_provider
def status(reference: str) -> ResponseReturnValue:
    """Record how far a text got. Answers 204 even when it tells us nothing new, because Twilio could do no better."""
    given = {name: request.form.get(name, "")[:LONGEST_ID].replace("\0", "") for name in KEPT}
    report = StatusReport(
        provider_id=given["MessageSid"],
        provider_status=given["MessageStatus"][:LONGEST_WORD],
        status=twilio.STATUSES.get(given["MessageStatus"]),
        error_code=given["ErrorCode"][:LONGEST_WORD] or None,
        remedy=twilio.remedy_of(given["ErrorCode"]),
        raw={name: value for name, value in given.items() if value},
    )
    try:
        record_status(reference=reference, report=report, now=clock.now())
    except NotFound:
        current_app.logger.warning("a status came for a message that we do not have")
    return Response(status=204)


@blueprint.post("/inbound")
@access.signed_by_provider
def inbound() -> ResponseReturnValue:
    """Take a text that somebody sent to us. Delivered twice it is taken once."""
    form = request.form
    provider_id = _given("MessageSid", LONGEST_ID) or _given("SmsSid", LONGEST_ID)
    if provider_id:
        receive_text(
            provider_id=provider_id,
            sender=_given("From", LONGEST_WORD),
            recipient=_given("To", LONGEST_WORD),
            body=form.get("Body", ""),
            opt_out=OPT_OUT_TYPES.get(_given("OptOutType", LONGEST_WORD).upper()),
            pictures=form.get("NumMedia", 0, type=int),
            addresses=current_app.extensions["addresses"],
            now=clock.now(),
        )
    else:
        current_app.logger.warning("a text came without an id")
    return Response(NOTHING_TO_SAY, mimetype="text/xml")


def _given(field: str, longest: int) -> str:
    return request.form.get(field, "").replace("\0", "")[:longest]
