"""What is found by what, without a database."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.searching import (
    LONGEST_SEARCH_TEXT,
    MOST_TERMS,
    fold_name,
    make_search_text,
    read_birth,
    split_search,
)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("José García", "jose garcia"),
        ("Sinéad O’Brien", "sinead obrien"),
        ("Nguyễn Thị Ánh", "nguyen thi anh"),
        ("Łukasz Sørensen-Æbelø", "lukasz sorensen aebelo"),
        ("J.R.  Smith", "jr smith"),
        ("STRASSE straße", "strasse strasse"),
        ("Ｆｕｌｌ width", "full width"),
        ("שָׁלוֹם", "שלום"),
    ],
)
def test_names_are_folded(name: str, folded: str) -> None:
    assert fold_name(name) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold_name(fold_name(text)) == fold_name(text)


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("(303) 555-0123", "3035550123"),
        ("303.555.0123", "3035550123"),
        ("+1 303 555 0123", "13035550123"),
        ("001 303 555 0123", "13035550123"),
        ("011 49 30 901820", "4930901820"),
        ("+44 (0)20 7946 0958", "442079460958"),
        ("0123", "0123"),
    ],
)
def test_numbers_are_read_in_any_spelling(typed: str, digits: str) -> None:
    (term,) = split_search(typed)
    assert digits in term.spellings
    assert digits in term.digits


def test_a_name_and_a_number_are_two_things() -> None:
    assert [min(each.spellings) for each in split_search("ana 303 555")] == ["ana", "303555"]


def test_what_is_kept_and_what_is_asked_are_bounded() -> None:
    kept = make_search_text(name="ﷺ" * 200, emails=["a" * 300, None], phones=["+1" + "3" * 60])
    assert len(kept) <= LONGEST_SEARCH_TEXT
    assert len(split_search("a " * 100)) == MOST_TERMS


@pytest.mark.parametrize("typed", ["5/12/1990", "05-12-1990", "1990-05-12", " 1990-5-12 "])
def test_a_date_of_birth_is_read_as_it_is_written(typed: str) -> None:
    assert read_birth(typed) == date(1990, 5, 12)


@pytest.mark.parametrize("typed", ["", "ana", "13/40/1990", "0000-01-01", "303-555-0123", "1990"])
def test_what_is_no_date_is_none(typed: str) -> None:
    assert read_birth(typed) is None
