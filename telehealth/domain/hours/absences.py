"""Why a therapist is away, and when somebody who is away is back: days off, or a leave of weeks or months."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum


class AbsenceKind(StrEnum):
    """Why somebody is away. Nobody outside of the practice learns it."""

    TIME_OFF = "time_off"
    PARENTAL = "parental"
    SICK = "sick"
    SABBATICAL = "sabbatical"


def find_return(absences: Iterable[tuple[datetime, datetime]], at: datetime) -> date | None:
    """The date on which somebody is back who is away at ``at``; None for whoever is there. Naive wall times of their
    own zone; absences that follow one another without a gap are one.
    """
    until = at
    for starts, ends in sorted(absences):
        if starts <= until < ends:
            until = ends
    return until.date() if until > at else None
