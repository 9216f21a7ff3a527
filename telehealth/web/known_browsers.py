"""Browsers that signed in before, and how often a password may be guessed.

Counting by login makes guessing from many networks slow, and would let a stranger lock the owner of a login out. So a
browser that has signed in carries a cookie which says so, for this one login (OWASP's "device cookie"), and has a count
of its own, whatever others do. It proves nothing else: the password is asked for as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Response, current_app, request
from flask.typing import ResponseReturnValue

from telehealth.domain.contact import clean_email
from telehealth.domain.errors import LinkInvalid
from telehealth.domain.links import digest_of, new_public_id, sign_link, verify_link
from telehealth.web.headers import limiter
from telehealth.web.link_pages import find_addresses

BY_NETWORK = "10 per minute; 60 per hour"
BY_LOGIN = "20 per 15 minutes; 100 per day"
"""For all browsers together that are not known, whether there is such a login or not (NIST SP 800-63B-4, 3.2.2: at most
100 wrong ones in a row).
"""
BY_BROWSER = "10 per minute; 60 per hour"
REMEMBERED_FOR = timedelta(days=180)
LONGEST_LOGIN = 1_000

View = Callable[[], ResponseReturnValue]


def limit_attempts(view: View) -> View:
    """The same view, which takes only so many forms."""
    for limit, key, is_exempt in (
        (BY_BROWSER, _name_browser, lambda: not is_known()),
        (BY_LOGIN, _name_login, is_known),
        (BY_NETWORK, None, is_known),
    ):
        view = limiter.limit(limit, key_func=key, methods=["POST"], exempt_when=is_exempt)(view)
    return view


def is_known() -> bool:
    """Whether this browser has signed in before with the login that the form names."""
    return bool(_read_cookie())


def is_known_to(email: str) -> bool:
    """Whether this browser has signed in before with this login."""
    return bool(_read_cookie(_fold(email)))


def remember_browser(response: Response, email: str) -> Response:
    """Let this browser be known from now on for a login; one that is known stays who it is."""
    login = _fold(email)
    known = _read_cookie(login) or new_public_id()
    response.set_cookie(
        _name_cookie(login),
        sign_link(find_addresses().keys, _purpose_of(login), known),
        max_age=REMEMBERED_FOR,
        path="/sign-in",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def _read_cookie(login: str | None = None) -> str:
    """What this browser is called for a login; empty when it never signed in with it."""
    login = login or _typed_login()
    try:
        signed = verify_link(find_addresses().keys, _purpose_of(login), request.cookies.get(_name_cookie(login), ""))
    except LinkInvalid:
        return ""
    return signed.public_id


def _typed_login() -> str:
    return _fold(request.form.get("email", ""))


def _fold(email: str) -> str:
    """A login as it is looked up: one address, however it is written."""
    typed = email.strip()[:LONGEST_LOGIN]
    try:
        return clean_email(typed).casefold()
    except ValueError:
        return typed.casefold()


def _name_login() -> str:
    return f"login {digest_of(_typed_login())}"


def _name_browser() -> str:
    return f"browser {_read_cookie()}"


def _name_cookie(login: str) -> str:
    """One for each login, because colleagues share a machine. Who reads its name does not learn whose it is."""
    return f"known-{sign_link(find_addresses().keys[-1:], 'name of a login', digest_of(login)).partition('.')[2]}"


def _purpose_of(login: str) -> str:
    return f"known to sign in as {digest_of(login)}"
