"""Sign-ins kept on the server, so that they can be ended from here."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from telehealth.database import db, transaction
from telehealth.domain import links
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.errors import NotFound
from telehealth.models import Practice, SignIn, User
from telehealth.services.audit import ActedBy, Setting, record_setting

LONGEST = timedelta(hours=24)
"""No practice lets a sign-in last longer (NIST SP 800-63B-4, 2.2.3: a day, and an hour without a click, at AAL2)."""
SEEN_EVERY = timedelta(minutes=1)


def begin_sign_in(*, user_id: int, now: datetime, browser: str = "") -> str:
    """Record a sign-in and return the secret for the browser's cookie."""
    secret = links.new_secret()
    with transaction() as session:
        digest = links.digest_of(secret)
        session.add(SignIn(user_id=user_id, secret_digest=digest, started_at=now, seen_at=now, browser=browser))
        never_before = (User.id == user_id) & User.first_sign_in_at.is_(None)
        session.execute(update(User).where(never_before).values(first_sign_in_at=now))
    return secret


def is_valid_sign_in(*, user_id: int, secret: str, now: datetime, is_a_person: bool = True) -> bool:
    """Whether a sign-in still counts: not ended, and neither idle nor older for longer than its practice says.

    Being seen is written down once a minute, not with every request, and only of what a person asked for.
    """
    found = db.session.execute(
        select(SignIn, Practice.idle_minutes, Practice.sign_in_hours)
        .join(User, User.id == SignIn.user_id)
        .join(Practice, Practice.id == User.practice_id)
        .where(SignIn.secret_digest == links.digest_of(secret), SignIn.user_id == user_id)
    ).one_or_none()
    if found is None:
        return False
    row, idle, hours = found
    if row.ended_at is not None:
        return False
    if now - row.seen_at >= timedelta(minutes=idle) or now - row.started_at >= timedelta(hours=hours):
        return False
    if is_a_person and now - row.seen_at >= SEEN_EVERY:
        with transaction() as session:
            session.execute(update(SignIn).where(SignIn.id == row.id).values(seen_at=now))
    return True


def end_sign_in(*, secret: str, now: datetime) -> None:
    """Sign out: the cookie is worthless from now on, wherever a copy of it may be."""
    with transaction() as session:
        session.execute(
            update(SignIn)
            .where(SignIn.secret_digest == links.digest_of(secret), SignIn.ended_at.is_(None))
            .values(ended_at=now)
        )


def end_one_sign_in(*, user_id: int, public_id: str, by: ActedBy, now: datetime) -> None:
    """End a sign-in of this login, wherever it is. Raises NotFound; one that has ended stays so."""
    with transaction() as session:
        ours = (SignIn.user_id == user_id) & (SignIn.public_id == public_id)
        found = session.scalar(select(SignIn).where(ours).with_for_update())
        if found is None:
            raise NotFound
        if found.ended_at is None:
            found.ended_at = now
            user = session.get_one(User, user_id)
            about = Setting(AuditSubject.SIGN_INS, name=user.name)
            record_setting(session, user.practice_id, about, AuditAction.ENDED, by, now=now, count=1)


def end_all_sign_ins(*, user_id: int, by: ActedBy, now: datetime, keep: str | None = None) -> None:
    """Sign out everywhere, but for the sign-in whose secret is ``keep``."""
    with transaction() as session:
        ended = end_sign_ins(session, user_id, now=now, keep=keep)
        if ended:
            user = session.get_one(User, user_id)
            about = Setting(AuditSubject.SIGN_INS, name=user.name)
            record_setting(session, user.practice_id, about, AuditAction.ENDED, by, now=now, count=ended)


def end_sign_ins(session: Session, user_id: int, *, now: datetime, keep: str | None) -> int:
    """The same inside the caller's transaction, without a line of audit; how many there were."""
    ending = update(SignIn).where(SignIn.user_id == user_id, SignIn.ended_at.is_(None))
    if keep is not None:
        ending = ending.where(SignIn.secret_digest != links.digest_of(keep))
    return len(session.execute(ending.values(ended_at=now).returning(SignIn.id)).all())
