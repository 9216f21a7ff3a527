"""Which lines of a file tell of somebody, however the file writes their name, number and address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from telehealth.domain.importing.lines import Matching, read_line_name
from telehealth.domain.searching import fold_name

NATIONAL_DIGITS = 8
"""So many at the end of a number are the same whether its country was typed or not; of American ones it is ten."""
_AMERICAN = "+1"
_BETWEEN_ADDRESSES = re.compile(r"[\s,;:|<>()\[\]\"']+")


class Sought:
    """Somebody by all their names, numbers (E.164) and addresses. A name of one word counts only where it is the whole
    name that a line gives: others are called so, too.
    """

    def __init__(self, names: Iterable[str], addresses: Iterable[str]) -> None:
        given = list(addresses)
        self._names = {fold_name(each) for each in names} - {""}
        self._full_names = {turned for each in self._names if " " in each for turned in (each, _last_name_first(each))}
        self._emails = {each.casefold() for each in given if "@" in each}
        self._numbers = {_national(each) for each in given if each.startswith("+")}

    def are_in(self, cells: Sequence[str], matching: Matching) -> bool:
        """Whether a line with these cells tells of them."""
        return (
            fold_name(read_line_name(cells, matching)) in self._names
            or self.are_named(" ".join(cells))
            or any(self._are_reached_at(each) for each in cells)
        )

    def are_named(self, text: str) -> bool:
        """Whether their whole name stands in a text, such as the name of a file."""
        said = f" {fold_name(text)} {fold_name(text.replace('.', ' '))} "
        return any(f" {each} " in said for each in self._full_names)

    def _are_reached_at(self, cell: str) -> bool:
        digits = "".join(each for each in cell if each.isdecimal())
        typed = _BETWEEN_ADDRESSES.split(cell.casefold())
        return any(each in digits for each in self._numbers) or not self._emails.isdisjoint(typed)


def _last_name_first(name: str) -> str:
    first, _, last = name.rpartition(" ")
    return f"{last} {first}"


def _national(number: str) -> str:
    return number.removeprefix(_AMERICAN) if number.startswith(_AMERICAN) else number[-NATIONAL_DIGITS:]
