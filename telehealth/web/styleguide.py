"""What the style guide page shows: one of everything, with invented people."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from telehealth.domain import walltime
from telehealth.web.booking.zones import list_zones
from telehealth.web.free_times import ListedDay, ListedSlot, write_time

EASTERN = walltime.zone("America/New_York")
PACIFIC = walltime.zone("America/Los_Angeles")


def make_samples(*, now: datetime) -> dict[str, Any]:
    """Template variables for styleguide.html. `now` is an aware UTC datetime."""
    monday = _next_monday(now)
    return {
        "practice": SimpleNamespace(name="Harbor Street Practice", phone="+15550100199"),
        "slot_days": [_slot_day(monday + timedelta(days=shift), shift) for shift in range(3)],
        "agenda_days": [_agenda_day(monday, 0), _agenda_day(monday + timedelta(days=1), 1)],
        "today": monday.date(),
        "at": monday.replace(hour=9),
        "at_there": monday.replace(hour=9).astimezone(PACIFIC),
        "zones": list_zones(EASTERN, EASTERN),
        "opens_at": (now + timedelta(minutes=12)).isoformat(),
        "now": now.isoformat(),
    }


def _next_monday(now: datetime) -> datetime:
    local = now.astimezone(EASTERN).replace(hour=0, minute=0, second=0, microsecond=0)
    return local + timedelta(days=7 - local.weekday())


def _slot_day(day: datetime, shift: int) -> ListedDay:
    hours, note = [((9, 11, 13, 14, 16, 17), ""), ((), ""), ((8, 10), "Only mornings on this day.")][shift]
    return ListedDay(day.date(), [_slot(day.replace(hour=hour), is_last=hour == hours[-1]) for hour in hours], note)


def _slot(at: datetime, *, is_last: bool) -> ListedSlot:
    note = "2 seats left" if is_last else ""
    return ListedSlot(f"{at:%H}", write_time(at.isoformat(), EASTERN), "", href="#", note=note)


def _agenda_day(day: datetime, shift: int) -> dict[str, Any]:
    rows = [
        (9, "Ana Rivera", "booked", "Individual, video"),
        (10, "Jonas Łukaszewicz", "pending", "Intake, in person, Room 2"),
        (13, "Tuesday group, 6 of 8 seats", "arrived", "Group, in person, Room 1"),
        (15, "Priya and Tom Shah", "cancelled", "Couple, video"),
    ]
    items = [
        {
            "starts": day.replace(hour=hour),
            "ends": day.replace(hour=hour, minute=50),
            "title": title,
            "status": status,
            "meta": meta,
            "href": "#",
        }
        for hour, title, status, meta in rows
    ]
    return {"date": day.date(), "items": [] if shift else items}
