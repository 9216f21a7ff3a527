"""For whoever runs the service on their own machine: what was sent, a way to text as a client would, and what the
parts of the pages look like.

This blueprint does not exist in production; see ``web.init_app``.
"""

from __future__ import annotations

import uuid
from http import HTTPStatus

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.adapters.local import LocalOutbox, OutboxEntry
from telehealth.domain import access
from telehealth.domain.errors import NotFound
from telehealth.services.inbox.receiving import receive_text
from telehealth.web import styleguide
from telehealth.web.form_reader import FormReader
from telehealth.web.link_pages import find_addresses

SHOWN = 100
# Mail may contain anything. It has no script and no site of its own here; its styles are inline, as in every e-mail.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation"
)
TO_THE_WHOLE_WINDOW = '<base target="_top">'

blueprint = Blueprint("development", __name__, url_prefix="/dev")


@blueprint.get("/outbox")
@access.for_developers
def show_outbox() -> ResponseReturnValue:
    """What would have been sent, the newest first."""
    return render_template("development/outbox.html", entries=_entries(), shown=SHOWN)


@blueprint.post("/outbox/text")
@access.for_developers
def submit_text() -> ResponseReturnValue:
    """Text something to the practice as a client with this number would: Twilio's way in, without Twilio."""
    typed, body = FormReader(request.form), request.form.get("body", "")
    number = typed.phone("number", needed=True)
    if typed.problems:
        page = render_template(
            "development/outbox.html",
            entries=_entries(),
            shown=SHOWN,
            typed=request.form.get("number", ""),
            body=body,
            error=typed.problems["number"],
        )
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    kept = receive_text(
        provider_id=f"local-{uuid.uuid4()}",
        sender=number or "",
        recipient="",
        body=body,
        addresses=find_addresses(),
        now=clock.now(),
    )
    if kept is None:
        flash("No practice can be found that this text is meant for, so it was not kept.", "warning")
    else:
        flash(
            f"Taken as “{kept.meaning.value}”. If we answer, it appears here when the jobs process has run.", "success"
        )
    return redirect(url_for("development.show_outbox"))


@blueprint.get("/outbox/<name>/html")
@access.for_developers
def show_outbox_html(name: str) -> ResponseReturnValue:
    """The HTML of one e-mail, to be shown in a frame. Raises NotFound."""
    entry = _entry(name)
    if not entry.html:
        raise NotFound
    response = Response(entry.html.replace("<head>", f"<head>{TO_THE_WHOLE_WINDOW}", 1))
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


@blueprint.get("/outbox/<name>/invite.ics")
@access.for_developers
def download_outbox_invite(name: str) -> ResponseReturnValue:
    """The calendar file that came with an e-mail. Raises NotFound."""
    entry = _entry(name)
    if not entry.invite:
        raise NotFound
    response = Response(entry.invite, mimetype="text/calendar")
    response.headers["Content-Disposition"] = "attachment; filename=invite.ics"
    return response


@blueprint.get("/styleguide")
@access.for_developers
def show_style_guide() -> ResponseReturnValue:
    """One of every part of the pages."""
    return render_template("styleguide.html", **styleguide.make_samples(now=clock.now()))


def _entries() -> list[OutboxEntry]:
    folder: LocalOutbox = current_app.extensions["local_outbox"]
    return folder.read(SHOWN)


def _entry(name: str) -> OutboxEntry:
    """Looked up among what is there, so that a name is never used as a path. Raises NotFound."""
    found = next((entry for entry in _entries() if entry.name == name), None)
    if found is None:
        raise NotFound
    return found
