"""A file of lines and columns, as other programs write it (RFC 4180, and what spreadsheets make of it), read whatever
its letters and its separators are.
"""

from __future__ import annotations

import codecs
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from telehealth.domain.contact import BREAKING, REORDERING
from telehealth.domain.errors import InvalidInput
from telehealth.late import Library

if TYPE_CHECKING:
    import csv
else:
    csv = Library("csv")

LARGEST_FILE = 4 * 1024 * 1024
"""In bytes."""
MOST_LINES, MOST_COLUMNS = 5_000, 60
LONGEST_CELL, LONGEST_TITLE = 2_000, 80
SEPARATORS = (",", ";", "\t", "|")
MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""What a file may begin with to say how its letters are written."""
NO_TABLES = {
    b"PK\x03\x04": "This is a workbook. Please save it as CSV first (File, “Save as”), and give us that file.",
    b"\xd0\xcf\x11\xe0": "This is a workbook. Please save it as CSV first (File, “Save as”), and give us that file.",
    b"%PDF": "This is a PDF. Please give us a table (CSV) or contacts (vCard).",
}
NOTHING = "There are no clients in this file."
NO_COLUMNS = "We find no columns in this file. Please give us a table (CSV) or contacts (vCard)."
TOO_LARGE = f"This file is too large; please use at most {LARGEST_FILE // 1024**2} MB."
TOO_MANY = f"These are more than {MOST_LINES:,} clients; please give us the file in parts."
TOO_LONG = f"Something in this line is longer than {LONGEST_CELL:,} letters: perhaps a quotation mark is missing."
REST_LOST = f"{TOO_LONG} Nothing after it could be read."
_FIRST_LINE = re.compile(r"[^\r\n]*")
TOO_WIDE = "This line has more columns than the first one."


@dataclass(frozen=True, slots=True)
class TableLine:
    """A line with as many cells as there are columns. ``number`` is where it begins in the file, the first being 1;
    ``problem`` says why it cannot be read, and is empty otherwise.
    """

    number: int
    cells: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Titles of columns, and lines."""

    columns: tuple[str, ...]
    lines: tuple[TableLine, ...]


def decode_file(data: bytes) -> str:
    """The letters of a file: UTF-8 or UTF-16 where it says or shows so, else what Windows writes in the west. Without
    NUL, which no database takes. Raises InvalidInput for what is too large, or no text at all.
    """
    if len(data) > LARGEST_FILE:
        raise InvalidInput({"file": TOO_LARGE})
    if said := next((sentence for begins, sentence in NO_TABLES.items() if data.startswith(begins)), ""):
        raise InvalidInput({"file": said})
    for encoding in _encodings(data):
        try:
            return data.decode(encoding).removeprefix("\ufeff").replace("\0", "")
        except UnicodeDecodeError:
            continue
    raise InvalidInput({"file": NO_COLUMNS})


def _encodings(data: bytes) -> Iterator[str]:
    if data.startswith(MARKS[1:]):
        yield "utf-16"
        return
    # Of most letters in the west the second byte is zero in UTF-16, and text in UTF-8 holds none.
    head = data[:1_000]
    if head.count(0) > len(head) // 4:
        yield "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        return
    yield "utf-8"
    yield "cp1252"


def read_table(text: str) -> Table:
    """The first line has the titles of the columns, unless it holds an address: then they are called by their numbers.
    Empty lines are passed over. Raises InvalidInput.
    """
    text, separator = _find_separator(text)
    rows = list(islice(_read_rows(text, separator), MOST_LINES + 2))  # Enough to see that they are too many.
    if not rows:
        raise InvalidInput({"file": NOTHING})
    titles = rows[0].cells
    has_titles = not any("@" in each for each in titles)
    if len(titles) > MOST_COLUMNS:
        raise InvalidInput({"file": f"This file has more than {MOST_COLUMNS} columns."})
    columns = tuple(_clean_title(each if has_titles else "", number) for number, each in enumerate(titles, start=1))
    return make_table(columns, rows[1:] if has_titles else rows)


def make_table(columns: tuple[str, ...], lines: Sequence[TableLine]) -> Table:
    """A table whose lines all have the cells that its columns ask for. Raises InvalidInput for none, or too many."""
    if not lines:
        raise InvalidInput({"file": NOTHING})
    if len(lines) > MOST_LINES:
        raise InvalidInput({"file": TOO_MANY})
    return Table(columns, tuple(_fit(each, len(columns)) for each in lines))


def _find_separator(text: str) -> tuple[str, str]:
    """What stands between the cells of the first line; a first line "sep=;" says it, and is left out."""
    text = text.lstrip("\r\n")
    first = _FIRST_LINE.match(text)[0]  # type: ignore[index]  # It matches nothing, too.
    if first[:4].lower() == "sep=" and first[4:5] in SEPARATORS and not first[5:].strip():
        return text[len(first) :], first[4]
    found = {each: len(next(csv.reader([first[:LONGEST_CELL]], delimiter=each), [])) for each in SEPARATORS}
    return text, max(found, key=lambda each: found[each])


def _read_rows(text: str, separator: str) -> Iterator[TableLine]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    begins = 1
    while True:
        try:
            cells = next(rows, None)
        except csv.Error:  # One cell is longer than the library reads.
            yield TableLine(begins, (), REST_LOST)
            return
        if cells is None:
            return
        cleaned = tuple(each.strip() for each in cells)
        if any(cleaned):
            is_long = any(len(each) > LONGEST_CELL for each in cleaned)
            yield TableLine(begins, tuple(each[:LONGEST_CELL] for each in cleaned), TOO_LONG if is_long else "")
        begins = rows.line_num + 1


def _fit(line: TableLine, width: int) -> TableLine:
    cells, problem = line.cells, line.problem
    if any(cells[width:]):
        problem = problem or TOO_WIDE
    return TableLine(line.number, (*cells, *[""] * width)[:width], problem)


def _clean_title(title: str, number: int) -> str:
    """A title is shown on pages, where nothing may turn around or break what stands beside it."""
    letters = (each for each in title if each not in REORDERING and unicodedata.category(each) not in BREAKING)
    return " ".join("".join(letters).split())[:LONGEST_TITLE] or f"Column {number}"
