"""When somebody can start: the one decision behind every time that is offered, booked, or explained.

A pure function of what it is given. All instants are int epoch SECONDS, all periods half-open ``(start, end)`` tuples
of them: a page may ask for a month of a thousand therapists at once. Lengths in ``Rules`` are minutes and days, as
people set them. Hours are wall time in the therapist's zone; notice, buffers and durations are elapsed time.

How it works: the hours give a grid of candidate starts, and every rule then strikes out the starts it forbids. Each
rule has the name of an obstacle, so that "why not then?" is answered by the rules that decide, and by no others.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from telehealth.domain.appointments.load import (
    ORDINARY,
    Booked,
    Bookings,
    without_full_days,
    without_full_weeks,
    without_too_long_runs,
)
from telehealth.domain.hours.opening import (
    ONE_DAY,
    Hours,
    Override,
    Period,
    Schedule,
    clear_of,
    is_open_throughout,
    starts_in_hours,
)
from telehealth.domain.walltime import DAY, local_date, wall_midnight
from telehealth.domain.words import Mode, Obstacle

Key = TypeVar("Key")

_MINUTE = 60
_AROUND = 11 * DAY
_EARLIEST, _LATEST = wall_midnight(date(1, 2, 1)), wall_midnight(date(9000, 1, 1))  # Others come from people who play.


@dataclass(frozen=True, slots=True)
class Rules:
    """What the service asks for: minutes, except ``horizon``, which is days ahead on the therapist's wall calendar.

    ``step`` is the distance of offered starts, counted on the wall from the beginning of each window of hours.
    ``load`` is how much it weighs against a therapist's caps, in percent of an ordinary appointment.
    Raises ValueError for a duration or step below one and for anything negative.
    """

    duration: int
    buffer_before: int = 0
    buffer_after: int = 0
    step: int = 15
    notice: int = 0
    horizon: int = 60
    load: int = ORDINARY

    def __post_init__(self) -> None:
        if self.duration <= 0 or self.step <= 0:
            raise ValueError("duration and step are at least one minute")
        if min(self.buffer_before, self.buffer_after, self.notice, self.horizon, self.load) < 0:
            raise ValueError("buffers, notice, horizon and load are never negative")


@dataclass(frozen=True, slots=True)
class Calendar:
    """One therapist's time and limits. Only what lies near the ask need be given, in any order.

    ``occupied`` already contains the buffers of what occupies it; ``appointments`` are the same without them, and are
    needed only by limits and explanations. ``busy`` comes from the therapist's own calendar, ``unread`` is when nothing
    is offered because that was not read for long, ``closed`` when the practice is, ``left`` when they are not with it
    any more. ``unlicensed`` is when they may not treat where the client is, ``unmet`` when they take nobody whom they
    have not met. Caps count ordinary appointments on a date and in a week from Monday; ``longest_run`` is the most in a
    row without ``break_minutes`` between them. ``note_minutes`` stay free after each.
    """

    zone: ZoneInfo
    hours: Sequence[Hours]
    overrides: Sequence[Override] = ()
    time_off: Sequence[Period] = ()
    closed: Sequence[Period] = ()
    left: Sequence[Period] = ()
    occupied: Sequence[Period] = ()
    busy: Sequence[Period] = ()
    unread: Sequence[Period] = ()
    unlicensed: Sequence[Period] = ()
    unmet: Sequence[Period] = ()
    appointments: Sequence[Booked] = ()
    daily_cap: int | None = None
    weekly_cap: int | None = None
    longest_run: int | None = None
    break_minutes: int = 15
    note_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody looks for: starts in [since, until), how they meet, and where if in person.

    ``rooms`` holds the occupied periods of each room that would do; None when no room is needed. An empty sequence says
    that one is needed and there is none. ``clients`` are the periods in which those who would come are elsewhere.
    """

    since: int
    until: int
    mode: Mode
    location_id: int | None = None
    rooms: Sequence[Sequence[Period]] | None = None
    clients: Sequence[Period] = ()


