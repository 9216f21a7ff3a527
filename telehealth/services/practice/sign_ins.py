"""Sign-ins kept on the server, so that they can be ended from here."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, contains_eager

from telehealth.database import db, transaction
from telehealth.domain import links
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.models import Login, SignIn, User
from telehealth.services.audit import ActedBy, Setting
from telehealth.services.practice.accounts import record_of_login

LONGEST = timedelta(hours=24)
"""No practice lets a sign-in last longer (NIST SP 800-63B-4, 2.2.3: a day, and an hour without a click, at AAL2)."""
SEEN_EVERY = timedelta(minutes=1)
AGAIN = "{} asks you to sign in anew. Please sign out, and in again."


def begin_sign_in(*, login_id: int, now: datetime, browser: str = "", user_id: int | None = None) -> str:
    """Record a sign-in and return the secret for the browser's cookie. It begins in the practice where the login was
    last, or in that of ``user_id``, who has just come to it.
    """
    secret = links.new_secret()
    with transaction() as session:
        login = session.get_one(Login, login_id)
        which = user_id if user_id is not None else login.first_user.id
        # The person before the login, as whoever changes logins holds them: two of them never wait for each other.
        user = session.get_one(User, which, with_for_update={"of": User}, populate_existing=True)
        started = SignIn(login_id=login.id, user=user, secret_digest=links.digest_of(secret), browser=browser)
        started.started_at = started.seen_at = user.opened_at = now
        session.add(started)
        login.first_sign_in_at = login.first_sign_in_at or now
    return secret


def follow_sign_in(*, login_id: int, secret: str, now: datetime, is_a_person: bool = True) -> User | None:
    """Who a sign-in is at work as; None when it does not count any more: ended, idle or older for longer than that
    practice says, or not let in there.

    Being seen is written down once a minute, not with every request, and only of what a person asked for.
    """
    row = _find(secret, login_id)
    if row is None or not _is_let_in(row, row.user, now=now):
        return None
    if is_a_person and now - row.seen_at >= SEEN_EVERY:
        with transaction() as session:
            session.execute(update(SignIn).where(SignIn.id == row.id).values(seen_at=now))
    return row.user


def switch_practice(*, login_id: int, secret: str, user_public_id: str, now: datetime) -> User:
    """Let a sign-in go on in another practice of the same login. Raises NotFound, and InvalidInput (field
    ``practice``) where that one lets in no sign-in that is so old.
    """
    with transaction() as session:
        found = _find(secret, login_id)
        user = session.scalar(select(User).filter_by(login_id=login_id, public_id=user_public_id, active=True))
        if found is None or user is None:
            raise NotFound
        if not _is_let_in(found, user, now=now):
            raise InvalidInput({"practice": AGAIN.format(user.practice.name)})
        found.user, found.seen_at, user.opened_at = user, now, now
        return user


def end_sign_in(*, secret: str, now: datetime) -> None:
    """Sign out: the cookie is worthless from now on, wherever a copy of it may be."""
    with transaction() as session:
        session.execute(
            update(SignIn)
            .where(SignIn.secret_digest == links.digest_of(secret), SignIn.ended_at.is_(None))
            .values(ended_at=now)
        )


def end_one_sign_in(*, login_id: int, public_id: str, by: ActedBy, now: datetime) -> None:
    """End a sign-in of this login, wherever it is. Raises NotFound; one that has ended stays so."""
    with transaction() as session:
        ours = (SignIn.login_id == login_id) & (SignIn.public_id == public_id)
        found = session.scalar(select(SignIn).where(ours).with_for_update())
        if found is None:
            raise NotFound
        if found.ended_at is None:
            found.ended_at = now
            _record_end(session, login_id, by, now=now, count=1)


def end_all_sign_ins(*, login_id: int, by: ActedBy, now: datetime, keep: str | None = None) -> None:
    """Sign out everywhere, but for the sign-in whose secret is ``keep``."""
    with transaction() as session:
        ended = end_sign_ins(session, login_id, now=now, keep=keep)
        if ended:
            _record_end(session, login_id, by, now=now, count=ended)


def end_sign_ins(session: Session, login_id: int, *, now: datetime, keep: str | None) -> int:
    """The same inside the caller's transaction, without a line of audit; how many there were."""
    ending = update(SignIn).where(SignIn.login_id == login_id, SignIn.ended_at.is_(None))
    if keep is not None:
        ending = ending.where(SignIn.secret_digest != links.digest_of(keep))
    return len(session.execute(ending.values(ended_at=now).returning(SignIn.id)).all())


def sign_out_of_practice(session: Session, user: User, *, now: datetime) -> int:
    """Let no sign-in that there is be at work in the practice of this user any more, inside the caller's transaction;
    how many were. Other practices of the same login are none of this one's business: there they go on.
    """
    user.signed_out_at = now
    ending = update(SignIn).where(SignIn.user_id == user.id, SignIn.ended_at.is_(None))
    return len(session.execute(ending.values(ended_at=now).returning(SignIn.id)).all())


def _record_end(session: Session, login_id: int, by: ActedBy, *, now: datetime, count: int) -> None:
    login, about = session.get_one(Login, login_id), Setting(AuditSubject.SIGN_INS)
    record_of_login(session, login, about, AuditAction.ENDED, by, now=now, count=count)


def _find(secret: str, login_id: int) -> SignIn | None:
    ours = (SignIn.secret_digest == links.digest_of(secret)) & (SignIn.login_id == login_id)
    at_work = contains_eager(SignIn.user).joinedload(User.practice)
    return db.session.scalar(select(SignIn).join(SignIn.user).where(ours).options(at_work))


def _is_let_in(row: SignIn, user: User, *, now: datetime) -> bool:
    """Whether a sign-in may be at work in the practice of a user, by its limits."""
    idle, longest = timedelta(minutes=user.practice.idle_minutes), timedelta(hours=user.practice.sign_in_hours)
    is_fresh = now - row.seen_at < idle and now - row.started_at < longest
    is_sent_away = user.signed_out_at is not None and row.started_at < user.signed_out_at
    return row.ended_at is None and user.active and is_fresh and not is_sent_away
