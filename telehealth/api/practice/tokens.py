"""Tokens of programs: which there are, making one, and ending one."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.errors import ScopeMissing
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Instant, OneLine, Schema, Several
from telehealth.domain import access
from telehealth.domain.access import Scope
from telehealth.domain.words import Role
from telehealth.models import ApiToken
from telehealth.queries.practice.staff import list_tokens
from telehealth.services.practice.token_issuing import LONGEST_TOKEN_NAME, end_token, issue_token

TOKENS = "/practices/<key:practice>/tokens"
SCOPES = [scope.value for scope in Scope]

blueprint = Blueprint("Tokens", "What programs use the API with. For owners.")


class TokenSchema(Schema):
    """A token, without what is secret."""

    id = fields.String()
    name = fields.String(metadata={"description": "Of the program."})
    acts_for = fields.String(metadata={"description": "The id of the login."})
    scopes = fields.List(fields.String(validate=validate.OneOf(SCOPES)))
    created_at = Instant()
    last_used = Instant(allow_none=True, metadata={"description": "To the hour; null: never."})
    ends_at = Instant(allow_none=True, metadata={"description": "When it ends by itself; null: when somebody ends it."})


class TokensSchema(Schema):
    """The newest first, also those whose date is over."""

    tokens = fields.List(fields.Nested(TokenSchema))


class NewTokenSchema(Body):
    """What the token is for."""

    name = OneLine(required=True, longest=LONGEST_TOKEN_NAME, metadata={"example": "Waiting room screen"})
    scopes = Several(
        fields.String(validate=validate.OneOf(SCOPES)),
        required=True,
        validate=validate.Length(min=1, max=len(SCOPES)),
        metadata={"example": ["read"]},
    )
    ends_at = Instant(load_default=None, allow_none=True, metadata={"example": "2027-01-01T07:00:00Z"})


class SecretSchema(Schema):
    """The token itself. It is answered this once."""

    token = fields.String()


@blueprint.get(TOKENS)
@access.staff(Role.OWNER)
@operation("listTokens")
@blueprint.response(200, TokensSchema)
def get_tokens() -> dict[str, Any]:
    """List the tokens that nobody has ended"""
    return {"tokens": [_shown(each) for each in list_tokens(staff().practice_id)]}


@blueprint.post(TOKENS)
@access.staff(Role.OWNER)
@operation("makeToken", ScopeMissing)
@blueprint.arguments(NewTokenSchema)
@blueprint.response(201, SecretSchema)
def post_token(body: dict[str, Any]) -> dict[str, Any]:
    """Make a token that acts for the same login

    It can do no more than the token that makes it, and lasts no longer.
    """
    scopes, ends_at = [Scope(each) for each in body["scopes"]], body["ends_at"]
    staff().require_grant(scopes, ends_at)
    secret = issue_token(
        practice_id=staff().practice_id,
        user_id=staff().user_id,
        name=body["name"],
        scopes=scopes,
        ends_at=ends_at,
        by=by_staff(),
        now=clock.now(),
    )
    return {"token": secret}


@blueprint.delete(f"{TOKENS}/<key:api_token>")
@access.staff(Role.OWNER)
@operation("endToken")
@blueprint.response(204)
def delete_token(api_token: str) -> None:
    """End a token: whoever uses it is shut out"""
    end_token(practice_id=staff().practice_id, public_id=api_token, by=by_staff(), now=clock.now())


def _shown(token: ApiToken) -> dict[str, Any]:
    return {
        "id": token.public_id,
        "name": token.name,
        "acts_for": token.user.public_id,
        "scopes": token.scopes,
        "created_at": token.created_at,
        "last_used": token.used_at,
        "ends_at": token.ends_at,
    }
