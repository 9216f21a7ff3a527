"""Who a bearer token stands for."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from telehealth.database import db
from telehealth.domain import links
from telehealth.models import ApiToken, User


def find_api_token(secret: str) -> ApiToken | None:
    """The token with its user, roles, practice and therapist, while both token and user count; None otherwise."""
    return db.session.scalar(
        select(ApiToken)
        .join(ApiToken.user)
        .where(
            ApiToken.secret_digest == links.digest_of(secret),
            ApiToken.ended_at.is_(None),
            User.active.is_(True),
            User.practice_id == ApiToken.practice_id,
        )
        .options(
            contains_eager(ApiToken.user).options(
                joinedload(User.practice), joinedload(User.therapist), selectinload(User.roles)
            )
        )
    )
