"""Somebody signs in where their login was never used: they are told, and may say that it was not they."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.errors import LinkInvalid
from telehealth.domain.links import Signed
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.models import Login, LoginLetter
from telehealth.services.audit import ActedBy, Setting
from telehealth.services.logins.address_change import put_address_back
from telehealth.services.logins.letters import may_send_again, send_login_letter, use_login_link
from telehealth.services.logins.passkeys import take_off_passkeys
from telehealth.services.logins.second_factor import take_off_app_and_codes
from telehealth.services.practice.accounts import lock_login, record_of_login
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


def tell_of_new_browser(*, login_id: int, browser: str, now: datetime) -> bool:
    """Ask whoever has a login by e-mail whether it was they; whether a letter went. It does not before anybody ever
    signed in, nor after too many in one day. Called before the sign-in begins: none is without its letter.
    """
    with transaction() as session:
        login, kind = session.get_one(Login, login_id), LoginLetterKind.NEW_BROWSER
        told = login.first_user
        if login.first_sign_in_at is None or not may_send_again(session, told, kind, now=now, rests_for=AT_ONCE):
            return False
        send_login_letter(session, told, kind, now=now, browser=browser)
        return True


def disown_sign_in(*, link: Signed, useless_hash: str, by: ActedBy, now: datetime) -> Disowned:
    """Take a login back from whoever signed in, once: every sign-in of it ends, what was added to it since is taken
    off, it has the address again that was asked, and a link to a new password goes there. Raises LinkInvalid.

    Until that is chosen no password counts: ``useless_hash`` is of one that nobody knows.
    """
    with transaction() as session:
        letter = use_login_link(session, link, LoginLetterKind.NEW_BROWSER, now=now)
        if letter.user.login_id is None:
            raise LinkInvalid
        login = lock_login(session, letter.user.login_id)
        put_address_back(session, login, letter.address, by=by, now=now)
        _end_what_was_asked_elsewhere(session, letter, login, now=now)
        _take_off_what_was_added(session, login, since=letter.created_at, by=by, now=now)
        _shut(session, login, useless_hash, by=by, now=now)
        # However many were asked for today, by whomever: nobody can sign in without this one.
        send_login_letter(session, login.first_user, LoginLetterKind.RESET, address=letter.address, now=now)
        return Disowned(letter.address, login.email)


def _end_what_was_asked_elsewhere(session: Session, letter: LoginLetter, login: Login, *, now: datetime) -> None:
    """Who changed the address was asked there from then on, and would put it back to theirs in the same way."""
    asked_later = update(LoginLetter).where(
        LoginLetter.user_id.in_([each.id for each in login.users]),
        LoginLetter.kind == LoginLetterKind.NEW_BROWSER,
        LoginLetter.id > letter.id,
        LoginLetter.address != letter.address,
        LoginLetter.ended_at.is_(None),
    )
    session.execute(asked_later.values(ended_at=now))


def _take_off_what_was_added(session: Session, login: Login, *, since: datetime, by: ActedBy, now: datetime) -> None:
    """A new password alone would leave whoever it was a way in that needs none."""
    take_off_passkeys(session, login, since=since, by=by, now=now)
    take_off_app_and_codes(session, login, since=since, by=by, now=now)
    end_tokens_of(session, login, since=since, by=by, now=now)


def _shut(session: Session, login: Login, useless_hash: str, *, by: ActedBy, now: datetime) -> None:
    """End every sign-in, half ones as well, and the password."""
    ended = end_sign_ins(session, login.id, now=now, keep=None)
    login.password, login.fs_uniquifier = useless_hash, secrets.token_urlsafe(32)
    record_of_login(session, login, Setting(AuditSubject.SIGN_INS), AuditAction.ENDED, by, now=now, count=ended)
    record_of_login(session, login, Setting(AuditSubject.PASSWORD), AuditAction.ENDED, by, now=now)
