"""Forgetting what can no longer matter. Appointments, messages and audit lines are never among it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select

from telehealth.database import transaction
from telehealth.domain.client_merging import UNDONE_WITHIN
from telehealth.models import ClientMerge, IdempotencyKey, SignIn
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


def forget_merged_values(*, now: datetime) -> int:
    """Empty what was kept to undo that two records of a client were merged, once nobody can any more; of how many."""
    with transaction() as session:
        old = select(ClientMerge).where(ClientMerge.at <= now - UNDONE_WITHIN, ClientMerge.is_told)
        over = session.scalars(old).all()
        for each in over:
            each.before, each.after, each.is_told = {}, {}, False
        return len(over)
