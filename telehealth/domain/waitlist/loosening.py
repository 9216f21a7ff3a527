"""Which changes of a service, or of a therapist's limits, can make times bookable that were not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LESS_OPENS = frozenset({
    "duration_minutes", "buffer_before_minutes", "buffer_after_minutes", "notice_minutes", "load_percent",
    "therapists_needed", "break_minutes", "note_minutes",
})  # fmt: skip
MORE_OPENS = frozenset({"horizon_days", "capacity", "daily_cap", "weekly_cap", "longest_run"})
OTHER_OPENS = frozenset({"kind", "modes", "step_minutes", "room_kind", "opened_by_staff"})
"""Fields of models.Service and models.Therapist; what is in none of them says something, and decides nothing."""


def opens_time(before: Mapping[str, object], after: Mapping[str, object]) -> bool:
    """Whether any field changed in a way that may open time. A number that is None is no limit."""
    return any(_opens(name, before[name], value) for name, value in after.items() if before[name] != value)


def _opens(name: str, old: Any, new: Any) -> bool:  # Of whatever type the field is; numbers are compared.
    if name in LESS_OPENS:
        return bool(new < old)
    if name in MORE_OPENS:
        return new is None or (old is not None and new > old)
    return name in OTHER_OPENS
