"""Rehearsing messages: what would go out in the days to come, to whom, by what, when, in whose zone, and why what would
not, would not.

Nothing is written. Rows that wait are judged by the same function that sending asks (``domain.delivery.verdicts``) and
put into words by the same one; what is not a row yet (dates of standing slots whose appointments are made later,
requests that nobody will answer, agendas) is planned by the same rules, on objects that never reach the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Select, literal, select, union_all

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Message, Occurrence, Practice
from telehealth.services.delivery.gathering import SAME_MINUTE
from telehealth.services.rehearsal.foreseeing import (
    LONGEST_LEAD,
    find_missing,
    foresee_agendas,
    foresee_requests,
    foresee_standing_slots,
    is_planned_date,
    is_told,
    list_leads,
    list_told_rows,
)
from telehealth.services.rehearsal.telling import RehearsedLine, Telling

LONGEST = timedelta(days=62)
DAY = timedelta(days=1)
MOST_ROWS, MOST_DATES = 3_000, 1_000
"""Messages, and dates of standing slots whose appointments are made later, that are put into words at once."""
IN_A_PART, MORE = 100, 300
"""Messages of which a page is made before anybody waits for it, and how many more are looked at for a pause."""


def rehearse_practice(
    *, practice_id: int, since: datetime, until: datetime, addresses: Addresses, now: datetime
) -> Sequence[RehearsedLine]:
    """What becomes of that which is due in [since, until) (aware instants, at most 62 days), in order of time: what
    waits for a morning stands there, be it later than ``until``.

    ``since`` may lie far ahead. What has gone out is left out; what was due before ``now`` and did not go is explained.
    Whoever lets people wait for it asks ``end_of_rehearsal`` first, or ``end_of_part``.
    """
    until = min(until, since + LONGEST)
    try:
        practice = db.session.get_one(Practice, practice_id)
        rows = [*list_told_rows(practice, since, until), *foresee_standing_slots(practice, since, until, now=now)]
        rows.extend(foresee_requests(practice, since, until, now=now))
        rows.extend(foresee_agendas(practice, since, until, now=now))
        told = Telling(practice, addresses, since=since, now=now)
        lines = list(told.all(sorted(rows, key=lambda each: each.due_at)))
        lines.extend(find_missing(practice, since, until, now=now))
        return sorted(lines, key=lambda each: each.at)
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


def end_of_part(
    *, practice_id: int, since: datetime, until: datetime, now: datetime, most: int = IN_A_PART
) -> datetime:
    """Where the first part of [since, until) ends of which a page is made at once: ``until``, or sooner, in a pause of
    more than a minute, so that nothing is cut in two that is said in one message.
    """
    until = min(until, since + LONGEST)
    kinds = _list_due(practice_id, since, until, most + MORE, now=now)
    long = [each for each in kinds if len(each) > most]
    if not long:
        return until
    first, last = min(each[most] for each in long), min(each[-1] for each in long)
    known = sorted(each for kind in kinds for each in kind if first <= each <= last)
    pauses = (after for before, after in pairwise(known) if after - before > SAME_MINUTE)
    return min(until, next(pauses, last + SAME_MINUTE).replace(second=0, microsecond=0))


def _list_due(
    practice_id: int, since: datetime, until: datetime, most: int, *, now: datetime
) -> Sequence[Sequence[datetime]]:
    """When something may be due in [since, until), in order and of each kind the first ones: messages, and what rules
    ask for of appointments and of dates, as long before them.
    """
    practice = db.session.get_one(Practice, practice_id)
    leads, weeks = sorted(list_leads(practice_id)), timedelta(weeks=practice.series_weeks)
    kinds = [(timedelta(0), select(Message.due_at.label("at")).where(*is_told(practice_id, since, until)))]
    for lead in leads:
        start = Appointment.starts_at
        booked = (Appointment.practice_id == practice_id, Appointment.status == AppointmentStatus.BOOKED)
        within = (start >= max(since + lead, now), start < until + lead)
        kinds.append((lead, select(start.label("at")).where(*booked, *within)))
    for lead in (*leads, weeks):
        dates = is_planned_date(practice_id, since + lead, until, ahead=lead)
        kinds.append((lead, select(Occurrence.starts_at.label("at")).where(*dates)))
    found: list[list[datetime]] = [[] for _ in kinds]
    for row in db.session.execute(union_all(*(_numbered(each, most, n) for n, (_, each) in enumerate(kinds)))):
        found[row.kind].append(row.at - kinds[row.kind][0])
    return found


def _numbered(statement: Select[datetime], most: int, kind: int) -> Select[int, datetime]:
    first = statement.order_by("at").limit(most).subquery()
    return select(literal(kind).label("kind"), first.c.at)
