"""Whose login a link in an e-mail is about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from telehealth.database import db
from telehealth.domain.errors import LinkInvalid
from telehealth.domain.links import Signed
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.models import Login, LoginLetter, User


def open_letters(link: Signed, kind: LoginLetterKind, *, now: datetime) -> Select[LoginLetter]:
    """The letter that a link is in, as long as it opens something, joined with whom it went to."""
    is_invited = kind == LoginLetterKind.INVITATION
    return (
        select(LoginLetter)
        .join(LoginLetter.user)
        .where(
            LoginLetter.public_id == link.public_id,
            LoginLetter.kind == kind,
            LoginLetter.ends_at > now,
            LoginLetter.ended_at.is_(None),
            User.active & User.login_id.is_(None) if is_invited else User.login.has(Login.active),
        )
    )


def find_login_letter(link: Signed, kind: LoginLetterKind, *, now: datetime) -> LoginLetter:
    """The letter that a link is in, with its login, while it opens something. Raises LinkInvalid."""
    with_login = (contains_eager(LoginLetter.user).joinedload(User.login), joinedload(LoginLetter.practice))
    found = db.session.scalar(open_letters(link, kind, now=now).options(*with_login))
    if found is None:
        raise LinkInvalid
    return found
