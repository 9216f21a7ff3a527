"""Going to accounts elsewhere and asking their calendars, one after the other, with no transaction open."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from telehealth.domain.calendar_ports import (
    Bookmark,
    CalendarAccess,
    CalendarFailed,
    CalendarGateway,
    CalendarReading,
    ReadingWindow,
)
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind

log = logging.getLogger(__name__)

MOST_SPANS: Final = 20_000
"""Stretches of taken time that one calendar may tell at once, as one file may (``domain.calendars.reading``)."""
TURN: Final = 300.0
"""Seconds that one account may take: all others of its worker wait for it, however patiently it answers."""

ENDS_IT: Final = frozenset(
    {CalendarFailure.REFUSED, CalendarFailure.OVERLOADED, CalendarFailure.TIMED_OUT, CalendarFailure.UNREACHABLE}
)
"""Each is about the server: the next of its calendars would be told the same, or take as long again to tell nothing."""


@dataclass(frozen=True, slots=True)
class DueCalendar:
    """One calendar to be read: what it was when it was claimed, and what is asked of it."""

    calendar_id: int
    remote_id: str
    as_it_was: tuple[object, ...]
    bookmark: Bookmark
    window: ReadingWindow


@dataclass(frozen=True, slots=True)
class DueConnection:
    """One account in the hands of a worker. ``access`` is None when its secret does not open any more."""

    connection_id: int
    kind: CalendarKind
    reference: str
    sealed: bytes | None = field(repr=False)
    access: CalendarAccess | None
    calendars: Sequence[DueCalendar]


@dataclass(slots=True)
class Outcome:
    """What came of one account: what each of its calendars said, by id, and the worst of what went wrong."""

    due: DueConnection
    access: CalendarAccess | None
    readings: dict[int, CalendarReading] = field(default_factory=dict)
    failed: CalendarFailed | None = None
    took: float = 0.0  # Seconds.

    @property
    def is_quiet(self) -> bool:
        """Whether all went well and nothing is new."""
        is_same = self.failed is None and self.access is self.due.access
        return is_same and all(reading.is_unchanged for reading in self.readings.values())


def read_in_steps(gateway: CalendarGateway, outcome: Outcome, *, now: datetime) -> Iterator[None]:
    """Fill ``outcome`` with what its calendars say, and stop before each but the first of them. What one does not say
    holds up no other, unless it is the server that says nothing, or takes all of its turn.
    """
    yield from _read_each(gateway, outcome, now=now)
    if outcome.failed is not None and outcome.failed.needs_sign_in and outcome.readings:
        # It lets us in: one of its calendars is not shared with its owner any more.
        outcome.failed = CalendarFailed(CalendarFailure.GONE)


def _read_each(gateway: CalendarGateway, outcome: Outcome, *, now: datetime) -> Iterator[None]:
    began = time.monotonic()
    try:
        outcome.access = access = _get_in(gateway, outcome.due, now=now)
    except Exception as error:  # noqa: BLE001 -- whatever it is, the others are read
        outcome.failed = _say_failure(error, outcome.due)
        return
    refused = 0
    for place, calendar in enumerate(outcome.due.calendars):
        if place:
            outcome.took += time.monotonic() - began
            if outcome.took > TURN:
                outcome.failed = _worse(outcome.failed, CalendarFailed(CalendarFailure.TOO_SLOW))
                return
            yield
            began = time.monotonic()
        try:
            outcome.readings[calendar.calendar_id] = _read(gateway, access, calendar)
        except Exception as error:  # noqa: BLE001
            failed = _say_failure(error, outcome.due)
            refused += failed.needs_sign_in
            outcome.failed = _worse(outcome.failed, failed)
            is_only_this_one = failed.needs_sign_in and refused == 1  # Perhaps: the next one tells.
            if failed.failure in ENDS_IT and not is_only_this_one:
                return


def _get_in(gateway: CalendarGateway, due: DueConnection, *, now: datetime) -> CalendarAccess:
    if due.access is None:
        raise CalendarFailed(CalendarFailure.BROKEN)
    return gateway.refresh(due.access, now=now)


def _read(gateway: CalendarGateway, access: CalendarAccess, calendar: DueCalendar) -> CalendarReading:
    try:
        reading = gateway.read(access, calendar.remote_id, calendar.bookmark, calendar.window)
    except CalendarFailed as error:
        if error.failure is not CalendarFailure.TOKEN_EXPIRED:
            raise
        reading = gateway.read(access, calendar.remote_id, Bookmark(), calendar.window)
    if sum(len(entry.spans) for entry in reading.entries) > MOST_SPANS:
        raise CalendarFailed(CalendarFailure.TOO_LARGE)
    return reading


def _say_failure(error: Exception, due: DueConnection) -> CalendarFailed:
    return say_failure(error, {"connection": due.reference, "kind": due.kind.value})


def say_failure(error: Exception, about: Mapping[str, str] | None = None) -> CalendarFailed:
    """What went wrong, in our words. What nobody expected of a stranger's server is a fault of ours; the log says what
    it is ``about``, and it holds up nobody else.
    """
    if isinstance(error, CalendarFailed):
        return error
    log.error("a calendar could not be read", extra={"problem": type(error).__name__, **(about or {})})
    return CalendarFailed(CalendarFailure.BROKEN)  # Without a trace, which could hold addresses.


def _worse(one: CalendarFailed | None, other: CalendarFailed) -> CalendarFailed:
    """That which somebody has to do something about goes first, and that by which the next turn is another."""
    goes_first = other.needs_sign_in or other.failure == CalendarFailure.TOO_SLOW
    return other if one is None or goes_first else one
