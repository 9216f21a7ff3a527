"""When a therapist may treat somebody who is in a place.

Care happens where the client is (ATA practice guidelines); memberships of compacts change often and are data, kept as
rows with dates, never rules in code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol


class Basis(StrEnum):
    """What an authority rests on."""

    LICENCE = "licence"
    COMPACT = "compact"  # A privilege under a compact of states, such as PSYPACT.
    EXEMPTION = "exemption"  # For example a state's rule for clients who are only visiting.


class Authority(Protocol):
    """A licence, compact privilege or exemption; both dates inclusive."""

    @property
    def jurisdiction(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_until(self) -> date | None: ...


class Held(NamedTuple):
    """An authority as far as dates are asked about."""

    jurisdiction: str
    valid_from: date
    valid_until: date | None

    @classmethod
    def read(cls, jurisdiction: str, valid_from: str, valid_until: str | None) -> Held:
        """From dates in ISO 8601."""
        until = date.fromisoformat(valid_until) if valid_until is not None else None
        return cls(jurisdiction, date.fromisoformat(valid_from), until)


def uncovered(authorities: Iterable[Authority], *, jurisdiction: str) -> Iterator[tuple[date, date]]:
    """The stretches of dates, half-open and ascending, on which none of the authorities covers the jurisdiction.

    ``date.min`` and ``date.max`` stand for "since ever" and "for ever". Dates are those of the therapist's calendar.
    """
    covered = (each for each in authorities if each.jurisdiction == jurisdiction)
    day = date.min
    for authority in sorted(covered, key=lambda each: each.valid_from):
        if day < authority.valid_from:
            yield day, authority.valid_from
        day = max(day, _day_after(authority.valid_until or date.max))
    if day < date.max:
        yield day, date.max


def covered_on(authorities: Sequence[Authority], day: date) -> frozenset[str]:
    """The jurisdictions that the authorities cover on a date."""
    held = {each.jurisdiction for each in authorities}
    return frozenset(each for each in held if may_treat(authorities, jurisdiction=each, on=day))


def _day_after(day: date) -> date:
    return day if day == date.max else day + timedelta(days=1)


def may_treat(authorities: Iterable[Authority], *, jurisdiction: str, on: date) -> bool:
    """Whether one of the authorities covers the jurisdiction on that date."""
    return not any(first <= on < end for first, end in uncovered(authorities, jurisdiction=jurisdiction))
