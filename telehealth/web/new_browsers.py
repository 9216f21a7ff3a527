"""The page behind "That was not me", in the e-mail about a browser that was never seen with a login."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.models import LoginLetter
from telehealth.queries.practice.login_letters import find_login_letter
from telehealth.services.logins.new_browsers import disown_sign_in
from telehealth.web.acting import by_letter
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, WRITES, Sender, find_addresses, make_link_blueprint

blueprint = make_link_blueprint("new_browsers")


@blueprint.get("/sign-in/n/<token>")
@access.by_link
@limiter.limit(READS)
def show_new_browser(token: str) -> ResponseReturnValue:
    """Which browser it was, and when. Looking changes nothing: programs look at links, too. Raises LinkInvalid."""
    letter = _letter(token)
    zone = walltime.zone((letter.user.therapist or letter.practice).timezone)
    return render_template(
        "signing_in/new_browser.html",
        practice=Sender.of_practice(letter.practice),
        browser=letter.browser,
        when=times.say_when(letter.created_at, zone),
        email=letter.user.email,
    )


@blueprint.post("/sign-in/n/<token>")
@access.by_link
@limiter.limit(WRITES)
def submit_new_browser(token: str) -> ResponseReturnValue:
    """Sign the login out everywhere, and use the link up. Raises LinkInvalid."""
    letter, link = _letter(token), find_addresses().read(LinkPurpose.LOGIN, token)
    address = disown_sign_in(link=link, by=by_letter(letter), now=clock.now())
    flash(
        f"You are signed out everywhere. Somebody knows your password: we e-mail {address} a link to a new one. "
        "Please use it within an hour.",
        "success",
    )
    return redirect(url_for("security.login"), HTTPStatus.SEE_OTHER)


def _letter(token: str) -> LoginLetter:
    link = find_addresses().read(LinkPurpose.LOGIN, token)
    return find_login_letter(link, LoginLetterKind.NEW_BROWSER, now=clock.now())
