"""Mail to the practice, handed in by whoever receives it: a mail server's pipe, or a provider's inbound route."""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, current_app, request
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.adapters import dsn
from telehealth.adapters.inbound_mail import read_mail
from telehealth.domain import access
from telehealth.late import Library
from telehealth.services.delivery.bounces import record_bounces

if TYPE_CHECKING:
    from telehealth.services.delivery import inbound_mail
else:
    inbound_mail = Library("telehealth.services.delivery.inbound_mail")

blueprint = Blueprint("mail", __name__, url_prefix="/webhooks/mail")

WHOLE_MAIL = ("RawEmail", "body-mime", "email")
"""Where providers put the mail as it came: Postmark in JSON; Mailgun and SendGrid in a form."""
_SIGNATURE = re.compile(r"(?:^|[{,])\s*@([a-z0-9._-]+)\s*:\s*pass\s*(?=[,}]|$)", re.IGNORECASE)
"""A whole entry of SendGrid's list: whom a signature is for may hold words that look like one."""


@blueprint.before_request
def verify() -> None:
    """Refuse what does not carry our secret: bounces mark addresses, and answers ask clients questions. Providers that
    cannot send a token of their own put it into the address, as its password.
    """
    token = current_app.config["BOUNCE_TOKEN"]
    given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
    by_password = hmac.compare_digest(token.encode(), _password().encode("utf-8", "surrogateescape"))
    if not (hmac.compare_digest(f"Bearer {token}".encode(), given) or by_password):
        abort(403)


def _password() -> str:
    try:
        given = request.authorization
    except ValueError:  # It is no ASCII.
        return ""
    return (given.password or "") if given is not None else ""


@blueprint.post("/bounces")
@access.signed_by_provider
def bounced() -> ResponseReturnValue:
    """Take one mail, as it came, in the body. Answers 204 whatever it was: to send it again would change nothing."""
    record_bounces(bounces=dsn.read_bounces(request.get_data()), now=clock.now())
    return Response(status=204)


@blueprint.post("/inbound")
@access.signed_by_provider
def received() -> ResponseReturnValue:
    """Take one mail of any kind: as it came in the body, or in the form of Postmark, Mailgun or SendGrid. Answers 204
    whatever it was.
    """
    raw, signed_by = _mail()
    found = read_mail(raw, trusted=current_app.config["MAIL_AUTHSERV_ID"], signed_by=signed_by)
    inbound_mail.take_mail(mail=found, now=clock.now())
    return Response(status=204)


def _mail() -> tuple[bytes, Collection[str]]:
    """The mail, and the domains whose signatures SendGrid has checked ("{@example.com : pass}")."""
    if request.mimetype == "application/json":
        given = request.get_json(silent=True)
        said = given.get(WHOLE_MAIL[0], "") if isinstance(given, dict) else ""
        return str(said).encode("utf-8", "surrogateescape"), ()
    if not request.mimetype.startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        return request.get_data(), ()
    said = next((request.form[name] for name in WHOLE_MAIL if name in request.form), "")
    return said.encode("utf-8", "surrogateescape"), _SIGNATURE.findall(request.form.get("dkim", "")[:1000])
