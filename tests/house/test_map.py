"""The map of the house is true: what it names is there, where it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.source import ROOT

MAP = (ROOT / "docs" / "map.md").read_text()
ROWS = [line for line in MAP.split("## I want to change …")[1].split("## Three flows")[0].splitlines() if "`" in line]
NAMED = re.compile(r"`([^`]+)`(?: \((`[^`]+`(?:, `[^`]+`)*)\))?")


@pytest.mark.parametrize("row", ROWS[1:], ids=lambda row: row.split("|")[1].strip())
def test_what_a_row_names_is_there(row: str) -> None:
    folder = ROOT / "telehealth"
    for where, names in NAMED.findall(row.split("|")[2]):
        path = _found(where, folder)
        assert path is not None, where
        text = path.read_text() if path.is_file() else ""
        for name in re.findall(r"`([^`]+)`", names):
            assert re.search(rf"\b{re.escape(name)}\b", text), f"{name} in {where}"
        folder = path if path.is_dir() else path.parent


def test_there_is_a_row_for_most_wishes() -> None:
    assert len(ROWS) > 30


def test_every_file_that_the_rest_names_is_there() -> None:
    rest = re.findall(r"`((?:[a-z_]+/)+[a-z_0-9]+\.py)`", MAP)
    roots = [ROOT / "telehealth", ROOT / "telehealth" / "domain", ROOT / "telehealth" / "services", ROOT]
    assert [each for each in rest if not any((root / each).is_file() for root in roots)] == []


def _found(where: str, folder: Path) -> Path | None:
    """Within the package, or beside what the row named just before."""
    return next((root / where for root in (ROOT / "telehealth", folder) if (root / where).exists()), None)
