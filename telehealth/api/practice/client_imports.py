"""Clients from a file of another program: given, looked at, and imported only then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.idempotency import REPLAYED, IdempotencySchema, replayed
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Instant, Query, Schema, Several, YesOrNo, in_our_names, word
from telehealth.api.practice.pictures import FileField
from telehealth.domain import access
from telehealth.domain.errors import IdempotencyMismatch
from telehealth.domain.importing.lines import ClientColumn, ImportStatus, LineOutcome, Matching
from telehealth.domain.importing.tables import LARGEST_FILE, MOST_COLUMNS, MOST_LINES
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.models import ClientImport

if TYPE_CHECKING:
    from telehealth.queries.practice import client_imports
    from telehealth.services.practice import client_importing
else:
    client_imports = Library("telehealth.queries.practice.client_imports")
    client_importing = Library("telehealth.services.practice.client_importing")

blueprint = Blueprint("Imports of clients", "Clients from a file, looked at before anything is written.")
IMPORTERS = (Role.OWNER, Role.FRONT_DESK)
IMPORTS = "/practices/<key:practice>/client-imports"
ONE = f"{IMPORTS}/<key:client_import>"
LINES_AT_ONCE, MOST_PAGES, LONGEST_NAME = 100, 50, 200
FILE_EXAMPLE = {
    "name": "clients.csv",
    "content": "Q2xpZW50LE1haWwKQW5hIFJpdmVyYSxhbmFAZXhhbXBsZS5jb20KQmVuIEl0byxub3doZXJlCg==",
}
COLUMNS_EXAMPLE = {"columns": ["name", "email"], "day_first": False}


class ClientFileSchema(Body):
    """A file of clients."""

    name = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_NAME),
        metadata={"description": "What the file is called, for whoever sees it at the desk."},
    )
    content = FileField(
        required=True,
        metadata={
            "description": f"CSV or vCard: at most {LARGEST_FILE:,} bytes and {MOST_LINES:,} clients, in base64.",
            "contentEncoding": "base64",
        },
    )


class MatchedColumnSchema(Schema):
    """A column of the file."""

    title = fields.String()
    holds = word(ClientColumn, allow_none=True, metadata={"description": "Null for what is left out."})


class LineCountsSchema(Schema):
    """How many lines come, or came, to what."""

    new = fields.Integer(metadata={"description": "They become clients. Nothing is sent to them."})
    known = fields.Integer(metadata={"description": "The same name and address is there: nothing is changed."})
    twice = fields.Integer(metadata={"description": "They stand in the file before."})
    alike = fields.Integer(
        metadata={"description": "Somebody of this name with the same number, address or date of birth is there."}
    )
    refused = fields.Integer(metadata={"description": "They cannot be read, and are left out."})


class ClientImportSchema(Schema):
    """A file of clients, and what becomes of it."""

    public_id = fields.String()
    name = fields.String()
    status = word(ImportStatus, metadata={"description": "`ready` was looked at, and nothing is written."})
    columns = fields.List(fields.Nested(MatchedColumnSchema))
    day_first = fields.Boolean(metadata={"description": "Whether 12/5/1990 is in May."})
    adds_alike = fields.Boolean()
    lines = fields.Nested(LineCountsSchema)
    done = fields.Integer(metadata={"description": "How many lines are done."})
    created_at = Instant()
    ends_at = Instant(metadata={"description": "Then the file is forgotten."})


class ClientImportsSchema(Schema):
    """Files that are still kept, the latest first."""

    imports = fields.List(fields.Nested(ClientImportSchema))


class ImportedLineSchema(Schema):
    """A line of a file."""

    number = fields.Integer(metadata={"description": "Where it begins in the file, from 1 on."})
    outcome = word(LineOutcome)
    problem = fields.String(metadata={"description": "Why it is refused, in words; empty otherwise."})
    cells = fields.List(
        fields.String(), metadata={"description": "As they were; emptied once nobody has to look at them."}
    )


class ImportedLinesSchema(Schema):
    """Lines, in their order."""

    lines = fields.List(fields.Nested(ImportedLineSchema))
    has_more = fields.Boolean(metadata={"description": "Whether there is another page."})


class LinesQuery(Query):
    """Which lines."""

    outcome = word(
        LineOutcome, load_default=LineOutcome.REFUSED.value, metadata={"description": "Only those that come to this."}
    )
    page = fields.Integer(
        load_default=1, validate=validate.Range(1, MOST_PAGES), metadata={"description": "Which hundred, from 1 on."}
    )


class MatchingSchema(Body):
    """What the columns of a file hold."""

    columns = Several(
        word(ClientColumn, allow_none=True),
        required=True,
        validate=validate.Length(1, MOST_COLUMNS),
        metadata={"description": "One for each column, in their order; null for what is left out."},
    )
    day_first = YesOrNo(load_default=False, metadata={"description": "Whether 12/5/1990 is in May."})


class BeginningSchema(Body):
    """What is imported."""

    adds_alike = YesOrNo(load_default=False, metadata={"description": "Also those who look like somebody."})


@blueprint.get(IMPORTS)
@access.staff(*IMPORTERS)
@operation("listClientImports")
@blueprint.response(200, ClientImportsSchema)
def get_imports() -> dict[str, Any]:
    """List files of clients that are still kept"""
    return {"imports": _with_counts(*client_imports.list_client_imports(staff().practice_id))}


@blueprint.post(IMPORTS)
@access.staff(*IMPORTERS)
@operation("takeClientFile", IdempotencyMismatch)
@blueprint.arguments(ClientFileSchema, example=FILE_EXAMPLE)
@blueprint.arguments(IdempotencySchema, location="headers")
@blueprint.response(201, ClientImportSchema, headers=REPLAYED)
def post_import(body: dict[str, Any], headers: dict[str, Any]) -> Any:
    """Look at a file of clients

    What its columns hold is guessed, and what would become of each line is said. No client is made.
    """
    practice_id, once, now = staff().practice_id, headers.get("key"), clock.now()
    with in_our_names({"file": "content"}):
        found = client_importing.take_client_file(
            practice_id=practice_id,
            file_name=body["name"],
            data=body["content"],
            idempotency_key=once,
            by=by_staff(),
            now=now,
        )
    return _with_counts(found)[0], 201, replayed(practice_id, once, now=now)


@blueprint.get(ONE)
@access.staff(*IMPORTERS)
@operation("getClientImport")
@blueprint.response(200, ClientImportSchema)
def get_import(client_import: str) -> dict[str, Any]:
    """Read what becomes of a file of clients"""
    return _with_counts(_find(client_import))[0]


@blueprint.get(f"{ONE}/lines")
@access.staff(*IMPORTERS)
@operation("listClientImportLines")
@blueprint.arguments(LinesQuery, location="query")
@blueprint.response(200, ImportedLinesSchema)
def get_lines(query: dict[str, Any], client_import: str) -> dict[str, Any]:
    """List lines of a file of clients

    Those that are refused, each with the reason, unless others are asked for. A hundred at a time.
    """
    skip = (query["page"] - 1) * LINES_AT_ONCE
    found = client_imports.list_import_lines(
        _find(client_import).id, query["outcome"], limit=LINES_AT_ONCE + 1, skip=skip
    )
    return {"lines": found[:LINES_AT_ONCE], "has_more": len(found) > LINES_AT_ONCE}


@blueprint.put(f"{ONE}/columns")
@access.staff(*IMPORTERS)
@operation("matchClientColumns")
@blueprint.arguments(MatchingSchema, example=COLUMNS_EXAMPLE)
@blueprint.response(200, ClientImportSchema)
def put_columns(body: dict[str, Any], client_import: str) -> dict[str, Any]:
    """Say what the columns of a file hold, and look at it again

    A file that runs, or is imported, stays as it is.
    """
    matching = Matching(tuple(body["columns"]), day_first=body["day_first"])
    found = client_importing.match_columns(
        practice_id=staff().practice_id, public_id=client_import, matching=matching, by=by_staff(), now=clock.now()
    )
    return _with_counts(found)[0]


@blueprint.post(f"{ONE}/begin")
@access.staff(*IMPORTERS)
@operation("beginClientImport")
@blueprint.arguments(BeginningSchema, required=False, example={"adds_alike": False})
@blueprint.response(200, ClientImportSchema)
def post_begin(body: dict[str, Any], client_import: str) -> dict[str, Any]:
    """Import a file of clients

    A short one is done with the answer; a long one goes on by itself, as `done` says. Asked twice, it is imported once.
    """
    client_importing.begin_import(
        practice_id=staff().practice_id,
        public_id=client_import,
        adds_alike=body["adds_alike"],
        by=by_staff(),
        now=clock.now(),
    )
    client_importing.import_portion(now=clock.now())
    return _with_counts(_find(client_import))[0]


@blueprint.delete(ONE)
@access.staff(*IMPORTERS)
@operation("discardClientImport")
@blueprint.response(204)
def delete_import(client_import: str) -> None:
    """Throw a file of clients away

    Clients who were imported stay. While it is being imported, it stays, too.
    """
    client_importing.discard_import(
        practice_id=staff().practice_id, public_id=client_import, by=by_staff(), now=clock.now()
    )


def _find(public_id: str) -> ClientImport:
    return client_imports.find_client_import(staff().practice_id, public_id)


def _with_counts(*found: ClientImport) -> list[dict[str, Any]]:
    counts = client_imports.count_import_lines([each.id for each in found])
    return [
        {
            **{name: getattr(each, name) for name in ("public_id", "status", "day_first", "adds_alike")},
            "name": each.file_name,
            "columns": [
                {"title": title, "holds": holds or None} for title, holds in zip(each.titles, each.columns, strict=True)
            ],
            "lines": {what.value: counts[each.id, what, False] + counts[each.id, what, True] for what in LineOutcome},
            "done": sum(counts[each.id, what, True] for what in LineOutcome),
            "created_at": each.created_at,
            "ends_at": each.ends_at,
        }
        for each in found
    ]