def free_starts(calendar: Calendar, rules: Rules, ask: Ask, *, now: int) -> list[int]:
    """Every instant at which the appointment could start, ascending. ``now`` and the result are epoch seconds.

    - The whole appointment lies in hours that allow the mode (and are at the place, in person). Hours that touch are
      one, over midnight and over a change of the clocks. Wall times that do not happen are not offered, and those
      that happen twice are offered twice.
    - It touches no time off, no time without a licence, and none after the therapist has left. With its buffers it
      touches nothing that is occupied or busy.
    - It starts ``notice`` or more after ``now``, at most ``horizon`` dates ahead, on a date and in a week that are not
      full, and not in a row of appointments that is long enough.
    - One single room is free for all of it, when a room is needed, and so is everybody who would come.
    """
    return _strike_out(_candidates(calendar, rules, ask, now), calendar, rules, ask)


def obstacles(calendar: Calendar, rules: Rules, ask: Ask, *, now: int) -> list[Obstacle]:
    """Everything that forbids ``ask.since``: nothing if and only if ``free_starts`` would offer it."""
    start = ask.since
    if not _EARLIEST < start < _LATEST:
        return [Obstacle.OUTSIDE_HOURS, Obstacle.PAST if start < now else Obstacle.HORIZON]
    found = [*_out_of_hours(start, calendar, rules, ask), *_out_of_time(start, calendar, rules, now)]
    for obstacle, strike in _STRIKES:
        if not strike([start], calendar, rules, ask):
            found += _takers(start, calendar, rules) if obstacle is Obstacle.TAKEN else [obstacle]
    return found


def first_free(calendars: Iterable[tuple[Key, Calendar]], rules: Rules, ask: Ask, *, now: int) -> dict[int, Key]:
    """Every start that somebody has free, ascending, with the first one in the given order who has.

    ``ask.rooms`` are the rooms for all of them. Starts that someone earlier has are not worked out again.
    """
    found: dict[int, Key] = {}
    for key, calendar in calendars:
        starts = _candidates(calendar, rules, ask, now)
        open_to_us = [start for start in starts if start not in found] if found else starts
        found.update(dict.fromkeys(_strike_out(open_to_us, calendar, rules, ask), key))
    return {start: found[start] for start in sorted(found)}


def first_free_together(
    calendars: Iterable[tuple[Key, Calendar]], rules: Rules, ask: Ask, *, needed: int, named: Collection[Key], now: int
) -> dict[int, Key]:
    """Every start that ``needed`` of them have free, all the ``named`` ones among them, with the first who has."""
    free: dict[int, list[Key]] = defaultdict(list)
    for key, calendar in calendars:
        for start in free_starts(calendar, rules, ask, now=now):
            free[start].append(key)
    return {
        start: keys[0]
        for start, keys in sorted(free.items(), key=lambda pair: pair[0])
        if len(keys) >= needed and all(key in keys for key in named)
    }


def is_in_time(start: int, zone: ZoneInfo, rules: Rules, *, now: int) -> bool:
    """Whether notice and horizon allow a start."""
    return start >= _earliest(rules, now) and local_date(start, zone) <= _last_day(zone, rules, now)


def _earliest(rules: Rules, now: int) -> int:
    return now + rules.notice * _MINUTE


def _last_day(zone: ZoneInfo, rules: Rules, now: int) -> date:
    return local_date(now, zone) + timedelta(days=rules.horizon)


