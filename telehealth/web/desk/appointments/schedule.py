"""The schedule: what fills the days of everybody. A day with a column for each therapist or room, a week, a month.

Whose rows somebody may see is as on every page of the desk: a therapist their own, the owner and the front desk all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.errors import NotFound
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment, Location, Room, Therapist
from telehealth.queries.calendars.filled_days import list_starts, read_filled_days
from telehealth.queries.hours.closures import list_closures
from telehealth.queries.practice.practices import list_locations
from telehealth.web.desk import words
from telehealth.web.desk.appointments.appointment import find_on_desk
from telehealth.web.desk.appointments.grid_layout import hours_needed, stretch_on
from telehealth.web.desk.appointments.moving import find_free_places
from telehealth.web.desk.appointments.schedule_columns import (
    Column,
    Drawing,
    Fill,
    add_free_places,
    every_stretch,
)
from telehealth.web.desk.appointments.schedule_filters import Colours, Filters, Side, View, read_day, read_filters
from telehealth.web.desk.appointments.slot_search import IN_GAP, read_typed_start
from telehealth.web.desk.frame import Desk, blueprint, current, require_id, with_therapist
from telehealth.web.form_reader import FormReader
from telehealth.web.free_times import say_start

ONE_DAY = timedelta(days=1)
WEEK = 7
MOST_IN_A_WEEK = 8
"""Therapists side by side in each day of a week; more are too narrow to read."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What one page shows: the dates from ``first`` up to ``after``, of these therapists or in these rooms."""

    filters: Filters
    day: date
    first: date
    after: date
    therapists: Sequence[Therapist]
    places: Sequence[Location]
    zone: ZoneInfo
    left_out: int = 0
    """How many of the chosen do not fit into a week."""

    @property
    def days(self) -> list[date]:
        """Its dates, in order."""
        return [self.first + shift * ONE_DAY for shift in range((self.after - self.first).days)]

    @property
    def rooms(self) -> list[tuple[Room, Location]]:
        """The rooms of a page with a column for each; none where the columns are therapists."""
        if self.filters.by == Side.THERAPISTS or self.filters.view != View.DAY:
            return []
        return [(room, place) for place in self.places for room in place.rooms]

    @property
    def since(self) -> datetime:
        """The instant at which the first date begins."""
        return walltime.midnight(self.first, self.zone)

    @property
    def until(self) -> datetime:
        """The instant at which the last date is over."""
        return walltime.midnight(self.after, self.zone)


@blueprint.get("/schedule")
@access.staff()
@with_therapist
def schedule(_therapist: Therapist) -> ResponseReturnValue:
    """``?view=day`` (or ``week``, ``month``) around ``?day=2026-11-30``. Raises NotFound for a date that is none."""
    now, desk = clock.now(), current()
    shown = _read_shown(desk, now=now)
    if shown.filters.view == View.MONTH:
        return render_template("desk/schedule_month.html", **_around(desk, shown, now=now), weeks=_weeks(desk, shown))
    columns, drawing = _columns(desk, shown, now=now)
    moving = _find_moving(now=now)
    if moving is not None:
        add_free_places(columns, find_free_places(moving, shown.since, shown.until, now=now), shown.zone)
    from_hour, to_hour = hours_needed(every_stretch(columns))
    return render_template(
        "desk/schedule.html",
        **_around(desk, shown, now=now),
        columns=_by_day(columns),
        from_hour=from_hour,
        to_hour=to_hour,
        hours=[(hour, words.clock_time(time(hour))) for hour in range(from_hour, to_hour)],
        now_line=stretch_on(walltime.wall(now, shown.zone).date(), now, now + timedelta(minutes=1), shown.zone),
        legend=_legend(drawing) if shown.filters.colour == Colours.SERVICE else [],
        has_lengths=any(placed.thing.lengths for column in columns for placed in column.entries),
        book_link=_book_link,
        moving=moving,
        moving_from=times.say_briefly(moving.starts_at, shown.zone) if moving is not None else "",
        leave_it=url_for("desk.schedule", day=shown.day.isoformat()),
    )


