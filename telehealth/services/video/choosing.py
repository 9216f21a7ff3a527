"""Choosing where people meet by video: for the practice, for a therapist, for a service, for one appointment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.errors import InvalidInput
from telehealth.domain.ports import MadeRoom, VideoRoom
from telehealth.domain.sealing import KeyRing
from telehealth.domain.video.rooms import KEPT, NEED_ROOM, UNMADE, RoomState, gives_up_at
from telehealth.domain.words import VideoKind
from telehealth.models import Appointment, RoomElsewhere, Service, Therapist, VideoConnection
from telehealth.queries.video.kinds import decide_for, list_usable, list_video_connections
from telehealth.queries.video.rooms import find_room_elsewhere
from telehealth.services.audit import ActedBy, Setting, change_row, record_event
from telehealth.services.locking import lock_appointment, lock_own
from telehealth.services.practice.practice_settings import change_practice
from telehealth.services.practice.therapists import named_therapist
from telehealth.services.video.connecting import try_to_open_video
from telehealth.services.video.room_finding import ask_for_room_in

NOT_CONNECTED = "Please connect it first, on the page “Video”."
NO_LINK = "Please give a link first: the therapist's own in their profile, or the practice's on the page “Video”."


def choose_video_of_practice(
    *, practice_id: int, kind: VideoKind | None, house: VideoKind, by: ActedBy, now: datetime
) -> None:
    """Where the practice meets, unless something closer says otherwise; None: as the installation does (``house``).
    Raises InvalidInput (field ``video_kind``) for what is not connected.
    """
    with transaction() as session:
        _require_usable(practice_id, kind, house, has_own_link=False)
        change_practice(session, practice_id, {"video_kind": kind}, by, now=now)


def choose_video_of_therapist(
    *, practice_id: int, therapist_public_id: str, kind: VideoKind | None, house: VideoKind, by: ActedBy, now: datetime
) -> Therapist:
    """Where a therapist meets; None: behind their own link, or as the practice. Raises InvalidInput, NotFound."""
    with transaction() as session:
        found = lock_own(session, Therapist, practice_id, public_id=therapist_public_id)
        _require_usable(practice_id, kind, house, has_own_link=bool(found.video_url))
        change_row(session, practice_id, found, {"video_kind": kind}, named_therapist, by, now=now)
        return found


def choose_video_of_service(
    *, practice_id: int, service_public_id: str, kind: VideoKind | None, house: VideoKind, by: ActedBy, now: datetime
) -> Service:
    """Where people meet for a service; None: as its therapist does. Therapists without a link of their own meet in what
    is said next where it is to be behind one. Raises InvalidInput, NotFound.
    """
    with transaction() as session:
        found = lock_own(session, Service, practice_id, public_id=service_public_id)
        _require_usable(practice_id, kind, house, has_own_link=_has_any_link(session, found))
        change_row(session, practice_id, found, {"video_kind": kind}, _named_service, by, now=now)
        return found


def choose_video_of_appointment(
    *, practice_id: int, appointment_id: int, kind: VideoKind | None, house: VideoKind, by: ActedBy, now: datetime
) -> Appointment:
    """Where one appointment meets, also while it goes on: whoever enters next, by the link they have, comes there.
    Raises InvalidInput, NotFound, and NotAllowed for clients.
    """
    by.require_staff()
    with transaction() as session:
        found = lock_appointment(session, practice_id, appointment_id)
        _require_usable(practice_id, kind, house, has_own_link=bool(found.therapist.video_url))
        before = found.video_kind
        if before != kind:
            found.video_kind = kind
            said = {"before": {"video_kind": before}, "after": {"video_kind": kind}}
            record_event(session, found, AuditAction.VIDEO_CHANGED, by, now=now, **said)
        ask_for_room_in(session, found, house, now=now)
        return found


def find_video_room(appointment: Appointment, *, house: VideoKind, ring: KeyRing, now: datetime) -> VideoRoom:
    """Where an appointment meets as things are now, and what opens it. A connection whose secret does not open counts
    as none; a room that should have been made elsewhere and was not is our own.
    """
    connections: dict[VideoKind, VideoConnection] = {
        each.kind: each for each in list_video_connections(appointment.practice_id)
    }
    opened = {kind: try_to_open_video(ring, each) for kind, each in connections.items()}
    able = [kind for kind, access in opened.items() if access is not None]
    kind = decide_for(appointment, house, able)
    row = find_room_elsewhere(appointment, kind)
    is_awaited = kind in NEED_ROOM and _is_awaited(appointment, row, now=now)
    made = _read_made(row)
    if kind in NEED_ROOM and made is None and not is_awaited:
        kind = VideoKind.BUILT_IN
    access, own_link = opened.get(kind), appointment.therapist.video_url or ""
    return VideoRoom(
        name=appointment.video_name,
        kind=kind,
        opens_at=appointment.room_opens_at,
        closes_at=appointment.room_closes_at,
        fixed_link=(own_link or (access.address if access is not None else "")) if kind == VideoKind.FIXED else "",
        access=access,
        made=made,
        is_awaited=is_awaited,
    )


def _read_made(row: RoomElsewhere | None) -> MadeRoom | None:
    if row is None or row.state != RoomState.STANDS or row.remote_id is None:
        return None
    return MadeRoom(row.remote_id, row.facts)


def _is_awaited(appointment: Appointment, row: RoomElsewhere | None, *, now: datetime) -> bool:
    """Whether somebody who comes waits for a moment, because the room is only being made. By when it is too late
    for that, its makers know as well, so nobody goes into another room than the others.
    """
    if now >= appointment.room_closes_at:
        return False
    if row is None or row.state not in KEPT:
        return True  # Nobody has asked for it yet.
    return row.state in UNMADE and now < gives_up_at(opens_at=row.opens_at, wanted_at=row.wanted_at)


def _require_usable(practice_id: int, kind: VideoKind | None, house: VideoKind, *, has_own_link: bool) -> None:
    if kind is None:
        return
    connected = [each.kind for each in list_video_connections(practice_id)]
    if kind not in list_usable(connected, house, has_own_link=has_own_link):
        raise InvalidInput({"video_kind": NO_LINK if kind == VideoKind.FIXED else NOT_CONNECTED})


def _has_any_link(session: Session, service: Service) -> bool:
    links = select(Therapist.video_url).where(Therapist.services.any(Service.id == service.id))
    return any(session.scalars(links))


def _named_service(service: Service) -> Setting:
    return Setting(AuditSubject.SERVICE, service.public_id, service.name)
