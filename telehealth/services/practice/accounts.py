"""Who may sign in at a practice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.contact import clean_email, clean_name
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Role
from telehealth.models import Login, RoleRecord, Therapist, User
from telehealth.queries.practice.staff import find_login
from telehealth.services.audit import ActedBy, Setting, record_change, record_setting
from telehealth.services.locking import lock_own

IS_TAKEN = "There is a login with this address already."
IS_THERAPIST = "Whoever signs in with this address is a therapist here already."
IS_OFF = "The login with this address is switched off. Please switch it on first."


@dataclass(frozen=True, slots=True)
class NewLogin:
    """A login to be made. ``password_hash`` is an argon2id hash; services never see a password."""

    name: str
    email: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class ProvenLogin:
    """A login that is there, whose owner has just shown that it is theirs: another practice may let it in, too.
    ``name`` is what they are called in that one.
    """

    name: str
    login_id: int


def add_user(
    session: Session, practice_id: int, login: NewLogin | ProvenLogin, *roles: Role, by: ActedBy, now: datetime
) -> User:
    """Let a login into a practice with its roles, inside the caller's transaction. Raises InvalidInput when the address
    of a new one has one already, or the practice lets it in.
    """
    if isinstance(login, NewLogin):
        email = clean_email(login.email)
        if find_login(email) is not None:
            raise InvalidInput({"email": IS_TAKEN})
        known = Login(email=email, password=login.password_hash)
    else:
        known = lock_login(session, login.login_id)
        require_stranger(session, practice_id, known.email)
    user = User(practice_id=practice_id, login=known, name=clean_name(login.name))
    keep_user(session, user, *roles, by=by, now=now)
    return user


def keep_user(session: Session, user: User, *roles: Role, by: ActedBy, now: datetime) -> None:
    """Keep somebody who is new in a practice, inside the caller's transaction."""
    user.active, user.roles = True, [_record_of(session, role) for role in roles]
    session.add(user)
    session.flush()
    after = {"email": user.email, **({"role": roles[0]} if len(roles) == 1 else {"roles": list(roles)})}
    record_setting(session, user.practice_id, named_login(user), AuditAction.ADDED, by, now=now, after=after)


def require_stranger(session: Session, practice_id: int, email: str) -> None:
    """Raises InvalidInput where the practice lets somebody in with this address, or has invited or switched them
    off. What other practices do is told to nobody.
    """
    if find_user(session, practice_id, email) is not None:
        raise InvalidInput({"email": IS_TAKEN})


def find_user(session: Session, practice_id: int, email: str) -> User | None:
    """Who signs in at a practice with an address, or is invited to, however it is typed."""
    typed = email.lower()
    has_address = or_(User.login.has(func.lower(Login.email) == typed), func.lower(User.invited_email) == typed)
    return session.scalar(select(User).where(User.practice_id == practice_id, has_address).limit(1))


def lock_login(session: Session, login_id: int) -> Login:
    """A login that nobody else changes meanwhile, as it is now."""
    return session.get_one(Login, login_id, with_for_update={"of": Login}, populate_existing=True)


def let_give_care(
    session: Session, practice_id: int, login: NewLogin | ProvenLogin | int, *, by: ActedBy, now: datetime
) -> User:
    """Who a new therapist signs in as: whoever has this id in the practice, or its address there, goes on with their
    password and their other roles; anybody else is new in it. Raises InvalidInput, NotFound.
    """
    known = _known_here(session, practice_id, login)
    if known is None and not isinstance(login, int):
        return add_user(session, practice_id, login, Role.THERAPIST, by=by, now=now)
    user = lock_own(session, User, practice_id, id=known)
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


def add_login(*, practice_id: int, login: NewLogin | ProvenLogin, role: Role, by: ActedBy, now: datetime) -> User:
    """Let somebody in who is no therapist. Raises InvalidInput as ``add_user`` does."""
    with transaction() as session:
        return add_user(session, practice_id, login, role, by=by, now=now)


def record_of_login(
    session: Session,
    login: Login,
    about: Setting,
    action: AuditAction,
    by: ActedBy,
    *,
    now: datetime,
    **details: Any,  # Whatever JSON can hold.
) -> None:
    """Write a line in every practice of a login, inside the caller's transaction, also where it is switched off for
    now: each has to know who could come in how, once it lets it in again.
    """
    for user in login.users:
        named, there = replace(about, name=user.name), as_known_to(user, by)
        record_setting(session, user.practice_id, named, action, there, now=now, **details)


def as_known_to(user: User, by: ActedBy) -> ActedBy:
    """Who did something, for a line in the practice of a user: whoever is at work with the same login in another
    practice is named by what they are in this one, and not by where they came from.
    """
    elsewhere = {each.id for each in user.login.users if each is not user} if user.login is not None else set()
    return replace(by, user_id=user.id, remote_address=None) if by.user_id in elsewhere else by


def _known_here(session: Session, practice_id: int, login: NewLogin | ProvenLogin | int) -> int | None:
    if isinstance(login, int):
        return login
    email = clean_email(login.email) if isinstance(login, NewLogin) else lock_login(session, login.login_id).email
    user = find_user(session, practice_id, email)
    return user.id if user is not None else None


def _record_of(session: Session, role: Role) -> RoleRecord:
    return session.scalar(select(RoleRecord).where(RoleRecord.name == role)) or RoleRecord(name=role.value)
