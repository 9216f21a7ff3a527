"""The waitlist: joining it, seeing one's place, leaving; and for staff, who waits for what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_client
from telehealth.api.appointments import contacts
from telehealth.api.appointments.contacts import CLIENT_EXAMPLE, BirthField, ClientSchema
from telehealth.api.appointments.links import seat_behind_link
from telehealth.api.appointments.shapes import NamedSchema, addresses
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Body, ClockTime, DayField, Instant, Query, Schema, Several, key, token, word
from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.errors import LinkEnded, LinkInvalid, NotFound, PleaseCall, ServiceEnded
from telehealth.domain.waitlist.waiting import WeeklyWindow
from telehealth.domain.words import Mode, WaitlistStatus
from telehealth.models import Offer, WaitlistEntry
from telehealth.queries.practice.practices import find_practice_id, find_service
from telehealth.queries.practice.therapists import therapist_public_ids
from telehealth.queries.waitlist.waitlist_entries import (
    find_entry,
    find_entry_by_link,
    list_waiting,
    place_in_line,
    places_in_line,
)
from telehealth.services.hours.hours_setting import DAYS_IN_A_WEEK
from telehealth.services.waitlist.waiting import join_waitlist, leave_waitlist
from telehealth.services.waitlist.wishes import MOST_WINDOWS, WaitWish

MOST_THERAPISTS = 50

blueprint = Blueprint(
    "Waitlist", "Waiting for a time. Joining needs no credentials; the `wait_token` opens one's place."
)
for_staff = Blueprint("Waitlist for staff", "Who waits for what.")


class WindowSchema(Body):
    """A stretch of every week, on the client's clock."""

    weekday = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, DAYS_IN_A_WEEK - 1),
        metadata={"description": "0 is Monday."},
    )
    starts = ClockTime(required=True, metadata={"example": "09:00"})
    ends = ClockTime(
        required=True, metadata={"example": "12:00", "description": "At or before `starts`: on the next day."}
    )


class WaitSchema(Body):
    """What somebody waits for."""

    service = key(required=True)
    modes = Several(word(Mode), required=True, validate=validate.Length(1, len(Mode)))
    therapists = Several(
        key(),
        load_default=list,
        validate=validate.Length(max=MOST_THERAPISTS),
        metadata={"description": "Only these; empty: anybody."},
    )
    location = key(load_default=None, allow_none=True, metadata={"description": "Needed with `in_person`."})
    windows = Several(
        fields.Nested(WindowSchema),
        load_default=list,
        validate=validate.Length(max=MOST_WINDOWS),
        metadata={"description": "When it suits; empty: any time."},
    )
    until = DayField(required=True, metadata={"description": "The last date, on the client's calendar."})
    client = fields.Nested(ClientSchema, required=True)
    born_on = BirthField(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "When the client was born. Needed where the practice wants a parent or guardian to book for "
            "minors; such a minor is put on the list by staff."
        },
    )
    replaces = token(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "The `manage_token` of a later appointment of the same client (name and e-mail), given up "
            "when an earlier time is accepted."
        },
    )


WAIT_EXAMPLE = {
    "service": "0d7a3c1e-5c4e-4d0e-9a53-2f4f0a8f6b11",
    "modes": ["virtual"],
    "windows": [{"weekday": 1, "starts": "15:00", "ends": "19:00"}],
    "until": "2027-01-31",
    "client": CLIENT_EXAMPLE,
}


class EntrySchema(Schema):
    """A wait."""

    status = word(WaitlistStatus)
    place = fields.Integer(
        allow_none=True,
        metadata={"description": "In the queue for the service, 1 for who has waited longest; null once it is over."},
    )
    service = fields.Nested(NamedSchema)
    modes = fields.List(word(Mode))
    therapists = fields.List(fields.String(), metadata={"description": "Ids; empty: anybody."})
    location = fields.Nested(NamedSchema, allow_none=True)
    windows = fields.List(fields.Nested(WindowSchema))
    until = DayField()
    replaces = fields.String(
        allow_none=True,
        attribute="replaces.appointment.public_id",
        metadata={"description": "The id of the appointment that is given up."},
    )
    since = Instant(attribute="created_at")


class OwnEntrySchema(EntrySchema):
    """A wait as its client sees it."""

    offer_token = fields.String(
        allow_none=True, metadata={"description": "Of the offer that is open now, if there is one."}
    )
    wait_token = fields.String(metadata={"description": "Opens this wait. Keep it secret."})
    wait_url = fields.Url(metadata={"description": "The client's page."})


class StaffEntrySchema(EntrySchema):
    """A wait as staff see it."""

    id = fields.String(attribute="public_id")
    client = fields.Nested(NamedSchema)
    email = fields.String()
    phone = fields.String(allow_none=True)
    jurisdiction = fields.String(allow_none=True)
    offered_until = Instant(
        allow_none=True, attribute="offered.expires_at", metadata={"description": "They consider an offer until then."}
    )


class WaitlistSchema(Schema):
    """Everybody who waits, who has waited longest first."""

    waitlist = fields.List(fields.Nested(StaffEntrySchema))


class WaitlistQuery(Query):
    """Whose wait."""

    service = key(metadata={"description": "Only for this service."})


