"""Passkeys of a login: adding and removing them, and noting that one was shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.contact import clean_line
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.domain.passkeys import MOST, looks_copied
from telehealth.models import Login, Passkey
from telehealth.services.audit import ActedBy, Setting
from telehealth.services.logins.letters import may_send_again, send_login_letter
from telehealth.services.logins.second_factor import forget_codes_without_use
from telehealth.services.practice.accounts import lock_login, record_of_login

LONGEST_NAME = 60
TOO_MANY = f"You have {MOST} passkeys already. Please remove one first."
SAME_NAME = "You have a passkey of this name. Please choose another."
KNOWN = "This passkey is here already."
NEEDED = "Your practice asks everybody for a second step, and this is yours. Please add another, or an app, first."


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What a device has made, once its answer was found to be right."""

    credential_id: str
    public_key: str
    sign_count: int


class Showing(Enum):
    """What comes of a passkey that was shown."""

    COUNTS = auto()
    TOO_LATE = auto()  # It was removed meanwhile, or it was asked for before its last use.
    COPIED = auto()


def add_passkey(*, login_id: int, name: str, made: NewPasskey, by: ActedBy, now: datetime) -> Passkey:
    """Keep a new passkey, and tell whoever's login it is. Raises InvalidInput (fields ``name``, ``passkey``)."""
    try:
        named = clean_line(name, longest=LONGEST_NAME)
    except ValueError as problem:
        raise InvalidInput({"name": str(problem)}) from problem
    with transaction() as session:
        login = lock_login(session, login_id)
        if len(login.passkeys) >= MOST:
            raise InvalidInput({"passkey": TOO_MANY})
        if named.casefold() in {each.name.casefold() for each in login.passkeys}:
            raise InvalidInput({"name": SAME_NAME})
        if session.scalar(select(exists().where(Passkey.credential_id == made.credential_id))):
            raise InvalidInput({"passkey": KNOWN})
        passkey = Passkey(
            login=login,
            name=named,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            created_at=now,
        )
        session.add(passkey)
        session.flush()
        _tell(session, passkey, AuditAction.ADDED, LoginLetterKind.PASSKEY_ADDED, by, now=now)
        return passkey


def remove_passkey(*, login_id: int, public_id: str, by: ActedBy, now: datetime) -> Passkey:
    """Let a passkey open nothing any more; with the last second step the recovery codes end. Raises InvalidInput (field
    ``passkey``) where a practice asks for a second step and this is the only one, NotFound.
    """
    with transaction() as session:
        login = lock_login(session, login_id)
        passkey = next((each for each in login.passkeys if each.public_id == public_id), None)
        if passkey is None:
            raise NotFound
        is_last = login.authenticator_secret is None and len(login.passkeys) == 1
        if is_last and login.second_step_since is not None:
            raise InvalidInput({"passkey": NEEDED})
        _tell(session, passkey, AuditAction.REMOVED, LoginLetterKind.PASSKEY_REMOVED, by, now=now)
        session.delete(passkey)
        session.flush()
        session.expire(login, ["passkeys"])
        forget_codes_without_use(session, login)
        return passkey


def take_off_passkeys(session: Session, login: Login, *, since: datetime, by: ActedBy, now: datetime) -> None:
    """Let the passkeys of a login that were added since an instant open nothing any more, inside the caller's
    transaction, which holds the row of the login. No letter goes: the caller tells.
    """
    for passkey in [each for each in login.passkeys if each.created_at >= since]:
        _record(session, passkey, AuditAction.REMOVED, by, now=now)
        session.delete(passkey)
    session.flush()
    session.expire(login, ["passkeys"])


def note_showing(*, passkey_id: int, counted: int, asked_at: datetime, now: datetime) -> Showing:
    """Note that a passkey was shown: what its device ``counted``, for a question of ``asked_at``.

    A question is older than the next use, so no answer counts twice. Of a copy the owner is told.
    """
    with transaction() as session:
        passkey = session.get(Passkey, passkey_id, with_for_update=True, populate_existing=True)
        if passkey is None or (passkey.used_at is not None and asked_at <= passkey.used_at):
            return Showing.TOO_LATE
        if looks_copied(counted, before=passkey.sign_count):
            told, kind = passkey.login.first_user, LoginLetterKind.PASSKEY_COPIED
            if may_send_again(session, told, kind, now=now):
                send_login_letter(session, told, kind, now=now)
            return Showing.COPIED
        passkey.sign_count, passkey.used_at = counted, now
        return Showing.COUNTS


def _tell(
    session: Session, passkey: Passkey, action: AuditAction, kind: LoginLetterKind, by: ActedBy, *, now: datetime
) -> None:
    send_login_letter(session, passkey.login.first_user, kind, now=now)
    _record(session, passkey, action, by, now=now)


def _record(session: Session, passkey: Passkey, action: AuditAction, by: ActedBy, *, now: datetime) -> None:
    about = Setting(AuditSubject.PASSKEY, passkey.public_id)
    record_of_login(session, passkey.login, about, action, by, now=now, called=passkey.name)
