"""Calls in our own room, as they were."""

from __future__ import annotations

from datetime import datetime, timedelta

from telehealth.database import db
from telehealth.domain.video.calls import CallerRole, CallerState, say_whom
from telehealth.models import Appointment, Attendee, Caller, CallVisit, VideoCall
from tests.factories.rows import keep


def make_visit(
    appointment: Appointment,
    since: int,
    until: int | None,
    *,
    seat: Attendee | None = None,
    name: str = "Dana",
    seen_at: datetime | None = None,
) -> Caller:
    """Somebody was inside from one minute after the start until another (None: still): the client of a seat, or else a
    therapist.
    """
    call = db.session.query(VideoCall).filter_by(appointment_id=appointment.id).one_or_none()
    if call is None:
        call = keep(
            VideoCall(
                practice_id=appointment.practice_id, appointment_id=appointment.id, created_at=appointment.starts_at
            )
        )
    role = CallerRole.THERAPIST if seat is None else CallerRole.CLIENT
    whom = say_whom(role, name if seat is None else seat.public_id)
    began_at = appointment.starts_at + timedelta(minutes=since)
    ended_at = appointment.starts_at + timedelta(minutes=until) if until is not None else None
    caller = db.session.query(Caller).filter_by(call_id=call.id, whom=whom).one_or_none()
    if caller is None:
        caller = keep(
            Caller(
                practice_id=appointment.practice_id,
                call_id=call.id,
                whom=whom,
                role=role,
                name=name,
                attendee_id=seat.id if seat is not None else None,
                came_at=began_at,
                admitted_at=began_at,
                state=CallerState.ADMITTED if ended_at is None else CallerState.LEFT,
                seen_at=seen_at or ended_at or began_at,
            )
        )
    keep(CallVisit(practice_id=caller.practice_id, caller_id=caller.id, began_at=began_at, ended_at=ended_at))
    return caller
