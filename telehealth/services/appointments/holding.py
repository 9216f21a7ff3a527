"""Keeping a slot for a short while: while somebody types, or considers an offer.

A hold stands in the same guard as appointments. It frees itself: whoever meets a row whose time is over takes no notice
of it, so nothing waits for the tick that sweeps.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.errors import GroupFull, HoldExpired, SlotNotOffered, TooManyHolds
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Hold, Occupancy, Offer, Practice, Therapist
from telehealth.queries.appointments.groups import list_joinable_groups, only_full_groups_at
from telehealth.queries.appointments.slot_calendars import rules_of
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.services import idempotency
from telehealth.services.appointments.choosing import SlotRequest, SlotWish, Wish, choose_rows, find_therapist_id
from telehealth.services.appointments.occupancies import Owner, give_back_time
from telehealth.services.appointments.placing import (
    Placed,
    choose_candidates,
    choose_rooms,
    expect_placed,
    queue_for_limits,
    take_slot,
)
from telehealth.services.appointments.seating import require_free_seat
from telehealth.services.inserting import insert_objects
from telehealth.services.locking import lock_appointment

MOST_EXTENSIONS = 2
KEPT_FOR = timedelta(days=1)
MOST_OF_NETWORK = 8
"""At the same moment. A browser keeps one, so it takes a school or a clinic full of people who choose at once; whoever
is refused can still book, only without having the time kept while they type.
"""
MOST_BASE, MOST_PER_THERAPIST = 10, 5
"""Of a practice as a whole, from however many networks: few enough that most of a week is offered still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldWish(SlotWish):
    """The slot somebody has chosen, and the state they will be in.

    ``appointment_id`` names the appointment that is to be moved there, which is no obstacle to itself; ``co_therapist``
    (a public id) the second one who stays with it.
    """

    service: str
    jurisdiction: str | None = None
    appointment_id: int | None = None
    co_therapist: str | None = None

    def fingerprint(self, replaces: str | None) -> str:
        """The same for the same request."""
        slot = [self.service, self.starts_at.timestamp(), self.mode, self.therapist, self.location, self.jurisdiction]
        more = [asdict(self.fit), self.appointment_id, self.co_therapist, *([True] if self.has_met else [])]
        return idempotency.fingerprint_of("hold", slot, *more, replaces)


@retry_on_conflict
def keep_slot(
    *,
    practice_id: int,
    wish: HoldWish,
    network: str,
    now: datetime,
    replaced_public_id: str | None = None,
    idempotency_key: str | None = None,
) -> Hold:
    """Keep a slot for the practice's ``hold_minutes``; what ``replaces`` names is released in the same moment.

    For a group that stands already, one seat is kept. A repeated idempotency key returns the hold it made before.
    ``network`` is the visitor's (``domain.networks``). Raises NotFound, ServiceEnded, InvalidInput, SlotTaken,
    SlotNotOffered, GroupFull, IdempotencyMismatch, TooManyHolds when others would find nothing any more, and
    HoldExpired when the hold made before has long been forgotten.
    """
    with transaction() as session:
        fingerprint = wish.fingerprint(replaced_public_id)
        made_before = idempotency.claim_key(session, practice_id, idempotency_key, fingerprint, now=now)
        if made_before is not None:
            return _made_before(session, practice_id, made_before)
        if replaced_public_id is not None:
            _release(session, practice_id, replaced_public_id, now=now)
        _require_room_for_others(session, practice_id, network, now=now)
        asked = choose_rows(session, practice_id, wish.service, wish, is_booked=wish.appointment_id is not None)
        known_to = _known_to(session, asked)
        query = asked.query(wish.jurisdiction, fit=wish.fit, own_appointment_id=wish.appointment_id, known_to=known_to)
        together = find_therapist_id(session, practice_id, wish.co_therapist)
        query = replace(query, co_therapist_id=together, minutes=_kept_length(session, asked))
        until = now + timedelta(minutes=asked.practice.hold_minutes)
        made = keep_slot_in(session, query, until=until, network=network, now=now)
        idempotency.settle_key(session, practice_id, idempotency_key, made.public_id)
        return made


