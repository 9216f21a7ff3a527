"""Mail that came back: its message did not arrive, and an address that is nobody's is not written to again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.consent.bounces import Bounce
from telehealth.domain.consent.contactability import fold_address
from telehealth.domain.message_words import Channel
from telehealth.domain.ports import DeliveryStatus
from telehealth.models import Message
from telehealth.services.delivery.status_reports import StatusReport, record_status

BOUNCED = "bounced"
MOST = 20
"""Recipients in one report, and mails that it names, that are looked at. A mail of ours has one reader; strangers write
reports of any length.
"""


def record_bounces(*, bounces: Iterable[Bounce], now: datetime) -> int:
    """Take down what came back, each once; how many were about a mail of ours.

    A bounce counts when it names our mail and the very address that it went to; anything else changes nothing. What
    follows (the address is left alone, a task for the front desk) is decided where failed texts are decided, too.
    """
    return sum(_record(each, now=now) for each in islice(bounces, MOST))


def _record(bounce: Bounce, *, now: datetime) -> bool:
    found = db.session.execute(
        select(Message.public_id, Message.provider_id, Message.sent_to).where(
            Message.public_id.in_(bounce.references[:MOST]), Message.channel == Channel.EMAIL
        )
    ).all()
    named = {fold_address(Channel.EMAIL, each) for each in bounce.recipients}
    ours = [row for row in found if row.sent_to and fold_address(Channel.EMAIL, row.sent_to) in named]
    for row in ours:
        report = StatusReport(
            provider_id=row.provider_id or row.public_id,
            provider_status=BOUNCED,
            status=DeliveryStatus.UNDELIVERED,
            error_code=bounce.status,
            raw={"Status": bounce.status},
            remedy=bounce.remedy,
        )
        record_status(reference=row.public_id, report=report, now=now)
    return bool(ours)
