"""Refusals as problem documents (RFC 9457): one shape for everything under /api/, with codes that never change."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import marshmallow as ma
from flask import current_app
from flask import json as flask_json
from werkzeug import Response
from werkzeug.exceptions import HTTPException

from telehealth.domain.access import Scope
from telehealth.domain.errors import (
    InvalidInput,
    NotAllowed,
    NotFound,
    TelehealthError,
    TooManyCodes,
    TooManyHolds,
    Unavailable,
)

PREFIX = "/api/v1"
MEDIA_TYPE = "application/problem+json"


class MalformedJson(TelehealthError):
    """The body cannot be read."""

    code = "malformed_json"
    status = 400
    sentence = "The body is not valid JSON in UTF-8. Nothing was changed."


class BadRequest(TelehealthError):
    """The request itself is broken."""

    code = "bad_request"
    status = 400
    sentence = "This request could not be understood. Nothing was changed."


class TokenRequired(TelehealthError):
    """No bearer token came with a request that needs one."""

    code = "token_required"
    status = 401
    sentence = "Please send a bearer token: Authorization: Bearer tele_…"


class TokenInvalid(TelehealthError):
    """The token is unknown or ended, or its user may no longer sign in: they look alike on purpose."""

    code = "token_invalid"
    status = 401
    sentence = "This bearer token does not work, or no longer does. Please make a new one in the practice's settings."


class TokenEnded(TokenInvalid):
    """The token was made until a date, which is over."""

    code = "token_ended"
    sentence = "This bearer token was made until a date that is over. Please make a new one in the practice's settings."


class ScopeMissing(TelehealthError):
    """The login behind the token might; the token was made for less."""

    code = "scope_missing"
    status = 403
    sentence = "This token was made for less than that. Please make one that has the scope which the operation names."

    def __init__(self, *scopes: Scope) -> None:
        super().__init__(f"This token was made for less than that: it lacks the scope {', '.join(scopes)}.")


class MethodNotAllowed(TelehealthError):
    """The path exists, the method does not."""

    code = "method_not_allowed"
    status = 405
    sentence = "This address does not take that method. The Allow header names the ones it takes."


class TooLarge(TelehealthError):
    """The body is larger than anything this API could need."""

    code = "too_large"
    status = 413
    sentence = "The body is too large. Nothing was changed."


class AddressTooLong(TelehealthError):
    """The address, with its query, is longer than anything this API could need."""

    code = "address_too_long"
    status = 414
    sentence = "The address and its query are too long. Nothing was changed."


class UnsupportedMediaType(TelehealthError):
    """The body is not said to be JSON."""

    code = "unsupported_media_type"
    status = 415
    sentence = "Please send the body as JSON, with Content-Type: application/json."


class TooManyRequests(TelehealthError):
    """A visitor asks more often than is fair to others."""

    code = "too_many_requests"
    status = 429
    sentence = "Too many requests in a short time. Please wait as long as the Retry-After header says."


class InternalError(TelehealthError):
    """Our mistake."""

    code = "internal_error"
    status = 500
    sentence = "Something went wrong on our side. Nothing was changed. Please try again in a moment."


BY_STATUS: dict[int, type[TelehealthError]] = {
    error.status: error
    for error in (
        BadRequest,
        NotAllowed,
        NotFound,
        MethodNotAllowed,
        TooLarge,
        AddressTooLong,
        UnsupportedMediaType,
        TooManyRequests,
        InternalError,
    )
}


class ProblemSchema(ma.Schema):
    """A refusal (RFC 9457). Programs look at `code`; people read `detail`."""

    type = ma.fields.Url(required=True, metadata={"description": "An address that explains the code."})
    title = ma.fields.String(required=True, metadata={"description": "The code in words."})
    status = ma.fields.Integer(required=True, metadata={"description": "The HTTP status."})
    code = ma.fields.String(required=True, metadata={"description": "Stable, for programs."})
    detail = ma.fields.String(required=True, metadata={"description": "A sentence for a person."})
    errors = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        metadata={"description": "With `invalid_input`: what is wrong with each field, by its dotted name."},
    )


def catalogue() -> dict[str, type[TelehealthError]]:
    """Every code that this API can answer with."""
    return {kind.code: kind for kind in _family(TelehealthError)}


def _family(kind: type[TelehealthError]) -> Iterator[type[TelehealthError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _family(child)


def title(code: str) -> str:
    """The code in words."""
    return code.replace("_", " ").capitalize()


def address(code: str) -> str:
    """Where a code is explained."""
    return f"{current_app.extensions['addresses'].base_url}{PREFIX}/problems/{code}"


def problem(error: Exception) -> Response:
    """The answer for any exception. Never shows anything internal."""
    code, status, detail = _known(error)
    document: dict[str, Any] = {
        "type": address(code),
        "title": title(code),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if isinstance(error, InvalidInput):
        document["errors"] = error.fields
    return current_app.response_class(
        flask_json.dumps(document), status=status, mimetype=MEDIA_TYPE, headers=_headers(error)
    )


def _known(error: Exception) -> tuple[str, int, str]:
    if isinstance(error, TelehealthError):
        return error.code, error.status, str(error)
    status = error.code if isinstance(error, HTTPException) and error.code else InternalError.status
    if kind := BY_STATUS.get(status):
        return kind.code, status, kind.sentence
    name = HTTPStatus(status).phrase
    return name.lower().replace(" ", "_").replace("-", "_"), status, f"{name}."


def _headers(error: Exception) -> dict[str, str]:
    if isinstance(error, TokenRequired):
        return {"WWW-Authenticate": 'Bearer realm="telehealth"'}
    if isinstance(error, TokenInvalid):
        return {"WWW-Authenticate": 'Bearer realm="telehealth", error="invalid_token"'}
    if isinstance(error, TooManyCodes | TooManyHolds | Unavailable):
        return {"Retry-After": str(error.retry_after)}
    if methods := getattr(error, "valid_methods", None):
        return {"Allow": ", ".join(sorted(methods))}
    if limit := getattr(error, "limit", None):
        # The window is over by then at the latest.
        return {"Retry-After": str(limit.limit.get_expiry())}
    return {}
