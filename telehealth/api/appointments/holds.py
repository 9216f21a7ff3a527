"""Keeping a slot while somebody fills in a form. No credentials needed: the hold's id is its secret."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from telehealth import clock
from telehealth.api.acting import by_client
from telehealth.api.appointments import links
from telehealth.api.appointments.fits import MET_SAID, fit_field, fit_of
from telehealth.api.appointments.shapes import NamedSchema
from telehealth.api.idempotency import REPLAYED, IdempotencySchema, replayed
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Body, Instant, Schema, YesOrNo, jurisdiction, key, token, word
from telehealth.domain import access
from telehealth.domain.errors import (
    GroupFull,
    HoldExpired,
    IdempotencyMismatch,
    LinkEnded,
    LinkInvalid,
    NotFound,
    ServiceEnded,
    SlotNotOffered,
    SlotTaken,
    TooManyHolds,
)
from telehealth.domain.words import Mode
from telehealth.models import Hold
from telehealth.queries.practice.practices import find_practice_id
from telehealth.services.appointments.holding import MOST_EXTENSIONS, HoldWish, extend_hold, keep_slot, release_hold

blueprint = Blueprint("Holds", "Keeping a slot for some minutes. No credentials needed: a hold's id is its secret.")


class HoldWishSchema(Body):
    """The slot somebody has chosen."""

    service = key(required=True)
    start = Instant(required=True, metadata={"description": "One of the listed slots."})
    mode = word(Mode, required=True)
    therapist = key(load_default=None, allow_none=True, metadata={"description": "Without one: the best fit."})
    location = key(load_default=None, allow_none=True, metadata={"description": "Needed in person."})
    jurisdiction = jurisdiction(
        load_default=None, allow_none=True, metadata={"description": "The state the client will be in."}
    )
    fit = fit_field()
    has_met = YesOrNo(load_default=False, metadata={"description": MET_SAID})
    replaces = key(
        load_default=None,
        allow_none=True,
        metadata={"description": "A hold of your own that is given back in the same moment."},
    )
    moves = token(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "The `manage_token` of the appointment that will move there. Where the two overlap nothing "
            "can be held, and nothing need be: just move."
        },
    )


HOLD_EXAMPLE = {
    "service": "0d7a3c1e-5c4e-4d0e-9a53-2f4f0a8f6b11",
    "start": "2026-11-24T16:00:00Z",
    "mode": "virtual",
    "jurisdiction": "CO",
}


class HoldSchema(Schema):
    """A slot that nobody else can take until `expires_at`; book with its id as `hold`."""

    id = fields.String(attribute="public_id")
    service = fields.Nested(NamedSchema)
    therapist = fields.Nested(NamedSchema)
    co_therapist = fields.Nested(NamedSchema, allow_none=True)
    mode = word(Mode)
    location = fields.Nested(NamedSchema, allow_none=True)
    start = Instant(attribute="starts_at")
    end = Instant(attribute="ends_at")
    expires_at = Instant()
    extensions_left = fields.Integer(metadata={"description": "How often it can still be extended."})


@blueprint.post("/practices/<key:practice>/holds")
@access.public
@operation(
    "holdSlot",
    NotFound,
    ServiceEnded,
    SlotTaken,
    SlotNotOffered,
    GroupFull,
    LinkInvalid,
    LinkEnded,
    HoldExpired,
    IdempotencyMismatch,
    TooManyHolds,
)
@blueprint.arguments(HoldWishSchema, example=HOLD_EXAMPLE)
@blueprint.arguments(IdempotencySchema, location="headers")
@blueprint.response(201, HoldSchema, headers=REPLAYED)
def post_hold(body: dict[str, Any], headers: dict[str, Any], practice: str) -> Any:
    """Keep a slot

    Nobody else can book it for some minutes. It frees itself when they are over. From one network, and for one
    practice, only so many are kept at once (`too_many_holds`); such a slot can still be booked without.
    """
    now, practice_id, once = clock.now(), find_practice_id(practice), headers.get("key")
    wish = _wish(body, practice_id)
    made = keep_slot(
        practice_id=practice_id,
        wish=wish,
        network=by_client().network,
        replaced_public_id=body["replaces"],
        idempotency_key=once,
        now=now,
    )
    return _hold(made), 201, replayed(practice_id, once, now=now)


@blueprint.delete("/practices/<key:practice>/holds/<key:hold>")
@access.public
@operation("releaseHold", NotFound)
@blueprint.response(204)
def delete_hold(practice: str, hold: str) -> None:
    """Give a slot back

    One that is unknown or over is no error: the slot is free, which is what was asked for.
    """
    release_hold(practice_id=find_practice_id(practice), hold_public_id=hold, now=clock.now())


@blueprint.post("/practices/<key:practice>/holds/<key:hold>/extend")
@access.public
@operation("extendHold", NotFound, HoldExpired)
@blueprint.response(200, HoldSchema)
def post_extend(practice: str, hold: str) -> Beside:
    """Keep a slot for as long again

    From now on, and at most twice.
    """
    return _hold(extend_hold(practice_id=find_practice_id(practice), hold_public_id=hold, now=clock.now()))


def _wish(body: dict[str, Any], practice_id: int) -> HoldWish:
    return HoldWish(
        service=body["service"],
        starts_at=body["start"],
        mode=body["mode"],
        therapist=body["therapist"],
        location=body["location"],
        jurisdiction=body["jurisdiction"],
        fit=fit_of(body["fit"]),
        has_met=body["has_met"],
        appointment_id=_moved(body["moves"], practice_id),
    )


def _moved(manage_token: str | None, practice_id: int) -> int | None:
    """The appointment that is to move, of this practice. Raises LinkInvalid."""
    if manage_token is None:
        return None
    seat = links.seat_behind_link(manage_token)
    if seat.practice_id != practice_id:
        raise LinkInvalid
    return seat.appointment_id


def _hold(hold: Hold) -> Beside:
    return Beside(hold, extensions_left=MOST_EXTENSIONS - hold.extensions)
