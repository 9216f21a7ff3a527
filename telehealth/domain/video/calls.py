"""What a call in our own room is made of, and who may do what in it.

A call belongs to one appointment. Everybody who comes is a caller: with one device at a time, told apart by how
manieth it is, so that others see when somebody has loaded the page anew. Pictures and voices go from browser to
browser; here only what connects them passes through (signals), and it is forgotten once it was fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from telehealth.domain.words import AppointmentStatus

OFF = (AppointmentStatus.PENDING, AppointmentStatus.CANCELLED, AppointmentStatus.NOSHOW)
"""An appointment that stands so has no room."""
GONE_AFTER = timedelta(seconds=20)
"""Whoever was not heard of for so long has left: a phone that sleeps says no goodbye."""
LINGERS = timedelta(minutes=5)
"""A session that runs over keeps its room for so long after two were last in it: whoever drops out finds the way back,
and a page that one person left open keeps no room.
"""
SEEN_EVERY = timedelta(seconds=5)
"""So often it is written down that somebody is still there."""
KEPT_FOR = timedelta(hours=1)
"""What nobody has fetched by then is of no use to anybody."""
LARGEST_SIGNAL = 20_000
"""Letters: a description of six tracks with all their candidates has some 12,000."""
MOST_SIGNALS = 60
"""In one exchange, each way."""
MOST_KEPT = 300
"""Of one caller that wait to be fetched: more are of somebody who floods."""
MOST_CALLERS = 6
"""In a mesh each browser sends its picture to every other one."""


class CallerRole(StrEnum):
    """As what somebody comes."""

    THERAPIST = "therapist"
    CLIENT = "client"
    COMPANION = "companion"  # Acts for a client, and came by a link of their own.
    GUEST = "guest"  # An interpreter, a school counsellor: invited to one appointment.


def say_whom(role: CallerRole, public_id: str | int) -> str:
    """How a caller names the row of whoever it is (``Caller.whom``), by its public id, or by the id of a user."""
    return f"{_ROWS[role]}:{public_id}"


_ROWS: Mapping[CallerRole, str] = {
    CallerRole.THERAPIST: "user",
    CallerRole.CLIENT: "attendee",
    CallerRole.COMPANION: "companion",
    CallerRole.GUEST: "guest",
}


class GuestKind(StrEnum):
    """As what somebody is invited."""

    INTERPRETER = "interpreter"
    SCHOOL = "school"
    CASE_WORKER = "case_worker"
    OTHER = "other"


class CallerState(StrEnum):
    """Where somebody is."""

    WAITING = "waiting"
    ADMITTED = "admitted"
    LEFT = "left"
    REMOVED = "removed"


STEPS: Mapping[CallerState, frozenset[CallerState]] = {
    CallerState.WAITING: frozenset({CallerState.ADMITTED, CallerState.LEFT, CallerState.REMOVED}),
    CallerState.ADMITTED: frozenset({CallerState.LEFT, CallerState.REMOVED}),
    # They come again, or are let in again after all.
    CallerState.LEFT: frozenset({CallerState.WAITING, CallerState.ADMITTED}),
    CallerState.REMOVED: frozenset({CallerState.ADMITTED}),
}
PRESENT = frozenset({CallerState.WAITING, CallerState.ADMITTED})
"""They are at the door or inside."""


class Come(Protocol):
    """What is asked of a caller who comes, and of their call."""

    @property
    def role(self) -> CallerRole: ...
    @property
    def state(self) -> CallerState: ...
    @property
    def admitted_at(self) -> datetime | None: ...


def state_on_coming(caller: Come) -> CallerState:
    """Therapists are in at once, and so is whoever was let in before and comes back: a dropped network must not put
    anybody before the door again. Who was put out stays out until they are let in again.
    """
    if caller.state == CallerState.REMOVED:
        return CallerState.REMOVED
    is_in = caller.role == CallerRole.THERAPIST or caller.admitted_at is not None
    return CallerState.ADMITTED if is_in else CallerState.WAITING


class Inside(Protocol):
    """What is asked of a caller about their time in the room."""

    @property
    def state(self) -> CallerState: ...
    @property
    def admitted_at(self) -> datetime | None: ...
    @property
    def seen_at(self) -> datetime: ...
    @property
    def left_at(self) -> datetime | None: ...


def is_in_use(callers: Iterable[Inside], *, now: datetime) -> bool:
    """Whether two people are in a call, or were a moment ago (``LINGERS``)."""
    return sum(_was_inside(each, since=now - LINGERS) for each in callers) > 1


def _was_inside(caller: Inside, *, since: datetime) -> bool:
    if caller.admitted_at is None or caller.state not in {CallerState.ADMITTED, CallerState.LEFT}:
        return False
    return (caller.left_at or caller.seen_at) > since


def count_places(callers: Iterable[Inside], *, now: datetime) -> int:
    """How many more our own room carries (``MOST_CALLERS``), beside those of these who are inside."""
    inside = sum(each.state == CallerState.ADMITTED and is_there(each.state, each.seen_at, now=now) for each in callers)
    return max(0, MOST_CALLERS - inside)


def is_there(state: CallerState, seen_at: datetime, *, now: datetime) -> bool:
    """Whether somebody is at the door or inside, and was heard of lately (``GONE_AFTER``)."""
    return state in PRESENT and now - seen_at < GONE_AFTER


@dataclass(frozen=True, slots=True)
class SignalSent:
    """What a browser wants handed to another one: ``number`` counts those of one device, so that one that is sent
    again, because the answer was lost, is handed over once. ``body`` is JSON that only browsers read.
    """

    recipient: str
    number: int
    body: str


def usable_signals(sent: Iterable[SignalSent]) -> list[SignalSent]:
    """Those that are not too large, as many as are taken at once."""
    return [each for each in sent if 0 < len(each.body) <= LARGEST_SIGNAL and each.number > 0][:MOST_SIGNALS]
