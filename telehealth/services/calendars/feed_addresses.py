"""A therapist's private calendar address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from telehealth.database import transaction
from telehealth.domain import links
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.icalendar import FeedDetail
from telehealth.models import CalendarFeed, Therapist
from telehealth.services.audit import ActedBy, Setting, record_change, record_setting
from telehealth.services.locking import lock_own


def rotate_feed(*, practice_id: int, therapist_id: int, by: ActedBy, now: datetime) -> str:
    """Make a new secret and return it, the only time that it is seen. An older address stops working at once. Raises
    NotFound.
    """
    secret = links.new_secret()
    with transaction() as session:
        about = _named(lock_own(session, Therapist, practice_id, id=therapist_id))
        feed = session.scalar(select(CalendarFeed).where(CalendarFeed.therapist_id == therapist_id))
        if feed is None:
            feed = CalendarFeed(
                practice_id=practice_id, therapist_id=therapist_id, detail=FeedDetail.BUSY, created_at=now
            )
            session.add(feed)
            after = {"detail": FeedDetail.BUSY}
            record_setting(session, practice_id, about, AuditAction.ADDED, by, now=now, after=after)
        else:
            record_setting(session, practice_id, about, AuditAction.CHANGED, by, now=now, renewed=True)
        feed.secret_digest = links.digest_of(secret)
        feed.changed_at = now
    return secret


def set_feed_detail(*, practice_id: int, therapist_id: int, detail: FeedDetail, by: ActedBy, now: datetime) -> None:
    """Choose how much the calendar tells. Raises NotFound when there is no address yet."""
    with transaction() as session:
        feed = lock_own(session, CalendarFeed, practice_id, therapist_id=therapist_id)
        record_change(
            session,
            practice_id,
            _named(feed.therapist),
            by,
            before={"detail": feed.detail},
            after={"detail": detail},
            now=now,
        )
        feed.detail = detail
        feed.changed_at = now


def stop_feed(*, practice_id: int, therapist_id: int, by: ActedBy, now: datetime) -> None:
    """Close the address. Raises NotFound when there is none."""
    with transaction() as session:
        feed = lock_own(session, CalendarFeed, practice_id, therapist_id=therapist_id)
        before = {"detail": feed.detail}
        record_setting(session, practice_id, _named(feed.therapist), AuditAction.REMOVED, by, now=now, before=before)
        session.delete(feed)


def _named(therapist: Therapist) -> Setting:
    return Setting(AuditSubject.FEED, therapist.public_id, therapist.name)
