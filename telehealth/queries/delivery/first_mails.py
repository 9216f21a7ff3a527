"""Which e-mail about an appointment a reader got first: the later ones stand below it in a mail program."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import aliased

from telehealth.domain.message_words import Channel
from telehealth.models import Message

_EARLIER = aliased(Message)

FIRST_MAIL = (
    select(_EARLIER.public_id)
    .where(
        _EARLIER.appointment_id == Message.appointment_id,
        _EARLIER.recipient == Message.recipient,
        _EARLIER.channel == Channel.EMAIL,
        _EARLIER.sent_at.is_not(None),
    )
    .order_by(_EARLIER.sent_at, _EARLIER.id)
    .limit(1)
    .scalar_subquery()
)
"""Its public id, for a message; nothing before one went out. It is loaded with the message itself."""
