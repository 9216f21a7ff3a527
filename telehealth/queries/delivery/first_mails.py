"""Which e-mail about an appointment a reader got first: the later ones stand below it in a mail program."""

from __future__ import annotations

from sqlalchemy import case, select
from sqlalchemy.orm import aliased

from telehealth.domain.words import Channel
from telehealth.models import Message

_EARLIER = aliased(Message)

# Which of them went out is asked of the few e-mails that one reader has about one appointment, and not where they are
# looked for: PostgreSQL knows an index by ``sent_at``, and reads all of it for each message, as long as it believes
# that hardly anything was sent yet.
_ID_IF_SENT = case((_EARLIER.sent_at.is_not(None), _EARLIER.public_id))
FIRST_MAIL = (
    select(_ID_IF_SENT)
    .where(
        Message.channel == Channel.EMAIL,
        _EARLIER.appointment_id == Message.appointment_id,
        _EARLIER.recipient == Message.recipient,
        _EARLIER.channel == Channel.EMAIL,
    )
    .order_by(_EARLIER.sent_at.is_(None), _EARLIER.sent_at, _EARLIER.id)
    .limit(1)
    .scalar_subquery()
)
"""Its public id, for an e-mail; nothing before one went out. It is loaded with the message itself."""
