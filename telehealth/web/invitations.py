"""The page behind the link of an invitation. Whoever has no login yet chooses a password, and is signed in; whoever has
one signs in with it first, and says yes then.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security import hash_password, login_user

from telehealth import clock
from telehealth.domain import access, passwords
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.errors import InvalidInput
from telehealth.domain.links import Signed
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.models import LoginLetter, User
from telehealth.queries.practice.login_letters import find_login_letter
from telehealth.queries.practice.staff import find_login
from telehealth.services.logins.inviting import accept_invitation, join_practice
from telehealth.services.practice.sign_ins import switch_practice
from telehealth.web.access import SIGN_IN, forget_open_forms
from telehealth.web.acting import by_letter
from telehealth.web.forgotten_passwords import read_new_password
from telehealth.web.form_reader import FormReader
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, WRITES, Sender, find_addresses, make_link_blueprint

blueprint = make_link_blueprint("invitations")


@blueprint.get("/sign-in/i/<token>")
@access.by_link
@limiter.limit(READS)
def show_invitation(token: str) -> ResponseReturnValue:
    """Where it is accepted. Looking uses nothing up: programs look at links in e-mails. Raises LinkInvalid."""
    return _page(_letter(token), {})


@blueprint.post("/sign-in/i/<token>")
@access.by_link
@limiter.limit(WRITES)
def submit_invitation(token: str) -> ResponseReturnValue:
    """Accept it, and use the link up. Raises LinkInvalid."""
    letter, link = _letter(token), find_addresses().read(LinkPurpose.LOGIN, token)
    return _join(letter, link) if _has_open_login(letter) else _choose_password(letter, link)


def _join(letter: LoginLetter, link: Signed) -> ResponseReturnValue:
    """Let the login that is signed in belong to this practice, too. Raises NotAllowed."""
    if not current_user.is_authenticated:
        return _page(letter, {})
    user = join_practice(link=link, login_id=current_user.id, by=by_letter(letter), now=clock.now())
    switch_practice(login_id=current_user.id, secret=session[SIGN_IN], user_public_id=user.public_id, now=clock.now())
    forget_open_forms()
    flash(f"Welcome, {user.name}. You are at {user.practice.name} now; the menu leads back and forth.", "success")
    return redirect(url_for("desk.today"), HTTPStatus.SEE_OTHER)


def _choose_password(letter: LoginLetter, link: Signed) -> ResponseReturnValue:
    try:
        wanted = read_new_password(FormReader(request.form), letter.user)
    except InvalidInput as problem:
        return _page(letter, problem.fields), problem.status
    hashed = hash_password(wanted)
    user = accept_invitation(link=link, password_hash=hashed, by=by_letter(letter), now=clock.now())
    return _let_in(user)


def _let_in(user: User) -> ResponseReturnValue:
    """Sign in whoever has just chosen a password; who has a second step from before is asked for it as ever."""
    login = user.login
    if login is None or login.has_second_step:
        flash("Your password is kept. Please sign in with it.", "success")
        return redirect(url_for("security.login"), HTTPStatus.SEE_OTHER)
    session.clear()
    login_user(login)
    flash(f"Welcome, {user.name}. Next time you sign in with {user.email} and your password.", "success")
    return redirect(url_for("desk.today"), HTTPStatus.SEE_OTHER)


def _has_open_login(letter: LoginLetter) -> bool:
    login = find_login(letter.user.email)
    return login is not None and login.active


def _letter(token: str) -> LoginLetter:
    link = find_addresses().read(LinkPurpose.LOGIN, token)
    return find_login_letter(link, LoginLetterKind.INVITATION, now=clock.now())


def _page(letter: LoginLetter, problems: Mapping[str, str]) -> str:
    return render_template(
        "signing_in/joining.html" if _has_open_login(letter) else "signing_in/invitation.html",
        practice=Sender.of_practice(letter.practice),
        practice_name=letter.practice.name,
        user=letter.user,
        signed_in_with=current_user.email if current_user.is_authenticated else "",
        shortest=passwords.SHORTEST,
        problems=problems,
    )
