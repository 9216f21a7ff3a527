"""A shelf of files as the programs of therapists write them, each beside a table of when its owner is busy.

Two other libraries read the same files. They know zones by what a file says of them or not at all, and one is mistaken
where RFC 5545 is not; where they come to something else, the table says why.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from telehealth.domain import walltime
from telehealth.domain.calendar_ports import OwnTimes, ReadingWindow
from telehealth.domain.calendars.reading import read_times
from telehealth.domain.hours.busy_spans import BusySpan, join_spans
from tests.domain.calendars.files import OWNER, say_span
from tests.domain.calendars.other_readers import expand_with_icaljs, expand_with_python

SHELF = Path(__file__).resolve().parents[2] / "data" / "calendars"
NAMES = sorted(path.stem for path in SHELF.glob("*.ics"))


def read_table(name: str) -> dict[str, Any]:
    return tomllib.loads((SHELF / f"{name}.toml").read_text(encoding="utf-8"))


def window_of(table: Mapping[str, Any]) -> ReadingWindow:
    return ReadingWindow(
        since=datetime.fromisoformat(table["since"]),
        until=datetime.fromisoformat(table["until"]),
        zone=table["zone"],
        owner_addresses=frozenset({OWNER}),
        is_tentative_busy=table.get("is_tentative_busy", True),
        known={
            key: OwnTimes(key, (BusySpan(*map(datetime.fromisoformat, when)),))
            for key, when in table.get("known", {}).items()
        },
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_file_says_what_its_table_says(name: str) -> None:
    table = read_table(name)
    zone = walltime.zone(table["zone"])
    times = read_times((SHELF / f"{name}.ics").read_bytes(), window_of(table))
    assert [say_span(span, zone) for span in times.spans] == table["busy"]
    assert [say_span((own.starts_at, own.ends_at), zone) for own in times.own] == table.get("own", [])
    assert times.unread == table.get("unread", 0)


def joined(spans: Iterator[BusySpan], window: ReadingWindow) -> list[str]:
    inside = (BusySpan(max(begin, window.since), min(end, window.until)) for begin, end in spans)
    return [
        say_span(span, walltime.zone(window.zone)) for span in join_spans(each for each in inside if each[0] < each[1])
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("reader", "expand"), [("ical.js", expand_with_icaljs), ("recurring_ical_events", expand_with_python)]
)
def test_others_read_the_same(name: str, reader: str, expand: Any) -> None:
    table = read_table(name)
    window, content = window_of(table), (SHELF / f"{name}.ics").read_bytes()
    differs = table.get("differs", {}).get(reader)
    found = joined(expand(content, window), window)
    assert (found == table["busy"]) == (differs is None), found
