"""A week of free times, for whoever chooses from one: visitors, clients who move, staff."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from markupsafe import Markup

from telehealth.domain import walltime
from telehealth.domain.time_tables import (
    CLOCK,
    DATE,
    is_steady,
    say_mark_if_twice,
    say_written_clock,
    write_local,
    write_utc,
)
from telehealth.models import Appointment
from telehealth.queries.appointments.groups import list_joinable_groups
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered_seconds
from telehealth.queries.practice.offers import AnyTherapist

HOUR = slice(11, 13)
PARTS = {
    "Morning": {f"{hour:02}" for hour in range(12)},
    "Afternoon": {f"{hour:02}" for hour in range(12, 17)},
    "Evening": {f"{hour:02}" for hour in range(17, 24)},
}
"""The parts of a day, and their hours as they are written."""
ONE_DAY, ONE_WEEK = timedelta(days=1), timedelta(days=7)
START_FORMAT = "%Y%m%dT%H%MZ"
START = re.compile(r"2\d{7}T\d{4}Z", re.ASCII)  # Years from 2000 to 2999: others only come from people who play.


class AsksForTimes(Protocol):
    """The answers in an address that times are looked for with: a visitor's, or those of staff."""

    @property
    def therapists(self) -> Sequence[AnyTherapist]:
        """Whose times are shown."""
        ...

    @property
    def zone(self) -> ZoneInfo:
        """The zone that times are shown in."""
        ...

    @property
    def own(self) -> Appointment | None:
        """The appointment that is to be moved, if any: where it is already is no time to choose."""
        ...

    def query(self, since: datetime, until: datetime | None = None) -> SlotQuery:
        """The question about a span of aware instants, or about one start. Raises what is not answered yet."""
        ...


@dataclass(frozen=True, slots=True)
class ShownSlot:
    """A start (epoch seconds) and the therapist who would take it. ``str`` is its form in an address.

    ``seats_left`` is what a group that stands there has left; None where none stands, and of what an address says.
    """

    start: int
    therapist: AnyTherapist
    seats_left: int | None = None

    @property
    def starts_at(self) -> datetime:
        """The start as an instant (aware UTC)."""
        return datetime.fromtimestamp(self.start, UTC)

    def __str__(self) -> str:
        return f"{write_start(self.start)}.{self.therapist.public_id}"


class ListedSlot(NamedTuple):
    """A slot in a list: the hour of its start ("09"), its time as the page writes it, and the mark of the zone, empty
    unless clocks show that time twice. It is a link to ``href``, or a button with ``value``; ``note`` is what stands
    below its time.
    """

    hour: str
    time: Markup
    mark: str
    href: str = ""
    value: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ListedDay:
    """A date and its slots in order."""

    date: date
    slots: Sequence[ListedSlot]
    note: str = ""

    @property
    def parts(self) -> Iterator[tuple[str, list[ListedSlot]]]:
        """The parts of the day that have any."""
        for title, hours in PARTS.items():
            if found := [each for each in self.slots if each.hour in hours]:
                yield title, found


@dataclass(frozen=True, slots=True)
class FreeWeek:
    """Seven days from ``first`` in ``zone`` with their slots in order; a neighbour is None where nobody looks."""

    first: date
    zone: ZoneInfo
    earlier: date | None
    later: date | None
    slots: list[ShownSlot]

    @property
    def dates(self) -> list[date]:
        """All seven."""
        return [self.first + shift * ONE_DAY for shift in range(7)]

    @property
    def last(self) -> date:
        """The seventh."""
        return self.dates[-1]

    def list_days(self, show: Callable[[ShownSlot, str], Mapping[str, str]]) -> list[ListedDay]:
        """The days with free times, for the ``slot_list`` macro. ``show`` says what else a page tells of a slot; it is
        given the mark as well.
        """
        days: dict[str, list[ListedSlot]] = {}
        for slot in self.slots:
            written = write_local(slot.start, self.zone)
            mark = "" if is_steady(written[DATE], self.zone) else say_mark_if_twice(slot.start, self.zone)
            time = write_time(written, self.zone)
            days.setdefault(written[DATE], []).append(ListedSlot(written[HOUR], time, mark, **show(slot, mark)))
        return [ListedDay(date.fromisoformat(day), slots) for day, slots in days.items()]


