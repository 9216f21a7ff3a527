"""Sealing the secret of every video service anew with the newest key, so that older keys can be taken away."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.errors import VideoOff
from telehealth.domain.sealing import KeyRing, Rotated, SealBroken
from telehealth.models import VideoConnection
from telehealth.services.video.connecting import find_video_place

AT_A_TIME: Final = 100
"""So many rows are locked at a time: the service goes on meanwhile."""


def seal_video_anew(*, ring: KeyRing, done: Rotated) -> bool:
    """Go on with the next portion after ``done``, which counts it; whether there was one. Raises VideoOff."""
    if ring.is_empty:
        raise VideoOff
    with transaction() as session:
        found = _find_portion(session, after=done.last_id)
        for connection in found:
            _seal_one(connection, ring, done)
            done.last_id = connection.id
        return bool(found)


def _find_portion(session: Session, *, after: int) -> list[VideoConnection]:
    sealed = VideoConnection.id > after, VideoConnection.secret.is_not(None)
    portion = select(VideoConnection).where(*sealed).order_by(VideoConnection.id).limit(AT_A_TIME)
    return list(session.scalars(portion.with_for_update().execution_options(populate_existing=True)))


def _seal_one(connection: VideoConnection, ring: KeyRing, done: Rotated) -> None:
    sealed, place = connection.secret or b"", find_video_place(connection.public_id)
    try:
        value = ring.open(sealed, place=place)
    except SealBroken:
        done.broken += 1
        return
    if ring.is_newest(sealed):
        done.already += 1
        return
    connection.secret = ring.seal(value, place=place)
    done.anew += 1
