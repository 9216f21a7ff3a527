"""What is asked for, in the environment: processes that are started for a figure see the same.

``QUICK=yes`` measures with smaller numbers, in a few minutes; ``ONLY=bookings,feed`` measures only these. A group, such
as ``ONLY=writing``, is quick unless ``QUICK=no`` is said.
"""

from __future__ import annotations

import os
from typing import TypeVar

from config.environment import Environment

Size = TypeVar("Size")

_asked = Environment(os.environ)
ONLY = _asked.words("ONLY")
GROUPS = {
    "writing": (
        "bookings", "rivals", "crowd", "series", "planning", "pages", "counts", "in-play", "cold-start",
    ),
}  # fmt: skip
"""What is looked at together, and often: the parts of names of workloads that one word stands for."""
QUICK = _asked.flag("QUICK", default=not GROUPS.keys().isdisjoint(ONLY))
PROBLEMS = _asked.problems


def sized(full: Size, *, quick: Size) -> Size:
    """How much there is of something in this run."""
    return quick if QUICK else full
