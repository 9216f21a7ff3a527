"""What a change of a standing slot is said to come to is what it then does; and saying it leaves no trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import Base
from telehealth.domain.errors import InvalidInput, NotAllowed, SlotNotOffered, SlotTaken, TelehealthError
from telehealth.domain.series.patterns import DateOutcome, DateResult, SeriesChange, SeriesScope
from telehealth.domain.words import Mode, Obstacle, ServiceKind
from telehealth.models import Series
from telehealth.queries.series.standing_slots import list_dates
from telehealth.services.series.changing import change_series, preview_change
from telehealth.services.series.ending import skip_occurrence
from telehealth.services.series.materialising import materialise_series
from telehealth.services.series.members import add_member
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    add_time_off,
    book,
    cancel,
    make_contact,
    make_office,
    make_series,
    make_therapist,
    move,
)
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")

FIRST = date(2026, 12, 1)
LATER = NOW + timedelta(hours=1)
HOURS = st.integers(9, 16)
WEEKS = st.integers(0, 13)
KINDS = (ServiceKind.INDIVIDUAL, ServiceKind.COUPLE, ServiceKind.GROUP)


@dataclass(frozen=True)
class Situation:
    """A standing slot in the middle of life. Weeks count from its first date; ``until`` is its length in weeks."""

    kind: ServiceKind
    mode: Mode
    every_weeks: int
    until: int | None
    away_before: tuple[tuple[int, int], ...]
    away_since: tuple[tuple[int, int, bool], ...]
    booked: tuple[tuple[int, int, int, bool], ...]
    limits: dict[str, int]
    moved: frozenset[int]
    cancelled: frozenset[int]
    skipped: frozenset[int]
    joins_in: int | None
    weeks_on: int


@dataclass(frozen=True)
class Wish:
    """A change. ``week`` is that of the date it is about."""

    scope: SeriesScope
    week: int
    to: dict[str, Any] = field(default_factory=dict)
    colleague: bool = False
    in_person: bool = False


few = {"max_size": 2}
situations = st.builds(
    Situation,
    kind=st.sampled_from(KINDS),
    mode=st.sampled_from([Mode.VIRTUAL, Mode.IN_PERSON]),
    every_weeks=st.sampled_from([1, 1, 2, 3]),
    until=st.sampled_from([None, *range(15)]),
    away_before=st.lists(st.tuples(WEEKS, st.integers(1, 20)), **few).map(tuple),
    away_since=st.lists(st.tuples(WEEKS, st.integers(1, 45), st.booleans()), **few).map(tuple),
    booked=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 4), HOURS, st.booleans()), max_size=4).map(tuple),
    limits=st.sampled_from([{}, {}, {"daily_cap": 1}, {"weekly_cap": 2}, {"longest_run": 60}]),
    moved=st.frozensets(WEEKS, max_size=1),
    cancelled=st.frozensets(WEEKS, max_size=1),
    skipped=st.frozensets(WEEKS, **few),
    joins_in=st.none() | WEEKS,
    weeks_on=st.sampled_from([0, 0, 2]),
)
wishes = st.builds(
    Wish,
    scope=st.sampled_from(SeriesScope),
    week=WEEKS,
    to=st.fixed_dictionaries(
        {},
        optional={
            "weekday": st.integers(0, 6),
            "local_time": st.builds(time, st.integers(8, 17), st.sampled_from([0, 30])),
            "every_weeks": st.sampled_from([0, 1, 2, 3, 4]),
            "mode": st.sampled_from(Mode),
            "jurisdiction": st.sampled_from(["CO", "NY"]),
        },
    ),
    colleague=st.booleans(),
    in_person=st.booleans(),
)


@given(situation=situations, wish=wishes)
def test_a_preview_is_what_the_change_then_does(database: Session, situation: Situation, wish: Wish) -> None:
    office, colleague, made, now = arrange(situation)
    changes = dict(wish.to)
    if wish.colleague:
        changes["therapist"] = colleague
    if wish.in_person:
        changes |= {"mode": Mode.IN_PERSON, "location": office.location.public_id}
    day = None if wish.scope == SeriesScope.ALL else FIRST + timedelta(weeks=wish.week)
    asked = {**about(made, scope=wish.scope, day=day, to=SeriesChange(**changes)), "now": now}
    before = everything(database, made.practice_id)
    previewed = answer_of(preview_change, asked)
    assert everything(database, made.practice_id) == before
    assert answer_of(lambda **given: change_series(**given).dates, asked) == previewed


def arrange(situation: Situation) -> tuple[Office, str, Series, datetime]:
    capacity = {ServiceKind.INDIVIDUAL: 1, ServiceKind.COUPLE: 2, ServiceKind.GROUP: 4}[situation.kind]
    office = make_office(
        service={"kind": situation.kind, "capacity": capacity, "horizon_days": 300}, therapist=situation.limits
    )
    colleague = make_therapist(office.practice, office.service, name="Sam Hale", location=office.location)
    for week, days in situation.away_before:
        away(office, week, days)
    people = [make_contact(name=name, **where(situation.mode)) for name in ("Ana Ruiz", "Ben Ode")]
    made = make_series(
        office,
        mode=situation.mode,
        contacts=people[: 1 if situation.kind == ServiceKind.INDIVIDUAL else 2],
        every_weeks=situation.every_weeks,
        until=None if situation.until is None else FIRST + timedelta(weeks=situation.until),
    )
    live_through(situation, office, made)
    now = LATER + timedelta(weeks=situation.weeks_on)
    materialise_series(now=now)
    for week, days, of_colleague in situation.away_since:
        away(Office(office.practice, None, None, None, colleague) if of_colleague else office, week, days)
    return office, colleague.public_id, made, now


def live_through(situation: Situation, office: Office, made: Series) -> None:
    """What comes up: other appointments, a seat for one more, and dates that are moved, cancelled or skipped."""
    for week, weekday, hour, of_member in situation.booked:
        starts_at = made.occurrences[0].starts_at.replace(hour=hour + 7) + timedelta(weeks=week, days=weekday - 1)
        contact = make_contact(name="Ana Ruiz" if of_member else "Cy Dent")
        only_if_free(book, office, starts_at, contact=contact, by=BY_STAFF)
    if situation.joins_in is not None and situation.kind == ServiceKind.GROUP:
        joiner = make_contact(name="Dee Lund", **where(situation.mode))
        joins_on = FIRST + timedelta(weeks=situation.joins_in)
        add_member(**about(made), contact=joiner, first_day=joins_on)
    for row in list_dates(made, since=NOW):
        week, appointment = (row.day - FIRST).days // 7, row.appointment
        if week in situation.skipped:
            skip_occurrence(**about(made), day=row.day)
        elif week in situation.moved and appointment is not None:
            only_if_free(move, appointment, appointment.starts_at - timedelta(hours=5), by=BY_STAFF, **place(row))
        elif week in situation.cancelled and appointment is not None:
            cancel(appointment, by=BY_STAFF)


def where(mode: Mode) -> dict[str, Any]:
    return {"jurisdiction": None if mode == Mode.IN_PERSON else "CO"}


def place(row: Any) -> dict[str, Any]:
    return {"location": row.appointment.location.public_id if row.appointment.location is not None else None}


def away(office: Office, week: int, days: int) -> None:
    monday = datetime.combine(FIRST, time()) + timedelta(weeks=week, days=-1)
    add_time_off(office.therapist, monday, monday + timedelta(days=days))


def only_if_free(act: Any, *given: Any, **more: Any) -> None:
    try:
        act(*given, **more)
    except (SlotTaken, SlotNotOffered):
        """Life does not insist."""


def answer_of(ask: Any, asked: dict[str, Any]) -> Any:
    """The dates, or the refusal in its words."""
    try:
        found: list[DateResult] = ask(**asked)
    except TelehealthError as refusal:
        return type(refusal), getattr(refusal, "fields", str(refusal))
    return found


def everything(database: Session, practice_id: int) -> dict[str, list[str]]:
    """Every row that a practice has in any table, as it is stored."""
    database.rollback()
    tables = [each for each in Base.metadata.sorted_tables if "practice_id" in each.c]
    found = {each.name: database.execute(select(each).where(each.c.practice_id == practice_id)) for each in tables}
    return {name: sorted(map(repr, rows)) for name, rows in found.items()}


def test_what_lies_after_the_end_is_nobodys_date() -> None:
    """Four dates every week are two every other week, whatever is in the way of the weeks after them."""
    office = make_office()
    add_time_off(office.therapist, datetime(2026, 12, 2), datetime(2027, 1, 13))
    made = make_series(office, count=4)
    asked = about(made, scope=SeriesScope.ALL, to=SeriesChange(every_weeks=2))
    previewed = preview_change(**asked)
    assert [(each.day, each.outcome, each.obstacles) for each in previewed] == [
        (FIRST, DateOutcome.KEPT, ()),
        (date(2026, 12, 8), DateOutcome.DROPPED, ()),
        (date(2026, 12, 15), DateOutcome.CONFLICT, (Obstacle.TIME_OFF,)),
        (date(2026, 12, 22), DateOutcome.DROPPED, ()),
    ]
    assert previewed == change_series(**asked).dates


def test_whoever_joins_later_is_no_obstacle_to_an_earlier_date() -> None:
    office = make_office(service={"kind": ServiceKind.COUPLE, "capacity": 2, "horizon_days": 300})
    made = make_series(office, contacts=[make_contact(name="Ana Ruiz")], count=14)
    partner = make_contact(name="Ben Ode")
    add_member(**about(made), contact=partner, first_day=date(2027, 3, 2))
    colleague = make_therapist(office.practice, office.service)
    planned = date(2027, 2, 16)
    book(office, at(11, days=85), contact=partner, therapist=colleague.public_id, by=BY_STAFF)
    to = SeriesChange(local_time=time(11))
    (result,) = preview_change(**about(made, scope=SeriesScope.THIS, day=planned, to=to))
    assert (result.starts_at, result.outcome) == (at(11, days=85), DateOutcome.PLANNED)


def test_a_stand_in_is_asked_about_their_own_week() -> None:
    office = make_office()
    colleague = make_therapist(office.practice, office.service, hours=(time(9), time(11)))
    made = make_series(office, count=2)
    (result,) = preview_change(
        **about(made, scope=SeriesScope.THIS, day=FIRST, to=SeriesChange(therapist=colleague.public_id))
    )
    assert (result.outcome, result.obstacles) == (DateOutcome.CONFLICT, (Obstacle.OUTSIDE_HOURS,))
    assert {each.hour for each in result.alternatives} <= {16, 17}


def test_only_staff_ask() -> None:
    made = make_series(make_office(), count=2)
    with pytest.raises(NotAllowed):
        preview_change(**{**about(made, scope=SeriesScope.ALL, to=SeriesChange(weekday=2)), "by": BY_CLIENT})
    with pytest.raises(InvalidInput):
        preview_change(**about(made, scope=SeriesScope.THIS, to=SeriesChange(weekday=2)))


def about(made: Series, **more: Any) -> dict[str, Any]:
    return {"practice_id": made.practice_id, "series_public_id": made.public_id, "by": BY_STAFF, "now": LATER, **more}
