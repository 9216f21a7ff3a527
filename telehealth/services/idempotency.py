"""Requests that come twice count once. A key is claimed in the very transaction that does what is asked for."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from telehealth.domain.errors import IdempotencyMismatch
from telehealth.models import IdempotencyKey
from telehealth.services.inserting import insert_unless_taken


def fingerprint_of(*asked: object) -> str:
    """The same for the same request, given as what JSON can hold."""
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def claim_key(
    session: Session, practice_id: int, key: str | None, asked: str, *, makes: str = "", now: datetime
) -> str | None:
    """The public id of what an earlier request with this key made; None when this is the first one, or has no key.

    Another request under way is waited for. ``asked`` is the request's fingerprint; ``makes`` is the public id of what
    it will make, where that is known before; else ``settle`` says it. Raises IdempotencyMismatch.
    """
    if key is None:
        return None
    row = {
        "practice_id": practice_id,
        "key": key,
        "fingerprint": asked,
        "made_public_id": makes,
        "created_at": now,
    }
    if insert_unless_taken(session, IdempotencyKey, row) is not None:
        return None
    earlier = session.scalars(_row(practice_id, key)).one()
    if earlier.fingerprint != asked:
        raise IdempotencyMismatch
    return earlier.made_public_id


def settle_key(session: Session, practice_id: int, key: str | None, made: str) -> None:
    """What a key leads to from now on."""
    if key is not None:
        session.scalars(_row(practice_id, key)).one().made_public_id = made


def _row(practice_id: int, key: str) -> Select[IdempotencyKey]:
    return select(IdempotencyKey).where(IdempotencyKey.practice_id == practice_id, IdempotencyKey.key == key)
