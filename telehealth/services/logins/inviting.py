"""Invitations to a practice: whoever has no login yet chooses a password behind a link in an e-mail; whoever has one
signs in with it, and it belongs to one practice more. Nobody who invites learns which it was.

The link works once and for 72 hours (``domain.login_letters``); nothing that opens it is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from telehealth.database import attempt, transaction
from telehealth.domain.access import AT_THE_DESK
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.contact import clean_email, clean_name, read_field
from telehealth.domain.errors import InvalidInput, NotAllowed
from telehealth.domain.links import Signed
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.domain.words import Role
from telehealth.models import Login, Therapist, User
from telehealth.queries.practice.staff import find_login
from telehealth.services.audit import ActedBy, Setting, record_setting
from telehealth.services.locking import lock_own
from telehealth.services.logins.letters import end_login_links, may_send_again, send_login_letter, use_login_link
from telehealth.services.practice.accounts import (
    IS_TAKEN,
    find_user,
    keep_user,
    lock_login,
    named_login,
    record_of_login,
    set_roles,
)

NO_ROLE = "Please choose at least one role, or who they are among the therapists."
HAS_PASSWORD = "They have chosen a password already."  # noqa: S105 -- a sentence
TOO_SOON = "A link went out a moment ago. Please give it five minutes."
SIGN_IN_FIRST = "There is a login with this address already. Please sign in with it, and accept then."
OF_ANOTHER = "The invitation went to another address. Please sign in with that one, or ask for another invitation."
IS_THERE = "Your login belongs to this practice already."
HAS_LOGIN = "This therapist has a login already."


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom to invite, and as what; ``therapist_public_id`` is the therapist, without a login, who they are."""

    name: str
    email: str
    roles: Collection[Role]
    therapist_public_id: str | None = None


def invite_person(*, practice_id: int, invitation: Invitation, by: ActedBy, now: datetime) -> User:
    """Let somebody in once they accept, and send them a link. Raises InvalidInput by field, NotFound."""
    name, email = _checked(invitation)
    roles = {*invitation.roles} | ({Role.THERAPIST} if invitation.therapist_public_id else set())
    with transaction() as session:
        user = find_user(session, practice_id, email)
        if user is not None and (user.active or user.login_id is not None):
            raise InvalidInput({"email": IS_TAKEN})
        if user is None:
            user = User(practice_id=practice_id, name=name, invited_email=email)
            keep_user(session, user, *(each for each in Role if each in roles), by=by, now=now)
        else:
            user = _take_up_again(session, user, name, email)
            set_roles(session, user, roles, by=by, now=now)
        if invitation.therapist_public_id:
            therapist = lock_own(session, Therapist, practice_id, public_id=invitation.therapist_public_id)
            if therapist.user_id is not None:
                raise InvalidInput({"therapist": HAS_LOGIN})
            therapist.user_id = user.id
        _send(session, user, by=by, now=now)
        return user


def invite_again(*, practice_id: int, person_public_id: str, by: ActedBy, now: datetime) -> User:
    """Send another link; the one before it ends. Raises InvalidInput (field ``invitation``), NotFound."""
    with transaction() as session:
        user = _lock_invited(session, practice_id, person_public_id)
        if not may_send_again(session, user, LoginLetterKind.INVITATION, now=now):
            raise InvalidInput({"invitation": TOO_SOON})
        user.active = True
        _send(session, user, by=by, now=now)
        return user


def withdraw_invitation(*, practice_id: int, person_public_id: str, by: ActedBy, now: datetime) -> User:
    """Let the link open nothing any more. A therapist whose login it was to be can be booked as before, without one.

    Raises InvalidInput (field ``invitation``) once it is accepted, NotFound.
    """
    with transaction() as session:
        user = _lock_invited(session, practice_id, person_public_id)
        if user.active:
            user.active = False
            if user.therapist is not None:
                user.therapist.user_id = None
            end_login_links(session, user, LoginLetterKind.INVITATION, now=now)
            record_setting(session, practice_id, named_login(user), AuditAction.ENDED, by, now=now)
        return user


def accept_invitation(*, link: Signed, password_hash: str, by: ActedBy, now: datetime) -> User:
    """Let whoever was invited, and has no login that is let in anywhere, sign in with this password from now on. An old
    login goes on with its second step. Raises LinkInvalid, and NotAllowed for whoever has to sign in instead.
    """
    with transaction() as session:
        user = use_login_link(session, link, LoginLetterKind.INVITATION, now=now).user
        login = find_login(user.email)
        if login is not None and login.active:
            raise NotAllowed(SIGN_IN_FIRST)
        secret = {"password": password_hash, "fs_uniquifier": secrets.token_urlsafe(32)}
        login = login or _make_login(session, user.email, **secret)
        login.password, login.fs_uniquifier = secret["password"], secret["fs_uniquifier"]
        _join(user, login)
        session.flush()
        record_of_login(session, login, Setting(AuditSubject.PASSWORD), AuditAction.ADDED, by, now=now)
        return user


def join_practice(*, link: Signed, login_id: int, by: ActedBy, now: datetime) -> User:
    """Let the login that an invitation went to, whose owner is signed in, belong to this practice as well. Raises
    LinkInvalid, and NotAllowed for another login, or one that is of the practice already.
    """
    with transaction() as session:
        user = use_login_link(session, link, LoginLetterKind.INVITATION, now=now).user
        login = lock_login(session, login_id)
        if login.email.lower() != user.email.lower():
            raise NotAllowed(OF_ANOTHER)
        if any(each.practice_id == user.practice_id for each in login.users):
            raise NotAllowed(IS_THERE)
        _join(user, login)
        record_setting(session, user.practice_id, named_login(user), AuditAction.JOINED, by, now=now)
        return user


def _make_login(session: Session, email: str, **given: str) -> Login:
    """A login for an address that has none. Raises NotAllowed when another practice's invitation to the same address
    made it a moment ago.
    """
    made = Login(email=email, **given)
    try:
        with attempt(session):
            session.add(made)
    except IntegrityError as problem:
        raise NotAllowed(SIGN_IN_FIRST) from problem
    return made


def _join(user: User, login: Login) -> None:
    user.login, user.invited_email = login, None


def _send(session: Session, user: User, *, by: ActedBy, now: datetime) -> None:
    send_login_letter(session, user, LoginLetterKind.INVITATION, now=now)
    record_setting(session, user.practice_id, named_login(user), AuditAction.LINK_SENT, by, now=now)


def _lock_invited(session: Session, practice_id: int, public_id: str) -> User:
    user = lock_own(session, User, practice_id, public_id=public_id)
    if user.login_id is not None:
        raise InvalidInput({"invitation": HAS_PASSWORD})
    return user


def _take_up_again(session: Session, user: User, name: str, email: str) -> User:
    """Somebody whose invitation was withdrawn, who is invited once more."""
    user = lock_own(session, User, user.practice_id, id=user.id)
    user.name, user.invited_email, user.active = name, email, True
    return user


def _checked(invitation: Invitation) -> tuple[str, str]:
    """Name and address. Raises InvalidInput with everything that cannot be used."""
    problems: dict[str, str] = {}
    name = read_field(problems, "name", clean_name, invitation.name)
    email = read_field(problems, "email", clean_email, invitation.email)
    may_be = frozenset(invitation.roles) <= AT_THE_DESK - {Role.THERAPIST}
    if not may_be or not (invitation.roles or invitation.therapist_public_id):
        problems["roles"] = NO_ROLE
    if problems:
        raise InvalidInput(problems)
    return name, email
