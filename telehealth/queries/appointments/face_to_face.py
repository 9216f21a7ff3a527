"""When clients and therapists met: who was inside our own video room when, and what staff said of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.appointments.face_to_face import (
    FaceToFace,
    Stay,
    count_together,
    for_all,
    join_stays,
    said_together,
)
from telehealth.domain.video.calls import CallerRole
from telehealth.models import Appointment, Attendee, Caller, CallVisit, VideoCall


@dataclass(frozen=True, slots=True)
class Inside:
    """Somebody who was inside our own room, and when, in order."""

    name: str
    role: CallerRole
    attendee_id: int | None
    stays: Sequence[Stay]


@dataclass(frozen=True, slots=True)
class Met:
    """What is known of one appointment: of each seat (by its id), and what our room counted of it where staff said
    something else; who was inside; and of all together. A client is there when somebody who acts for them is.
    """

    seats: Mapping[int, FaceToFace] = field(default_factory=dict)
    counted: Mapping[int, FaceToFace] = field(default_factory=dict)
    inside: Sequence[Inside] = ()

    @property
    def together(self) -> FaceToFace | None:
        """When anybody of them met a therapist."""
        return for_all(self.seats.values())


def find_face_to_face(appointment: Appointment) -> Met:
    """What is known of one appointment as things are now: who is still inside counts up to when they were last heard
    of.
    """
    return _judge(_list_inside([appointment.id]).get(appointment.id, []), appointment.attendees)


def list_face_to_face(seat_ids: Collection[int]) -> dict[int, FaceToFace]:
    """The same of many seats (by their ids) at once; those of which nothing is known are left out."""
    seats = db.session.scalars(select(Attendee).where(Attendee.id.in_(seat_ids))).all()
    inside = _list_inside({each.appointment_id for each in seats})
    return {
        each.id: met
        for each in seats
        if (met := _judge(inside.get(each.appointment_id, []), [each]).seats.get(each.id)) is not None
    }


def list_therapist_stays(appointment_ids: Collection[int]) -> dict[int, Sequence[Stay]]:
    """When therapists were inside of each of these appointments; those where none was are left out."""
    found = {
        appointment_id: join_stays(stay for each in inside if each.role == CallerRole.THERAPIST for stay in each.stays)
        for appointment_id, inside in _list_inside(appointment_ids).items()
    }
    return {appointment_id: stays for appointment_id, stays in found.items() if stays}


def _judge(inside: Sequence[Inside], seats: Sequence[Attendee]) -> Met:
    therapists = [stay for each in inside if each.role == CallerRole.THERAPIST for stay in each.stays]
    counted, known = dict[int, FaceToFace](), dict[int, FaceToFace]()
    for seat in seats:
        theirs = [stay for each in inside if each.attendee_id == seat.id for stay in each.stays]
        found = count_together(theirs, therapists)
        if found is not None:
            counted[seat.id] = found
        met = said_together(seat.met_from, seat.met_until) or found
        if met is not None:
            known[seat.id] = met
    return Met(known, counted, inside)


def _list_inside(appointment_ids: Collection[int]) -> dict[int, list[Inside]]:
    """Who was inside of each of these appointments, in the order in which they came first. A visit that goes on ends,
    so far, when they were last heard of.
    """
    visits = (
        select(VideoCall.appointment_id, Caller, CallVisit.began_at, CallVisit.ended_at)
        .join(Caller, CallVisit.caller_id == Caller.id)
        .join(VideoCall, Caller.call_id == VideoCall.id)
        .where(VideoCall.appointment_id.in_(appointment_ids))
        .order_by(CallVisit.id)
    )
    people: dict[tuple[int, Caller], list[Stay]] = {}
    for appointment_id, caller, began_at, ended_at in db.session.execute(visits):
        people.setdefault((appointment_id, caller), []).append(Stay(began_at, ended_at or caller.seen_at))
    found: dict[int, list[Inside]] = {}
    for (appointment_id, caller), stays in people.items():
        if joined := join_stays(stays):
            inside = Inside(caller.name, caller.role, caller.attendee_id, joined)
            found.setdefault(appointment_id, []).append(inside)
    return found
