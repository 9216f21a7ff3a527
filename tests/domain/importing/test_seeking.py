"""Finding somebody in the lines of a file, however it writes them, and nobody else."""

from __future__ import annotations

import pytest

from telehealth.domain.importing.lines import ClientColumn, Matching
from telehealth.domain.importing.seeking import Sought

COLUMNS = Matching((ClientColumn.FIRST_NAME, ClientColumn.LAST_NAME, ClientColumn.EMAIL, None))
JOSE = Sought(["José Peña", "Pepe"], ["jose@example.com", "+13035550123", "+4512345678"])


@pytest.mark.parametrize(
    "cells",
    [
        ("Jose", "PENA", "", ""),
        ("Peña", "José", "", ""),
        ("Pepe", "", "", ""),
        ("J.", "", "JOSE@example.com", ""),
        ("J.", "", "", "home: jose@example.com;"),
        ("J.", "", "", "(303) 555-0123"),
        ("J.", "", "", "1-303-555-0123 after five"),
        ("J.", "", "", "12 34 56 78"),
        ("Ann", "Lee", "", "a friend of José Peña."),
        ("Ann", "Lee", "", "", "jose peña, too long a line"),
        ("José Peña",),
    ],
)
def test_who_is_sought_is_found(cells: tuple[str, ...]) -> None:
    assert JOSE.are_in(cells, COLUMNS)


@pytest.mark.parametrize(
    "cells",
    [
        ("Pepe", "Ruiz", "", ""),
        ("José", "Peñaloza", "", ""),
        ("Ann", "Lee", "marijose@example.com", "303 555 0124"),
        ("", "", "", ""),
        (),
    ],
)
def test_nobody_else_is(cells: tuple[str, ...]) -> None:
    assert not JOSE.are_in(cells, COLUMNS)


@pytest.mark.parametrize(
    ("name", "is_theirs"), [("José Peña.vcf", True), ("pena_jose-2.vcf", True), ("Pepe.vcf", False), ("all.csv", False)]
)
def test_files_are_called_by_people(name: str, is_theirs: bool) -> None:
    assert JOSE.are_named(name) == is_theirs
