"""A therapist's private calendar, for calendar programs to poll."""

from __future__ import annotations

from functools import lru_cache

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, icalendar, naming
from telehealth.domain.message_words import MessageKind
from telehealth.domain.messages import wording
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, CalendarFeed
from telehealth.queries.calendars.feeds import find_feed_by_secret, fingerprint_of_feed, list_feed_appointments
from telehealth.queries.messages.facts import called, facts_for_therapist
from telehealth.web.link_pages import find_addresses

blueprint = Blueprint("feeds", __name__)


@blueprint.get("/calendar/<secret>.ics")
@access.by_link
def show_feed(secret: str) -> ResponseReturnValue:
    """The feed. Whoever has its newest copy gets 304 and costs one small query; others get the kept bytes."""
    now = clock.now()
    feed = find_feed_by_secret(secret)
    version = fingerprint_of_feed(feed, now=now)
    response = Response(mimetype="text/calendar")
    response.set_etag(version)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    if not request.if_none_match.contains_weak(version):
        response.set_data(_content(version, feed))
    return response.make_conditional(request)


@lru_cache(maxsize=64)
def _kept(_version: str) -> list[bytes]:
    """A place for the bytes of one version; the least used versions are forgotten."""
    return []


def _content(version: str, feed: CalendarFeed) -> bytes:
    kept = _kept(version)
    if not kept:
        entries = [_entry(appointment, feed.detail) for appointment in list_feed_appointments(feed, now=clock.now())]
        kept.append(icalendar.feed(entries, name=f"{feed.therapist.practice.sender_name}: appointments"))
    return kept[0]


def _entry(appointment: Appointment, detail: icalendar.FeedDetail) -> icalendar.Entry:
    about = facts_for_therapist(appointment, find_addresses(), MessageKind.CONFIRMATION)
    shown = wording.entry(about)
    cancelled = appointment.status == AppointmentStatus.CANCELLED
    return icalendar.Entry(
        uid=shown.uid,
        sequence=shown.sequence,
        starts_at=shown.starts_at,
        ends_at=shown.ends_at,
        updated_at=shown.updated_at,
        summary=_summary(appointment, detail),
        description=shown.description if detail == icalendar.FeedDetail.FULL else "",
        location=about.place if detail == icalendar.FeedDetail.FULL else "",
        url=about.manage_url if detail != icalendar.FeedDetail.BUSY else "",
        status=icalendar.EntryStatus.CANCELLED if cancelled else icalendar.EntryStatus.CONFIRMED,
    )


def _summary(appointment: Appointment, detail: icalendar.FeedDetail) -> str:
    """Nothing, initials, or names: what the therapist chose to let the calendar's provider read."""
    names = [called(attendee) for attendee in appointment.attendees]
    if detail == icalendar.FeedDetail.FULL:
        return ", ".join(names) or "Appointment"
    if detail == icalendar.FeedDetail.INITIALS:
        return ", ".join(naming.initials(name) for name in names) or "Appointment"
    return "Busy"
