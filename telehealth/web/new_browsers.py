"""The page behind "That was not me", in the e-mail about a browser that was never seen with a login."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import hash_password

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.late import Library
from telehealth.models import LoginLetter
from telehealth.queries.practice.login_letters import find_login_letter
from telehealth.web.acting import by_letter
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, WRITES, Sender, find_addresses, make_link_blueprint

if TYPE_CHECKING:
    from telehealth.services.logins import new_browsers
else:
    new_browsers = Library("telehealth.services.logins.new_browsers")

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
        email=letter.address,
    )


@blueprint.post("/sign-in/n/<token>")
@access.by_link
@limiter.limit(WRITES)
def submit_new_browser(token: str) -> ResponseReturnValue:
    """Take the login back from whoever signed in, and use the link up. Raises LinkInvalid."""
    letter, link = _letter(token), find_addresses().read(LinkPurpose.LOGIN, token)
    useless = hash_password(secrets.token_urlsafe(32))
    done = new_browsers.disown_sign_in(link=link, useless_hash=useless, by=by_letter(letter), now=clock.now())
    flash(
        "You are signed out everywhere, and what was added to your login since is taken off. Somebody knows your "
        f"password, so it does not work any more: we e-mail {done.sent_to} a link to a new one. Please use it within "
        "an hour.",
        "success",
    )
    if not done.is_put_back:
        flash(
            f"Your login has the address {done.signs_in_with} now. We could not put it back to {done.sent_to}: "
            "somebody else signs in with that one. Please tell whoever runs your practice at once.",
            "warning",
        )
    return redirect(url_for("security.login"), HTTPStatus.SEE_OTHER)


def _letter(token: str) -> LoginLetter:
    link = find_addresses().read(LinkPurpose.LOGIN, token)
    return find_login_letter(link, LoginLetterKind.NEW_BROWSER, now=clock.now())
