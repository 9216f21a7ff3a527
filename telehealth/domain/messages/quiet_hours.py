"""The hours in which nobody is disturbed, by the clock of whoever would be.

A text lights up a phone, so it goes out only while the window is open: between the practice's two times, by default
8:00 to 21:00 on the reader's own wall (47 CFR 64.1200(c)(1)), and inside the stricter hours of some states. The rules
are written for solicitations; we keep them for everything that can wait. The zone and the state are those on record
with the person, never guessed from an area code. An e-mail lies silent and goes at any hour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from types import MappingProxyType
from zoneinfo import ZoneInfo

from telehealth.domain import walltime
from telehealth.domain.walltime import DAY, day_segments, wall_midnight

MIDNIGHT = time.max
"""As ``closes``: until midnight."""


@dataclass(frozen=True, slots=True)
class OpenHours:
    """When people may be written to: [opens, closes) on their own wall. Nobody is, when it does not open before it
    closes; ``time.max`` closes at midnight.
    """

    opens: time
    closes: time

    @property
    def seconds(self) -> tuple[int, int]:
        """Both as wall seconds after midnight."""
        return _seconds(self.opens), DAY if self.closes == MIDNIGHT else _seconds(self.closes)


HoursOf = Callable[[date], OpenHours]
"""The hours on a date of the person's own wall."""

FEDERAL = OpenHours(time(8), time(21))
CLOSED = OpenHours(time(12), time(12))
OPEN_ALL_DAY = OpenHours(time(0), MIDNIGHT)


@dataclass(frozen=True, slots=True)
class HoursOfWeek:
    """The hours of a state's week."""

    weekdays: OpenHours
    saturday: OpenHours
    sunday: OpenHours

    def on(self, weekday: int) -> OpenHours:
        """The hours on a weekday; 0 is Monday."""
        return (*(self.weekdays,) * 5, self.saturday, self.sunday)[weekday]


def _week(opens: int, closes: int, *, sunday: OpenHours | None = None) -> HoursOfWeek:
    hours = OpenHours(time(opens), time(closes))
    return HoursOfWeek(hours, hours, sunday or hours)


STATE_HOURS: Mapping[str, HoursOfWeek] = MappingProxyType(
    {
        **dict.fromkeys(("FL", "MD", "MA", "NJ", "OK", "WA"), _week(8, 20)),
        **dict.fromkeys(("AL", "LA", "MS"), _week(8, 20, sunday=CLOSED)),
        **dict.fromkeys(("CT", "NV"), _week(9, 20)),
        **dict.fromkeys(("MI", "MN", "NM"), _week(9, 21)),
        "KY": _week(10, 21),
        "TX": _week(9, 21, sunday=OpenHours(time(12), time(21))),
        "RI": HoursOfWeek(OpenHours(time(9), time(18)), OpenHours(time(10), time(17)), OpenHours(time(10), time(17))),
    }
)
"""States with stricter hours than the federal ones, by postal code.

From three lists of state rules about solicitation by telephone (support.referrizer.com; dropcowboy.com, 1 November
2025; usestello.com, 8 April 2026), which do not agree everywhere: where they differ, the stricter one stands here. Most
of these rules spare appointment messages; a practice loses nothing by keeping them.
"""

COUNTED = timedelta(days=3)
MINUTE = 60
_DAYS_AROUND = 8  # The longest a window stays shut is a Sunday between two nights; a week more is out of caution.


def hours_at(day: date, *, texts_from: int, texts_until: int, jurisdiction: str | None) -> OpenHours:
    """When texts may go out on a date: the practice's hours, in minutes after midnight (1,440 is the next midnight),
    and the state's ("TX"), whichever is stricter.
    """
    return _on_weekday(day.weekday(), texts_from, texts_until, jurisdiction)


@lru_cache(maxsize=1024)
def hours_of(texts_from: int, texts_until: int, jurisdiction: str | None) -> HoursOf:
    """``hours_at`` for one practice and state."""
    return partial(hours_at, texts_from=texts_from, texts_until=texts_until, jurisdiction=jurisdiction)


def federal_hours(_day: date) -> OpenHours:
    """The federal hours, every day."""
    return FEDERAL


def every_hour(_day: date) -> OpenHours:
    """For whoever is never texted."""
    return OPEN_ALL_DAY


