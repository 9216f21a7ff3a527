"""Which time zone a calendar file means by a name, and the instants of wall times in it.

A name that the tz database knows is taken from our own data, whatever the file says of it: files carry rules that are
years old, or of one year only. So are Windows' names, as CLDR maps them. Only what has no such name ("Customized Time
Zone") is read from the file's own VTIMEZONE.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from babel.core import get_global

from telehealth.domain import walltime
from telehealth.domain.calendars.content_lines import Component
from telehealth.domain.calendars.recurring import Effort, follow_rule, read_rule

_WALL = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d)(?::?(\d\d)(?:\.\d{1,9})?)?Z?)?", re.ASCII)
"""Some programs write more marks than RFC 5545 section 3.3.5 knows."""
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})(?::?(\d{2}))?")
_NAMED_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?")
_BEFORE_LABEL = re.compile(r"\((?:utc|gmt)[^)]*\)\s*")
_LONGEST_NAME = 100
_LOOKS_BACK, _LOOKS_AHEAD = timedelta(days=30 * 366), timedelta(days=2 * 366)
_LABELS = {
    "Eastern Time (US & Canada)": "America/New_York",
    "Eastern Time": "America/New_York",
    "Indiana (East)": "America/Indiana/Indianapolis",
    "Central Time (US & Canada)": "America/Chicago",
    "Central Time": "America/Chicago",
    "Mountain Time (US & Canada)": "America/Denver",
    "Mountain Time": "America/Denver",
    "Arizona": "America/Phoenix",
    "Pacific Time (US & Canada)": "America/Los_Angeles",
    "Pacific Time": "America/Los_Angeles",
    "Alaska": "America/Anchorage",
    "Hawaii": "Pacific/Honolulu",
    "Atlantic Time (Canada)": "America/Halifax",
    "Newfoundland": "America/St_Johns",
    "Saskatchewan": "America/Regina",
    "Dublin, Edinburgh, Lisbon, London": "Europe/London",
    "Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna": "Europe/Berlin",
    "Brussels, Copenhagen, Madrid, Paris": "Europe/Paris",
    "Canberra, Melbourne, Sydney": "Australia/Sydney",
    "Auckland, Wellington": "Pacific/Auckland",
    "Coordinated Universal Time": "UTC",
}
"""What Windows shows for its zones. Some programs write that instead of the name."""


class Zone(Protocol):
    """Tells instants of wall times."""

    def instant(self, wall: datetime, /) -> datetime:
        """The aware instant (UTC) of a naive wall time; the first of two, and what a gap moves it to."""
        ...


@dataclass(frozen=True, slots=True)
class NamedZone:
    """A zone of the tz database."""

    zone: ZoneInfo

    def instant(self, wall: datetime) -> datetime:
        return walltime.resolve(wall, self.zone)


@dataclass(frozen=True, slots=True)
class FixedZone:
    """So far east of UTC, always."""

    offset: timedelta

    def instant(self, wall: datetime) -> datetime:
        return (wall - self.offset).replace(tzinfo=UTC)


IN_UTC = FixedZone(timedelta(0))


class Change(NamedTuple):
    """From a wall time on (as clocks show it that have not been changed yet) another offset from UTC holds."""

    wall: datetime
    before: timedelta
    after: timedelta


class WrittenZone:
    """A zone as a file describes it, by its changes: at least one."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self._changes = sorted(changes, key=_holds_from)

    def instant(self, wall: datetime) -> datetime:
        """Before the first change holds what that one ends."""
        held = bisect_right(self._changes, wall, key=_holds_from)
        offset = self._changes[held - 1].after if held else self._changes[0].before
        return (wall - offset).replace(tzinfo=UTC)


def _holds_from(change: Change) -> datetime:
    """By the clock. Within a gap the former offset still counts (RFC 5545 section 3.3.5), as it does the first time of
    two.
    """
    return change.wall + max(timedelta(0), change.after - change.before)


