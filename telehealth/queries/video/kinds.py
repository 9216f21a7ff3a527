"""Which video services a practice uses, and where the room of an appointment is."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.video.kinds import KindWishes, decide_kind, is_too_many
from telehealth.domain.video.rooms import FALLEN_BACK
from telehealth.domain.words import Mode, VideoKind
from telehealth.models import Appointment, RoomElsewhere, Service, VideoConnection
from telehealth.queries.video.rooms import find_room_elsewhere


def list_video_connections(practice_id: int) -> Sequence[VideoConnection]:
    """Those in use, by their kind."""
    used = select(VideoConnection).where(VideoConnection.practice_id == practice_id, VideoConnection.ended_at.is_(None))
    return db.session.scalars(used.order_by(VideoConnection.kind)).all()


def find_video_connection(practice_id: int, kind: VideoKind) -> VideoConnection | None:
    """The one of a kind, if it is in use."""
    return next((each for each in list_video_connections(practice_id) if each.kind == kind), None)


def wishes_for(appointment: Appointment, house: VideoKind) -> KindWishes:
    """What was said about where an appointment meets."""
    return KindWishes(
        appointment=appointment.video_kind,
        service=appointment.service.video_kind,
        therapist=appointment.therapist.video_kind,
        has_own_link=bool(appointment.therapist.video_url),
        practice=appointment.practice.video_kind,
        house=house,
    )


def list_usable(kinds: Collection[VideoKind], house: VideoKind, *, has_own_link: bool) -> set[VideoKind]:
    """Where people can meet: what is connected (``kinds``), what the installation has, a therapist's own link."""
    own_link = {VideoKind.FIXED} if has_own_link else set()
    return {VideoKind.BUILT_IN, house, *kinds, *own_link}


def decide_for(appointment: Appointment, house: VideoKind, connected: Collection[VideoKind] | None = None) -> VideoKind:
    """Where an appointment is to meet. ``connected`` are the kinds that can be used; None: whatever its practice has
    connected.
    """
    if connected is None:
        connected = [each.kind for each in list_video_connections(appointment.practice_id)]
    usable = list_usable(connected, house, has_own_link=bool(appointment.therapist.video_url))
    return decide_kind(wishes_for(appointment, house), usable, callers=_count_callers_in(appointment))


def decide_now(appointment: Appointment, house: VideoKind) -> tuple[VideoKind, RoomElsewhere | None]:
    """Where an appointment meets as things are now; with the room elsewhere that could not be made for it, where that
    is why it meets in our own.
    """
    kind = decide_for(appointment, house)
    room = find_room_elsewhere(appointment, kind)
    return (VideoKind.BUILT_IN, room) if room is not None and room.state in FALLEN_BACK else (kind, None)


def count_callers(service: Service) -> int:
    """How many may be in one appointment of a service, its therapists among them."""
    return service.capacity + service.therapists_needed


def list_too_large(services: Sequence[Service]) -> list[Service]:
    """Those whose appointments by video may be too large for our own room."""
    return [each for each in services if Mode.VIRTUAL in each.modes and is_too_many(count_callers(each))]


def list_in_want(practice_id: int, services: Sequence[Service], house: VideoKind) -> list[Service]:
    """The same, where nothing else is connected that would carry them."""
    connected = [each.kind for each in list_video_connections(practice_id)]
    has_another = list_usable(connected, house, has_own_link=False) != {VideoKind.BUILT_IN}
    return [] if has_another else list_too_large(services)


def _count_callers_in(appointment: Appointment) -> int:
    """In a group whoever may still join counts, so that nobody has to go elsewhere when somebody does."""
    service = appointment.service
    return count_callers(service) if service.is_group else len(appointment.seats) + service.therapists_needed