@lru_cache(maxsize=1024)
def _on_weekday(weekday: int, texts_from: int, texts_until: int, jurisdiction: str | None) -> OpenHours:
    opens, closes = _time(texts_from), _time(texts_until)
    state = STATE_HOURS.get(jurisdiction or "")
    if state is None:
        return OpenHours(opens, closes)
    theirs = state.on(weekday)
    return OpenHours(max(opens, theirs.opens), min(closes, theirs.closes))


def is_open(instant: datetime, zone: ZoneInfo, hours_of: HoursOf = federal_hours) -> bool:
    """Whether somebody in ``zone`` may be texted at the aware ``instant``."""
    local = walltime.wall(instant, zone)
    hours = hours_of(local.date())
    return hours.opens <= local.time() < hours.closes


def is_quiet(instant: datetime, zone: ZoneInfo, hours_of: HoursOf = federal_hours) -> bool:
    """Whether it is too early or too late to disturb somebody in ``zone`` at the aware ``instant``."""
    return not is_open(instant, zone, hours_of)


def next_allowed(instant: datetime, zone: ZoneInfo, hours_of: HoursOf = federal_hours) -> datetime | None:
    """The first instant (aware UTC) from ``instant`` on that is not quiet; ``instant`` itself when it is not. None when
    the window does not open in the week that follows.
    """
    if is_open(instant, zone, hours_of):
        return instant
    local, moment = walltime.wall(instant, zone).date(), instant.timestamp()
    for ahead in range(-1, _DAYS_AROUND + 1):
        found = [start for start, _ in _open_spans(local, ahead, zone, hours_of) if start > moment]
        if found:
            return _instant(min(found))
    return None


def last_allowed(instant: datetime, zone: ZoneInfo, hours_of: HoursOf = federal_hours) -> datetime | None:
    """The last minute (aware UTC) before ``instant`` that is not quiet; None when the week before has none."""
    local, moment = walltime.wall(instant, zone).date(), instant.timestamp()
    for back in range(-1, _DAYS_AROUND + 1):
        spans = _open_spans(local, -back, zone, hours_of)
        found = [max(start, min(end, moment) - MINUTE) for start, end in spans if start < moment]
        if found:
            return _instant(max(found))
    return None


def fit_into_hours(
    wished: datetime, zone: ZoneInfo, hours_of: HoursOf, *, earliest: datetime, not_after: datetime
) -> datetime | None:
    """When to send a text that is wished for at ``wished``: then, if the window is open. Else in the last open minute
    before, but not before ``earliest``; else when it opens again, but before ``not_after``. None when neither is left.

    All aware; what comes back is aware UTC.
    """
    if is_open(wished, zone, hours_of):
        return wished if wished < not_after else None
    before = last_allowed(wished, zone, hours_of)
    if before is not None and before >= earliest:
        return before
    later = next_allowed(wished, zone, hours_of)
    return later if later is not None and later < not_after else None


def waking_time(since: datetime, until: datetime, zone: ZoneInfo, hours_of: HoursOf) -> timedelta:
    """How much of [since, until) (aware) lies in hours in which somebody in ``zone`` may be written to. Of a long time
    only the first days are counted.
    """
    begins, ends = since.timestamp(), min(until, since + COUNTED).timestamp()
    local = walltime.wall(since, zone).date()
    spans = (span for ahead in range(-1, COUNTED.days + 2) for span in _open_spans(local, ahead, zone, hours_of))
    return timedelta(seconds=sum(max(0.0, min(end, ends) - max(start, begins)) for start, end in spans))


def _open_spans(day: date, ahead: int, zone: ZoneInfo, hours_of: HoursOf) -> list[tuple[int, int]]:
    """The open periods [start, end) of the date so many days after ``day``, in epoch seconds: one, or two when the
    clock changes while the window is open, or none.
    """
    that = day + timedelta(days=ahead)
    opens, closes = hours_of(that).seconds
    midnight = wall_midnight(that)
    cut = (
        (max(start, midnight + opens - offset), min(end, midnight + closes - offset))
        for offset, start, end in day_segments(that, zone)
    )
    return [(start, end) for start, end in cut if start < end]


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _seconds(wall: time) -> int:
    return (wall.hour * 60 + wall.minute) * 60 + wall.second


def _time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60) if minutes < DAY // 60 else MIDNIGHT
