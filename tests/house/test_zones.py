"""Zone data is ours: from the tzdata package, at every entry, whatever the system has or PYTHONTZPATH says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from telehealth.domain.walltime import resolve, zone
from tests.house.source import ROOT, Module, modules

EVERYBODY = modules("telehealth", "config", "migrations", "bench", "tests")
HERE, THE_MAKER = "tests/house/test_zones.py", "telehealth/domain/walltime.py"
MAKES_ZONES = re.compile(
    r"\bZoneInfo\(|\bZoneInfo\.(no_cache|from_file)|map\(ZoneInfo\b|\bavailable_timezones\b|\breset_tzpath\b"
    r"|\bdateutil\.tz\b|from dateutil import .*\btz\b|\bpytz\b|\btzlocal\b|\bget_timezone\("
)
ASKS_THE_DATABASE = re.compile(r"AT TIME ZONE|\bfunc\.timezone\b|\btimezone\(\s*'|SET TIME ZONE", re.IGNORECASE)

# Where the rules of early 2025, which many systems still have, say something else: zone, wall time, UTC.
CHANGED = [
    ("America/Vancouver", "2026-12-01 09:00", "2026-12-01 16:00"),
    ("America/Edmonton", "2026-12-01 09:00", "2026-12-01 15:00"),
    ("America/Winnipeg", "2026-12-01 09:00", "2026-12-01 14:00"),
    ("Africa/Casablanca", "2026-12-01 09:00", "2026-12-01 09:00"),
]
ENTRIES = {
    "gunicorn, the flask commands and the jobs": "import wsgi",
    "the tests": "import tests.conftest",
    "the figures": "import bench.__main__",
}


def test_zones_are_made_in_one_place() -> None:
    """Write ``walltime.zone("America/Denver")`` wherever a zone is needed."""
    made = {module.name: _found(MAKES_ZONES, module) for module in EVERYBODY if module.name not in {HERE, THE_MAKER}}
    assert {name: what for name, what in made.items() if what} == {}


def test_the_database_is_never_asked_for_a_wall_time() -> None:
    """It has zone data of its own, as old as the server."""
    asked = {module.name: _found(ASKS_THE_DATABASE, module) for module in EVERYBODY if module.name != HERE}
    assert {name: what for name, what in asked.items() if what} == {}


@pytest.mark.parametrize(("name", "wall", "expected"), CHANGED)
def test_nine_o_clock_is_nine_o_clock_by_the_rules_of_the_package(name: str, wall: str, expected: str) -> None:
    assert resolve(datetime.fromisoformat(wall), zone(name)) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_uses_the_package(entry: str, tmp_path: Path) -> None:
    """In a process of its own, on a system whose Denver keeps the time of London. Libraries ask ZoneInfo themselves."""
    wrong = tmp_path / "zones" / "America" / "Denver"
    wrong.parent.mkdir(parents=True)
    wrong.write_bytes(_file_of("Europe/London"))
    asks = (
        "from datetime import datetime; from zoneinfo import ZoneInfo; ZoneInfo('America/Denver')\n"
        f"{ENTRIES[entry]}\n"
        "from telehealth.domain.walltime import zone\n"
        "for made in (zone('America/Denver'), ZoneInfo('America/Denver')):\n"
        "    print(datetime(2026, 7, 1, tzinfo=made).utcoffset().total_seconds() / 3600)"
    )
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONTZPATH": str(tmp_path / "zones"),
        "TELEHEALTH_ENV": "testing",
        "DATA_DIR": str(tmp_path),
    }
    said = subprocess.run(  # noqa: S603
        [sys.executable, "-c", asks], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert said.stdout.split() == ["-6.0", "-6.0"], said.stderr


def test_what_libraries_make_is_ours_too() -> None:
    assert ZoneInfo("America/Vancouver").utcoffset(datetime(2026, 12, 1)) == timedelta(hours=-7)


def _found(pattern: re.Pattern[str], module: Module) -> set[str]:
    return {match.group() for match in pattern.finditer(module.text)}


def _file_of(name: str) -> bytes:
    return files("tzdata.zoneinfo").joinpath(*name.split("/")).read_bytes()
