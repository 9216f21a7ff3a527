"""The second step of signing in, where Flask-Security asks for it: its app codes, its recovery codes, and its records.

The library decides when what is asked. What it keeps, our services write, at once and with a line in the audit; nothing
secret stands in the records as it is: what apps make codes of is encrypted with keys made of SECRET_KEY, the first of
which encrypts. A code that is used encrypts it anew, so an old key can go from SECRET_KEY_FALLBACKS once everybody has
signed in; whoever has not needs their recovery codes then.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from typing import Any, cast

from flask import Flask, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security import MfRecoveryCodesUtil, SQLAlchemyUserDatastore, Totp, UserMixin
from flask_security.forms import TwoFactorRescueForm, TwoFactorSetupForm
from flask_security.tf_plugin import tf_check_state, tf_clean_session
from flask_security.utils import check_and_update_authn_fresh
from wtforms import RadioField, StringField

from telehealth import clock
from telehealth.domain.authenticator_codes import find_step, make_setup_uri, new_app_secret, say_secret
from telehealth.late import Library
from telehealth.models import Login
from telehealth.queries.practice.staff import count_recovery_codes
from telehealth.services.logins.second_factor import (
    end_authenticator,
    keep_authenticator,
    make_recovery_codes,
    use_app_code,
    use_recovery_code,
)
from telehealth.web.acting import by_login, by_staff
from telehealth.web.headers import limiter

ASKED_AGAIN_AFTER = timedelta(minutes=10)
"""Whoever changes how they sign in proves again that it is they, unless they have just done so."""
STEP_WITHIN = timedelta(minutes=10)
"""From the password to the code."""
TRIES = "10 per 15 minutes; 60 per day"
"""Codes of one login. Whoever tries knows its password already."""
BEGAN = "second_step_began"
SETTINGS: dict[str, Any] = {
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_FRESHNESS": ASKED_AGAIN_AFTER,
    "SECURITY_FRESHNESS_GRACE_PERIOD": ASKED_AGAIN_AFTER,
    "SECURITY_VERIFY_URL": "/sign-in/again",
    "SECURITY_VERIFY_TEMPLATE": "signing_in/again.html",
    "SECURITY_POST_VERIFY_VIEW": "/desk/account",
    "SECURITY_TWO_FACTOR": True,
    "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
    "SECURITY_TWO_FACTOR_SETUP_URL": "/sign-in/authenticator",
    "SECURITY_TWO_FACTOR_SETUP_TEMPLATE": "signing_in/authenticator.html",
    "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/desk/account#second-step",
    "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/code",
    "SECURITY_TWO_FACTOR_VERIFY_CODE_TEMPLATE": "signing_in/code.html",
    "SECURITY_TWO_FACTOR_RESCUE_URL": "/sign-in/rescue",
    "SECURITY_TWO_FACTOR_SELECT_URL": "/sign-in/select",
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/sign-in/recovery-codes",
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_TEMPLATE": "signing_in/recovery_codes.html",
    "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery",
    "SECURITY_MULTI_FACTOR_RECOVERY_TEMPLATE": "signing_in/recovery.html",
    "SECURITY_TOTP_ISSUER": "Appointments",
    "SECURITY_MSG_TWO_FACTOR_INVALID_TOKEN": (
        "This is not the code of this moment, or it was used. Please type the next one that your app shows.",
        "error",
    ),
    "SECURITY_MSG_INVALID_RECOVERY_CODE": ("This is no recovery code of yours, or it was used.", "error"),
    "SECURITY_MSG_INVALID_PASSWORD": ("This is not your password. Please try again.", "error"),
    "SECURITY_MSG_TWO_FACTOR_LOGIN_SUCCESSFUL": ("You are signed in.", "success"),
    "SECURITY_MSG_TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
        "Done: a code of your app is asked for from now on. Please make recovery codes, too, for the day it is lost.",
        "success",
    ),
    "SECURITY_MSG_TWO_FACTOR_DISABLED": ("Done: no code is asked for any more.", "success"),
    "SECURITY_MSG_TWO_FACTOR_PERMISSION_DENIED": ("Please sign in first.", "error"),
    "SECURITY_MSG_TWO_FACTOR_SETUP_EXPIRED": ("That took a while. Please begin again.", "error"),
    "SECURITY_MSG_REAUTHENTICATION_SUCCESSFUL": ("Thank you.", "success"),
}
_fernet, _qrcode, _svg = Library("cryptography.fernet"), Library("qrcode"), Library("qrcode.image.svg")

View = Callable[[], ResponseReturnValue]


class SetupForm(TwoFactorSetupForm):
    """Set an app up, or take it off. The library's own field is of a shape that WTForms gives up."""

    setup = StringField()


