"""Mail that came back, handed in by whoever receives it: a mail server's pipe, or a provider's inbound route."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.adapters import dsn
from telehealth.domain import access
from telehealth.services.delivery.bounces import record_bounces

blueprint = Blueprint("mail", __name__, url_prefix="/webhooks/mail")


@blueprint.before_request
def verify() -> None:
    """Refuse what does not carry our secret: bounces mark addresses."""
    expected = f"Bearer {current_app.config['BOUNCE_TOKEN']}".encode()
    given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(expected, given):
        abort(403)


@blueprint.post("/bounces")
@access.signed_by_provider
def bounced() -> ResponseReturnValue:
    """Take one mail, as it came, in the body. Answers 204 whatever it was: to send it again would change nothing."""
    record_bounces(bounces=dsn.read_bounces(request.get_data()), now=clock.now())
    return Response(status=204)
