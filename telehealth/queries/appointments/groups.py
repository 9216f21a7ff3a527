"""Groups that stand already: a client's booking joins one of them before a new one is opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, groupby
from typing import Any

from sqlalchemy import bindparam, exists, func, select

from telehealth.domain import walltime
from telehealth.domain.appointments.availability import is_in_time
from telehealth.domain.hours.opening import Period, clear_of, time_after_leaving
from telehealth.domain.words import AppointmentStatus, Mode, Obstacle
from telehealth.models import Appointment, Attendee, Hold, Therapist, TherapistService
from telehealth.models.users import GIVES_CARE
from telehealth.queries.appointments.slot_calendars import (
    closed_dates,
    closed_days,
    execute,
    parameters,
    rules_of,
    seconds,
    time_for_known,
    time_off,
    unlicensed,
)
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slot_rows import CLIENTS, CLOSURES, LICENCES, OVERRIDES, PLACE, TIME_OFF, AnyRow
from telehealth.queries.json_rows import rows_in

FORBID_A_SEAT = frozenset(
    {
        Obstacle.PAST,
        Obstacle.NOTICE,
        Obstacle.HORIZON,
        Obstacle.LICENCE,
        Obstacle.CLIENT_BUSY,
        Obstacle.TIME_OFF,
        Obstacle.CLOSED,
        Obstacle.LEFT,
        Obstacle.NEW_CLIENT,
    }
)
"""What forbids a seat in a group that stands. Its time and its room are taken by the group itself."""

_SEATS_TAKEN = (
    select(func.count())
    .where(Attendee.appointment_id == Appointment.id, Attendee.status != AppointmentStatus.CANCELLED)
    .correlate(Appointment)
    .scalar_subquery()
)
_SEATS_HELD = (
    select(func.count())
    .where(Hold.appointment_id == Appointment.id, Hold.expires_at > bindparam("now"), Hold.id != bindparam("own_hold"))
    .correlate(Appointment)
    .scalar_subquery()
)
_STANDING = (
    select(
        Therapist.id,
        Therapist.timezone,
        Therapist.leaves_on,
        Therapist.new_clients,
        Therapist.new_clients_from,
        Appointment.id.label("appointment_id"),
        Appointment.therapist_id,
        Appointment.co_therapist_id,
        Appointment.starts_at,
        Appointment.ends_at,
        Appointment.mode,
        Appointment.location_id,
        (_SEATS_TAKEN + _SEATS_HELD).label("taken"),
        PLACE.label("place"),
        LICENCES.label("licences"),
        OVERRIDES.label("overrides"),
        TIME_OFF.label("time_off"),
        CLOSURES.label("closures"),
        CLIENTS.label("clients"),
    )
    .join(Therapist, Therapist.id.in_((Appointment.therapist_id, Appointment.co_therapist_id)))
    .where(
        Appointment.practice_id == bindparam("practice"),
        Appointment.service_id == bindparam("service"),
        Appointment.starts_at >= bindparam("first"),
        Appointment.starts_at < bindparam("end"),
        Appointment.status == AppointmentStatus.BOOKED,
        Appointment.id != bindparam("own_appointment"),
        GIVES_CARE,
    )
    .order_by(Appointment.starts_at, Appointment.id)
)
"""A row for each therapist who gives a group: what forbids a seat with one of them forbids it."""
_OTHERS_GIVE_IT = select(
    exists().where(
        TherapistService.service_id == bindparam("service"),
        TherapistService.therapist_id == Therapist.id,
        GIVES_CARE,
        Therapist.id.not_in(bindparam("therapists", expanding=True)),
    )
)


@dataclass(frozen=True, slots=True)
class StandingGroup:
    """A booked group, when it starts and ends (aware UTC; it keeps the length that its service had), and how many more
    clients it takes.
    """

    appointment_id: int
    therapist_id: int
    starts_at: datetime
    ends_at: datetime
    seats_left: int
    co_therapist_id: int | None = None

    @property
    def therapist_ids(self) -> list[int]:
        """All who give it, the first of them first."""
        return [each for each in (self.therapist_id, self.co_therapist_id) if each is not None]

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return (self.ends_at - self.starts_at) // timedelta(minutes=1)


def list_joinable_groups(query: SlotQuery, *, now: datetime, decided_at: datetime | None = None) -> list[StandingGroup]:
    """The groups of the service that start in [since, until) and have a seat for a client, the earliest first.

    They meet in the way and at the place asked for, with the therapist named if there is one, not too soon and not too
    far ahead (as of ``decided_at``, when a seat was kept before now), and every therapist who gives it may treat in the
    client's jurisdiction, and has neither taken that day off nor left meanwhile: who has a seat then waits to hear, and
    nobody joins them.
    """
    given, rules, at = _parameters(query, now=now), rules_of(query), seconds(decided_at or now)
    return [
        group
        for group, rows in _standing(query, given)
        if is_in_time(seconds(group.starts_at), _zone(rows[0]), rules, now=at)
        and group.seats_left
        and _is_clear(group, chain.from_iterable(_away(row, query) for row in rows))
    ]


def list_groups_at(query: SlotQuery, *, now: datetime) -> list[StandingGroup]:
    """The groups that stand at ``query.since``, full or not, whatever the rules say about another seat."""
    at_once = replace(query, until=None)
    return [group for group, _ in _standing(query, _parameters(at_once, now=now))]


def only_full_groups_at(query: SlotQuery, *, now: datetime) -> bool:
    """Whether the only groups that could be joined or opened at ``query.since`` stand there without a free seat."""
    found = list_groups_at(query, now=now)
    if not found or any(group.seats_left for group in found):
        return False
    if query.therapist_id is not None or query.service.opened_by_staff:
        return True
    given = {"service": query.service.id, "therapists": [group.therapist_id for group in found]}
    return not execute(_OTHERS_GIVE_IT, given).scalar_one()


def _parameters(query: SlotQuery, *, now: datetime) -> dict[str, Any]:
    return {**parameters(query, now=now), "first": query.since, "end": query.end}


def _standing(query: SlotQuery, given: dict[str, Any]) -> Iterator[tuple[StandingGroup, Sequence[AnyRow]]]:
    """The groups that are given in the way asked for, each with the rows of its therapists, the first of them first.
    One whose second therapist gives no care any more is passed over like one whose first does not.
    """
    found = execute(_STANDING, given).all()
    for _, rows in groupby(found, key=lambda row: row.appointment_id):
        together = sorted(rows, key=lambda row: row.id != row.therapist_id)
        group = _group(together[0], query)
        is_with = query.therapist_id is None or group.therapist_id == query.therapist_id
        is_there = query.mode != Mode.IN_PERSON or together[0].location_id == query.location_id
        if together[0].mode == query.mode and is_with and is_there and len(together) == len(group.therapist_ids):
            yield group, together


def _away(row: AnyRow, query: SlotQuery) -> Iterator[Period]:
    """When its therapist may not treat where the clients are, has time off, closed or left, or a client is busy."""
    zone = _zone(row)
    return chain(
        unlicensed(row, query, zone),
        time_off(row.time_off, zone),
        closed_dates(row, zone),
        closed_days(row.overrides, zone),
        time_after_leaving(row.leaves_on, zone),
        time_for_known(row, query, zone),
        rows_in(row.clients),
    )


def _zone(row: AnyRow) -> Any:
    return walltime.zone(row.timezone)


def _group(row: AnyRow, query: SlotQuery) -> StandingGroup:
    seats_left = max(query.service.capacity - row.taken, 0)
    who = (row.therapist_id, row.starts_at, row.ends_at, seats_left, row.co_therapist_id)
    return StandingGroup(row.appointment_id, *who)


def _is_clear(group: StandingGroup, periods: Iterable[Period]) -> bool:
    return bool(clear_of(periods, [seconds(group.starts_at)], 0, group.minutes * 60))
