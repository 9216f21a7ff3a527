"""Words of a practice's own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from telehealth.database import db
from telehealth.models import MessageTemplate

# Built once: building a statement takes longer than running it.
_ALL = (
    select(MessageTemplate)
    .where(MessageTemplate.practice_id == bindparam("practice"))
    .order_by(MessageTemplate.kind, MessageTemplate.channel, MessageTemplate.locale, MessageTemplate.name)
)


def list_templates(practice_id: int) -> Sequence[MessageTemplate]:
    """All of them, by what they are for."""
    return db.session.scalars(_ALL, {"practice": practice_id}).all()