def _known_to(session: Session, asked: SlotRequest[HoldWish]) -> frozenset[int]:
    """Who of the therapists knows the client, as they say, or because they give the appointment that is moved; it is
    not asked where whoever is named takes everybody.
    """
    moved, named = asked.wish.appointment_id, asked.therapist
    if moved is None or (named is not None and named.takes_newcomers_at(asked.wish.starts_at)):
        return asked.said_known_to
    both = select(Appointment.therapist_id, Appointment.co_therapist_id).where(Appointment.id == moved)
    return asked.said_known_to.union(each for row in session.execute(both) for each in row if each is not None)


def _kept_length(session: Session, asked: SlotRequest[HoldWish]) -> int | None:
    """How long what is moved lasts, where the service allows several lengths."""
    moved = asked.wish.appointment_id
    if moved is None or not asked.service.other_lengths:
        return None
    return asked.service.keep_length(session.get_one(Appointment, moved).minutes)


def keep_slot_in(
    session: Session, query: SlotQuery, *, until: datetime, network: str | None = None, now: datetime
) -> Hold:
    """The same inside the caller's transaction, until an instant of the caller's choice."""
    if query.service.is_group:
        kept = _keep_seat(session, query, until=until, network=network, now=now)
        if kept is not None:
            return kept
        if query.service.opened_by_staff:
            raise SlotNotOffered
    queue_for_limits(session, query)
    candidates = choose_candidates(query, now=now)
    rooms = choose_rooms(session, query, now=now)
    made = _draft(query, until=until, network=network, now=now)
    _assign(made, expect_placed(query, candidates, rooms))
    insert_objects(session, [made])
    owner = Owner(query.practice_id, hold_id=made.id, expires_at=until)
    _assign(made, take_slot(session, owner, query, candidates, rooms=rooms, now=now))
    return made


@retry_on_conflict
def extend_hold(*, practice_id: int, hold_public_id: str, now: datetime) -> Hold:
    """Keep it for as long again from now, at most twice. Raises HoldExpired."""
    with transaction() as session:
        found = session.scalar(
            select(Hold)
            .where(Hold.practice_id == practice_id, Hold.public_id == hold_public_id)
            .with_for_update(of=Hold)
            .execution_options(populate_existing=True)
        )
        if found is None or not found.still_keeps(now=now) or found.extensions >= MOST_EXTENSIONS:
            raise HoldExpired
        minutes = session.scalar(select(Practice.hold_minutes).where(Practice.id == practice_id)) or 0
        found.expires_at = max(found.expires_at, now + timedelta(minutes=minutes))
        found.extensions += 1
        kept = update(Occupancy).where(Occupancy.hold_id == found.id).values(expires_at=found.expires_at)
        still_there = session.execute(kept.returning(Occupancy.id)).first() is not None
        if not still_there and found.appointment_id is None:
            raise HoldExpired  # Somebody whose clock is a little ahead of ours has taken it over.
        return found


def release_hold(*, practice_id: int, hold_public_id: str, now: datetime) -> None:
    """Give a slot back early. One that is unknown or over is no error: it is free, which is what was asked for."""
    with transaction() as session:
        _release(session, practice_id, hold_public_id, now=now)


def find_hold(session: Session, practice_id: int, public_id: str | None, *, now: datetime) -> Hold | None:
    """The hold that somebody brings along, locked; None when there is none, or its time is over."""
    if public_id is None:
        return None
    return session.scalar(
        select(Hold)
        .where(Hold.practice_id == practice_id, Hold.public_id == public_id, Hold.expires_at > now)
        .with_for_update(of=Hold)
    )


def find_hold_for(session: Session, asked: SlotRequest[Wish], public_id: str | None, *, now: datetime) -> Hold | None:
    """The same, if it is for exactly what is asked for; one for something else is left alone."""
    hold = find_hold(session, asked.practice.id, public_id, now=now)
    if hold is None:
        return None
    kept = (hold.service_id, hold.starts_at, hold.mode, hold.location_id)
    same = kept == (asked.service.id, asked.wish.starts_at, asked.wish.mode, asked.location_id)
    return hold if same and (asked.therapist is None or asked.therapist.id == hold.therapist_id) else None


