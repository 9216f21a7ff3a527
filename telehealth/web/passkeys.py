"""Passkeys of staff: signing in with one, proving once more who it is, adding and removing them.

One that checks who holds it is enough to sign in; after the password any of the login will do, as a second step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security.tf_plugin import TfPluginBase
from flask_security.utils import login_user, validate_redirect_url

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.models import Login, Passkey
from telehealth.services.logins.passkeys import add_passkey, remove_passkey
from telehealth.web.acting import by_staff, viewer
from telehealth.web.form_reader import FormReader
from telehealth.web.headers import limiter
from telehealth.web.passkey_questions import (
    Purpose,
    ask_for_passkey,
    ask_to_make_one,
    has_passkeys,
    read_new_passkey,
    read_passkey,
)
from telehealth.web.second_step import find_who_began, forget_beginning, proven

TRIES = "60 per minute"
"""From one network. A passkey cannot be guessed; this keeps a stranger from letting us compute."""
NO_NAME = "Please give it a name, so that you know it in the list."

blueprint = Blueprint("passkeys", __name__)


class PasskeyStep(TfPluginBase):
    """Lets the library ask for a passkey after the password. Whoever has an app as well is asked for its code; that
    page leads here.
    """

    def create_blueprint(self, app: Any, bp: Any, state: Any) -> None:
        """The pages are ours."""

    def get_setup_methods(self, user: Any) -> list[tuple[str, str]]:
        """Passkeys, if there is nothing else."""
        return [("passkey", "Passkey")] if user.passkeys and not user.authenticator_secret else []

    def tf_login(self, user: Any, json_payload: Any, next_loc: str | None) -> Any:  # noqa: ARG002 -- its signature
        """To the page that asks."""
        session["tf_state"] = "ready"
        return redirect(url_for("passkeys.show_sign_in", next=next_loc))


def _where_there_are(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """The same view; not found at an address for which browsers make no passkeys."""

    @wraps(view)
    def look(**given: str) -> ResponseReturnValue:
        return view(**given) if has_passkeys() else abort(HTTPStatus.NOT_FOUND)

    return look


@blueprint.get("/sign-in/passkey")
@access.public
@_where_there_are
def show_sign_in() -> ResponseReturnValue:
    """Ask for a passkey, after the password or instead of it."""
    return redirect(url_for("desk.today")) if current_user.is_authenticated else _sign_in_page({})


@blueprint.post("/sign-in/passkey")
@access.public
@limiter.limit(TRIES)
@_where_there_are
def submit_sign_in() -> ResponseReturnValue:
    """Sign in whoever's passkey it is; after a password only with one of the same login."""
    if current_user.is_authenticated:
        return redirect(url_for("desk.today"))
    who = find_who_began()
    try:
        login = _read_login(Purpose.SIGN_IN, who, proves_person=who is None)
    except InvalidInput as problem:
        return _sign_in_page(problem.fields), problem.status
    forget_beginning()
    login_user(login, authn_via=["passkey"])
    return redirect(_next("desk.today"))


@blueprint.get("/sign-in/again/passkey")
@access.staff_and(*access.LOOKING_ON)
@_where_there_are
def show_again() -> ResponseReturnValue:
    """Ask for a passkey in place of the password, once more."""
    return _again_page({})


@blueprint.post("/sign-in/again/passkey")
@access.staff_and(*access.LOOKING_ON)
@limiter.limit(TRIES)
@_where_there_are
def submit_again() -> ResponseReturnValue:
    """Believe for a while that it is they. A passkey of somebody else proves nothing."""
    try:
        _read_login(Purpose.AGAIN, current_user, proves_person=True)
    except InvalidInput as problem:
        return _again_page(problem.fields), problem.status
    session["fs_paa"] = clock.now().timestamp()  # Where the library looks for it.
    return redirect(_next("desk.account"))


@blueprint.get("/sign-in/passkeys/new")
@access.staff_and(*access.LOOKING_ON)
@_where_there_are
@proven
def show_new() -> ResponseReturnValue:
    """A name for a new passkey, and the question for it."""
    return _new_page({})


@blueprint.post("/sign-in/passkeys/new")
@access.staff_and(*access.LOOKING_ON)
@limiter.limit(TRIES)
@_where_there_are
@proven
def submit_new() -> ResponseReturnValue:
    """Keep what the device has made."""
    typed = FormReader(request.form)
    name = typed.text("name")
    try:
        _require_name(name)
        made = read_new_passkey()
        passkey = add_passkey(login_id=current_user.id, name=name, made=made, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _new_page(problem.fields), problem.status
    flash(f"“{passkey.name}” is added. You sign in with it from now on, with or without your password.", "success")
    return redirect(url_for("desk.account", _anchor="passkeys"))


@blueprint.get("/sign-in/passkeys/<public_id>/remove")
@access.staff_and(*access.LOOKING_ON)
@proven
def show_removal(public_id: str) -> ResponseReturnValue:
    """Which one goes, and what is left. Raises NotFound."""
    return _removal_page(_find_own(public_id), {})


@blueprint.post("/sign-in/passkeys/<public_id>/remove")
@access.staff_and(*access.LOOKING_ON)
@proven
def submit_removal(public_id: str) -> ResponseReturnValue:
    """Take it off. Raises NotFound."""
    passkey = _find_own(public_id)
    name = passkey.name
    try:
        remove_passkey(login_id=current_user.id, public_id=public_id, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _removal_page(passkey, problem.fields), problem.status
    flash(f"“{name}” is removed: it does not open your login any more.", "success")
    return redirect(url_for("desk.account", _anchor="passkeys"))


def _require_name(name: str) -> None:
    if not name:
        raise InvalidInput({"name": NO_NAME})


def _read_login(purpose: Purpose, whose: Login | None, *, proves_person: bool) -> Login:
    """The login of the passkey in the form: ``whose``, or anybody's. Raises InvalidInput."""
    return read_passkey(purpose, whose=whose, proves_person=proves_person).login


def _find_own(public_id: str) -> Passkey:
    passkeys: list[Passkey] = current_user.passkeys
    found = next((each for each in passkeys if each.public_id == public_id), None)
    if found is None:
        raise NotFound
    return found


def _next(usual: str) -> str:
    """Where they wanted to go, if that is here."""
    wanted = request.args.get("next", "")
    return wanted if validate_redirect_url(wanted) else url_for(usual)


def _sign_in_page(problems: Mapping[str, str]) -> str:
    who = find_who_began()
    among = who.passkeys if who is not None else ()
    question = ask_for_passkey(Purpose.SIGN_IN, among, proves_person=who is None)
    return render_template("signing_in/passkey.html", who=who, question=question, problems=problems)


def _again_page(problems: Mapping[str, str]) -> str:
    question = ask_for_passkey(Purpose.AGAIN, current_user.passkeys, proves_person=True)
    return render_template("signing_in/passkey_again.html", question=question, problems=problems)


def _new_page(problems: Mapping[str, str]) -> str:
    question, name = ask_to_make_one(current_user, viewer.name), FormReader(request.form).text("name")
    return render_template("signing_in/passkey_new.html", question=question, problems=problems, name=name)


def _removal_page(passkey: Passkey, problems: Mapping[str, str]) -> str:
    return render_template("signing_in/passkey_remove.html", passkey=passkey, problems=problems)
