"""How long to wait before the outside world is tried once more. Pure."""

from __future__ import annotations

from datetime import timedelta

MOST_DOUBLINGS = 10
LONGEST_ASKED = timedelta(days=1)
"""Nobody is left alone for longer because they ask it: some ask for more than there are days."""


def wait_before_next(
    tries: int, *, first: timedelta, longest: timedelta, asked: float | None = None, spread: float = 1.0
) -> timedelta:
    """How long to wait after so many ``tries``: ``first``, and twice as long each time up to ``longest``; never less
    than the seconds that the other side ``asked`` for, up to a day. ``spread`` (1.0 to 1.1) lengthens it, so that what
    failed together does not come back together.
    """
    doubled: timedelta = min(first * 2 ** min(max(tries - 1, 0), MOST_DOUBLINGS), longest)
    return max(doubled, timedelta(seconds=min(asked or 0, LONGEST_ASKED.total_seconds()))) * spread
