"""Who may sign in at a practice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.contact import clean_email, clean_name
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Role
from telehealth.models import RoleRecord, Therapist, User
from telehealth.services.audit import ActedBy, Setting, record_change, record_setting
from telehealth.services.locking import lock_own

IS_TAKEN = "There is a login with this address already."
IS_THERAPIST = "Whoever signs in with this address is a therapist here already."
IS_OFF = "The login with this address is switched off. Please switch it on first."


@dataclass(frozen=True, slots=True)
class Login:
    """A login to be made. ``password_hash`` is an argon2id hash; services never see a password. None: it is still to be
    chosen, and until then nobody signs in.
    """

    name: str
    email: str
    password_hash: str | None


def add_user(session: Session, practice_id: int, login: Login, *roles: Role, by: ActedBy, now: datetime) -> User:
    """A login with its roles, inside the caller's transaction. Raises InvalidInput when the address has one already."""
    email = clean_email(login.email)
    if session.scalar(select(User.id).where(_has_address(email)).limit(1)) is not None:
        raise InvalidInput({"email": IS_TAKEN})
    user = User(
        practice_id=practice_id,
        email=email,
        name=clean_name(login.name),
        password=login.password_hash,
        active=True,
        roles=[_record_of(session, role) for role in roles],
    )
    session.add(user)
    session.flush()
    after = {"email": email, **({"role": roles[0]} if len(roles) == 1 else {"roles": list(roles)})}
    record_setting(session, practice_id, named_login(user), AuditAction.ADDED, by, now=now, after=after)
    return user


def let_give_care(session: Session, practice_id: int, login: Login | int, *, by: ActedBy, now: datetime) -> User:
    """The login of a new therapist: that of the practice with this id or address, which goes on with its password and
    its other roles, or else a new one. Raises InvalidInput, NotFound.
    """
    if isinstance(login, Login):
        theirs = _has_address(clean_email(login.email)) & (User.practice_id == practice_id)
        known = session.scalar(select(User.id).where(theirs).limit(1))
        if known is None:
            return add_user(session, practice_id, login, Role.THERAPIST, by=by, now=now)
        login = known
    user = lock_own(session, User, practice_id, id=login)
    if session.scalar(select(Therapist.id).where(Therapist.user_id == user.id)) is not None:
        raise InvalidInput({"email": IS_THERAPIST})
    if not user.active:
        raise InvalidInput({"email": IS_OFF})
    set_roles(session, user, {*user.role_names, Role.THERAPIST}, by=by, now=now)
    return user


def set_roles(session: Session, user: User, roles: Collection[Role], *, by: ActedBy, now: datetime) -> None:
    """Let a login, which the caller has locked, have these roles and no others."""
    before = user.role_names
    user.roles = [_record_of(session, role) for role in Role if role in roles]
    after = {"roles": user.role_names}
    record_change(session, user.practice_id, named_login(user), by, before={"roles": before}, after=after, now=now)


def named_login(user: User) -> Setting:
    """A login, for the audit."""
    return Setting(AuditSubject.LOGIN, user.public_id, user.name)


def add_login(*, practice_id: int, login: Login, role: Role, by: ActedBy, now: datetime) -> User:
    """Add a login that is not a therapist's. Raises InvalidInput when the address has one already."""
    with transaction() as session:
        return add_user(session, practice_id, login, role, by=by, now=now)


def _has_address(email: str) -> ColumnElement[bool]:
    """However it is typed: whoever signs in is found without regard to capitals, and only one can be."""
    return func.lower(User.email) == email.lower()


def _record_of(session: Session, role: Role) -> RoleRecord:
    return session.scalar(select(RoleRecord).where(RoleRecord.name == role)) or RoleRecord(name=role.value)
