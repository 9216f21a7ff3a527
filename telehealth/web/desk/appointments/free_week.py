"""A week of free times, as staff choose from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from telehealth.domain import walltime
from telehealth.web.desk.appointments.slot_search import SlotSearch
from telehealth.web.free_times import ONE_WEEK, FreeWeek, ListedDay, ShownSlot, find_free_week, write_start

FURTHEST = 53 * ONE_WEEK
WHO, START = "-who-", "-start-"
"""What stands for them in the address of any slot."""

Link = Callable[..., str]
"""Makes the address of a start."""


def find_desk_week(question: SlotSearch, wanted: str | None, *, now: datetime) -> FreeWeek:
    """The week with the wanted date, up to a year ahead. Raises InvalidInput while something is not answered."""
    return find_free_week(question, wanted, end=walltime.wall(now, question.zone).date() + FURTHEST, now=now)


def list_desk_days(question: SlotSearch, week: FreeWeek, link: Link) -> list[ListedDay]:
    """Its days with free times, for the ``slot_list`` macro. Addresses differ in who and when only, so one is made."""
    pattern = link(**question.address(who=WHO, start=START))

    def show(slot: ShownSlot, mark: str) -> dict[str, str]:
        name = slot.therapist.name if question.therapist is None else ""
        seats = f"{slot.seats_left} free" if slot.seats_left is not None else ""
        href = pattern.replace(WHO, slot.therapist.public_id).replace(START, write_start(slot.start))
        return {"note": ", ".join(filter(None, [mark, name, seats])), "href": href}

    return week.list_days(show)
