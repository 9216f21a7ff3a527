"""Looking at what will be said before it is."""

from __future__ import annotations

from datetime import date, datetime
from itertools import groupby

import click
from flask import current_app
from flask.cli import with_appcontext

from telehealth import clock
from telehealth.cli.practices import in_plain_words
from telehealth.domain import times, walltime
from telehealth.domain.errors import InvalidInput
from telehealth.queries.practice.practices import find_only_practice, find_practice
from telehealth.services.rehearsal.rehearsing import LONGEST, rehearse_practice
from telehealth.services.rehearsal.telling import RehearsedLine

MOST_DAYS = LONGEST.days


@click.command("rehearse")
@click.option("--from", "first", metavar="DATE", help="The first day, such as 2027-03-10; today if left out.")
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=7, show_default=True, help="How many days.")
@click.option("--practice", "slug", help="The practice's word in addresses; not needed where there is only one.")
@with_appcontext
@in_plain_words
def rehearse(first: str | None, days: int, slug: str | None) -> None:
    """Run the clock forward over the real plans without sending, and print every message."""
    practice = find_practice(slug) if slug else find_only_practice()
    if practice is None:
        raise InvalidInput({"practice": "There is more than one practice, or none. Please name one with --practice."})
    zone = walltime.zone(practice.timezone)
    day = _day(first) if first else clock.now().astimezone(zone).date()
    lines = rehearse_practice(
        practice_id=practice.id,
        since=walltime.midnight(day, zone),
        until=walltime.midnight(date.fromordinal(day.toordinal() + days), zone),
        addresses=current_app.extensions["addresses"],
        now=clock.now(),
    )
    for when, of_day in groupby(lines, key=lambda line: line.at.astimezone(zone).date()):
        click.echo(f"\n{when:%A, %B} {when.day}, {when.year}")
        for line in of_day:
            click.echo(_said(line))
    go = sum(line.goes for line in lines)
    click.echo(f"\n{go} would go out, {len(lines) - go} would not. Nothing was sent.")


def _day(given: str) -> date:
    try:
        return datetime.strptime(given, "%Y-%m-%d").date()  # noqa: DTZ007 -- a date has no zone
    except ValueError as problem:
        raise InvalidInput({"from": "Please give a date such as 2027-03-10."}) from problem


def _said(line: RehearsedLine) -> str:
    at = times.say_time(line.at, walltime.zone(line.zone))
    rule = f" ({line.minutes} minutes)" if line.minutes else ""
    head = f"  {at}  {line.channel} to {line.to}: {line.kind}{rule}"
    if not line.goes:
        return f"{head}\n    NOT SENT: {line.reason}"
    note = f"\n    {line.reason}" if line.reason else ""
    words = "\n".join(f"    | {each}" for each in [line.subject, *line.body.splitlines()] if each)
    return f"{head}{note}\n{words}"
