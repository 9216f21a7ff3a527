"""Signing in and out (Flask-Security), with sign-ins that the server can end."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, after_this_request, flash, request, session
from flask.typing import ResponseReturnValue
from flask_login import user_logged_in, user_logged_out
from flask_security import Security
from flask_security.forms import LoginForm
from flask_security.utils import validate_redirect_url
from flask_security.views import login

from telehealth import clock
from telehealth.database import db
from telehealth.domain import passwords
from telehealth.domain.browsers import name_browser
from telehealth.late import Library
from telehealth.models import Login, RoleRecord
from telehealth.services.practice.sign_ins import begin_sign_in, end_sign_in
from telehealth.web import second_step
from telehealth.web.access import SIGN_IN
from telehealth.web.known_browsers import is_known_to, limit_attempts, remember_browser
from telehealth.web.passkeys import PasskeyStep

if TYPE_CHECKING:
    from telehealth.services.logins import new_browsers
else:
    new_browsers = Library("telehealth.services.logins.new_browsers")

SETTINGS: dict[str, Any] = {
    "SECURITY_LOGIN_URL": "/sign-in",
    "SECURITY_LOGOUT_URL": "/sign-out",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_POST_LOGIN_VIEW": "/desk",
    "SECURITY_POST_LOGOUT_VIEW": "/sign-in",
    "SECURITY_LOGIN_USER_TEMPLATE": "signing_in/sign_in.html",
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_DEPRECATED_PASSWORD_SCHEMES": [],
    "SECURITY_RETURN_GENERIC_RESPONSES": True,  # Nobody learns whether an address has a login.
    "SECURITY_MSG_GENERIC_AUTHN_FAILED": ("That e-mail address and password do not match a login here.", "error"),
    "SECURITY_TRACKABLE": False,
    "SECURITY_FLASH_MESSAGES": True,
    # Whether a sign-in is fresh, the library asks by other means; this would note it in every visitor's cookie.
    "SESSION_PROTECTION": None,
    "SECURITY_CACHE_CONTROL": None,  # It would write "no-store=True", which no browser knows; web.headers says it.
}
LET_IN_NOWHERE = "No practice lets this login in any more. Please ask an owner of yours to switch it on."
"""Said to whoever knows the password only."""
CHEAP_HASHES = {"argon2__time_cost": 1, "argon2__memory_cost": 8, "argon2__parallelism": 1}


def take_form() -> ResponseReturnValue:
    """The page of Flask-Security."""
    page: ResponseReturnValue = login()
    second_step.note_beginning()
    return page


sign_in = limit_attempts(take_form)
"""The same a few times a minute only."""


class SignInForm(LoginForm):
    """E-mail address and password. No "remember me": its cookie would sign people in behind the server's back."""

    remember = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A wish to go elsewhere is forgotten. The library would refuse the sign-in, and no field would say why.
        if not validate_redirect_url(self.next.data or ""):
            self.next.data = ""
        for field in (self.email, self.password):
            # The library would first put every letter of it into its normal form, which takes a quarter of a minute
            # for a request full of marks, and holds up everybody else meanwhile.
            if len(field.data or "") > passwords.LONGEST:
                field.data = ""

    def validate(self, **kwargs: Any) -> bool:
        """Also says why somebody is kept out whose password was right; all else the library makes one sentence of."""
        is_right: bool = super().validate(**kwargs)
        if self.user_authenticated and self.user is not None and not self.user.is_active:
            self.email.errors = []
            self.form_errors.append(LET_IN_NOWHERE)
        return is_right


def init_app(app: Flask) -> None:
    """Set Flask-Security up and count every sign-in."""
    for name, value in {**SETTINGS, **second_step.SETTINGS}.items():
        app.config.setdefault(name, value)
    app.config.setdefault("SECURITY_TOTP_SECRETS", second_step.make_keys(app))
    if app.testing:
        app.config.setdefault("SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS", CHEAP_HASHES)
    datastore = second_step.LoginStore(db, Login, RoleRecord)
    app.extensions["users"] = datastore
    security = Security(
        app,
        datastore,
        login_form=SignInForm,
        two_factor_setup_form=second_step.SetupForm,
        two_factor_rescue_form=second_step.RescueForm,
        totp_cls=second_step.AuthenticatorApp,
        mf_recovery_codes_util_cls=second_step.RecoveryCodes,
    )
    datastore.apps = cast("second_step.AuthenticatorApp", security.totp_factory)
    # Only a sign-in counts. The library would look for a token in every JSON body, however deep or large it is.
    security.login_manager.request_loader(lambda _request: None)
    app.view_functions["security.login"] = sign_in
    security.two_factor_plugins.register_tf_impl(app, "passkey", PasskeyStep)
    second_step.init_app(app)
    _leave_out(app, security)
    user_logged_in.connect(_begin, app)
    user_logged_out.connect(_end, app)


def _leave_out(app: Flask, security: Security) -> None:
    """What the libraries do around every request, programs' as well, for things that we do not have: rights of their
    own kind, and a cookie that remembers people.
    """
    app.before_request_funcs[None].remove(security.principal._on_before_request)  # noqa: SLF001 -- no setting
    app.after_request_funcs[None].remove(security.login_manager._update_remember_cookie)  # noqa: SLF001 -- nor here


def renew_cookie(login: Login) -> None:
    """Let this browser's cookie name the login again after a change of password, which gives the login a new key."""
    session["_user_id"] = login.get_id()


def _begin(_app: Flask, user: Login, **_: Any) -> None:
    now, browser = clock.now(), name_browser(request.user_agent.string)
    if not is_known_to(user.email):
        new_browsers.tell_of_new_browser(login_id=user.id, browser=browser, now=now)
    after_this_request(partial(remember_browser, email=user.email))
    session[SIGN_IN] = begin_sign_in(login_id=user.id, browser=browser, now=now)


def _end(_app: Flask, **_: Any) -> None:
    if secret := session.pop(SIGN_IN, None):
        end_sign_in(secret=secret, now=clock.now())
        flash("You are signed out.", "success")
