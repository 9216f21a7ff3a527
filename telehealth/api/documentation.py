"""The API explained: the OpenAPI document, a page to browse it, and what each problem code means."""

from __future__ import annotations

from typing import Any

from flask import Blueprint as FlaskBlueprint
from flask import Response, current_app, jsonify, make_response, render_template
from marshmallow import fields

from telehealth.api.errors import PREFIX, address, catalogue, title
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Schema
from telehealth.domain import access
from telehealth.domain.errors import NotFound, TelehealthError

# The browser page sets colours and sizes from its script, which counts as inline style; nothing else is let in.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

pages = FlaskBlueprint("api_pages", __name__, url_prefix=PREFIX, template_folder="templates")
blueprint = Blueprint("Problems", "What the codes of refusals mean.")


class CodeSchema(Schema):
    """What a code means."""

    code = fields.String()
    status = fields.Integer()
    title = fields.String()
    meaning = fields.String()
    type = fields.Url()


class CodesSchema(Schema):
    """Every code there is."""

    problems = fields.List(fields.Nested(CodeSchema))


@pages.get("/openapi.json")
@access.public
def document() -> Response:
    """The OpenAPI document."""
    return jsonify(current_app.extensions["openapi"]())


@pages.get("/docs")
@access.public
def browse() -> Response:
    """A page to read the document and try it."""
    response = make_response(render_template("api_docs.html"))
    response.headers["Content-Security-Policy"] = POLICY
    return response


@blueprint.get("/problems")
@access.public
@operation("listProblems")
@blueprint.response(200, CodesSchema)
def get_problems() -> dict[str, Any]:
    """List problem codes"""
    return {"problems": [_explained(kind) for _, kind in sorted(catalogue().items())]}


@blueprint.get("/problems/<key:code>")
@access.public
@operation("getProblem", NotFound)
@blueprint.response(200, CodeSchema)
def get_problem(code: str) -> Beside:
    """Explain a problem code"""
    kind = catalogue().get(code)
    if kind is None:
        raise NotFound
    return _explained(kind)


def _explained(kind: type[TelehealthError]) -> Beside:
    meaning = " ".join((kind.__doc__ or "").split())
    return Beside(kind, title=title(kind.code), meaning=meaning, type=address(kind.code))
