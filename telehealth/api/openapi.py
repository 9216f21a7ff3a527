"""The OpenAPI document, and the little that makes it come out of the code: marks, problems and names of operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from functools import wraps
from http import HTTPStatus
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app
from marshmallow import Schema, fields

from telehealth.api import parsing, paths
from telehealth.api.errors import (
    MEDIA_TYPE,
    PREFIX,
    AddressTooLong,
    InternalError,
    MalformedJson,
    ProblemSchema,
    ScopeMissing,
    TokenEnded,
    TokenInvalid,
    TokenRequired,
    TooLarge,
    TooManyRequests,
    UnsupportedMediaType,
    title,
)
from telehealth.api.scopes import scope_of
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound, OutcomeUnknown, TelehealthError, Unavailable
from telehealth.late import without

with without("yaml"):  # It would load it for a document in another form than JSON, which nobody asks for.
    import flask_smorest
    from flask_smorest.spec.plugins import FlaskPlugin

View = TypeVar("View", bound=Callable[..., Any])

DESCRIPTION = """\
Find and book appointments with a practice, and run its calendar.

**Public** operations need no credentials. After booking, the `manage_token` in the answer opens that one appointment.
**Staff** operations need a bearer token, made in the practice's settings; a token sees one practice only, and may do
what its login may within its scopes (`read`, `book`, `desk`, `settings`); each operation names the one that it needs.

- Instants are RFC 3339 with an offset; answers use UTC (`Z`), and `local` times name their zone.
- Refusals are problem documents (RFC 9457, `application/problem+json`) with a stable `code`.
- Unknown fields and parameters are refused, so that a misspelt one is noticed.
- 503 says after how many seconds to try again (`Retry-After`): `unavailable` changed nothing; after `outcome_unknown`
  look first, or send the same `Idempotency-Key`.
