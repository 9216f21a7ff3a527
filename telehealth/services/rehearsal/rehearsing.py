"""Rehearsing messages: what would go out in the days to come, to whom, by what, when, in whose zone, and why what would
not, would not.

Nothing is written. Rows that wait are judged by the same function that sending asks (``domain.delivery.verdicts``) and
put into words by the same one; what is not a row yet (dates of standing slots whose appointments are made later,
requests that nobody will answer, agendas) is planned by the same rules, on objects that never reach the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.models import Message, Occurrence, Practice
from telehealth.services.rehearsal.foreseeing import (
    LONGEST_LEAD,
    find_missing,
    foresee_agendas,
    foresee_requests,
    foresee_standing_slots,
    is_planned_date,
    is_told,
    list_told_rows,
)
from telehealth.services.rehearsal.telling import RehearsedLine, Telling

LONGEST = timedelta(days=62)
DAY = timedelta(days=1)
MOST_ROWS, MOST_DATES = 3_000, 1_000
"""Messages, and dates of standing slots whose appointments are made later, that are put into words at once."""


def rehearse_practice(
    *, practice_id: int, since: datetime, until: datetime, addresses: Addresses, now: datetime
) -> Sequence[RehearsedLine]:
    """What would happen in [since, until) (aware instants, at most 62 days), in order of time.

    ``since`` may lie far ahead. What has gone out is left out; what was due before ``now`` and did not go is explained.
    Whoever lets people wait for it asks ``end_of_rehearsal`` first.
    """
    until = min(until, since + LONGEST)
    try:
        practice = db.session.get_one(Practice, practice_id)
        rows = [*list_told_rows(practice, since, until), *foresee_standing_slots(practice, since, until, now=now)]
        rows.extend(foresee_requests(practice, since, until, now=now))
        rows.extend(foresee_agendas(practice, since, until, now=now))
        told = Telling(practice, addresses, now=now)
        lines = list(told.all(sorted(rows, key=lambda each: each.due_at)))
        lines.extend(find_missing(practice, since, until, now=now))
        return sorted((each for each in lines if since <= each.at < until), key=lambda each: each.at)
    finally:
        db.session.rollback()  # Words were put into rows to see them: nothing of it is kept.


def end_of_rehearsal(
    *,
    practice_id: int,
    since: datetime,
    until: datetime,
    most_rows: int = MOST_ROWS,
    most_dates: int = MOST_DATES,
) -> datetime:
    """Where a look at [since, until) ends: after 62 days at most, and sooner where these days hold more than somebody
    waits for (a few seconds); but the first day is always told.
    """
    until = min(until, since + LONGEST)
    rows = select(Message.due_at).where(*is_told(practice_id, since, until))
    dates = select(Occurrence.starts_at).where(*is_planned_date(practice_id, since, until))
    row_too_many = db.session.scalar(rows.order_by(Message.due_at).offset(most_rows).limit(1))
    date_too_many = db.session.scalar(dates.order_by(Occurrence.starts_at).offset(most_dates).limit(1))
    ends = [until]
    if row_too_many is not None:
        ends.append(max(row_too_many, since + DAY))
    if date_too_many is not None:
        ends.append(max(date_too_many - LONGEST_LEAD, since + DAY))
    return min(ends)
