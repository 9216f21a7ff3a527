"""What a provider tells us later about a message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import insert_unless_taken, transaction
from telehealth.domain.errors import NotFound
from telehealth.domain.message_states import advance
from telehealth.domain.ports import DeliveryStatus
from telehealth.models import Message, MessageEvent


@dataclass(frozen=True, slots=True)
class Report:
    """One callback: the provider's own word, and what it means. ``raw`` holds no number and no body."""

    provider_id: str
    provider_status: str
    status: DeliveryStatus | None
    error_code: str | None
    raw: dict[str, str]


def record(*, reference: str, report: Report, now: datetime) -> None:
    """Store a report once and move the message forward, never back. Late, repeated and shuffled reports are harmless.

    A report about a provider's message that is not ours any more is stored and changes nothing.
    Raises NotFound when we have no such message.
    """
    with transaction() as session:
        message = session.scalar(
            select(Message)
            .where(Message.public_id == reference)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if message is None:
            raise NotFound
        if _store(session, message, report, now=now) and message.provider_id in (None, report.provider_id):
            _move_forward(message, report, now=now)


def _store(session: Session, message: Message, report: Report, *, now: datetime) -> bool:
    values = {
        "practice_id": message.practice_id,
        "message_id": message.id,
        "provider_id": report.provider_id,
        "provider_status": report.provider_status,
        "error_code": report.error_code,
        "received_at": now,
        "raw": report.raw,
    }
    return insert_unless_taken(session, MessageEvent, values) is not None


def _move_forward(message: Message, report: Report, *, now: datetime) -> None:
    message.provider_id = report.provider_id
    message.unsure = False  # The provider has it, whatever became of our own request.
    message.error_code = report.error_code or message.error_code
    message.changed_at = now
    if report.status is None:
        return
    following = advance(message.status, report.status)
    if following is not None:
        message.status = following
        message.sent_at = message.sent_at or now
