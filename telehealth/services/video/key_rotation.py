"""Sealing the secret of every video service anew with the newest key."""

from __future__ import annotations

from telehealth.domain.errors import VideoOff
from telehealth.domain.sealing import KeyRing, Rotated
from telehealth.models import VideoConnection
from telehealth.services.resealing import seal_portion_anew
from telehealth.services.video.connecting import find_video_place


def seal_video_anew(*, ring: KeyRing, done: Rotated) -> bool:
    """Go on with the next portion after ``done``, which counts it; whether there was one. Raises VideoOff."""
    if ring.is_empty:
        raise VideoOff
    return seal_portion_anew(VideoConnection, ring=ring, done=done, find_place=find_video_place)
