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
from telehealth.models import Login, LoginLetter, Passkey, Practice, RecoveryCode, User
from telehealth.services.audit import ActedBy, Setting, change_row
from telehealth.services.locking import lock_own
from telehealth.services.logins.letters import send_login_letter
from telehealth.services.practice.accounts import lock_login, record_of_login
from telehealth.services.practice.sign_ins import end_sign_ins

CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is read for another."""
OWN = "This is your own. You change it on the page of your account."
OF_SEVERAL = (
    "Their login belongs to another practice, too, so it is theirs to take off: with a recovery code, on the page of "
    "their account. If they have lost those as well, whoever runs this service can do it."
)
NONE = "They have none: only their password is asked for."
OF_CODES = Setting(AuditSubject.RECOVERY_CODES)
GROUPS, IN_GROUP = 4, 4
"""79 random bits, so that a plain digest tells nothing."""


def keep_authenticator(*, login_id: int, secret: str, by: ActedBy, now: datetime) -> None:
    """From now on codes of this app are asked for. ``secret`` is encrypted: services never see it."""
    with transaction() as session:
        login = lock_login(session, login_id)
        action = AuditAction.CHANGED if login.authenticator_secret else AuditAction.ADDED
        login.authenticator_secret = secret
        _tell(session, login, action, LoginLetterKind.SECOND_STEP_ON, by, now=now)


def end_authenticator(*, login_id: int, by: ActedBy, now: datetime) -> None:
    """Ask for no codes of an app any more. Without a passkey the recovery codes end, too."""
    with transaction() as session:
        login = lock_login(session, login_id)
        if login.authenticator_secret is None:
            return
        login.authenticator_secret = None
        forget_codes_without_use(session, login)
        _tell(session, login, AuditAction.ENDED, LoginLetterKind.SECOND_STEP_OFF, by, now=now)


def end_second_step(*, login_id: int, by: ActedBy, now: datetime) -> bool:
    """Take the app, the passkeys and the recovery codes off a login whose owner has lost them; False without any."""
    with transaction() as session:
        return take_off_second_step(session, lock_login(session, login_id), by=by, now=now)


def end_second_step_of(*, practice_id: int, person_public_id: str, by: ActedBy, now: datetime) -> User:
    """The same of a colleague who has lost what it takes; their sign-ins end, and they are told. Raises NotFound, and
    InvalidInput (field ``second_step``) for one's own, where there is none, and where it guards another practice too,
    now or once that one lets them in again.
    """
    with transaction() as session:
        user = lock_own(session, User, practice_id, public_id=person_public_id)
        if user.id == by.user_id:
            raise InvalidInput({"second_step": OWN})
        login = lock_login(session, user.login_id) if user.login_id is not None else None
        if login is None or not login.has_second_step:
            raise InvalidInput({"second_step": NONE})
        if login.belongs_to_several:
            raise InvalidInput({"second_step": OF_SEVERAL})
        take_off_second_step(session, login, by=by, now=now)
        end_sign_ins(session, login.id, now=now, keep=None)
        return user


def take_off_second_step(session: Session, login: Login, *, by: ActedBy, now: datetime) -> bool:
    """The same inside the caller's transaction, which holds the row of the login."""
    if not login.has_second_step:
        return False
    had = {"app": login.authenticator_secret is not None, "passkeys": len(login.passkeys)}
    login.authenticator_secret = None
    session.execute(delete(Passkey).where(Passkey.login_id == login.id))
    session.expire(login, ["passkeys"])
    forget_codes_without_use(session, login)
    _tell(session, login, AuditAction.ENDED, LoginLetterKind.SECOND_STEP_ENDED, by, now=now, **had)
    return True


