"""The terms for changing one's mind, in a sentence or two."""

from __future__ import annotations

from telehealth.domain.words import LateChange
from telehealth.models import Policy

HOUR, DAY = 60, 24 * 60
HOURS_UNTIL = 72 * HOUR
"""Practices say "48 hours", not "two days": only longer windows are said in days."""
WITHOUT = "You can move or cancel it online until it starts."
AFTERWARDS = {
    LateChange.CALL: "After that, please call us.",
    LateChange.MARK: "After that you can still cancel, and it counts as a late cancellation; to move it, call us.",
}


def say_terms(policy: Policy | None) -> str:
    """What a client may do until when, and then what the practice itself says about it."""
    if policy is None:
        return WITHOUT
    said = [WITHOUT]
    if policy.window_minutes:
        until = f"You can move or cancel it online until {say_span(policy.window_minutes)} before the start."
        said = [until, AFTERWARDS[policy.when_late]]
    return " ".join(filter(None, [*said, policy.terms.strip()]))


def say_span(minutes: int) -> str:
    """ "30 minutes", "24 hours", "5 days"."""
    if minutes > HOURS_UNTIL and minutes % DAY == 0:
        return f"{minutes // DAY} days"
    if minutes and minutes % HOUR == 0:
        return "1 hour" if minutes == HOUR else f"{minutes // HOUR} hours"
    return f"{minutes} minutes"