def find_free_week(question: AsksForTimes, wanted: str | None, *, end: date, now: datetime) -> FreeWeek:
    """The week with the wanted date (ISO 8601), counted from today and not beyond ``end``."""
    today = walltime.wall(now, question.zone).date()
    first = today + ONE_WEEK * ((min(max(_read_date(wanted) or today, today), end) - today) // ONE_WEEK)
    return FreeWeek(
        first=first,
        zone=question.zone,
        earlier=first - ONE_WEEK if first > today else None,
        later=first + ONE_WEEK if first + ONE_WEEK <= end else None,
        slots=_list_slots(question, first, first + ONE_WEEK, now=now),
    )


def find_next_free(question: AsksForTimes, after: FreeWeek, *, end: date, now: datetime) -> date | None:
    """The first date after a week on which anything is free, up to ``end``.

    Asked a week at a time, so that the usual answer, next week, comes at once.
    """
    first = after.first + ONE_WEEK
    while first <= end:
        if slots := _list_slots(question, first, min(first + ONE_WEEK, end + ONE_DAY), now=now):
            return slots[0].starts_at.astimezone(question.zone).date()
        first += ONE_WEEK
    return None


def is_free(query: SlotQuery, *, now: datetime) -> bool:
    """Whether the one start that is asked about can be booked."""
    return query.since.timestamp() in _find_free(query, now=now)


def find_midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a date begins, as an instant."""
    return walltime.resolve(datetime.combine(day, time()), zone)


@lru_cache(maxsize=4096)
def write_start(start: int) -> str:
    """A start (epoch seconds) as it stands in an address."""
    written = write_utc(start)
    return f"{written[:4]}{written[5:7]}{written[8:13]}{written[14:16]}Z"


def say_start(start: datetime) -> str:
    """The same of an instant."""
    return write_start(int(start.timestamp()))


@lru_cache(maxsize=4096)
def write_time(written: str, zone: ZoneInfo) -> Markup:
    """An instant, written in ISO 8601 on the clocks of the zone, as a page shows it: in the words of a clock, which
    never break at the end of a line. The same times are free again and again.
    """
    said = Markup("&nbsp;").join(say_written_clock(written[CLOCK], zone).split(" "))
    return Markup('<time datetime="{}">{}</time>').format(written, said)


def read_start(text: str) -> datetime | None:
    """The start in an address (aware UTC); None for anything that is none."""
    if not START.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, START_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def _list_slots(question: AsksForTimes, first: date, until: date, *, now: datetime) -> list[ShownSlot]:
    """The free slots of these dates in order."""
    query = question.query(find_midnight(first, question.zone), find_midnight(until, question.zone))
    by_id, own = {each.id: each for each in question.therapists}, question.own
    here = own and (own.starts_at.timestamp(), own.mode, own.location_id, own.therapist_id)
    return [
        ShownSlot(start, by_id[therapist_id], seats_left)
        for start, (therapist_id, seats_left) in sorted(_find_free(query, now=now).items())
        if therapist_id in by_id and (start, query.mode, query.location_id, therapist_id) != here
    ]


def _find_free(query: SlotQuery, *, now: datetime) -> dict[int, tuple[int, int | None]]:
    """Every start (epoch seconds) that can be booked, who would take it, and the seats left in a group that stands
    there: one that stands comes before one that would only begin.
    """
    found: dict[int, tuple[int, int | None]] = {
        start: (therapist_id, None) for start, therapist_id in offered_seconds(query, now=now).items()
    }
    if query.service.is_group:
        standing = sorted(list_joinable_groups(query, now=now), key=lambda group: group.seats_left)
        found |= {int(each.starts_at.timestamp()): (each.therapist_id, each.seats_left) for each in standing}
    return found


def _read_date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
