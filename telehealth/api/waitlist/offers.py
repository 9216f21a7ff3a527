"""Offers: a freed time, kept for somebody who waits, for whoever holds the token from the text or e-mail about it."""

from __future__ import annotations

from marshmallow import fields

from telehealth import clock
from telehealth.api.acting import by_client
from telehealth.api.appointments.shapes import (
    AppointmentSchema,
    LocalStart,
    NamedSchema,
    PlaceSchema,
    addresses,
    as_client,
)
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Instant, Schema, word
from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.errors import (
    AlreadyCancelled,
    GroupFull,
    ImpossibleStatus,
    InvalidInput,
    LinkEnded,
    LinkInvalid,
    OfferGone,
    PleaseCall,
    ServiceEnded,
    SlotNotOffered,
    SlotTaken,
    TooLate,
)
from telehealth.domain.words import AppointmentStatus, Mode, OfferStatus
from telehealth.models import Appointment, Attendee, Companion, Offer
from telehealth.queries.appointments.appointments import find_seat_and_reader
from telehealth.queries.messages.facts import link_to
from telehealth.queries.waitlist.waitlist_entries import find_offer_and_reader
from telehealth.services.waitlist.waiting import accept_offer, decline_offer

OFFER = "/offers/<token:offer_token>"

blueprint = Blueprint("Offers", "A freed time, kept for somebody who waits; the token is in the message about it.")


class OfferSchema(Schema):
    """A time that is kept for one person until `expires_at`."""

    status = word(OfferStatus)
    expires_at = Instant()
    start = Instant(attribute="starts_at")
    end = Instant(attribute="ends_at")
    timezone = fields.String()
    local_start = LocalStart()
    mode = word(Mode)
    service = fields.Nested(NamedSchema, attribute="entry.service")
    therapist = fields.Nested(NamedSchema)
    co_therapist = fields.Nested(NamedSchema, allow_none=True, attribute="hold.co_therapist", dump_default=None)
    location = fields.Nested(PlaceSchema, allow_none=True)
    replaces = fields.String(
        allow_none=True,
        attribute="entry.replaces.appointment.public_id",
        metadata={"description": "The id of the later appointment that is given up by accepting."},
    )


@blueprint.get(OFFER)
@access.by_link
@operation("getOffer", LinkInvalid, LinkEnded)
@blueprint.response(200, OfferSchema)
def get_offer(offer_token: str) -> Beside:
    """Read an offer"""
    return _offer(_by_token(offer_token)[0])


@blueprint.post(f"{OFFER}/accept")
@access.by_link
@operation(
    "acceptOffer",
    LinkInvalid,
    LinkEnded,
    OfferGone,
    PleaseCall,
    SlotTaken,
    SlotNotOffered,
    GroupFull,
    ServiceEnded,
    TooLate,
    ImpossibleStatus,
    AlreadyCancelled,
    InvalidInput,
)
@blueprint.response(200, AppointmentSchema)
def post_accept(offer_token: str) -> Beside:
    """Take the offered time

    It is booked; what it replaces is given up in the same moment. Whoever acts for somebody who waits has a token of
    their own, and gets the tokens of an appointment that are theirs.
    """
    (found, companion), now = _by_token(offer_token), clock.now()
    client_id, by = found.entry.client_id, by_client().through(link_to(found, companion))
    taken = accept_offer(offer_public_id=found.public_id, by=by, now=now)
    seat, reader = find_seat_and_reader(link_to(_seat_of(taken, client_id), companion))
    return as_client(seat, companion=reader, now=now)


@blueprint.post(f"{OFFER}/decline")
@access.by_link
@operation("declineOffer", LinkInvalid, LinkEnded, OfferGone)
@blueprint.response(200, OfferSchema)
def post_decline(offer_token: str) -> Beside:
    """Let the offered time go to the next one

    The place on the waitlist stays.
    """
    decline_offer(offer_public_id=_by_token(offer_token)[0].public_id, now=clock.now())
    return _offer(_by_token(offer_token)[0])


def _by_token(offer_token: str) -> tuple[Offer, Companion | None]:
    return find_offer_and_reader(addresses().read(LinkPurpose.OFFER, offer_token))


def _seat_of(appointment: Appointment, client_id: int) -> Attendee:
    mine = [seat for seat in appointment.attendees if seat.client_id == client_id]
    standing = [seat for seat in mine if seat.status != AppointmentStatus.CANCELLED]
    return (standing or mine)[-1]


def _offer(offer: Offer) -> Beside:
    location = offer.entry.location if offer.mode == Mode.IN_PERSON else None
    return Beside(offer, location=location, timezone=(location or offer.entry).timezone)
