"""A week of free times, as staff choose from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from telehealth.domain import walltime
from telehealth.domain.times import zone_mark
from telehealth.queries.appointments.groups import list_joinable_groups
from telehealth.queries.appointments.slots import offered
from telehealth.web.desk.appointments.slot_search import SlotSearch, midnight, say_start

ONE_DAY = timedelta(days=1)
DAYS = 7
FURTHEST = 53 * DAYS * ONE_DAY

Link = Callable[..., str]


@dataclass(frozen=True, slots=True)
class FreeWeek:
    """Seven days from ``first`` in the question's zone. ``days`` are for the ``slot_list`` macro; a neighbour is None
    where nobody looks any more.
    """

    first: date
    last: date
    earlier: date | None
    later: date | None
    days: list[dict[str, Any]]

    @property
    def has_times(self) -> bool:
        """Whether anything is free."""
        return any(day["slots"] for day in self.days)


def find_week(question: SlotSearch, wanted: str | None, link: Link, *, now: datetime) -> FreeWeek:
    """The week with the wanted date (ISO 8601), counted from today. ``link`` makes the address of a start."""
    today = walltime.wall(now, question.zone).date()
    day = min(max(_date(wanted) or today, today), today + FURTHEST)
    first = today + timedelta(days=(day - today).days // DAYS * DAYS)
    slots = _slots(question, first, link, now=now)
    dates = [first + shift * ONE_DAY for shift in range(DAYS)]
    return FreeWeek(
        first=first,
        last=dates[-1],
        earlier=first - DAYS * ONE_DAY if first > today else None,
        later=first + DAYS * ONE_DAY if first < today + FURTHEST else None,
        days=[{"date": each, "slots": [slot for slot in slots if slot["at"].date() == each]} for each in dates],
    )


def _slots(question: SlotSearch, first: date, link: Link, *, now: datetime) -> list[dict[str, Any]]:
    by_id = {each.id: each for each in question.therapists}
    query = question.query(midnight(first, question.zone), midnight(first + DAYS * ONE_DAY, question.zone))
    found: dict[datetime, tuple[int, str]] = {
        start: (therapist_id, "") for start, therapist_id in offered(query, now=now).items()
    }
    if query.service.is_group:
        for group in list_joinable_groups(query, now=now):
            found[group.starts_at] = group.therapist_id, f"{group.seats_left} free"
    own_start = question.own.starts_at if question.own is not None and not _changes_more(question) else None
    return [
        _slot(question, start, by_id[therapist_id].public_id, _note(question, by_id[therapist_id].name, seats), link)
        for start, (therapist_id, seats) in sorted(found.items())
        if therapist_id in by_id and start != own_start
    ]


def _changes_more(question: SlotSearch) -> bool:
    """Whether the appointment would also change in something else than its time."""
    own = question.own
    if own is None or question.therapist is None:
        return True
    place = question.place.id if question.mode == "in_person" and question.place is not None else None
    return (question.therapist.id, question.mode, place) != (own.therapist_id, own.mode, own.location_id)


def _note(question: SlotSearch, name: str, seats: str) -> str:
    return ", ".join(filter(None, [name if question.therapist is None else "", seats]))


def _slot(question: SlotSearch, start: datetime, therapist: str, note: str, link: Link) -> dict[str, Any]:
    local = start.astimezone(question.zone)
    twice = walltime.is_ambiguous(local.replace(tzinfo=None), question.zone)
    mark = zone_mark(start, question.zone) if twice else ""
    return {
        "at": local,
        "zone": mark,
        "note": ", ".join(filter(None, [mark, note])),
        "href": link(**question.address(who=therapist, start=say_start(start))),
    }


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
