"""Who fits best."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.appointments.matching import Fit, Match, rank_therapists

ANA, BO, CY = 1, 2, 3


def test_without_wishes_whoever_has_the_least_to_do_comes_first() -> None:
    assert rank_therapists(Fit(), [Match(ANA, 5), Match(BO, 2), Match(CY, 5)]) == [BO, ANA, CY]
    assert rank_therapists(Fit(), []) == []


def test_continuity_comes_before_everything_else() -> None:
    therapists = [Match(ANA, 0, ["EMDR"], ["Trauma"]), Match(BO, 40)]
    assert rank_therapists(Fit(("EMDR",), ("Trauma",), therapist_id=BO), therapists) == [BO, ANA]
    assert rank_therapists(Fit(("EMDR",), ("Trauma",), therapist_id=99), therapists) == [ANA, BO]


def test_more_modalities_then_more_specialties_then_less_to_do() -> None:
    wanted = Fit(("EMDR", "CBT"), ("Grief", "Trauma"))
    therapists = [
        Match(1, 0, [], ["Grief", "Trauma"]),
        Match(2, 9, ["CBT"], ["Grief"]),
        Match(3, 1, ["CBT"], ["Grief"]),
        Match(4, 9, ["EMDR", "CBT", "ACT"], []),
        Match(5, 0, ["CBT"], []),
    ]
    assert rank_therapists(wanted, therapists) == [4, 3, 2, 5, 1]


def test_a_language_is_a_must_and_one_in_common_is_enough() -> None:
    therapists = [Match(ANA, 0, languages=["English"]), Match(BO, 9, languages=["English", "Spanish"]), Match(CY)]
    assert rank_therapists(Fit(languages=("Spanish",)), therapists) == [BO]
    assert rank_therapists(Fit(languages=("Spanish", "English")), therapists) == [ANA, BO]
    assert rank_therapists(Fit(languages=("Polish",)), therapists) == []
    assert rank_therapists(Fit(languages=("Polish",), therapist_id=ANA), therapists) == [], "not even their own"


@pytest.mark.parametrize("word", ["emdr", "EMDR", " Emdr "])
def test_capitals_and_blanks_do_not_matter(word: str) -> None:
    therapists = [Match(ANA), Match(BO, 9, ["Emdr"])]
    assert rank_therapists(Fit(modalities=(word,)), therapists) == [BO, ANA]
    assert rank_therapists(Fit(languages=("ESPAÑOL",)), [Match(ANA, languages=["español"])]) == [ANA]


words = st.lists(st.sampled_from(["a", "A", "b", "c"]), max_size=3).map(tuple)
matches = st.lists(
    st.builds(Match, st.integers(1, 9), st.integers(0, 3), words, words, words),
    max_size=6,
    unique_by=lambda match: match.therapist_id,
)


@given(st.builds(Fit, words, words, st.just(()), st.none() | st.integers(1, 9)), matches)
def test_without_a_language_nobody_is_left_out(fit: Fit, therapists: list[Match]) -> None:
    ranked = rank_therapists(fit, therapists)
    assert sorted(ranked) == sorted(match.therapist_id for match in therapists)
    assert fit.therapist_id not in ranked or ranked[0] == fit.therapist_id
