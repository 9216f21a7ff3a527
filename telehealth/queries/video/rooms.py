"""Rooms that were made, or are to be made, for single appointments at video services elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from telehealth.database import db
from telehealth.domain.video.rooms import FALLEN_BACK, KEPT, NEED_ROOM
from telehealth.domain.words import VideoKind
from telehealth.models import Appointment, RoomElsewhere, VideoConnection


def find_room_elsewhere(appointment: Appointment, kind: VideoKind) -> RoomElsewhere | None:
    """The one of an appointment at a service, if there is or was one."""
    if kind not in NEED_ROOM:
        return None
    return db.session.scalar(
        select(RoomElsewhere)
        .join(RoomElsewhere.connection)
        .where(RoomElsewhere.appointment_id == appointment.id, VideoConnection.kind == kind)
        .options(contains_eager(RoomElsewhere.connection))
    )


def list_rooms_fallen_back(practice_id: int) -> Sequence[RoomElsewhere]:
    """Those that could not be made, the next appointment first."""
    found = (
        select(RoomElsewhere)
        .join(RoomElsewhere.connection)
        .where(RoomElsewhere.practice_id == practice_id, RoomElsewhere.state.in_(FALLEN_BACK & KEPT))
        .options(contains_eager(RoomElsewhere.connection))
        .order_by(RoomElsewhere.opens_at, RoomElsewhere.id)
    )
    return db.session.scalars(found).all()
