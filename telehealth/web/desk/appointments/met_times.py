"""When the clients of an appointment and its therapists met, as pages of the desk say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from telehealth.domain import times
from telehealth.domain.words import AppointmentStatus, TimeSource
from telehealth.late import Library
from telehealth.models import Appointment, Attendee
from telehealth.web.desk import absent, words
from telehealth.web.desk.frame import zone_of

if TYPE_CHECKING:
    from telehealth.domain.appointments.face_to_face import FaceToFace, Stay
    from telehealth.queries.appointments import face_to_face as meetings
    from telehealth.queries.appointments.face_to_face import Inside, Met
else:
    meetings = Library("telehealth.queries.appointments.face_to_face")

MET_SOURCES: Mapping[TimeSource, str] = {TimeSource.ROOM: "Our video room", TimeSource.STAFF: "Staff"}
ROLES = {"therapist": "therapist", "client": "client", "companion": "acts for a client", "guest": "invited"}
"""As what somebody was inside."""
NEVER_IS = frozenset({AppointmentStatus.PENDING, AppointmentStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class MetLine:
    """One seat: whose, when they met and for how long, and what our room counted where staff said something else."""

    public_id: str
    name: str
    said: str
    counted: str
    is_said: bool
    starts: str
    ends: str


def show_met(found: Appointment, *, now: datetime) -> dict[str, Any]:
    """What is known of when they met, once it has begun; ``met`` is None before, and for what does not take place.
    And who is proposed as not having come.
    """
    if found.status in NEVER_IS or (now < found.starts_at and not _is_early(found)):
        return {"met": None, "absent": []}
    zone, met = zone_of(found.therapist), meetings.find_face_to_face(found)
    together = met.together
    return {
        "absent": absent.list_absent_in(found),
        "met": {
            "lines": [_line(each, met, zone) for each in found.seats],
            "together": _say(together, zone) if together is not None and len(found.seats) > 1 else "",
            "inside": [_say_inside(each, zone) for each in met.inside],
            "is_counted": bool(met.inside),
            "zone": times.zone_in_full(found.starts_at, zone),
        },
    }


def _is_early(found: Appointment) -> bool:
    """Whether somebody came before the start, when the room was open."""
    return found.therapist_entered_at is not None


def _line(seat: Attendee, met: Met, zone: ZoneInfo) -> MetLine:
    known, counted = met.seats.get(seat.id), met.counted.get(seat.id)
    is_said = known is not None and known.source == TimeSource.STAFF
    return MetLine(
        public_id=seat.public_id,
        name=seat.name,
        said=_say(known, zone) if known is not None else "",
        counted=_say(counted, zone) if is_said and counted is not None else "",
        is_said=is_said,
        starts=_iso(known.starts_at, zone) if known is not None else "",
        ends=_iso(known.ends_at, zone) if known is not None else "",
    )


def _say(met: FaceToFace, zone: ZoneInfo) -> str:
    """ "49 minutes, from 10:01 AM to 10:52 AM"."""
    apart = len(met.stretches) - 1
    often = f", with {words.counted(apart, 'gap')}" if apart else ""
    return f"{words.counted(met.minutes, 'minute')}, {_span(met, zone)}{often}"


def _span(met: FaceToFace, zone: ZoneInfo) -> str:
    return f"from {times.clock_time(met.starts_at, zone)} to {times.clock_time(met.ends_at, zone)}"


def _say_inside(each: Inside, zone: ZoneInfo) -> str:
    """ "Dana Rivera (therapist): 9:58 AM to 10:20 AM, 10:21 AM to 10:53 AM"."""
    return f"{each.name} ({ROLES[each.role]}): {', '.join(_stay(stay, zone) for stay in each.stays)}"


def _stay(stay: Stay, zone: ZoneInfo) -> str:
    return f"{times.clock_time(stay.began_at, zone)} to {times.clock_time(stay.ended_at, zone)}"


def _iso(at: datetime, zone: ZoneInfo) -> str:
    return words.iso(at.astimezone(zone).time().replace(second=0, microsecond=0))
