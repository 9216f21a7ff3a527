"""The fast function against the slow and plain one, in many zones, around the days on which their clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from telehealth.domain import walltime
from telehealth.domain.appointments.availability import (
    Ask,
    Calendar,
    Rules,
    first_free,
    first_free_together,
    free_starts,
    obstacles,
)
from telehealth.domain.appointments.load import Booked
from telehealth.domain.hours.opening import Hours, Override
from telehealth.domain.words import Mode, Obstacle
from tests.domain.appointments.oracle import TICK, Oracle

PLACES = [
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Europe/London", date(2026, 3, 29)),
    ("Europe/London", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # Half an hour back.
    ("Australia/Lord_Howe", date(2026, 10, 4)),  # Half an hour forward.
    ("America/Havana", date(2026, 3, 8)),  # 00:00 becomes 01:00: the date has no midnight.
    ("America/Havana", date(2025, 11, 2)),  # 01:00 becomes 00:00: the date has two midnights.
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Africa/Cairo", date(2026, 10, 29)),  # 24:00 becomes 23:00 of the same date.
    ("Asia/Beirut", date(2026, 10, 24)),
    ("America/St_Johns", date(2010, 11, 6)),  # 00:01 becomes 23:01 of the date before: two dates interleave.
    ("Antarctica/Troll", date(2026, 3, 29)),  # Two hours at once.
    ("Pacific/Apia", date(2011, 12, 30)),  # The date that never was.
    ("Asia/Kathmandu", date(2026, 6, 1)),
    ("America/Phoenix", date(2026, 3, 8)),
]

OCCUPIED = {Obstacle.TAKEN, Obstacle.BUFFER, Obstacle.HELD, Obstacle.STANDING}

Question = tuple[Calendar, Rules, Ask, int]
Pairs = list[tuple[int, int]]
T = TypeVar("T")


def mostly(usual: T, *rare: T) -> st.SearchStrategy[T]:
    """The usual in three cases of four, so that an example has few odd features at a time and most offer something."""
    return st.sampled_from([usual] * 3 * len(rare) + list(rare))


FEWER = settings().max_examples // 3

# Strategies are slow to make, so all of them are made once, and speak of days and ticks before and after the odd day.
days = st.sampled_from([0, 0, -1, 1])
ticks = st.integers(-12 * 12, 36 * 12)
edges = st.sampled_from([time(hour, minute) for hour in (0, 0, 1, 2, 3, 22, 23) for minute in (0, 0, 15, 30)])
wall_times = st.sampled_from([time(hour, minute) for hour in range(24) for minute in (0, 5, 30)])
modes = mostly(frozenset(Mode), frozenset({Mode.VIRTUAL}), frozenset({Mode.IN_PERSON, Mode.PHONE}))
places_of_work = mostly(1, 2, None)
validity = mostly(None, 0, 7)
weeks = mostly((1, 0), (2, -10), (2, 1), (2, 9), (3, 0), (3, 15))
periods = st.lists(st.tuples(ticks, st.sampled_from([10, 0, 1, 60])), max_size=3)
rare_periods = st.one_of(st.just([]), st.just([]), periods)
hours = st.lists(
    st.tuples(days, edges, wall_times, modes, places_of_work, validity, validity, weeks), min_size=1, max_size=4
)
overrides = st.lists(st.tuples(days, mostly(False, True), edges, edges, modes, places_of_work), max_size=1)
rules = st.builds(
    Rules,
    duration=mostly(50, 5, 30, 60, 180, 1500),
    buffer_before=mostly(0, 10, 60),
    buffer_after=mostly(0, 10, 15),
    step=mostly(15, 5, 20, 45, 60),
    notice=mostly(0, 60, 24 * 60),
    horizon=mostly(30, 0, 1, 2),
    load=mostly(100, 0, 150),
)
booked = st.lists(
    st.tuples(ticks, st.sampled_from([10, 12, 2]), mostly(100, 0, 50, 150), mostly(Obstacle.TAKEN, Obstacle.HELD)),
    max_size=5,
)
limits = st.fixed_dictionaries(
    {
        "daily_cap": mostly(None, 1, 2, 3),
        "weekly_cap": mostly(None, 1, 3, 4),
        "longest_run": mostly(None, 1, 2, 3),
        "break_minutes": mostly(15, 0, 120),
        "note_minutes": mostly(0, 15, 30),
    }
)


def as_hours(around: date, fields: tuple[Any, ...]) -> Hours:
    day, starts, ends, modes, location, valid_from, valid_until, (every_weeks, anchor) = fields
    return Hours(
        weekday=(around + timedelta(days=day)).weekday(),
        starts=starts,
        ends=ends,
        modes=modes,
        location_id=location,
        valid_from=None if valid_from is None else around - timedelta(days=valid_from),
        valid_until=None if valid_until is None else around + timedelta(days=valid_until),
        every_weeks=every_weeks,
        anchor=around + timedelta(days=anchor),
    )


def as_override(around: date, fields: tuple[Any, ...]) -> Override:
    day, is_closed, starts, ends, modes, location = fields
    on = around + timedelta(days=day)
    return Override(on, None, None) if is_closed else Override(on, starts, ends, modes, location)


def question(
    *,
    place: tuple[str, date],
    hours: list[Any],
    overrides: list[Any],
    taken: tuple[Pairs, Pairs, Pairs, Pairs],
    booked: list[tuple[int, int, int, Obstacle]],
    limits: dict[str, int | None],
    asked: tuple[int, int, Mode, int | None, int],
    rooms: tuple[int, list[Pairs]],
    clients: Pairs,
    rules: Rules,
) -> Question:
    """A calendar, rules, an ask and now, all of them close to a day on which something odd happens."""
    name, around = place
    midnight = int(datetime.combine(around, time(0), walltime.zone(name)).timestamp())

    def as_periods(pairs: Pairs) -> Pairs:
        return [(midnight + begins * TICK, midnight + (begins + length) * TICK) for begins, length in pairs]

    calendar = Calendar(
        zone=walltime.zone(name),
        hours=[as_hours(around, fields) for fields in hours],
        overrides=[as_override(around, fields) for fields in overrides],
        time_off=as_periods(taken[0]),
        occupied=as_periods(taken[1]),
        busy=as_periods(taken[2]),
        unlicensed=as_periods(taken[3]),
        appointments=[
            Booked(midnight + begins * TICK, midnight + (begins + length) * TICK, load, kind)
            for begins, length, load, kind in booked
        ],
        **limits,
    )
    first_hour, length, mode, location, lead = asked
    since = midnight + first_hour * 3600
    wanted = None if rooms[0] < 0 else [as_periods(pairs) for pairs in rooms[1][: rooms[0]]]
    ask = Ask(since, since + length * 3600, mode, location, wanted, as_periods(clients))
    return calendar, rules, ask, since - lead * TICK


questions = st.builds(
    question,
    place=st.sampled_from(PLACES),
    hours=hours,
    overrides=overrides,
    taken=st.tuples(periods, periods, rare_periods, rare_periods),
    booked=booked,
    limits=limits,
    asked=st.tuples(
        mostly(-3, -24, 0, 1),
        mostly(27, 54, 3),
        mostly(Mode.VIRTUAL, Mode.IN_PERSON),
        mostly(1, None),
        mostly(12, 0, -12, 48 * 12, 5),
    ),
    rooms=st.tuples(mostly(-1, 0, 1, 2), st.tuples(periods, periods).map(list)),
    clients=rare_periods,
    rules=rules,
)


@settings(deadline=None)
@given(questions)
def test_offers_exactly_what_the_rules_allow(one: Question) -> None:
    calendar, rules, ask, now = one
    assert free_starts(calendar, rules, ask, now=now) == Oracle(calendar, rules, ask, now).free_starts()


@settings(deadline=None, max_examples=FEWER)
@given(questions)
def test_books_what_it_offers_and_says_why_not_otherwise(one: Question) -> None:
    calendar, rules, ask, now = one
    offered = set(free_starts(calendar, rules, ask, now=now))
    oracle = Oracle(calendar, rules, ask, now)
    for start in {*offered, *range(ask.since, ask.until, 3 * TICK)}:
        found = obstacles(calendar, rules, replace(ask, since=start, until=start + 1), now=now)
        assert (start in offered) == (not found)
        assert {"taken" if each in OCCUPIED else each.value for each in found} == oracle.obstacles(start)
        assert len(found) == len(set(found))


@settings(deadline=None, max_examples=FEWER)
@given(questions, questions)
def test_the_first_who_is_free_gets_each_start(one: Question, other: Question) -> None:
    calendar, rules, ask, now = one
    second = replace(other[0], zone=calendar.zone, hours=calendar.hours)
    expected = dict.fromkeys(free_starts(second, rules, ask, now=now), "second")
    expected |= dict.fromkeys(free_starts(calendar, rules, ask, now=now), "first")
    found = first_free([("first", calendar), ("second", second)], rules, ask, now=now)
    assert found == expected
    assert list(found) == sorted(expected)


@settings(deadline=None, max_examples=FEWER)
@given(questions, questions, st.booleans())
def test_two_together_are_both_free(one: Question, other: Question, second_is_named: bool) -> None:
    calendar, rules, ask, now = one
    second = replace(other[0], zone=calendar.zone, hours=calendar.hours)
    always = replace(second, time_off=(), occupied=(), busy=(), unlicensed=(), appointments=())
    free = {
        key: set(free_starts(each, rules, ask, now=now))
        for key, each in (("first", calendar), ("second", second), ("third", always))
    }
    pairs = [("first", "second"), ("second", "third"), ("first", "third")]
    expected = set().union(*(free[a] & free[b] for a, b in pairs if not second_is_named or "second" in (a, b)))
    found = first_free_together(
        [("first", calendar), ("second", second), ("third", always)],
        rules,
        ask,
        needed=2,
        named=["second"] if second_is_named else [],
        now=now,
    )
    assert list(found) == sorted(expected)
    assert all(start in free[key] for start, key in found.items())
