"""Bearer tokens for programs of staff."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain import links
from telehealth.domain.contact import clean_line
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import AuditAction, AuditSubject
from telehealth.models import ApiToken, User
from telehealth.services.audit import ActedBy, Setting, record_setting
from telehealth.services.locking import lock_own

PREFIX = "tele_"
LONGEST_TOKEN_NAME = 80


def issue_token(*, practice_id: int, user_id: int, name: str, by: ActedBy, now: datetime) -> str:
    """Make a token and return it, the only time that it is seen. Raises InvalidInput.

    The prefix lets secret scanners recognise a token that was committed somewhere by mistake.
    """
    try:
        name = clean_line(name, longest=LONGEST_TOKEN_NAME)
    except ValueError as problem:
        raise InvalidInput({"name": str(problem)}) from problem
    if not name:
        raise InvalidInput({"name": "Please name the program that will use the token."})
    secret = PREFIX + links.new_secret()
    with transaction() as session:
        token = ApiToken(
            practice_id=practice_id,
            user_id=user_id,
            name=name,
            secret_digest=links.digest_of(secret),
            created_at=now,
        )
        session.add(token)
        session.flush()
        after = {"acts_for": session.get_one(User, user_id).name}
        record_setting(session, practice_id, _named(token), AuditAction.ADDED, by, now=now, after=after)
    return secret


def end_token(*, practice_id: int, public_id: str, by: ActedBy, now: datetime) -> None:
    """Make a token worthless. Raises NotFound."""
    with transaction() as session:
        token = lock_own(session, ApiToken, practice_id, public_id=public_id)
        if token.ended_at is None:
            _end(session, token, by=by, now=now)


def end_tokens_of(session: Session, user: User, *, by: ActedBy, now: datetime) -> int:
    """Make every token worthless that acts for a login, inside the caller's transaction; how many there were."""
    still = select(ApiToken).where(ApiToken.user_id == user.id, ApiToken.ended_at.is_(None)).order_by(ApiToken.id)
    tokens = session.scalars(still.with_for_update()).all()
    for each in tokens:
        _end(session, each, by=by, now=now)
    return len(tokens)


def _end(session: Session, token: ApiToken, *, by: ActedBy, now: datetime) -> None:
    token.ended_at = now
    record_setting(session, token.practice_id, _named(token), AuditAction.ENDED, by, now=now)


def _named(token: ApiToken) -> Setting:
    return Setting(AuditSubject.API_TOKEN, token.public_id, token.name)
