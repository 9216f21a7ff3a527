"""The records of clients: two made into one, and parted again; everything about one, for them; and erasing one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import find_client_for_staff, staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments.shapes import NamedSchema
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Instant, Query, Schema, YesOrNo, bounded, word
from telehealth.domain import access, walltime
from telehealth.domain.client_merging import FIELDS, UNDONE_WITHIN, Double, Side, choose_sides, say_obstacles
from telehealth.domain.errors import CannotErase, CannotMerge
from telehealth.domain.keeping import LIMITS
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.models import ClientErasure, ClientMerge, Practice
from telehealth.queries.practice.practices import find_practice
from telehealth.services.practice.client_records import record_copy
from telehealth.services.practice.practice_settings import KeptYears, set_kept_years

if TYPE_CHECKING:
    from telehealth.domain import client_copies as writing
    from telehealth.queries.delivery import client_copies
    from telehealth.queries.practice import doubles, keeping
    from telehealth.services.consent import erasing, merging
else:
    writing, client_copies = (
        Library("telehealth.domain.client_copies"),
        Library("telehealth.queries.delivery.client_copies"),
    )
    keeping, erasing = Library("telehealth.queries.practice.keeping"), Library("telehealth.services.consent.erasing")
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

    with_notes = YesOrNo(
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


class KeepingSchema(Schema):
    """How long a record has to be kept."""

    last_contact = fields.Date()
    kept_until = fields.Date(attribute="until")
    is_over = fields.Boolean(metadata={"description": "Whether it need not be kept any more."})
    in_the_way = fields.List(fields.String(), metadata={"description": "What has to end first, in words."})


class ErasureWishSchema(Body):
    """Why, when it is before its time."""

    reason = fields.String(
        load_default="",
        validate=validate.Length(max=500),
        metadata={"description": "How and when the client asked for it; needed before the time of keeping is over."},
    )


class ErasureSchema(NamedSchema):
    """That a record is to be erased, and what became of it."""

    class Meta:
        """It has no name."""

        exclude = ("name",)

    asked_at = Instant()
    erased_at = Instant(allow_none=True)
    withdrawn_at = Instant(allow_none=True)


class KeptYearsSchema(Body):
    """How long records of clients are kept: whichever is later."""

    kept_years = bounded(LIMITS["kept_years"], "So many years after the last contact.")
    kept_years_of_minors = bounded(LIMITS["kept_years_of_minors"], "So many years after a client came of age.")


YEARS_EXAMPLE = {"kept_years": 7, "kept_years_of_minors": 3}


class PastKeepingSchema(Schema):
    """Clients whose record need not be kept any more."""

    clients = fields.List(fields.Nested(NamedSchema))
    has_more = fields.Boolean(metadata={"description": "Whether there is another page."})


@blueprint.get("/practices/<key:practice>/clients-past-keeping")
@access.staff(*MERGERS)
@operation("listClientsPastKeeping")
@blueprint.arguments(DoublesQuery, location="query")
@blueprint.response(200, PastKeepingSchema)
def get_past_keeping(query: dict[str, Any]) -> dict[str, Any]:
    """List clients whose record need not be kept any more"""
    practice = find_practice(staff().practice_slug)
    found = keeping.list_past_keeping(practice, now=clock.now(), skip=(query["page"] - 1) * keeping.MOST_OVER)
    shown = found[: keeping.MOST_OVER]
    return {"clients": shown, "has_more": len(found) > len(shown)}


@blueprint.get("/practices/<key:practice>/kept-years")
@access.staff()
@operation("getKeptYears")
@blueprint.response(200, KeptYearsSchema, example=YEARS_EXAMPLE)
def get_kept_years() -> Practice:
    """Read how long records of clients are kept"""
    return find_practice(staff().practice_slug)


@blueprint.put("/practices/<key:practice>/kept-years")
@access.staff(Role.OWNER)
@operation("changeKeptYears")
@blueprint.arguments(KeptYearsSchema, example=YEARS_EXAMPLE)
@blueprint.response(200, KeptYearsSchema, example=YEARS_EXAMPLE)
def put_kept_years(body: dict[str, Any]) -> dict[str, Any]:
    """Change how long records of clients are kept"""
    set_kept_years(practice_id=staff().practice_id, years=KeptYears(**body), by=by_staff(), now=clock.now())
    return body


@blueprint.get("/practices/<key:practice>/clients/<key:client>/keeping")
@access.staff(*MERGERS)
@operation("getKeeping")
@blueprint.response(200, KeepingSchema)
def get_keeping(client: str) -> Any:
    """Read until when a client's record is kept"""
    return keeping.find_keeping(find_client_for_staff(client), now=clock.now())


@blueprint.post("/practices/<key:practice>/clients/<key:client>/erasures")
@access.staff(*MERGERS)
@operation("askErasure", CannotErase)
@blueprint.arguments(ErasureWishSchema, example={"reason": "By letter of November 2."})
@blueprint.response(201, ErasureSchema)
def post_erasure(body: dict[str, Any], client: str) -> ClientErasure:
    """Ask that a client's record is erased

    Somebody else has to agree, one of the two an owner; an owner who is alone agrees a day later. Before the time of
    keeping is over only an owner asks, with a reason (`cannot_erase`).
    """
    return erasing.ask_erasure(
        practice_id=staff().practice_id, client_public_id=client, reason=body["reason"], by=by_staff(), now=clock.now()
    )


@blueprint.post("/practices/<key:practice>/client-erasures/<key:erasure>/agree")
@access.staff(*MERGERS)
@operation("agreeToErase", CannotErase)
@blueprint.response(200, ErasureSchema)
def post_agreement(erasure: str) -> ClientErasure:
    """Agree, and the record is erased

    Nobody can undo it. Appointments stay, and count as before; nothing tells any more whose they were.
    """
    practice_id = staff().practice_id
    return erasing.agree_to_erase(practice_id=practice_id, erasure_public_id=erasure, by=by_staff(), now=clock.now())


@blueprint.post("/practices/<key:practice>/client-erasures/<key:erasure>/withdraw")
@access.staff(*MERGERS)
@operation("withdrawErasure", CannotErase)
@blueprint.response(200, ErasureSchema)
def post_withdrawal(erasure: str) -> ClientErasure:
    """Keep the record after all"""
    practice_id = staff().practice_id
    return erasing.withdraw_erasure(practice_id=practice_id, erasure_public_id=erasure, by=by_staff(), now=clock.now())


def _double(each: doubles.PossibleDouble) -> dict[str, Any]:
    return {"first": each.first, "second": each.second, "why": each.why}


def _merge(merge: ClientMerge) -> dict[str, Any]:
    return {
        "public_id": merge.public_id,
        "undone_until": merge.at + UNDONE_WITHIN,
        "undone_at": merge.undone_at,
        "moved": {name: len(ids) for name, ids in merge.moved.items() if ids},
    }
