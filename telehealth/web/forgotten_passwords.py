"""A new password for whoever has forgotten theirs: a page that asks for the address, and the one behind the link."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import hash_password

from telehealth import clock
from telehealth.domain import access, passwords
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.errors import InvalidInput, LinkInvalid
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.models import LoginLetter, User
from telehealth.queries.practice.login_letters import find_login_letter
from telehealth.queries.practice.staff import count_tokens
from telehealth.services.logins.password_setting import ask_for_new_password, choose_password_by_link
from telehealth.web.acting import by_letter, by_stranger
from telehealth.web.form_reader import FormReader
from telehealth.web.headers import limiter
from telehealth.web.known_browsers import LONGEST_LOGIN, limit_attempts
from telehealth.web.link_pages import READS, WRITES, Sender, find_addresses, make_link_blueprint

ENDS_TOKENS = "ends_tokens"
SENT = (
    "If there is a login with this address, an e-mail is on its way. Its link works once, within an hour. "
    "Nothing there after some minutes? Please look among the spam, or ask an owner of your practice."
)

blueprint = make_link_blueprint("forgotten_passwords")


@blueprint.get("/sign-in/forgotten")
@access.public
def show_forgotten() -> ResponseReturnValue:
    """Which address the link should go to."""
    return render_template("signing_in/forgotten.html", email="", problem="")


@blueprint.post("/sign-in/forgotten")
@access.public
@limit_attempts
def submit_forgotten() -> ResponseReturnValue:
    """Send the link, if there is such a login; the answer is the same when there is none."""
    email = FormReader(request.form).text("email")
    if "@" not in email or len(email) > LONGEST_LOGIN:
        problem = "Please type the e-mail address that you sign in with."
        answer = render_template("signing_in/forgotten.html", email=email[:LONGEST_LOGIN], problem=problem)
        return answer, HTTPStatus.UNPROCESSABLE_ENTITY
    ask_for_new_password(email=email, by=by_stranger(), now=clock.now())
    flash(SENT, "success")
    return redirect(url_for("security.login"), HTTPStatus.SEE_OTHER)


@blueprint.get("/sign-in/k/<token>")
@access.by_link
@limiter.limit(READS)
def show_new_password(token: str) -> ResponseReturnValue:
    """Where it is typed. Looking uses nothing up: programs look at links in e-mails. Raises LinkInvalid."""
    return _page(_letter(token), {})


@blueprint.post("/sign-in/k/<token>")
@access.by_link
@limiter.limit(WRITES)
def submit_new_password(token: str) -> ResponseReturnValue:
    """Change the password and use the link up. Raises LinkInvalid."""
    letter, typed = _letter(token), FormReader(request.form)
    try:
        wanted = read_new_password(typed, letter.user)
    except InvalidInput as problem:
        return _page(letter, problem.fields), problem.status
    choose_password_by_link(
        link=find_addresses().read(LinkPurpose.LOGIN, token),
        password_hash=hash_password(wanted),
        by=by_letter(letter),
        now=clock.now(),
        ends_tokens=typed.is_ticked(ENDS_TOKENS),
    )
    flash("Your password is changed, and you are signed out everywhere. Please sign in with the new one.", "success")
    return redirect(url_for("security.login"), HTTPStatus.SEE_OTHER)


def read_new_password(typed: FormReader, user: User) -> str:
    """A login's new password in its normal form, typed twice. Raises InvalidInput with everything that is wrong."""
    wanted = typed.untouched("new_password")
    with typed.noting():
        about = (user.name, user.practice.name, user.practice.slug)
        passwords.check_password(wanted, email=user.email, about=about, field="new_password")
    if typed.untouched("new_password_again") != wanted:
        typed.problems["new_password_again"] = "The two are not the same. Please type the new password once more."  # noqa: S105 -- a sentence
    typed.refuse()
    return passwords.normalise_password(wanted)


def _letter(token: str) -> LoginLetter:
    link = find_addresses().read(LinkPurpose.LOGIN, token)
    return find_login_letter(link, LoginLetterKind.RESET, now=clock.now())


def _page(letter: LoginLetter, problems: Mapping[str, str]) -> str:
    login = letter.user.login
    if login is None:
        raise LinkInvalid
    return render_template(
        "signing_in/new_password.html",
        practice=Sender.of_practice(letter.practice),
        email=letter.user.email,
        has_tokens=count_tokens(login.id) > 0,
        has_passkeys=bool(login.passkeys),
        ends_tokens=request.method == "GET" or FormReader(request.form).is_ticked(ENDS_TOKENS),
        shortest=passwords.SHORTEST,
        problems=problems,
    )
