"""Dates of a standing slot that do not take place, those that do after all, and its end."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import InvalidInput, SlotNotOffered, SlotTaken
from telehealth.domain.series.patterns import ONE_DAY, DateOutcome, DateResult, SeriesScope
from telehealth.domain.words import AppointmentStatus, Obstacle, OccurrenceStatus
from telehealth.models import Appointment, Occurrence, Series
from telehealth.queries.series.date_verdicts import slot_of
from telehealth.services.audit import ActedBy, record_event
from telehealth.services.series.date_keeping import (
    cancel_or_skip_dates,
    drop_dates,
    keep_dates,
    lock_date,
    lock_dates,
    lock_series,
    result_of_date,
)
from telehealth.services.series.materialising import make_due_appointments

SKIPPED = "this date was skipped"
PAUSED = "the standing slot pauses"
ENDED = "the standing slot has ended"
NOT_SKIPPED = "This date takes place, so there is nothing to restore."
NO_CONFLICT = "Nothing is in the way of this date any more."
NO_DATE = "Please say from which date on."
NO_PERIOD = "The last date must not lie before the first."
TAKEN = frozenset(
    {Obstacle.TAKEN, Obstacle.BUFFER, Obstacle.HELD, Obstacle.STANDING, Obstacle.CLIENT_BUSY, Obstacle.ROOM}
)


@retry_on_conflict
def skip_occurrence(
    *, practice_id: int, series_public_id: str, day: date, reason: str = "", by: ActedBy, now: datetime
) -> DateResult:
    """Leave one date out; an appointment that was made is cancelled, and everybody told. ``series`` is a public id.

    Staff only. Raises NotFound (no such date ahead), NotAllowed.
    """
    _require_staff(by)
    with transaction() as session:
        found = lock_series(session, practice_id, series_public_id)
        occurrence = lock_date(session, found, day, now=now)
        (done,) = cancel_or_skip_dates(session, slot_of(found), [occurrence], by, reason or SKIPPED, now=now)
        if done.outcome != DateOutcome.KEPT:
            record_event(session, found, AuditAction.SKIPPED, by, now=now, day=day, reason=reason or None)
        return done


def restore_occurrence(*, practice_id: int, series_public_id: str, day: date, by: ActedBy, now: datetime) -> DateResult:
    """Let a skipped date, or one whose appointment was cancelled, take place after all, if its time is still free; else
    it is a conflict. Staff only. Raises NotFound, NotAllowed, InvalidInput.
    """
    _require_staff(by)
    series_id, result = _restore(practice_id, series_public_id, day, by, now=now)
    make_due_appointments(series_id, by, now=now)
    return result


@retry_on_conflict
def _restore(
    practice_id: int, series_public_id: str, day: date, by: ActedBy, *, now: datetime
) -> tuple[int, DateResult]:
    with transaction() as session:
        found = lock_series(session, practice_id, series_public_id)
        occurrence = lock_date(session, found, day, now=now)
        if not _is_off(session, occurrence):
            raise InvalidInput({"day": NOT_SKIPPED})
        occurrence.appointment_id = None  # The cancelled one stays what it is; the new one is an event of its own.
        _keep(session, found, occurrence, now=now)
        record_event(session, found, AuditAction.RESTORED, by, now=now, day=day)
        return found.id, result_of_date(occurrence)


def _is_off(session: Session, occurrence: Occurrence) -> bool:
    if occurrence.status != OccurrenceStatus.BOOKED or occurrence.appointment_id is None:
        return occurrence.status == OccurrenceStatus.SKIPPED
    return session.get_one(Appointment, occurrence.appointment_id).status == AppointmentStatus.CANCELLED


def settle_conflict(
    *, practice_id: int, series_public_id: str, day: date, alternative: datetime | None, by: ActedBy, now: datetime
) -> DateResult:
    """Decide about a date in conflict: meet at another instant (aware) instead, or not at all (None). Staff only.

    Raises NotFound, NotAllowed, InvalidInput, SlotTaken, SlotNotOffered; then nothing is changed.
    """
    _require_staff(by)
    if alternative is None:
        return skip_occurrence(practice_id=practice_id, series_public_id=series_public_id, day=day, by=by, now=now)
    series_id, result = _settle(practice_id, series_public_id, day, alternative, by, now=now)
    make_due_appointments(series_id, by, now=now)
    return result


@retry_on_conflict
def _settle(
    practice_id: int, series_public_id: str, day: date, alternative: datetime, by: ActedBy, *, now: datetime
) -> tuple[int, DateResult]:
    with transaction() as session:
        found = lock_series(session, practice_id, series_public_id)
        occurrence = lock_date(session, found, day, now=now)
        if occurrence.status != OccurrenceStatus.CONFLICT:
            raise InvalidInput({"day": NO_CONFLICT})
        if alternative <= now:
            raise SlotNotOffered
        occurrence.starts_at = alternative
        _keep(session, found, occurrence, now=now)
        result = result_of_date(occurrence)
        if result.outcome == DateOutcome.CONFLICT:
            raise SlotTaken if TAKEN.issuperset(result.obstacles) else SlotNotOffered
        record_event(session, found, AuditAction.SETTLED, by, now=now, day=day, starts_at=alternative)
        return found.id, result


def _keep(session: Session, series: Series, occurrence: Occurrence, *, now: datetime) -> None:
    occurrence.status = OccurrenceStatus.PLANNED  # It is to take place, whatever it was.
    keep_dates(session, slot_of(series), [occurrence], now=now)
    series.changed_at = now


@retry_on_conflict
def pause_series(
    *, practice_id: int, series_public_id: str, first: date, last: date, reason: str = "", by: ActedBy, now: datetime
) -> list[DateResult]:
    """Skip every date ahead from ``first`` to ``last`` (inclusive); the time is free meanwhile. Appointments that were
    made are cancelled with the reason, and everybody is told. Staff only. Raises NotFound, NotAllowed, InvalidInput.
    """
    _require_staff(by)
    if last < first:
        raise InvalidInput({"last": NO_PERIOD})
    with transaction() as session:
        found = lock_series(session, practice_id, series_public_id)
        slot, rows = slot_of(found), lock_dates(session, found, now=now, first=first, last=last)
        found.changed_at = now
        if rows:
            record_event(session, found, AuditAction.PAUSED, by, now=now, first=first, last=last, reason=reason or None)
        return cancel_or_skip_dates(session, slot, rows, by, reason or PAUSED, now=now)


@retry_on_conflict
def end_series(
    *,
    practice_id: int,
    series_public_id: str,
    scope: SeriesScope = SeriesScope.ALL,
    day: date | None = None,
    reason: str = "",
    by: ActedBy,
    now: datetime,
) -> list[DateResult]:
    """End a standing slot: with ``day`` and all following dates, or with everything ahead; THIS only skips ``day``.

    Appointments that were made are cancelled with the reason, and everybody is told. Staff only. Raises NotFound,
    NotAllowed, InvalidInput.
    """
    _require_staff(by)
    if scope != SeriesScope.ALL and day is None:
        raise InvalidInput({"day": NO_DATE})
    if scope == SeriesScope.THIS and day is not None:
        return [
            skip_occurrence(
                practice_id=practice_id, series_public_id=series_public_id, day=day, reason=reason, by=by, now=now
            )
        ]
    with transaction() as session:
        found = lock_series(session, practice_id, series_public_id)
        return end_series_in(session, found, day or date.min, by, reason, now=now)


def end_series_in(
    session: Session, series: Series, first: date, by: ActedBy, reason: str, *, now: datetime
) -> list[DateResult]:
    """The same inside the caller's transaction, from the first date ahead that is not before ``first``."""
    slot, rows = slot_of(series), lock_dates(session, series, now=now, first=first)
    today = now.astimezone(slot.pattern.zone).date()
    ends_on = (rows[0].day if rows else max(first, today)) - ONE_DAY
    if series.until is None or ends_on < series.until:
        series.until = ends_on
        record_event(session, series, AuditAction.ENDED, by, now=now, last=ends_on, reason=reason or None)
    series.changed_at = now
    return drop_dates(session, slot, rows, by, reason or ENDED, now=now)


def _require_staff(by: ActedBy) -> None:
    by.require_staff()
