"""What the lines of a file of clients mean: which column is what, whom a line describes, and what becomes of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from telehealth.domain import languages
from telehealth.domain.client_facts import ClientFacts, clean_facts
from telehealth.domain.contact import Contact, parse_contact
from telehealth.domain.errors import InvalidInput
from telehealth.domain.importing.tables import Table, TableLine
from telehealth.domain.searching import fold_name
from telehealth.domain.words import Mode

LOOKED_AT = 20
"""So many lines are looked at to guess what is in a column."""
_PHONE = re.compile(r"\+?[\d()\s./-]{7,20}")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d\d?)[-/.](\d\d?)")
_YEAR_LAST = re.compile(r"(\d\d?)[-/.](\d\d?)[-/.](\d{4})")
NO_DATE = "Please write this date with the year in four digits, such as 1990-05-12."
Mark = tuple[str, str]
"""A name, folded, and something else that tells people apart."""


class ClientColumn(StrEnum):
    """What a column may hold."""

    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    EMAIL = "email"
    PHONE = "phone"
    BORN_ON = "born_on"
    PRONOUNS = "pronouns"
    LOCALE = "locale"
    TIMEZONE = "timezone"
    TAGS = "tags"
    EMERGENCY_CONTACT = "emergency_contact"
    DESK_NOTE = "desk_note"


UNNAMED = "a file"
"""What a file is called whose name is not shown."""


class ImportStatus(StrEnum):
    """How far an import is."""

    READY = "ready"  # It was looked at, and nothing is written.
    RUNNING = "running"
    DONE = "done"


class LineOutcome(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    KNOWN = "known"  # A client of this name and address is there: nothing is changed.
    TWICE = "twice"  # It stands in the file before.
    ALIKE = "alike"  # Somebody of this name is there, with the same number, address or date of birth.
    REFUSED = "refused"


TITLES: Mapping[ClientColumn, tuple[str, ...]] = {
    ClientColumn.NAME: ("name", "fullname", "clientname", "client", "displayname", "nombre", "nombrecompleto"),
    ClientColumn.FIRST_NAME: ("firstname", "first", "givenname", "given", "legalfirstname", "nombres"),
    ClientColumn.LAST_NAME: ("lastname", "last", "surname", "familyname", "family", "legallastname", "apellidos"),
    ClientColumn.EMAIL: ("email", "emailaddress", "mail", "emails", "email1", "email1value", "correo", "primaryemail"),
    ClientColumn.PHONE: (
        "mobile", "mobilephone", "mobilenumber", "cell", "cellphone", "phone", "phonenumber", "telephone", "tel",
        "phone1value", "primaryphone", "homephone", "telefono", "celular",
    ),
    ClientColumn.BORN_ON: ("dateofbirth", "dob", "birthdate", "birthday", "born", "bornon", "fechadenacimiento"),
    ClientColumn.PRONOUNS: ("pronouns", "pronoun"),
    ClientColumn.LOCALE: ("language", "preferredlanguage", "locale", "languageofmessages", "idioma"),
    ClientColumn.TIMEZONE: ("timezone", "tz", "zone"),
    ClientColumn.TAGS: ("tags", "tag", "labels", "groups"),
    ClientColumn.EMERGENCY_CONTACT: ("emergencycontact", "inanemergency", "emergency"),
    ClientColumn.DESK_NOTE: ("note", "notes", "comment", "comments", "notefordesk"),
}  # fmt: skip
"""Titles as other programs write them, folded and without spaces; those that say most stand first."""


@dataclass(frozen=True, slots=True)
class Matching:
    """What each column of a file holds, None for what is left out; whether 5/12/1990 is the fifth of December."""

    columns: tuple[ClientColumn | None, ...]
    day_first: bool = False


@dataclass(frozen=True, slots=True)
class ReadClient:
    """Somebody whom a line describes."""

    contact: Contact
    facts: ClientFacts

    @property
    def marks(self) -> frozenset[Mark]:
        """What they have in common with whoever may be the same person."""
        return make_marks(self.contact.name, self.contact.email, self.contact.phone, self.facts.born_on)


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line and whom it describes; else the sentence that says why nobody can tell."""

    number: int
    client: ReadClient | None
    problem: str = ""


def make_marks(name: str, email: str, phone: str | None, born_on: date | None) -> frozenset[Mark]:
    """Two people who share one of these may be one: the same name, however it is spelt, with the same address, number
    or date of birth. (A name alone says little, and couples share an address.)
    """
    others = (email.casefold(), phone, born_on.isoformat() if born_on else None)
    return frozenset((fold_name(name), each) for each in others if each)


def guess_matching(table: Table) -> Matching:
    """What the columns hold by their titles, and by what stands in the first lines where no title says it. Each thing
    is in one column only.
    """
    found: dict[int, ClientColumn] = {}
    titles = [fold_name(each).replace(" ", "") for each in table.columns]
    for column, known in TITLES.items():
        at = next((titles.index(each) for each in known if each in titles), None)
        if at is not None:
            found.setdefault(at, column)
    for at in range(len(titles)):
        kind = _guess_by_content([each.cells[at] for each in table.lines[:LOOKED_AT]])
        if at not in found and kind is not None and kind not in found.values():
            found[at] = kind
    if {ClientColumn.FIRST_NAME, ClientColumn.LAST_NAME} <= set(found.values()):
        found = {at: column for at, column in found.items() if column != ClientColumn.NAME}
    columns = tuple(found.get(at) for at in range(len(titles)))
    return Matching(columns, day_first=_guess_day_first(table, columns))


