"""Stretches of time that are taken in somebody's own calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple


class BusySpan(NamedTuple):
    """A half-open stretch of time, as aware instants."""

    starts_at: datetime
    ends_at: datetime


def join_spans(spans: Iterable[BusySpan]) -> Iterator[BusySpan]:
    """In order, with what overlaps or touches made one."""
    current: BusySpan | None = None
    for span in sorted(spans):
        if current is None or span.starts_at > current.ends_at:
            if current is not None:
                yield current
            current = span
        else:
            current = current._replace(ends_at=max(current.ends_at, span.ends_at))
    if current is not None:
        yield current


def subtract_spans(spans: Iterable[BusySpan], taken: Sequence[BusySpan]) -> Iterator[BusySpan]:
    """What of some spans is left outside of others. Both are in order and do not overlap among themselves."""
    place = 0
    for span in spans:
        begin = span.starts_at
        while place < len(taken) and taken[place].ends_at <= begin:
            place += 1
        for other in taken[place:]:
            if other.starts_at >= span.ends_at:
                break
            if other.starts_at > begin:
                yield BusySpan(begin, other.starts_at)
            begin = max(begin, other.ends_at)
        if begin < span.ends_at:
            yield BusySpan(begin, span.ends_at)
