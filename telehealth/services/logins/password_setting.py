"""New passwords: chosen at the desk, by a link, or by whoever runs the server. Its owner is always told."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.database import dry_run, transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.contact import clean_email
from telehealth.domain.errors import LinkInvalid, NotFound
from telehealth.domain.links import Signed
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.models import Login
from telehealth.services.audit import ActedBy, Setting
from telehealth.services.logins.letters import end_login_links, may_send_again, send_login_letter, use_login_link
from telehealth.services.practice.accounts import record_of_login
from telehealth.services.practice.sign_ins import end_sign_ins
from telehealth.services.practice.token_issuing import end_tokens_of


def set_password(
    *,
    email: str,
    password_hash: str,
    by: ActedBy,
    now: datetime,
    keep: str | None = None,
    ends_tokens: bool = False,
) -> int:
    """Change a password; whoever is signed in with the old one is signed out. Raises NotFound.

    ``keep`` is the secret of a sign-in that goes on. Cookies name the login by ``fs_uniquifier``, which changes here,
    so the door has to give that one browser a new cookie. ``ends_tokens``: programs that act for this login are shut
    out as well; how many that were is returned.
    """
    with transaction() as session:
        login = session.scalar(select(Login).where(Login.email == clean_email(email)))
        if login is None:
            raise NotFound("There is no login with this address.")
        return _change(session, login, password_hash, by=by, now=now, keep=keep, ends_tokens=ends_tokens)


def ask_for_new_password(*, email: str, by: ActedBy, now: datetime) -> None:
    """Send a link to whoever has this login, if anybody has. Nobody who asks learns which it was.

    Where nothing is sent, as much is done and taken back: the time that it takes tells as little as the answer.
    """
    typed = func.lower(Login.email) == _typed(email)
    with transaction() as session:
        login = session.scalar(select(Login).where(typed, Login.active))
        if login is not None and may_send_again(session, login.first_user, LoginLetterKind.RESET, now=now):
            _send_link(session, login, by=by, now=now)
            return
    with dry_run() as session:
        somebody = session.scalar(select(Login).order_by(Login.id).limit(1))
        if somebody is not None:
            _send_link(session, somebody, by=by, now=now)


def _send_link(session: Session, login: Login, *, by: ActedBy, now: datetime) -> None:
    send_login_letter(session, login.first_user, LoginLetterKind.RESET, now=now)
    record_of_login(session, login, Setting(AuditSubject.PASSWORD), AuditAction.LINK_SENT, by, now=now)


def choose_password_by_link(
    *, link: Signed, password_hash: str, by: ActedBy, now: datetime, ends_tokens: bool = False
) -> None:
    """Change the password of whoever was sent this link, once. Every sign-in of theirs ends. Raises LinkInvalid."""
    with transaction() as session:
        login = use_login_link(session, link, LoginLetterKind.RESET, now=now).user.login
        if login is None:
            raise LinkInvalid
        _change(session, login, password_hash, by=by, now=now, keep=None, ends_tokens=ends_tokens)


def _change(
    session: Session,
    login: Login,
    password_hash: str,
    *,
    by: ActedBy,
    now: datetime,
    keep: str | None,
    ends_tokens: bool,
) -> int:
    login.password = password_hash
    login.fs_uniquifier = secrets.token_urlsafe(32)
    end_sign_ins(session, login.id, now=now, keep=keep)
    end_login_links(session, login.first_user, LoginLetterKind.RESET, LoginLetterKind.ADDRESS, now=now)
    send_login_letter(session, login.first_user, LoginLetterKind.PASSWORD_CHANGED, now=now)
    record_of_login(session, login, Setting(AuditSubject.PASSWORD), AuditAction.CHANGED, by, now=now)
    return end_tokens_of(session, login, by=by, now=now) if ends_tokens else 0


def _typed(email: str) -> str:
    """An address as it is looked up; what cannot be one is nobody's."""
    try:
        return clean_email(email).lower()
    except ValueError:
        return ""
