"""Today and one week of a therapist, in the therapist's own zone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.appointments.states import ACTIVE
from telehealth.domain.errors import NotFound
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.late import Library
from telehealth.models import Appointment, Closure, HoursOverride, Therapist, TimeOff, WeeklyHours
from telehealth.queries.appointments.appointments import list_appointments
from telehealth.queries.appointments.attendance import list_unmarked
from telehealth.queries.hours.closures import list_closures
from telehealth.queries.hours.working_hours import hours_beginning_on, list_overrides, list_time_off, list_weekly_hours
from telehealth.queries.series.standing_slots import count_conflicts
from telehealth.web.desk import absent, words
from telehealth.web.desk.appointments.appointment import list_at_door, list_steps
from telehealth.web.desk.clients import contact_marks
from telehealth.web.desk.clients.contact_marks import Mark
from telehealth.web.desk.frame import (
    blueprint,
    current,
    find_to_do,
    is_own,
    only_looks_on,
    requests_waiting,
    with_therapist,
    zone_of,
)
from telehealth.web.desk.practice.first_steps import list_first_steps
from telehealth.web.desk.practice.licences import uncovered_in

if TYPE_CHECKING:
    from telehealth.queries.video import doors
    from telehealth.queries.video import whereabouts as answers
else:
    doors = Library("telehealth.queries.video.doors")
    answers = Library("telehealth.queries.video.whereabouts")

ONE_DAY = timedelta(days=1)
DAYS_AHEAD = 7
MOST_UNMARKED_SHOWN = 5
ALL_DAY = "Away all day"
WEEK = re.compile(r"(20\d\d)-W(\d\d)", re.ASCII)
NO_SUCH_WEEK = "There is no such week."
TAKES_TIME = set(AppointmentStatus) - {AppointmentStatus.CANCELLED, AppointmentStatus.NOSHOW}


@dataclass(frozen=True, slots=True)
class DeskDay:
    """One date on the desk: when the therapist is open and away, and the appointments, in order."""

    date: date
    open: list[str]
    away: list[str]
    items: list[dict[str, Any]]


@blueprint.get("", strict_slashes=False)
@access.staff_and(*access.LOOKING_ON)
def today() -> ResponseReturnValue:
    """What is next, the rest of today, and the days after; in a new practice, what is left to set up. Whoever only
    looks on begins with the week.
    """
    if only_looks_on():
        return redirect(url_for("desk.week"))
    now, therapist = clock.now(), current().therapist
    if therapist is None:
        return render_template("desk/nobody.html", first_steps=list_first_steps(current()))
    zone = zone_of(therapist)
    first = walltime.wall(now, zone).date()
    found = _appointments(therapist, first, first + DAYS_AHEAD * ONE_DAY)
    days = list(_days(therapist, first, DAYS_AHEAD, found))
    waits = find_to_do(current())
    return render_template(
        "desk/today.html",
        today=days[0],
        following=[day for day in days[1:] if day.items],
        upcoming=_next(found, zone, now=now),
        to_do=waits,
        to_do_says=words.say_to_do(waits.by_kind, waits.overlaid, waits.absent),
        absent=absent.list_absent_rows() if waits.absent else [],
        waiting=requests_waiting(current()),
        unmarked=_list_unmarked(zone, now=now),
        most_unmarked=MOST_UNMARKED_SHOWN,
        undecided=count_conflicts(therapist.practice_id, therapist_id=current().only_therapist, now=now),
        uncovered=uncovered_in(current(), now=now),
        elsewhere=_list_elsewhere(found, now=now),
        refused_calendars=waits.refused,
        first_steps=list_first_steps(current()),
        words=words,
    )


@blueprint.get("/week")
@access.staff_and(*access.LOOKING_ON)
@with_therapist
def week(therapist: Therapist) -> ResponseReturnValue:
    """Seven days, ``?week=2026-W48`` (ISO 8601) or the present week. Raises NotFound for a week that does not exist."""
    now = clock.now()
    this_week = _monday(walltime.wall(now, zone_of(therapist)).date())
    monday = _asked_for(request.args.get("week")) or this_week
    found = _appointments(therapist, monday, monday + 7 * ONE_DAY)
    return render_template(
        "desk/week.html",
        days=list(_days(therapist, monday, 7, found)),
        today=walltime.wall(now, zone_of(therapist)).date(),
        label=_label(monday),
        earlier=url_for("desk.week", week=_name(monday - 7 * ONE_DAY)),
        later=url_for("desk.week", week=_name(monday + 7 * ONE_DAY)),
        is_this_week=monday == this_week,
        words=words,
    )


def _list_unmarked(zone: ZoneInfo, *, now: datetime) -> list[dict[str, Any]]:
    """What is over and waits for a mark, with the marks that one click makes; a group is marked on its own page."""
    desk = current()
    return [
        {
            "public_id": each.public_id,
            "starts": each.starts_at.astimezone(zone),
            "title": words.say_clients(each),
            "meta": words.say_meeting(each) + (f", with {each.therapist.name}" if desk.choices else ""),
            "href": url_for("desk.appointment", public_id=each.public_id),
            "steps": [] if each.service.is_group else list_steps(each.status, each, now=now),
        }
        for each in list_unmarked(desk.practice.id, therapist_id=desk.only_therapist, now=now)
    ]


def _list_elsewhere(found: Sequence[Appointment], *, now: datetime) -> list[dict[str, str]]:
    """Clients of these hours who are where their therapist has no licence, while nobody has decided what follows."""
    return [
        {
            "name": each.said.attendee.name,
            "title": words.say_client_is(each.said.attendee.name, each.said.jurisdiction),
            "sentence": words.say_unlicensed_in(each.unlicensed, each.said.jurisdiction),
            "href": url_for("desk.appointment", public_id=each.said.attendee.appointment.public_id),
        }
        for each in answers.list_undecided(found, now=now)
    ]


def _monday(day: date) -> date:
    return day - day.weekday() * ONE_DAY


def _asked_for(name: str | None) -> date | None:
    if not name:
        return None
    match = WEEK.fullmatch(name)
    if match is None:
        raise NotFound(NO_SUCH_WEEK)
    try:
        return date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError as problem:
        raise NotFound(NO_SUCH_WEEK) from problem


def _name(monday: date) -> str:
    year, number, _ = monday.isocalendar()
    return f"{year}-W{number:02}"


def _label(monday: date) -> str:
    sunday = monday + 6 * ONE_DAY
    first = f"{monday:%B} {monday.day}" + (f", {monday.year}" if monday.year != sunday.year else "")
    last = f"{sunday.day}" if monday.month == sunday.month else f"{sunday:%B} {sunday.day}"
    return f"{first} to {last}, {sunday.year}"


def _appointments(therapist: Therapist, first: date, after: date) -> Sequence[Appointment]:
    zone = zone_of(therapist)
    since, until = (walltime.resolve(datetime.combine(day, time()), zone) for day in (first, after))
    return list_appointments(current().practice.id, since, until, therapist_id=therapist.id)


def _days(therapist: Therapist, first: date, number: int, found: Sequence[Appointment]) -> Iterator[DeskDay]:
    zone = zone_of(therapist)
    hours = list_weekly_hours(therapist.id)
    overrides = list_overrides(therapist.id, since=first)
    time_off = list_time_off(therapist.id, since=datetime.combine(first, time()))
    closures = list_closures(therapist.practice_id, since=first)
    reached = contact_marks.list_marks_of_seats(therapist.practice_id, [seat for each in found for seat in each.seats])
    for day in (first + shift * ONE_DAY for shift in range(number)):
        on_this_day = [each for each in found if walltime.wall(each.starts_at, zone).date() == day]
        items = [_item(each, zone, reached, overlaps=_overlaps(each, found)) for each in on_this_day]
        away = [*_left(day, therapist), *_closed(day, closures, overrides), *_away(day, time_off)]
        is_open = not any(each.startswith(ALL_DAY) for each in away)
        yield DeskDay(day, _open(day, hours, overrides) if is_open else [], away, items)


def _open(day: date, hours: Sequence[WeeklyHours], overrides: Sequence[HoursOverride]) -> list[str]:
    return [words.open_hours(entry) for entry in hours_beginning_on(day, hours, overrides)]


def _closed(day: date, closures: Sequence[Closure], overrides: Sequence[HoursOverride]) -> Iterator[str]:
    """Whether the practice is closed on a date, with the note for staff."""
    has_own_hours = any(each.day == day and each.starts is not None for each in overrides)
    for each in closures:
        if each.first_day <= day <= each.last_day and not (has_own_hours and each.yields_to_hours):
            yield f"{ALL_DAY}: the practice is closed" + (f" ({each.note})" if each.note else "")


def _left(day: date, therapist: Therapist) -> Iterator[str]:
    if therapist.leaves_on is not None and day >= therapist.leaves_on:
        yield f"{ALL_DAY}: not with the practice any more"


def _away(day: date, time_off: Sequence[TimeOff]) -> list[str]:
    """The parts of time off that fall on a date, with the note for staff."""
    midnight = datetime.combine(day, time())
    inside = (each for each in time_off if each.starts_local < midnight + ONE_DAY and each.ends_local > midnight)
    return [_away_on(each, midnight) + (f" ({each.note})" if each.note else "") for each in inside]


def _away_on(time_off: TimeOff, midnight: datetime) -> str:
    starts = max(time_off.starts_local, midnight)
    ends = min(time_off.ends_local, midnight + ONE_DAY)
    if (starts, ends) == (midnight, midnight + ONE_DAY):
        return ALL_DAY
    if starts == midnight:
        return f"Away until {words.clock_time(ends)}"
    if ends == midnight + ONE_DAY:
        return f"Away from {words.clock_time(starts)}"
    return f"Away {words.span(starts.time(), ends.time())}"


def _item(
    appointment: Appointment, zone: ZoneInfo, reached: Mapping[int, Sequence[Mark]], *, overlaps: bool = False
) -> dict[str, Any]:
    """An appointment as the agenda shows it. Names are behind the login, so they may stand here."""
    return {
        "starts": appointment.starts_at.astimezone(zone),
        "ends": appointment.ends_at.astimezone(zone),
        "title": words.say_clients(appointment),
        "status": appointment.status,
        "meta": words.say_meeting(appointment),
        "brief": words.briefly(appointment),
        "note": ". ".join([*_marks(appointment, overlaps=overlaps), *_reached(appointment, reached)]),
        "href": url_for("desk.appointment", public_id=appointment.public_id),
    }


def _marks(appointment: Appointment, *, overlaps: bool) -> Iterator[str]:
    """What is worth knowing about an appointment, in a few words each."""
    if appointment.is_asked_to_move:
        yield words.ASKED
    confirmed = sum(each.confirmed_at is not None for each in appointment.seats)
    if confirmed and appointment.status in ACTIVE:
        yield (
            "Confirmed" if confirmed == len(appointment.seats) else f"{confirmed} of {len(appointment.seats)} confirmed"
        )
    yield from _answers(appointment)
    yield from filter(None, [words.say_bookers(appointment)])
    if appointment.co_therapist is not None:
        yield f"{appointment.therapist.name} and {appointment.co_therapist.name} together"
    if overlaps:
        yield "Overlaps another appointment"
    elif appointment.overrides:
        yield "Booked on purpose against a rule"
    late = sum(each.late_cancel for each in appointment.attendees)
    if late:
        yield "Cancelled late" if len(appointment.attendees) == 1 else f"{late} cancelled late"
    gone = len(appointment.attendees) - len(appointment.seats)
    if gone and appointment.seats:
        yield f"{gone} cannot come"


def _answers(appointment: Appointment) -> Iterator[str]:
    """What calendars answered, each once, of those who have said nothing else."""
    if appointment.status in ACTIVE:
        said = (each.calendar_answer for each in appointment.seats if each.confirmed_at is None)
        yield from dict.fromkeys(words.CALENDAR_ANSWERS[each] for each in said if each is not None)


def _reached(appointment: Appointment, reached: Mapping[int, Sequence[Mark]]) -> list[str]:
    """What is unusual about writing to its clients, each once."""
    found = (mark.text for seat in appointment.seats for mark in reached.get(seat.id, ()))
    return list(dict.fromkeys(found))


def _overlaps(appointment: Appointment, found: Sequence[Appointment]) -> bool:
    """Whether another appointment of the same desk that still counts takes some of its time."""
    return appointment.status in TAKES_TIME and any(
        other is not appointment
        and other.status in TAKES_TIME
        and other.starts_at < appointment.ends_at
        and appointment.starts_at < other.ends_at
        for other in found
    )


def _next(found: Sequence[Appointment], zone: ZoneInfo, *, now: datetime) -> dict[str, Any] | None:
    """The appointment under way, or else the next one."""
    coming = (each for each in found if each.ends_at > now and each.status in ACTIVE)
    appointment = next(coming, None)
    if appointment is None:
        return None
    return {
        **_item(appointment, zone, {}),
        "minutes": appointment.minutes,
        "has_begun": appointment.starts_at <= now,
        "mark": times.zone_mark(appointment.starts_at, zone),
        "is_video": appointment.mode == Mode.VIRTUAL,
        "door": doors.find_door(appointment, now=now),
        "at_door": list_at_door(appointment, now=now),
        "opens_at": appointment.room_opens_at.astimezone(zone),
        "now": now,
        "is_own": is_own(appointment),
        "join_href": url_for("desk.appointment_join", public_id=appointment.public_id),
    }
