"""What a change of a standing slot would meet, before anything is changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice

from telehealth.domain.series.patterns import Plan, PlannedDate, SeriesScope, monday_of
from telehealth.domain.words import Obstacle
from telehealth.models import Occurrence, Series
from telehealth.queries.series.date_verdicts import SlotOfSeries, dates_ahead, judge_dates, slot_of, slot_of_plan
from telehealth.queries.series.standing_slots import list_dates
from telehealth.services.series.changing import SeriesChange

MOST = 26
MARGIN = timedelta(hours=2)
OWN = frozenset(
    {Obstacle.TAKEN, Obstacle.BUFFER, Obstacle.STANDING, Obstacle.CLIENT_BUSY, Obstacle.ROOM,
     Obstacle.DAILY_CAP, Obstacle.WEEKLY_CAP, Obstacle.LONGEST_RUN}
)  # fmt: skip
"""What a date may seem to meet only because it stands in its own way: a kept time moves on with the change."""


def stuck(found: Series, scope: SeriesScope, day: date | None, to: SeriesChange, *, now: datetime) -> list[PlannedDate]:
    """The first dates of the changed slot that something would be in the way of. Raises InvalidInput, NotFound."""
    rows = [each for each in list_dates(found, since=now, limit=MOST) if day is None or each.day >= day]
    rows = rows[:1] if scope is SeriesScope.THIS else rows
    if not rows:
        return []
    slot = _wished(found, to, rows[0].day)
    before = {monday_of(row.day): row for row in rows}
    dates = list(islice(dates_ahead(slot.pattern, slot.pattern.starts_on, now=now), len(rows)))
    looked_at = (_look(slot, each, starts_at, before.get(monday_of(each)), now=now) for each, starts_at in dates)
    return [each for each in looked_at if each.obstacles]


def _wished(found: Series, to: SeriesChange, first: date) -> SlotOfSeries:
    weekday = found.starts_on.weekday() if to.weekday is None else to.weekday
    plan = Plan(
        service=found.service.public_id,
        therapist=to.therapist or found.therapist.public_id,
        mode=to.mode or found.mode,
        location=to.location or (found.location.public_id if found.location is not None else None),
        co_therapist=to.co_therapist or (found.co_therapist.public_id if found.co_therapist is not None else None),
        timezone=found.timezone,
        local_time=to.local_time or found.local_time,
        starts_on=monday_of(first) + timedelta(days=weekday),
        every_weeks=to.every_weeks or found.every_weeks,
    )
    members = (replace(each, jurisdiction=each.jurisdiction or to.jurisdiction) for each in slot_of(found).members)
    return slot_of_plan(found.practice_id, plan, members)


def _look(slot: SlotOfSeries, day: date, starts_at: datetime, row: Occurrence | None, *, now: datetime) -> PlannedDate:
    made = row.appointment_id if row is not None else None
    said = judge_dates(slot, [(day, starts_at)], own_appointment_id=made, now=now)[day].obstacles
    if row is not None and made is None and abs(row.starts_at - starts_at) < MARGIN:
        said = tuple(each for each in said if each not in OWN)
    return PlannedDate(day, starts_at, said)
