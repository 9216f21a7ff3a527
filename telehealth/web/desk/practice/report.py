"""The practice in figures: what became of its sessions, hours offered and given, who came new; as pictures, with the
numbers beside each, and as CSV.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.appointments.outcomes import Outcome
from telehealth.domain.csv_rows import write_csv
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Role, WaitlistStatus
from telehealth.queries.appointments.activity import ActivityReport, Tally, Worked, kept_share, report_activity
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader

MONTHS_BACK = 5
LONGEST_DAYS = 366
OUTCOMES = {
    Outcome.KEPT: "Kept",
    Outcome.MISSED: "Missed",
    Outcome.CANCELLED_LATE: "Cancelled late",
    Outcome.CANCELLED: "Cancelled",
    Outcome.UNMARKED: "Not marked",
}
WAITS = {
    WaitlistStatus.BOOKED: "Got a time",
    WaitlistStatus.WAITING: "Still waiting",
    WaitlistStatus.LEFT: "Left the list",
    WaitlistStatus.EXPIRED: "Waited in vain",
}
TABLES = {
    "month": "By month",
    "therapist": "By therapist",
    "service": "By service",
    "lead": "By how long before it was booked",
    "channel": "By reminder",
}
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a picture. ``parts`` are (outcome, from, width) in percent of the whole; ``low`` to ``high`` is where
    the share of kept ones likely lies, in percent.
    """

    name: str
    parts: Sequence[tuple[Outcome, float, float]]
    kept: float
    low: float
    high: float
    cells: Sequence[str]


@blueprint.get("/report")
@access.staff(Role.OWNER)
def report() -> ResponseReturnValue:
    """The page. Dates that make no sense are said, and the usual ones shown."""
    desk, typed = current(), FormReader(request.args)
    zone = walltime.zone(desk.practice.timezone)
    first, last = _period(typed)
    found = report_activity(desk.practice.id, first=first, until=last + ONE_DAY, zone=zone, now=clock.now())
    tallies, most = _tallies(found), _most(found.worked)
    answer = render_template(
        "desk/report.html",
        first=first,
        last=last,
        problems=typed.problems,
        zone=times.zone_name(zone),
        outcomes=list(OUTCOMES.items()),
        is_empty=not found.total,
        total=_bars({"All sessions": found.total}),
        tables=[(key, title, _bars(tallies[key])) for key, title in TABLES.items()],
        worked=[_worked(each, most) for each in found.worked],
        new_clients=[(_month(month), number) for month, number in found.new_clients.items()],
        waits=[(text, found.waits.get(status, 0)) for status, text in WAITS.items()],
        files={key: url_for("desk.report_csv", table=key, since=first, until=last) for key in (*TABLES, "hours")},
    )
    return (answer, InvalidInput.status) if typed.problems else answer


@blueprint.get("/report.csv")
@access.staff(Role.OWNER)
def report_csv() -> ResponseReturnValue:
    """One table of the page as a file."""
    desk, typed = current(), FormReader(request.args)
    first, last = _period(typed)
    zone = walltime.zone(desk.practice.timezone)
    found = report_activity(desk.practice.id, first=first, until=last + ONE_DAY, zone=zone, now=clock.now())
    table = typed.text("table")
    if table == "hours":
        columns: Sequence[str] = ("Therapist", "Hours offered", "Hours given")
        rows: list[Sequence[object]] = [(each.name, _hours(each.offered), _hours(each.booked)) for each in found.worked]
    else:
        table = table if table in TABLES else "month"
        columns = (TABLES[table].removeprefix("By ").capitalize(), *OUTCOMES.values())
        rows = [(name, *(tally.get(each, 0) for each in OUTCOMES)) for name, tally in _tallies(found)[table].items()]
    file = Response(write_csv(columns, rows), mimetype="text/csv")
    file.headers["Content-Disposition"] = f'attachment; filename="report-{table}-{first}-{last}.csv"'
    return file


def _period(typed: FormReader) -> tuple[date, date]:
    """The first and the last date, both shown: what was asked for, or the months behind us."""
    today = clock.now().astimezone(walltime.zone(current().practice.timezone)).date()
    usual = today.replace(day=1)
    for _ in range(MONTHS_BACK):
        usual = (usual - ONE_DAY).replace(day=1)
    first = typed.day("since", needed=False) or usual
    last = typed.day("until", needed=False) or today
    if not 0 <= (last - first).days < LONGEST_DAYS:
        typed.problems["until"] = "Please give a last day that is not before the first, and at most a year after it."
        first, last = usual, today
    return first, last


def _tallies(found: ActivityReport) -> Mapping[str, Mapping[str, Tally]]:
    return {
        "month": {_month(month): tally for month, tally in found.by_month.items()},
        "therapist": found.by_therapist,
        "service": found.by_service,
        "lead": found.by_lead,
        "channel": found.by_channel,
    }


def _month(written: str) -> str:
    """ "November 2026" from "2026-11"."""
    return f"{date.fromisoformat(f'{written}-01'):%B %Y}"


def _bars(tallies: Mapping[str, Tally]) -> list[Bar]:
    return [_bar(name, tally) for name, tally in tallies.items() if sum(tally.values())]


def _bar(name: str, tally: Tally) -> Bar:
    whole, reach, parts = sum(tally.values()), 0.0, []
    for outcome in OUTCOMES:
        width = 100 * tally.get(outcome, 0) / whole
        if width:
            parts.append((outcome, round(reach, 2), round(width, 2)))
        reach += width
    share = kept_share(tally)
    likely = f"{share.low:.0%} to {share.high:.0%}" if share.whole else "–"
    rate = f"{share.rate:.0%}" if share.rate is not None else "–"
    cells = [name, *(f"{tally.get(each, 0):,}" for each in OUTCOMES), rate, likely]
    kept, low, high = (round(100 * each, 2) for each in (share.rate or 0, share.low, share.high))
    return Bar(name, parts, kept, low, high, cells)


def _most(worked: Sequence[Worked]) -> int:
    return max((max(each.offered, each.booked) for each in worked), default=0) or 1


def _worked(each: Worked, most: int) -> dict[str, Any]:
    share = f"{each.booked / each.offered:.0%}" if each.offered else "–"
    return {
        "name": each.name,
        "offered": round(100 * each.offered / most, 2),
        "booked": round(100 * each.booked / most, 2),
        "cells": [each.name, _hours(each.offered), _hours(each.booked), share],
    }


def _hours(minutes: int) -> float:
    return round(minutes / 60, 1)
