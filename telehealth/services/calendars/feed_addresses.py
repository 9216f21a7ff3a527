"""A therapist's private calendar address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain import links
from telehealth.domain.errors import NotFound
from telehealth.domain.words import FeedDetail
from telehealth.models import CalendarFeed


def rotate_feed(*, practice_id: int, therapist_id: int, now: datetime) -> str:
    """Make a new secret and return it, the only time that it is seen. An older address stops working at once."""
    secret = links.new_secret()
    with transaction() as session:
        feed = _find(session, practice_id, therapist_id)
        if feed is None:
            feed = CalendarFeed(
                practice_id=practice_id, therapist_id=therapist_id, detail=FeedDetail.BUSY, created_at=now
            )
            session.add(feed)
        feed.secret_digest = links.digest_of(secret)
        feed.changed_at = now
    return secret


def set_feed_detail(*, practice_id: int, therapist_id: int, detail: FeedDetail, now: datetime) -> None:
    """Choose how much the calendar tells. Raises NotFound when there is no address yet."""
    with transaction() as session:
        feed = _require(session, practice_id, therapist_id)
        feed.detail = detail
        feed.changed_at = now


def stop_feed(*, practice_id: int, therapist_id: int) -> None:
    """Close the address. Raises NotFound when there is none."""
    with transaction() as session:
        session.delete(_require(session, practice_id, therapist_id))


def _find(session: Session, practice_id: int, therapist_id: int) -> CalendarFeed | None:
    return session.scalar(
        select(CalendarFeed).where(CalendarFeed.practice_id == practice_id, CalendarFeed.therapist_id == therapist_id)
    )


def _require(session: Session, practice_id: int, therapist_id: int) -> CalendarFeed:
    feed = _find(session, practice_id, therapist_id)
    if feed is None:
        raise NotFound
    return feed
