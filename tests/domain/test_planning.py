"""Which messages are planned, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.planning import (
    DEFAULT_RULES,
    SHORTLY_AFTER_BOOKING,
    THERAPIST,
    Default,
    Planned,
    Seat,
    for_booking,
    for_cancelling,
)
from telehealth.domain.words import Channel, MessageKind, Mode

NOW = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
JANE, BEN = Seat("attendee:jane", takes_texts=True), Seat("attendee:ben", takes_texts=False)
MINUTE = timedelta(minutes=1)

seats = st.lists(st.builds(Seat, st.uuids().map(str), st.booleans()), max_size=4, unique_by=lambda seat: seat.recipient)
rules = st.lists(
    st.builds(
        Default,
        st.sampled_from([MessageKind.REMINDER, MessageKind.JOIN_LINK]),
        st.sampled_from(Channel),
        st.integers(1, 30 * 24 * 60),
        st.lists(st.sampled_from([mode.value for mode in Mode]), unique=True),
    ),
    max_size=6,
    unique_by=lambda rule: (rule.kind, rule.channel, rule.minutes_before),
)
leads = st.timedeltas(MINUTE, timedelta(days=60))


def booked(
    lead: timedelta, *, who: Iterable[Seat] = (JANE,), by: Iterable[Default] = DEFAULT_RULES, mode: Mode = Mode.VIRTUAL
) -> list[Planned]:
    return list(for_booking(who, by, mode=mode, starts_at=NOW + lead, now=NOW))


def reminders(planned: Iterable[Planned]) -> list[tuple[str, int]]:
    return sorted((each.channel.value, each.minutes_before) for each in planned if each.kind == MessageKind.REMINDER)


def test_the_therapist_gets_one_e_mail() -> None:
    told = [each for each in booked(timedelta(days=9)) if each.recipient == THERAPIST]
    assert [(each.kind, each.channel) for each in told] == [(MessageKind.CONFIRMATION, Channel.EMAIL)]


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        (timedelta(days=9), [1440, 4320]),
        (timedelta(hours=72), [1440]),
        (timedelta(hours=72, minutes=29), [1440]),
        (timedelta(hours=72, minutes=30), [1440, 4320]),
        (timedelta(hours=24, minutes=29), []),
        (timedelta(hours=24, minutes=30), [1440]),
        (timedelta(hours=2), []),
    ],
)
def test_what_the_confirmation_just_said_is_not_repeated(lead: timedelta, expected: list[int]) -> None:
    assert reminders(booked(lead)) == [(channel, minutes) for channel in ("email", "text") for minutes in expected]


@pytest.mark.parametrize(("lead", "expected"), [(15, 0), (16, 1), (60, 1)])
def test_the_way_in_is_sent_however_late_the_booking(lead: int, expected: int) -> None:
    assert Counter(each.kind for each in booked(lead * MINUTE))[MessageKind.JOIN_LINK] == expected


def test_only_those_who_meet_by_video_get_a_way_in() -> None:
    for mode in (Mode.IN_PERSON, Mode.PHONE):
        assert MessageKind.JOIN_LINK not in {each.kind for each in booked(timedelta(days=9), mode=mode)}


def test_reminders_over_a_change_of_the_clocks_are_elapsed_time() -> None:
    """Twenty-four hours before means twenty-four hours, in November as well."""
    after_the_change = datetime(2026, 11, 1, 17, 0, tzinfo=UTC)  # 10:00 in Denver, on the day with 25 hours.
    planned = for_booking(
        [JANE], DEFAULT_RULES, mode=Mode.PHONE, starts_at=after_the_change, now=after_the_change - timedelta(days=9)
    )
    due = {each.due_at for each in planned if each.minutes_before == 24 * 60}
    assert due == {after_the_change - timedelta(hours=24)}


def test_cancelling_tells_everybody_and_is_worth_a_day() -> None:
    told = list(for_cancelling([JANE, BEN], now=NOW))
    assert Counter((each.recipient, each.channel) for each in told) == Counter(
        [(THERAPIST, "email"), (JANE.recipient, "email"), (JANE.recipient, "text"), (BEN.recipient, "email")]
    )
    assert {(each.due_at, each.not_after, each.kind) for each in told} == {
        (NOW, NOW + timedelta(days=1), MessageKind.CANCELLATION)
    }


@given(who=seats, by=rules, mode=st.sampled_from(Mode), lead=leads)
def test_plans_are_sound(who: list[Seat], by: list[Default], mode: Mode, lead: timedelta) -> None:
    start = NOW + lead
    planned = booked(lead, who=who, by=by, mode=mode)
    keys = [(each.kind, each.channel, each.recipient, each.minutes_before) for each in planned]
    assert len(keys) == len(set(keys)), "one message twice"
    texted = {seat.recipient for seat in who if seat.takes_texts}
    for each in planned:
        assert NOW <= each.due_at < each.not_after <= start, "late, useless or about the past"
        assert each.channel == Channel.EMAIL or each.recipient in texted, "a text without consent"
        assert each.kind != MessageKind.REMINDER or each.due_at >= NOW + SHORTLY_AFTER_BOOKING
    confirmed = {each.recipient for each in planned if each.kind == MessageKind.CONFIRMATION}
    assert confirmed == {THERAPIST, *(seat.recipient for seat in who)}, "somebody was not told"


@given(who=seats, by=rules, lead=leads)
def test_a_rule_speaks_to_every_seat_alike(who: list[Seat], by: list[Default], lead: timedelta) -> None:
    planned = booked(lead, who=who, by=by)
    e_mailed = Counter(each.recipient for each in planned if each.channel == Channel.EMAIL)
    assert len({e_mailed[seat.recipient] for seat in who}) <= 1
