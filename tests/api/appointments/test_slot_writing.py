"""Times looked up digit by digit are the times that the library writes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from telehealth.api.appointments.slot_writing import slots_as_json
from telehealth.domain import walltime

ZONES = [
    "America/Denver",
    "America/Phoenix",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Africa/Cairo",
    "UTC",
]
MINUTES = st.integers(0, 100 * 366 * 24 * 60)


@given(st.lists(MINUTES, max_size=20, unique=True), st.sampled_from(ZONES))
@example([29_892_000 - 1, 29_892_000, 29_892_000 + 1], "America/Denver")
def test_written_as_the_library_would(minutes: list[int], name: str) -> None:
    zone, starts = walltime.zone(name), [minute * 60 for minute in minutes]
    written = json.loads(slots_as_json(dict.fromkeys(starts, 7), {7: 'a "name"'}, zone))
    assert written == [
        {
            "start": datetime.fromtimestamp(start, UTC).isoformat().replace("+00:00", "Z"),
            "local": datetime.fromtimestamp(start, zone).isoformat(),
            "therapist": 'a "name"',
        }
        for start in starts
    ]


def test_every_hour_of_a_year_with_its_changes() -> None:
    for name in ZONES:
        zone = walltime.zone(name)
        starts = range(1_767_225_600, 1_798_761_600, 1800)
        written = json.loads(slots_as_json(dict.fromkeys(starts, 7), {7: "x"}, zone))
        assert [slot["local"] for slot in written] == [datetime.fromtimestamp(at, zone).isoformat() for at in starts]
