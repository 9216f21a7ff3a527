"""From which age people agree to their own care, state by state."""

from __future__ import annotations

from datetime import date

import pytest

from telehealth.domain.coming_of_age import MAJORITY_OF, OWN_CONSENT, AgeStanding, age_on, judge_age
from telehealth.domain.jurisdictions import JURISDICTIONS

S = AgeStanding
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("born_on", "age"),
    [
        (date(2014, 11, 24), 12),
        (date(2014, 11, 25), 11),
        (date(2008, 2, 29), 18),
        (TODAY, 0),
    ],
)
def test_a_year_is_over_on_the_birthday(born_on: date, age: int) -> None:
    assert age_on(born_on, TODAY) == age


def test_who_is_born_on_a_leap_day_is_older_in_march() -> None:
    assert [age_on(date(2008, 2, 29), day) for day in (date(2026, 2, 28), date(2026, 3, 1))] == [17, 18]


@pytest.mark.parametrize(
    ("age", "state", "standing"),
    [
        (11, "CO", S.NEEDS_SOMEBODY),
        (12, "CO", S.AGREES_ALONE),
        (17, "CO", S.AGREES_ALONE),
        (18, "CO", S.OF_AGE),
        (15, "TN", S.NEEDS_SOMEBODY),
        (16, "TN", S.AGREES_ALONE),
        (17, "UT", S.NEEDS_SOMEBODY),
        (18, "NE", S.NEEDS_SOMEBODY),
        (19, "NE", S.OF_AGE),
        (17, None, S.NEEDS_SOMEBODY),
        (18, None, S.OF_AGE),
    ],
)
def test_what_an_age_means_depends_on_the_state(age: int, state: str | None, standing: AgeStanding) -> None:
    assert judge_age(date(TODAY.year - age, 1, 1), state, on=TODAY) == standing


def test_nothing_follows_from_a_birth_that_nobody_knows() -> None:
    assert judge_age(None, "CO", on=TODAY) == S.OF_AGE


def test_the_table_names_states_and_ages_below_majority() -> None:
    assert set(OWN_CONSENT) | set(MAJORITY_OF) <= set(JURISDICTIONS)
    assert all(0 < each.age < MAJORITY_OF.get(state, 18) for state, each in OWN_CONSENT.items())
    assert all(each.statute for each in OWN_CONSENT.values())