def _candidates(calendar: Calendar, rules: Rules, ask: Ask, now: int) -> Sequence[int]:
    """The starts that hours, notice, horizon and the ask itself allow, ascending."""
    last_day = _last_day(calendar.zone, rules, now)
    since = max(ask.since, _earliest(rules, now))
    # Two days after midnight UTC that date is over in every zone. This keeps absurd asks within the years of datetime.
    until = min(ask.until, wall_midnight(last_day) + 2 * DAY)
    if since >= until:
        return ()
    # One date more on either side: two dates interleave when a clock goes back over midnight.
    first_day = local_date(since, calendar.zone) - ONE_DAY
    last_day = min(last_day, local_date(until, calendar.zone) + ONE_DAY)
    starts = starts_in_hours(
        _schedule(calendar, ask), rules.duration * _MINUTE, rules.step * _MINUTE, first_day, last_day
    )
    return starts[bisect_left(starts, since) : bisect_left(starts, until)]


def _schedule(calendar: Calendar, ask: Ask) -> Schedule:
    return Schedule(calendar.zone, tuple(calendar.hours), tuple(calendar.overrides), ask.mode, ask.location_id)


def _out_of_hours(start: int, calendar: Calendar, rules: Rules, ask: Ask) -> Iterator[Obstacle]:
    schedule, day = _schedule(calendar, ask), local_date(start, calendar.zone)
    duration = rules.duration * _MINUTE
    if not is_open_throughout(schedule, start, duration):
        yield Obstacle.OUTSIDE_HOURS
    elif start not in starts_in_hours(schedule, duration, rules.step * _MINUTE, day, day):
        yield Obstacle.OFF_GRID


def _out_of_time(start: int, calendar: Calendar, rules: Rules, now: int) -> Iterator[Obstacle]:
    if start < now:
        yield Obstacle.PAST
    elif start < _earliest(rules, now):
        yield Obstacle.NOTICE
    if local_date(start, calendar.zone) > _last_day(calendar.zone, rules, now):
        yield Obstacle.HORIZON


def _takers(start: int, calendar: Calendar, rules: Rules) -> list[Obstacle]:
    """Who has the time that is occupied. When only buffers touch, that is all there is to say."""
    end = start + rules.duration * _MINUTE
    kinds = {each.kind for each in calendar.appointments if each.starts < end and start < each.ends}
    return sorted(kinds) or [Obstacle.BUFFER if calendar.appointments else Obstacle.TAKEN]


def calendar_near(calendar: Calendar, start: int) -> Calendar:
    """What of a calendar can matter for one start: what counts towards weekly caps lies within a week."""
    return replace(
        calendar,
        occupied=_near(calendar.occupied, start),
        busy=_near(calendar.busy, start),
        appointments=Bookings.of(calendar.appointments).within(start - _AROUND, start + _AROUND),
    )


def ask_near(ask: Ask, start: int) -> Ask:
    """The ask for that one start."""
    rooms = None if ask.rooms is None else [_near(room, start) for room in ask.rooms]
    return replace(ask, since=start, until=start + 1, rooms=rooms, clients=_near(ask.clients, start))


def _near(periods: Iterable[Period], start: int) -> list[Period]:
    return [each for each in periods if each[0] < start + _AROUND and each[1] > start - _AROUND]


# --- The rules that strike out. Each takes ascending starts and gives back those that it allows. ---------------------

Strike = Callable[[Sequence[int], Calendar, Rules, Ask], Sequence[int]]


def _strike_out(starts: Sequence[int], calendar: Calendar, rules: Rules, ask: Ask) -> list[int]:
    for _, strike in _STRIKES:
        if not starts:
            break
        starts = strike(starts, calendar, rules, ask)
    return list(starts)


def _with_buffers_clear_of(
    periods: Sequence[Period], starts: Sequence[int], calendar: Calendar, rules: Rules
) -> Sequence[int]:
    if not periods:
        return starts
    after = rules.duration + max(rules.buffer_after, calendar.note_minutes)
    return clear_of(periods, starts, rules.buffer_before * _MINUTE, after * _MINUTE)


def _meets_clear_of(periods: Sequence[Period], starts: Sequence[int], rules: Rules) -> Sequence[int]:
    """Without buffers: only the therapist needs those."""
    return clear_of(periods, starts, 0, rules.duration * _MINUTE) if periods else starts


