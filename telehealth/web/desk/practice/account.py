"""What everybody at the desk may do with their own login: a new password, and an end to other sign-ins; and where a
therapist is texted when something must not wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security import hash_password, verify_password

from telehealth import clock
from telehealth.domain import access, links, passwords, times, walltime
from telehealth.domain.errors import InvalidInput
from telehealth.domain.inbox.alert_steps import AlertWay
from telehealth.domain.words import Role
from telehealth.models import Passkey, Practice
from telehealth.queries.practice.staff import count_recovery_codes, count_tokens, list_sign_ins
from telehealth.services.inbox.alert_rules import set_own_alerts
from telehealth.services.logins.address_change import ask_for_new_address
from telehealth.services.logins.password_setting import set_password
from telehealth.services.logins.second_factor import require_second_step
from telehealth.services.practice.sign_ins import end_all_sign_ins, end_one_sign_in, switch_practice
from telehealth.web.access import SIGN_IN, forget_open_forms
from telehealth.web.acting import by_staff, viewer
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, require_id
from telehealth.web.forgotten_passwords import read_new_password
from telehealth.web.form_reader import FormReader
from telehealth.web.headers import limiter
from telehealth.web.known_browsers import BY_BROWSER
from telehealth.web.second_step import ask_again, has_proven
from telehealth.web.signing_in import renew_cookie

ENDS_TOKENS = "ends_tokens"
KEEP = -1
ALERT_WAYS = [
    ("", "As the practice's rules say"),
    ("both", "By text and e-mail"),
    ("text", "By text"),
    ("email", "By e-mail"),
]
GRACE: Mapping[str, int | None] = {"nobody": None, "now": 0, "week": 7, "fortnight": 14}
"""Days until everybody needs a second step; what is none of these stays as it is."""
ASKED = {
    "nobody": "Whoever wants one",
    "now": "Everybody, from now on",
    "week": "Everybody, in a week",
    "fortnight": "Everybody, in two weeks",
}


def _whose() -> str:
    """Tries are counted by login: whoever sits at an open desk gains nothing from another connection."""
    return f"user {current_user.get_id()}"


@blueprint.get("/account")
@access.staff_and(*access.LOOKING_ON)
def account() -> ResponseReturnValue:
    """The own password and sign-ins."""
    return _page({})


@blueprint.post("/account/practice")
@access.staff_and(*access.LOOKING_ON)
def account_practice() -> ResponseReturnValue:
    """Go on in another practice of this login. What was open of this one is sent nowhere any more. Raises NotFound."""
    wanted = require_id(FormReader(request.form).text("to"))
    try:
        user = switch_practice(
            login_id=current_user.id, secret=session[SIGN_IN], user_public_id=wanted, now=clock.now()
        )
    except InvalidInput as problem:
        flash(problem.fields["practice"], "warning")
        return redirect(url_for("desk.today"))
    forget_open_forms()
    flash(f"You are at {user.practice.name} now.", "success")
    return redirect(url_for("desk.today"))


@blueprint.post("/account/password")
@access.staff_and(*access.LOOKING_ON)
@limiter.limit(BY_BROWSER, key_func=_whose)
def account_password() -> ResponseReturnValue:
    """Change the own password. Every other sign-in ends; this one goes on."""
    try:
        wanted = _new_password(FormReader(request.form))
    except InvalidInput as problem:
        return _page(problem.fields), problem.status
    ended = set_password(
        email=current_user.email,
        password_hash=hash_password(wanted),
        by=by_staff(),
        now=clock.now(),
        keep=session[SIGN_IN],
        ends_tokens=FormReader(request.form).is_ticked(ENDS_TOKENS),
    )
    renew_cookie(current_user)
    shut_out = " Programs that acted for you are shut out; they need new tokens." if ended else ""
    flash(f"Your password is changed. Everywhere else you are signed out.{shut_out}", "success")
    return redirect(url_for("desk.account"))


@blueprint.post("/account/address")
@access.staff()
@limiter.limit(BY_BROWSER, key_func=_whose)
def account_address() -> ResponseReturnValue:
    """Send a link to the address that is to be signed in with. The own password is asked for."""
    typed = FormReader(request.form)
    email = typed.text("email")
    try:
        _check_own_password(typed, "address_password")
        typed.refuse()
        ask_for_new_address(login_id=current_user.id, email=email, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _page(problem.fields, email=email), problem.status
    flash(f"Please open the link that we send to {email}. Until then you sign in as before.", "success")
    return redirect(url_for("desk.account"))


@blueprint.post("/account/alerts")
@access.staff()
def account_alerts() -> ResponseReturnValue:
    """Change where the own alerts are texted, and whether they come as texts, e-mails, or as the rules say."""
    typed = FormReader(request.form)
    phone, way = typed.text("phone"), next((each for each in AlertWay if each == typed.text("way")), None)
    try:
        set_own_alerts(user_id=viewer.id, phone=phone, way=way, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _page(problem.fields, phone=phone, way=way), problem.status
    flash("Saved." if phone else "Saved. You are e-mailed only.", "success")
    return redirect(url_for("desk.account", _anchor="urgent-texts"))


@blueprint.post("/account/second-step")
@access.staff(Role.OWNER)
def account_second_step() -> ResponseReturnValue:
    """Ask everybody of the practice for a second step, at once or after some days, or nobody. It is asked once more who
    wants that: a desk that was left open must not take the lock off everybody's door.
    """
    if not has_proven():
        return ask_again(url_for("desk.account", _anchor="second-step"))
    days = GRACE.get(FormReader(request.form).text("asked"), KEEP)
    if days != KEEP:
        now = clock.now()
        since = None if days is None else now + timedelta(days=days)
        require_second_step(practice_id=viewer.practice_id, since=since, by=by_staff(), now=now)
    flash("Saved.", "success")
    return redirect(url_for("desk.account", _anchor="second-step"))


@blueprint.post("/account/sign-ins/<public_id>/end")
@access.staff_and(*access.LOOKING_ON)
@limiter.limit(BY_BROWSER, key_func=_whose)
def account_sign_in_end(public_id: str) -> ResponseReturnValue:
    """End one sign-in of this login. Raises NotFound."""
    end_one_sign_in(login_id=current_user.id, public_id=public_id, by=by_staff(), now=clock.now())
    flash("That browser is signed out.", "success")
    return redirect(url_for("desk.account", _anchor="sign-ins"))


@blueprint.post("/account/sign-ins/end")
@access.staff_and(*access.LOOKING_ON)
@limiter.limit(BY_BROWSER, key_func=_whose)
def account_sign_ins_end() -> ResponseReturnValue:
    """End every sign-in of this login but the one that asks."""
    end_all_sign_ins(login_id=current_user.id, by=by_staff(), now=clock.now(), keep=session[SIGN_IN])
    flash("Everywhere else you are signed out.", "success")
    return redirect(url_for("desk.account"))


def _check_own_password(typed: FormReader, field: str) -> None:
    """Note it when this is not the password of whoever is signed in."""
    if not verify_password(passwords.normalise_password(typed.untouched(field)), current_user.password):
        typed.problems[field] = "This is not your password. Please try again."


def _new_password(typed: FormReader) -> str:
    """The new password in its normal form. Raises InvalidInput with everything that is wrong."""
    _check_own_password(typed, "current_password")
    return read_new_password(typed, viewer)


def _say_passkeys(passkeys: Sequence[Passkey], zone: ZoneInfo) -> list[tuple[Passkey, str, str]]:
    """Each with when it was added, and last used; empty for never."""
    return [
        (each, times.say_briefly(each.created_at, zone), times.say_briefly(each.used_at, zone) if each.used_at else "")
        for each in passkeys
    ]


def _say_tokens(count: int) -> str:
    """The programs that act for this login; empty where there are none."""
    return "" if not count else "the program that acts" if count == 1 else f"the {count} programs that act"


def _limits(practice: Practice) -> tuple[timedelta, timedelta]:
    """When a sign-in ends by itself: idle, and in any case."""
    return timedelta(minutes=practice.idle_minutes), timedelta(hours=practice.sign_in_hours)


def _second_step_on(zone: ZoneInfo) -> str:
    """When everybody needs a second step; empty when nobody does."""
    since = viewer.practice.second_step_since
    return times.say_briefly(since, zone) if since is not None else ""


def _second_step_choices(zone: ZoneInfo) -> list[tuple[str, str]]:
    since = _second_step_on(zone)
    return [*([("as_it_is", f"Everybody, since or from {since}")] if since else []), *ASKED.items()]


def _page(
    problems: Mapping[str, str], *, phone: str | None = None, way: AlertWay | None = None, email: str = ""
) -> str:
    now = clock.now()
    idle, longest = _limits(viewer.practice)
    found = list_sign_ins(login_id=current_user.id, started_after=now - longest, seen_after=now - idle)
    own = viewer.therapist or viewer.practice
    zone = walltime.zone(own.timezone)
    this_one = links.digest_of(session[SIGN_IN])
    return render_template(
        "desk/account.html",
        problems=problems,
        new_email=email,
        phone=phone if phone is not None else viewer.alerted_at or "",
        is_unproved=bool(viewer.alerted_at) and not viewer.has_proved_number,
        alert_ways=ALERT_WAYS,
        alert_way=(way if phone is not None else viewer.alert_way) or "",
        shortest=passwords.SHORTEST,
        tokens=_say_tokens(count_tokens(login_id=current_user.id)),
        ends_tokens=phone is not None or not request.form or FormReader(request.form).is_ticked(ENDS_TOKENS),
        idle=words.length(viewer.practice.idle_minutes),
        longest=words.length(viewer.practice.sign_in_hours * 60),
        passkeys=_say_passkeys(current_user.passkeys, zone),
        recovery_codes=count_recovery_codes(login_id=current_user.id),
        second_step_on=_second_step_on(zone),
        second_step_choices=_second_step_choices(zone),
        second_step_asked="nobody" if viewer.practice.second_step_since is None else "as_it_is",
        words=words,
        sign_ins=[
            (
                each,
                times.say_briefly(each.started_at, zone),
                times.say_briefly(each.seen_at, zone),
                each.secret_digest == this_one,
            )
            for each in found
        ],
    )
