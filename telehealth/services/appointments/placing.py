"""The one way in which anything takes a slot: the rules choose who could, the database decides who gets it.

Bookings, moves, holds and the dates of standing slots all come through here, so what is offered can be booked and what
is refused was not offered.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, islice

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from telehealth.domain import walltime
from telehealth.domain.appointments.overriding import OVER_THERAPIST
from telehealth.domain.errors import SlotNotOffered, SlotTaken
from telehealth.domain.hours.opening import clear_of
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Appointment, Location, Room, Service, Therapist
from telehealth.queries.appointments.slot_calendars import Candidate, rooms_of, rules_of, seconds
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import decide_at, obstacles_at
from telehealth.services.appointments.occupancies import (
    Core,
    Interval,
    Owner,
    Wanted,
    give_back_time,
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


@dataclass(frozen=True, slots=True)
class Taking:
    """What an owner is to take from ``query.since`` on: one (or two) of the therapists, the time of all clients, and in
    person one of the rooms, each kind with its intervals in the order of choice.
    """

    owner: Owner
    query: SlotQuery
    candidates: Sequence[Candidate]
    rooms: Sequence[Room]
    of_therapists: Sequence[Interval]
    of_clients: Sequence[Interval]
    of_rooms: Sequence[Interval]

    @property
    def is_over_therapist(self) -> bool:
        """Whether the therapist's time is taken though it is not free."""
        return bool(self.query.waived & OVER_THERAPIST)

    @property
    def is_over_client(self) -> bool:
        """The same of the clients' time."""
        return Obstacle.CLIENT_BUSY in self.query.waived

    @property
    def is_certain(self) -> bool:
        """Whether no others could come instead of the first therapists."""
        return len(self.candidates) == self.query.service.therapists_needed

    @property
    def first(self) -> tuple[list[Wanted], ...]:
        """What is taken first when nobody is faster, by kind: in the order of locks."""
        therapists = self._wanted(self.of_therapists[: self.query.service.therapists_needed])
        return (therapists, *self.rest) if self.is_certain else (therapists, [], [])

    @property
    def rest(self) -> tuple[list[Wanted], ...]:
        """What comes after all therapists: clients and a room."""
        return self._wanted(self.of_clients), self._wanted(self.of_rooms[:1])

    def _wanted(self, intervals: Sequence[Interval]) -> list[Wanted]:
        if self.is_over_therapist or self.is_over_client:  # It locks what it is laid over: one after the other.
            return []
        return [(self.owner, each) for each in intervals]


def draft_taking(
    owner: Owner,
    query: SlotQuery,
    candidates: Sequence[Candidate],
    *,
    clients: Sequence[int] = (),
    rooms: Sequence[Room] = (),
) -> Taking:
    """What ``take_slot`` is to take."""
    span = Interval(0, query.since, query.since + timedelta(minutes=rules_of(query).duration))
    of_therapists = [with_buffers(query.service, each, span) for each in candidates]
    of_clients = [replace(span, resource_id=each) for each in sorted(clients)]
    of_rooms = [replace(span, resource_id=each.resource_id) for each in rooms]
    return Taking(owner, query, candidates, rooms, of_therapists, of_clients, of_rooms)


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


def choose_candidates(query: SlotQuery, *, now: datetime) -> Sequence[Candidate]:
    """Everybody to whom the slot ``query.since`` is offered, the best first. The function that offered it decides.
    Raises SlotTaken, SlotNotOffered.
    """
    if query.since.second or query.since.microsecond:
        raise SlotNotOffered
    found = decide_at(query, now=now)
    if not found.free:
        raise SlotTaken if found.is_taken else SlotNotOffered
    return found.free


def find_overridden(query: SlotQuery, therapist_ids: Sequence[int], *, now: datetime) -> list[str]:
    """Which of the waived obstacles really stand in the way of the therapists who come first: these are kept with the
    appointment.
    """
    if not query.waived:
        return []
    first, second = (*therapist_ids[: query.service.therapists_needed], None)[:2]
    theirs = replace(query, waived=frozenset(), therapist_id=first, co_therapist_id=second)
    found = set(chain.from_iterable(obstacles_at(theirs, now=now).values()))
    return sorted(each.value for each in found & query.waived)


