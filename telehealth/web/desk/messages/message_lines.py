"""One message as staff read it: to whom, when, in which words, what became of it."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from telehealth.domain import times
from telehealth.domain.addresses import without_keys
from telehealth.domain.contact import say_phone
from telehealth.domain.delivery.verdicts import BY_ADDRESS
from telehealth.domain.reasons import say_why
from telehealth.models import Message
from telehealth.web.desk import words


def shown(row: Message, zone: ZoneInfo) -> dict[str, Any]:
    """What the templates need, with times in ``zone``."""
    return {
        "public_id": row.public_id,
        "title": words.message(row),
        "channel": words.CHANNELS[row.channel],
        "to": reader(row),
        "status": row.status,
        "planned_for": times.say_briefly(row.planned_for, zone),
        "due_at": times.say_briefly(row.due_at, zone),
        "not_after": times.say_briefly(row.not_after, zone),
        "sent_at": times.say_briefly(row.sent_at, zone) if row.sent_at is not None else "",
        "reason": say_why(row).rstrip("."),
        "error_code": row.error_code,
        "segments": row.segments,
        "subject": row.subject,
        "body": without_keys(row.body),
        "appointment": row.appointment,
        "reports": [
            (times.say_briefly(event.received_at, zone), event.provider_status, event.error_code)
            for event in row.events
        ],
    }


def reader(row: Message) -> str:
    """Who reads it: a client by name, or who acts for them, a therapist, whoever has the number that texted us, or
    somebody on duty.
    """
    own = row.offer.entry if row.offer is not None else row.attendee
    if own is not None:
        return own.name if row.companion is None else f"{row.companion.name}, for {own.name}"
    if row.login_letter is not None:
        return row.login_letter.user.name
    if row.kind in BY_ADDRESS:
        return row.therapist.name if row.therapist is not None else _say_address(row.sent_to)
    if row.inbound is not None:
        return row.inbound.client.name if row.inbound.client is not None else say_phone(row.inbound.sender)
    return row.therapist.name if row.therapist is not None else "the therapist"


def _say_address(address: str) -> str:
    return say_phone(address) if address.startswith("+") else address or "a number"