- Booking, holding, setting up a standing slot or giving a file twice by mistake: send an `Idempotency-Key`.
- A slot can be held while somebody types; booking with the `hold` consumes it.
- What is `pending` waits for the practice's yes until `expires_at`.
"""

PATH_PARAMETERS = {
    "api_token": "The token's id.",
    "template": "The id of words of the practice's own.",
    "practice": "The practice's word in addresses, such as `elm-street`.",
    "service": "The service's id.",
    "therapist": "The therapist's id.",
    "appointment": "The appointment's id.",
    "entry": "The entry's id.",
    "guest": "The id of somebody who is invited.",
    "hold": "The hold's id.",
    "licence": "The licence's id.",
    "location": "The place's id.",
    "closure": "The closure's id.",
    "connection": "The id of a connection to a calendar.",
    "calendar_change": "The id of an appointment in a calendar.",
    "connected_calendar": "The id of a calendar.",
    "feed": "The id of a calendar address.",
    "reason": "What waits.",
    "turn": "The id of a turn on duty.",
    "companion": "The id of somebody who acts for a client.",
    "alert": "The id of what waits.",
    "room": "The room's id.",
    "person": "The login's id.",
    "client": "The client's id.",
    "client_import": "The id of a file of clients.",
    "merge": "The merge's id.",
    "erasure": "The id of what was asked for.",
    "task": "The task's id.",
    "message": "The message's id.",
    "suppression": "The id of what is left alone.",
    "text": "The text's id.",
    "series": "The standing slot's id.",
    "member": "The membership's id.",
    "day": "A date of the standing slot, as it was meant at first: `2026-11-24`.",
    "manage_token": "The `manage_token` that booking answered with.",
    "wait_token": "The `wait_token` that joining answered with.",
    "offer_token": "The token in the message about the offer.",
    "answer_token": "The token in the e-mail about the request.",
    "kind": "A kind of message: `reminder`.",
    "code": "A problem's code.",
}


class NamedPaths(FlaskPlugin):  # type: ignore[misc]  # flask-smorest has no types.
    """Says what each part of a path means."""

    def rule_to_params(self, rule: Any) -> list[dict[str, Any]]:
        """The parameters of a path, described."""
        return [
            {**parameter, "description": PATH_PARAMETERS[parameter["name"]]}
            for parameter in super().rule_to_params(rule)
        ]


def describe(app: Flask, blueprints: Iterable[Blueprint]) -> dict[str, Any]:
    """The OpenAPI document. To make it takes longer than to serve a hundred requests."""
    api = Api(app)
    for blueprint in blueprints:
        api.describe(blueprint)
    document: dict[str, Any] = api.spec.to_dict()
    return document


class Api(flask_smorest.Api):  # type: ignore[misc]
    """The document of this app. Errors are answered by ``api.errors``, and the pages by ``api.documentation``."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        spec = {
            "title": "Telehealth scheduling",
            "version": "1.0.0",
            "openapi_version": "3.1.0",
            "flask_plugin": NamedPaths(),
            "info": {"description": DESCRIPTION},
            "servers": [{"url": "/", "description": "Where this document was found."}],
        }
        super().__init__(app, spec_kwargs=spec)
        for kind, shape in {
            parsing.Instant: ("string", "date-time"),
            parsing.DayField: ("string", "date"),
            parsing.ClockTime: ("string", None),
            parsing.WallTime: ("string", None),
            fields.Url: ("string", "uri"),
        }.items():
            self.register_field(kind, *shape)
        self.register_converter(paths.KeyConverter, lambda _: {"type": "string", "pattern": f"^{paths.ID}$"})
        self.register_converter(paths.TokenConverter, lambda _: {"type": "string", "pattern": f"^{paths.TOKEN}$"})
        self.spec.components.schema("Problem", schema=ProblemSchema)
        self.spec.components.security_scheme(
            "bearer",
            {"type": "http", "scheme": "bearer", "description": "A token of a member of staff: `tele_…`."},
        )

    def describe(self, blueprint: Blueprint) -> None:
        """Add what a blueprint, which is registered with the app, knows of itself."""
        blueprint.register_views_in_doc(self, self._app, self.spec, name=blueprint.name, parameters=None)
        self.spec.tag({"name": blueprint.name, "description": blueprint.description})

    def _register_doc_blueprint(self) -> None:
        """Served by ``api.documentation``, whose views carry marks."""

    def _register_error_handlers(self) -> None:
        """Answered in one place for all doors, see ``app.answer``."""

    def _register_responses(self) -> None:
        """Every operation names its problems itself."""

    def _register_pagination_header(self) -> None:
        """Pages go on with a cursor."""


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A noun of the API. Every operation is a function, named after its method and its path: ``post_move``.

    It must carry a mark, and the document says what the mark asks for.
    """

    ARGUMENTS_PARSER = parsing.Parser()

    # These are flask-smorest's own, which has no types.
    get: Callable[[str], Callable[[View], View]]
    post: Callable[[str], Callable[[View], View]]
    put: Callable[[str], Callable[[View], View]]
    delete: Callable[[str], Callable[[View], View]]

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, __name__, url_prefix=PREFIX, description=description)
        self._prepare_doc_cbks.append(_describe)

    def arguments(self, schema: type[parsing.Query], **options: Any) -> Callable[[View], View]:
        """Read a part of the request with a schema, and document it."""
        # One schema for all requests: making one costs as much as reading with it.
        made = schema()
        if isinstance(made, parsing.Body):
            made.is_needed = options.get("required", True)
        read: Callable[[View], View] = super().arguments(made, **options)
        return read

    def response(
        self, status_code: int, schema: type[Schema] | dict[str, str] | None = None, **options: Any
    ) -> Callable[[View], View]:
        """Write the answer with a schema, and document it. With 204 the view returns nothing."""
        write: Callable[[View], View] = super().response(status_code, schema, **options)
        return write if status_code != HTTPStatus.NO_CONTENT else lambda view: write(_without_content(view))

    def _store_endpoint_docs(self, endpoint: str, obj: Any, parameters: Any, tags: Any, **options: Any) -> None:
        super()._store_endpoint_docs(endpoint, obj, parameters, tags, **options)
        decision = access.access_of(obj)
        if decision is None:
            raise TypeError(f"{obj} does not say who it is for")
        for method, info in self._docs[endpoint].items():
            if method != "parameters":
                info["audience"] = decision.audience
                info["scope"] = scope_of(f"{self.name}.{endpoint}", method)


def _without_content(view: View) -> View:
    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Response:
        view(*args, **kwargs)
        return current_app.response_class(status=HTTPStatus.NO_CONTENT)

    return cast("View", answer)


def operation(name: str, *problems: type[TelehealthError]) -> Callable[[View], View]:
    """Name an operation and the refusals of its own; those that follow from its mark and arguments are added."""

    def mark(view: View) -> View:
        view._apidoc = deepcopy(getattr(view, "_apidoc", {}))  # type: ignore[attr-defined]  # noqa: SLF001
        view._apidoc["operation"] = {"name": name, "problems": problems}  # type: ignore[attr-defined]  # noqa: SLF001
        return view

    return mark


def _describe(doc: dict[str, Any], info: dict[str, Any], **_: Any) -> dict[str, Any]:
    given = info["operation"]
    problems = {*given["problems"], *_following(doc, info)}
    doc["operationId"] = given["name"]
    is_for_staff = info["audience"] == access.Audience.STAFF
    doc["security"] = [{"bearer": []}] if is_for_staff else []
    doc.setdefault("responses", {}).update(_responses(problems))
    if is_for_staff:
        doc["x-scope"] = info["scope"].value
        doc["responses"]["403"]["description"] += f": needs the scope `{info['scope']}`"
    return doc


def _following(doc: dict[str, Any], info: dict[str, Any]) -> Iterable[type[TelehealthError]]:
    """The refusals that follow from what the operation takes and who may use it."""
    yield from (AddressTooLong, TooManyRequests, InternalError, Unavailable, OutcomeUnknown)
    if "arguments" in info:
        yield InvalidInput
    if "requestBody" in doc:
        yield from (MalformedJson, TooLarge, UnsupportedMediaType)
    if info["audience"] == access.Audience.STAFF:
        yield from (TokenRequired, TokenInvalid, TokenEnded, ScopeMissing, NotAllowed, NotFound)


def _responses(problems: Iterable[type[TelehealthError]]) -> dict[str, Any]:
    in_order = sorted(problems, key=attrgetter("status", "code"))
    return {str(status): _response(list(kinds)) for status, kinds in groupby(in_order, key=attrgetter("status"))}


def _response(kinds: list[type[TelehealthError]]) -> dict[str, Any]:
    return {
        "description": " · ".join(f"`{kind.code}`" for kind in kinds),
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {kind.code: {"value": _example(kind)} for kind in kinds},
            }
        },
    }


def _example(kind: type[TelehealthError]) -> dict[str, Any]:
    example: dict[str, Any] = {
        "type": f"https://example.org{PREFIX}/problems/{kind.code}",
        "title": title(kind.code),
        "status": kind.status,
        "code": kind.code,
        "detail": kind.sentence,
    }
    if kind is InvalidInput:
        example["errors"] = {"start": "Please give an instant with its offset."}
    return example
