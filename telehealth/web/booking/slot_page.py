"""What booking and moving have in common: a week of times to choose from, and the chosen one, kept for a while."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Self
from zoneinfo import ZoneInfo

from flask import request

from telehealth.domain import walltime
from telehealth.domain.hours.closures import is_closed_on
from telehealth.domain.time_tables import OFFSET, say_time_at, write_local
from telehealth.domain.times import zone_name
from telehealth.models import Hold, Practice
from telehealth.queries.practice.offers import AnyTherapist
from telehealth.services.appointments.holding import HoldWish
from telehealth.web.booking.choices import Choices, find_named
from telehealth.web.booking.visitor_holds import Kept, keep_for_visitor, keep_longer, say_kept
from telehealth.web.free_times import (
    ONE_DAY,
    ShownSlot,
    find_free_week,
    find_midnight,
    find_next_free,
    is_free,
    read_start,
)
from telehealth.web.shown_times import ShownTime, show_time

WEEKEND = (5, 6)
CLOCKS_CHANGE = "Clocks change on this day."


@dataclass(frozen=True, slots=True)
class SlotPage:
    """What was chosen, and the instant of the request.

    ``hold`` keeps the chosen slot, if any; ``held`` is what the address says about it.
    """

    choices: Choices
    now: datetime
    hold: Hold | None
    held: str | None

    @property
    def practice(self) -> Practice:
        """Where it is to be."""
        return self.choices.practice

    @property
    def slot(self) -> ShownSlot | None:
        """The slot of a button, or else of the address; None for anything that is none."""
        start, _, public_id = (request.form.get("slot") or request.args.get("slot") or "").partition(".")
        therapist = find_named(self.choices.therapists, public_id)
        starts_at = read_start(start)
        if starts_at is None or therapist is None:
            return None
        return ShownSlot(int(starts_at.timestamp()), therapist)

    def is_offered(self, slot: ShownSlot) -> bool:
        """Whether it can be had, as of the moment it was kept: typing never makes it too short notice."""
        query = replace(self.choices, therapist=slot.therapist).query(slot.starts_at)
        return is_free(query, now=self.hold.created_at if self.hold is not None else self.now)

    def keep(self, slot: ShownSlot) -> tuple[Self, ShownSlot]:
        """The page with a hold, and the slot with whoever really was kept: where nobody was named, whoever fits may
        give it. Raises what ``holding.keep_slot`` raises, and NotFound while a question is open.
        """
        anybody = self.choices.wants_anyone and not self.choices.known_service.is_group and not self.choices.met
        wish = self._hold_wish(slot, None if anybody else slot.therapist)
        hold = keep_for_visitor(self.practice, wish, now=self.now)
        therapist = next(each for each in self.choices.therapists if each.id == hold.therapist_id)
        return self._holding(hold), ShownSlot(slot.start, therapist)

    def keep_longer(self, slot: ShownSlot) -> Self:
        """The page whose hold lasts longer, or is made again. Raises as ``keep``."""
        wish = self._hold_wish(slot, slot.therapist)
        return self._holding(keep_longer(self.practice, self.hold, wish, now=self.now))

    def without_hold(self) -> Self:
        """The same, with nothing kept."""
        return replace(self, hold=None, held=None)

    def slot_url(self, slot: ShownSlot) -> str:
        """Where the forms about a slot are sent. What keeps it travels in the address, as the slot itself does."""
        return self.choices.url(slot=slot, hold=self.held)

    def find_day(self, slot: ShownSlot) -> date:
        """The date of a slot, as the page shows it."""
        return slot.starts_at.astimezone(self.choices.zone).date()

    def show_time(self, slot: ShownSlot) -> ShownTime:
        """When it is, on both sides."""
        return show_time(slot.starts_at, self.choices.zone, self._other_zone(slot.therapist))

    def say_kept(self) -> Kept:
        """Whether a slot is kept, and until when."""
        return say_kept(self.hold, self.held, self.choices.zone)

    def say_givers(self, slot: ShownSlot, *, credentials: bool = False) -> str:
        """With whom it would be, by name: both, where two give it together."""
        titled = [
            f"{each.name}, {each.credential}" if credentials and each.credential else each.name
            for each in self._givers(slot)
        ]
        known = len(titled) >= self.choices.known_service.therapists_needed
        return " and ".join(titled if known else [*titled, "a colleague"])

    def _givers(self, slot: ShownSlot) -> Sequence[AnyTherapist]:
        own = self.choices.own
        if self.hold is not None and self.hold.starts_at == slot.starts_at:
            return self.hold.therapists
        if own is None or self.choices.known_service.therapists_needed == 1:
            return [slot.therapist]
        staying = [each for each in reversed(own.therapists) if each.id != slot.therapist.id]
        return [slot.therapist, *staying[:1]]

    def show_week(self, wanted: str | None) -> dict[str, Any]:
        """The week with the wanted date and its free times, for a page that lists them; ``next_free`` is the date of
        the next one after an empty week.
        """
        choices, zone = self.choices, self.choices.zone
        end = walltime.wall(self.now, zone).date() + timedelta(days=choices.known_service.horizon_days)
        week = find_free_week(choices, wanted, end=end, now=self.now)
        there, is_group = self._say_times_there(week.slots), choices.known_service.is_group

        def show(slot: ShownSlot, mark: str) -> dict[str, str]:
            note = there.get(slot.start) or mark
            return {"note": self._with_left(note, slot) if is_group else note, "value": str(slot)}

        days = week.list_days(show)
        free = {day.date for day in days}
        empty = [day for day in week.dates if day not in free]
        closed = self._closed_among(empty)
        return {
            "week": week,
            "days": [replace(day, note=CLOCKS_CHANGE) if _clocks_change(day.date, zone) else day for day in days],
            "empty_days": [day for day in empty if day not in closed],
            "closed_days": closed,
            "next_free": None if days else find_next_free(choices, week, end=end, now=self.now),
            "zone_of_times": zone_name(zone),
            "shows_both": bool(there),
        }

    def _closed_among(self, days: Sequence[date]) -> list[date]:
        """Those on which the practice is closed. Nobody wonders about a weekend alone."""
        if all(day.weekday() in WEEKEND for day in days):
            return []
        return [day for day in days if is_closed_on(day, self.choices.offer.closures)]

    def _say_times_there(self, slots: Sequence[ShownSlot]) -> dict[int, str]:
        """The times on the other side by start, where its clocks differ."""
        here, zones = self.choices.zone, {each.id: self._other_zone(each) for each in self.choices.therapists}
        abroad = ((slot.start, zones[slot.therapist.id]) for slot in slots if zones[slot.therapist.id] is not here)
        return {
            start: say_time_at(start, zone)
            for start, zone in abroad
            if write_local(start, here)[OFFSET] != write_local(start, zone)[OFFSET]
        }

    def _with_left(self, note: str, slot: ShownSlot) -> str:
        """In a group, how many seats are left: all of them where none stands yet."""
        seats = self.choices.known_service.capacity if slot.seats_left is None else slot.seats_left
        left = "1 seat left" if seats == 1 else f"{seats} seats left"
        return f"{note}, {left}" if note else left

    def _other_zone(self, therapist: AnyTherapist) -> ZoneInfo:
        """The zone on the other side of an appointment: the therapist's, or in person the client's own."""
        return self.choices.client_zone if self.choices.in_person else walltime.zone(therapist.timezone)

    def _hold_wish(self, slot: ShownSlot, therapist: AnyTherapist | None) -> HoldWish:
        choices, own = self.choices, self.choices.own
        return HoldWish(
            service=choices.service_word,
            starts_at=slot.starts_at,
            mode=choices.known_mode,
            therapist=therapist.public_id if therapist is not None else None,
            location=choices.location.public_id if choices.location is not None else None,
            jurisdiction=choices.state,
            has_met=choices.has_met or (therapist is not None and therapist.id in choices.met),
            fit=replace(choices.fit, therapist_id=own.therapist_id) if own is not None else choices.fit,
            appointment_id=own.id if own is not None else None,
            co_therapist=choices.co_therapist.public_id if choices.co_therapist is not None else None,
        )

    def _holding(self, hold: Hold) -> Self:
        own = replace(self.choices, own_hold_id=hold.id)
        return replace(self, hold=hold, held=hold.public_id, choices=own)


@lru_cache(maxsize=1024)
def _clocks_change(day: date, zone: ZoneInfo) -> bool:
    at_its_ends = {find_midnight(each, zone).astimezone(zone).utcoffset() for each in (day, day + ONE_DAY)}
    return len(at_its_ends) > 1
