"""The way to a practice of one's own, on an installation that has none yet.

On the own machine, in development, it is open to whoever sits there. A server that everybody can reach asks for the
link of ``flask setup-link``: nobody takes it over by being first.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security import hash_password
from flask_security.utils import login_user
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, passwords, walltime
from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import Actor, Via
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.models import User
from telehealth.queries.practice.practices import has_practice
from telehealth.services.audit import ActedBy
from telehealth.services.practice.accounts import NewLogin, ProvenLogin
from telehealth.services.practice.founding import found_first_practice, suggest_slug
from telehealth.services.practice.practice_profile import PracticeProfile
from telehealth.services.practice.sign_ins import switch_practice
from telehealth.web.access import SIGN_IN, forget_open_forms, staff_are_signed_in
from telehealth.web.booking.zones import list_zones
from telehealth.web.form_reader import FormReader
from telehealth.web.headers import limiter

READS, WRITES = "60 per minute", "10 per minute"
DEMO = "demo"
"""The practice that ``make run`` brings along; it is nobody's own."""
USUAL_ZONE = "America/New_York"
FIELDS = ("name", "slug", "timezone", "phone", "owner_name", "owner_email", "password")
"""Of the form; the others are made of these, so nothing else can be wrong with them."""

blueprint = Blueprint("starting", __name__)


def is_open_to_all() -> bool:
    """Whether no link is needed."""
    return bool(current_app.extensions["starts_without_link"])


def may_start() -> bool:
    """Whether there is no practice of anybody's own yet."""
    return not has_practice(besides=_besides())


@blueprint.get("/start")
@access.public
@limiter.limit(READS)
def show_start() -> ResponseReturnValue:
    """The form, where it is open. Raises NotFound where it is not."""
    _require_open()
    return _show()


@blueprint.post("/start")
@access.public
@limiter.limit(WRITES)
def submit_start() -> ResponseReturnValue:
    """Begin. Raises NotFound where it is not open."""
    _require_open()
    return _submit()


@blueprint.get("/start/<token>")
@access.by_link
@limiter.limit(READS)
def show_start_by_link(token: str) -> ResponseReturnValue:
    """The same for whoever runs the server. Raises LinkInvalid."""
    _read(token)
    return _show()


@blueprint.post("/start/<token>")
@access.by_link
@limiter.limit(WRITES)
def submit_start_by_link(token: str) -> ResponseReturnValue:
    """Begin. Raises LinkInvalid."""
    _read(token)
    return _submit()


def _require_open() -> None:
    if not is_open_to_all():
        raise NotFound


def _read(token: str) -> None:
    addresses: Addresses = current_app.extensions["addresses"]
    addresses.read_start(token, now=clock.now())


def _besides() -> str | None:
    return DEMO if is_open_to_all() else None


def _show() -> ResponseReturnValue:
    if not may_start():
        return redirect(url_for("desk.today" if staff_are_signed_in() else "front.first_page"))
    zone = request.args.get("timezone", "")
    return _form(MultiDict({"timezone": zone if zone in walltime.zone_names() else USUAL_ZONE}), {}, is_fresh=True)


def _submit() -> ResponseReturnValue:
    typed = FormReader(request.form)
    owner = _proven_owner(typed) if staff_are_signed_in() else _new_owner(typed)
    try:
        user = found_first_practice(
            slug=typed.text("slug").lower() or suggest_slug(typed.text("name")),
            profile=_profile(typed, email=current_user.email if staff_are_signed_in() else typed.text("owner_email")),
            owner=owner,
            besides=_besides(),
            problems=typed.problems,
            by=ActedBy(Actor.STAFF, via=Via.PAGE, remote_address=request.remote_addr),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _form(request.form, problem.fields), problem.status
    _open(user)
    flash(f"Welcome. {user.practice.name} is there; a few steps are left, in any order.", "success")
    return redirect(url_for("desk.today"))


def _new_owner(typed: FormReader) -> NewLogin:
    """A login to be made; what is wrong with its password is noted."""
    email, password = typed.text("owner_email"), typed.untouched("password")
    with typed.noting():
        about = (typed.text("owner_name"), typed.text("name"), typed.text("slug"))
        passwords.check_password(password, email=email, about=about)
    password_hash = "" if typed.problems else hash_password(passwords.normalise_password(password))
    return NewLogin(typed.text("owner_name"), email, password_hash)


def _proven_owner(typed: FormReader) -> ProvenLogin:
    """The login of whoever is signed in: the new practice is one more of theirs."""
    return ProvenLogin(typed.text("owner_name"), login_id=current_user.id)


def _open(user: User) -> None:
    """Let the owner be at work in it: signed in, or with the sign-in that there is."""
    if staff_are_signed_in():
        switch_practice(
            login_id=current_user.id, secret=session[SIGN_IN], user_public_id=user.public_id, now=clock.now()
        )
        forget_open_forms()
    elif user.login is not None:
        session.clear()
        login_user(user.login)


def _profile(typed: FormReader, *, email: str) -> PracticeProfile:
    """Messages come from the name, and answers go to the owner, until the page about the practice says otherwise."""
    name = typed.text("name")
    return PracticeProfile(name, name, email, typed.text("phone"), typed.text("timezone"))


def _form(values: MultiDict[str, str], problems: Mapping[str, str], *, is_fresh: bool = False) -> str:
    """The form; while it is fresh, the browser may say in which zone it is."""
    chosen = values.get("timezone", "")
    zone = walltime.zone(chosen if chosen in walltime.zone_names() else USUAL_ZONE)
    addresses: Addresses = current_app.extensions["addresses"]
    return render_template(
        "starting/start.html",
        values=values,
        problems={name: sentence for name, sentence in problems.items() if name in FIELDS},
        zones=list_zones(zone, zone),
        is_fresh=is_fresh and "timezone" not in request.args,
        shortest=passwords.SHORTEST,
        signed_in_with=current_user.email if staff_are_signed_in() else "",
        base_url=addresses.base_url,
    )
