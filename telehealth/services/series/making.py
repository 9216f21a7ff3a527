"""Standing slots: setting one up, and making its appointments as time passes.

The dates are rows that keep their time long before the appointments are made, so nobody else can book it. Some weeks
ahead a tick makes each appointment: one short transaction a date. Any number of workers may do so at once, because the
row of the date is locked and says whether it is done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import Session

from telehealth.database import db, retry_on_conflict, transaction
from telehealth.domain import walltime
from telehealth.domain.contact import Contact
from telehealth.domain.errors import InvalidInput
from telehealth.domain.series.patterns import ONE_DAY, PROTECTED_DAYS, WEEK, Plan
from telehealth.domain.words import AuditAction, Mode, OccurrenceStatus
from telehealth.models import Occurrence, Practice, Series, SeriesMember
from telehealth.queries.consent.client_files import ClientFiles
from telehealth.queries.series.date_verdicts import (
    ALREADY_KEPT,
    DateVerdict,
    SlotOfSeries,
    dates_ahead,
    judge_dates,
    slot_of,
    slot_of_plan,
)
from telehealth.queries.series.standing_slots import SERIES, find_series
from telehealth.services import idempotency
from telehealth.services.appointments.placing import queue_for_limits
from telehealth.services.audit import SYSTEM, ActedBy, record_event
from telehealth.services.consent.consents import agreed_texts, record_agreements
from telehealth.services.practice.client_files import find_or_make_clients
from telehealth.services.series.date_keeping import (
    keep_dates,
    make_appointment,
    new_date,
    put_date_in_conflict,
    skip_date,
)

log = logging.getLogger(__name__)

NOT_WANTED = "left out when the slot was set up"


def create_series(
    *,
    practice_id: int,
    plan: Plan,
    contacts: Sequence[Contact],
    choices: Mapping[date, datetime | None] | None = None,
    by: ActedBy,
    now: datetime,
    idempotency_key: str | None = None,
) -> Series:
    """A standing slot for a client, a couple, the standing members of a group, or a group that nobody is in yet.

    ``choices`` answer what the preview showed: None leaves a date out, an instant (aware) is taken instead. A date that
    cannot be had is a conflict, never a refusal of the whole. Appointments that are due are made at once. Sent twice it
    is set up once: a second one on the same terms for the same people would only be in its way. A repeated idempotency
    key returns what it set up before, whatever has changed since. Staff only.
    Raises NotFound, ServiceEnded, InvalidInput, NotAllowed, IdempotencyMismatch.
    """
    by.require_staff()
    made = _create(practice_id, plan, contacts, choices or {}, idempotency_key, by=by, now=now)
    make_due_appointments(made.id, by, now=now)
    return find_series(practice_id, made.public_id)


def _fingerprint(plan: Plan, contacts: Sequence[Contact], choices: Mapping[date, datetime | None]) -> str:
    """The same for the same request."""
    chosen = sorted((day.isoformat(), start and start.timestamp()) for day, start in choices.items())
    people = [[getattr(each, name) for name in each.__slots__] for each in contacts]
    pattern = [str(each) for each in (plan.local_time, plan.starts_on, plan.until, plan.week_of_month)]
    other = [plan.service, plan.therapist, plan.mode, plan.location, plan.co_therapist, plan.timezone]
    return idempotency.fingerprint_of("series", pattern, other, plan.every_weeks, plan.count, people, chosen)


@retry_on_conflict
def _create(
    practice_id: int,
    plan: Plan,
    contacts: Sequence[Contact],
    choices: Mapping[date, datetime | None],
    key: str | None,
    *,
    by: ActedBy,
    now: datetime,
) -> Series:
    with transaction() as session:
        asked = _fingerprint(plan, contacts, choices)
        made_before = idempotency.claim_key(session, practice_id, key, asked, now=now)
        if made_before is not None:
            return find_series(practice_id, made_before)
        wished = slot_of_plan(practice_id, plan)
        _require_members(wished, contacts)
        files = find_or_make_clients(session, practice_id, contacts, by=by, now=now)
        if (standing := _standing(session, wished, files.by_id.keys())) is not None:
            idempotency.settle_key(session, practice_id, key, standing.public_id)
            return standing
        series = draft_series(wished, now=now)
        session.add(series)
        session.flush()
        series.members = [new_member(session, series, each, files, plan.starts_on, by=by, now=now) for each in contacts]
        session.flush()
        _lay_dates(session, series, slot_of(series), choices, now=now)
        record_event(session, series, AuditAction.CREATED, by, now=now, after=terms_of_slot(wished))
        idempotency.settle_key(session, practice_id, key, series.public_id)
        return series


def _standing(session: Session, slot: SlotOfSeries, people: Set[int]) -> Series | None:
    """The standing slot on exactly these terms for exactly these clients (ids), when there is one already."""
    pattern = slot.pattern
    found = session.scalars(
        select(Series).where(
            Series.practice_id == slot.practice.id,
            Series.service_id == slot.service.id,
            Series.therapist_id == slot.therapist.id,
            Series.mode == slot.mode,
            Series.starts_on == pattern.starts_on,
            Series.local_time == pattern.local_time,
            Series.every_weeks == pattern.every_weeks,
            Series.week_of_month.is_not_distinct_from(pattern.week_of_month),
            Series.until.is_not_distinct_from(pattern.until),
        )
    )
    members = ((each, {member.client_id for member in each.members if member.left_on is None}) for each in found)
    return next((each for each, clients in members if people and clients == people), None)


def _require_members(slot: SlotOfSeries, contacts: Sequence[Contact]) -> None:
    if len(contacts) > slot.service.capacity:
        raise InvalidInput({"clients": "This service is not for that many people. Please take somebody off the list."})
    if not contacts and not slot.service.is_group:
        raise InvalidInput({"clients": "Please say for whom this time is kept."})
    if len({each.match_key for each in contacts}) < len(contacts):
        raise InvalidInput({"clients": "The same person is on the list twice. Please take one of them off."})
    if slot.mode != Mode.IN_PERSON and any(each.jurisdiction is None for each in contacts):
        raise InvalidInput({"jurisdiction": "Please say which state each client will be in."})


def draft_series(slot: SlotOfSeries, *, now: datetime) -> Series:
    """A standing slot without members and dates yet."""
    series = Series(practice=slot.practice, service=slot.service, created_at=now)
    rewrite_series(series, slot, now=now)
    return series


def rewrite_series(series: Series, slot: SlotOfSeries, *, now: datetime) -> None:
    """Give a standing slot other terms."""
    pattern = slot.pattern
    series.therapist, series.co_therapist = slot.therapist, slot.co_therapist
    series.mode, series.location = slot.mode, slot.location
    series.timezone, series.local_time = pattern.zone.key, pattern.local_time
    series.starts_on, series.every_weeks, series.until = pattern.starts_on, pattern.every_weeks, pattern.until
    series.week_of_month = pattern.week_of_month
    series.changed_at = now


def terms_of_slot(slot: SlotOfSeries) -> dict[str, str | int | None]:
    """What the audit keeps of a standing slot before and after."""
    pattern = slot.pattern
    return {
        "weekday": pattern.starts_on.weekday(),
        "local_time": pattern.local_time.isoformat("minutes"),
        "every_weeks": pattern.every_weeks,
        "week_of_month": pattern.week_of_month,
        "until": pattern.until.isoformat() if pattern.until is not None else None,
        "mode": slot.mode.value,
        "therapist_id": slot.therapist.id,
        "co_therapist_id": slot.co_therapist.id if slot.co_therapist is not None else None,
        "location_id": slot.location.id if slot.location is not None else None,
    }


def new_member(
    session: Session,
    series: Series,
    contact: Contact,
    files: ClientFiles,
    joined_on: date,
    *,
    by: ActedBy,
    now: datetime,
) -> SeriesMember:
    """A membership of a client whose file is at hand, with the contact typed for it and exactly what was agreed to."""
    client = files.by_key[contact.match_key]
    agreed_at, wording = agreed_texts(contact, client, series.practice, by, gets_texts=contact.wants_texts, now=now)
    member = SeriesMember(
        practice_id=series.practice_id,
        series_id=series.id,
        client_id=client.id,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        timezone=contact.timezone,
        jurisdiction=contact.jurisdiction,
        text_consent_at=agreed_at,
        text_consent_wording=wording,
        joined_on=joined_on,
    )
    record_agreements(session, [member], files, by=by, now=now)
    return member


def _lay_dates(
    session: Session, series: Series, slot: SlotOfSeries, choices: Mapping[date, datetime | None], *, now: datetime
) -> None:
    """Write down every date that is known and not written down yet, and take what can be had."""
    first = series.starts_on if series.known_until is None else series.known_until + ONE_DAY
    rows = [
        new_date(series, day, choices.get(day) or starts_at)
        for day, starts_at in dates_ahead(slot.pattern, first, now=now)
    ]
    unwanted = {day for day, choice in choices.items() if choice is None}
    session.add_all(rows)
    session.flush()
    for row in rows:
        if row.day in unwanted:
            skip_date(row, NOT_WANTED)
    wanted = [row for row in rows if row.day not in unwanted]
    if wanted:
        queue_for_limits(session, slot.query(wanted[0].day, wanted[0].starts_at))
        keep_dates(session, slot, wanted, now=now)
    series.known_until = _known(slot, now)
    session.flush()


def _known(slot: SlotOfSeries, now: datetime) -> date:
    return walltime.wall(now, slot.pattern.zone).date() + timedelta(days=PROTECTED_DAYS)


def materialise_series(*, now: datetime) -> int:
    """What time asks of standing slots: make the appointments that are due, move the known dates on, and look whether
    conflicts have gone. Returns how many appointments were made.

    What goes wrong with one slot is logged and does not keep the others waiting; the next tick tries again.
    """
    for series_id in _with_dates_to_add(now):
        _try(_add_dates, series_id, now=now)
    for series_id in _with_conflicts(now):
        _try(_try_conflicts, series_id, now=now)
    return sum(_try(make_due_appointments, series_id, SYSTEM, now=now) for series_id in _with_dates_due(now))


def make_due_appointments(series_id: int, by: ActedBy, *, now: datetime) -> int:
    """Make the appointments of one standing slot as far ahead as the practice makes them; how many were made.

    Hours, time off and licences are asked again first. Whoever changes them a moment later meets an appointment that
    stands, as they would have a moment before.
    """
    series = db.session.scalars(_BY_ID.where(Series.id == series_id)).one()
    until = now + series.practice.series_weeks * WEEK
    planned = select(Occurrence.id, Occurrence.day, Occurrence.starts_at, Occurrence.duration_minutes).where(
        Occurrence.series_id == series_id,
        Occurrence.status == OccurrenceStatus.PLANNED,
        Occurrence.starts_at > now,
        Occurrence.starts_at <= until,
    )
    due = db.session.execute(planned.order_by(Occurrence.starts_at)).all()
    if not due:
        return 0
    slot, version = slot_of(series), series.changed_at
    said: dict[date, DateVerdict] = {}
    for minutes in {row.duration_minutes for row in due}:
        dates = [(row.day, row.starts_at) for row in due if row.duration_minutes == minutes]
        said |= judge_dates(replace(slot, minutes=minutes), dates, waived=ALREADY_KEPT, now=now)
    return sum(_make_one(series, slot, row.id, version, said[row.day], by, now=now) for row in due)


@retry_on_conflict
def _make_one(
    series: Series,
    slot: SlotOfSeries,
    occurrence_id: int,
    version: datetime,
    verdict: DateVerdict,
    by: ActedBy,
    *,
    now: datetime,
) -> int:
    """One appointment, or none: another worker is at it or has made it, or the slot has just been changed."""
    with transaction() as session:
        found = session.execute(
            _LOCK.where(Occurrence.id == occurrence_id).execution_options(populate_existing=True)
        ).one_or_none()
        if found is None or found.Occurrence.status != OccurrenceStatus.PLANNED or found.changed_at != version:
            return 0
        if verdict.obstacles:
            put_date_in_conflict(session, found.Occurrence, verdict.obstacles)
            return 0
        make_appointment(session, series, slot, found.Occurrence, by, now=now)
        return 1


# Built once: building a statement takes longer than running it.
_BY_ID = SERIES.execution_options(populate_existing=True)
_LOCK = (
    select(Occurrence, Series.changed_at)
    .join(Series, Series.id == Occurrence.series_id)
    .with_for_update(of=Occurrence, skip_locked=True)
)
_ADD_EVERY = 7 * ONE_DAY
"""Dates are added for a week at a time: the time of at least 393 days is kept, and few rows are touched a day."""


# Written into the statement word for word, as the partial index has it: SQLite does not use the index otherwise.
_PLANNED = Occurrence.status == bindparam("planned", OccurrenceStatus.PLANNED, literal_execute=True)


def _with_dates_due(now: datetime) -> list[int]:
    """The standing slots of every practice with dates to make, the most urgent first."""
    weeks = db.session.scalars(select(Practice.series_weeks).distinct()).all()
    found: dict[int, None] = {}
    for ahead in weeks:
        due = (
            select(Occurrence.series_id)
            .join(Practice, Practice.id == Occurrence.practice_id)
            .where(
                Practice.series_weeks == ahead,
                _PLANNED,
                Occurrence.starts_at > now,
                Occurrence.starts_at <= now + ahead * WEEK,
            )
            .order_by(Occurrence.starts_at)
        )
        found.update(dict.fromkeys(db.session.scalars(due)))
    return list(found)


def _with_dates_to_add(now: datetime) -> list[int]:
    horizon = now.date() + PROTECTED_DAYS * ONE_DAY - _ADD_EVERY
    goes_on = Series.until.is_(None) | (Series.until > Series.known_until)
    return list(db.session.scalars(select(Series.id).where(Series.known_until < horizon, goes_on)))


@retry_on_conflict
def _add_dates(series_id: int, *, now: datetime) -> int:
    with transaction() as session:
        series = session.scalars(_LOCK_SERIES.where(Series.id == series_id)).one_or_none()
        if series is not None and series.known_until is not None:
            _lay_dates(session, series, slot_of(series), {}, now=now)
        return 0


_LOCK_SERIES = _BY_ID.with_for_update(of=Series, skip_locked=True)


def _with_conflicts(now: datetime) -> list[int]:
    ahead = (Occurrence.status == OccurrenceStatus.CONFLICT, Occurrence.starts_at > now)
    return list(db.session.scalars(select(Occurrence.series_id).where(*ahead).distinct()))


def _try_conflicts(series_id: int, *, now: datetime) -> int:
    """Keep the time of dates whose obstacle has gone. Looks before it locks: most obstacles stay."""
    series = db.session.scalars(_BY_ID.where(Series.id == series_id)).one()
    rows = db.session.execute(
        select(Occurrence.id, Occurrence.day, Occurrence.starts_at).where(*_in_conflict(series_id, now))
    ).all()
    said = judge_dates(slot_of(series), [(row.day, row.starts_at) for row in rows], now=now)
    free = [row.id for row in rows if not said[row.day].obstacles]
    return _keep_again(series_id, free, now=now) if free else 0


@retry_on_conflict
def _keep_again(series_id: int, occurrence_ids: Sequence[int], *, now: datetime) -> int:
    with transaction() as session:
        series = session.scalars(_LOCK_SERIES.where(Series.id == series_id)).one_or_none()
        if series is None:
            return 0
        rows = session.scalars(
            select(Occurrence)
            .where(Occurrence.id.in_(occurrence_ids), *_in_conflict(series_id, now))
            .with_for_update(of=Occurrence, skip_locked=True)
            .execution_options(populate_existing=True)
        ).all()
        if rows:
            slot = slot_of(series)
            queue_for_limits(session, slot.query(rows[0].day, rows[0].starts_at))
            keep_dates(session, slot, rows, now=now)
        return len(rows)


def _in_conflict(series_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Occurrence.series_id == series_id,
        Occurrence.status == OccurrenceStatus.CONFLICT,
        Occurrence.starts_at > now,
    )


def _try(action: Callable[..., int], *arguments: object, now: datetime) -> int:
    try:
        return action(*arguments, now=now)
    except Exception:
        log.exception("standing slot failed", extra={"series": arguments[0]})
        db.session.rollback()
        return 0
