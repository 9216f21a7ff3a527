"""Bearer tokens for programs of staff."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from telehealth.database import transaction
from telehealth.domain import links
from telehealth.domain.contact import clean_line
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.models import ApiToken

PREFIX = "tele_"
LONGEST_TOKEN_NAME = 80


def issue_token(*, practice_id: int, user_id: int, name: str, now: datetime) -> str:
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
        session.add(
            ApiToken(
                practice_id=practice_id,
                user_id=user_id,
                name=name,
                secret_digest=links.digest_of(secret),
                created_at=now,
            )
        )
    return secret


def end_token(*, practice_id: int, public_id: str, now: datetime) -> None:
    """Make a token worthless. Raises NotFound."""
    with transaction() as session:
        token = session.scalar(
            select(ApiToken).where(ApiToken.practice_id == practice_id, ApiToken.public_id == public_id)
        )
        if token is None:
            raise NotFound
        token.ended_at = token.ended_at or now