def _not_occupied(starts: Sequence[int], calendar: Calendar, rules: Rules, _ask: Ask) -> Sequence[int]:
    return _with_buffers_clear_of(calendar.occupied, starts, calendar, rules)


def _not_busy(starts: Sequence[int], calendar: Calendar, rules: Rules, _ask: Ask) -> Sequence[int]:
    return _with_buffers_clear_of(calendar.busy, starts, calendar, rules)


def _read(starts: Sequence[int], calendar: Calendar, rules: Rules, _ask: Ask) -> Sequence[int]:
    return _meets_clear_of(calendar.unread, starts, rules)


def _not_away(starts: Sequence[int], calendar: Calendar, rules: Rules, _ask: Ask) -> Sequence[int]:
    return _meets_clear_of(calendar.time_off, starts, rules)


def _not_closed(starts: Sequence[int], calendar: Calendar, rules: Rules, _ask: Ask) -> Sequence[int]:
    return _meets_clear_of(calendar.closed, starts, rules)


def _not_left(starts: Sequence[int], calendar: Calendar, rules: Rules, _ask: Ask) -> Sequence[int]:
    return _meets_clear_of(calendar.left, starts, rules)


def _licensed(starts: Sequence[int], calendar: Calendar, rules: Rules, _ask: Ask) -> Sequence[int]:
    return _meets_clear_of(calendar.unlicensed, starts, rules)


def _known(starts: Sequence[int], calendar: Calendar, rules: Rules, _ask: Ask) -> Sequence[int]:
    return _meets_clear_of(calendar.unmet, starts, rules)


def _not_on_full_days(starts: Sequence[int], calendar: Calendar, rules: Rules, _ask: Ask) -> Sequence[int]:
    if calendar.daily_cap is None:
        return starts
    return without_full_days(starts, calendar.appointments, calendar.zone, cap=calendar.daily_cap, load=rules.load)


def _not_in_full_weeks(starts: Sequence[int], calendar: Calendar, rules: Rules, _ask: Ask) -> Sequence[int]:
    if calendar.weekly_cap is None:
        return starts
    return without_full_weeks(starts, calendar.appointments, calendar.zone, cap=calendar.weekly_cap, load=rules.load)


def _not_in_long_runs(starts: Sequence[int], calendar: Calendar, rules: Rules, _ask: Ask) -> Sequence[int]:
    if calendar.longest_run is None:
        return starts
    return without_too_long_runs(
        starts,
        calendar.appointments,
        duration=rules.duration * _MINUTE,
        longest=calendar.longest_run,
        pause=calendar.break_minutes * _MINUTE,
    )


def _with_a_room(starts: Sequence[int], _calendar: Calendar, rules: Rules, ask: Ask) -> Sequence[int]:
    if ask.rooms is None:
        return starts
    return sorted(set().union(*(_meets_clear_of(room, starts, rules) for room in ask.rooms)))


def _with_the_clients(starts: Sequence[int], _calendar: Calendar, rules: Rules, ask: Ask) -> Sequence[int]:
    return _meets_clear_of(ask.clients, starts, rules)


_STRIKES: tuple[tuple[Obstacle, Strike], ...] = (
    (Obstacle.TAKEN, _not_occupied),
    (Obstacle.BUSY, _not_busy),
    (Obstacle.UNREAD, _read),
    (Obstacle.TIME_OFF, _not_away),
    (Obstacle.CLOSED, _not_closed),
    (Obstacle.LEFT, _not_left),
    (Obstacle.LICENCE, _licensed),
    (Obstacle.NEW_CLIENT, _known),
    (Obstacle.DAILY_CAP, _not_on_full_days),
    (Obstacle.WEEKLY_CAP, _not_in_full_weeks),
    (Obstacle.LONGEST_RUN, _not_in_long_runs),
    (Obstacle.ROOM, _with_a_room),
    (Obstacle.CLIENT_BUSY, _with_the_clients),
)