@blueprint.post("/practices/<key:practice>/waitlist")
@access.public
@operation("joinWaitlist", NotFound, PleaseCall, ServiceEnded, LinkInvalid, LinkEnded)
@blueprint.arguments(WaitSchema, example=WAIT_EXAMPLE)
@blueprint.response(201, OwnEntrySchema)
def post_wait(body: dict[str, Any], practice: str) -> Beside:
    """Wait for a time

    When one becomes free, the best match is asked by text and e-mail, and the slot is kept for them for a while.
    The same request again keeps the place. With `replaces`, the token of an appointment, the wish of whoever waits
    already is changed to this one. Without it an e-mail address is needed, also where people book by phone only.
    """
    joined = join_waitlist(practice_id=find_practice_id(practice), wish=_wish(body), by=by_client(), now=clock.now())
    return _own(find_entry_by_link(joined))


@blueprint.get("/waitlist/<token:wait_token>")
@access.by_link
@operation("getWait", LinkInvalid, LinkEnded)
@blueprint.response(200, OwnEntrySchema)
def get_wait(wait_token: str) -> Beside:
    """See one's place on the waitlist"""
    return _own(_by_token(wait_token))


@blueprint.delete("/waitlist/<token:wait_token>")
@access.by_link
@operation("leaveWaitlist", LinkInvalid, LinkEnded)
@blueprint.response(204)
def delete_wait(wait_token: str) -> None:
    """Leave the waitlist

    An offer that is still open goes to the next one. Leaving twice is harmless.
    """
    found = _by_token(wait_token)
    leave_waitlist(practice_id=found.practice_id, entry_public_id=found.public_id, now=clock.now())


@for_staff.get("/practices/<key:practice>/waitlist")
@access.staff()
@operation("listWaitlist")
@for_staff.arguments(WaitlistQuery, location="query")
@for_staff.response(200, WaitlistSchema)
def get_waitlist(query: dict[str, Any]) -> dict[str, Any]:
    """List who waits for what

    A therapist sees who would come to them; owners and the front desk see all.
    """
    who = staff()
    service = query.get("service")
    service_id = find_service(who.practice_id, service).id if service else None
    own = who.only_therapist
    waiting = list_waiting(who.practice_id, service_id=service_id)
    places = places_in_line(waiting)
    found = [each for each in waiting if own is None or not each.therapist_ids or own in each.therapist_ids]
    names = therapist_public_ids({number for each in found for number in each.therapist_ids})
    return {"waitlist": [_for_staff(each, names, places[each.id]) for each in found]}


@for_staff.delete("/practices/<key:practice>/waitlist/<key:entry>")
@access.staff()
@operation("removeFromWaitlist")
@for_staff.response(204)
def delete_entry(entry: str) -> None:
    """Take somebody off the waitlist"""
    who = staff()
    found = find_entry(who.practice_id, entry)
    if who.only_therapist is not None and found.therapist_ids != [who.only_therapist]:
        raise NotFound
    leave_waitlist(practice_id=who.practice_id, entry_public_id=entry, now=clock.now())


def _wish(body: dict[str, Any]) -> WaitWish:
    modes = list(dict.fromkeys(body["modes"]))
    # What one of the ways to meet needs, the client has to say: a number to call, the state they will be in.
    demanding = next(mode for mode in (Mode.PHONE, Mode.VIRTUAL, Mode.IN_PERSON) if mode in modes)
    return WaitWish(
        service=body["service"],
        modes=modes,
        therapists=tuple(dict.fromkeys(body["therapists"])),
        location=body["location"],
        windows=tuple(WeeklyWindow(each["weekday"], each["starts"], each["ends"]) for each in body["windows"]),
        until=body["until"],
        contact=contacts.one(body["client"], demanding),
        replaces=seat_behind_link(body["replaces"]).public_id if body["replaces"] else None,
        born_on=body["born_on"],
    )


def _by_token(wait_token: str) -> WaitlistEntry:
    return find_entry_by_link(addresses().read(LinkPurpose.WAIT, wait_token))


def _own(entry: WaitlistEntry) -> Beside:
    is_waiting, offer = entry.status == WaitlistStatus.WAITING, _open_offer(entry)
    return Beside(
        _entry(entry, therapist_public_ids(entry.therapist_ids)),
        place=place_in_line(entry) if is_waiting else None,
        offer_token=addresses().token(LinkPurpose.OFFER, offer) if offer else None,
        wait_token=addresses().token(LinkPurpose.WAIT, entry),
        wait_url=addresses().wait(entry),
    )


def _for_staff(entry: WaitlistEntry, names: Mapping[int, str], place: int) -> Beside:
    return Beside(
        _entry(entry, names),
        place=place,
        client=Beside(entry.client, name=entry.name),
        offered=_open_offer(entry),
    )


def _open_offer(entry: WaitlistEntry) -> Offer | None:
    now = clock.now()
    return next((each for each in entry.offers if each.is_open(now=now)), None)


def _entry(entry: WaitlistEntry, names: Mapping[int, str]) -> Beside:
    windows = [each | {side: time.fromisoformat(each[side]) for side in ("starts", "ends")} for each in entry.windows]
    return Beside(entry, therapists=[names[number] for number in entry.therapist_ids], windows=windows)
