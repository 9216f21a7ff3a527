"""Reading what somebody typed into a form as what it should be, and collecting what is wrong with it by field.

Every page reads its form with a ``FormReader``, and shows it again as it was typed with ``problems`` beside the fields.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, time
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from werkzeug.datastructures import MultiDict

from telehealth.domain.bounds import Bounds, out_of_bounds
from telehealth.domain.contact import Contact, clean_line, clean_phone
from telehealth.domain.errors import InvalidInput


class Nameable(Protocol):
    """A row that a choice of a select names."""

    @property
    def public_id(self) -> Any: ...


Row = TypeVar("Row", bound=Nameable)
Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")
Say = Callable[[str, str], tuple[str, str]]
"""How a form calls a field that was refused, and what it says about it."""

TICKED = "y"
NO_NUMBER = "Please enter a whole number."
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)  # A slip of the finger in a year is caught here.


def say_plainly(field: str, sentence: str) -> tuple[str, str]:
    """The field by its own name, in the words of the refusal."""
    return field, sentence


class FormReader:
    """The values of one form. Every method takes a field's name and notes a problem instead of raising."""

    def __init__(self, form: MultiDict[str, str] | None = None) -> None:
        self._form: MultiDict[str, str] = MultiDict() if form is None else form
        self.problems: dict[str, str] = {}

    def text(self, field: str) -> str:
        """What stands in the field, without white space around it, and without NUL, which PostgreSQL does not take."""
        return self.untouched(field).replace("\0", "").strip()

    def untouched(self, field: str) -> str:
        """Exactly what was typed: in a password white space counts."""
        return self._form.get(field, "")

    def line(self, field: str, *, longest: int) -> str:
        """The field as one line of ordinary letters, whatever breaks it was typed with."""
        given = " ".join(self.untouched(field).split())
        return self._read(field, lambda: clean_line(given, longest=longest)) or ""

    def row(self, field: str, among: Iterable[Row], sentence: str) -> Row | None:
        """The one of these rows that the field names by its public id."""
        found = next((each for each in among if each.public_id == self.text(field)), None)
        if found is None:
            self.problems[field] = sentence
        return found

    def phone(self, field: str, *, needed: bool) -> str | None:
        """A phone number in E.164 form."""
        return self._read(field, lambda: clean_phone(self.untouched(field), needed=needed))

    def several(self, field: str) -> list[str]:
        """Everything that was chosen in a field of many."""
        return [value.replace("\0", "").strip() for value in self._form.getlist(field)]

    def is_ticked(self, field: str) -> bool:
        """Whether a single box was."""
        return self.text(field) == TICKED

    def day(self, field: str, sentence: str = "Please choose a date.", *, needed: bool = True) -> date | None:
        """A date as `<input type=date>` sends it; None for one in a year that nobody means."""
        found = self._convert(field, date.fromisoformat, sentence, needed=needed)
        if found is not None and not EARLIEST <= found < LATEST:
            self.problems[field] = "Please check the year of this date."
            return None
        return found

    def clock(self, field: str, sentence: str = "Please choose a time.", *, needed: bool = True) -> time | None:
        """A wall time as `<input type=time>` sends it, to the minute."""
        return self._convert(field, _wall_time, sentence, needed=needed)

    def number(self, field: str, sentence: str, *, needed: bool = True) -> int | None:
        """A whole number."""
        return self._convert(field, int, sentence, needed=needed)

    def numbers(
        self, bounds: Bounds, *, fields: Iterable[str] | None = None, optional: Collection[str] = ()
    ) -> dict[str, int | None]:
        """A whole number in each of these fields, or in all that have bounds. What lies beyond them is noted with what
        is no number, so that everything is said at once.
        """
        names = bounds if fields is None else fields
        found = {name: self.number(name, NO_NUMBER, needed=name not in optional) for name in names}
        self.problems |= out_of_bounds(found, bounds)
        return found

    def word(self, field: str, words: type[Word], sentence: str = "Please choose one.") -> Word | None:
        """One word of a vocabulary."""
        return self._convert(field, words, sentence, needed=True)

    def words(self, field: str, words: Iterable[Value], sentence: str = "Please choose at least one.") -> list[Value]:
        """Some words of a vocabulary, or some numbers, at least one."""
        found = [word for word in words if str(word) in self.several(field)]
        if not found:
            self.problems[field] = sentence
        return found

    @contextmanager
    def noting(self, say: Say = say_plainly) -> Iterator[None]:
        """Note what a rule refuses (InvalidInput), as ``say`` puts it, and go on."""
        try:
            yield
        except InvalidInput as refusal:
            self.problems.update(say(*each) for each in refusal.fields.items())

    def read_people(self, blocks: Iterable[tuple[Say, Callable[[], Contact | None]]], *, twice: str) -> list[Contact]:
        """The contacts in several blocks of fields, one a person: nobody twice, and an empty block (None) is nobody."""
        found: list[Contact] = []
        for say, read in blocks:
            with self.noting(say):
                contact = read()
                if contact is None:
                    continue
                if contact.match_key in {each.match_key for each in found}:
                    self.problems.update([say("name", twice)])
                found.append(contact)
        return found

    def refuse(self) -> None:
        """Raise InvalidInput with everything that was wrong, if anything was."""
        if self.problems:
            raise InvalidInput(self.problems)

    def _convert(self, field: str, convert: Callable[[str], Value], sentence: str, *, needed: bool) -> Value | None:
        given = self.text(field)
        if not given and not needed:
            return None
        try:
            return convert(given)
        except ValueError:
            self.problems[field] = sentence
            return None

    def _read(self, field: str, read: Callable[[], Value]) -> Value | None:
        """The same of a rule that says itself what is wrong."""
        try:
            return read()
        except ValueError as problem:
            self.problems[field] = str(problem)
            return None


def _wall_time(given: str) -> time:
    """Some browsers send seconds; nobody plans with them, and a zone has no place here."""
    return time.fromisoformat(given).replace(second=0, microsecond=0, tzinfo=None)
