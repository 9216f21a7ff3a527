"""Contacts as phones and address books write them (vCard 2.1, RFC 2426, RFC 6350), as a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from telehealth.domain.errors import InvalidInput
from telehealth.domain.importing.tables import LONGEST_CELL, MOST_LINES, TOO_MANY, Table, TableLine, make_table
from telehealth.late import Library

if TYPE_CHECKING:
    import vobject
else:
    vobject = Library("vobject")

COLUMNS = ("Name", "E-mail", "Phone", "Date of birth", "Note")
LONGEST_CARD = 5_000
"""In letters, without what is no contact data (photos, sounds, keys): that is left out before anything reads it."""
_CARD = re.compile(
    r"^BEGIN:VCARD[ \t]*$(?:(?!^BEGIN:VCARD).)*?^END:VCARD[ \t]*$", re.IGNORECASE | re.MULTILINE | re.DOTALL
)
"""A contact ends before the next one begins: looking for an end that never comes is done once, not once a beginning."""
_KEPT = re.compile(r"(?:[\w-]+\.)?(?:BEGIN|END|VERSION|FN|N|EMAIL|TEL|BDAY|NOTE)(?=[;:])", re.IGNORECASE)
_QUOTED = re.compile(r";(?:ENCODING=)?QUOTED-PRINTABLE[;:]", re.IGNORECASE)
UNREADABLE = "This contact cannot be read."
BIRTH = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T.*)?")
MOBILE = ("cell", "mobile", "iphone")


def is_vcard(text: str) -> bool:
    """Whether a file holds contacts rather than lines and columns."""
    return text.lstrip()[:12].upper().startswith("BEGIN:VCARD")


def read_vcards(text: str) -> Table:
    """The contacts of a file, each a line that stands where the contact begins. Raises InvalidInput."""
    lines: list[TableLine] = []
    text, number, read = text.replace("\r\n", "\n").replace("\r", "\n"), 1, 0
    for card in _CARD.finditer(text):
        if len(lines) == MOST_LINES:
            raise InvalidInput({"file": TOO_MANY})
        number, read = number + text.count("\n", read, card.start()), card.start()
        lines.append(_line(number, card[0]))
    return make_table(COLUMNS, lines)


def _line(number: int, card: str) -> TableLine:
    try:
        found = vobject.readOne("\r\n".join(_contact_lines(card)), allowQP=True)
        cells = (_name(found), _first(found, "email"), _phone(found), _birth(found), _first(found, "note"))
    # A card is whatever somebody wrote, and the library raises whatever it meets.
    except Exception:  # noqa: BLE001
        return TableLine(number, (card[:LONGEST_CELL],), UNREADABLE)
    return TableLine(number, tuple(each[:LONGEST_CELL] for each in cells))


def _contact_lines(card: str) -> Iterator[str]:
    """The lines that say something about a person, whole: a line that begins with a space goes on the one before."""
    is_kept = goes_on = is_quoted = False
    length = 0
    for line in card.split("\n"):
        begins_anew = not (line[:1] in {" ", "\t"} or (is_quoted and goes_on))
        if begins_anew:
            is_kept, is_quoted = bool(_KEPT.match(line)), bool(_QUOTED.search(line.partition(":")[0] + ":"))
        goes_on = line.endswith("=")
        length += len(line) if is_kept else 0
        if length > LONGEST_CARD:
            raise ValueError("a contact is not that long")
        if is_kept and line.strip():
            yield line


# The library has no types.
def _values(card: Any, name: str) -> list[Any]:
    return list(card.contents.get(name, ()))


def _first(card: Any, name: str) -> str:  # The library has no types.
    """The preferred one of several, else the first."""
    found = sorted(_values(card, name), key=lambda each: "pref" not in _kinds(each))
    return " ".join(str(found[0].value).split()) if found else ""


def _phone(card: Any) -> str:  # The library has no types.
    """Texts go to a mobile number, if there is one."""
    found = sorted(_values(card, "tel"), key=lambda each: not set(MOBILE) & _kinds(each))
    return str(found[0].value).removeprefix("tel:") if found else ""


def _kinds(value: Any) -> set[str]:  # The library has no types.
    """What a line says of itself: "home", "cell", "pref"."""
    said = [*value.params.get("TYPE", ()), *value.params.get("PREF", ()), *value.singletonparams]
    return {kind.strip().lower() for each in said for kind in each.split(",")} | ({"pref"} & {*value.params})


def _name(card: Any) -> str:  # The library has no types.
    """As it is written out, else from its parts."""
    if whole := _first(card, "fn"):
        return whole
    parts = next((each.value for each in _values(card, "n")), None)
    return " ".join(f"{getattr(parts, 'given', '')} {getattr(parts, 'family', '')}".split()) if parts else ""


def _birth(card: Any) -> str:  # The library has no types.
    """The whole date; one without a year is none that we can use."""
    found = BIRTH.fullmatch(_first(card, "bday"))
    return "-".join(found.groups()) if found else ""
