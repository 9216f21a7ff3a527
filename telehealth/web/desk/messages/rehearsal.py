"""A rehearsal: the days to come as if they had come, without sending anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.messages.rules import BEFORE
from telehealth.services.rehearsal.rehearsing import end_of_rehearsal, rehearse_practice
from telehealth.services.rehearsal.telling import RehearsedLine
from telehealth.web.desk import words
from telehealth.web.desk.frame import RUNS_THE_DESK, blueprint, current
from telehealth.web.desk.messages.log import around, day_of, today_in, zone_of_reader

USUAL_DAYS, MOST_DAYS = 1, 31
MOST_LINES = 1000
IN_VIEW = 20
"""Messages that are in view at once; later days are folded, and open by a press."""
A_WEEK = 7


@blueprint.get("/messages/rehearsal")
@access.staff(*RUNS_THE_DESK)
def messages_rehearsal() -> ResponseReturnValue:
    """Every message that would go out in these days, when, in whose zone; and why each one that would not."""
    zone = zone_of_reader()
    first = day_of("first", today_in(zone))
    days = min(max(request.args.get("days", USUAL_DAYS, type=int), 1), MOST_DAYS)
    last = first + timedelta(days=days)
    about: dict[str, Any] = {"practice_id": current().practice.id, "since": walltime.midnight(first, zone)}
    until = walltime.midnight(last, zone)
    end = end_of_rehearsal(until=until, **about)
    lines = rehearse_practice(until=end, addresses=current_app.extensions["addresses"], now=clock.now(), **about)
    go = sum(line.goes for line in lines)
    by_day = groupby(lines[:MOST_LINES], key=lambda line: line.at.astimezone(zone).date())
    return render_template(
        "desk/messages_rehearsal.html",
        days=list(_folded((words.short_day(day), [_shown(line, zone) for line in of_day]) for day, of_day in by_day)),
        first=first,
        count=days,
        go=go,
        stay=len(lines) - go,
        is_cut=len(lines) > MOST_LINES or end < until,
        change=_change_of_clocks(zone, first, last),
        earlier=url_for("desk.messages_rehearsal", first=(first - timedelta(days=days)).isoformat(), days=days)
        if first > today_in(zone)
        else "",
        week=url_for("desk.messages_rehearsal", first=first.isoformat(), days=A_WEEK) if days < A_WEEK else "",
        later=url_for("desk.messages_rehearsal", first=last.isoformat(), days=days),
        **around(zone),
    )


def _folded(days: Iterable[tuple[str, list[dict[str, Any]]]]) -> Iterator[dict[str, Any]]:
    """Each day with how much goes out and how much does not, and whether it is open: the first ones are."""
    seen = 0
    for day, lines in days:
        seen += len(lines)
        go = sum(line["goes"] for line in lines)
        yield {"day": day, "lines": lines, "go": go, "stay": len(lines) - go, "is_open": seen <= IN_VIEW}


def _shown(line: RehearsedLine, zone: ZoneInfo) -> dict[str, Any]:
    theirs = walltime.zone(line.zone)
    is_elsewhere = times.differ(line.at, zone, theirs)
    lead = f", {words.lead(line.minutes)}" if line.minutes and line.kind in BEFORE else ""
    return {
        "at": times.say_time(line.at, zone),
        "their_time": times.say_briefly(line.at, theirs) if is_elsewhere else "",
        "title": f"{words.KINDS[line.kind]}{lead}",
        "channel": words.CHANNELS[line.channel],
        "to": line.to,
        "goes": line.goes,
        "reason": line.why.rstrip("."),
        "subject": line.subject,
        "body": line.body,
        "appointment": line.appointment,
    }


def _change_of_clocks(zone: ZoneInfo, first: date, last: date) -> str:
    """The day on which the practice's clocks change, when it is one of these."""
    day = first
    while day < last:
        length = walltime.midnight(day + timedelta(days=1), zone) - walltime.midnight(day, zone)
        if length != timedelta(days=1):
            return words.short_day(day)
        day += timedelta(days=1)
    return ""
