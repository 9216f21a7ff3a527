"""Standing slots in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for

from telehealth.domain import times, walltime
from telehealth.domain.appointments import explaining
from telehealth.domain.series.patterns import DateOutcome, DateResult, MonthWeek, Plan, weeks_of_month
from telehealth.domain.words import AppointmentStatus, Obstacle, OccurrenceStatus
from telehealth.models import Occurrence, Series, Service
from telehealth.web.desk import words
from telehealth.web.form_reader import FormReader

SKIP, LATER = "skip", "later"
OUTCOMES = {
    DateOutcome.PLANNED: ("Time is kept", "good"),
    DateOutcome.MOVED: ("Moved", "good"),
    DateOutcome.KEPT: ("As it was", "off"),
    DateOutcome.SKIPPED: ("Skipped", "off"),
    DateOutcome.CANCELLED: ("Cancelled", "off"),
    DateOutcome.DROPPED: ("No longer a date", "off"),
    DateOutcome.JOINED: ("Joined", "good"),
    DateOutcome.LEFT: ("Left", "off"),
    DateOutcome.CONFLICT: ("Needs a decision", "wait"),
}
STATES = {
    OccurrenceStatus.PLANNED: ("Time is kept", "good"),
    OccurrenceStatus.SKIPPED: ("Skipped", "off"),
    OccurrenceStatus.CONFLICT: ("Needs a decision", "wait"),
}
BY_MONTH, LAST_OF_MONTH = "month", "month-last"
RHYTHMS = (
    *((str(weeks), text) for weeks, text in words.EVERY.items()),
    (BY_MONTH, "Once a month, on the same weekday of it (the second Tuesday, for example)"),
    (LAST_OF_MONTH, "Once a month, on the last such weekday"),
)
SEVERAL = {
    1: "Every week",
    2: "Every other week",
}


def zone_of(series: Series) -> ZoneInfo:
    """The zone in which its wall time is meant."""
    return walltime.zone(series.timezone)


def title(series: Series) -> str:
    """ "Tuesdays at 3:00 PM", in the slot's own wall time."""
    return f"{words.WEEKDAYS[series.starts_on.weekday()]}s at {words.clock_time(series.local_time)}"


def every(weeks: int) -> str:
    """ "Every other week"."""
    return SEVERAL.get(weeks, f"Every {weeks} weeks")


def once_a_month(week: str | None) -> str:
    """ "The second of each month": which of the weekday's dates it falls on."""
    return f"The {week} of each month" if week else "Not by the month"


def how_often(found: Series | Plan) -> str:
    """ "Every other week", "Every month on the second Tuesday"."""
    if found.week_of_month is None:
        return every(found.every_weeks)
    return f"Every month on the {found.week_of_month} {words.WEEKDAYS[found.starts_on.weekday()]}"


def read_how_often(
    typed: FormReader, first: date | None, *, needed: bool = True
) -> tuple[int | None, MonthWeek | None]:
    """What was chosen: every how many weeks, or once a month, as the first date falls in its month."""
    given = typed.text("every_weeks")
    if given == LAST_OF_MONTH:
        return None, MonthWeek.LAST
    if given == BY_MONTH:
        weeks = weeks_of_month(first) - {MonthWeek.LAST} if first is not None else set()
        return None, next(iter(weeks), MonthWeek.LAST)
    return typed.number("every_weeks", "Please choose how often.", needed=needed), None


def rhythm(series: Series) -> str:
    """ "Every other week, from Tue, Nov 24, 2026, until further notice"."""
    until = f"until {words.short_day(series.until)}" if series.until is not None else "until further notice"
    return f"{how_often(series)}, from {words.short_day(series.starts_on)}, {until}"


def who(series: Series, today: date) -> str:
    """The names of those it belongs to now, or will."""
    names = [each.name for each in series.members if each.stays(today)]
    return words.listed(names) or "Nobody yet"


def therapists(series: Series) -> str:
    """The name of the therapist, or of both."""
    both = [each.name for each in (series.therapist, series.co_therapist) if each is not None]
    return words.listed(both)


def how(series: Series) -> str:
    """ "Couples, in person at Main Street office"."""
    ways = words.ways([series.mode], series.location)
    long = f", {words.counted(series.minutes, 'minute')}" if series.service.other_lengths else ""
    return f"{series.service.name}{long}, {ways[:1].lower()}{ways[1:]}"


def list_lengths(service: Service) -> list[tuple[str, str]]:
    """The lengths that a service allows as choices of a select; none where there is only one."""
    if not service.other_lengths:
        return []
    usual = {service.duration_minutes: ", as usual"}
    return [(str(each), words.counted(each, "minute") + usual.get(each, "")) for each in service.lengths]


def read_length(typed: FormReader, service: Service) -> int | None:
    """What was chosen of them; None where nothing was."""
    if not service.other_lengths or not typed.text("minutes"):
        return None
    return typed.number("minutes", "Please choose how long.")


def in_the_way(obstacles: Iterable[Obstacle], therapist_name: str) -> list[str]:
    """What stands in the way, sentence by sentence."""
    return [explaining.say_obstacle(each, therapist_name) for each in explaining.in_order(obstacles)]


def instead(starts: Iterable[datetime], zone: ZoneInfo) -> list[tuple[str, str]]:
    """Other starts as choices of a select."""
    return [(start.isoformat(), f"Meet {times.say_briefly(start, zone)} instead") for start in starts]


def read_instead(given: str) -> datetime | None:
    """The start behind a choice; None for one that is not a start. Naive times are none."""
    try:
        start = datetime.fromisoformat(given)
    except ValueError:
        return None
    return start if start.tzinfo is not None else None


def result(each: DateResult, zone: ZoneInfo, therapist_name: str) -> dict[str, Any]:
    """One date after a change."""
    label, tone = OUTCOMES[each.outcome]
    return {
        "when": times.say_briefly(each.starts_at, zone),
        "label": label,
        "tone": tone,
        "reasons": in_the_way(each.obstacles, therapist_name),
    }


def summed_up(results: Iterable[DateResult]) -> str:
    """ "12 dates: time is kept. 1 date: needs a decision." """
    found = [each.outcome for each in results]
    return " ".join(
        f"{words.counted(found.count(outcome), 'date')}: {label.lower()}."
        for outcome, (label, _) in OUTCOMES.items()
        if outcome in found
    )


def date_row(occurrence: Occurrence, zone: ZoneInfo) -> dict[str, Any]:
    """One date ahead, as the page of its slot shows it. One that was moved by itself shows both times."""
    made = occurrence.appointment
    starts_at = made.starts_at if made is not None else occurrence.starts_at
    is_off = made is not None and made.status == AppointmentStatus.CANCELLED
    label, tone = STATES.get(occurrence.status, ("", ""))
    moved = f"Moved from {times.say_briefly(occurrence.starts_at, zone)}." if starts_at != occurrence.starts_at else ""
    skipped = occurrence.status == OccurrenceStatus.SKIPPED
    return {
        "day": occurrence.day,
        "when": times.say_briefly(starts_at, zone),
        "label": label,
        "tone": tone,
        "status": made.status if made is not None and not skipped else "",
        "note": moved or (f"Because {occurrence.reason}." if skipped and occurrence.reason else ""),
        "href": url_for("desk.appointment", public_id=made.public_id) if made is not None and not skipped else "",
        "may_restore": skipped or is_off,
        "is_conflict": occurrence.status == OccurrenceStatus.CONFLICT,
        "is_booked": made is not None and not is_off and not skipped,
    }
