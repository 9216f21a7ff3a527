"""Who works at a practice and what acts for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from telehealth.database import db
from telehealth.models import ApiToken, SignIn, User


def login_names(practice_id: int, user_ids: Iterable[int]) -> dict[int, str]:
    """The names of some logins of this practice, by id."""
    wanted = set(user_ids)
    if not wanted:
        return {}
    rows = db.session.execute(select(User.id, User.name).where(User.practice_id == practice_id, User.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def list_logins(practice_id: int) -> dict[int, str]:
    """The names of all logins of this practice by id, in the order of their names; also of those that are closed."""
    rows = db.session.execute(select(User.id, User.name).where(User.practice_id == practice_id))
    return {row.id: row.name for row in sorted(rows, key=lambda row: (row.name.casefold(), row.id))}


def list_sign_ins(user_id: int, *, started_after: datetime, seen_after: datetime) -> Sequence[SignIn]:
    """Sign-ins that were not ended, the last seen first. The two instants leave out those that are too old or idle."""
    return db.session.scalars(
        select(SignIn)
        .where(
            SignIn.user_id == user_id,
            SignIn.ended_at.is_(None),
            SignIn.started_at > started_after,
            SignIn.seen_at > seen_after,
        )
        .order_by(SignIn.seen_at.desc(), SignIn.id.desc())
    ).all()


def count_tokens(user_id: int) -> int:
    """How many bearer tokens act for this login."""
    still = select(func.count()).where(ApiToken.user_id == user_id, ApiToken.ended_at.is_(None))
    return db.session.scalar(still) or 0


def list_tokens(practice_id: int) -> Sequence[ApiToken]:
    """The bearer tokens that still work, the newest first."""
    return db.session.scalars(
        select(ApiToken)
        .where(ApiToken.practice_id == practice_id, ApiToken.ended_at.is_(None))
        .options(joinedload(ApiToken.user))
        .order_by(ApiToken.created_at.desc(), ApiToken.id.desc())
    ).all()
