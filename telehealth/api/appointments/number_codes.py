"""Proving that a number is one's own, for whoever books without an e-mail address. No credentials needed: what the
first operation answers is a secret.
"""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.acting import by_client
from telehealth.api.appointments.shapes import addresses
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Instant, Schema
from telehealth.domain import access
from telehealth.domain.contact import LONGEST_PHONE, clean_phone
from telehealth.domain.errors import InvalidInput, NotFound, TooManyCodes
from telehealth.domain.languages import ENGLISH, LANGUAGES
from telehealth.domain.links import new_secret
from telehealth.domain.messages.number_codes import LASTS, PROOF_LASTS, Proof
from telehealth.queries.practice.practices import find_practice_id
from telehealth.services.consent.number_proving import prove_number, send_number_code

blueprint = Blueprint(
    "Number codes", "Proving that a number is one's own, to book without an e-mail address. No credentials needed."
)
NO_PROOF = {
    Proof.WRONG: "This is not the code that was texted last.",
    Proof.SPENT: "Too many tries with one code. Ask for a new one.",
    Proof.OVER: "This code is too old, or there is none. Ask for a new one.",
}
LONGEST_PROOF, LONGEST_CODE = 64, 20


def _phone() -> fields.String:
    return fields.String(
        required=True, validate=validate.Length(max=LONGEST_PHONE), metadata={"example": "+13035550123"}
    )


class TypedNumberSchema(Body):
    """Whose number it is said to be."""

    phone = _phone()
    locale = fields.String(
        load_default=ENGLISH,
        validate=validate.OneOf(list(LANGUAGES)),
        metadata={"description": "Of the text.", "example": "en"},
    )


class NumberProofSchema(Schema):
    """The secret that books, once the code was sent back. Keep it where the form is."""

    proof = fields.String()
    ends_at = Instant(metadata={"description": "Until when the code counts."})


class TypedCodeSchema(Body):
    """The code as it was typed."""

    proof = fields.String(required=True, validate=validate.Length(max=LONGEST_PROOF))
    phone = _phone()
    code = fields.String(required=True, validate=validate.Length(max=LONGEST_CODE), metadata={"example": "123456"})


class ProvedNumberSchema(Schema):
    """Until when the proof books."""

    ends_at = Instant()


@blueprint.post("/practices/<key:practice>/number-codes")
@access.public
@operation("sendNumberCode", NotFound, TooManyCodes)
@blueprint.arguments(TypedNumberSchema, example={"phone": "+13035550123", "locale": "en"})
@blueprint.response(201, NumberProofSchema)
def post_number_code(body: dict[str, Any], practice: str) -> Any:
    """Text a code to a number

    Where people book by phone only (`books_phone_only` of the practice). Few codes go to one number, from one network
    and for one practice (`too_many_codes`). Of a number that has ended texts nothing is said: no code arrives.
    """
    now, secret = clock.now(), new_secret()
    send_number_code(
        practice_id=find_practice_id(practice),
        phone=_clean(body["phone"]),
        secret=secret,
        locale=body["locale"],
        by=by_client(),
        now=now,
    )
    return {"proof": secret, "ends_at": now + LASTS}


@blueprint.post("/practices/<key:practice>/number-codes/proof")
@access.public
@operation("proveNumber", NotFound)
@blueprint.arguments(TypedCodeSchema, example={"proof": "aVeryLongSecret", "phone": "+13035550123", "code": "123456"})
@blueprint.response(200, ProvedNumberSchema)
def post_proof(body: dict[str, Any], practice: str) -> Any:
    """Prove a number with the code that was texted to it

    Then book with the same `proof` as `number_proof`, and the same number. A wrong code is 422, and counts: after five
    the right one is as good as wrong.
    """
    found = prove_number(
        practice_id=find_practice_id(practice),
        phone=_clean(body["phone"]),
        secret=body["proof"],
        typed=body["code"],
        addresses=addresses(),
        now=clock.now(),
    )
    if found != Proof.PROVED:
        raise InvalidInput({"code": NO_PROOF[found]})
    return {"ends_at": clock.now() + PROOF_LASTS}


def _clean(phone: str) -> str:
    try:
        return clean_phone(phone, needed=True) or ""
    except ValueError as problem:
        raise InvalidInput({"phone": str(problem)}) from problem
