"""Lengths of time in a form: a number and what it is counted in, kept as minutes."""

from __future__ import annotations

from telehealth.web.desk.words import DAY, DAYS_FROM, HOUR
from telehealth.web.form_reader import FormReader

UNITS = {"minutes": 1, "hours": HOUR, "days": DAY}
LARGEST = 10_000


def typed_span(typed: FormReader, field: str) -> int | None:
    """The minutes in the fields ``<field>`` and ``<field>_unit``; a problem is noted under the field's name."""
    amount = typed.number(field, "Please enter a whole number.")
    unit = UNITS.get(typed.text(f"{field}_unit"))
    if amount is None:
        return None
    if unit is None or not 0 <= amount <= LARGEST:
        typed.problems[field] = "Please enter a whole number, and choose minutes, hours or days."
        return None
    return amount * unit


def filled_span(field: str, minutes: int) -> list[tuple[str, str]]:
    """The two fields as somebody would have filled them in: "36 hours" rather than "2,160 minutes"."""
    unit = next(name for name in ("days", "hours", "minutes") if minutes % UNITS[name] == 0)
    if unit == "days" and minutes < DAYS_FROM:
        unit = "hours"
    return [(field, str(minutes // UNITS[unit])), (f"{field}_unit", unit)]
