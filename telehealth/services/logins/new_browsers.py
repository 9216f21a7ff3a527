"""Somebody signs in where their login was never used: they are told, and may say that it was not they."""

from __future__ import annotations

from datetime import datetime, timedelta

from telehealth.database import transaction
from telehealth.domain.links import Signed
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.domain.words import AuditAction, AuditSubject
from telehealth.models import User
from telehealth.services.audit import ActedBy, Setting, record_setting
from telehealth.services.logins.letters import may_send_again, send_login_letter, use_login_link
from telehealth.services.practice.sign_ins import end_sign_ins

AT_ONCE = timedelta(0)


def tell_of_new_browser(*, user_id: int, browser: str, now: datetime) -> bool:
    """Ask whoever has a login by e-mail whether it was they; whether a letter went. It does not before anybody ever
    signed in, nor after too many in one day. Called before the sign-in begins: none is without its letter.
    """
    with transaction() as session:
        user = session.get_one(User, user_id)
        kind = LoginLetterKind.NEW_BROWSER
        if user.first_sign_in_at is None or not may_send_again(session, user, kind, now=now, rests_for=AT_ONCE):
            return False
        send_login_letter(session, user, kind, now=now, browser=browser)
        return True


def disown_sign_in(*, link: Signed, by: ActedBy, now: datetime) -> str:
    """End every sign-in of the login that a link is about, once, and send another link, to a new password; the address
    that it goes to. Raises LinkInvalid.
    """
    with transaction() as session:
        user = use_login_link(session, link, LoginLetterKind.NEW_BROWSER, now=now).user
        ended = end_sign_ins(session, user.id, now=now, keep=None)
        if may_send_again(session, user, LoginLetterKind.RESET, now=now):
            send_login_letter(session, user, LoginLetterKind.RESET, now=now)
        about = Setting(AuditSubject.SIGN_INS, user.public_id, user.name)
        record_setting(session, user.practice_id, about, AuditAction.ENDED, by, now=now, count=ended)
        return user.email