class RescueForm(TwoFactorRescueForm):
    """Nothing that a page of ours asks."""

    help_setup = RadioField(choices=[])


class AuthenticatorApp(Totp):
    """Secrets that apps make codes of, encrypted, and whether a code is right. Each code works once."""

    def __init__(self, secrets: Mapping[int, str], issuer: str) -> None:
        self._keys = [_derive(each) for each in secrets.values()]
        self._issuer = issuer

    def generate_totp_secret(self) -> str:
        """A fresh one."""
        return self._encrypt(new_app_secret())

    def verify_totp(self, token: str, totp_secret: str, user: UserMixin, window: int = 0) -> bool:  # noqa: ARG002 -- its signature
        """Whether it is the code of now; if so, it is used up."""
        secret = self.decrypt(totp_secret)
        step = find_step(secret, str(token), now=clock.now(), last=_login(user).authenticator_step)
        if step is None:
            return False
        anew = self._encrypt(secret) if totp_secret == _login(user).authenticator_secret else None
        return use_app_code(login_id=_login(user).id, step=step, secret=anew)

    def fetch_setup_values(self, totp: str, user: UserMixin) -> dict[str, str]:
        """What an app is told: as a picture, and in letters to type."""
        secret, issuer = self.decrypt(totp), _login(user).first_user.signs_in_to or self._issuer
        email, key = _login(user).email, say_secret(secret)
        uri = make_setup_uri(secret, issuer=issuer, login=email)
        return {"key": key, "b32key": key, "username": email, "issuer": issuer, "uri": uri, "image": _draw(uri)}

    def is_same(self, one: str | None, other: str | None) -> bool:
        """Whether two are the same secret: encrypted twice, it reads differently."""
        return one == other or bool(one and other and self.decrypt(one) == self.decrypt(other))

    def decrypt(self, kept: str) -> bytes:
        """With any of the keys."""
        plain: bytes = self._cipher().decrypt(kept.encode())
        return plain

    def _encrypt(self, secret: bytes) -> str:
        return str(self._cipher().encrypt(secret), "ascii")

    def _cipher(self) -> Any:
        return _fernet.MultiFernet([_fernet.Fernet(key) for key in self._keys])


class RecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes of which only digests are kept: nobody sees them twice, also not who has them."""

    def create_recovery_codes(self, user: UserMixin) -> list[str]:
        """New ones, in place of all before."""
        return make_recovery_codes(login_id=_login(user).id, by=by_staff(), now=clock.now())

    def get_recovery_codes(self, user: UserMixin) -> list[str]:  # noqa: ARG002 -- its signature
        """They were shown when they were made."""
        return []

    def check_recovery_code(self, user: UserMixin, code: str) -> bool:
        """Whether it is one; if so, it is used up."""
        login = _login(user)
        return use_recovery_code(login_id=login.id, code=code, by=by_login(login), now=clock.now())

    def delete_recovery_code(self, user: UserMixin, code: str) -> bool:  # noqa: ARG002 -- its signature
        """It was used up when it was checked."""
        return True


class LoginStore(SQLAlchemyUserDatastore):
    """What the library keeps of logins. Our services have written it when it asks for a commit: there is nothing left
    to be kept, and ``database.transaction()`` stays the only place that does.
    """

    apps: AuthenticatorApp
    """Set when the library has made it."""

    def commit(self) -> None:
        """Nothing waits."""

    def tf_set(
        self,
        user: UserMixin,
        primary_method: str,  # noqa: ARG002 -- its signature
        totp_secret: str | None = None,
        phone: str | None = None,  # noqa: ARG002 -- its signature
    ) -> None:
        """Keep an app. The library says so after every sign-in, too."""
        if totp_secret is not None and not self.apps.is_same(totp_secret, _login(user).authenticator_secret):
            keep_authenticator(login_id=_login(user).id, secret=totp_secret, by=by_staff(), now=clock.now())

    def tf_reset(self, user: UserMixin) -> None:
        """Take the app off."""
        end_authenticator(login_id=_login(user).id, by=by_staff(), now=clock.now())

    def mf_get_recovery_codes(self, user: UserMixin) -> list[str]:
        """As many as there are left; not what they are."""
        return [""] * count_recovery_codes(_login(user).id)


def make_keys(app: Flask) -> dict[int, str]:
    """The keys of the service, the one that encrypts first."""
    return dict(enumerate([app.config["SECRET_KEY"], *app.config["SECRET_KEY_FALLBACKS"]], 1))


def init_app(app: Flask) -> None:
    """Count tries at the views of the library that take a code or a password."""
    for name in ("two_factor_token_validation", "mf_recovery"):
        view = app.view_functions[f"security.{name}"]
        app.view_functions[f"security.{name}"] = _limit(_within_time(view), "second step", _whose_step)
    again = app.view_functions["security.verify"]
    app.view_functions["security.verify"] = _limit(again, "password again", _whose)


def note_beginning() -> None:
    """Remember when the password was right, if a code is asked for now."""
    if "tf_user_id" in session:
        session[BEGAN] = clock.now().timestamp()


def find_who_began() -> Login | None:
    """Whose password was right a moment ago, so that a second step is due; None when nobody's was, or long ago."""
    if clock.now().timestamp() - session.get(BEGAN, 0) >= STEP_WITHIN.total_seconds():
        forget_beginning()
    return cast("Login | None", tf_check_state(["ready"]))


def forget_beginning() -> None:
    """Let a password that was typed before count for nothing any more."""
    tf_clean_session()  # type: ignore[no-untyped-call]  # It has no types.


def proven(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """The same view, for whoever has just shown who they are; others do so first, and come back to its page."""

    @wraps(view)
    def look(**given: str) -> ResponseReturnValue:
        return view(**given) if has_proven() else ask_again(request.path)

    return look


def has_proven() -> bool:
    """Whether whoever is signed in has just shown who they are."""
    return bool(check_and_update_authn_fresh(ASKED_AGAIN_AFTER, ASKED_AGAIN_AFTER))


def ask_again(back_to: str) -> ResponseReturnValue:
    """Let them show once more who they are, and come back to a page."""
    return redirect(url_for("security.verify", next=back_to))


def _within_time(view: Any) -> View:  # What the library types as any kind of view.
    def look() -> ResponseReturnValue:
        if current_user.is_authenticated:
            return redirect(url_for("desk.today"))
        if clock.now().timestamp() - session.get(BEGAN, 0) >= STEP_WITHIN.total_seconds():
            forget_beginning()
            flash("Please sign in from the beginning: that took a while.", "notice")
            return redirect(url_for("security.login"))
        answer: ResponseReturnValue = view()
        return answer

    return look


def _limit(view: Any, scope: str, key: Callable[[], str]) -> View:  # The same.
    limited: View = limiter.shared_limit(TRIES, scope=scope, key_func=key, methods=["POST"])(view)
    return limited


def _login(user: UserMixin) -> Login:
    """The library knows less of a login than there is."""
    return cast("Login", user)


def _whose_step() -> str:
    return f"second step {session.get('tf_user_id', '')}"


def _whose() -> str:
    return f"user {current_user.get_id()}"


def _derive(key: str) -> bytes:
    """A key of its own for this one use."""
    return base64.urlsafe_b64encode(hmac.digest(key.encode(), b"telehealth authenticator secrets", hashlib.sha256))


def _draw(uri: str) -> str:
    """A QR code as an address of a picture, made here: nobody else learns the secret."""
    image = _qrcode.make(uri, image_factory=_svg.SvgFillImage)
    return f"data:image/svg+xml;base64,{base64.b64encode(image.to_string()).decode()}"
