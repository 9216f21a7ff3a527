"""Changing a standing slot: one date, one date and all after it, or every date ahead. The past is never touched.

A change is one transaction. Appointments that were made go along, each with its own UID one version later; a date that
cannot go along is listed with what is in its way and the nearest free starts, and does not keep the others back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from telehealth.database import dry_run, retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import InvalidInput
from telehealth.domain.series.patterns import (
    ONE_DAY,
    DateOutcome,
    DateResult,
    Plan,
    SeriesChange,
    SeriesScope,
)
from telehealth.domain.words import Mode
from telehealth.models import Occurrence, Series
from telehealth.queries.series.date_verdicts import (
    SlotOfSeries,
    list_alternatives,
    pattern_of_series,
    slot_of,
    slot_of_plan,
)
from telehealth.queries.series.standing_slots import find_series
from telehealth.services.audit import ActedBy, record_event
from telehealth.services.series.carrying import Carrying
from telehealth.services.series.date_keeping import (
    copy_member,
    lock_dates,
    lock_series,
)
from telehealth.services.series.making import draft_series, rewrite_series, set_aside_guardian, terms_of_slot
from telehealth.services.series.materialising import make_due_appointments

CHANGED = "the standing slot was changed"
NO_DATE_AHEAD = "There is no date ahead from that day on. Please choose one of the dates shown."
NO_WEEKDAY = "Please choose a day from Monday (0) to Sunday (6)."
NO_STATE = "Please say which state the clients will be in."
DAYS_OF_WEEK = range(7)
UNCHANGED = frozenset({DateOutcome.KEPT, DateOutcome.CONFLICT})
"""What one date alone may come to without any change of it."""
RHYTHM = ("every_weeks", "week_of_month", "until")
"""What one date alone never changes."""


@dataclass(frozen=True, slots=True)
class ChangedSeries:
    """The standing slot as it goes on (a new one after a split), and what became of each date ahead."""

    series: Series
    dates: list[DateResult]


def change_series(  # noqa: PLR0913 -- a change is these facts
    *,
    practice_id: int,
    series_public_id: str,
    scope: SeriesScope,
    to: SeriesChange,
    day: date | None = None,
    reason: str = "",
    guardian_reason: str = "",
    by: ActedBy,
    now: datetime,
) -> ChangedSeries:
    """Change one date (``day``), that one and all following, or every date ahead.

    FOLLOWING ends the slot the day before and lets a new one go on with the same members. Conflicts are listed one by
    one: an appointment that was made stays where it was, a planned date waits for a decision. A date that was moved by
    itself keeps its own time. ``guardian_reason`` says why nobody has to act for a minor at other times, where the
    practice wants that. Staff only. Raises NotFound, InvalidInput, ServiceEnded, NotAllowed.
    """
    goes_on, dates = _change(
        transaction,
        practice_id=practice_id,
        series_public_id=series_public_id,
        scope=scope,
        to=to,
        day=day,
        reason=reason,
        guardian_reason=guardian_reason,
        by=by,
        now=now,
    )
    make_due_appointments(goes_on.id, by, now=now)
    return ChangedSeries(find_series(practice_id, goes_on.public_id), dates)


def preview_change(  # noqa: PLR0913 -- as above
    *,
    practice_id: int,
    series_public_id: str,
    scope: SeriesScope,
    to: SeriesChange,
    day: date | None = None,
    guardian_reason: str = "",
    by: ActedBy,
    now: datetime,
) -> list[DateResult]:
    """What ``change_series`` would come to, date by date, because it is the same change, taken back before its end.

    Nothing is kept by asking, and nobody is told. Raises what the change raises.
    """
    _, dates = _change(
        dry_run,
        practice_id=practice_id,
        series_public_id=series_public_id,
        scope=scope,
        to=to,
        day=day,
        guardian_reason=guardian_reason,
        by=by,
        now=now,
    )
    return dates


@retry_on_conflict
def _change(  # noqa: PLR0913 -- the use case above, in one transaction
    within: Callable[[], AbstractContextManager[Session]],
    *,
    practice_id: int,
    series_public_id: str,
    scope: SeriesScope,
    to: SeriesChange,
    day: date | None,
    reason: str = "",
    guardian_reason: str,
    by: ActedBy,
    now: datetime,
) -> tuple[Series, list[DateResult]]:
    _require_possible(scope, to, day, by)
    with within() as session:
        found = lock_series(session, practice_id, series_public_id)
        last = day if scope == SeriesScope.THIS and day is not None else date.max
        rows = lock_dates(session, found, now=now, first=day or date.min, last=last)
        if not rows:
            raise InvalidInput({"day": NO_DATE_AHEAD})
        wished = _wished(found, to, rows[0].day)
        about: dict[str, object] = {"scope": scope, "reason": reason or None}
        if to.is_at_other_times:
            on = wished.pattern.starts_on
            about |= set_aside_guardian(wished, wished.members_on(on), guardian_reason, on=on)
        carrying = Carrying(session, found, slot_of(found), to, by, reason or CHANGED, now)
        if scope == SeriesScope.THIS:
            return _change_one(carrying, wished, rows[0], about)
        return _change_all(carrying, wished, rows, about)


def _require_possible(scope: SeriesScope, to: SeriesChange, day: date | None, by: ActedBy) -> None:
    by.require_staff()
    if to.weekday is not None and to.weekday not in DAYS_OF_WEEK:
        raise InvalidInput({"weekday": NO_WEEKDAY})
    if scope != SeriesScope.ALL and day is None:
        raise InvalidInput({"day": NO_DATE_AHEAD})


def _change_one(
    carrying: Carrying,
    wished: SlotOfSeries,
    row: Occurrence,
    about: Mapping[str, Any],  # What the audit keeps of any change.
) -> tuple[Series, list[DateResult]]:
    """One date alone; the slot goes on as it is."""
    session, series, now, day = carrying.session, carrying.series, carrying.now, row.day
    series.changed_at = now
    _fill_states(series, wished)
    result = carrying.carry_one(wished, row)
    if result.outcome not in UNCHANGED:
        before = terms_of_slot(carrying.before)
        after = terms_of_slot(wished) | {key: before[key] for key in RHYTHM}
        told = {"day": day, **about, "before": before, "after": after}
        record_event(session, series, AuditAction.CHANGED, carrying.by, now=now, **told)
    return series, _with_alternatives(wished, [result], now=now)


def _change_all(
    carrying: Carrying,
    wished: SlotOfSeries,
    rows: list[Occurrence],
    about: Mapping[str, Any],  # What the audit keeps of any change.
) -> tuple[Series, list[DateResult]]:
    """These dates and whatever comes after them."""
    session, series, by, now = carrying.session, carrying.series, carrying.by, carrying.now
    told = {"first": rows[0].day, **about, "before": terms_of_slot(carrying.before), "after": terms_of_slot(wished)}
    goes_on = _go_on(session, series, wished, rows, about["scope"], now=now)
    if goes_on is not series:
        record_event(session, goes_on, AuditAction.CONTINUED, by, now=now, series=series.public_id, **told)
        told["goes_on_as"] = goes_on.public_id
    record_event(session, series, AuditAction.CHANGED, by, now=now, **told)
    dates = replace(carrying, series=goes_on).carry(rows)
    return goes_on, _with_alternatives(slot_of(goes_on), dates, now=now)


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
        week_of_month=to.week_of_month or (series.week_of_month if to.every_weeks is None else None),
        until=until,
        minutes=to.minutes or series.minutes,
    )
    members = [
        replace(
            each,
            jurisdiction=each.jurisdiction or to.jurisdiction,
            # Whoever comes on the first of these dates comes wherever it goes in its week.
            joined_on=min(each.joined_on, starts_on) if each.joined_on <= first else each.joined_on,
        )
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
        goes_on.members = [copy_member(each) for each in series.members if each.stays(first)]
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