def choose_rooms(session: Session, query: SlotQuery, room_id: int | None = None, *, now: datetime) -> Sequence[Room]:
    """The rooms in which an appointment in person could be, the first free one first; ``room_id`` asks for one room and
    no other. None for any other way to meet.
    """
    if room_id is None or query.mode != Mode.IN_PERSON:
        return choose_rooms_each(session, query, [query.since], now=now)[query.since]
    wanted = select(Room).where(Room.id == room_id, Room.location_id == query.location_id)
    is_own = query.own_appointment_id is not None  # Which may stay in a room that was closed since.
    return session.scalars(wanted if is_own else wanted.where(Room.ended_at.is_(None))).all()


def choose_rooms_each(
    session: Session, query: SlotQuery, starts: Collection[datetime], *, now: datetime
) -> dict[datetime, Sequence[Room]]:
    """The same for each of many starts, which lie in [query.since, query.until)."""
    if query.mode != Mode.IN_PERSON:
        return dict.fromkeys(starts, ())
    taken, length = rooms_of(query, now=now), rules_of(query).duration * 60
    asked = sorted({seconds(each) for each in starts})
    free = {room_id: set(clear_of(periods, asked, 0, length)) for room_id, periods in taken.items()}
    rooms = session.scalars(select(Room).where(Room.id.in_(taken)).order_by(Room.id)).all()
    return {start: sorted(rooms, key=lambda room: seconds(start) not in free[room.id]) for start in starts}


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
    taking = draft_taking(owner, query, candidates, clients=clients, rooms=rooms)
    free = take_times(session, list(chain.from_iterable(taking.first)))
    return _settle(session, taking, free, now=now)


def take_slots(session: Session, takings: Sequence[Taking], *, now: datetime) -> list[Placed | None]:
    """The same for many owners, whose first choices are all taken in one statement. None for each whose slot is gone:
    it has taken nothing.
    """
    by_kind = zip(*(each.first for each in takings), strict=True)
    in_order = (sorted(chain.from_iterable(each), key=_place_in_queue) for each in by_kind)
    free = take_times(session, list(chain.from_iterable(in_order)))
    return [_settle_or_leave(session, each, free, now=now) for each in takings]


def _place_in_queue(wanted: Wanted) -> tuple[int, datetime]:
    return wanted[1].resource_id, wanted[1].starts_at


def _settle_or_leave(session: Session, taking: Taking, free: Set[tuple[Owner, int]], *, now: datetime) -> Placed | None:
    try:
        return _settle(session, taking, free, now=now)
    except SlotTaken:
        give_back_time(session, taking.owner)
        return None


def _settle(session: Session, taking: Taking, free: Set[tuple[Owner, int]], *, now: datetime) -> Placed:
    """Of the first choices those are taken that were ``free``. Raises SlotTaken."""
    owner, query = taking.owner, taking.query

    def take(interval: Interval, *, overlap_allowed: bool = False) -> bool:
        is_taken = (owner, interval.resource_id) in free
        return is_taken or _take(session, owner, query, interval, now=now, overlap_allowed=overlap_allowed)

    take_therapist = partial(take, overlap_allowed=taking.is_over_therapist)
    therapists = _first(taking.candidates, taking.of_therapists, take_therapist, query)
    if not taking.is_certain:
        free = free | take_times(session, list(chain.from_iterable(taking.rest)))
    if not all(take(each, overlap_allowed=taking.is_over_client) for each in taking.of_clients):
        raise SlotTaken
    room = next((room for room, interval in zip(taking.rooms, taking.of_rooms, strict=True) if take(interval)), None)
    if query.mode == Mode.IN_PERSON and room is None:
        room = _share_room(session, owner, query, taking.rooms, taking.of_rooms, now=now)
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
