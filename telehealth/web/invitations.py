"""The page behind the link of an invitation: whoever it was sent to chooses a password, and is signed in."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import hash_password, login_user

from telehealth import clock
from telehealth.domain import access, passwords
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.errors import InvalidInput
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.models import LoginLetter
from telehealth.queries.practice.login_letters import find_login_letter
from telehealth.services.logins.inviting import accept_invitation
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
    """Where the password is typed. Looking uses nothing up: programs look at links in e-mails. Raises LinkInvalid."""
    return _page(_letter(token), {})


@blueprint.post("/sign-in/i/<token>")
@access.by_link
@limiter.limit(WRITES)
def submit_invitation(token: str) -> ResponseReturnValue:
    """Keep the password, use the link up, and sign in. Raises LinkInvalid."""
    letter = _letter(token)
    try:
        wanted = read_new_password(FormReader(request.form), letter.user)
    except InvalidInput as problem:
        return _page(letter, problem.fields), problem.status
    user = accept_invitation(
        link=find_addresses().read(LinkPurpose.LOGIN, token),
        password_hash=hash_password(wanted),
        by=by_letter(letter),
        now=clock.now(),
    )
    login_user(user)
    flash(f"Welcome, {user.name}. Next time you sign in with {user.email} and your password.", "success")
    return redirect(url_for("desk.today"), HTTPStatus.SEE_OTHER)


def _letter(token: str) -> LoginLetter:
    link = find_addresses().read(LinkPurpose.LOGIN, token)
    return find_login_letter(link, LoginLetterKind.INVITATION, now=clock.now())


def _page(letter: LoginLetter, problems: Mapping[str, str]) -> str:
    return render_template(
        "signing_in/invitation.html",
        practice=Sender.of_practice(letter.practice),
        practice_name=letter.practice.name,
        user=letter.user,
        shortest=passwords.SHORTEST,
        problems=problems,
    )
