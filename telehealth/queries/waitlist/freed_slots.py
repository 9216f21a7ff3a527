"""Who would take a time that became free, and when.

Finding the right one among thousands is done with rows of a few columns, held against the wishes by
``domain.waitlist.waiting``. Whether a start is really offered is asked of ``queries.appointments.slots``, the one place
that decides it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import ceil
from typing import Any, NamedTuple

from sqlalchemy import Text, bindparam, cast, exists, func, or_, select

from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.appointments.states import EXPECTED
from telehealth.domain.waitlist.waiting import (
    Span,
    Wait,
    WeeklyWindow,
    fits,
    may_touch,
    on_the_wall,
    rank_waits,
    spans_of,
)
from telehealth.domain.words import AppointmentStatus, Mode, OfferStatus
from telehealth.models import (
    Appointment,
    Attendee,
    FreedTime,
    Hold,
    Offer,
    Practice,
    Service,
    TherapistService,
    WaitlistEntry,
)
from telehealth.queries.appointments.groups import list_joinable_groups
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered_seconds
from telehealth.queries.epoch_seconds import epoch_seconds
from telehealth.queries.waitlist.waitlist_entries import are_waiting

ONE_DAY = timedelta(days=1)
TREATED_WITHIN = timedelta(days=365)
"""Whoever was seen by a therapist in so long, or will be, is their own client; a request makes nobody one."""


@dataclass(frozen=True, slots=True)
class Freed:
    """Time of one therapist that became free: aware instants, half-open. ``look_at`` is when it was due."""

    id: int
    practice_id: int
    therapist_id: int
    starts_at: datetime
    ends_at: datetime
    look_at: datetime


_DUE = (
    select(
        FreedTime.id,
        FreedTime.practice_id,
        FreedTime.therapist_id,
        FreedTime.starts_at,
        FreedTime.ends_at,
        FreedTime.look_at,
    )
    .where(FreedTime.look_at <= bindparam("now"))
    .order_by(FreedTime.look_at, FreedTime.id)
)


def list_due_freed_times(*, now: datetime) -> list[Freed]:
    """What is to be looked at now, in the order in which it fell due."""
    return [Freed(*row) for row in db.session.connection().execute(_DUE, {"now": now})]


class ProposedStart(NamedTuple):
    """A start that is offered, in epoch seconds, and how they would meet."""

    mode: Mode
    starts: int


class _Ask(NamedTuple):
    """What tells two questions about one therapist's free starts apart."""

    service_id: int
    mode: Mode
    location_id: int | None
    jurisdiction: str | None
    is_theirs: bool


