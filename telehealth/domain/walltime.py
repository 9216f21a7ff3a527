"""Wall time and instants: what a clock on the wall says in an IANA zone, and which moment that is.

Daylight saving makes two kinds of odd wall time. In spring some never happen (a *gap*); in autumn some happen twice (a
*fold*). Everything here is for any zone the tz database knows: changes of half an hour (Lord Howe), changes at midnight
(Havana, Cairo, Beirut) and a whole date that was skipped (Apia, 30 December 2011).

``resolve`` and ``wall`` speak aware UTC and naive datetimes. ``day_segments`` speaks int epoch SECONDS, because
``domain.appointments.availability`` computes with plain ints for speed. Dates in the first and last days of years 1 and
9999 raise OverflowError, as datetime does.

The rules come from the ``tzdata`` package, whatever the system has. ``zoneinfo`` would prefer the system's, which may
be years old: by those of early 2025, nine o'clock in Vancouver in December 2026 is an hour late. So every zone of this
service is made here, and the whole process is told where zones come from before the first one is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones, reset_tzpath

import tzdata

from telehealth.domain.errors import InvalidInput
from telehealth.domain.zone_places import present_name
from telehealth.late import without

with without("pytz"):  # Babel would take zones from it, which has rules of its own.
    import babel.dates  # noqa: F401 -- only so that it is loaded here first

reset_tzpath(to=())  # Nothing of the system's, and no PYTHONTZPATH either: what is left is the package.
ZoneInfo.clear_cache()  # Whoever made a zone before us made it from the system's.

DAY = 86_400  # Seconds on the wall between two midnights; a real day may be 23 or 25 hours, or none.
OLD_AFTER = timedelta(days=274)
"""Nine months. The data is released three to ten times a year, and never came less often."""
_EPOCH_DAY = date(1970, 1, 1).toordinal()


@cache
def zone_names() -> frozenset[str]:
    """The names people may choose. "localtime" would mean something else on every server, "Factory" means unset."""
    return frozenset(available_timezones() - {"localtime", "Factory"})


def zone_data_version() -> str:
    """Which release of the IANA's zone data is in use: "2026f" is the sixth of 2026."""
    return str(tzdata.IANA_VERSION)


@cache
def zone_data_since() -> date:
    """A day on which the zone data cannot have been released yet; it was within some months after.

    A release says only its year. But in January and July the table of leap seconds in it changes, and says when.
    """
    year = date(int(zone_data_version()[:4]), 1, 1)
    table = files("tzdata.zoneinfo").joinpath("leapseconds").read_text(encoding="utf-8")
    told = re.search(r"^#updated \d+ \((\d{4}-\d\d-\d\d)", table, re.MULTILINE)
    return max(year, date.fromisoformat(told.group(1))) if told else year


def is_zone_data_old(*, now: datetime) -> bool:
    """Whether a newer release is likely: governments announce changes every few months, often some weeks ahead."""
    return now.date() - zone_data_since() > OLD_AFTER


@cache
def zone(name: str) -> ZoneInfo:
    """The zone called ``name``, such as "Europe/London", under its present name: its ``key`` is "Asia/Kolkata" when it
    was asked for as "Asia/Calcutta". Raises InvalidInput for any other text.

    The name is looked up in the list of known names before it is ever used as part of a path.
    """
    if name not in zone_names():
        raise InvalidInput({"timezone": "Please choose a time zone from the list, such as America/New_York."})
    return ZoneInfo(present_name(name))


def is_in_gap(local: datetime, zone: ZoneInfo) -> bool:
    """Whether the naive wall time ``local`` never happens in ``zone`` (the rule of PEP 495)."""
    return _offset_of(local, zone, fold=0) < _offset_of(local, zone, fold=1)


def is_ambiguous(local: datetime, zone: ZoneInfo) -> bool:
    """Whether the naive wall time ``local`` happens twice in ``zone`` (the rule of PEP 495)."""
    return _offset_of(local, zone, fold=0) > _offset_of(local, zone, fold=1)


def resolve(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant, aware UTC, at which the naive wall time ``local`` happens in ``zone``.

    A time in a gap is moved forward by the length of the gap, and a time that happens twice means the first
    (RFC 5545 section 3.3.5) unless ``local.fold`` is 1. Raises ValueError for an aware datetime.
    """
    fold = 0 if is_in_gap(local, zone) else local.fold
    return local.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the clock in ``zone`` says at the aware ``instant``: naive, with fold=1 in a second pass.

    Raises ValueError for a naive instant, which would be read in the server's own zone.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return instant.astimezone(zone).replace(tzinfo=None)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant (aware UTC) at which a day begins in ``zone``."""
    return resolve(datetime.combine(day, time.min), zone)


def wall_midnight(day: date) -> int:
    """Midnight at the start of ``day`` in wall seconds: the epoch seconds it would have if the zone were UTC."""
    return (day.toordinal() - _EPOCH_DAY) * DAY


def local_date(instant: int, zone: ZoneInfo) -> date:
    """The date on the wall in ``zone`` at ``instant`` (epoch seconds)."""
    return datetime.fromtimestamp(instant, zone).date()


@lru_cache(maxsize=16_384)
def day_segments(day: date, zone: ZoneInfo) -> tuple[tuple[int, int, int], ...]:
    """The instants of ``day`` in ``zone``, cut where the UTC offset changes: (offset, start, end), ascending.

    Offset, start and end are seconds, start and end are epoch, the period is half-open. Nearly always there is one
    piece; two around a change; none for a skipped date. The wall seconds at an instant are ``instant + offset``.
    Pieces need not touch: when 00:01 falls back to 23:01 (St John's, until 2011), two dates interleave.
    """
    midnight = wall_midnight(day)
    cut = (
        (offset, max(start, midnight - offset), min(end, midnight + DAY - offset))
        for offset, start, end in _steady_pieces(midnight - DAY, midnight + 2 * DAY, zone)
    )
    return tuple(piece for piece in cut if piece[1] < piece[2])


def _steady_pieces(start: int, end: int, zone: ZoneInfo) -> Iterator[tuple[int, int, int]]:
    """Cut [start, end), whole days long, where the offset changes: (offset, start, end).

    Looking once a day misses nothing: the closest two changes on record are four days apart (Freetown, 1939).
    """
    for before, after in pairwise(range(start, end + 1, DAY)):
        if _offset_at(before, zone) != _offset_at(after, zone):
            change = _change_between(before, after, zone)
            yield _offset_at(start, zone), start, change
            start = change
    yield _offset_at(start, zone), start, end


def _change_between(before: int, after: int, zone: ZoneInfo) -> int:
    """The first instant with the offset of ``after``, found by halving."""
    new_offset = _offset_at(after, zone)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset_at(middle, zone) == new_offset:
            after = middle
        else:
            before = middle
    return after


def _offset_at(instant: int, zone: ZoneInfo) -> int:
    """Seconds east of UTC at ``instant`` (epoch seconds)."""
    return _seconds(datetime.fromtimestamp(instant, zone).utcoffset())


def _offset_of(local: datetime, zone: ZoneInfo, *, fold: int) -> int:
    """Seconds east of UTC that the naive ``local`` has in ``zone``, read as its first or second pass."""
    if local.tzinfo is not None:
        raise ValueError("a wall time has no zone of its own")
    return _seconds(local.replace(tzinfo=zone, fold=fold).utcoffset())


def _seconds(offset: timedelta | None) -> int:
    """A ZoneInfo always knows its offset; the None is only in the type."""
    return 0 if offset is None else offset // timedelta(seconds=1)
