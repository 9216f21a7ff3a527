"""Files of other programs, whatever their letters, separators and line ends are; and files that mean harm."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain.errors import InvalidInput
from telehealth.domain.importing.tables import (
    LARGEST_FILE,
    LONGEST_CELL,
    MOST_LINES,
    NO_COLUMNS,
    NOTHING,
    REST_LOST,
    TOO_LARGE,
    TOO_LONG,
    TOO_MANY,
    TOO_WIDE,
    decode_file,
    read_table,
)

TEXT = "Name,E-mail\r\nJosé Peña,jose@example.com\r\n"


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_table(decode_file(data))
    return refused.value.fields["file"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_letters_are_read_however_they_are_written(encoding: str) -> None:
    assert decode_file(TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_found(separator: str, ends: str) -> None:
    found = read_table(ends.join([separator.join(["Name", "E-mail"]), separator.join(["Ana", "ana@example.com"]), ""]))
    assert found.columns == ("Name", "E-mail")
    assert [(each.number, each.cells) for each in found.lines] == [(2, ("Ana", "ana@example.com"))]


def test_a_spreadsheet_may_say_its_separator() -> None:
    assert read_table("sep=;\r\nName;Note\r\nAna;a, b, c\r\n").lines[0].cells == ("Ana", "a, b, c")


def test_a_line_is_where_it_begins_though_cells_have_line_breaks() -> None:
    found = read_table('Name,Note\n\n"Ana","first\nsecond"\n,\nBen,\n')
    assert [(each.number, each.cells) for each in found.lines] == [(3, ("Ana", "first\nsecond")), (6, ("Ben", ""))]


def test_a_first_line_with_an_address_has_no_titles() -> None:
    found = read_table("Ana,ana@example.com\nBen,ben@example.com")
    assert found.columns == ("Column 1", "Column 2")
    assert len(found.lines) == 2


def test_short_lines_are_filled_up_and_long_ones_refused() -> None:
    found = read_table("A,B\nx\nx,y,\nx,y,z\n")
    assert [each.cells for each in found.lines] == [("x", ""), ("x", "y"), ("x", "y")]
    assert [each.problem for each in found.lines] == ["", "", TOO_WIDE]


def test_titles_turn_nothing_around() -> None:
    assert read_table("Na\u202eme,\x07,B\nx,y,z").columns == ("Name", "Column 2", "B")


def test_nul_never_gets_further() -> None:
    assert read_table(decode_file(b"Name,E-mail\nA\0na,ana@example.com\n")).lines[0].cells[0] == "Ana"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", NOTHING),
        (b"Name,E-mail\n", NOTHING),
        (b"PK\x03\x04 and so on", "This is a workbook"),
        (b"%PDF-1.7", "This is a PDF"),
        (b"\xff\xfe\x00\xd8", NO_COLUMNS),
        (b"\x81\x8d\x8f", NO_COLUMNS),
        (b"x" * (LARGEST_FILE + 1), TOO_LARGE),
        (b"Name\n" + b"x\n" * (MOST_LINES + 1), TOO_MANY),
        (b",".join([b"x"] * 61) + b"\ny", "more than 60 columns"),
    ],
    ids=["empty", "titles only", "workbook", "PDF", "half a letter", "no letters", "large", "many", "wide"],
)
def test_what_cannot_be_read_is_said(data: bytes, sentence: str) -> None:
    assert sentence in refusal(data)


def test_one_endless_line_spoils_only_itself() -> None:
    long = "x" * (LONGEST_CELL + 1)
    found = read_table(f"Name,Note\nAna,{long}\nBen,short\n")
    assert [each.problem for each in found.lines] == [TOO_LONG, ""]
    assert all(len(cell) <= LONGEST_CELL for each in found.lines for cell in each.cells)


def test_a_quotation_mark_that_never_ends_is_said() -> None:
    found = read_table('Name,Note\nAna,ok\nBen,"' + "never\n" * 40_000)
    assert [each.problem for each in found.lines] == ["", REST_LOST]


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(data: bytes) -> None:
    try:
        found = read_table(decode_file(data))
    except InvalidInput:
        return
    assert all(len(each.cells) == len(found.columns) for each in found.lines)
    assert not any("\0" in cell for each in found.lines for cell in each.cells)


@given(st.lists(st.tuples(*[st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)] * 2), min_size=1))
def test_what_a_program_writes_is_read_as_it_was(rows: list[tuple[str, str]]) -> None:
    kept = io.StringIO(newline="")
    csv.writer(kept).writerows([("First", "Second"), *rows])
    found = read_table(decode_file(kept.getvalue().encode()))
    cells = [tuple(cell.strip() for cell in row) for row in rows]
    assert [each.cells for each in found.lines] == [row for row in cells if any(row)]
