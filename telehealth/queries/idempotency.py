"""Which requests were made before."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from telehealth.database import db
from telehealth.models import IdempotencyKey


def first_used_at(practice_id: int, key: str) -> datetime | None:
    """When a key was used first; None when it never was."""
    return db.session.scalar(
        select(IdempotencyKey.created_at).where(IdempotencyKey.practice_id == practice_id, IdempotencyKey.key == key)
    )
