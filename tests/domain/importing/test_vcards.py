"""Contacts from phones and address books."""

from __future__ import annotations

import pytest

from telehealth.domain.errors import InvalidInput
from telehealth.domain.importing.tables import LARGEST_FILE, NOTHING
from telehealth.domain.importing.vcards import LONGEST_CARD, UNREADABLE, is_vcard, read_vcards

OLD = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Pe=C3=B1a;Jos=C3=A9;;;
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Jos=C3=A9 Pe=
=C3=B1a
TEL;HOME:3035550100
TEL;CELL:3035550123
EMAIL;INTERNET:jose@example.com
END:VCARD
"""
THREE = """BEGIN:VCARD
VERSION:3.0
N:Rivera;Ana;;;
FN:Ana Ri
 vera
item1.EMAIL;TYPE=INTERNET,HOME:home@example.com
EMAIL;TYPE=INTERNET,PREF:ana@example.com
TEL;TYPE=WORK:+1 303 555 0100
TEL;TYPE=CELL,VOICE:+1 303 555 0123
BDAY:1990-05-12
NOTE:Needs a room\\, without
  stairs\\nand time
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQ
 AAAQABAAD
END:VCARD
"""
FOUR = """BEGIN:VCARD
VERSION:4.0
FN:Ben Ito
EMAIL;PREF=1:ben@example.com
TEL;VALUE=uri;TYPE="cell,voice":tel:+1-303-555-0123
BDAY:19900512
END:VCARD
"""


@pytest.mark.parametrize(
    ("card", "cells"),
    [
        (OLD, ("José Peña", "jose@example.com", "3035550123", "", "")),
        (
            THREE,
            ("Ana Rivera", "ana@example.com", "+1 303 555 0123", "1990-05-12", "Needs a room, without stairs and time"),
        ),
        (FOUR, ("Ben Ito", "ben@example.com", "+1-303-555-0123", "1990-05-12", "")),
    ],
    ids=["2.1", "3.0", "4.0"],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_each_version_is_read(card: str, cells: tuple[str, ...], ends: str) -> None:
    assert is_vcard(card)
    (line,) = read_vcards(card.replace("\n", ends)).lines
    assert (line.cells, line.problem) == (cells, "")


def test_each_contact_stands_where_it_begins() -> None:
    assert [each.number for each in read_vcards(THREE + FOUR).lines] == [1, 16]


def test_one_that_cannot_be_read_spoils_only_itself() -> None:
    broken = "BEGIN:VCARD\nVERSION:3.0\nFN no colon\nEMAIL\n;;;\nN;=:x\nEND:VCARD\n"
    long = f"BEGIN:VCARD\nVERSION:3.0\nNOTE:{'x' * LONGEST_CARD}\nEND:VCARD\n"
    assert [each.problem for each in read_vcards(long + FOUR + broken).lines][:2] == [UNREADABLE, ""]


def test_a_name_may_be_in_parts_only() -> None:
    (line,) = read_vcards("BEGIN:VCARD\nVERSION:3.0\nN:Rivera;Ana;;;\nEND:VCARD").lines
    assert line.cells[0] == "Ana Rivera"


def test_a_birthday_without_a_year_is_left_out() -> None:
    (line,) = read_vcards("BEGIN:VCARD\nVERSION:4.0\nFN:Ana\nBDAY:--0512\nEND:VCARD").lines
    assert line.cells[3] == ""


def test_no_contact_is_said() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_vcards("BEGIN:VCARD\nVERSION:3.0\nFN:Ana")
    assert refused.value.fields["file"] == NOTHING


def test_contacts_that_never_end_take_no_time() -> None:
    """A search for each end from each beginning took hours for a file as large as it may be."""
    with pytest.raises(InvalidInput):
        read_vcards("BEGIN:VCARD\n" * (LARGEST_FILE // 12))


def test_one_that_has_no_end_spoils_only_itself() -> None:
    text = "BEGIN:VCARD\nFN:Lost\nBEGIN:VCARD\nVERSION:3.0\nFN:Ana Rivera\nEND:VCARD\n"
    (line,) = read_vcards(text).lines
    assert (line.number, line.cells[0]) == (3, "Ana Rivera")
