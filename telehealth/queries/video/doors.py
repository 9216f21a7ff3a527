"""Whether the virtual room of an appointment can be entered, asked by every door that leads to it; and who is at its
door.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.appointments.joining import Door
from telehealth.domain.video.calls import LINGERS, OFF, PRESENT, CallerState, is_in_use, is_there
from telehealth.domain.words import Mode
from telehealth.models import Appointment, Caller, VideoCall


def find_door(appointment: Appointment, *, now: datetime) -> Door:
    """How the way into the room of an appointment stands, by the hours of its practice: longer while a call in our own
    room goes on. Whether it has one at all (``has_room``) is another question.
    """
    hours, span = appointment.practice.room_hours, (appointment.starts_at, appointment.ends_at)
    door = hours.door_of(*span, now=now)
    if door != Door.OVER or not has_room(appointment):
        return door
    return hours.door_of(*span, now=now, is_in_use=appointment.id in list_in_use([appointment.id], now=now))


def has_room(appointment: Appointment) -> bool:
    """Whether an appointment meets by video, as it stands."""
    return appointment.mode == Mode.VIRTUAL and appointment.status not in OFF


def list_in_use(appointment_ids: Collection[int], *, now: datetime) -> set[int]:
    """Those of these appointments (ids) whose call goes on, or did a moment ago."""
    recent = (
        select(Caller, VideoCall.appointment_id)
        .join(Caller.call)
        .where(
            VideoCall.appointment_id.in_(appointment_ids),
            Caller.state.in_({*PRESENT, CallerState.LEFT}),
            Caller.seen_at > now - LINGERS,
        )
    )
    found: dict[int, list[Caller]] = {}
    for caller, appointment_id in db.session.execute(recent):
        found.setdefault(appointment_id, []).append(caller)
    return {each for each, callers in found.items() if is_in_use(callers, now=now)}


def list_callers_waiting(appointment_ids: Collection[int], *, now: datetime) -> dict[int, list[Caller]]:
    """Who is at the door of each of these appointments, and was heard of lately; who came first stands first."""
    found: dict[int, list[Caller]] = {}
    waiting = (
        select(Caller, VideoCall.appointment_id)
        .join(Caller.call)
        .where(VideoCall.appointment_id.in_(appointment_ids), Caller.state == CallerState.WAITING)
        .order_by(Caller.came_at, Caller.id)
    )
    for caller, appointment_id in db.session.execute(waiting):
        if is_there(caller.state, caller.seen_at, now=now):
            found.setdefault(appointment_id, []).append(caller)
    return found
