from __future__ import annotations

from datetime import datetime
from typing import Any

from telehealth.domain.icalendar import FeedDetail, FeedSubject
from telehealth.models import CalendarFeed, Practice
from telehealth.models.feeds import Owner
from telehealth.services.audit import ActedBy
from telehealth.services.calendars.feed_addresses import FeedWish, add_feed
from tests.factories.appointments import BY_STAFF
from tests.moments import NOW

ALL = {"shows_place": True, "shows_time_off": True, "shows_standing": True}


def make_feed(
    practice: Practice,
    owner: Owner | None,
    detail: FeedDetail = FeedDetail.BUSY,
    *,
    by: ActedBy = BY_STAFF,
    now: datetime = NOW,
    **given: Any,
) -> tuple[CalendarFeed, str]:
    """An address through the real service, with its path: of a therapist, a client, a room, a place or the practice."""
    name = type(owner).__name__.lower().replace("location", "place") if owner is not None else "practice"
    feed, secret = add_feed(
        practice_id=practice.id,
        subject=FeedSubject(name),
        owner_public_id=owner.public_id if owner is not None else "",
        wish=FeedWish(**{"name": "Phone", "detail": detail, **given}),
        by=by,
        now=now,
    )
    return feed, f"/calendar/{secret}.ics"
