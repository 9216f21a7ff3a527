"""What the lines of a file mean: which column is what, whom they describe, and what becomes of each."""

from __future__ import annotations

from datetime import date

import pytest

from telehealth.domain.importing.files import read_client_file
from telehealth.domain.importing.lines import (
    NO_DATE,
    ClientColumn,
    LineOutcome,
    Matching,
    ReadLine,
    guess_matching,
    make_marks,
    read_client_line,
    sort_lines,
)
from telehealth.domain.importing.tables import TableLine

TODAY = date(2026, 11, 23)
DENVER = "America/Denver"


def read(text: str, **about: bool) -> list[ReadLine]:
    table = read_client_file(text.encode())
    matching = guess_matching(table)
    matching = Matching(matching.columns, **about) if about else matching
    return [read_client_line(each, matching, timezone=DENVER, today=TODAY) for each in table.lines]


@pytest.mark.parametrize(
    ("titles", "columns"),
    [
        ("Name,E-mail,Phone", ["name", "email", "phone"]),
        ("First Name,Last Name,Email Address,Mobile Phone", ["first_name", "last_name", "email", "phone"]),
        ("Client Name;Home Phone;Mobile;DOB", ["name", None, "phone", "born_on"]),
        ("Nombre,Apellidos,Correo,Teléfono,Fecha de nacimiento", ["name", "last_name", "email", "phone", "born_on"]),
        ("Name,First Name,Last Name,Shoe size", [None, "first_name", "last_name", None]),
        ("Given Name,Family Name,E-mail 1 - Value,Phone 1 - Value", ["first_name", "last_name", "email", "phone"]),
        ("Preferred language,Time zone,Tags,Notes,Emergency contact,Pronouns",
         ["locale", "timezone", "tags", "desk_note", "emergency_contact", "pronouns"]),
    ],
)  # fmt: skip
def test_columns_are_guessed_by_their_titles(titles: str, columns: list[str | None]) -> None:
    assert list(guess_matching(read_client_file(f"{titles}\nx\n".encode())).columns) == columns


def test_columns_are_guessed_by_what_stands_in_them() -> None:
    table = read_client_file(b"Who,Where,How,When\nAna,ana@example.com,(303) 555-0123,5/12/1990\nBen,b@example.com,,")
    assert guess_matching(table).columns == (None, ClientColumn.EMAIL, ClientColumn.PHONE, None)


def test_a_line_describes_somebody() -> None:
    text = (
        "First name,Last name,Email,Phone,DOB,Language,Time zone,Tags,Emergency contact,Notes,Pronouns\n"
        'José,Peña,JOSE@Example.com,303-555-0123,5/12/1990,Spanish,America/Chicago,"school; new","Ben\nIto",'
        '"Needs\nquiet",he/him\n'
    )
    (line,) = read(text)
    assert line.client is not None
    contact, facts = line.client.contact, line.client.facts
    assert (contact.name, contact.email, contact.phone) == ("José Peña", "JOSE@example.com", "+13035550123")
    assert (contact.locale, contact.timezone, contact.wants_texts) == ("es", "America/Chicago", False)
    assert (facts.born_on, facts.tags, facts.pronouns) == (date(1990, 5, 12), ("school", "new"), "he/him")
    assert (facts.emergency_contact, facts.desk_note) == ("Ben Ito", "Needs\nquiet")


def test_what_is_not_said_is_the_practices_own() -> None:
    (line,) = read("Name,Email\nAna,ana@example.com\n")
    assert line.client is not None
    assert (line.client.contact.timezone, line.client.contact.locale, line.client.contact.phone) == (DENVER, "en", None)


@pytest.mark.parametrize(
    ("dates", "born"),
    [
        (["5/12/1990"], [date(1990, 5, 12)]),
        (["1990-12-05"], [date(1990, 12, 5)]),
        (["5/12/1990", "13/1/1991"], [date(1990, 12, 5), date(1991, 1, 13)]),
        (["5.12.1990"], [date(1990, 12, 5)]),
    ],
)
def test_dates_are_read_as_the_file_writes_them(dates: list[str], born: list[date]) -> None:
    lines = read("Name,Email,Born\n" + "".join(f"A{n},a{n}@example.com,{each}\n" for n, each in enumerate(dates)))
    assert [each.client and each.client.facts.born_on for each in lines] == born


@pytest.mark.parametrize("typed", ["5/12/90", "yesterday", "2/30/1990", "0000-00-00", "1/1/3000"])
def test_a_date_that_is_none_is_said(typed: str) -> None:
    (line,) = read(f"Name,Email,Born\nAna,ana@example.com,{typed}\n")
    assert line.client is None
    assert line.problem in {NO_DATE, "Please check the year of this date."}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (",ana@example.com", "Please enter the name."),
        ("Ana,", "Please enter the e-mail address."),
        ("Ana,ana", "Please check the e-mail address"),
        ("A\u202ena,ana@example.com", "without line breaks or tabs"),
        ('"A\nna",ana@example.com', "without line breaks or tabs"),
        ("=?utf-8?q?x?=,ana@example.com", "without “=?”"),
        ("Ana,ana@example.com,12", "Please check the number"),
        ("Ana,ana@example.com,,Klingon", "Please choose one of"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(cells: str, said: str) -> None:
    (line,) = read(f"Name,Email,Phone,Language\n{cells}\n")
    assert line.client is None
    assert said in line.problem


def test_a_formula_is_a_name_like_any_other() -> None:
    """It is guarded where it leaves (``csv_rows``)."""
    (line,) = read('Name,Email\n"=HYPERLINK(A1)",ana@example.com\n')
    assert line.client is not None


def test_a_line_with_a_problem_of_its_own_is_not_read() -> None:
    line = TableLine(3, ("Ana", "ana@example.com"), "Too long.")
    matching = Matching((ClientColumn.NAME, ClientColumn.EMAIL))
    assert read_client_line(line, matching, timezone=DENVER, today=TODAY) == ReadLine(3, None, "Too long.")


def test_what_becomes_of_each_line() -> None:
    lines = read(
        "Name,Email,Phone,Born\n"
        "Ana Rivera,ana@example.com,,\n"  # She is there.
        "Ben Ito,ben@example.com,,\n"
        "BEN ITO,Ben@example.com,,\n"
        "José Peña,jp@example.com,303 555 0123,\n"  # So is somebody of that number.
        "Jane Ito,ben@example.com,,\n"  # A couple may share an address.
        "Jané Ito,other@example.com,,1/2/1990\n"
        "Jane Ito,third@example.com,,1/2/1990\n"
        ",,,\n"
        "Nobody,,,\n"
    )
    known = lines[0].client
    assert known is not None
    marks = make_marks("Jose Pena", "other@example.com", "+13035550123", None)
    found = sort_lines(lines, known_keys={known.contact.match_key}, known_marks=marks)
    assert found == [
        LineOutcome.KNOWN,
        LineOutcome.NEW,
        LineOutcome.TWICE,
        LineOutcome.ALIKE,
        LineOutcome.NEW,
        LineOutcome.NEW,
        LineOutcome.ALIKE,
        LineOutcome.REFUSED,
    ]
