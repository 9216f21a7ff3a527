"""Reading what somebody typed into a form as what it should be, and collecting what is wrong with it by field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, time
from enum import StrEnum
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from telehealth.domain.errors import InvalidInput

Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)  # A slip of the finger in a year is caught here.


class FormReader:
    """The values of one form. Every method takes a field's name and notes a problem instead of raising."""

    def __init__(self, form: MultiDict[str, str]) -> None:
        self._form = form
        self.problems: dict[str, str] = {}

    def text(self, field: str) -> str:
        """What stands in the field, without white space around it, and without NUL, which PostgreSQL does not take."""
        return self._form.get(field, "").replace("\0", "").strip()

    def untouched(self, field: str) -> str:
        """Exactly what was typed: in a password white space counts."""
        return self._form.get(field, "")

    def is_ticked(self, field: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.text(field))

    def several(self, field: str) -> list[str]:
        """Everything that was chosen in a field of many."""
        return [value.replace("\0", "").strip() for value in self._form.getlist(field)]

    def day(self, field: str, sentence: str = "Please choose a date.", *, needed: bool = True) -> date | None:
        """A date as `<input type=date>` sends it."""
        found = self._read(field, date.fromisoformat, sentence, needed=needed)
        if found is not None and not EARLIEST <= found < LATEST:
            self.problems[field] = "Please check the year of this date."
        return found

    def clock(self, field: str, sentence: str = "Please choose a time.", *, needed: bool = True) -> time | None:
        """A wall time as `<input type=time>` sends it, to the minute."""
        return self._read(field, _wall_time, sentence, needed=needed)

    def number(self, field: str, sentence: str, *, needed: bool = True) -> int | None:
        """A whole number."""
        return self._read(field, int, sentence, needed=needed)

    def word(self, field: str, words: type[Word], sentence: str = "Please choose one.") -> Word | None:
        """One word of a vocabulary."""
        return self._read(field, words, sentence, needed=True)

    def words(self, field: str, words: Iterable[Value], sentence: str = "Please choose at least one.") -> list[Value]:
        """Some words of a vocabulary, or some numbers, at least one."""
        found = [word for word in words if str(word) in self._form.getlist(field)]
        if not found:
            self.problems[field] = sentence
        return found

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note what a rule refuses, and go on."""
        try:
            yield
        except InvalidInput as problem:
            self.problems |= problem.fields

    def refuse(self) -> None:
        """Raise InvalidInput with everything that was wrong, if anything was."""
        if self.problems:
            raise InvalidInput(self.problems)

    def _read(self, field: str, read: Callable[[str], Value], sentence: str, *, needed: bool) -> Value | None:
        given = self.text(field)
        if not given and not needed:
            return None
        try:
            return read(given)
        except ValueError:
            self.problems[field] = sentence
            return None


def _wall_time(given: str) -> time:
    """Some browsers send seconds; nobody plans with them, and a zone has no place here."""
    return time.fromisoformat(given).replace(second=0, microsecond=0, tzinfo=None)
