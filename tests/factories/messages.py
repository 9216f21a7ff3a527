from __future__ import annotations

from typing import Any

from telehealth.domain.planning import DEFAULT_RULES
from telehealth.domain.words import Channel, MessageKind, Mode
from telehealth.models import Practice, ReminderRule
from tests.factories.rows import keep


def make_rule(practice: Practice, minutes_before: int = 24 * 60, **given: Any) -> ReminderRule:
    """Remind by e-mail, however people meet."""
    usual = {"kind": MessageKind.REMINDER, "channel": Channel.EMAIL, "modes": [mode.value for mode in Mode]}
    return keep(ReminderRule(practice_id=practice.id, minutes_before=minutes_before, **{**usual, **given}))


def make_rules(practice: Practice) -> list[ReminderRule]:
    """What a new practice starts with."""
    return [
        make_rule(practice, rule.minutes_before, kind=rule.kind, channel=rule.channel, modes=list(rule.modes))
        for rule in DEFAULT_RULES
    ]
