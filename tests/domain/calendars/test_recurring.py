"""Rules of repetition, against one expander that looks at every hour and another that many programs use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dateutil.rrule import rrulestr
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from telehealth.domain import walltime
from telehealth.domain.calendar_ports import ReadingWindow
from telehealth.domain.calendars.reading import read_times
from telehealth.domain.calendars.recurring import Effort, follow_rule, read_rule
from telehealth.domain.hours.busy_spans import BusySpan, join_spans
from tests.domain.calendars.brute_force import WEEKDAYS, WrittenRule, list_walls
from tests.domain.calendars.files import a_file

END = datetime(2028, 1, 1)  # No set of a rule is cut by it: a year, a month and a day begin here.
ZONES = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Africa/Casablanca", "UTC"]
PLENTY = 10_000_000

starts = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 31)).map(
    lambda at: at.replace(minute=0, second=0, microsecond=0)
)


def several(values: st.SearchStrategy[int], most: int = 3) -> st.SearchStrategy[list[int]]:
    return st.lists(values, max_size=most, unique=True)


@st.composite
def rules(draw: st.DrawFn, *, hourly: bool = True) -> WrittenRule:
    freq = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", *(["HOURLY"] if hourly else [])]))
    by_number = freq in {"YEARLY", "MONTHLY"}
    weekdays = draw(st.lists(st.sampled_from(WEEKDAYS), max_size=3, unique=True))
    if by_number and draw(st.booleans()):
        numbers = st.sampled_from([-2, -1, 1, 2, 4, 5] + ([20, -30] if freq == "YEARLY" else []))
        weekdays = [f"{draw(numbers)}{each}" for each in weekdays]
    ending = draw(st.sampled_from(["count", "until", "never"]))
    return WrittenRule(
        freq=freq,
        interval=draw(st.integers(1, 4) if freq != "HOURLY" else st.sampled_from([1, 5, 24, 49])),
        count=draw(st.integers(1, 12)) if ending == "count" else None,
        until=draw(starts) if ending == "until" else None,
        months=draw(several(st.integers(1, 12))) if draw(st.booleans()) else [],
        month_days=draw(several(st.integers(-31, 31).filter(bool))) if freq != "WEEKLY" and draw(st.booleans()) else [],
        weekdays=weekdays,
        hours=draw(several(st.integers(0, 23), 2)),
        positions=draw(several(st.sampled_from([-2, -1, 1, 2, 3]), 2)) if weekdays and by_number else [],
    )


def follow(text: str, start: datetime, first: datetime, last: datetime) -> list[datetime]:
    return list(follow_rule(read_rule(text), start, first, last, Effort(PLENTY)))


@settings(max_examples=40, deadline=None)
@given(rules(), starts)
def test_rules_mean_the_hours_that_they_are_true_of(rule: WrittenRule, start: datetime) -> None:
    found = follow(str(rule), start, start, END - timedelta(seconds=1))
    assert [each for each in found if rule.until is None or each <= rule.until] == list_walls(rule, start, END)


@settings(max_examples=80, deadline=None)
@given(
    rules(),
    starts,
    st.lists(st.integers(-366, 366).filter(bool), max_size=3, unique=True),
    st.lists(st.integers(-53, 53).filter(bool), max_size=2, unique=True),
    st.sampled_from(WEEKDAYS),
)
def test_rules_mean_what_another_library_takes_them_for(
    rule: WrittenRule, start: datetime, year_days: list[int], weeks: list[int], week_start: str
) -> None:
    text = f"{rule};WKST={week_start}"
    if rule.freq == "YEARLY" and year_days:
        text += f";BYYEARDAY={','.join(map(str, year_days))}"
    if rule.freq == "YEARLY" and weeks and not rule.weekdays:
        text += f";BYWEEKNO={','.join(map(str, weeks))};BYDAY=MO,SU"
    found = [each for each in follow(text, start, start, END) if rule.until is None or each <= rule.until]
    assume(found or rule.freq == "YEARLY")  # The other one looks for what never comes until the year 9999.
    try:
        expected = rrulestr(text, dtstart=start).between(start, END, inc=True)
    except ValueError:  # So it says that a rule never comes true.
        expected = []
    except IndexError:  # It falls over the thirtieth Monday of a month.
        reject()
    assert found == expected


@settings(max_examples=80, deadline=None)
@given(rules(), starts, st.integers(0, 1000), st.integers(0, 300))
def test_where_one_begins_to_look_changes_nothing(rule: WrittenRule, start: datetime, later: int, days: int) -> None:
    first = start + timedelta(days=later)
    last = first + timedelta(days=days)
    whole = follow(str(rule), start, start, last)
    assert follow(str(rule), start, first, last) == [wall for wall in whole if wall >= first]


@dataclass(frozen=True)
class Exceptions:
    """Which dates of a series, by their numbers, are left out, and which are moved by how many hours; what is added."""

    left_out: list[int]
    moved: dict[int, int]
    more: list[datetime]


exceptions = st.builds(
    Exceptions,
    left_out=several(st.integers(0, 30), 4),
    moved=st.dictionaries(st.integers(0, 30), st.integers(-30, 30), max_size=3),
    more=st.lists(starts, max_size=2),
)


@settings(max_examples=40, deadline=None)
@given(rules(hourly=False), starts, exceptions, st.sampled_from(ZONES), st.sampled_from(ZONES), st.integers(1, 5))
def test_whole_series_with_exceptions(
    rule: WrittenRule, start: datetime, changes: Exceptions, name: str, owner: str, hours: int
) -> None:
    """Written in one zone, and read by somebody in another."""
    zone, length = walltime.zone(name), timedelta(hours=hours)
    window = ReadingWindow(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), owner)
    walls = sorted({start, *list_walls(rule, start, END)})
    gone = {walls[number] for number in changes.left_out if number < len(walls)}
    changed = {
        walls[number]: walls[number] + timedelta(hours=by)
        for number, by in changes.moved.items()
        if number < len(walls)
    }

    times = [each for each in {*walls, *changes.more} if each not in gone and each not in changed]
    times += [to for at, to in changed.items() if at not in gone]
    kept = {walltime.resolve(each, zone) for each in times if each not in gone}
    expected = join_spans(BusySpan(each, each + length) for each in kept)

    def at(wall: datetime) -> str:
        return f";TZID={name}:{wall:%Y%m%dT%H%M%S}"

    lines = [f"UID:1\nDTSTART{at(start)}\nDURATION:PT{hours}H\nRRULE:{rule}"]
    lines += [f"EXDATE{at(each)}" for each in gone] + [
        f"RDATE{at(each)}" for each in changes.more if each not in gone | changed.keys()
    ]
    overrides = [f"UID:1\nRECURRENCE-ID{at(a)}\nDTSTART{at(to)}\nDURATION:PT{hours}H" for a, to in changed.items()]
    found = read_times(a_file("\n".join(lines), *overrides), window)
    assert list(found.spans) == inside(expected, window)


def inside(spans: Iterable[BusySpan], window: ReadingWindow) -> list[BusySpan]:
    cut = [BusySpan(max(begin, window.since), min(end, window.until)) for begin, end in spans]
    return [each for each in cut if each.starts_at < each.ends_at]
