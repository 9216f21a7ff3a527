"""The one way in which anything takes a slot: the rules choose who could, the database decides who gets it.

Bookings, moves, holds and the dates of standing slots all come through here, so what is offered can be booked and what
is refused was not offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from telehealth.domain import walltime
from telehealth.domain.appointments.overriding import OVER_THERAPIST
from telehealth.domain.errors import SlotNotOffered, SlotTaken
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Appointment, Location, Room, Service, Therapist
from telehealth.queries.appointments.slot_calendars import Candidate, rooms_of, rules_of
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import decide_at, obstacles_at
from telehealth.services.appointments.occupancies import (
    Core,
    Interval,
    Owner,
    take_time,
    take_time_beside,
    take_times,
)

# Built once: building a statement takes longer than running it.
_LIMITED = Therapist.daily_cap.is_not(None) | Therapist.weekly_cap.is_not(None) | Therapist.longest_run.is_not(None)
_LOCK_LIMITED = (
    select(Therapist.id)
    .where(
        Therapist.practice_id == bindparam("practice"),
        _LIMITED,
        Therapist.services.any(Service.id == bindparam("service")),
    )
    .order_by(Therapist.id)
    .with_for_update(of=Therapist, key_share=True)
)
_LOCK_ONE = (
    select(Therapist.id).where(Therapist.id == bindparam("therapist")).with_for_update(of=Therapist, key_share=True)
)


@dataclass(frozen=True, slots=True)
class Placed:
    """Who and what was really taken: one therapist or two, and in person a room."""

    therapists: Sequence[Candidate]
    room: Room | None


def queue_for_limits(session: Session, query: SlotQuery) -> None:
    """Bookings with therapists who have limits come one after the other: they count each other's rows.

    No constraint can refuse one too many, so this is the one place that locks before it looks (in the order of ids).
    """
    if query.therapist_id is None or query.service.therapists_needed > 1:
        given = {"practice": query.practice_id, "service": query.service.id}
        session.connection().execute(_LOCK_LIMITED, given)
    elif _has_limits(session.get_one(Therapist, query.therapist_id)):  # Whoever chose the rows has loaded it.
        session.connection().execute(_LOCK_ONE, {"therapist": query.therapist_id})


def _has_limits(therapist: Therapist) -> bool:
    limits = (therapist.daily_cap, therapist.weekly_cap, therapist.longest_run)
    return any(limit is not None for limit in limits)


def choose_candidates(
    query: SlotQuery, *, jurisdictions: Iterable[str | None] = (), now: datetime
) -> Sequence[Candidate]:
    """Everybody to whom the slot ``query.since`` is offered, the best first. The function that offered it decides.

    ``jurisdictions`` are the states of further clients: a therapist must be allowed in all of them.
    Raises SlotTaken, SlotNotOffered.
    """
    if query.since.second or query.since.microsecond:
        raise SlotNotOffered
    further = {each for each in jurisdictions if each} - {query.jurisdiction}
    found = decide_at(replace(query, further_jurisdictions=tuple(sorted(further))), now=now)
    if not found.free:
        raise SlotTaken if found.is_taken else SlotNotOffered
    return found.free


def find_overridden(
    query: SlotQuery, therapist_ids: Sequence[int], *, jurisdictions: Iterable[str | None] = (), now: datetime
) -> list[str]:
    """Which of the waived obstacles really stand in the way of the therapists who come first, in any of the clients'
    states: these are kept with the appointment.
    """
    if not query.waived:
        return []
    found: set[Obstacle] = set()
    for state in {query.jurisdiction, *filter(None, jurisdictions)}:
        why = obstacles_at(replace(query, jurisdiction=state, waived=frozenset()), now=now)
        for therapist_id in therapist_ids[: query.service.therapists_needed]:
            found.update(why.get(therapist_id, ()))
    return sorted(each.value for each in found & query.waived)


def choose_rooms(session: Session, query: SlotQuery, room_id: int | None = None, *, now: datetime) -> Sequence[Room]:
    """The rooms in which an appointment in person could be, the first of them first; ``room_id`` asks for one room and
    no other. None for any other way to meet.
    """
    if query.mode != Mode.IN_PERSON:
        return ()
    wanted = select(Room).where(Room.id.in_(rooms_of(query, now=now))).order_by(Room.id)
    if room_id is not None:
        wanted = select(Room).where(Room.id == room_id, Room.location_id == query.location_id)
    return session.scalars(wanted).all()


def expect_placed(query: SlotQuery, candidates: Sequence[Candidate], rooms: Sequence[Room]) -> Placed:
    """What is taken when nobody is faster."""
    return Placed(candidates[: query.service.therapists_needed], next(iter(rooms), None))


def take_slot(
    session: Session,
    owner: Owner,
    query: SlotQuery,
    candidates: Sequence[Candidate],
    *,
    clients: Sequence[int] = (),
    rooms: Sequence[Room] = (),
    now: datetime,
) -> Placed:
    """Take one therapist (or two), the clients' time and, in person, a room, from ``query.since`` on.

    Whatever is expected is taken in one statement, or in two where others could come instead of the first therapists:
    clients and rooms come after all therapists, in the order of locks. What somebody else has by then is tried again by
    itself, and after it the next one. ``clients`` are the ids of the clients' resources, ``rooms`` those of
    ``choose_rooms``. Raises SlotTaken when one of them is gone.
    """
    span = Interval(0, query.since, query.since + timedelta(minutes=rules_of(query).duration))
    over_therapist, over_client = bool(query.waived & OVER_THERAPIST), Obstacle.CLIENT_BUSY in query.waived
    wanted = [with_buffers(query.service, each, span) for each in candidates]
    theirs = [replace(span, resource_id=each) for each in sorted(clients)]
    inside = [replace(span, resource_id=each.resource_id) for each in rooms]
    first, rest = wanted[: query.service.therapists_needed], [*theirs, *inside[:1]]
    if over_therapist or over_client:  # What is laid over others locks it for itself: one after the other.
        first, rest = [], []
    is_certain = len(candidates) == query.service.therapists_needed
    free = take_times(session, owner, [*first, *rest] if is_certain else first)

    def take(interval: Interval, *, overlap_allowed: bool = False) -> bool:
        is_taken = interval.resource_id in free
        return is_taken or _take(session, owner, query, interval, now=now, overlap_allowed=overlap_allowed)

    therapists = _first(candidates, wanted, partial(take, overlap_allowed=over_therapist), query)
    if not is_certain:
        free |= take_times(session, owner, rest)
    if not all(take(each, overlap_allowed=over_client) for each in theirs):
        raise SlotTaken
    room = next((room for room, interval in zip(rooms, inside, strict=True) if take(interval)), None)
    if query.mode == Mode.IN_PERSON and room is None:
        room = _share_room(session, owner, query, rooms, inside, now=now)
    return Placed(therapists, room)


def assign_placed(appointment: Appointment, placed: Placed, location: Location | None) -> None:
    """Write down who and what was taken, and the wall time that was meant: the venue's, or else the therapist's."""
    first = placed.therapists[0]
    zone = first.calendar.zone if location is None else walltime.zone(location.timezone)
    facts = {
        "therapist_id": first.therapist_id,
        "co_therapist_id": placed.therapists[1].therapist_id if len(placed.therapists) > 1 else None,
        "room_id": placed.room.id if placed.room is not None else None,
        "timezone": zone.key,
        "local_start": walltime.wall(appointment.starts_at, zone),
    }
    for name, value in facts.items():
        if getattr(appointment, name) != value:  # What is as it was is not written again.
            setattr(appointment, name, value)


def _first(
    candidates: Sequence[Candidate], wanted: Sequence[Interval], take: Callable[[Interval], bool], query: SlotQuery
) -> list[Candidate]:
    """The first therapists whose time could be taken. Raises SlotTaken."""
    could = (who for who, interval in zip(candidates, wanted, strict=True) if take(interval))
    taken = list(islice(could, query.service.therapists_needed))
    is_enough = len(taken) == query.service.therapists_needed
    if not is_enough or not {each.therapist_id for each in taken}.issuperset(query.named):
        raise SlotTaken
    return taken


def _take(
    session: Session,
    owner: Owner,
    query: SlotQuery,
    wanted: Interval,
    *,
    now: datetime,
    overlap_allowed: bool = False,
) -> bool:
    """Take it; a hold may lie over the appointment that is to move there."""
    if take_time(session, owner, wanted, now=now, overlap_allowed=overlap_allowed):
        return True
    own = query.own_appointment_id if owner.hold_id is not None else None
    return own is not None and take_time_beside(session, owner, wanted, appointment_id=own, now=now)


def with_buffers(service: Service, candidate: Candidate, span: Interval) -> Interval:
    """What an appointment takes of a therapist's time: with the buffers, and time for notes."""
    after = max(service.buffer_after_minutes, candidate.calendar.note_minutes)
    return Interval(
        candidate.resource_id,
        span.starts_at - timedelta(minutes=service.buffer_before_minutes),
        span.ends_at + timedelta(minutes=after),
        Core(span.starts_at, span.ends_at, service.id),
    )


def _share_room(
    session: Session,
    owner: Owner,
    query: SlotQuery,
    rooms: Sequence[Room],
    inside: Sequence[Interval],
    *,
    now: datetime,
) -> Room | None:
    """No room is free: staff may put two into the first one. Raises SlotTaken."""
    if Obstacle.ROOM not in query.waived:
        raise SlotTaken
    if not rooms:
        return None
    take_time(session, owner, inside[0], now=now, overlap_allowed=True)
    return rooms[0]
