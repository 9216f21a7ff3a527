"""The second step of signing in: an authenticator app, recovery codes for when it is lost, and who must have one."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.errors import InvalidInput
from telehealth.domain.links import digest_of
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.models import LoginLetter, Passkey, Practice, RecoveryCode, User
from telehealth.services.audit import ActedBy, Setting, change_row, record_setting
from telehealth.services.locking import lock_own
from telehealth.services.logins.letters import send_login_letter
from telehealth.services.practice.sign_ins import end_sign_ins

CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is read for another."""
OWN = "This is your own. You change it on the page of your account."
NONE = "They have none: only their password is asked for."
GROUPS, IN_GROUP = 4, 4
"""79 random bits, so that a plain digest tells nothing."""


def keep_authenticator(*, user_id: int, secret: str, by: ActedBy, now: datetime) -> None:
    """From now on codes of this app are asked for. ``secret`` is encrypted: services never see it."""
    with transaction() as session:
        user = lock_login(session, user_id)
        action = AuditAction.CHANGED if user.authenticator_secret else AuditAction.ADDED
        user.authenticator_secret = secret
        _tell(session, user, action, LoginLetterKind.SECOND_STEP_ON, by, now=now)


def end_authenticator(*, user_id: int, by: ActedBy, now: datetime) -> None:
    """Ask for no codes of an app any more. Without a passkey the recovery codes end, too."""
    with transaction() as session:
        user = lock_login(session, user_id)
        if user.authenticator_secret is None:
            return
        user.authenticator_secret = None
        forget_codes_without_use(session, user)
        _tell(session, user, AuditAction.ENDED, LoginLetterKind.SECOND_STEP_OFF, by, now=now)


def end_second_step(*, user_id: int, by: ActedBy, now: datetime) -> bool:
    """Take the app, the passkeys and the recovery codes off a login whose owner has lost them; False without any."""
    with transaction() as session:
        return take_off_second_step(session, lock_login(session, user_id), by=by, now=now)


def end_second_step_of(*, practice_id: int, person_public_id: str, by: ActedBy, now: datetime) -> User:
    """The same of a colleague who has lost what it takes; their sign-ins end, and they are told. Raises NotFound, and
    InvalidInput (field ``second_step``) for one's own and where there is none.
    """
    with transaction() as session:
        user = lock_own(session, User, practice_id, public_id=person_public_id)
        if user.id == by.user_id:
            raise InvalidInput({"second_step": OWN})
        if not take_off_second_step(session, user, by=by, now=now):
            raise InvalidInput({"second_step": NONE})
        end_sign_ins(session, user.id, now=now, keep=None)
        return user


def take_off_second_step(session: Session, user: User, *, by: ActedBy, now: datetime) -> bool:
    """The same inside the caller's transaction, which holds the row of the login."""
    if not user.has_second_step:
        return False
    had = {"app": user.authenticator_secret is not None, "passkeys": len(user.passkeys)}
    user.authenticator_secret = None
    session.execute(delete(Passkey).where(Passkey.user_id == user.id))
    session.expire(user, ["passkeys"])
    forget_codes_without_use(session, user)
    _tell(session, user, AuditAction.ENDED, LoginLetterKind.SECOND_STEP_ENDED, by, now=now, **had)
    return True


def take_off_app_and_codes(session: Session, user: User, *, since: datetime, by: ActedBy, now: datetime) -> None:
    """Ask for no codes of an app that was set up since an instant, and let recovery codes made since then end; inside
    the caller's transaction, which holds the row of the login. No letter goes: the caller tells.
    """
    if user.authenticator_secret is not None and _was_set_up(session, user, since=since):
        user.authenticator_secret = None
        about = Setting(AuditSubject.SECOND_STEP, name=user.name)
        record_setting(session, user.practice_id, about, AuditAction.ENDED, by, now=now)
    made = delete(RecoveryCode).where(RecoveryCode.user_id == user.id, RecoveryCode.created_at >= since)
    if ended := len(session.execute(made.returning(RecoveryCode.id)).all()):
        about = Setting(AuditSubject.RECOVERY_CODES, name=user.name)
        record_setting(session, user.practice_id, about, AuditAction.ENDED, by, now=now, count=ended)
    forget_codes_without_use(session, user)


