"""Calendar files written in tests, and what is read of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from telehealth.domain import walltime
from telehealth.domain.calendar_ports import OwnTimes, ReadingWindow, TakenTimes
from telehealth.domain.calendars.reading import read_times

NEW_YORK = "America/New_York"
OWNER = "mara@practice.example"


def a_window(
    since: str = "2026-10-01T00:00Z",
    until: str = "2027-02-01T00:00Z",
    zone: str = NEW_YORK,
    *,
    is_tentative_busy: bool = True,
    known: Mapping[str, OwnTimes] | None = None,
) -> ReadingWindow:
    return ReadingWindow(
        since=datetime.fromisoformat(since),
        until=datetime.fromisoformat(until),
        zone=zone,
        owner_addresses=frozenset({OWNER}),
        is_tentative_busy=is_tentative_busy,
        known=known or {},
    )


def a_file(*events: str, head: str = "") -> bytes:
    """A calendar; each event is its lines, or a whole component."""
    told = [each if each.startswith("BEGIN:") else f"BEGIN:VEVENT\n{each.strip()}\nEND:VEVENT" for each in events]
    lines = "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *head.split("\n"), *told, "END:VCALENDAR", ""])
    return lines.replace("\n\n", "\n").replace("\n", "\r\n").encode()


def read(*events: str, window: ReadingWindow | None = None, head: str = "") -> TakenTimes:
    return read_times(a_file(*events, head=head), window or a_window())


def spans_of(*events: str, window: ReadingWindow | None = None, head: str = "") -> list[str]:
    """The stretches, as the clock in the window's zone shows them: "Mon 2026-10-05 09:00-10:00"."""
    window = window or a_window()
    return [say_span(each, walltime.zone(window.zone)) for each in read(*events, window=window, head=head).spans]


def say_span(span: tuple[datetime, datetime], zone: ZoneInfo) -> str:
    begin, end = (each.astimezone(zone) for each in span)
    if begin.date() == end.date():
        return f"{begin:%a %Y-%m-%d %H:%M}-{end:%H:%M}"
    return f"{begin:%a %Y-%m-%d %H:%M}-{end:%Y-%m-%d %H:%M}"


def an_instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