def _guess_by_content(cells: Sequence[str]) -> ClientColumn | None:
    filled = [each for each in cells if each]
    if filled and all("@" in each for each in filled):
        return ClientColumn.EMAIL
    if filled and all(_PHONE.fullmatch(each) and not _is_date(each) for each in filled):
        return ClientColumn.PHONE
    return None


def _is_date(cell: str) -> bool:
    return bool(_YEAR_FIRST.fullmatch(cell) or _YEAR_LAST.fullmatch(cell))


def _guess_day_first(table: Table, columns: Sequence[ClientColumn | None]) -> bool:
    """Dates of which one can only be read with the day first, or with dots, as they are written in Europe."""
    if ClientColumn.BORN_ON not in columns:
        return False
    at = columns.index(ClientColumn.BORN_ON)
    found = [(cell, _YEAR_LAST.fullmatch(cell)) for cell in (each.cells[at] for each in table.lines)]
    return any(date is not None and ("." in cell or int(date[1]) > 12) for cell, date in found)  # noqa: PLR2004 -- months


def read_client_line(
    line: TableLine, matching: Matching, *, timezone: str, today: date, needs_email: bool = True
) -> ReadLine:
    """Whom a line describes. Where it says nothing of it, times are said to them in this zone, and in English. Whoever
    does not need an e-mail address needs a number without one.
    """
    if line.problem:
        return ReadLine(line.number, None, line.problem)
    cells = {column: cell for column, cell in zip(matching.columns, line.cells, strict=True) if column is not None}
    try:
        typed = _read_contact(cells, timezone=timezone)
        contact = parse_contact(typed, mode=Mode.IN_PERSON, needs_email=needs_email)
        facts = _read_facts(cells, day_first=matching.day_first)
        return ReadLine(line.number, ReadClient(contact, clean_facts(facts, today=today)))
    except InvalidInput as problem:
        sentence = next(iter(problem.fields.values()))
        return ReadLine(line.number, None, sentence.replace("your ", "the "))


def read_line_name(cells: Sequence[str], matching: Matching) -> str:
    """The name that a line gives, as it is typed; empty when it gives none. The line may be too short or too long."""
    return _read_name({column: cell for column, cell in zip(matching.columns, cells, strict=False) if column})


def _read_name(cells: Mapping[ClientColumn, str]) -> str:
    parts = (cells.get(ClientColumn.FIRST_NAME, ""), cells.get(ClientColumn.LAST_NAME, ""))
    return cells.get(ClientColumn.NAME) or " ".join(filter(None, parts))


def _read_contact(cells: Mapping[ClientColumn, str], *, timezone: str) -> Mapping[str, object]:
    given = cells.get
    return {
        "name": _read_name(cells),
        "email": given(ClientColumn.EMAIL, ""),
        "phone": given(ClientColumn.PHONE, ""),
        "timezone": given(ClientColumn.TIMEZONE) or timezone,
        "locale": _read_language(given(ClientColumn.LOCALE, "")),
    }


def _read_facts(cells: Mapping[ClientColumn, str], *, day_first: bool) -> ClientFacts:
    given = cells.get
    return ClientFacts(
        born_on=_read_birth(given(ClientColumn.BORN_ON, ""), day_first=day_first),
        pronouns=given(ClientColumn.PRONOUNS, ""),
        tags=[each.strip() for each in re.split("[,;|]", given(ClientColumn.TAGS, "")) if each.strip()],
        emergency_contact=" ".join(given(ClientColumn.EMERGENCY_CONTACT, "").split()),
        desk_note=given(ClientColumn.DESK_NOTE, ""),
    )


def _read_language(typed: str) -> str:
    """A code, or the name of a language: "es", "es-MX", "Spanish", "Español"."""
    names = {**{fold_name(name): code for code, name in languages.LANGUAGES.items()}, "spanish": languages.SPANISH}
    folded = fold_name(typed)
    return names.get(folded) or (folded.split(" ")[0] if folded else languages.ENGLISH)


def _read_birth(typed: str, *, day_first: bool) -> date | None:
    if not typed:
        return None
    try:
        if found := _YEAR_FIRST.fullmatch(typed):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _YEAR_LAST.fullmatch(typed):
            month, day = (found[2], found[1]) if day_first else (found[1], found[2])
            return date(int(found[3]), int(month), int(day))
    except ValueError:
        pass
    raise InvalidInput({"born_on": NO_DATE})


def sort_lines(
    lines: Iterable[ReadLine], *, known_keys: AbstractSet[str], known_marks: AbstractSet[Mark]
) -> list[LineOutcome]:
    """What becomes of each of some lines, in their order; ``known_keys`` and ``known_marks`` are those of the clients
    that there are.
    """
    found: list[LineOutcome] = []
    keys: set[str] = set()
    marks: set[Mark] = set(known_marks)
    for each in lines:
        if each.client is None:
            found.append(LineOutcome.REFUSED)
            continue
        key = each.client.contact.match_key
        if key in known_keys:
            found.append(LineOutcome.KNOWN)
        elif key in keys:
            found.append(LineOutcome.TWICE)
        else:
            found.append(LineOutcome.ALIKE if marks & each.client.marks else LineOutcome.NEW)
        keys.add(key)
        marks |= each.client.marks
    return found
