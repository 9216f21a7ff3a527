"""Ending e-mails of one kind: with the button of the mail program (RFC 8058), or with the one on this page.

Looking changes nothing: programs that look at links in messages must not unsubscribe anybody. The link is the proof,
and mail providers post without having asked for a form, so no token of one is asked for (``web.access``).
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.audit_words import Via
from telehealth.domain.consent.contactability import ABOUT_PURPOSE
from telehealth.domain.message_words import Channel, ConsentSource, Purpose
from telehealth.queries.consent.opt_outs import find_client_by_link, latest_consents
from telehealth.services.consent.consents import say_consent
from telehealth.web.acting import by_client
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, Sender, find_addresses, make_link_blueprint

WRITES = "60 per minute"
ONE_CLICK = "One-Click"
WORDING = {
    True: "Send me e-mails {about} again.",
    False: "Send me no more e-mails {about}.",
}
BY_PROGRAM = "The mail program's own button: no more e-mails {about}."

blueprint = make_link_blueprint("unsubscribing")


@blueprint.get("/u/<token>")
@access.by_link
@limiter.limit(READS)
def show_unsubscribe(token: str) -> ResponseReturnValue:
    """What would end, and the button; or that it has ended, and the way back. Raises LinkInvalid."""
    link, purpose = find_addresses().read_unsubscribe(token)
    client, practice = find_client_by_link(link)
    return render_template(
        "unsubscribe.html",
        practice=Sender.of_practice(practice),
        about=ABOUT_PURPOSE[purpose],
        has_ended=_has_ended(client.id, purpose),
        token=token,
    )


@blueprint.post("/u/<token>")
@access.by_link
@limiter.limit(WRITES)
def submit_unsubscribe(token: str) -> ResponseReturnValue:
    """End them, or take that back. A mail program's click is answered at once, people go back to the page."""
    link, purpose = find_addresses().read_unsubscribe(token)
    client, practice = find_client_by_link(link)
    is_click = request.form.get("List-Unsubscribe") == ONE_CLICK
    is_given = request.form.get("do") == "on" and not is_click
    if _has_ended(client.id, purpose) == is_given:  # Pressed twice it is said once.
        say_consent(
            practice_id=practice.id,
            client_public_id=client.public_id,
            channel=Channel.EMAIL,
            purpose=purpose,
            is_given=is_given,
            source=ConsentSource.LINK,
            wording=(BY_PROGRAM if is_click else WORDING[is_given]).format(about=ABOUT_PURPOSE[purpose]),
            by=by_client(Via.LINK),
            now=clock.now(),
        )
    if is_click:
        return Response("Unsubscribed.\n", HTTPStatus.OK, mimetype="text/plain")
    return redirect(url_for("unsubscribing.show_unsubscribe", token=token), HTTPStatus.SEE_OTHER)


def _has_ended(client_id: int, purpose: Purpose) -> bool:
    said = latest_consents([client_id]).get((client_id, Channel.EMAIL, purpose))
    return said is not None and not said.is_given