class FileZones:
    """The zones of one calendar file. ``own`` is where its reader lives (what floats is there), ``since`` and ``until``
    the instants in between which they have to be right.
    """

    def __init__(self, calendar: Component, *, own: ZoneInfo, since: datetime, until: datetime, effort: Effort) -> None:
        self._written = {zone.text("TZID"): zone for zone in calendar.parts if zone.name == "VTIMEZONE"}
        self._own, self._effort = NamedZone(own), effort
        self._since, self._until = (each.astimezone(UTC).replace(tzinfo=None) for each in (since, until))
        self._stated_name = calendar.text("X-WR-TIMEZONE")
        self._found: dict[str, Zone] = {}

    @property
    def own(self) -> Zone:
        """Where days lie that have no times."""
        return self._own

    @cached_property
    def floating(self) -> Zone:
        """Where times lie that name no zone: Google, and the programs that write X-WR-TIMEZONE, mean that one."""
        return (self._stated_name and find_zone(self._stated_name)) or self._own

    def named(self, tzid: str) -> Zone:
        """The zone that a file calls ``tzid``. What is neither known nor described is taken for where its owner lives,
        as nearly every calendar does.
        """
        if tzid not in self._found:
            self._found[tzid] = self._find(tzid)
        return self._found[tzid]

    def _find(self, tzid: str) -> Zone:
        described = self._written.get(tzid)
        place = described.text("X-LIC-LOCATION") if described else ""
        known = find_zone(tzid) or (find_zone(place) if place else None)
        if known:
            return known
        written = described and self._read_zone(described)
        return written or _find_offset(tzid) or self.floating

    def _read_zone(self, described: Component) -> WrittenZone | None:
        try:
            changes = {change for part in described.parts for change in self._read_changes(part)}
        except (ValueError, OverflowError):
            return None
        return WrittenZone(changes) if changes else None

    def _read_changes(self, part: Component) -> Iterator[Change]:
        """Of a rule those of thirty years: what matters lies near the window, and some rules begin in 1601."""
        start = read_wall(part.text("DTSTART"))
        before, after = (_read_offset(part.text(name)) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
        walls = {start, *(read_wall(each) for line in part.lines.get("RDATE", ()) for each in line.value.split(","))}
        for line in part.lines.get("RRULE", ()):
            rule = read_rule(line.value)
            last = self._until + _LOOKS_AHEAD
            if rule.until:
                last = min(last, read_wall(rule.until) + before)
            walls |= set(follow_rule(rule, start, self._since - _LOOKS_BACK, last, self._effort))
        self._effort.spend(len(walls))
        return (Change(wall, before, after) for wall in walls)


def read_wall(text: str) -> datetime:
    """A date or a time as a wall time, whatever zone it is in. Raises ValueError."""
    found = _WALL.fullmatch(text.strip().upper())
    if not found:
        raise ValueError("neither a date nor a time")
    year, month, day, hour, minute, second = (int(each or 0) for each in found.groups())
    return datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001


def find_zone(name: str) -> NamedZone | None:
    """The zone of the tz database that a name stands for: its own ("/vendor.example/Europe/Berlin" too), one of
    Windows', or what Windows shows for it.
    """
    found = _find_name(" ".join(name[:_LONGEST_NAME].strip('" \t').split()))
    return NamedZone(walltime.zone(found)) if found else None


@cache
def _names() -> dict[str, str]:
    """Every name in lower case, with that of the tz database."""
    windows: Iterable[tuple[str, str]] = get_global("windows_zone_mapping").items()
    known = {name.lower(): name for name in walltime.zone_names()}
    told = {label.lower(): name for label, name in [*_LABELS.items(), *windows]}
    return told | known | {"z": "UTC", "tzone://microsoft/utc": "UTC"}


def _find_name(name: str) -> str | None:
    lower = name.lower()
    plain = _BEFORE_LABEL.sub("", lower).rstrip("0123456789 ")  # Outlook counts up names that are taken: "… Time 1".
    for each in (lower, plain):
        if each in _names():
            return _names()[each]
    if "/" not in lower:
        return None
    return _find_name(lower.partition("/")[2])


def _find_offset(name: str) -> FixedZone | None:
    """The zone of a name that is nothing but an offset: "GMT-0500", "+02:00"."""
    found = _NAMED_OFFSET.fullmatch(name.strip().upper())
    if not found:
        return None
    sign = -1 if found[1] == "-" else 1
    return FixedZone(sign * timedelta(hours=int(found[2]), minutes=int(found[3] or 0)))


def _read_offset(text: str) -> timedelta:
    found = _OFFSET.fullmatch(text.strip())
    if not found:
        raise ValueError("no offset from UTC")
    sign = -1 if found[1] == "-" else 1
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    if offset >= timedelta(days=1):
        raise ValueError("no offset from UTC")
    return sign * offset
