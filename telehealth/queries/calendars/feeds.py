"""A therapist's calendar feed: what it contains, and a cheap way to know that nothing changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from telehealth.database import db
from telehealth.domain import links
from telehealth.domain.errors import LinkInvalid
from telehealth.models import Appointment, CalendarFeed, Location, Therapist
from telehealth.models.users import GIVES_CARE
from telehealth.queries.json_rows import json_rows
from telehealth.queries.loading import is_given_by

PAST = timedelta(days=30)
FUTURE = timedelta(days=180)
SHOW_CANCELLED = timedelta(days=7)
_PLACES = select(json_rows(Location.id, Location.name, Location.address))


def find_feed_by_secret(secret: str) -> CalendarFeed:
    """The feed that a secret opens. Raises LinkInvalid, also when the therapist has left or may no longer sign in."""
    found = db.session.scalar(
        select(CalendarFeed)
        .join(CalendarFeed.therapist)
        .where(
            CalendarFeed.secret_digest == links.digest_of(secret),
            GIVES_CARE,
        )
        .options(joinedload(CalendarFeed.therapist).joinedload(Therapist.practice))
    )
    if found is None:
        raise LinkInvalid
    return found


def find_feed_of_therapist(therapist_id: int) -> CalendarFeed | None:
    """The therapist's feed, if there is one."""
    return db.session.scalar(select(CalendarFeed).where(CalendarFeed.therapist_id == therapist_id))


def _window(now: datetime) -> tuple[datetime, datetime]:
    """A window that moves once a day, so that the feed stays the same from poll to poll."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return today - PAST, today + FUTURE


def fingerprint_of_feed(feed: CalendarFeed, *, now: datetime) -> str:
    """Changes when the feed would: appointments, its settings, the practice, its places, or the day. One statement."""
    since, until = _window(now)
    of_appointments = (func.count(), func.max(Appointment.changed_at), func.sum(Appointment.sequence))
    count, newest, sequences, places = db.session.execute(
        select(*of_appointments, _PLACES.where(Location.practice_id == feed.practice_id).scalar_subquery()).where(
            is_given_by(feed.therapist_id),
            Appointment.starts_at >= since,
            Appointment.starts_at < until,
        )
    ).one()
    practice = feed.therapist.practice
    settings = (feed.secret_digest, feed.detail, feed.changed_at, practice.sender_name, practice.phone)
    known = repr((*settings, since, count, newest, sequences, places))
    return hashlib.sha256(known.encode()).hexdigest()[:32]


def list_feed_appointments(feed: CalendarFeed, *, now: datetime) -> Sequence[Appointment]:
    """What the feed shows; a cancelled appointment stays for a week, for calendars that ask seldom.

    The practice and the therapist are not joined to every row: the feed has them already.
    """
    since, until = _window(now)
    today = since + PAST
    return db.session.scalars(
        select(Appointment)
        .where(
            is_given_by(feed.therapist_id),
            Appointment.starts_at >= since,
            Appointment.starts_at < until,
            Appointment.cancelled_at.is_(None) | (Appointment.cancelled_at >= today - SHOW_CANCELLED),
        )
        .order_by(Appointment.starts_at, Appointment.id)
        .options(selectinload(Appointment.location), selectinload(Appointment.attendees))
    ).all()
