"""Time taken in a therapist's own calendar, as a calendar program reports it: when, and never what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.hours.busy_spans import BusySpan, join_spans
from telehealth.models import BusyInterval, Practice, Therapist
from telehealth.queries.hours.busy_intervals import list_reported_intervals, list_untaken
from telehealth.services.audit import ActedBy, Setting, record_setting
from telehealth.services.hours.freed_times import note_freed

MOST_INTERVALS = 2_000
"""A year of eight events on every working day; more is a mistake of the program that sends them."""

FARTHEST = timedelta(days=2 * 366)
"""Nothing can be booked beyond a year, so what lies beyond two is a typing mistake."""


def replace_busy_intervals(
    *, practice_id: int, therapist_id: int, spans: Sequence[BusySpan], by: ActedBy, now: datetime
) -> list[BusySpan]:
    """Keep these times instead of all that were reported before, and return what is kept: in order, with what touches
    joined and without what is over. What is booked already stays as it is. Time that is no longer busy is offered to
    whoever waits for it.

    The whole calendar comes each time, so that a report that got lost is mended by the next one; one that says nothing
    new leaves everything as it is. Raises NotFound, and InvalidInput for too many spans, ones that end before they
    start, and ones more than two years ahead.
    """
    _require_sense(spans, now=now)
    kept = list(join_spans(span for span in spans if span.ends_at > now))
    with transaction() as session:
        therapist = _lock(session, practice_id, therapist_id)
        before = list_reported_intervals(therapist_id, since=now)
        if kept != before:
            _replace(session, therapist, kept)
            _record(session, therapist, before, kept, by, now=now)
            practice = session.get_one(Practice, practice_id)
            note_freed(session, practice, therapist_id, list_untaken(therapist_id, before), now=now)
    return kept


def _replace(session: Session, therapist: Therapist, kept: Sequence[BusySpan]) -> None:
    session.execute(
        delete(BusyInterval).where(BusyInterval.therapist_id == therapist.id, BusyInterval.calendar_id.is_(None))
    )
    whose = {"practice_id": therapist.practice_id, "therapist_id": therapist.id}
    if kept:
        session.execute(insert(BusyInterval), [{**whose, **span._asdict()} for span in kept])


def _record(
    session: Session,
    therapist: Therapist,
    before: Sequence[BusySpan],
    kept: Sequence[BusySpan],
    by: ActedBy,
    *,
    now: datetime,
) -> None:
    """How many times there are now, and how many came and went: a calendar is reported every few minutes."""
    counts = {
        "intervals": len(kept),
        "added": len(set(kept) - set(before)),
        "removed": len(set(before) - set(kept)),
    }
    about = Setting(AuditSubject.BUSY_TIME, therapist.public_id, therapist.name)
    record_setting(session, therapist.practice_id, about, AuditAction.CHANGED, by, now=now, **counts)


def _require_sense(spans: Sequence[BusySpan], *, now: datetime) -> None:
    """Raises InvalidInput by the dotted names of a list called ``busy``."""
    if len(spans) > MOST_INTERVALS:
        raise InvalidInput({"busy": f"Please send at most {MOST_INTERVALS:,} intervals: the next year is enough."})
    problems: dict[str, str] = {}
    for place, span in enumerate(spans):
        if span.ends_at <= span.starts_at:
            problems[f"busy.{place}.end"] = "An interval has to end after it starts."
        elif span.starts_at > now + FARTHEST:
            problems[f"busy.{place}.start"] = "Please send what begins within the next two years."
    if problems:
        raise InvalidInput(problems)


def _lock(session: Session, practice_id: int, therapist_id: int) -> Therapist:
    """Two reports about one therapist come one after the other, so that they never mix. Raises NotFound."""
    found = session.scalar(
        select(Therapist)
        .where(Therapist.practice_id == practice_id, Therapist.id == therapist_id)
        .with_for_update(key_share=True)
    )
    if found is None:
        raise NotFound
    return found
