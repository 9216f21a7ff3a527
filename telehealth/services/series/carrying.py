"""Carrying the dates of a standing slot over to other terms: appointments that were made go along, times that are kept
are given back and taken anew.

Everything here runs inside the caller's transaction, with the standing slot and its dates locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from telehealth.database import attempt
from telehealth.domain.errors import InvalidInput, SlotNotOffered, SlotTaken
from telehealth.domain.series.patterns import (
    DateOutcome,
    DateResult,
    SeriesChange,
    pair_dates,
)
from telehealth.domain.words import Obstacle, OccurrenceStatus
from telehealth.models import Appointment, Occurrence, Series
from telehealth.queries.series.date_verdicts import (
    WAIVED,
    SlotOfSeries,
    judge_dates,
    slot_of,
)
from telehealth.services.appointments.moving import Destination, move_appointment_in
from telehealth.services.audit import ActedBy
from telehealth.services.locking import lock_appointment
from telehealth.services.series.date_booking import make_appointments
from telehealth.services.series.date_keeping import (
    drop_dates,
    give_up_dates,
    keep_dates,
    new_date,
    result_of_date,
    skip_date,
)

PASSED = "its new time had passed already"
IS_SKIPPED = "This date is skipped. Please restore it first."


@dataclass(frozen=True, slots=True)
class Carrying:
    """Carrying dates over to other terms. ``before`` is the slot as it was."""

    session: Session
    series: Series
    before: SlotOfSeries
    to: SeriesChange
    by: ActedBy
    reason: str
    now: datetime

    def carry(self, rows: list[Occurrence]) -> list[DateResult]:
        """Each old date becomes the new one of its week, or of its month where both come once a month; dates without a
        counterpart are dropped, or new.
        """
        slot = slot_of(self.series)
        by_day = {row.day: row for row in rows}
        last = max(self.series.known_until or rows[-1].day, rows[-1].day)
        monthly = self.before.pattern.is_monthly and slot.pattern.is_monthly
        pairs = list(pair_dates(by_day, slot.pattern.days(self.series.starts_on, last), monthly=monthly))
        gone = [by_day[old] for old, new in pairs if old is not None and new is None]
        dropped = drop_dates(self.session, self.before, gone, self.by, self.reason, now=self.now)
        kept = [(by_day[old] if old is not None else None, new) for old, new in pairs if new is not None]
        booked = [(row, new) for row, new in kept if row is not None and row.status == OccurrenceStatus.BOOKED]
        others = [(row, new) for row, new in kept if row is None or row.status != OccurrenceStatus.BOOKED]
        placed = self._place_again(slot, others)
        moved = [self._move(slot, row, new) for row, new in booked]
        self.session.flush()
        return sorted([*dropped, *placed, *moved], key=lambda each: each.day)

    def _place_again(self, slot: SlotOfSeries, dates: Sequence[tuple[Occurrence | None, date]]) -> list[DateResult]:
        """Dates without an appointment give back what they kept, and take their new time."""
        give_up_dates(self.session, self.before, [row for row, _ in dates if row is not None], now=self.now)
        rows = [self._at_new_time(slot, row, new) for row, new in dates]
        keep_dates(self.session, slot, rows, now=self.now)
        return [result_of_date(row) for row in rows]

    def _at_new_time(self, slot: SlotOfSeries, row: Occurrence | None, day: date) -> Occurrence:
        starts_at = slot.pattern.instant(day)
        if row is None:
            row = new_date(self.series, day, starts_at)
        else:
            row.day, row.starts_at = day, starts_at
        if starts_at <= self.now and row.status != OccurrenceStatus.SKIPPED:
            skip_date(row, PASSED)
        return row

    def _move(self, slot: SlotOfSeries, row: Occurrence, day: date) -> DateResult:
        """An appointment that was made goes along, unless it is over, cancelled, or was given a time of its own."""
        appointment = lock_appointment(self.session, row.practice_id, row.appointment_id or 0)
        regular = slot.pattern.instant(day)
        moved_alone = appointment.starts_at != row.starts_at
        wanted = appointment.starts_at if moved_alone else regular
        row.day = day
        if not self._is_to_move(appointment, wanted):
            return DateResult(day, appointment.starts_at, DateOutcome.KEPT)
        obstacles = self._move_if_free(slot, day, appointment, wanted)
        if obstacles:
            return DateResult(day, wanted, DateOutcome.CONFLICT, obstacles)
        row.starts_at, row.duration_minutes = regular, self.to.minutes or row.duration_minutes
        return DateResult(day, wanted, DateOutcome.MOVED)

    def _is_to_move(self, appointment: Appointment, wanted: datetime) -> bool:
        stays = wanted == appointment.starts_at and self.to.only_when
        return not stays and appointment.is_ahead(now=self.now)

    def _move_if_free(
        self, slot: SlotOfSeries, day: date, appointment: Appointment, wanted: datetime
    ) -> tuple[Obstacle, ...]:
        """What stood in the way; then the appointment is where it was."""
        if wanted <= self.now:
            return (Obstacle.PAST,)
        to = Destination(
            starts_at=wanted,
            mode=slot.mode,
            therapist=slot.therapist.public_id,
            co_therapist=slot.co_therapist.public_id if slot.co_therapist is not None else None,
            location=slot.location.public_id if slot.location is not None else None,
            minutes=self.to.minutes,
            waived=WAIVED | {Obstacle.NO_GUARDIAN},  # Looked at once for all dates.
            reason=self.reason,
        )
        states = {each.client_id: each.jurisdiction for each in slot.members}
        try:
            with attempt(self.session):
                for seat in appointment.seats:
                    seat.jurisdiction = seat.jurisdiction or states.get(seat.client_id)
                move_appointment_in(self.session, appointment, to, self.by, now=self.now)
                # Nothing was set aside that binds standing slots.
                appointment.overrides, appointment.override_reason = [], ""
        except (SlotTaken, SlotNotOffered):
            said = judge_dates(slot, [(day, wanted)], own_appointment_id=appointment.id, now=self.now)
            return said[day].obstacles or (Obstacle.TAKEN,)
        return ()

    def carry_one(self, slot: SlotOfSeries, row: Occurrence) -> DateResult:
        """One date alone. ``slot`` is as it shall be on that date; if it cannot be, nothing about the date changes."""
        if row.status == OccurrenceStatus.SKIPPED:
            raise InvalidInput({"day": IS_SKIPPED})
        regular = slot.pattern.instant(slot.pattern.starts_on)
        if row.status != OccurrenceStatus.BOOKED:
            return self._place_one(slot, row, regular if self.to.moves_time else row.starts_at)
        appointment = lock_appointment(self.session, row.practice_id, row.appointment_id or 0)
        wanted = regular if self.to.moves_time else appointment.starts_at
        if not self._is_to_move(appointment, wanted):
            return DateResult(row.day, appointment.starts_at, DateOutcome.KEPT)
        obstacles = self._move_if_free(slot, row.day, appointment, wanted)
        return DateResult(row.day, wanted, DateOutcome.CONFLICT if obstacles else DateOutcome.MOVED, obstacles)

    def _place_one(self, slot: SlotOfSeries, row: Occurrence, wanted: datetime) -> DateResult:
        """Another time is kept for it; with other terms its appointment is made at once, because it is an exception."""
        if wanted <= self.now:
            return DateResult(row.day, wanted, DateOutcome.CONFLICT, (Obstacle.PAST,))
        with attempt(self.session) as part:
            give_up_dates(self.session, self.before, [row], now=self.now)
            row.starts_at = wanted
            keep_dates(self.session, slot, [row], now=self.now)
            result = result_of_date(row)
            if row.status == OccurrenceStatus.CONFLICT:
                part.rollback()
            elif not self.to.only_when:
                make_appointments(self.session, self.series, slot, [row], self.by, now=self.now)
        return result
