"""Making the records of an earlier hour safe to work with: what they still want to send may have been sent since."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, update

from telehealth.database import transaction
from telehealth.domain.delivery.states import require_step
from telehealth.domain.message_words import Channel, MessageStatus, Reason, TaskKind
from telehealth.models import Message
from telehealth.queries.delivery.outbox import IS_OPEN
from telehealth.services.delivery.leases import GIVEN_BACK
from telehealth.services.task_opening import open_task

NOTE = (
    "E-mails that were due when an earlier copy of the records was restored: {count}. They may have been sent before, "
    "so they do not go again. The log says which."
)


@dataclass(frozen=True, slots=True)
class Settled:
    """About how many texts the provider will be asked, and how many e-mails are left to people."""

    texts: int
    emails: int


def settle_restored(*, now: datetime) -> Settled:
    """Send nothing a second time that was due before ``now``, after an earlier state of the database was restored.

    About a text the provider is asked before it goes. About an e-mail nobody can be asked, so it does not go again, and
    each practice is told once. What is due later goes as planned. Settled twice, it is done once.
    """
    was_due = (IS_OPEN, Message.due_at <= now)
    since = func.coalesce(Message.first_tried_at, Message.due_at)
    ask_first = update(Message).where(*was_due, Message.channel == Channel.TEXT, Message.unsure.is_(False))
    leave_out = update(Message).where(*was_due, Message.channel == Channel.EMAIL).returning(Message.practice_id)
    failed = require_step(MessageStatus.SENDING, MessageStatus.FAILED)
    with transaction() as session:
        texts = session.execute(
            ask_first.values(GIVEN_BACK | {"unsure": True, "first_tried_at": since, "changed_at": now}).returning(
                Message.id
            )
        ).all()
        emails = session.scalars(
            leave_out.values(
                status=failed, reason=Reason.RESTORED, worker=None, lease_until=None, unsure=False, changed_at=now
            )
        ).all()
        for practice_id, count in sorted(Counter(emails).items()):
            note = NOTE.format(count=count)
            open_task(session, practice_id=practice_id, kind=TaskKind.RESTORED, note=note, now=now)
    return Settled(len(texts), len(emails))
