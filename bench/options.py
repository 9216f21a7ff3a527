"""What is asked for, in the environment: processes that are started for a figure see the same.

``QUICK=yes`` measures with smaller numbers, in a few minutes; ``ONLY=bookings,feed`` measures only these.
"""

from __future__ import annotations

import os
from typing import TypeVar

from config.environment import Environment

Size = TypeVar("Size")

_asked = Environment(os.environ)
QUICK = _asked.flag("QUICK", default=False)
ONLY = _asked.words("ONLY")
PROBLEMS = _asked.problems


def sized(full: Size, *, quick: Size) -> Size:
    """How much there is of something in this run."""
    return quick if QUICK else full
