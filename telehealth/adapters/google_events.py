"""Events of Google Calendar: what is kept of one, how one of ours is known again, and how it is written. Pure.

developers.google.com/workspace/calendar/api/v3/reference/events, as of 2026-11.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from telehealth.domain.calendar_ports import (
    UNREAD_VERSION,
    CalendarEntry,
    OwnEvent,
    OwnTimes,
    ReadingWindow,
    WrittenEvent,
    bound_span,
)
from telehealth.domain.hours.busy_spans import BusySpan
from telehealth.domain.walltime import midnight, zone

KEY, WRITING = "telehealthKey", "telehealthWriting"
"""The private extended properties that make one of our events known again, and say what was written last."""
COLOURS: Final = {
    name: str(number)
    for number, name in enumerate(
        (
            "lavender",
            "sage",
            "grape",
            "flamingo",
            "banana",
            "tangerine",
            "peacock",
            "graphite",
            "blueberry",
            "basil",
            "tomato",
        ),
        start=1,
    )
}
"""The colours of events by their names in Google Calendar; there are no categories."""
_NEVER_BUSY: Final = frozenset({"workingLocation", "birthday"})
_HALF_ACCEPTED: Final = frozenset({"tentative", "needsAction"})


def event_id(uid: str) -> str:
    """What an event with this UID is called at Google: lower-case base32hex, as the rules for ids want it."""
    return base64.b32hexencode(hashlib.sha256(uid.encode()).digest()).decode().rstrip("=").lower()


class EventReader:
    """Turns events into what is kept of them."""

    def __init__(self, window: ReadingWindow) -> None:
        self._window = window
        self._known = {**window.known, **{event_id(name): ours for name, ours in window.known.items()}}

    def read(self, event: Mapping[str, Any]) -> CalendarEntry | None:
        """None for one that is gone, or takes place outside of the window by now."""
        if event.get("status") == "cancelled":
            return None
        span = _span(event, self._window.zone)
        if span is None:
            return CalendarEntry(event["id"], UNREAD_VERSION, unread=1)
        if span.ends_at <= self._window.since or span.starts_at >= self._window.until:
            return None
        ours = self._find_own(event)
        left = tuple(ours.subtract_from(span)) if ours else (span,)
        return CalendarEntry(
            event["id"],
            event["etag"],
            spans=left if self._is_busy(event) and span.starts_at < span.ends_at else (),
            own=(OwnEvent(ours.key, _uid(event), *span),) if ours else (),
        )

    def _find_own(self, event: Mapping[str, Any]) -> OwnTimes | None:
        uid = event.get("iCalUID", "")
        names = (_private(event, KEY), event["id"], uid, uid.removesuffix("@google.com"))
        return next((self._known[name] for name in names if name in self._known), None)

    def _is_busy(self, event: Mapping[str, Any]) -> bool:
        """Out of office and focus time are as busy as anything else; where somebody works from is not."""
        if event.get("transparency") == "transparent" or event.get("eventType") in _NEVER_BUSY:
            return False
        answers = {each.get("responseStatus") for each in event.get("attendees", ()) if each.get("self")}
        if "declined" in answers:
            return False
        is_half = event.get("status") == "tentative" or bool(answers & _HALF_ACCEPTED)
        return self._window.is_tentative_busy or not is_half


def _span(event: Mapping[str, Any], zone_name: str) -> BusySpan | None:
    """When an event is; all-day ones are days in a zone. None for one that has no times that we could read."""
    try:
        return bound_span(_instant(event["start"], zone_name), _instant(event["end"], zone_name))
    except (KeyError, ValueError, OverflowError):
        return None


def _instant(said: Mapping[str, str], zone_name: str) -> datetime:
    if "dateTime" in said:
        return datetime.fromisoformat(said["dateTime"]).astimezone(UTC)
    return midnight(date.fromisoformat(said["date"]), zone(zone_name))


def _private(event: Mapping[str, Any], name: str) -> str:
    return str(event.get("extendedProperties", {}).get("private", {}).get(name, ""))


def _uid(event: Mapping[str, Any]) -> str:
    """Our own, where it stands under the id that was made from it; a copy has another one."""
    ours = _private(event, WRITING).partition(" ")[2]
    return ours if ours and event["id"] == event_id(ours) else str(event.get("iCalUID", ""))


def is_writing(standing: Mapping[str, Any], event: WrittenEvent) -> bool:
    """Whether an event stands as it is about to be written."""
    is_there = standing.get("status") != "cancelled" and _private(standing, WRITING).startswith(event.fingerprint)
    return is_there and _span(standing, "UTC") == (event.starts_at, event.ends_at)


def is_newer(standing: Mapping[str, Any], event: WrittenEvent) -> bool:
    """Whether an event stands as it was written later than this."""
    return event.is_older_than(_private(standing, WRITING))


def read_own(event: Mapping[str, Any]) -> OwnEvent | None:
    """One of ours as it stands there; None for anything else."""
    key, span = _private(event, KEY), _span(event, "UTC")
    return OwnEvent(key, _uid(event), *span) if key and span else None


def write_event(event: WrittenEvent) -> dict[str, Any]:
    """No guests, no reminders, no video. Google shows a description as HTML, so what people typed is escaped."""
    return {
        "summary": event.summary,
        "description": html.escape(event.description, quote=False),
        "location": event.location,
        "start": {"dateTime": event.starts_at.isoformat(), "timeZone": event.zone},
        "end": {"dateTime": event.ends_at.isoformat(), "timeZone": event.zone},
        "status": "tentative" if event.is_tentative else "confirmed",
        "transparency": "opaque",
        "visibility": "private",
        "reminders": {"useDefault": False, "overrides": []},
        "extendedProperties": {"private": {KEY: event.key, WRITING: event.mark}},
        **({"colorId": COLOURS[event.category.lower()]} if event.category.lower() in COLOURS else {}),
    }
