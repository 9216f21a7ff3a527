"""One week of free times, as the page lists them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from telehealth.domain import walltime
from telehealth.domain.errors import NotFound
from telehealth.domain.times import differ, say_time, zone_mark
from telehealth.models import Service, Therapist
from telehealth.queries.appointments.groups import list_joinable_groups
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered
from telehealth.web.booking.choosing import Choices

DAYS = timedelta(days=7)
ONE_DAY = timedelta(days=1)
SLOT_FORMAT = "%Y%m%dT%H%MZ"
SLOT_START = re.compile(r"2\d{7}T\d{4}Z")  # Years from 2000 to 2999: others only come from people who play.


@dataclass(frozen=True, slots=True)
class ShownSlot:
    """A start (aware UTC) and the therapist who would take it. ``str`` is its form in an address."""

    starts_at: datetime
    therapist: Therapist

    def __str__(self) -> str:
        return f"{self.starts_at:{SLOT_FORMAT}}.{self.therapist.public_id}"


def read_slot(text: str | None, choices: Choices) -> ShownSlot | None:
    """The slot that an address or a button names; None for anything that is none."""
    start, _, public_id = (text or "").partition(".")
    therapist = next((each for each in choices.eligible if each.public_id == public_id), None)
    if therapist is None or not SLOT_START.fullmatch(start):
        return None
    try:
        return ShownSlot(datetime.strptime(start, SLOT_FORMAT).replace(tzinfo=UTC), therapist)
    except ValueError:
        return None


def is_offered(choices: Choices, slot: ShownSlot, *, now: datetime) -> bool:
    """Whether the slot can be booked at this moment."""
    return slot.starts_at in _free(choices, _query(choices, slot.starts_at, therapist=slot.therapist), now=now)


@dataclass(frozen=True, slots=True)
class ShownWeek:
    """Seven days from ``first`` in the zone shown; a neighbour is None where nothing can be booked any more.

    ``days`` are those with free times, ready for the ``slot_list`` macro, and ``empty_days`` the others from today on.
    ``next_free`` is the date of the next free time after an empty week.
    """

    first: date
    last: date
    earlier: date | None
    later: date | None
    days: list[dict[str, Any]]
    empty_days: list[date]
    next_free: date | None


@dataclass(frozen=True, slots=True)
class Free:
    """Who would take a start, and in a group how many seats are left there."""

    therapist_id: int
    seats: int | None = None


def find_shown_week(choices: Choices, wanted: str | None, *, now: datetime) -> ShownWeek:
    """The week with the wanted date, counted from today and kept within what can be booked."""
    zone = choices.shown_zone
    today = now.astimezone(zone).date()
    end = today + timedelta(days=_service(choices).horizon_days)
    first = today + DAYS * ((min(max(_date(wanted) or today, today), end) - today) // DAYS)
    starts = _starts(choices, first, first + DAYS, now=now)
    slots = [_listed(choices, slot, seats) for slot, seats in starts]
    days = [_day(day, slots, zone) for day in _dates(first) if any(slot["at"].date() == day for slot in slots)]
    return ShownWeek(
        first=first,
        last=first + DAYS - ONE_DAY,
        earlier=first - DAYS if first > today else None,
        later=first + DAYS if first + DAYS <= end else None,
        days=days,
        empty_days=[day for day in _dates(first) if day not in {listed["date"] for listed in days}],
        next_free=None if days else _next_free(choices, first + DAYS, end + ONE_DAY, now=now),
    )


def _dates(first: date) -> list[date]:
    return [first + shift * ONE_DAY for shift in range(DAYS.days)]


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _next_free(choices: Choices, first: date, until: date, *, now: datetime) -> date | None:
    """Asked a week at a time, so that the usual answer, next week, comes at once."""
    while first < until:
        if starts := _starts(choices, first, min(first + DAYS, until), now=now):
            return starts[0][0].starts_at.astimezone(choices.shown_zone).date()
        first += DAYS
    return None


def _starts(choices: Choices, first: date, until: date, *, now: datetime) -> list[tuple[ShownSlot, int | None]]:
    """The free slots of these dates in order, each with the seats left."""
    zone = choices.shown_zone
    query = _query(choices, _midnight(first, zone), _midnight(until, zone), therapist=choices.therapist)
    by_id = {therapist.id: therapist for therapist in choices.eligible}
    free = sorted(_free(choices, query, now=now).items())
    return [(ShownSlot(start, by_id[who.therapist_id]), who.seats) for start, who in free if who.therapist_id in by_id]


def _free(choices: Choices, query: SlotQuery, *, now: datetime) -> dict[datetime, Free]:
    """Every start that can be booked. A group that stands at a start comes before one that would only begin."""
    service = _service(choices)
    found: dict[datetime, Free] = {}
    if not (service.is_group and service.opened_by_staff):
        seats = service.capacity if service.is_group else None
        found = {start: Free(therapist_id, seats) for start, therapist_id in offered(query, now=now).items()}
    if service.is_group:
        standing = sorted(list_joinable_groups(query, now=now), key=lambda group: group.seats_left)
        found.update({each.starts_at: Free(each.therapist_id, each.seats_left) for each in standing if each.seats_left})
    return found


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return walltime.resolve(datetime.combine(day, time()), zone)


def _query(
    choices: Choices, since: datetime, until: datetime | None = None, *, therapist: Therapist | None
) -> SlotQuery:
    if choices.mode is None:
        raise NotFound
    return SlotQuery.about(
        _service(choices),
        choices.mode,
        since,
        until,
        therapist=therapist,
        location=choices.location,
        jurisdiction=choices.state,
        fit=choices.fit,
        client_ids=choices.client_ids,
        own_hold_id=choices.own_hold_id,
        own_appointment_id=choices.own_appointment_id,
    )


def _service(choices: Choices) -> Service:
    if choices.service is None:
        raise NotFound
    return choices.service


def _listed(choices: Choices, slot: ShownSlot, seats: int | None) -> dict[str, Any]:
    zone = choices.shown_zone
    local = slot.starts_at.astimezone(zone)
    mark = zone_mark(slot.starts_at, zone) if walltime.is_ambiguous(local.replace(tzinfo=None), zone) else ""
    left = "" if seats is None else "1 seat left" if seats == 1 else f"{seats} seats left"
    other = _other_time(choices, slot)
    return {
        "at": local,
        "zone": mark,
        "note": ", ".join(filter(None, [other or mark, left])),
        "shows_other": bool(other),
        "value": slot,
    }


def _other_time(choices: Choices, slot: ShownSlot) -> str:
    """The time on the other side, where its clocks differ: the therapist's, or in person the client's own."""
    other = other_zone(choices, slot.therapist)
    return say_time(slot.starts_at, other) if differ(slot.starts_at, choices.shown_zone, other) else ""


def other_zone(choices: Choices, therapist: Therapist) -> ZoneInfo:
    """The zone on the other side of an appointment."""
    return choices.client_zone if choices.in_person else walltime.zone(therapist.timezone)


def _day(day: date, slots: Sequence[dict[str, Any]], zone: ZoneInfo) -> dict[str, Any]:
    at_its_ends = {_midnight(each, zone).astimezone(zone).utcoffset() for each in (day, day + ONE_DAY)}
    return {
        "date": day,
        "slots": [slot for slot in slots if slot["at"].date() == day],
        "note": "Clocks change on this day." if len(at_its_ends) > 1 else "",
    }
