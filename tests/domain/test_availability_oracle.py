"""The fast function against the slow and plain one, in many zones, around the days on which their clocks change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from telehealth.domain.availability import Ask, Calendar, Hours, Override, Rules, first_free, free_starts, is_free
from telehealth.domain.words import Mode
from tests.domain.oracle import TICK, Oracle

PLACES = [
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Europe/London", date(2026, 3, 29)),
    ("Europe/London", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # Half an hour back.
    ("Australia/Lord_Howe", date(2026, 10, 4)),  # Half an hour forward.
    ("America/Havana", date(2026, 3, 8)),  # 00:00 becomes 01:00: the date has no midnight.
    ("America/Havana", date(2026, 11, 1)),  # 01:00 becomes 00:00: the date has two midnights.
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Africa/Cairo", date(2026, 10, 29)),  # 24:00 becomes 23:00 of the same date.
    ("Asia/Beirut", date(2026, 10, 24)),
    ("America/St_Johns", date(2010, 11, 6)),  # 00:01 becomes 23:01 of the date before: two dates interleave.
    ("Antarctica/Troll", date(2026, 3, 29)),  # Two hours at once.
    ("Pacific/Apia", date(2011, 12, 30)),  # The date that never was.
    ("Asia/Kathmandu", date(2026, 6, 1)),
    ("America/Phoenix", date(2026, 3, 8)),
]

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
    busy: tuple[Pairs, Pairs, Pairs],
    cap: int | None,
    asked: tuple[int, int, Mode, int | None, int],
    rooms: tuple[int, list[Pairs]],
    rules: Rules,
) -> Question:
    """A calendar, rules, an ask and now, all of them close to a day on which something odd happens."""
    name, around = place
    midnight = int(datetime.combine(around, time(0), ZoneInfo(name)).timestamp())

    def as_periods(pairs: Pairs) -> Pairs:
        return [(midnight + begins * TICK, midnight + (begins + length) * TICK) for begins, length in pairs]

    calendar = Calendar(
        zone=ZoneInfo(name),
        hours=[as_hours(around, fields) for fields in hours],
        overrides=[as_override(around, fields) for fields in overrides],
        time_off=as_periods(busy[0]),
        occupied=as_periods(busy[1]),
        appointment_starts=[begins for begins, _ in as_periods(busy[2])],
        daily_cap=cap,
    )
    first_hour, length, mode, location, lead = asked
    since = midnight + first_hour * 3600
    wanted = None if rooms[0] < 0 else [as_periods(pairs) for pairs in rooms[1][: rooms[0]]]
    ask = Ask(since, since + length * 3600, mode, location, wanted)
    return calendar, rules, ask, since - lead * TICK


questions = st.builds(
    question,
    place=st.sampled_from(PLACES),
    hours=hours,
    overrides=overrides,
    busy=st.tuples(periods, periods, periods),
    cap=mostly(None, 0, 1, 2),
    asked=st.tuples(
        mostly(-3, -24, 0, 1),
        mostly(27, 54, 3),
        mostly(Mode.VIRTUAL, Mode.IN_PERSON),
        mostly(1, None),
        mostly(12, 0, -12, 48 * 12, 5),
    ),
    rooms=st.tuples(mostly(-1, 0, 1, 2), st.tuples(periods, periods).map(list)),
    rules=rules,
)


@settings(deadline=None)
@given(questions)
def test_offers_exactly_what_the_rules_allow(one: Question) -> None:
    calendar, rules, ask, now = one
    assert free_starts(calendar, rules, ask, now=now) == Oracle(calendar, rules, ask, now).free_starts()


@settings(deadline=None, max_examples=FEWER)
@given(questions)
def test_books_what_it_offers_and_refuses_what_it_does_not(one: Question) -> None:
    calendar, rules, ask, now = one
    offered = set(free_starts(calendar, rules, ask, now=now))
    others = set(range(ask.since, ask.until, 3 * TICK)) - offered

    def can_book(start: int) -> bool:
        return is_free(calendar, rules, start, mode=ask.mode, location_id=ask.location_id, rooms=ask.rooms, now=now)

    assert all(map(can_book, offered))
    assert not any(map(can_book, others))


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
