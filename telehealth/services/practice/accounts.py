"""Who may sign in at a practice."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.contact import clean_email, clean_name
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.words import AuditAction, AuditSubject, Role
from telehealth.models import RoleRecord, User
from telehealth.services.audit import ActedBy, Setting, record_setting
from telehealth.services.practice.sign_ins import end_sign_ins
from telehealth.services.practice.token_issuing import end_tokens_of


@dataclass(frozen=True, slots=True)
class Login:
    """A login to be made. ``password_hash`` is an argon2id hash; services never see a password."""

    name: str
    email: str
    password_hash: str


def add_user(session: Session, practice_id: int, login: Login, role: Role, *, by: ActedBy, now: datetime) -> User:
    """A login with a role, inside the caller's transaction. Raises InvalidInput when the address has one already."""
    email = clean_email(login.email)
    # However it is typed: whoever signs in is found without regard to capitals, and only one can be.
    if session.scalar(select(User.id).where(func.lower(User.email) == email.lower()).limit(1)) is not None:
        raise InvalidInput({"email": "There is a login with this address already."})
    records = {record.name: record for record in session.scalars(select(RoleRecord))}
    user = User(
        practice_id=practice_id,
        email=email,
        name=clean_name(login.name),
        password=login.password_hash,
        active=True,
        roles=[records.get(role) or RoleRecord(name=role.value)],
    )
    session.add(user)
    session.flush()
    about, after = Setting(AuditSubject.LOGIN, name=user.name), {"email": email, "role": role}
    record_setting(session, practice_id, about, AuditAction.ADDED, by, now=now, after=after)
    return user


def add_login(*, practice_id: int, login: Login, role: Role, by: ActedBy, now: datetime) -> User:
    """Add a login that is not a therapist's. Raises InvalidInput when the address has one already."""
    with transaction() as session:
        return add_user(session, practice_id, login, role, by=by, now=now)


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
        user = session.scalar(select(User).where(User.email == clean_email(email)))
        if user is None:
            raise NotFound("There is no login with this address.")
        user.password = password_hash
        user.fs_uniquifier = secrets.token_urlsafe(32)
        end_sign_ins(session, user.id, now=now, keep=keep)
        about = Setting(AuditSubject.PASSWORD, name=user.name)
        record_setting(session, user.practice_id, about, AuditAction.CHANGED, by, now=now)
        return end_tokens_of(session, user, by=by, now=now) if ends_tokens else 0