@blueprint.get("/schedule/at")
@access.staff()
@with_therapist
def schedule_at(_therapist: Therapist) -> ResponseReturnValue:
    """A place in the grid, ``?day=&time=`` on the wall of ``zone``: on to booking there, or with ``move`` to the page
    that shows what moving there would mean. Raises NotFound.
    """
    given = request.args
    if given.get("zone") not in walltime.zone_names():
        raise NotFound
    typed = FormReader(given)
    start = read_typed_start(typed, walltime.zone(given["zone"]))
    if start is None:
        flash(typed.problems.get("time", IN_GAP), "warning")
        return redirect(url_for("desk.schedule", day=given.get("day")))
    chosen: dict[str, Any] = {"who": given.get("with") or None, "start": say_start(start)}
    if "move" in given:
        found = find_on_desk(require_id(given["move"]))
        return redirect(url_for("desk.appointment_move_review", public_id=found.public_id, **chosen))
    in_person: dict[str, Any] = {"mode": Mode.IN_PERSON.value, "place": given["place"]} if given.get("place") else {}
    return redirect(url_for("desk.booking", **chosen, **in_person))


def _find_moving(*, now: datetime) -> Appointment | None:
    """What is being moved: ``?move=`` and its public id. Raises NotFound for anybody else's, and for what is over."""
    if "move" not in request.args:
        return None
    found = find_on_desk(require_id(request.args["move"]))
    if not found.is_ahead(now=now):
        raise NotFound
    return found


def _read_shown(desk: Desk, *, now: datetime) -> Shown:
    filters = read_filters()
    if "move" in request.args:  # A free time is a therapist's, on a day.
        view = View.DAY if filters.view == View.MONTH else filters.view
        filters = replace(filters, by=Side.THERAPISTS, view=view)
    team = desk.team if desk.only_therapist is None else [each for each in (desk.therapist,) if each is not None]
    chosen = filters.those_of(team)
    left_out = max(len(chosen) - MOST_IN_A_WEEK, 0) if filters.view == View.WEEK else 0
    chosen = chosen[: len(chosen) - left_out]
    zones = {each.timezone for each in chosen}
    zone = walltime.zone(zones.pop() if len(zones) == 1 else desk.practice.timezone)
    day = read_day(walltime.wall(now, zone).date())
    # A room is everybody's: who sees only their own appointments would take it for free.
    places = list_locations(desk.practice.id, with_rooms=True) if desk.only_therapist is None else []
    return Shown(filters, day, *_span(filters.view, day), chosen, places, zone, left_out)


def _span(view: View, day: date) -> tuple[date, date]:
    monday = day - day.weekday() * ONE_DAY
    if view == View.DAY:
        return day, day + ONE_DAY
    if view == View.WEEK:
        return monday, monday + WEEK * ONE_DAY
    first = day.replace(day=1)
    last = _next_month(first) - ONE_DAY
    return first - first.weekday() * ONE_DAY, last + (WEEK - last.weekday()) * ONE_DAY


def _next_month(first: date) -> date:
    return (first.replace(day=28) + 4 * ONE_DAY).replace(day=1)


def _columns(desk: Desk, shown: Shown, *, now: datetime) -> tuple[list[Column], Drawing]:
    is_narrow = bool(shown.filters.who) or shown.filters.view == View.WEEK or desk.only_therapist is not None
    filled = read_filled_days(
        desk.practice.id,
        shown.since,
        shown.until,
        therapists=shown.therapists,
        rooms=[room for room, _ in shown.rooms],
        only=[each.id for each in shown.therapists] if is_narrow else None,
        now=now,
    )
    drawing = Drawing(filled, shown.filters, shown.zone, now)
    if shown.rooms:
        return [drawing.room_column(room, shown.day, place.name) for room, place in shown.rooms], drawing
    known = {each.id: each for each in shown.therapists}
    if not is_narrow:  # Who has left still had this day.
        known |= {each.id: each for one in filled.appointments for each in one.therapists if each.id not in known}
    columns = [drawing.therapist_column(each, day) for day in shown.days for each in known.values()]
    return list(_without_free_weekends(columns)) if shown.filters.view == View.WEEK else columns, drawing


