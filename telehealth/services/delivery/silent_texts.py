"""Asking the provider about texts of which no news came.

Callbacks get lost: the provider tries once, and our side may have been away. A text that was handed over, and of which
nothing was heard for an hour, is looked up: after one hour, two, four and so on, for two days.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.delivery.states import UNDER_WAY, advance
from telehealth.domain.message_words import Channel, MessageStatus
from telehealth.domain.ports import DeliveryFailed, Gateways, Receipt
from telehealth.models import Message, Practice
from telehealth.services.delivery.status_reports import StatusReport, record_status

log = logging.getLogger(__name__)

QUIET_FOR = timedelta(hours=1)
UNTIL = timedelta(days=2)
LATEST_TRY = timedelta(days=1)
"""How long after it was last due a text may have been handed over; it bounds what has to be read."""
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class _Stuck:
    reference: str
    provider_id: str
    status: MessageStatus


def look_after_silent_texts(*, gateways: Gateways, now: datetime, limit: int = AT_ONCE) -> int:
    """Look up to ``limit`` silent texts up at the provider and record what it says; of how many there was news.

    No transaction is open while the provider is asked. When it does not answer, the rest waits for the next look.
    """
    with transaction() as session:
        silent = _taken(session, limit, now=now)
    news = 0
    for each in silent:
        try:
            receipt = gateways.texts.look_up(each.provider_id)
        except DeliveryFailed as failure:
            log.warning("cannot look texts up", extra={"code": failure.code})
            break
        if receipt is None:
            log.warning("the provider does not know a text that it took", extra={"reference": each.reference})
        elif advance(each.status, receipt.status) is not None:
            record_status(reference=each.reference, report=_report(receipt), now=now)
            news += 1
    return news


def _taken(session: Session, limit: int, *, now: datetime) -> list[_Stuck]:
    """Silent texts, left alone by everybody else until their next look: that is twice as far from when they were sent
    as this one.
    """
    found = session.scalars(
        select(Message)
        .where(
            # The index of the log has the practice first.
            Message.practice_id.in_(select(Practice.id)),
            Message.due_at.between(now - UNTIL - LATEST_TRY, now - QUIET_FOR),
            Message.channel == Channel.TEXT,
            Message.status.in_(UNDER_WAY),
            Message.sent_at > now - UNTIL,
            Message.changed_at <= now - QUIET_FOR,
            Message.provider_id.is_not(None),
            or_(Message.lease_until.is_(None), Message.lease_until <= now),
        )
        .order_by(Message.sent_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for message in found:
        message.lease_until = now + (now - (message.sent_at or now))
    return [_Stuck(each.public_id, each.provider_id or "", each.status) for each in found]


def _report(receipt: Receipt) -> StatusReport:
    return StatusReport(
        provider_id=receipt.provider_id,
        provider_status=receipt.status,
        status=receipt.status,
        error_code=receipt.error_code,
        raw={"source": "looked up"},
        remedy=receipt.remedy,
    )
