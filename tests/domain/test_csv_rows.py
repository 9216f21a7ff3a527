"""Tables for spreadsheets: what people typed is text there, and nothing else."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.csv_rows import BEGIN_A_FORMULA, PIECE, stream_csv, write_csv


def read(file: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.removeprefix("\ufeff"), newline="")))


def test_a_table_has_its_columns_first_and_says_that_it_is_utf_8() -> None:
    file = write_csv(["Name", "Sessions"], [["Zoë", 3], ["O'Brien, Pat", None]])
    assert file.startswith("\ufeffName,Sessions\r\n")
    assert read(file)[1:] == [["Zoë", "3"], ["O'Brien, Pat", ""]]


@pytest.mark.parametrize("typed", ['=HYPERLINK("http://x")', "+1", "-2+3", "@SUM(A1)", "\t=1", " =1", "＝1", "\r=1"])
def test_nothing_that_was_typed_is_a_formula(typed: str) -> None:
    assert read(write_csv(["Name"], [[typed]]))[1] == [f"'{typed}"]


def test_numbers_stay_numbers_even_below_zero() -> None:
    assert read(write_csv(["Minutes"], [[-5], [1.5]]))[1:] == [["-5"], ["1.5"]]


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_whatever_is_typed_stays_in_its_cell(rows: list[list[str]]) -> None:
    found = read(write_csv(["A", "B"], rows))
    assert [len(row) for row in found] == [2] * (len(rows) + 1)
    assert not any(cell.lstrip(" ").startswith(BEGIN_A_FORMULA) for row in found for cell in row)


def test_a_long_table_comes_in_pieces() -> None:
    asked: list[int] = []

    def rows() -> Iterator[list[str]]:
        for number in range(100):
            asked.append(number)
            yield ["x" * (PIECE // 10)]

    pieces = stream_csv(["Name"], rows())
    assert next(pieces).startswith("\ufeffName")
    assert len(asked) < 20
    rest = "".join(pieces)
    assert len(asked) == 100
    assert rest.endswith("\r\n")