@dataclass
class WaitlistSearch:
    """Who would take a freed time, and when. What was asked once is remembered until ``forget``.

    ``waiting`` is how many wait for a service of the therapist and would take this one, also at other times.
    """

    freed: Freed
    now: datetime
    services: dict[int, Service] = field(init=False)
    offer_minutes: int = field(init=False)
    waiting: int = field(init=False, default=0)
    _starts: dict[_Ask, list[int]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        given = select(TherapistService.service_id).where(TherapistService.therapist_id == self.freed.therapist_id)
        open_services = select(Service).where(
            Service.id.in_(given), Service.practice_id == self.freed.practice_id, Service.ended_at.is_(None)
        )
        self.services = {each.id: each for each in db.session.scalars(open_services)}
        kept_for = select(Practice.offer_minutes).where(Practice.id == self.freed.practice_id)
        self.offer_minutes = db.session.scalars(kept_for).one()

    def ranked(self) -> list[Wait]:
        """Everybody who waits for a service of the therapist, would take this one and may have time then, in the order
        to ask them in.
        """
        given = _given(self.freed, self.now)
        rows = db.session.connection().execute(_WAITING, given).all()
        self.waiting = len(rows)
        return rank_waits(_wishes(rows, self.freed, given), self.freed.therapist_id)

    def proposals(self, wait: Wait) -> Iterator[ProposedStart]:
        """The starts that are offered and suit the wish, the best first: in the order of the ways to meet that it
        names, and in time; what begins in the freed time comes before what only reaches into it.
        """
        service = self.services.get(wait.service_id)
        if service is None:
            return
        seconds = service.duration_minutes * 60
        for mode in wait.modes:
            for starts in self._offered(wait, service, mode):
                if fits(wait, starts, starts + seconds):
                    yield ProposedStart(mode, starts)

    def query(self, wait: Wait, proposal: ProposedStart, service: Service) -> SlotQuery:
        """The question that decides about one start for one client."""
        starts_at = datetime.fromtimestamp(proposal.starts, UTC)
        query = SlotQuery.about(
            service,
            proposal.mode,
            starts_at,
            jurisdiction=wait.jurisdiction,
            client_ids=(wait.client_id,),
            own_appointment_id=wait.appointment_id,
            known_to=self._known_to(is_theirs=wait.is_their_own),
        )
        place = wait.location_id if proposal.mode == Mode.IN_PERSON else None
        return replace(query, therapist_id=self.freed.therapist_id, location_id=place)

    def _known_to(self, *, is_theirs: bool) -> frozenset[int]:
        """Whoever is the therapist's own client is offered their time, whether or not new clients are."""
        return frozenset({self.freed.therapist_id} if is_theirs else ())

    def forget(self) -> None:
        """Something was taken: ask again."""
        self._starts.clear()

    def held_until(self) -> datetime | None:
        """When the first of the holds on this time ends that somebody keeps while typing; it may come to nothing."""
        return db.session.scalar(
            select(func.min(Hold.expires_at)).where(
                Hold.practice_id == self.freed.practice_id,
                Hold.therapist_id == self.freed.therapist_id,
                Hold.expires_at > self.now,
                Hold.starts_at < self.freed.ends_at,
                Hold.ends_at > self.freed.starts_at,
                ~exists().where(Offer.hold_id == Hold.id),
            )
        )

    def _offered(self, wait: Wait, service: Service, mode: Mode) -> list[int]:
        in_person = mode == Mode.IN_PERSON
        place, state = (wait.location_id, None) if in_person else (None, wait.jurisdiction)
        ask = _Ask(service.id, mode, place, state, wait.is_their_own)
        if ask not in self._starts:
            self._starts[ask] = self._ask(ask, service)
        return self._starts[ask]

    def _ask(self, ask: _Ask, service: Service) -> list[int]:
        """Every start whose appointment would touch the freed time."""
        if ask.mode == Mode.IN_PERSON and ask.location_id is None:
            return []
        first = self.freed.starts_at - timedelta(minutes=service.duration_minutes) + timedelta(seconds=1)
        query = replace(
            SlotQuery.about(
                service,
                ask.mode,
                first,
                self.freed.ends_at,
                jurisdiction=ask.jurisdiction,
                known_to=self._known_to(is_theirs=ask.is_theirs),
            ),
            therapist_id=self.freed.therapist_id,
            location_id=ask.location_id,
        )
        starts = set() if service.opened_by_staff and service.is_group else set(offered_seconds(query, now=self.now))
        if service.is_group:
            starts |= {int(each.starts_at.timestamp()) for each in list_joinable_groups(query, now=self.now)}
        freed_from = self.freed.starts_at.timestamp()
        return sorted(starts, key=lambda start: (start < freed_from, abs(start - freed_from)))


# Few columns, as rows, and JSON as text: what was read once is known. Each statement asks one table for what it is
# indexed by; one statement that joins them all costs several times as much.
_GIVEN = select(TherapistService.service_id).where(TherapistService.therapist_id == bindparam("therapist"))
_NAMED = cast(WaitlistEntry.therapist_ids, Text)
# The list as ",7,12,": whoever waits for others only is passed over where it costs least.
_SPELT = func.replace(func.replace(func.replace(_NAMED, " ", ""), "[", ","), "]", ",")
_WAITING = select(
    WaitlistEntry.id,
    WaitlistEntry.client_id,
    WaitlistEntry.service_id,
    WaitlistEntry.location_id,
    cast(WaitlistEntry.modes, Text),
    _NAMED,
    cast(WaitlistEntry.windows, Text),
    WaitlistEntry.timezone,
    WaitlistEntry.jurisdiction,
    WaitlistEntry.until,
    epoch_seconds(WaitlistEntry.created_at),
).where(
    *are_waiting(bindparam("practice")),
    WaitlistEntry.service_id.in_(_GIVEN),
    WaitlistEntry.until >= bindparam("first_day"),
    or_(_NAMED == "[]", _SPELT.like(bindparam("spelt"))),
)
_OWN_CLIENTS = (
    select(Attendee.client_id)
    .join(Appointment, Appointment.id == Attendee.appointment_id)
    .where(
        Appointment.therapist_id == bindparam("therapist"),
        Appointment.starts_at > bindparam("seen_since"),
        Attendee.status.not_in((AppointmentStatus.PENDING, AppointmentStatus.CANCELLED)),
    )
    .distinct()
)
_GIVEN_UP = (
    select(WaitlistEntry.id, Appointment.id, epoch_seconds(Appointment.starts_at))
    .join(Attendee, Attendee.id == WaitlistEntry.replaces_id)
    .join(Appointment, Appointment.id == Attendee.appointment_id)
    .where(*are_waiting(bindparam("practice")), Attendee.status.in_(EXPECTED), Appointment.status.in_(EXPECTED))
)
_OFFERED_BEFORE = (
    select(
        Offer.entry_id,
        Offer.therapist_id,
        epoch_seconds(Offer.starts_at),
        epoch_seconds(Offer.ends_at),
        Offer.status,
        epoch_seconds(Offer.expires_at),
    )
    .join(WaitlistEntry, WaitlistEntry.id == Offer.entry_id)
    .where(*are_waiting(bindparam("practice")), Offer.starts_at > bindparam("now"))
)


def _given(freed: Freed, now: datetime) -> dict[str, Any]:
    return {
        "practice": freed.practice_id,
        "therapist": freed.therapist_id,
        "first_day": now.date() - ONE_DAY,  # It may still be yesterday where the client is.
        "spelt": f"%,{freed.therapist_id},%",
        "seen_since": now - TREATED_WITHIN,
        "now": now,
    }


def _wishes(rows: Iterable[Any], freed: Freed, given: dict[str, Any]) -> Iterator[Wait]:
    """The wishes of those who may have time then, in no order."""
    connection = db.session.connection()
    own = set(connection.scalars(_OWN_CLIENTS, given))
    given_up = {row[0]: row[1:] for row in connection.execute(_GIVEN_UP, given)}
    refused, asked_until = _offered_before(connection.execute(_OFFERED_BEFORE, given), freed.therapist_id)
    shown = _Shown(freed)
    for key, client_id, service_id, location_id, modes, therapists, windows, zone, jurisdiction, until, since in rows:
        spans = _spans(windows)
        if may_touch(spans, shown[zone]):
            appointment_id, before = given_up.get(key, (None, None))
            yield Wait(
                key,
                service_id,
                location_id,
                _modes(modes),
                _ids(therapists),
                spans,
                walltime.zone(zone),
                jurisdiction,
                until,
                since,
                client_id,
                client_id in own,
                before,
                appointment_id,
                tuple(refused.get(key, ())),
                asked_until.get(key),
            )


class _Shown(dict[str, list[Span]]):
    """What the clock in each zone, by name, shows while the freed time lasts."""

    def __init__(self, freed: Freed) -> None:
        super().__init__()
        self._between = int(freed.starts_at.timestamp()), ceil(freed.ends_at.timestamp())

    def __missing__(self, zone: str) -> list[Span]:
        self[zone] = on_the_wall(*self._between, walltime.zone(zone))
        return self[zone]


def _offered_before(rows: Iterable[Any], therapist_id: int) -> tuple[dict[int, list[Span]], dict[int, int]]:
    """By entry: the slots of this therapist that were offered, and until when an offer of anybody's is open."""
    refused: dict[int, list[Span]] = defaultdict(list)
    asked_until: dict[int, int] = {}
    for entry_id, offered_by, starts, ends, status, expires_at in rows:
        if offered_by == therapist_id:
            refused[entry_id].append((starts, ends))
        if status == OfferStatus.OPEN:
            asked_until[entry_id] = expires_at
    return refused, asked_until


@lru_cache(maxsize=256)
def _modes(kept: str) -> tuple[Mode, ...]:
    return tuple(map(Mode, json.loads(kept)))


@lru_cache(maxsize=4096)
def _ids(kept: str) -> frozenset[int]:
    return frozenset(json.loads(kept))


@lru_cache(maxsize=16_384)
def _spans(kept: str) -> tuple[Span, ...]:
    return spans_of(map(WeeklyWindow.read, json.loads(kept)))
