"""Video services elsewhere: connecting one, changing it, ending it. Secrets are sealed for their row."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.errors import NotFound, VideoOff
from telehealth.domain.ports import VideoAccess
from telehealth.domain.sealing import KeyRing, SealBroken
from telehealth.domain.video.connections import FIELDS, clean_access
from telehealth.domain.words import VideoKind
from telehealth.models import Practice, VideoConnection
from telehealth.models.columns import new_uuid
from telehealth.services.audit import ActedBy, Setting, differences, record_change, record_setting
from telehealth.services.locking import lock_own
from telehealth.services.video.room_finding import leave_rooms_of, make_rooms_anew

log = logging.getLogger(__name__)

NAMES: Final[Mapping[VideoKind, str]] = {
    VideoKind.JITSI: "Jitsi",
    VideoKind.FIXED: "Fixed link",
    VideoKind.DAILY: "Daily",
    VideoKind.ZOOM: "Zoom",
}
"""What the audit calls them."""


@retry_on_conflict
def connect_video(
    *, practice_id: int, kind: VideoKind, typed: Mapping[str, str], ring: KeyRing, by: ActedBy, now: datetime
) -> VideoConnection:
    """Use a video service, or use it otherwise from now on: whoever enters next comes by it. A secret that is left
    empty stays as it is. Raises NotFound for a kind that cannot be connected, InvalidInput by field, and VideoOff where
    there is no key to seal a secret with.
    """
    if kind not in FIELDS:
        raise NotFound
    with transaction() as session:
        # One connection of a kind: of two who connect it at once the second changes what the first made.
        session.execute(select(Practice.id).where(Practice.id == practice_id).with_for_update(key_share=True))
        found = _find(session, practice_id, kind)
        kept = try_to_open_video(ring, found) if found is not None and found.ended_at is None else None
        access = clean_access(kind, typed, kept.secrets if kept is not None else {})
        if found is None:
            found = VideoConnection(public_id=new_uuid(), practice_id=practice_id, kind=kind, created_at=now)
            session.add(found)
        _keep(session, found, access, ring, by, is_secret_new=kept is None or kept.secrets != access.secrets, now=now)
        return found


def end_video(*, practice_id: int, kind: VideoKind, by: ActedBy, now: datetime) -> VideoConnection:
    """Use a video service no more, and forget its secret; where rooms were made there, once they are given back.
    Whoever was to meet there meets in what is said next, in our own room in the end. Twice is as good as once. Raises
    NotFound.
    """
    with transaction() as session:
        found = lock_own(session, VideoConnection, practice_id, kind=kind)
        if found.ended_at is None:
            found.ended_at = now
            if not leave_rooms_of(session, found, now=now):
                found.secret = None
            record_setting(session, practice_id, _named(found), AuditAction.ENDED, by, now=now)
        return found


def open_video_access(ring: KeyRing, connection: VideoConnection) -> VideoAccess:
    """How to use it. Raises SealBroken."""
    secrets: dict[str, str] = {}
    if connection.secret is not None:
        secrets = json.loads(ring.open(connection.secret, place=find_video_place(connection.public_id)))
    return VideoAccess(address=connection.address, settings=connection.settings, secrets=secrets)


def try_to_open_video(ring: KeyRing, connection: VideoConnection) -> VideoAccess | None:
    """The same for whoever goes on without it: None where a key of ours is missing, which the log tells the
    operator.
    """
    try:
        return open_video_access(ring, connection)
    except SealBroken:
        about = {"connection": connection.public_id}
        log.error("no key of ENCRYPTION_KEYS opens a video service's secret", extra=about)  # noqa: TRY400 -- says it all
        return None


def find_video_place(public_id: str) -> str:
    """What the secret of a connection is bound to."""
    return f"video_connection.secret:{public_id}"


def _find(session: Session, practice_id: int, kind: VideoKind) -> VideoConnection | None:
    of_kind = select(VideoConnection).filter_by(practice_id=practice_id, kind=kind)
    return session.scalar(of_kind.with_for_update(of=VideoConnection).execution_options(populate_existing=True))


def _keep(
    session: Session,
    found: VideoConnection,
    access: VideoAccess,
    ring: KeyRing,
    by: ActedBy,
    *,
    is_secret_new: bool,
    now: datetime,
) -> None:
    is_new = found.id is None or found.ended_at is not None
    before = {} if is_new else {"address": found.address, **found.settings}
    after = {"address": access.address, **access.settings}
    found.address, found.settings, found.ended_at = access.address, dict(access.settings), None
    if is_secret_new:
        found.secret = _seal(ring, found.public_id, access.secrets)
    if not is_new:
        make_rooms_anew(session, found, now=now)
    session.flush()
    if is_new:
        record_setting(session, found.practice_id, _named(found), AuditAction.ADDED, by, now=now, after=after)
    elif is_secret_new:
        said = {**differences(before, after), "with_other_secret": True}
        record_setting(session, found.practice_id, _named(found), AuditAction.CHANGED, by, now=now, **said)
    else:
        record_change(session, found.practice_id, _named(found), by, before=before, after=after, now=now)


def _seal(ring: KeyRing, public_id: str, secrets: Mapping[str, str]) -> bytes | None:
    if not any(secrets.values()):
        return None
    if ring.is_empty:
        raise VideoOff
    return ring.seal(json.dumps(dict(secrets)).encode(), place=find_video_place(public_id))


def _named(found: VideoConnection) -> Setting:
    return Setting(AuditSubject.VIDEO_CONNECTION, found.public_id, NAMES[found.kind])
