"""How often clients have moved an appointment, and what is only a step back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Place = Mapping[str, Any]
"""When, how, where and with whom, as the audit keeps it before and after a move."""

SAME = ("starts_at", "mode", "location_id", "therapist_id", "co_therapist_id")


def places_left_behind(moves: Iterable[tuple[Place, Place]]) -> list[Place]:
    """Where it was before each move (before, after) that still counts, in order. Who moves it back where it was has
    undone the move, and not made a second one.
    """
    left: list[Place] = []
    for before, after in moves:
        if left and is_same_place(left[-1], after):
            left.pop()
        else:
            left.append(before)
    return left


def is_same_place(one: Place, other: Place) -> bool:
    """Whether both are the same time, way to meet, place and people."""
    return all(one.get(name) == other.get(name) for name in SAME)
