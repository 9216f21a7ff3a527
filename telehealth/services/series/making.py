"""Setting up standing slots. The dates are rows that keep their time long before their appointments are made
(``services.series.materialising``), so nobody else can book it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.coming_of_age import require_guardian_reason
from telehealth.domain.contact import Contact
from telehealth.domain.errors import InvalidInput
from telehealth.domain.series.patterns import Plan
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Series, SeriesMember
from telehealth.queries.consent.client_files import ClientFiles
from telehealth.queries.practice.clients import lacks_guardian
from telehealth.queries.series.date_verdicts import (
    SlotMember,
    SlotOfSeries,
    slot_of_plan,
)
from telehealth.queries.series.standing_slots import find_series
from telehealth.services import idempotency
from telehealth.services.audit import ActedBy, record_event
from telehealth.services.consent.consents import agreed_texts, record_agreements
from telehealth.services.inserting import insert_objects
from telehealth.services.practice.client_files import find_or_make_clients
from telehealth.services.series.date_keeping import (
    lay_dates,
)
from telehealth.services.series.materialising import make_due_appointments


def create_series(  # noqa: PLR0913 -- a standing slot is these facts
    *,
    practice_id: int,
    plan: Plan,
    contacts: Sequence[Contact],
    choices: Mapping[date, datetime | None] | None = None,
    by: ActedBy,
    now: datetime,
    idempotency_key: str | None = None,
    guardian_reason: str = "",
) -> Series:
    """A standing slot for a client, a couple, the standing members of a group, or a group that nobody is in yet.

    ``choices`` answer what the preview showed: None leaves a date out, an instant (aware) is taken instead. A date that
    cannot be had is a conflict, never a refusal of the whole. Appointments that are due are made at once. Sent twice it
    is set up once: a second one on the same terms for the same people would only be in its way. A repeated idempotency
    key returns what it set up before, whatever has changed since. ``guardian_reason`` says why nobody has to act for a
    minor, where the practice wants that (it is asked once, not for each date). Staff only.
    Raises NotFound, ServiceEnded, InvalidInput, NotAllowed, IdempotencyMismatch.
    """
    by.require_staff()
    made = _create(practice_id, plan, contacts, choices or {}, idempotency_key, guardian_reason, by=by, now=now)
    make_due_appointments(made.id, by, now=now)
    return find_series(practice_id, made.public_id)


def _fingerprint(plan: Plan, contacts: Sequence[Contact], choices: Mapping[date, datetime | None]) -> str:
    """The same for the same request."""
    chosen = sorted((day.isoformat(), start and start.timestamp()) for day, start in choices.items())
    people = [[getattr(each, name) for name in each.__slots__] for each in contacts]
    pattern = [str(each) for each in (plan.local_time, plan.starts_on, plan.until, plan.week_of_month)]
    other = [plan.service, plan.therapist, plan.mode, plan.location, plan.co_therapist, plan.timezone, plan.minutes]
    return idempotency.fingerprint_of("series", pattern, other, plan.every_weeks, plan.count, people, chosen)


@retry_on_conflict
def _create(  # noqa: PLR0913 -- the use case above, in one transaction
    practice_id: int,
    plan: Plan,
    contacts: Sequence[Contact],
    choices: Mapping[date, datetime | None],
    key: str | None,
    guardian_reason: str,
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
        places = _places_of(contacts, files, plan.starts_on)
        about = set_aside_guardian(wished, places, guardian_reason, on=plan.starts_on)
        series = draft_series(wished, now=now)
        session.add(series)
        session.flush()
        members = [draft_member(series, each, files, plan.starts_on, by=by, now=now) for each in contacts]
        insert_objects(session, members)
        set_committed_value(series, "members", members)
        record_agreements(session, members, files, by=by, now=now)
        lay_dates(session, series, replace(wished, members=places), choices, now=now)
        record_event(session, series, AuditAction.CREATED, by, now=now, after=terms_of_slot(wished), **about)
        idempotency.settle_key(session, practice_id, key, series.public_id)
        return series


def _places_of(contacts: Sequence[Contact], files: ClientFiles, joined_on: date) -> tuple[SlotMember, ...]:
    """The members as the dates ask about them: what is on file of them is at hand."""
    by_key = files.by_key
    return tuple(
        SlotMember(by_key[each.match_key].id, by_key[each.match_key].resource_id, each.jurisdiction, joined_on)
        for each in contacts
    )


def set_aside_guardian(slot: SlotOfSeries, coming: Sequence[SlotMember], reason: str, *, on: date) -> dict[str, object]:
    """What the audit keeps of it that nobody acts for those who come to a standing slot, from a date on, where all of
    them are minors and the practice wants somebody to. In a group each comes alone. Raises InvalidInput.
    """
    together = [[each] for each in coming] if slot.service.is_group else [coming]
    place = slot.location.jurisdiction if slot.location is not None else None
    alone = any(
        lacks_guardian(slot.practice, {each.client_id for each in who}, place or who[0].jurisdiction, on=on)
        for who in together
        if who
    )
    if not alone:
        return {}
    require_guardian_reason(reason)
    return {"overrides": [Obstacle.NO_GUARDIAN.value], "guardian_reason": reason}


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
            Series.duration_minutes.is_not_distinct_from(slot.minutes),
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
    series.week_of_month, series.duration_minutes = pattern.week_of_month, slot.minutes
    series.changed_at = now


def terms_of_slot(slot: SlotOfSeries) -> dict[str, str | int | None]:
    """What the audit keeps of a standing slot before and after."""
    pattern = slot.pattern
    return {
        "weekday": pattern.starts_on.weekday(),
        "local_time": pattern.local_time.isoformat("minutes"),
        "minutes": slot.length,
        "every_weeks": pattern.every_weeks,
        "week_of_month": pattern.week_of_month,
        "until": pattern.until.isoformat() if pattern.until is not None else None,
        "mode": slot.mode.value,
        "therapist_id": slot.therapist.id,
        "co_therapist_id": slot.co_therapist.id if slot.co_therapist is not None else None,
        "location_id": slot.location.id if slot.location is not None else None,
    }


def draft_member(
    series: Series, contact: Contact, files: ClientFiles, joined_on: date, *, by: ActedBy, now: datetime
) -> SeriesMember:
    """A membership of a client whose file is at hand, with the contact typed for it and exactly what was agreed to."""
    client = files.by_key[contact.match_key]
    whose = {"is_theirs_to_say": not by.is_staff, "gets_texts": contact.wants_texts}
    agreed_at, wording = agreed_texts(contact, client, series.practice, now=now, **whose)
    return SeriesMember(
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
