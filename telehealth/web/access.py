"""Enforces the marks of ``domain.access`` on pages, and ends sign-ins that no longer count."""

from __future__ import annotations

from flask import Flask, abort, current_app, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.access import Audience
from telehealth.domain.errors import NotAllowed
from telehealth.services.practice.sign_ins import follow_sign_in
from telehealth.web.acting import viewer
from telehealth.web.headers import csrf

SIGN_IN = "sign_in"
OTHER_DOORS = ("/api/", "/webhooks/")
POSTED_BY_PROGRAMS = {"unsubscribing.submit_unsubscribe"}
"""A mail provider posts to it for whoever pressed its button (RFC 8058): it has seen no form of ours, and needs none,
because the address itself is the secret.
"""
PROVEN_BY_KEY = {"calls.exchange_signals", "calls.conduct_call"}
"""What a device in a call sends proves itself with a key in its body, which no other site knows. A form token would end
the call with the browser's session: when somebody changes practices, or signs out, in another window.
"""
ASKED_BY_ITSELF = {"desk.counts"}
"""What an open page asks again and again: nobody stays signed in by leaving it open."""
OPEN_ENDPOINTS = {
    "static",
    "security.login",
    "security.logout",
    "security.two_factor_token_validation",
    "security.mf_recovery",
    "security.verify",
    "security.two_factor_setup",
    "security.two_factor_setup_validate",
    "security.mf_recovery_codes",
}
"""Views of the libraries, which cannot carry a mark: files, and the pages for signing in. The last four send away
whoever is not signed in.
"""
SECOND_STEP_DUE = "Your practice asks everybody for a second step when they sign in. Please set one up now."
SETS_UP_SECOND_STEP = {"passkeys.show_new", "passkeys.submit_new", "passkeys.show_again", "passkeys.submit_again"}
"""What is open to somebody of a practice that asks for a second step, who has none yet."""


def init_app(app: Flask) -> None:
    """Look at every request for a page before its view does."""
    app.before_request(enforce)


def enforce() -> ResponseReturnValue | None:
    """Let the request through, send it to the sign-in page, or refuse it."""
    if request.path.startswith(OTHER_DOORS) or request.endpoint is None:
        return None
    if request.endpoint != "static":
        _check_form(request.endpoint)
        _end_stale_sign_in()
    if request.endpoint in OPEN_ENDPOINTS:
        return None
    decision = access.access_of(current_app.view_functions[request.endpoint])
    if decision is None and request.endpoint.startswith("security."):
        abort(404)  # Flask-Security brings a few views that no page of ours uses.
    if decision is None:
        raise RuntimeError(f"the view {request.endpoint} does not say who it is for")
    if decision.audience == Audience.STAFF:
        return _only_staff(decision)
    return None


def _check_form(endpoint: str) -> None:
    if endpoint not in POSTED_BY_PROGRAMS | PROVEN_BY_KEY:
        csrf.protect()
    if endpoint.startswith("security.") and request.is_json:
        abort(400)  # The library would read JSON as well, in which nobody counts whose password is guessed.


def _only_staff(decision: access.Access) -> ResponseReturnValue | None:
    if not current_user.is_authenticated:
        if request.method != "GET":
            abort(401)
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
    if not viewer.has(*decision.roles):
        raise NotAllowed
    since = current_user.second_step_since
    is_due = since is not None and since <= clock.now() and request.endpoint not in SETS_UP_SECOND_STEP
    if is_due and not current_user.has_second_step:
        flash(SECOND_STEP_DUE, "notice")
        return redirect(url_for("security.two_factor_setup"))
    return None


def staff_are_signed_in() -> bool:
    """Whether somebody of a practice is signed in, and the sign-in still counts."""
    return _counts() and viewer.has(*access.AT_THE_DESK)


def forget_open_forms() -> None:
    """Let no form count that this browser was shown so far: in another practice it would be about something else."""
    session.pop("csrf_token", None)


def _end_stale_sign_in() -> None:
    """The cookie alone proves nothing: its sign-in must still count on the server.

    Flask-Security knows other ways to be somebody (a "remember me" cookie, a token in a header). They leave no sign-in
    that could be ended from here, so they do not count either.
    """
    if "_user_id" not in session and not current_user.is_authenticated:
        return
    if not _counts():
        logout_user()
        session.clear()
        flash("You were signed out to keep things private. Please sign in again.", "notice")


def _counts() -> bool:
    """Whether the sign-in of the cookie counts; if so, it says in which practice it is at work."""
    secret = session.get(SIGN_IN)
    if not current_user.is_authenticated or not secret:
        return False
    is_a_person = request.endpoint not in ASKED_BY_ITSELF
    g.viewer = follow_sign_in(login_id=current_user.id, secret=secret, now=clock.now(), is_a_person=is_a_person)
    return g.viewer is not None
