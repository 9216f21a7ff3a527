"""What two other libraries make of a calendar: ical.js, which Thunderbird has, and recurring_ical_events."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from telehealth.domain import walltime
from telehealth.domain.calendar_ports import KEY_PROPERTY, ReadingWindow
from telehealth.domain.hours.busy_spans import BusySpan
from tests.adapters.node import find_node

SCRIPT = Path(__file__).with_name("expand_calendar.mjs")


def expand_with_icaljs(content: bytes, window: ReadingWindow) -> Iterator[BusySpan]:
    """What ical.js finds, whose clock is that of the window's zone."""
    asked = json.dumps({"text": content.decode(), "until": window.until.astimezone(UTC).isoformat()})
    done = subprocess.run(  # noqa: S603 - our own script.
        [find_node(), SCRIPT],
        input=asked.encode(),
        capture_output=True,
        check=False,
        timeout=60,
        env={"TZ": window.zone},
    )
    assert done.returncode == 0, done.stderr.decode()
    for told in json.loads(done.stdout):
        if is_busy(told, window):
            yield BusySpan(*(datetime.fromisoformat(told[name]) for name in ("starts_at", "ends_at")))


def expand_with_python(content: bytes, window: ReadingWindow) -> Iterator[BusySpan]:
    """What recurring_ical_events finds; nothing where it gives up."""
    zone = walltime.zone(window.zone)
    try:
        found = recurring_ical_events.of(icalendar.Calendar.from_ical(content)).between(
            window.since.astimezone(zone), window.until.astimezone(zone)
        )
    except Exception:  # noqa: BLE001 -- whatever it is: it has not read the file
        return
    for event in found:
        if is_busy(_describe(event), window):
            yield BusySpan(_instant(event.start, zone), _instant(event.end, zone))


def _instant(when: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(when, datetime):
        when = datetime.combine(when, time())
    return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)


def _describe(event: icalendar.Event) -> Mapping[str, Any]:
    guests = event.get("ATTENDEE", [])
    listed: Iterable[Any] = guests if isinstance(guests, list) else [guests]
    return {
        "uid": str(event.get("UID", "")),
        "key": str(event.get(KEY_PROPERTY, "")),
        "status": str(event.get("STATUS", "")),
        "transp": str(event.get("TRANSP", "")),
        "outlook": str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")),
        "guests": [
            [str(each), str(each.params.get("EMAIL", "")), str(each.params.get("PARTSTAT", ""))] for each in listed
        ],
    }


def is_busy(told: Mapping[str, Any], window: ReadingWindow) -> bool:
    """The rules once more, plainly."""
    own = {
        answer
        for address, email, answer in told["guests"]
        if {address.lower().removeprefix("mailto:"), email.lower()} & window.owner_addresses
    }
    is_half = told["status"] == "TENTATIVE" or told["outlook"] == "TENTATIVE" or own & {"TENTATIVE", "NEEDS-ACTION"}
    return not (
        {told["uid"], told["key"]} & set(window.known)
        or told["status"] == "CANCELLED"
        or told["transp"] == "TRANSPARENT"
        or told["outlook"] in {"FREE", "WORKINGELSEWHERE"}
        or own == {"DECLINED"}
        or (is_half and not window.is_tentative_busy)
    )
