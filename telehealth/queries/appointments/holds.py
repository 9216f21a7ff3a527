"""Slots that are kept, as whoever keeps them asks for them."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from telehealth.database import db
from telehealth.models import Hold

_BY_SECRET = (
    select(Hold)
    .where(Hold.practice_id == bindparam("practice"), Hold.public_id == bindparam("secret"))
    .options(joinedload(Hold.therapist), joinedload(Hold.co_therapist))
)


def find_hold_by_secret(practice_id: int, public_id: str | None) -> Hold | None:
    """The hold that this secret consumes, with whom it keeps, also one whose time is over; None when there is none."""
    if not public_id:
        return None
    found: Hold | None = db.session.scalar(_BY_SECRET, {"practice": practice_id, "secret": public_id})
    return found
