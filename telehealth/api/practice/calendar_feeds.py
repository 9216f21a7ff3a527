"""Private addresses from which calendar programs read what is booked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_client, by_staff
from telehealth.api.appointments.links import read_manage_link, seat_behind_link
from telehealth.api.appointments.shapes import NamedSchema, addresses
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Body, Instant, OneLine, Query, Schema, YesOrNo, key, word
from telehealth.domain import access
from telehealth.domain.errors import LinkEnded, LinkInvalid, LinkTooOld, NotFound
from telehealth.domain.icalendar import FeedDetail, FeedSubject
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.models import Attendee, CalendarFeed
from telehealth.models.feeds import Owner
from telehealth.queries.appointments.own_standing import require_recent, tells_who
from telehealth.queries.calendars.feeds import (
    find_feed,
    find_owner,
    is_shut,
    list_feeds,
    list_own_feeds,
    require_may_run,
    shows_all,
)

if TYPE_CHECKING:
    from telehealth.services.calendars import feed_addresses
else:
    feed_addresses = Library("telehealth.services.calendars.feed_addresses")

blueprint = Blueprint(
    "Calendar feeds",
    "Private .ics addresses to subscribe to: of a therapist (their own, or for owners), a client, a room, a place or "
    "the practice (for owners and the front desk).",
)
by_link = Blueprint(
    "Own calendar",
    "The private .ics address of a client's own calendar, with the `manage_token` of an appointment. There is one at a "
    "time, and it can be read again.",
)
RUN = (Role.OWNER, Role.FRONT_DESK, Role.THERAPIST)
LONGEST_NAME = 60
ALL, ONE = "/practices/<key:practice>/calendar-feeds", "/practices/<key:practice>/calendar-feeds/<key:feed>"
OWN = "/appointments/<token:manage_token>/calendar-feed"
WISH_EXAMPLE = {"name": "My phone", "detail": "initials", "shows_place": True}
IS_WHOLE = {
    "description": "It shows all that there is. If not, it is a client's own, made by whoever typed their name: it "
    "shows what was booked by that link until the practice says yes to them, or they come; then all."
}
OF = {"description": "Whose days it shows."}
OF_ID = {"description": "The id of the therapist, client, room or location. Left out for the practice."}


class FeedWishSchema(Body):
    """What an address is called, and what it tells."""

    name = OneLine(required=True, longest=LONGEST_NAME, metadata={"description": "One for each calendar."})
    detail = word(
        FeedDetail,
        load_default=FeedDetail.BUSY,
        metadata={"description": "How much it tells of clients. A client's own calendar speaks in neutral words."},
    )
    shows_place = YesOrNo(load_default=False)
    shows_time_off = YesOrNo(
        load_default=True,
        metadata={"description": "When therapists are away, never why: for a therapist and the practice."},
    )
    shows_standing = YesOrNo(
        load_default=True, metadata={"description": "Dates that standing slots keep, before they have appointments."}
    )


class NewFeedSchema(FeedWishSchema):
    """An address for somebody's days."""

    of = word(FeedSubject, required=True, metadata=OF)
    of_id = key(load_default=None, metadata=OF_ID)


class FeedQuery(Query):
    """Whose addresses."""

    of = word(FeedSubject, required=True, metadata=OF)
    of_id = key(load_default=None, metadata=OF_ID)


class FeedSchema(Schema):
    """An address, without its secret, which nobody keeps."""

    id = fields.String(attribute="public_id")
    of = fields.String(attribute="subject")
    owner = fields.Nested(NamedSchema, allow_none=True)
    name = fields.String()
    detail = fields.String()
    shows_place = fields.Boolean()
    shows_time_off = fields.Boolean()
    shows_standing = fields.Boolean()
    changed = Instant(attribute="changed_at")
    read = Instant(
        allow_none=True,
        attribute="read_at",
        metadata={"description": "When it was last read, noted every few minutes."},
    )
    read_by = fields.String(allow_none=True, metadata={"description": "By which family of programs."})
    is_whole = fields.Boolean(metadata=IS_WHOLE)
    is_shut = fields.Boolean(
        metadata={"description": "It opens nothing: whoever made it may not sign in, or not run it, any more."}
    )


class FeedsSchema(Schema):
    """The oldest first."""

    feeds = fields.List(fields.Nested(FeedSchema))


class MadeFeedSchema(FeedSchema):
    """An address with its secret."""

    address = fields.String(metadata={"description": "Shown this once. Whoever has it can read the calendar."})


class OwnFeedSchema(Schema):
    """A client's own calendar; all but ``is_whole`` is empty where there is none yet."""

    address = fields.String(
        allow_none=True,
        metadata={
            "description": "Whoever has it can read when they come. Empty also for an older one that was shown once."
        },
    )
    is_whole = fields.Boolean(metadata=IS_WHOLE)
    changed = Instant(allow_none=True, metadata={"description": "Since when it has been this address."})
    read = Instant(allow_none=True, metadata={"description": "When it was last read, noted every few minutes."})
    read_by = fields.String(allow_none=True, metadata={"description": "By which family of programs."})


@blueprint.get(ALL)
@access.staff(*RUN)
@operation("listCalendarFeeds")
@blueprint.arguments(FeedQuery, location="query")
@blueprint.response(200, FeedsSchema)
def get_feeds(query: dict[str, Any]) -> dict[str, Any]:
    """List the calendar addresses of somebody"""
    owner = _find_owner(query["of"], query["of_id"])
    found = list_feeds(staff().practice_id, query["of"], owner.id if owner is not None else None)
    return {"feeds": [_told(each) for each in found]}


