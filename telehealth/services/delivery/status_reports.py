"""What a provider tells us later about a message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth import observability
from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.delivery.states import LOST, advance
from telehealth.domain.errors import NotFound
from telehealth.domain.message_words import MessageStatus
from telehealth.domain.ports import DeliveryStatus, Remedy
from telehealth.models import Message, MessageEvent
from telehealth.services.delivery.outcomes import after_report
from telehealth.services.inbox.answering import after_answer_arrived
from telehealth.services.inserting import insert_unless_taken
from telehealth.services.locking import lock_message


@dataclass(frozen=True, slots=True)
class StatusReport:
    """One callback: the provider's own word, and what it means. ``remedy`` is what to do about an error. ``raw`` holds
    no number and no body.
    """

    provider_id: str
    provider_status: str
    status: DeliveryStatus | None
    error_code: str | None
    raw: dict[str, str]
    remedy: Remedy | None = None


@retry_on_conflict
def record_status(*, reference: str, report: StatusReport, now: datetime) -> None:
    """Store a report once, move the message forward, never back, and do what follows when it ended badly. Late,
    repeated and shuffled reports are harmless.

    A report about a provider's message that is not ours any more is stored and changes nothing.
    Raises NotFound when we have no such message.
    """
    with transaction() as session:
        message_id = session.scalar(select(Message.id).where(Message.public_id == reference))
        if message_id is None:
            raise NotFound
        message = lock_message(session, message_id)
        if _store(session, message, report, now=now) and message.provider_id in (None, report.provider_id):
            _move_forward(session, message, report, now=now)


def _store(session: Session, message: Message, report: StatusReport, *, now: datetime) -> bool:
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


def _move_forward(session: Session, message: Message, report: StatusReport, *, now: datetime) -> None:
    message.provider_id = report.provider_id
    message.unsure = False  # The provider has it, whatever became of our own request.
    message.changed_at = now
    following = advance(message.status, report.status) if report.status is not None else None
    if following is None:
        return
    message.status = following
    message.error_code = report.error_code or message.error_code
    message.worker = message.lease_until = None
    message.sent_at = message.sent_at or now
    observability.count_message(following, message.kind, message.channel)
    session.flush()
    if following == MessageStatus.DELIVERED:
        after_answer_arrived(session, message)
    elif following in LOST:
        after_report(session, message, report.remedy, now=now)
