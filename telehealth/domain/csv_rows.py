"""Tables as CSV (RFC 4180) that a spreadsheet shows and never runs."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from telehealth.late import Library

if TYPE_CHECKING:
    import csv
else:
    csv = Library("csv")

BEGIN_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet may take for the beginning of a formula (OWASP, "CSV Injection"), also in full width."""
PIECE = 16 * 1024
"""Letters that are handed on at once."""
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads UTF-8 as something else."""


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The whole file, with its columns in the first line. Numbers stay numbers; text never begins a formula; None is an
    empty cell.
    """
    return "".join(stream_csv(columns, rows))


def stream_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The same in pieces, for a file that is long: some lines at a time, as the rows come."""
    kept = io.StringIO()
    kept.write(BYTE_ORDER_MARK)
    writer = csv.writer(kept, lineterminator="\r\n")
    writer.writerow(map(_cell, columns))
    for row in rows:
        writer.writerow(map(_cell, row))
        if kept.tell() > PIECE:
            yield kept.getvalue()
            kept.seek(0)
            kept.truncate()
    yield kept.getvalue()


def _cell(value: object) -> object:
    """An apostrophe before what looks like a formula: spreadsheets take the rest for text."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    said = str(value).replace("\0", "")
    return f"'{said}" if said.lstrip(" ").startswith(BEGIN_A_FORMULA) else said