@blueprint.post(ALL)
@access.staff(*RUN)
@operation("addCalendarFeed")
@blueprint.arguments(NewFeedSchema, example={**WISH_EXAMPLE, "of": "practice"})
@blueprint.response(201, MadeFeedSchema)
def post_feed(body: dict[str, Any]) -> Beside:
    """Make a calendar address

    Whoever subscribes to it sees the days of a therapist, a client, a room, a place or the practice.
    """
    subject, public_id = body.pop("of"), body.pop("of_id")
    _find_owner(subject, public_id)
    made = feed_addresses.add_feed(
        practice_id=staff().practice_id,
        subject=subject,
        owner_public_id=public_id or "",
        wish=feed_addresses.FeedWish(**body),
        by=by_staff(),
        now=clock.now(),
    )
    return _shown_once(*made)


@blueprint.put(ONE)
@access.staff(*RUN)
@operation("changeCalendarFeed")
@blueprint.arguments(FeedWishSchema, example=WISH_EXAMPLE)
@blueprint.response(200, FeedSchema)
def put_feed(body: dict[str, Any], feed: str) -> Beside:
    """Let a calendar address tell more or less"""
    found = _find_own(feed)
    wish = feed_addresses.FeedWish(**body)
    return _told(
        feed_addresses.change_feed(
            practice_id=found.practice_id, feed_public_id=feed, wish=wish, by=by_staff(), now=clock.now()
        )
    )


@blueprint.post(f"{ONE}/renewal")
@access.staff(*RUN)
@operation("renewCalendarFeed")
@blueprint.response(200, MadeFeedSchema)
def post_renewal(feed: str) -> Beside:
    """Make a new address in place of an older one, which ends at once"""
    found = _find_own(feed)
    made = feed_addresses.renew_feed(practice_id=found.practice_id, feed_public_id=feed, by=by_staff(), now=clock.now())
    return _shown_once(*made)


@blueprint.delete(ONE)
@access.staff(*RUN)
@operation("closeCalendarFeed")
@blueprint.response(204)
def delete_feed(feed: str) -> None:
    """Close a calendar address"""
    found = _find_own(feed)
    feed_addresses.close_feed(practice_id=found.practice_id, feed_public_id=feed, by=by_staff(), now=clock.now())


def _find_owner(subject: FeedSubject, public_id: str | None) -> Owner | None:
    if (subject == FeedSubject.PRACTICE) == bool(public_id):
        raise NotFound
    owner = find_owner(staff().practice_id, subject, public_id or "")
    require_may_run(user_id=staff().user_id, owner=owner)
    return owner


def _find_own(public_id: str) -> CalendarFeed:
    found = find_feed(staff().practice_id, public_id)
    require_may_run(user_id=staff().user_id, owner=found.owner)
    return found


def _told(feed: CalendarFeed) -> Beside:
    return Beside(feed, is_shut=is_shut(feed), is_whole=shows_all(feed))


def _shown_once(feed: CalendarFeed, secret: str) -> Beside:
    return Beside(feed, is_shut=is_shut(feed), is_whole=shows_all(feed), address=addresses().feed(secret))


@by_link.get(OWN)
@access.by_link
@operation("getOwnCalendarFeed", LinkInvalid, LinkEnded, LinkTooOld)
@by_link.response(200, OwnFeedSchema)
def get_own_feed(manage_token: str) -> dict[str, Any]:
    """Read the address of a client's own calendar"""
    seat = seat_behind_link(manage_token)
    require_recent(seat, now=clock.now())
    return _tell_own(seat)


@by_link.put(OWN)
@access.by_link
@operation("keepOwnCalendarFeed", LinkInvalid, LinkEnded, LinkTooOld)
@by_link.response(200, OwnFeedSchema)
def put_own_feed(manage_token: str) -> dict[str, Any]:
    """Make an address for a client's own calendar

    Twice is once: the one there is stays. It shows that they have appointments, in neutral words.
    """
    link = read_manage_link(manage_token)
    feed_addresses.keep_own_feed(link=link, addresses=addresses(), by=by_client(), now=clock.now())
    return _tell_own(seat_behind_link(manage_token))


@by_link.post(f"{OWN}/renewal")
@access.by_link
@operation("renewOwnCalendarFeed", LinkInvalid, LinkEnded, LinkTooOld, NotFound)
@by_link.response(200, OwnFeedSchema)
def post_own_renewal(manage_token: str) -> dict[str, Any]:
    """Make a new address in place of the client's older one, which ends at once"""
    link = read_manage_link(manage_token)
    feed_addresses.renew_own_feed(link=link, addresses=addresses(), by=by_client(), now=clock.now())
    return _tell_own(seat_behind_link(manage_token))


@by_link.delete(OWN)
@access.by_link
@operation("closeOwnCalendarFeed", LinkInvalid, LinkEnded, LinkTooOld, NotFound)
@by_link.response(204)
def delete_own_feed(manage_token: str) -> None:
    """End the address of a client's own calendar"""
    feed_addresses.close_own_feed(link=read_manage_link(manage_token), by=by_client(), now=clock.now())


def _tell_own(seat: Attendee) -> dict[str, Any]:
    found = list_own_feeds(seat)
    if not found:
        return dict.fromkeys(("address", "changed", "read", "read_by")) | {"is_whole": tells_who(seat)}
    feed = found[0]
    return {
        "address": addresses().own_feed(feed, feed.secret_digest) or None,
        "is_whole": shows_all(feed),
        "changed": feed.changed_at,
        "read": feed.read_at,
        "read_by": feed.read_by,
    }