def consume_hold(session: Session, hold: Hold, *, now: datetime) -> None:
    """Free what it kept, for the one who takes it in this very transaction."""
    give_back_time(session, Owner(hold.practice_id, hold_id=hold.id))
    hold.expires_at = now


def sweep_holds(*, now: datetime) -> int:
    """Delete holds that have been over for a day, with what they took; how many. Nothing waits for this."""
    over = Hold.expires_at < now - KEPT_FOR
    with transaction() as session:
        ids = select(Hold.id).where(over, ~exists().where(Offer.hold_id == Hold.id))
        session.execute(delete(Occupancy).where(Occupancy.expires_at < now - KEPT_FOR))
        return len(session.execute(delete(Hold).where(Hold.id.in_(ids)).returning(Hold.id)).all())


def _require_room_for_others(session: Session, practice_id: int, network: str, *, now: datetime) -> None:
    """Raises TooManyHolds. Slots of one practice are kept one after the other, so that nobody counts wrong."""
    session.flush()  # What was given back a moment ago counts no more.
    session.execute(select(Practice.id).where(Practice.id == practice_id).with_for_update(key_share=True))
    live = session.execute(
        select(Hold.network, Hold.expires_at)
        .where(Hold.practice_id == practice_id, Hold.expires_at > now, Hold.network.is_not(None))
        .order_by(Hold.expires_at)
    ).all()
    giving = select(func.count()).where(Therapist.practice_id == practice_id, Therapist.ended_at.is_(None))
    most_of_practice = MOST_BASE + MOST_PER_THERAPIST * (session.scalar(giving) or 0)
    theirs = [each for each in live if each.network == network]
    for held, most in ((theirs, MOST_OF_NETWORK), (live, most_of_practice)):
        if len(held) >= most:
            raise TooManyHolds(retry_after=ceil((held[len(held) - most].expires_at - now).total_seconds()))


def _made_before(session: Session, practice_id: int, public_id: str) -> Hold:
    found = session.scalar(select(Hold).where(Hold.practice_id == practice_id, Hold.public_id == public_id))
    if found is None:
        raise HoldExpired
    return found


def _release(session: Session, practice_id: int, public_id: str, *, now: datetime) -> None:
    found = find_hold(session, practice_id, public_id, now=now)
    if found is not None:
        consume_hold(session, found, now=now)


def _keep_seat(
    session: Session, query: SlotQuery, *, until: datetime, network: str | None, now: datetime
) -> Hold | None:
    """A hold on a seat of a group that stands at that time; None when none stands. Raises GroupFull."""
    standing = [each for each in list_joinable_groups(query, now=now) if each.starts_at == query.since]
    for group in sorted(standing, key=lambda each: -each.seats_left):
        appointment = lock_appointment(session, query.practice_id, group.appointment_id)
        if appointment.status != AppointmentStatus.BOOKED or appointment.starts_at != query.since:
            continue  # It was called off, or moved, in this very moment.
        require_free_seat(session, appointment, query.service.capacity, now=now)
        made = _draft(query, until=until, network=network, now=now)
        made.therapist_id, made.appointment_id = appointment.therapist_id, appointment.id
        insert_objects(session, [made])
        return made
    if only_full_groups_at(query, now=now):
        raise GroupFull
    return None


def _assign(hold: Hold, placed: Placed) -> None:
    ids = [each.therapist_id for each in placed.therapists]
    if [each for each in (hold.therapist_id, hold.co_therapist_id) if each is not None] != ids:
        hold.therapist_id, hold.co_therapist_id = ids[0], ids[1] if len(ids) > 1 else None


def _draft(query: SlotQuery, *, until: datetime, network: str | None, now: datetime) -> Hold:
    return Hold(
        practice_id=query.practice_id,
        service_id=query.service.id,
        location_id=query.location_id,
        mode=query.mode,
        starts_at=query.since,
        ends_at=query.since + timedelta(minutes=rules_of(query).duration),
        expires_at=until,
        network=network,
        created_at=now,
    )
