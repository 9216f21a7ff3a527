"""The bare implementation that bookings and moves are measured against."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bench import yardstick
from bench.figures import booking, half_full


def test_it_writes_rows_as_the_service_has_them_now(tmp_path: Path) -> None:
    place = half_full(tmp_path, 1)
    database = yardstick.Database(place.url)
    since, until = int(place.weeks.since.timestamp()), int(place.weeks.until.timestamp())
    first = next(iter(yardstick.free_starts(database, 1, since, until)))
    assert yardstick.book(database, 1, booking(1, datetime.fromtimestamp(first, UTC), 0))
    assert first not in yardstick.free_starts(database, 1, since, until)