def _was_set_up(session: Session, user: User, *, since: datetime) -> bool:
    """The login does not say when it got its app; the letter that goes with each one does."""
    told = exists().where(
        LoginLetter.user_id == user.id,
        LoginLetter.kind == LoginLetterKind.SECOND_STEP_ON,
        LoginLetter.created_at >= since,
    )
    return bool(session.scalar(select(told)))


def use_app_code(*, user_id: int, step: int, secret: str | None) -> bool:
    """Note the step of a code, so that it works once; False when it, or a later one, was used before.

    ``secret`` is the login's own, encrypted with the key of today, so that an old key of the service can be given up;
    None while a new app is tried.
    """
    unused = or_(User.authenticator_step.is_(None), User.authenticator_step < step)
    with transaction() as session:
        noted = update(User).where(User.id == user_id, unused).values(authenticator_step=step).returning(User.id)
        if session.scalar(noted) is None:
            return False
        if secret is not None:
            has_app = (User.id == user_id) & User.authenticator_secret.is_not(None)
            session.execute(update(User).where(has_app).values(authenticator_secret=secret))
        return True


def make_recovery_codes(*, user_id: int, by: ActedBy, now: datetime) -> list[str]:
    """New codes in place of all before, each for one sign-in. It is the only time that they are seen."""
    codes = ["-".join(_letters() for _ in range(GROUPS)) for _ in range(CODES)]
    with transaction() as session:
        user = lock_login(session, user_id)
        session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        session.add_all(RecoveryCode(user_id=user_id, digest=digest_of(code), created_at=now) for code in codes)
        about = Setting(AuditSubject.RECOVERY_CODES, name=user.name)
        record_setting(session, user.practice_id, about, AuditAction.ADDED, by, now=now, count=CODES)
    return codes


def use_recovery_code(*, user_id: int, code: str, by: ActedBy, now: datetime) -> bool:
    """Use a code up; False when there is none like it. Of two at the same moment one finds nothing."""
    typed = digest_of(code.strip().lower())
    with transaction() as session:
        used = delete(RecoveryCode).where(RecoveryCode.user_id == user_id, RecoveryCode.digest == typed)
        if session.scalar(used.returning(RecoveryCode.id)) is None:
            return False
        user = session.get_one(User, user_id)
        send_login_letter(session, user, LoginLetterKind.RECOVERY_CODE_USED, now=now)
        about = Setting(AuditSubject.RECOVERY_CODES, name=user.name)
        record_setting(session, user.practice_id, about, AuditAction.USED, by, now=now)
        return True


def require_second_step(*, practice_id: int, since: datetime | None, by: ActedBy, now: datetime) -> None:
    """Ask everybody of a practice for a second step from an instant on; None: who wants one has one."""
    with transaction() as session:
        practice = session.get_one(Practice, practice_id, with_for_update=True)
        named, values = Setting(AuditSubject.PRACTICE), {"second_step_since": since}
        change_row(session, practice_id, practice, values, lambda _: named, by, now=now)


def forget_codes_without_use(session: Session, user: User) -> None:
    """Let the recovery codes end with the last second step, inside the caller's transaction."""
    if not user.has_second_step:
        session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def lock_login(session: Session, user_id: int) -> User:
    """A login that nobody else changes meanwhile, as it is now."""
    return session.get_one(User, user_id, with_for_update={"of": User}, populate_existing=True)


def _tell(
    session: Session,
    user: User,
    action: AuditAction,
    kind: LoginLetterKind,
    by: ActedBy,
    *,
    now: datetime,
    **details: object,
) -> None:
    send_login_letter(session, user, kind, now=now)
    about = Setting(AuditSubject.SECOND_STEP, name=user.name)
    record_setting(session, user.practice_id, about, action, by, now=now, **details)


def _letters() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(IN_GROUP))
