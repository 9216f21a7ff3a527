"""Somebody signs in where their login was never used: they are told, and may say that it was not they."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.links import Signed
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.models import LoginLetter, User
from telehealth.services.audit import ActedBy, Setting, record_setting
from telehealth.services.logins.address_change import put_address_back
from telehealth.services.logins.letters import may_send_again, send_login_letter, use_login_link
from telehealth.services.logins.passkeys import take_off_passkeys
from telehealth.services.logins.second_factor import lock_login, take_off_app_and_codes
from telehealth.services.practice.sign_ins import end_sign_ins
from telehealth.services.practice.token_issuing import end_tokens_of

AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Disowned:
    """Where the link to a new password went, and the address that the login has: another login may have taken the
    one that it had, and then these two differ.
    """

    sent_to: str
    signs_in_with: str

    @property
    def is_put_back(self) -> bool:
        """Whether the login has the address again that was asked."""
        return self.sent_to.lower() == self.signs_in_with.lower()


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


def disown_sign_in(*, link: Signed, useless_hash: str, by: ActedBy, now: datetime) -> Disowned:
    """Take a login back from whoever signed in, once: every sign-in of it ends, what was added to it since is taken
    off, it has the address again that was asked, and a link to a new password goes there. Raises LinkInvalid.

    Until that is chosen no password counts: ``useless_hash`` is of one that nobody knows.
    """
    with transaction() as session:
        letter = use_login_link(session, link, LoginLetterKind.NEW_BROWSER, now=now)
        user = lock_login(session, letter.user_id)
        put_address_back(session, user, letter.address, by=by, now=now)
        _end_what_was_asked_elsewhere(session, letter, now=now)
        _take_off_what_was_added(session, user, since=letter.created_at, by=by, now=now)
        _shut(session, user, useless_hash, by=by, now=now)
        # However many were asked for today, by whomever: nobody can sign in without this one.
        send_login_letter(session, user, LoginLetterKind.RESET, address=letter.address, now=now)
        return Disowned(letter.address, user.email)


def _end_what_was_asked_elsewhere(session: Session, letter: LoginLetter, *, now: datetime) -> None:
    """Who changed the address was asked there from then on, and would put it back to theirs in the same way."""
    asked_later = update(LoginLetter).where(
        LoginLetter.user_id == letter.user_id,
        LoginLetter.kind == LoginLetterKind.NEW_BROWSER,
        LoginLetter.id > letter.id,
        LoginLetter.address != letter.address,
        LoginLetter.ended_at.is_(None),
    )
    session.execute(asked_later.values(ended_at=now))


def _take_off_what_was_added(session: Session, user: User, *, since: datetime, by: ActedBy, now: datetime) -> None:
    """A new password alone would leave whoever it was a way in that needs none."""
    take_off_passkeys(session, user, since=since, by=by, now=now)
    take_off_app_and_codes(session, user, since=since, by=by, now=now)
    end_tokens_of(session, user, since=since, by=by, now=now)


def _shut(session: Session, user: User, useless_hash: str, *, by: ActedBy, now: datetime) -> None:
    """End every sign-in, half ones as well, and the password."""
    ended = end_sign_ins(session, user.id, now=now, keep=None)
    user.password, user.fs_uniquifier = useless_hash, secrets.token_urlsafe(32)
    about = Setting(AuditSubject.SIGN_INS, user.public_id, user.name)
    record_setting(session, user.practice_id, about, AuditAction.ENDED, by, now=now, count=ended)
    about = Setting(AuditSubject.PASSWORD, name=user.name)
    record_setting(session, user.practice_id, about, AuditAction.ENDED, by, now=now)
