"""Who may sign in at a practice."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select

from telehealth.database import transaction
from telehealth.domain.contact import clean_email
from telehealth.domain.errors import NotFound
from telehealth.domain.words import Role
from telehealth.models import User
from telehealth.services.practice.practice_settings import Login, add_user
from telehealth.services.practice.sign_ins import end_sign_ins


def add_login(*, practice_id: int, login: Login, role: Role) -> User:
    """Add a login that is not a therapist's. Raises InvalidInput when the address has one already."""
    with transaction() as session:
        user = add_user(session, practice_id, login, role)
        session.add(user)
        return user


def set_password(*, email: str, password_hash: str, now: datetime, keep: str | None = None) -> None:
    """Change a password; whoever is signed in with the old one is signed out. Raises NotFound.

    ``keep`` is the secret of a sign-in that goes on. Cookies name the login by ``fs_uniquifier``, which changes here,
    so the door has to give that one browser a new cookie.
    """
    with transaction() as session:
        user = session.scalar(select(User).where(User.email == clean_email(email)))
        if user is None:
            raise NotFound("There is no login with this address.")
        user.password = password_hash
        user.fs_uniquifier = secrets.token_urlsafe(32)
        end_sign_ins(session, user.id, now=now, keep=keep)
