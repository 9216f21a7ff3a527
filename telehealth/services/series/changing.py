"""Changing a standing slot: one date, one date and all after it, or every date ahead. The past is never touched.

A change is one transaction. Appointments that were made go along, each with its own UID one version later; a date that
cannot go along is listed with what is in its way and the nearest free starts, and does not keep the others back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from telehealth.database import attempt, retry_on_conflict, transaction
from telehealth.domain.appointments.states import ACTIVE
from telehealth.domain.errors import InvalidInput, NotAllowed, SlotNotOffered, SlotTaken
from telehealth.domain.series.patterns import ONE_DAY, DateOutcome, DateResult, Plan, SeriesScope, pair_by_week
from telehealth.domain.words import AuditAction, Mode, Obstacle, OccurrenceStatus
from telehealth.models import Appointment, Occurrence, Series
from telehealth.queries.series.date_verdicts import (
    WAIVED,
    SlotOfSeries,
    judge_dates,
    list_alternatives,
    pattern_of_series,
    slot_of,
    slot_of_plan,
)
from telehealth.queries.series.standing_slots import find_series
from telehealth.services.appointments.moving import Destination, move_appointment_in
from telehealth.services.appointments.placing import queue_for_limits
from telehealth.services.audit import ActedBy, record_event
from telehealth.services.locking import lock_appointment
from telehealth.services.series.date_keeping import (
    copy_member,
    drop_date,
    give_up_date,
    keep_times,
    lock_dates,
    lock_series,
    make_appointment,
    new_date,
    result_of,
    skip_date,
)
from telehealth.services.series.making import draft_series, make_due, rewrite_series, terms_of

CHANGED = "the standing slot was changed"
PASSED = "its new time had passed already"
NO_DATE_AHEAD = "There is no date ahead from that day on. Please choose one of the dates shown."
IS_SKIPPED = "This date is skipped. Please restore it first."
NO_WEEKDAY = "Please choose a day from Monday (0) to Sunday (6)."
NO_STATE = "Please say which state the clients will be in."
DAYS_OF_WEEK = range(7)
UNCHANGED = frozenset({DateOutcome.KEPT, DateOutcome.CONFLICT})
"""What one date alone may come to without any change of it."""
RHYTHM = ("every_weeks", "until")
"""What one date alone never changes."""


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """What is to be different; None is "as it is". Ids are public ids, ``weekday`` 0 is Monday, ``local_time`` is wall
    time in the slot's own zone.

    ``location`` is needed in person; ``jurisdiction`` when clients who came in person are to meet by video or phone.
    """

    weekday: int | None = None
    local_time: time | None = None
    every_weeks: int | None = None
    mode: Mode | None = None
    location: str | None = None
    jurisdiction: str | None = None
    therapist: str | None = None
    co_therapist: str | None = None

    @property
    def moves_time(self) -> bool:
        """Whether people are to meet at another time of the week."""
        return self.weekday is not None or self.local_time is not None

    @property
    def only_when(self) -> bool:
        """Whether they go on to meet in the same way, at the same place and with the same people."""
        return all(each is None for each in (self.mode, self.location, self.therapist, self.co_therapist))


@dataclass(frozen=True, slots=True)
class ChangedSeries:
    """The standing slot as it goes on (a new one after a split), and what became of each date ahead."""

    series: Series
    dates: list[DateResult]


def change_series(  # noqa: PLR0913 -- a change is these facts
    *,
    practice_id: int,
    series: str,
    scope: SeriesScope,
    to: SeriesChange,
    day: date | None = None,
    reason: str = "",
    by: ActedBy,
    now: datetime,
) -> ChangedSeries:
    """Change one date (``day``), that one and all following, or every date ahead. ``series`` is a public id.

    FOLLOWING ends the slot the day before and lets a new one go on with the same members. Conflicts are listed one by
    one: an appointment that was made stays where it was, a planned date waits for a decision. A date that was moved by
    itself keeps its own time. Staff only. Raises NotFound, InvalidInput, ServiceEnded, NotAllowed.
    """
    if not by.is_staff:
        raise NotAllowed
    if to.weekday is not None and to.weekday not in DAYS_OF_WEEK:
        raise InvalidInput({"weekday": NO_WEEKDAY})
    if scope != SeriesScope.ALL and day is None:
        raise InvalidInput({"day": NO_DATE_AHEAD})
    goes_on, dates = _change(practice_id, series, scope, to, day, reason, by, now=now)
    make_due(goes_on.id, by, now=now)
    goes_on = find_series(practice_id, goes_on.public_id)
    return ChangedSeries(goes_on, _with_alternatives(slot_of(goes_on), dates, now=now))


@retry_on_conflict
def _change(  # noqa: PLR0913 -- the use case above, in one transaction
    practice_id: int,
    public_id: str,
    scope: SeriesScope,
    to: SeriesChange,
    day: date | None,
    reason: str,
    by: ActedBy,
    *,
    now: datetime,
) -> tuple[Series, list[DateResult]]:
    with transaction() as session:
        series = lock_series(session, practice_id, public_id)
        last = day if scope == SeriesScope.THIS and day is not None else date.max
        rows = lock_dates(session, series, now=now, first=day or date.min, last=last)
        if not rows:
            raise InvalidInput({"day": NO_DATE_AHEAD})
        before, wished, why = slot_of(series), _wished(series, to, rows[0].day), reason or CHANGED
        about: dict[str, Any] = {"scope": scope, "reason": reason or None}
        about |= {"before": terms_of(before), "after": terms_of(wished)}
        if scope == SeriesScope.THIS:
            series.changed_at = now
            _fill_states(series, wished)
            about["after"] |= {key: about["before"][key] for key in RHYTHM}
            result = _Carrying(session, series, before, to, by, why, now).carry_one(wished, rows[0])
            if result.outcome not in UNCHANGED:
                record_event(session, series, AuditAction.CHANGED, by, now=now, day=day, **about)
            return series, [result]
        first = rows[0].day
        goes_on = _go_on(session, series, wished, rows, scope, now=now)
        if goes_on is not series:
            record_event(
                session, goes_on, AuditAction.CONTINUED, by, now=now, first=first, series=series.public_id, **about
            )
            about["goes_on_as"] = goes_on.public_id
        record_event(session, series, AuditAction.CHANGED, by, now=now, first=first, **about)
        return goes_on, _Carrying(session, goes_on, before, to, by, why, now).carry(rows)


def _with_alternatives(slot: SlotOfSeries, dates: list[DateResult], *, now: datetime) -> list[DateResult]:
    stuck = [(each.day, each.starts_at) for each in dates if each.outcome == DateOutcome.CONFLICT]
    instead = list_alternatives(slot, stuck, now=now)
    return [replace(each, alternatives=tuple(instead.get(each.day, ()))) for each in dates]


def _wished(series: Series, to: SeriesChange, first: date) -> SlotOfSeries:
    """The slot as it shall be from ``first`` on, checked like any. Raises InvalidInput, NotFound, ServiceEnded."""
    pattern = pattern_of_series(series)
    weekday = series.starts_on.weekday() if to.weekday is None else to.weekday
    starts_on = replace(pattern, starts_on=_on_weekday(first, weekday)).in_week_of(first)
    until = series.until
    if until is not None and to.weekday is not None:
        last = max(pattern.days(first, until), default=first)
        until = max(until, _on_weekday(last, weekday))
    plan = Plan(
        service=series.service.public_id,
        therapist=to.therapist or series.therapist.public_id,
        mode=to.mode or series.mode,
        location=to.location or (series.location.public_id if series.location is not None else None),
        co_therapist=to.co_therapist or (series.co_therapist.public_id if series.co_therapist is not None else None),
        timezone=series.timezone,
        local_time=to.local_time or series.local_time,
        starts_on=starts_on,
        every_weeks=series.every_weeks if to.every_weeks is None else to.every_weeks,
        until=until,
    )
    members = [
        replace(each, jurisdiction=each.jurisdiction or to.jurisdiction, joined_on=min(each.joined_on, starts_on))
        for each in slot_of(series).members
    ]
    if plan.mode != Mode.IN_PERSON and any(each.jurisdiction is None for each in members):
        raise InvalidInput({"jurisdiction": NO_STATE})
    return slot_of_plan(series.practice_id, plan, members)


def _on_weekday(day: date, weekday: int) -> date:
    """That weekday of the same week, from Monday."""
    return day + timedelta(days=weekday - day.weekday())


def _go_on(
    session: Session, series: Series, wished: SlotOfSeries, rows: list[Occurrence], scope: SeriesScope, *, now: datetime
) -> Series:
    """The series that the dates from now on belong to: a new one after a split, else the same with other terms."""
    first = rows[0].day
    earlier = exists().where(Occurrence.series_id == series.id, Occurrence.day < first)
    if scope == SeriesScope.FOLLOWING and session.scalar(select(earlier)):
        goes_on = draft_series(wished, now=now)
        goes_on.known_until = series.known_until
        goes_on.members = [
            copy_member(each) for each in series.members if each.left_on is None or each.left_on >= first
        ]
        series.until, series.changed_at = first - ONE_DAY, now
        session.add(goes_on)
        session.flush()
        for row in rows:
            row.series_id = goes_on.id
    else:
        goes_on = series
        rewrite_series(series, wished, now=now)
    for member in goes_on.members:
        if member.joined_on <= first:
            member.joined_on = wished.pattern.starts_on
    _fill_states(goes_on, wished)
    session.flush()
    return goes_on


def _fill_states(series: Series, wished: SlotOfSeries) -> None:
    """Clients who came in person until now and said which state they will be in."""
    states = {each.client_id: each.jurisdiction for each in wished.members}
    for member in series.members:
        member.jurisdiction = member.jurisdiction or states.get(member.client_id)


@dataclass(frozen=True, slots=True)
class _Carrying:
    """Carrying dates over to other terms. ``before`` is the slot as it was."""

    session: Session
    series: Series
    before: SlotOfSeries
    to: SeriesChange
    by: ActedBy
    reason: str
    now: datetime

    def carry(self, rows: list[Occurrence]) -> list[DateResult]:
        """Each old date becomes the new one of its week; dates without a counterpart are dropped, or new."""
        slot = slot_of(self.series)
        by_day = {row.day: row for row in rows}
        last = max(self.series.known_until or rows[-1].day, rows[-1].day)
        pairs = list(pair_by_week(by_day, slot.pattern.days(self.series.starts_on, last)))
        gone = [self._drop(by_day[old]) for old, new in pairs if old is not None and new is None]
        kept = [(by_day[old] if old is not None else None, new) for old, new in pairs if new is not None]
        booked = [(row, new) for row, new in kept if row is not None and row.status == OccurrenceStatus.BOOKED]
        others = [(row, new) for row, new in kept if row is None or row.status != OccurrenceStatus.BOOKED]
        placed = self._place_again(slot, others)
        moved = [self._move(slot, row, new) for row, new in booked]
        self.session.flush()
        return sorted([*gone, *placed, *moved], key=lambda each: each.day)

    def _drop(self, row: Occurrence) -> DateResult:
        return drop_date(self.session, self.before, row, self.by, self.reason, now=self.now)

    def _place_again(self, slot: SlotOfSeries, dates: Iterable[tuple[Occurrence | None, date]]) -> list[DateResult]:
        """Dates without an appointment give back what they kept, and take their new time."""
        rows = [self._at_new_time(slot, row, new) for row, new in dates]
        self.session.flush()
        waiting = [row for row in rows if row.status != OccurrenceStatus.SKIPPED]
        if waiting:
            queue_for_limits(self.session, slot.query(waiting[0].day, waiting[0].starts_at))
            keep_times(self.session, slot, waiting, now=self.now)
        return [result_of(row) for row in rows]

    def _at_new_time(self, slot: SlotOfSeries, row: Occurrence | None, day: date) -> Occurrence:
        starts_at = slot.pattern.instant(day)
        if row is None:
            row = new_date(self.series, day, starts_at)
            self.session.add(row)
        else:
            give_up_date(self.session, self.before, row, now=self.now)
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
        row.starts_at = regular
        return DateResult(day, wanted, DateOutcome.MOVED)

    def _is_to_move(self, appointment: Appointment, wanted: datetime) -> bool:
        stays = wanted == appointment.starts_at and self.to.only_when
        return not stays and appointment.status in ACTIVE and appointment.starts_at > self.now

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
            waived=WAIVED,
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
            give_up_date(self.session, self.before, row, now=self.now)
            row.starts_at = wanted
            keep_times(self.session, slot, [row], now=self.now)
            result = result_of(row)
            if row.status == OccurrenceStatus.CONFLICT:
                part.rollback()
            elif not self.to.only_when:
                make_appointment(self.session, self.series, slot, row, self.by, now=self.now)
        return result
