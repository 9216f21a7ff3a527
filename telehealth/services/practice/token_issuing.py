"""Bearer tokens for programs of staff."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain import links
from telehealth.domain.access import EVERYTHING, Scope
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.contact import read_line
from telehealth.domain.errors import InvalidInput
from telehealth.models import ApiToken, Login, User
from telehealth.services.audit import ActedBy, Setting, record_setting
from telehealth.services.locking import lock_own
from telehealth.services.practice.accounts import as_known_to

PREFIX = "tele_"
LONGEST_TOKEN_NAME = 80
NOTED_EVERY = timedelta(hours=1)
NO_NAME = "Please name the program that will use the token."


def issue_token(
    *,
    practice_id: int,
    user_id: int,
    name: str,
    by: ActedBy,
    now: datetime,
    scopes: Collection[Scope] = EVERYTHING,
    ends_at: datetime | None = None,
) -> str:
    """Make a token and return it, the only time that it is seen. It may do what its login may within these scopes,
    until an instant, or until somebody ends it. Raises InvalidInput (fields ``name``, ``scopes``, ``ends_at``).

    The prefix lets secret scanners recognise a token that was committed somewhere by mistake.
    """
    problems: dict[str, str] = {}
    name = read_line(problems, "name", name, longest=LONGEST_TOKEN_NAME, needed=NO_NAME)
    if not scopes:
        problems["scopes"] = "Please choose at least one."
    if ends_at is not None and ends_at <= now:
        problems["ends_at"] = "Please choose a day that is still to come."
    if problems:
        raise InvalidInput(problems)
    secret = PREFIX + links.new_secret()
    with transaction() as session:
        token = ApiToken(
            practice_id=practice_id,
            user_id=user_id,
            name=name,
            secret_digest=links.digest_of(secret),
            scopes=[each.value for each in Scope if each in scopes],
            ends_at=ends_at,
            created_at=now,
        )
        session.add(token)
        session.flush()
        told = {"acts_for": session.get_one(User, user_id).name, "scopes": token.scopes, "ends_at": ends_at}
        after = {key: value for key, value in told.items() if value is not None}
        record_setting(session, practice_id, _named(token), AuditAction.ADDED, by, now=now, after=after)
    return secret


def note_token_use(*, token_id: int, last: datetime | None, now: datetime) -> None:
    """Note that a program was here, at most once an hour. ``last`` is when that was noted before."""
    if last is not None and now - last < NOTED_EVERY:
        return
    with transaction() as session:
        session.execute(update(ApiToken).where(ApiToken.id == token_id).values(used_at=now))


def end_token(*, practice_id: int, public_id: str, by: ActedBy, now: datetime) -> None:
    """Make a token worthless. Raises NotFound."""
    with transaction() as session:
        token = lock_own(session, ApiToken, practice_id, public_id=public_id)
        if token.ended_at is None:
            _end(session, token, by=by, now=now)


def end_tokens_of(session: Session, login: Login, *, by: ActedBy, now: datetime, since: datetime | None = None) -> int:
    """Make every token worthless that acts for a login, in whichever practice, or those made ``since`` an instant,
    inside the caller's transaction; how many there were.
    """
    theirs = ApiToken.user_id.in_([each.id for each in login.users])
    still = select(ApiToken).where(theirs, ApiToken.ended_at.is_(None)).order_by(ApiToken.id)
    if since is not None:
        still = still.where(ApiToken.created_at >= since)
    tokens = session.scalars(still.with_for_update()).all()
    for each in tokens:
        _end(session, each, by=by, now=now)
    return len(tokens)


def _end(session: Session, token: ApiToken, *, by: ActedBy, now: datetime) -> None:
    token.ended_at = now
    there = as_known_to(token.user, by)
    record_setting(session, token.practice_id, _named(token), AuditAction.ENDED, there, now=now)


def _named(token: ApiToken) -> Setting:
    return Setting(AuditSubject.API_TOKEN, token.public_id, token.name)