def take_off_app_and_codes(session: Session, login: Login, *, since: datetime, by: ActedBy, now: datetime) -> None:
    """Ask for no codes of an app that was set up since an instant, and let recovery codes made since then end; inside
    the caller's transaction, which holds the row of the login. No letter goes: the caller tells.
    """
    if login.authenticator_secret is not None and _was_set_up(session, login, since=since):
        login.authenticator_secret = None
        record_of_login(session, login, Setting(AuditSubject.SECOND_STEP), AuditAction.ENDED, by, now=now)
    made = delete(RecoveryCode).where(RecoveryCode.login_id == login.id, RecoveryCode.created_at >= since)
    if ended := len(session.execute(made.returning(RecoveryCode.id)).all()):
        record_of_login(session, login, OF_CODES, AuditAction.ENDED, by, now=now, count=ended)
    forget_codes_without_use(session, login)


def _was_set_up(session: Session, login: Login, *, since: datetime) -> bool:
    """The login does not say when it got its app; the letter that goes with each one does."""
    told = exists().where(
        LoginLetter.user_id.in_([each.id for each in login.users]),
        LoginLetter.kind == LoginLetterKind.SECOND_STEP_ON,
        LoginLetter.created_at >= since,
    )
    return bool(session.scalar(select(told)))


def use_app_code(*, login_id: int, step: int, secret: str | None) -> bool:
    """Note the step of a code, so that it works once; False when it, or a later one, was used before.

    ``secret`` is the login's own, encrypted with the key of today, so that an old key of the service can be given up;
    None while a new app is tried.
    """
    unused = or_(Login.authenticator_step.is_(None), Login.authenticator_step < step)
    with transaction() as session:
        noted = update(Login).where(Login.id == login_id, unused).values(authenticator_step=step).returning(Login.id)
        if session.scalar(noted) is None:
            return False
        if secret is not None:
            has_app = (Login.id == login_id) & Login.authenticator_secret.is_not(None)
            session.execute(update(Login).where(has_app).values(authenticator_secret=secret))
        return True


def make_recovery_codes(*, login_id: int, by: ActedBy, now: datetime) -> list[str]:
    """New codes in place of all before, each for one sign-in. It is the only time that they are seen."""
    codes = ["-".join(_letters() for _ in range(GROUPS)) for _ in range(CODES)]
    with transaction() as session:
        login = lock_login(session, login_id)
        session.execute(delete(RecoveryCode).where(RecoveryCode.login_id == login_id))
        session.add_all(RecoveryCode(login_id=login_id, digest=digest_of(code), created_at=now) for code in codes)
        record_of_login(session, login, OF_CODES, AuditAction.ADDED, by, now=now, count=CODES)
    return codes


def use_recovery_code(*, login_id: int, code: str, by: ActedBy, now: datetime) -> bool:
    """Use a code up; False when there is none like it. Of two at the same moment one finds nothing."""
    typed = digest_of(code.strip().lower())
    with transaction() as session:
        used = delete(RecoveryCode).where(RecoveryCode.login_id == login_id, RecoveryCode.digest == typed)
        if session.scalar(used.returning(RecoveryCode.id)) is None:
            return False
        login = session.get_one(Login, login_id)
        send_login_letter(session, login.first_user, LoginLetterKind.RECOVERY_CODE_USED, now=now)
        record_of_login(session, login, OF_CODES, AuditAction.USED, by, now=now)
        return True


def require_second_step(*, practice_id: int, since: datetime | None, by: ActedBy, now: datetime) -> None:
    """Ask everybody of a practice for a second step from an instant on; None: who wants one has one."""
    with transaction() as session:
        practice = session.get_one(Practice, practice_id, with_for_update=True)
        named, values = Setting(AuditSubject.PRACTICE), {"second_step_since": since}
        change_row(session, practice_id, practice, values, lambda _: named, by, now=now)


def forget_codes_without_use(session: Session, login: Login) -> None:
    """Let the recovery codes end with the last second step, inside the caller's transaction."""
    if not login.has_second_step:
        session.execute(delete(RecoveryCode).where(RecoveryCode.login_id == login.id))


def _tell(
    session: Session,
    login: Login,
    action: AuditAction,
    kind: LoginLetterKind,
    by: ActedBy,
    *,
    now: datetime,
    **details: object,
) -> None:
    send_login_letter(session, login.first_user, kind, now=now)
    record_of_login(session, login, Setting(AuditSubject.SECOND_STEP), action, by, now=now, **details)


def _letters() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(IN_GROUP))
