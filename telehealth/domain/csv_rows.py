"""Tables as CSV (RFC 4180) that a spreadsheet shows and never runs."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from telehealth.late import Library

if TYPE_CHECKING:
    import csv
else:
    csv = Library("csv")

BEGIN_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet may take for the beginning of a formula (OWASP, "CSV Injection"), also in full width."""
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads UTF-8 as something else."""


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The whole file, with its columns in the first line. Numbers stay numbers; text never begins a formula; None is an
    empty cell.
    """
    kept = io.StringIO()
    writer = csv.writer(kept, lineterminator="\r\n")
    writer.writerow(map(_cell, columns))
    writer.writerows(map(_cell, row) for row in rows)
    return BYTE_ORDER_MARK + kept.getvalue()


def _cell(value: object) -> object:
    """An apostrophe before what looks like a formula: spreadsheets take the rest for text."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    said = str(value).replace("\0", "")
    return f"'{said}" if said.lstrip(" ").startswith(BEGIN_A_FORMULA) else said
