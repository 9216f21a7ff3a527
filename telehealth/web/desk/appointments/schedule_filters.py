"""What somebody wants to see of the schedule. It stands in the address, and is remembered until they sign out.

The names in the address: ``view``, ``day`` (a date, not remembered), and with ``set=1`` the form's: ``by``, ``who``
(public ids of therapists), ``colour``, ``cancelled``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar

from flask import request, session

from telehealth.domain.errors import NotFound
from telehealth.models import Therapist
from telehealth.web.acting import viewer

KEPT_AS = "schedule"
MOST_CHOSEN = 40

Word = TypeVar("Word", bound=StrEnum)


class View(StrEnum):
    """How much of the calendar is shown at once."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Side(StrEnum):
    """What the columns of a day are."""

    THERAPISTS = "therapists"
    ROOMS = "rooms"


class Colours(StrEnum):
    """What colours mean. Every entry says the same in words."""

    SERVICE = "service"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Filters:
    """The choices. ``who`` are public ids of therapists; nobody chosen means everybody."""

    view: View = View.DAY
    by: Side = Side.THERAPISTS
    who: tuple[str, ...] = ()
    colour: Colours = Colours.SERVICE
    cancelled: bool = False

    def those_of(self, team: Sequence[Therapist]) -> list[Therapist]:
        """The chosen ones of these therapists; all of them when none of them is chosen."""
        return [each for each in team if each.public_id in self.who] or list(team)


def read_filters() -> Filters:
    """What the address asks for, and what was chosen before where it says nothing; remembered for the next page."""
    kept = session.get(KEPT_AS, {})
    filters = _filters_from(kept) if kept.get("login") == viewer.id else Filters()
    given = request.args
    if "view" in given:
        filters = replace(filters, view=_one_of(View, given["view"], View.DAY))
    if "set" in given:
        filters = replace(
            filters,
            by=_one_of(Side, given.get("by"), Side.THERAPISTS),
            who=tuple(given.getlist("who")[:MOST_CHOSEN]),
            colour=_one_of(Colours, given.get("colour"), Colours.SERVICE),
            cancelled="cancelled" in given,
        )
    elif given.get("therapist"):
        filters = replace(filters, who=(given["therapist"],))
    chosen = {"login": viewer.id, **asdict(filters)}
    if kept != chosen:
        session[KEPT_AS] = {**chosen, "who": list(filters.who)}
    return filters


def read_day(today: date) -> date:
    """The date in the address, or today. Raises NotFound for what is no date of our time."""
    given = request.args.get("day")
    if not given:
        return today
    try:
        day = date.fromisoformat(given)
    except ValueError as problem:
        raise NotFound from problem
    if not today.year - 50 <= day.year <= today.year + 50:
        raise NotFound
    return day


def _filters_from(kept: dict[str, object]) -> Filters:
    who = kept.get("who", ())
    return Filters(
        view=_one_of(View, kept.get("view"), View.DAY),
        by=_one_of(Side, kept.get("by"), Side.THERAPISTS),
        who=tuple(who) if isinstance(who, list | tuple) else (),
        colour=_one_of(Colours, kept.get("colour"), Colours.SERVICE),
        cancelled=bool(kept.get("cancelled")),
    )


def _one_of(words: type[Word], given: object, otherwise: Word) -> Word:
    return next((each for each in words if each.value == given), otherwise)
