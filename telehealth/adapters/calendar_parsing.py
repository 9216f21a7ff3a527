"""Reads iCalendar files that strangers have written: in a process of its own, which may die of them.

The rules of ``domain.calendars`` bound what a reading costs. That process bounds what they may have overlooked: its
memory, its processor time and how long it is waited for. What is small, as one event of a CalDAV server is, is read
here for a part of those steps; only what needs more of them goes to the process.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from telehealth.domain.calendar_ports import CalendarFailed, OwnEvent, OwnTimes, ReadingWindow, TakenTimes
from telehealth.domain.calendar_words import CalendarFailure
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.late import Library

if TYPE_CHECKING:
    from telehealth.domain.calendars.recurring import Effort

reading = Library("telehealth.domain.calendars.reading")
recurring = Library("telehealth.domain.calendars.recurring")

SMALL = 65_536
"""Bytes of all files together that are read without another process."""
SMALL_STEPS = 20_000
"""All of these together may take so many: some hundredths of a second."""
MOST_TOGETHER = 100_000_000
"""Bytes of all files of one reading."""
OUT_OF_MEMORY = 3
"""What the process ends with when it may have no more."""
_STOPPED = {-signal.SIGXCPU, -signal.SIGKILL, OUT_OF_MEMORY}
_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = "telehealth.adapters.calendar_parser"

Outcome = TakenTimes | CalendarFailure
"""Of one of several files: what it says, or why it could not be read."""


@dataclass(frozen=True, slots=True)
class ParsingLimits:
    """What the process may take: seconds of processor time, seconds until it is ended, bytes of memory. ``small`` is
    up to how many bytes are read without it.
    """

    cpu_seconds: int = 20
    seconds: float = 60
    memory: int = 1_000_000_000
    small: int = SMALL


class CalendarParser:
    """Reads files into taken times. Safe to share between threads. A process is given nothing of our environment: no
    secret could be read there.
    """

    def __init__(self, limits: ParsingLimits | None = None) -> None:
        self._limits = limits or ParsingLimits()

    def read(self, content: bytes, window: ReadingWindow) -> TakenTimes:
        """What one file says: a whole calendar or one event with its exceptions. Raises CalendarFailed: NOT_A_CALENDAR,
        UNREADABLE, TOO_LARGE, or TIMED_OUT when this machine had no time for it.
        """
        (outcome,) = self.read_many([content], window)
        if isinstance(outcome, CalendarFailure):
            raise CalendarFailed(outcome)
        return outcome

    def read_many(self, contents: Sequence[bytes], window: ReadingWindow) -> Sequence[Outcome]:
        """What each of several files says, such as those of a CalDAV server; one that cannot be read spoils no other.
        Raises CalendarFailed when all together are too much.
        """
        if sum(map(len, contents)) <= self._limits.small:
            effort = recurring.Effort(SMALL_STEPS)
            outcomes = [read_outcome(content, window, effort) for content in contents]
            if CalendarFailure.TOO_LARGE not in outcomes:
                return outcomes
        return self._read_apart(contents, window)

    def _read_apart(self, contents: Sequence[bytes], window: ReadingWindow) -> Sequence[Outcome]:
        if sum(map(len, contents)) > MOST_TOGETHER:
            raise CalendarFailed(CalendarFailure.TOO_LARGE)
        asked = json.dumps({**_limits_asked(self._limits), **_window_asked(window), "sizes": [*map(len, contents)]})
        try:
            done = subprocess.run(  # noqa: S603 -- our own program, started by our own Python
                [sys.executable, "-m", _PROGRAM],
                input=b"".join([asked.encode(), b"\n", *contents]),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # It might tell what stands in the calendar.
                timeout=self._limits.seconds,
                cwd=_ROOT,
                env={},
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise CalendarFailed(CalendarFailure.TIMED_OUT) from None
        return parse_answer(done.returncode, done.stdout)


def read_outcome(content: bytes, window: ReadingWindow, effort: Effort) -> Outcome:
    """What one file says, for no more than what is left of an effort."""
    try:
        times: TakenTimes = reading.read_times(content, window, effort)
    except CalendarFailed as failed:
        return failed.failure
    return times


def parse_answer(status: int, answer: bytes) -> Sequence[Outcome]:
    """What the process has found. Its answer is taken for data of a stranger, too."""
    if status in _STOPPED:
        raise CalendarFailed(CalendarFailure.TOO_LARGE)
    if status != 0:
        raise CalendarFailed(CalendarFailure.UNREADABLE)
    return [parse_outcome(told) for told in json.loads(answer)]


def _limits_asked(limits: ParsingLimits) -> Mapping[str, Any]:
    return {"cpu_seconds": limits.cpu_seconds, "memory": limits.memory}


def _window_asked(window: ReadingWindow) -> Mapping[str, Any]:
    return {
        "since": window.since.isoformat(),
        "until": window.until.isoformat(),
        "zone": window.zone,
        "owner_addresses": sorted(window.owner_addresses),
        "is_tentative_busy": window.is_tentative_busy,
        "known": {name: (ours.key, _dump_spans(ours.spans)) for name, ours in window.known.items()},
    }


def parse_window(asked: Mapping[str, Any]) -> ReadingWindow:
    """The window that ``_window_asked`` wrote."""
    return ReadingWindow(
        since=datetime.fromisoformat(asked["since"]),
        until=datetime.fromisoformat(asked["until"]),
        zone=asked["zone"],
        owner_addresses=frozenset(asked["owner_addresses"]),
        is_tentative_busy=asked["is_tentative_busy"],
        known={name: OwnTimes(key, _parse_spans(spans)) for name, (key, spans) in asked["known"].items()},
    )


def dump_outcome(outcome: Outcome) -> Any:
    """An outcome as JSON can carry it; instants are seconds since 1970."""
    if isinstance(outcome, CalendarFailure):
        return outcome.value
    return {
        "spans": _dump_spans(outcome.spans),
        "own": [(own.key, own.uid, _seconds(own.starts_at), _seconds(own.ends_at)) for own in outcome.own],
        "unread": outcome.unread,
    }


def parse_outcome(told: Any) -> Outcome:
    """The outcome that ``dump_outcome`` wrote."""
    if isinstance(told, str):
        return CalendarFailure(told)
    return TakenTimes(
        spans=_parse_spans(told["spans"]),
        own=tuple(OwnEvent(key, uid, _instant(begin), _instant(end)) for key, uid, begin, end in told["own"]),
        unread=told["unread"],
    )


def _dump_spans(spans: Iterable[BusySpan]) -> list[tuple[float, float]]:
    return [(_seconds(span.starts_at), _seconds(span.ends_at)) for span in spans]


def _parse_spans(told: Iterable[tuple[float, float]]) -> tuple[BusySpan, ...]:
    return tuple(BusySpan(_instant(begin), _instant(end)) for begin, end in told)


def _seconds(instant: datetime) -> float:
    return instant.timestamp()


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
