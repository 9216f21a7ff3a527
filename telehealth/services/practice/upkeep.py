"""Forgetting what can no longer matter. Appointments, messages and audit lines are never among it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_

from telehealth.database import transaction
from telehealth.models import IdempotencyKey, SignIn
from telehealth.services.practice.sign_ins import LONGEST

KEYS_MATTER_FOR = timedelta(days=2)


def forget_old_keys(*, now: datetime) -> int:
    """Delete idempotency keys older than two days and sign-ins that have run out; how many there were."""
    with transaction() as session:
        keys = session.execute(
            delete(IdempotencyKey).where(IdempotencyKey.created_at < now - KEYS_MATTER_FOR).returning(IdempotencyKey.id)
        )
        run_out = or_(SignIn.ended_at.is_not(None), SignIn.started_at < now - LONGEST)
        sign_ins = session.execute(delete(SignIn).where(run_out).returning(SignIn.id))
        return len(keys.all()) + len(sign_ins.all())
