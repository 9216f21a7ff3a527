"""Nobody is disturbed at night, by their own clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain import walltime
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.messages.quiet_hours import (
    CLOSED,
    FEDERAL,
    OPEN_ALL_DAY,
    STATE_HOURS,
    HoursOf,
    OpenHours,
    federal_hours,
    fit_into_hours,
    hours_at,
    hours_of,
    is_open,
    is_quiet,
    last_allowed,
    next_allowed,
    waking_time,
)
from telehealth.domain.walltime import resolve

NEW_YORK, DENVER, HONOLULU = map(walltime.zone, ("America/New_York", "America/Denver", "Pacific/Honolulu"))
ELSEWHERE = ("Australia/Lord_Howe", "America/Havana", "Pacific/Apia", "UTC")
ZONES = [NEW_YORK, DENVER, HONOLULU, *map(walltime.zone, ELSEWHERE)]
SECOND, MINUTE, QUARTER = timedelta(seconds=1), timedelta(minutes=1), timedelta(minutes=15)
WEEK = timedelta(days=7)
Wall = tuple[int, int, int]
"""Day, hour and minute in November 2026."""


def wall(zone: ZoneInfo, year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return resolve(datetime(year, month, day, hour, minute), zone)


@pytest.mark.parametrize(
    ("hour", "minute", "quiet"),
    [(7, 59, True), (8, 0, False), (12, 0, False), (20, 59, False), (21, 0, True), (23, 59, True), (0, 0, True)],
)
def test_eight_to_nine_on_the_persons_own_wall(hour: int, minute: int, quiet: bool) -> None:
    for zone in (NEW_YORK, HONOLULU):
        assert is_quiet(wall(zone, 2026, 11, 24, hour, minute), zone) == quiet


def test_one_instant_is_night_for_one_and_day_for_another() -> None:
    instant = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)  # 21:30 in New York, 16:30 in Honolulu
    assert is_quiet(instant, NEW_YORK)
    assert not is_quiet(instant, HONOLULU)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ((2026, 11, 24, 7, 0), (2026, 11, 24, 8, 0)),
        ((2026, 11, 24, 21, 0), (2026, 11, 25, 8, 0)),
        ((2026, 11, 24, 12, 0), (2026, 11, 24, 12, 0)),
        ((2026, 12, 31, 22, 0), (2027, 1, 1, 8, 0)),
        ((2026, 3, 7, 23, 0), (2026, 3, 8, 8, 0)),  # The night in which an hour is skipped,
        ((2026, 10, 31, 23, 0), (2026, 11, 1, 8, 0)),  # and the one in which an hour comes twice.
    ],
)
def test_the_next_morning(now: tuple[int, ...], then: tuple[int, ...]) -> None:
    assert next_allowed(wall(NEW_YORK, *now), NEW_YORK) == wall(NEW_YORK, *then)


def test_the_night_of_the_change_is_as_long_as_it_is() -> None:
    evenings = [wall(NEW_YORK, *each) for each in ((2026, 3, 6, 22), (2026, 3, 7, 22), (2026, 10, 31, 22))]
    nights = [(next_allowed(evening, NEW_YORK) or evening) - evening for evening in evenings]
    assert nights == [timedelta(hours=10), timedelta(hours=9), timedelta(hours=11)]


def test_a_date_that_never_was_is_passed_over() -> None:
    apia = walltime.zone("Pacific/Apia")
    assert next_allowed(wall(apia, 2011, 12, 29, 22), apia) == wall(apia, 2011, 12, 31, 8)


def test_nobody_is_texted_where_nothing_ever_opens() -> None:
    noon = wall(DENVER, 2026, 11, 24, 12)
    assert next_allowed(noon, DENVER, lambda _day: CLOSED) is None
    assert last_allowed(noon, DENVER, lambda _day: CLOSED) is None
    assert fit_into_hours(noon, DENVER, lambda _day: CLOSED, earliest=noon - WEEK, not_after=noon + WEEK) is None


# The hours of the practice and of the states

SUNDAY, MONDAY, SATURDAY = date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 28)
USUAL = {"texts_from": 8 * 60, "texts_until": 21 * 60}


@pytest.mark.parametrize(
    ("state", "day", "opens", "closes"),
    [
        ("CO", MONDAY, 8, 21),
        (None, SUNDAY, 8, 21),
        ("FL", MONDAY, 8, 20),
        ("WA", SUNDAY, 8, 20),
        ("CT", MONDAY, 9, 20),
        ("NM", MONDAY, 9, 21),
        ("KY", SATURDAY, 10, 21),
        ("TX", SATURDAY, 9, 21),
        ("TX", SUNDAY, 12, 21),
        ("RI", MONDAY, 9, 18),
        ("RI", SATURDAY, 10, 17),
        ("RI", SUNDAY, 10, 17),
        ("AL", SATURDAY, 8, 20),
    ],
)
def test_some_states_are_stricter(state: str | None, day: date, opens: int, closes: int) -> None:
    assert hours_at(day, jurisdiction=state, **USUAL) == OpenHours(time(opens), time(closes))


@pytest.mark.parametrize("state", ["AL", "LA", "MS"])
def test_some_states_keep_sunday(state: str) -> None:
    hours = hours_at(SUNDAY, jurisdiction=state, **USUAL)
    assert hours.opens >= hours.closes


def test_every_state_is_one_and_none_is_wider_than_the_federal_hours() -> None:
    assert set(STATE_HOURS) < set(JURISDICTIONS)
    for week in STATE_HOURS.values():
        for weekday in range(7):
            hours = week.on(weekday)
            assert FEDERAL.opens <= hours.opens
            assert hours.closes <= FEDERAL.closes


def test_the_stricter_of_practice_and_state_counts() -> None:
    late = hours_at(MONDAY, texts_from=10 * 60 + 30, texts_until=19 * 60, jurisdiction="CT")
    assert late == OpenHours(time(10, 30), time(19))
    early = hours_at(MONDAY, texts_from=8 * 60, texts_until=21 * 60, jurisdiction="CT")
    assert early == OpenHours(time(9), time(20))
    assert hours_at(MONDAY, texts_from=0, texts_until=24 * 60, jurisdiction=None) == OPEN_ALL_DAY


# Fitting a text


@pytest.mark.parametrize(
    ("wished", "earliest", "not_after", "expected"),
    [
        ((24, 12, 0), (24, 9, 0), (25, 0, 0), (24, 12, 0)),
        ((24, 22, 30), (24, 9, 0), (25, 12, 0), (24, 20, 59)),
        ((24, 3, 0), (23, 9, 0), (25, 0, 0), (23, 20, 59)),
        ((24, 22, 30), (24, 20, 59), (25, 12, 0), (24, 20, 59)),
        ((24, 22, 30), (24, 21, 0), (25, 12, 0), (25, 8, 0)),
        ((24, 22, 30), (24, 22, 0), (25, 8, 0), None),
        ((24, 22, 30), (24, 22, 0), (25, 8, 1), (25, 8, 0)),
        ((24, 21, 0), (24, 9, 0), (25, 12, 0), (24, 20, 59)),
        ((24, 12, 0), (24, 9, 0), (24, 12, 0), None),
    ],
)
def test_earlier_then_later_then_not_at_all(
    wished: Wall, earliest: Wall, not_after: Wall, expected: Wall | None
) -> None:
    at, since, until = (wall(DENVER, 2026, 11, *each) for each in (wished, earliest, not_after))
    then = wall(DENVER, 2026, 11, *expected) if expected is not None else None
    assert fit_into_hours(at, DENVER, federal_hours, earliest=since, not_after=until) == then


def test_a_texan_sunday_morning_is_saturday_evening() -> None:
    houston = walltime.zone("America/Chicago")
    hours = hours_of(8 * 60, 21 * 60, "TX")
    church = wall(houston, 2026, 11, 22, 10)
    given = {"not_after": church + WEEK}
    assert fit_into_hours(church, houston, hours, earliest=church - WEEK, **given) == wall(
        houston, 2026, 11, 21, 20, 59
    )
    assert fit_into_hours(church, houston, hours, earliest=church, **given) == wall(houston, 2026, 11, 22, 12)


def test_on_the_gulf_nothing_is_sent_from_saturday_to_monday() -> None:
    mobile = walltime.zone("America/Chicago")
    hours = hours_of(8 * 60, 21 * 60, "AL")
    night = wall(mobile, 2026, 11, 21, 20)
    assert next_allowed(night, mobile, hours) == wall(mobile, 2026, 11, 23, 8)
    assert last_allowed(wall(mobile, 2026, 11, 23, 7, 59), mobile, hours) == wall(mobile, 2026, 11, 21, 19, 59)


# For every zone

moments = st.datetimes(datetime(2008, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
zones = st.one_of(st.sampled_from(ZONES), st.sampled_from(sorted(walltime.zone_names())).map(walltime.zone))
windows = st.builds(
    hours_of,
    st.integers(8 * 60, 12 * 60),
    st.integers(15 * 60, 21 * 60),
    st.one_of(st.none(), st.sampled_from(sorted(STATE_HOURS))),
)


@given(moment=moments, zone=zones, hours=st.one_of(st.just(federal_hours), windows))
def test_it_is_the_first_instant_that_is_allowed(moment: datetime, zone: ZoneInfo, hours: HoursOf) -> None:
    allowed = next_allowed(moment, zone, hours)
    assert allowed is not None
    assert allowed >= moment
    assert is_open(allowed, zone, hours)
    assert allowed == moment or not is_open(allowed - SECOND, zone, hours)
    assert (allowed == moment) == is_open(moment, zone, hours)
    quarters = (allowed - moment) // QUARTER
    assert not any(is_open(moment + step * QUARTER, zone, hours) for step in range(quarters))


@given(moment=moments, zone=zones, hours=windows)
def test_it_is_the_last_minute_that_is_allowed(moment: datetime, zone: ZoneInfo, hours: HoursOf) -> None:
    moment = next_night(moment, zone, hours)
    last = last_allowed(moment, zone, hours)
    assert last is not None
    assert last < moment
    assert is_open(last, zone, hours)
    assert not is_open(last + MINUTE, zone, hours)
    quarters = (moment - last - MINUTE) // QUARTER
    assert not any(is_open(moment - (step + 1) * QUARTER, zone, hours) for step in range(quarters))


@given(
    wished=moments,
    zone=zones,
    hours=windows,
    before=st.timedeltas(timedelta(0), timedelta(days=4)),
    after=st.timedeltas(MINUTE, timedelta(days=4)),
)
def test_a_text_is_never_sent_at_night_too_early_or_too_late(
    wished: datetime, zone: ZoneInfo, hours: HoursOf, before: timedelta, after: timedelta
) -> None:
    at = fit_into_hours(wished, zone, hours, earliest=wished - before, not_after=wished + after)
    if at is not None:
        assert is_open(at, zone, hours)
        assert wished - before <= at < wished + after
        assert at == wished or not is_open(wished, zone, hours)
        assert at <= wished or (last_allowed(wished, zone, hours) or at) < wished - before
    else:
        steps = range(int((before + after) / QUARTER))
        missed = [wished - before + step * QUARTER for step in steps]
        assert not any(is_open(each, zone, hours) for each in missed if each > wished)


def next_night(moment: datetime, zone: ZoneInfo, hours: HoursOf) -> datetime:
    """``moment``, or the first quarter of an hour after it that is quiet."""
    while is_open(moment, zone, hours):
        moment += QUARTER
    return moment


@pytest.mark.parametrize(
    ("code", "island", "name"),
    [("AS", "American Samoa", "Pacific/Pago_Pago"), ("MP", "Northern Mariana Islands", "Pacific/Saipan")],
)
def test_the_islands_are_jurisdictions_and_sleep_by_their_own_clocks(code: str, island: str, name: str) -> None:
    assert JURISDICTIONS[code] == island
    here, rule = walltime.zone(name), hours_of(8 * 60, 21 * 60, code)
    assert [is_quiet(wall(here, 2026, 11, 24, hour), here, rule) for hour in (7, 8, 20, 21)] == [
        True,
        False,
        False,
        True,
    ]


def test_waking_time_leaves_the_night_out() -> None:
    """The night in which clocks go back is an hour longer, and nobody is awake in it."""
    evening = walltime.resolve(datetime(2026, 10, 31, 20, 0), DENVER)
    for hours, counted in ((1, 1), (5, 1), (13, 1), (14, 2), (15, 3)):
        found = waking_time(evening, evening + timedelta(hours=hours), DENVER, federal_hours)
        assert found == timedelta(hours=counted), hours
    assert waking_time(evening, evening - timedelta(hours=1), DENVER, federal_hours) == timedelta()
    assert waking_time(evening, evening + timedelta(days=300), DENVER, federal_hours) <= timedelta(days=3)