def _without_free_weekends(columns: Sequence[Column]) -> Iterator[Column]:
    """The days on which somebody works or something is, and every day from Monday to Friday."""
    needed = {each.day for each in columns if not each.is_empty or each.day.weekday() < 5}  # noqa: PLR2004 -- Saturday
    return (each for each in columns if each.day in needed)


def _by_day(columns: Sequence[Column]) -> list[tuple[date, list[Column]]]:
    days: dict[date, list[Column]] = {}
    for each in columns:
        days.setdefault(each.day, []).append(each)
    return list(days.items())


def _weeks(desk: Desk, shown: Shown) -> list[list[dict[str, Any]]]:
    """The days of a month by week, each with how many appointments start on it."""
    is_narrow = bool(shown.filters.who) or desk.only_therapist is not None
    only = [each.id for each in shown.therapists] if is_narrow else None
    found = list_starts(desk.practice.id, shown.since, shown.until, only=only)
    booked = Counter(walltime.wall(each.starts_at, shown.zone).date() for each in found)
    waiting = Counter(
        walltime.wall(each.starts_at, shown.zone).date() for each in found if each.status == AppointmentStatus.PENDING
    )
    days = [
        {
            "date": day,
            "count": booked[day],
            "waiting": waiting[day],
            "is_outside": day.month != shown.day.month,
            "href": url_for("desk.schedule", view=View.DAY.value, day=day.isoformat()),
        }
        for day in shown.days
    ]
    return [days[each : each + WEEK] for each in range(0, len(days), WEEK)]


def _around(desk: Desk, shown: Shown, *, now: datetime) -> dict[str, Any]:
    """What every view of the schedule says around it."""
    view, day = shown.filters.view, shown.day
    moved = request.args.get("move")  # It stays in the address while somebody looks for another day.
    return {
        "shown": shown,
        "filters": shown.filters,
        "names": desk.names,
        "today": walltime.wall(now, shown.zone).date(),
        "label": _label(shown),
        "views": [
            (each.value, url_for("desk.schedule", view=each.value, day=day.isoformat(), move=moved), each == view)
            for each in View
        ],
        "earlier": url_for("desk.schedule", day=_step(view, day, -1).isoformat(), move=moved),
        "later": url_for("desk.schedule", day=_step(view, day, 1).isoformat(), move=moved),
        "zone_of_times": times.zone_name(shown.zone),
        "closed_on": _closed_days(desk, shown),
        "words": words,
        "Fill": Fill,
    }


def _closed_days(desk: Desk, shown: Shown) -> dict[date, str]:
    """What is said of the days on which the practice is closed, with the note for staff."""
    closures = list_closures(desk.practice.id, since=shown.first)
    return {
        day: "Closed" + (f": {each.note}" if each.note else "")
        for each in reversed(closures)
        for day in shown.days
        if each.first_day <= day <= each.last_day
    }


def _step(view: View, day: date, by: int) -> date:
    if view == View.MONTH:
        first = day.replace(day=1)
        return _next_month(first) if by > 0 else (first - ONE_DAY).replace(day=1)
    return day + by * (WEEK if view == View.WEEK else 1) * ONE_DAY


def _label(shown: Shown) -> str:
    if shown.filters.view == View.MONTH:
        return f"{shown.day:%B %Y}"
    if shown.filters.view == View.DAY:
        return f"{words.long_day(shown.day)}, {shown.day.year}"
    last = shown.after - ONE_DAY
    return f"{shown.first:%B} {shown.first.day} to {last:%B} {last.day}, {last.year}"


def _legend(drawing: Drawing) -> list[tuple[str, str]]:
    """The services in the grid and their colours, by name."""
    services = {each.service for each in drawing.filled.appointments}
    return [
        (words.tone_of_service(each), each.name) for each in sorted(services, key=lambda each: (each.name, each.id))
    ]


def _book_link(column: Column, shown: Shown) -> str:
    """Where an empty time of a column leads; the time itself is added by whoever chooses it."""
    place = next((place.public_id for room, place in shown.rooms if room is column.room), None)
    about: dict[str, Any] = {
        "with": column.therapist.public_id if column.therapist is not None else None,
        "place": place,
    }
    return url_for("desk.schedule_at", day=column.day.isoformat(), zone=shown.zone.key, **about)
