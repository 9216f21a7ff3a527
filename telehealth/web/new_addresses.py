"""The page behind the link that was sent to a new address to sign in with."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.models import LoginLetter
from telehealth.queries.practice.login_letters import find_login_letter
from telehealth.services.logins.address_change import confirm_new_address
from telehealth.web.acting import by_letter
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, WRITES, Sender, find_addresses, make_link_blueprint

blueprint = make_link_blueprint("new_addresses")


@blueprint.get("/sign-in/e/<token>")
@access.by_link
@limiter.limit(READS)
def show_new_address(token: str) -> ResponseReturnValue:
    """Which address it is, and the button. Looking changes nothing. Raises LinkInvalid."""
    letter = _letter(token)
    practice = Sender.of_practice(letter.practice)
    return render_template(
        "signing_in/new_address.html", practice=practice, address=letter.address, before=letter.user.email
    )


@blueprint.post("/sign-in/e/<token>")
@access.by_link
@limiter.limit(WRITES)
def submit_new_address(token: str) -> ResponseReturnValue:
    """Let it count, and use the link up. Raises LinkInvalid."""
    letter, link = _letter(token), find_addresses().read(LinkPurpose.LOGIN, token)
    address = confirm_new_address(link=link, by=by_letter(letter), now=clock.now())
    flash(f"Done. From now on you sign in with {address}.", "success")
    return redirect(url_for("desk.account"), HTTPStatus.SEE_OTHER)


def _letter(token: str) -> LoginLetter:
    link = find_addresses().read(LinkPurpose.LOGIN, token)
    return find_login_letter(link, LoginLetterKind.ADDRESS, now=clock.now())
