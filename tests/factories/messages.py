from __future__ import annotations

from typing import Any

from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.rules import AFTER, BEFORE, EVERY_MODE
from telehealth.models import MessageRule, Practice
from tests.factories.rows import keep


def make_rule(practice: Practice, minutes: int = 24 * 60, **given: Any) -> MessageRule:
    """Remind by e-mail, however people meet."""
    usual = {"kind": MessageKind.REMINDER, "channel": Channel.EMAIL, "modes": list(EVERY_MODE)}
    return keep(MessageRule(practice_id=practice.id, minutes=minutes, **{**usual, **given}))


def say_only_news(practice: Practice) -> list[MessageRule]:
    """No reminders, no links, no follow-ups: what is booked, moved or off is all that is said."""
    return [make_rule(practice, kind=kind, is_on=False) for kind in (*BEFORE, *AFTER)]
