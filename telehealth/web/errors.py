"""Refusals as pages: what happened, what was kept, what to do next. The words for each status are in the templates.
Scripts get theirs in JSON.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, current_app, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from telehealth.database import db
from telehealth.domain.access import is_answered_in_json
from telehealth.domain.contact import say_phone
from telehealth.domain.errors import LinkEnded, NotAllowed, NotFound, TelehealthError, Unavailable
from telehealth.web import access, terms
from telehealth.web.desk import frame

NO_FRAME: dict[str, Any] = {"viewer": None, "nav_items": (), "practice": None, "home_url": ""}


ErrorPage = tuple[str, int, dict[str, str]]
TOLD: dict[int, tuple[str, str]] = {
    400: ("page_outdated", "This page was open for a long time. Nothing was changed. Please load it anew."),
    401: ("signed_out", "You are not signed in any more. Please sign in again to go on."),
    413: ("too_large", "That was too large to send. Nothing was changed."),
    429: ("too_many_requests", "There were many requests in a short time. Please wait a moment, then try again."),
}
"""What scripts are told, by status, where the refusal has no code of its own."""
WENT_WRONG = ("error", "Something went wrong on our side. Please try again in a moment.")


def is_asked_by_script() -> bool:
    """Whether the view that was asked for says everything in JSON."""
    return is_answered_in_json(current_app.view_functions.get(request.endpoint or ""))


def tell_error(error: Exception) -> tuple[Response, int, dict[str, str]]:
    """The same as ``show_error`` in JSON: a code for the script, and a sentence for people."""
    status, sentence = _said(error)
    code, usual = (error.code, "") if isinstance(error, TelehealthError) else TOLD.get(status, WENT_WRONG)
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, Unavailable) else _headers(error)
    return jsonify(code=code, sentence=sentence or usual), status, headers


def show_error(error: Exception) -> ErrorPage:
    """The error page for any exception, its status and its headers. Never shows anything internal.

    At the desk it keeps the desk's frame and speaks to staff; everywhere else it speaks to clients.
    """
    status, sentence = _said(error)
    if _is_at_the_desk():
        # Of these two the template says more than their usual sentences do.
        if isinstance(error, NotFound | NotAllowed) and sentence == error.sentence:
            sentence = ""
        around = frame.around_the_page()
        about = {"status": status, "sentence": sentence, "wait": _wait(error), "typed": _typed(error)}
        page = render_template("errors/desk.html", **{**around, **about})
        return page, status, _headers(error)
    around = NO_FRAME if request.blueprint == frame.blueprint.name else {}
    about = {"status": status, "sentence": sentence, "wait": _wait(error), "next_step": _next_step(error)}
    page = render_template("errors/error.html", **{**around, **about})
    return page, status, _headers(error)


def show_unavailable(error: Unavailable) -> tuple[str, int, dict[str, str]]:
    """The page for a database that cannot be used, which asks it nothing: a plain one, for clients and staff. Programs
    that send us webhooks read the status.
    """
    template = current_app.jinja_env.get_template("errors/unavailable.html")  # Without whatever knows who is signed in.
    page = template.render(sentence=str(error), status=error.status)
    return page, error.status, {"Retry-After": str(error.retry_after)}


def _said(error: Exception) -> tuple[int, str]:
    """The status, and the sentence where the error has one for people."""
    if isinstance(error, TelehealthError):
        return error.status, str(error)
    known = isinstance(error, HTTPException) and error.code
    return int(known or HTTPStatus.INTERNAL_SERVER_ERROR), ""


def _next_step(error: Exception) -> str:
    """Whom to call about a link that was ended; empty for whatever the template has words for."""
    if not isinstance(error, LinkEnded) or not error.phone:
        return ""
    return f"Please open the link in your latest message, or call {error.sender_name} at {say_phone(error.phone)}."


def _typed(error: Exception) -> list[str]:
    """What somebody has typed into a form that counts no more, to be copied from the page: whatever is prose, and
    nothing that is secret. Not what another site makes a browser send: it would be shown as if it were ours.
    """
    if not isinstance(error, CSRFError) or request.headers.get("Origin", "") != request.host_url.rstrip("/"):
        return []
    fields = [each for name, each in request.form.items() if "password" not in name]
    return [each.strip() for each in fields if len(each.split()) > 1]


def _headers(error: Exception) -> dict[str, str]:
    return {"Retry-After": str(seconds)} if (seconds := _seconds(error)) else {}


def _seconds(error: Exception) -> int:
    """After how long it is worth another try: the window of a limit is over by then at the latest; 0: nobody knows."""
    limit = getattr(error, "limit", None)
    return limit.limit.get_expiry() if limit is not None else 0


def _wait(error: Exception) -> str:
    """ "a minute", "15 minutes", "24 hours"."""
    minutes = -(-_seconds(error) // 60)
    return terms.say_span(minutes) if minutes > 1 else "a minute"


def _is_at_the_desk() -> bool:
    """Whether somebody of the practice is signed in, and asked for something below the desk's address."""
    if request.path.split("/")[1] != frame.blueprint.name:
        return False
    db.session.rollback()  # A query that failed has left its transaction unusable.
    return access.staff_are_signed_in()
