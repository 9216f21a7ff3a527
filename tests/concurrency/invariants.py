"""What must hold at every moment, read from the rows: the invariants of the house, by brute force."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.appointments.states import ACTIVE
from telehealth.domain.message_words import MessageKind, MessageStatus
from telehealth.domain.messages.rules import IN_ONE
from telehealth.domain.words import AppointmentStatus, Mode, OccurrenceStatus, OfferStatus
from telehealth.models import (
    Appointment,
    AppointmentEvent,
    Client,
    Hold,
    Message,
    Occupancy,
    Occurrence,
    Offer,
    Series,
    SeriesEvent,
    Therapist,
)
from tests.concurrency.racing import look_again

GONE = {AppointmentStatus.CANCELLED}
HANDED_OVER = {MessageStatus.ACCEPTED, MessageStatus.SENT, MessageStatus.DELIVERED}


def require_all(*, now: datetime) -> None:
    """Raises AssertionError, naming what is broken."""
    look_again()
    rows = db.session.scalars(select(Occupancy)).all()
    made = db.session.scalars(
        select(Appointment).options(selectinload(Appointment.attendees), selectinload(Appointment.service))
    ).all()
    _nothing_overlaps(rows)
    _only_flags_lie_over_others(rows)
    _everybody_has_their_time(made, rows)
    _standing_slots_keep_their_time(rows)
    _one_offer_at_a_time(now=now)
    _groups_are_not_too_full(made, now=now)
    _wall_times_fit(made)
    _everything_is_on_record(made)
    _messages_are_about_now(made, now=now)


def _nothing_overlaps(rows: list[Occupancy]) -> None:
    by_resource: dict[int, list[Occupancy]] = defaultdict(list)
    for row in rows:
        if not row.overlap_allowed:
            by_resource[row.resource_id].append(row)
    for taken in by_resource.values():
        taken.sort(key=lambda row: row.starts_at)
        for one, other in pairwise(taken):
            assert one.ends_at <= other.starts_at, f"resource {one.resource_id} is taken twice at {other.starts_at}"


def _only_flags_lie_over_others(rows: list[Occupancy]) -> None:
    """What is taken without a flag was there before whatever is laid over it: ids grow in the order of coming."""
    for flagged in (row for row in rows if row.overlap_allowed):
        for row in rows:
            is_over = row.starts_at < flagged.ends_at and flagged.starts_at < row.ends_at
            if is_over and row.resource_id == flagged.resource_id and not row.overlap_allowed:
                assert row.id < flagged.id, f"{row.id} came after {flagged.id}, and nobody flagged it"


def _everybody_has_their_time(made: list[Appointment], rows: list[Occupancy]) -> None:
    """Whatever is active has taken its therapists, clients and room; whatever is cancelled has taken nothing."""
    taken: dict[int, dict[int, Occupancy]] = defaultdict(dict)
    for row in rows:
        if row.appointment_id is not None:
            taken[row.appointment_id][row.resource_id] = row
    therapists = {row.id: row.resource_id for row in db.session.execute(select(Therapist.id, Therapist.resource_id))}
    clients = {row.id: row.resource_id for row in db.session.execute(select(Client.id, Client.resource_id))}
    for each in made:
        mine = taken[each.id]
        if each.status in GONE:
            assert not mine, f"cancelled {each.id} still takes time"
            continue
        who = [therapists[key] for key in (each.therapist_id, each.co_therapist_id) if key is not None]
        seats = [clients[seat.client_id] for seat in each.attendees if seat.status not in GONE]
        expected = len(who) + len(seats) + (each.mode == Mode.IN_PERSON and each.room_id is not None)
        assert set(who) | set(seats) <= set(mine), f"{each.id} ({each.status}) lacks somebody's time"
        assert len(mine) == expected, f"{each.id} takes {len(mine)} instead of {expected}"
        for resource, row in mine.items():
            assert row.starts_at <= each.starts_at, each.id
            assert row.ends_at >= each.ends_at, each.id
            assert resource in who or (row.starts_at, row.ends_at) == (each.starts_at, each.ends_at), each.id
            assert row.practice_id == each.practice_id
            core = (each.starts_at, each.ends_at, each.service_id) if resource in who else (None, None, None)
            assert (row.core_starts_at, row.core_ends_at, row.service_id) == core, each.id


def _standing_slots_keep_their_time(rows: list[Occupancy]) -> None:
    """A planned date has taken its therapist; one that was made has an appointment; all others take nothing."""
    taken = {row.occurrence_id for row in rows if row.occurrence_id is not None}
    ends = {row.occurrence_id: row.core_ends_at for row in rows if row.core_ends_at is not None}
    for each in db.session.scalars(select(Occurrence)):
        assert (each.id in taken) == (each.status == OccurrenceStatus.PLANNED), (each.id, each.status)
        assert each.status != OccurrenceStatus.BOOKED or each.appointment_id is not None, each.id
        assert ends.get(each.id, each.ends_at) == each.ends_at, f"{each.id} keeps another time than it lasts"


def _one_offer_at_a_time(*, now: datetime) -> None:
    """An open offer keeps its slot, until its time is over; an answered one keeps nothing."""
    held = set(db.session.scalars(select(Occupancy.hold_id).where(Occupancy.hold_id.is_not(None))))
    for offer in db.session.scalars(select(Offer).options(selectinload(Offer.hold))):
        is_kept = offer.hold is not None and (offer.hold_id in held or offer.hold.appointment_id is not None)
        if offer.status == OfferStatus.OPEN and offer.expires_at > now:
            assert is_kept, f"offer {offer.id} keeps nothing"
        elif offer.status != OfferStatus.OPEN:
            assert offer.hold_id not in held, f"offer {offer.id} is {offer.status} and still keeps its time"


def _groups_are_not_too_full(made: list[Appointment], *, now: datetime) -> None:
    held = Counter(db.session.scalars(select(Hold.appointment_id).where(Hold.expires_at > now)))
    for each in made:
        taken = sum(seat.status not in GONE for seat in each.attendees) + held[each.id]
        assert each.status in GONE or taken <= each.service.capacity, f"{each.id} has {taken} seats"
        assert each.status in GONE or taken or each.service.is_group, f"nobody comes to {each.id}"


def _wall_times_fit(made: list[Appointment]) -> None:
    for each in made:
        zone = walltime.zone(each.timezone)
        assert walltime.wall(each.starts_at, zone).replace(fold=0) == each.local_start, each.id
        assert each.ends_at - each.starts_at == timedelta(minutes=each.service.duration_minutes), each.id


def _everything_is_on_record(made: list[Appointment]) -> None:
    lines = Counter(db.session.scalars(select(AppointmentEvent.appointment_id)))
    assert all(lines[each.id] > each.sequence for each in made), "a change without a line in the audit"
    standing = set(db.session.scalars(select(Series.id)))
    assert standing == set(db.session.scalars(select(SeriesEvent.series_id))), "nobody set it up"


def _messages_are_about_now(made: list[Appointment], *, now: datetime) -> None:
    """What is still planned is about the present version; what is off is only said to be off; nothing went out late."""
    known = {each.id: each for each in made}
    for message in db.session.scalars(select(Message)):
        about = known.get(message.appointment_id or 0)
        if message.status in HANDED_OVER and message.first_tried_at is not None:
            assert message.first_tried_at < message.not_after, f"message {message.id} was sent too late"
        if about is None or message.status != MessageStatus.PLANNED:
            continue
        assert message.version <= about.sequence
        # A worker may give an older message back untried: its version tells the next claim to put it aside.
        if about.status in GONE and message.version == about.sequence:
            # One for several says how each of them stands when it is sent.
            assert message.kind in {MessageKind.CANCELLATION, MessageKind.DECLINED, *IN_ONE}, (message.kind, about.id)
        if message.kind in {MessageKind.REMINDER, MessageKind.JOIN_LINK}:
            assert about.status in ACTIVE or message.not_after <= about.starts_at or now >= message.not_after, (
                about.status
            )
            assert message.version == about.sequence or message.recipient.startswith("attendee:")
        assert message.not_after > now - timedelta(days=400)
