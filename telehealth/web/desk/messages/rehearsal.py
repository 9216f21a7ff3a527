"""A rehearsal: the days to come as if they had come, without sending anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.hours.opening import dates_between
from telehealth.domain.messages.rules import BEFORE
from telehealth.queries.delivery.message_log import LogFilters, count_outgoing
from telehealth.services.rehearsal.rehearsing import end_of_part, rehearse_practice
from telehealth.services.rehearsal.telling import RehearsedLine
from telehealth.web.desk import words
from telehealth.web.desk.frame import RUNS_THE_DESK, blueprint, current
from telehealth.web.desk.messages.log import around, day_of, today_in, zone_of_reader
from telehealth.web.free_times import read_start, say_start

USUAL_DAYS, MOST_DAYS = 1, 31
IN_VIEW = 12
"""Messages that are in view at once; later days are folded, and open by a press."""
A_WEEK = 7


@dataclass(frozen=True, slots=True)
class _Look:
    """What is looked at: so many days from a first one on, in a zone, from the instant ``since`` on, which may lie
    within them where they hold more than one page shows.
    """

    first: date
    count: int
    zone: ZoneInfo
    since: datetime

    @classmethod
    def asked_for(cls, zone: ZoneInfo) -> _Look:
        """What the address says."""
        first = day_of("first", today_in(zone))
        count = min(max(request.args.get("days", USUAL_DAYS, type=int), 1), MOST_DAYS)
        look = cls(first, count, zone, walltime.midnight(first, zone))
        later = read_start(request.args.get("since", ""))
        return replace(look, since=later) if later is not None and look.since < later < look.until else look

    @property
    def last(self) -> date:
        """The day after the last one."""
        return self.first + timedelta(days=self.count)

    @property
    def until(self) -> datetime:
        """Where they end."""
        return walltime.midnight(self.last, self.zone)

    @property
    def begins_later(self) -> bool:
        """Whether something of these days comes before."""
        return self.since > walltime.midnight(self.first, self.zone)

    def url(self, first: date | None = None, count: int = 0, **more: str) -> str:
        """The page about them, or about others."""
        asked = {"first": (first or self.first).isoformat(), "days": str(count or self.count), **more}
        return url_for("desk.messages_rehearsal", **asked)  # type: ignore[arg-type]  # No name of Flask's among them.


@blueprint.get("/messages/rehearsal")
@access.staff(*RUNS_THE_DESK)
def messages_rehearsal() -> ResponseReturnValue:
    """Every message that would go out in these days, when, in whose zone; and why each one that would not. Where there
    are many, some at a time.
    """
    zone, now = zone_of_reader(), clock.now()
    look = _Look.asked_for(zone)
    about: dict[str, Any] = {"practice_id": current().practice.id, "since": look.since, "now": now}
    end = end_of_part(until=look.until, **about)
    lines = rehearse_practice(until=end, addresses=current_app.extensions["addresses"], **about)
    go = sum(line.goes for line in lines)
    by_day = groupby(lines, key=lambda line: line.at.astimezone(zone).date())
    return render_template(
        "desk/messages_rehearsal.html",
        days=list(_folded((words.short_day(day), [_shown(line, zone) for line in of_day]) for day, of_day in by_day)),
        first=look.first,
        count=look.count,
        go=go,
        stay=len(lines) - go,
        begins=times.say_briefly(look.since, zone) if look.begins_later else "",
        start=look.url(),
        change=_change_of_clocks(zone, look.first, look.last),
        earlier=look.url(look.first - timedelta(days=look.count)) if look.first > today_in(zone) else "",
        week=look.url(count=A_WEEK) if look.count < A_WEEK else "",
        later=look.url(look.last),
        **_rest(look, end),
        **around(zone),
    )


def _rest(look: _Look, end: datetime) -> dict[str, Any]:
    """Where this page ends and the next one begins, if one does, and how much is planned on each of the days."""
    if end == look.until:
        return {"ends": "", "more": "", "counts": []}
    *days, last = dates_between(look.first, look.last)
    bounds = [walltime.midnight(each, look.zone) for each in (*days, last)]
    counts = count_outgoing(current().practice.id, LogFilters(since=bounds[0], until=bounds[-1]), bounds)
    return {
        "ends": times.say_briefly(end, look.zone),
        "more": look.url(since=say_start(end)),
        "counts": [
            (f"{day:%a, %b %-d}", number, look.url(day, count=1)) for day, number in zip(days, counts, strict=True)
        ],
    }


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
