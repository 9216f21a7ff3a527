"""On which dates nobody's licence covers a place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.appointments.licences import covered_on, may_treat, uncovered

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 1)


@dataclass(frozen=True)
class Held:
    jurisdiction: str
    valid_from: date
    valid_until: date | None = None


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([], [(date.min, date.max)]),
        ([Held("CO", day(0))], [(date.min, day(0))]),
        ([Held("CO", day(0), day(9))], [(date.min, day(0)), (day(10), date.max)]),
        ([Held("CO", day(0), day(9)), Held("CO", day(10))], [(date.min, day(0))]),
        ([Held("CO", day(0), day(9)), Held("CO", day(12))], [(date.min, day(0)), (day(10), day(12))]),
        ([Held("CO", day(0), date.max)], [(date.min, day(0))]),
        ([Held("UT", day(0))], [(date.min, date.max)]),
    ],
)
def test_both_dates_of_a_licence_are_inclusive(held: list[Held], expected: list[tuple[date, date]]) -> None:
    assert list(uncovered(held, jurisdiction="CO")) == expected


days = st.dates(FIRST, LAST)


@given(
    held=st.lists(st.builds(Held, st.sampled_from(["CO", "UT"]), days, st.none() | days), max_size=6),
    asked=days,
)
def test_a_date_is_uncovered_when_no_licence_covers_it(held: list[Held], asked: date) -> None:
    covered = any(
        each.jurisdiction == "CO"
        and each.valid_from <= asked
        and (each.valid_until is None or asked <= each.valid_until)
        for each in held
    )
    gaps = list(uncovered(held, jurisdiction="CO"))
    assert covered != any(first <= asked < last for first, last in gaps)
    assert gaps == sorted(gaps)


@given(
    held=st.lists(st.builds(Held, st.sampled_from(["CO", "UT", "NY"]), st.integers(0, 9).map(day), st.none())),
    on=st.integers(-1, 10).map(day),
)
def test_what_is_covered_on_a_date_may_be_treated(held: list[Held], on: date) -> None:
    assert covered_on(held, on) == {each for each in ("CO", "UT", "NY") if may_treat(held, jurisdiction=each, on=on)}
