"""The records of clients: two made into one, and parted again; everything about one, for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import find_client_for_staff, staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments.shapes import NamedSchema
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Instant, Query, Schema, word
from telehealth.domain import access, walltime
from telehealth.domain.client_merging import FIELDS, UNDONE_WITHIN, Double, Side, choose_sides, say_obstacles
from telehealth.domain.errors import CannotMerge
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.models import ClientMerge
from telehealth.queries.practice.practices import find_practice
from telehealth.services.practice.client_records import record_copy

if TYPE_CHECKING:
    from telehealth.domain import client_copies as writing
    from telehealth.queries.delivery import client_copies
    from telehealth.queries.practice import doubles
    from telehealth.services.consent import merging
else:
    writing, client_copies = (
        Library("telehealth.domain.client_copies"),
        Library("telehealth.queries.delivery.client_copies"),
    )
    doubles, merging = Library("telehealth.queries.practice.doubles"), Library("telehealth.services.consent.merging")

blueprint = Blueprint("Records of clients", "Two records of one client made into one, and everything about one client.")
MERGERS = (Role.OWNER, Role.FRONT_DESK)
MOST_PAGES = 100
ID = re.compile(r"[A-Za-z0-9-]{36}\Z")
EXAMPLE = {"other": "0f8fad5b-d9cb-469f-a165-70867728950e", "sides": {"name": "other"}}


class DoubleSchema(Schema):
    """Two records that may be of one person."""

    first = fields.Nested(NamedSchema)
    second = fields.Nested(NamedSchema)
    why = fields.List(word(Double))


class DoublesSchema(Schema):
    """The surest first."""

    doubles = fields.List(fields.Nested(DoubleSchema))
    has_more = fields.Boolean(metadata={"description": "Whether there is another page."})


class DoublesQuery(Query):
    """Which page."""

    page = fields.Integer(
        load_default=1, validate=validate.Range(1, MOST_PAGES), metadata={"description": "Which fifty, from 1 on."}
    )


class OtherQuery(Query):
    """Which other record."""

    other = fields.String(
        required=True, validate=validate.Regexp(ID), metadata={"description": "The other client's id."}
    )


class MergePreviewSchema(Schema):
    """What a merge would do."""

    sides = fields.Dict(
        keys=fields.String(),
        values=word(Side),
        metadata={"description": "Whose value of each field is kept, unless you choose otherwise."},
    )
    moving = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "How many rows of each kind would change hands."},
    )
    obstacles = fields.List(fields.String(), metadata={"description": "What is in the way, in words."})


class MergeWishSchema(Body):
    """What is merged, and whose values are kept."""

    other = fields.String(
        required=True,
        validate=validate.Regexp(ID),
        metadata={"description": "The client (public id) whose record becomes part of this one."},
    )
    sides = fields.Dict(
        keys=fields.String(validate=validate.OneOf(FIELDS)),
        values=word(Side),
        load_default=dict,
        metadata={"description": "By field; `both` is for tags and notes."},
    )


class MergeSchema(Schema):
    """A merge."""

    public_id = fields.String()
    undone_until = Instant(metadata={"description": "Until then it can be undone."})
    undone_at = Instant(allow_none=True)
    moved = fields.Dict(keys=fields.String(), values=fields.Integer())


class CopyWishSchema(Body):
    """What goes into the file."""

    with_notes = fields.Boolean(
        load_default=False,
        metadata={"description": "Also what staff wrote for themselves: notes, tags, reasons, tasks, who did what."},
    )


class CopySchema(Schema):
    """Everything about one client, each kind as a list."""

    sections = fields.Dict(keys=fields.String(), values=fields.List(fields.Dict()))


@blueprint.get("/practices/<key:practice>/client-doubles")
@access.staff(*MERGERS)
@operation("listClientDoubles")
@blueprint.arguments(DoublesQuery, location="query")
@blueprint.response(200, DoublesSchema)
def get_doubles(query: dict[str, Any]) -> dict[str, Any]:
    """List clients who may be here twice

    They share a number, an e-mail address, or a name and a date of birth. Families do, too.
    """
    skip = (query["page"] - 1) * doubles.MOST_DOUBLES
    found = doubles.list_doubles(staff().practice_id, skip=skip, limit=doubles.MOST_DOUBLES + 1)
    return {
        "doubles": [_double(each) for each in found[: doubles.MOST_DOUBLES]],
        "has_more": len(found) > doubles.MOST_DOUBLES,
    }


@blueprint.get("/practices/<key:practice>/clients/<key:client>/merge-preview")
@access.staff(*MERGERS)
@operation("previewClientMerge")
@blueprint.arguments(OtherQuery, location="query")
@blueprint.response(200, MergePreviewSchema)
def get_preview(query: dict[str, Any], client: str) -> dict[str, Any]:
    """See what merging another record into this one would do"""
    kept, other = find_client_for_staff(client), find_client_for_staff(query["other"])
    now = clock.now()
    obstacles = doubles.list_merge_obstacles(kept, other, now=now) if kept.id != other.id else []
    return {
        "sides": choose_sides(kept, other, other_is_newer=doubles.is_other_newer(kept, other)),
        "moving": doubles.count_what_moves(kept, other),
        "obstacles": say_obstacles(obstacles, walltime.zone(find_practice(staff().practice_slug).timezone)),
    }


@blueprint.post("/practices/<key:practice>/clients/<key:client>/merges")
@access.staff(*MERGERS)
@operation("mergeClients", CannotMerge)
@blueprint.arguments(MergeWishSchema, example=EXAMPLE)
@blueprint.response(201, MergeSchema)
def post_merge(body: dict[str, Any], client: str) -> dict[str, Any]:
    """Merge another record into this one

    Everything of the other client becomes this one's, and its links lead here. Of what they agreed to the stricter
    holds. Two people in one appointment, or two things at one time, are refused (`cannot_merge`).
    """
    kept, other = find_client_for_staff(client), find_client_for_staff(body["other"])
    merge = merging.merge_clients(
        practice_id=kept.practice_id,
        kept_public_id=kept.public_id,
        other_public_id=other.public_id,
        sides={name: Side(side) for name, side in body["sides"].items()},
        by=by_staff(),
        now=clock.now(),
    )
    return _merge(merge)


@blueprint.post("/practices/<key:practice>/client-merges/<key:merge>/undo")
@access.staff(*MERGERS)
@operation("undoClientMerge", CannotMerge)
@blueprint.response(200, MergeSchema)
def post_undo(merge: str) -> dict[str, Any]:
    """Undo a merge, within a day

    Exactly what was moved goes back; what came after stays. Later it is refused (`cannot_merge`).
    """
    return _merge(
        merging.undo_merge(practice_id=staff().practice_id, merge_public_id=merge, by=by_staff(), now=clock.now())
    )


@blueprint.post("/practices/<key:practice>/clients/<key:client>/copy")
@access.staff(*MERGERS)
@operation("copyClient")
@blueprint.arguments(CopyWishSchema, example={"with_notes": False})
@blueprint.response(200, CopySchema)
def post_copy(body: dict[str, Any], client: str) -> dict[str, Any]:
    """Get everything about one client

    For the client, as the desk hands it out as a file. That it was made is written down.
    """
    with_notes = body["with_notes"]
    named = find_client_for_staff(client)
    found = record_copy(
        practice_id=named.practice_id,
        client_public_id=named.public_id,
        with_notes=with_notes,
        by=by_staff(),
        now=clock.now(),
    )
    sections = client_copies.list_copy_sections(found, with_notes=with_notes)
    return {"sections": {each.name: [writing.as_plain(record) for record in each.read()] for each in sections}}


def _double(each: doubles.PossibleDouble) -> dict[str, Any]:
    return {"first": each.first, "second": each.second, "why": each.why}


def _merge(merge: ClientMerge) -> dict[str, Any]:
    return {
        "public_id": merge.public_id,
        "undone_until": merge.at + UNDONE_WITHIN,
        "undone_at": merge.undone_at,
        "moved": {name: len(ids) for name, ids in merge.moved.items() if ids},
    }
