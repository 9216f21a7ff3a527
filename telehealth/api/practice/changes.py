"""Who set what of the practice, for owners' programs: the audit of whatever a practice sets."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from telehealth.api.access import staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Instant, Query, Schema, key, word
from telehealth.domain import access
from telehealth.domain.audit_words import Actor, AuditAction, AuditSubject, Via
from telehealth.domain.words import Role
from telehealth.queries.practice.changes import ChangeFilters, list_changes

USUAL_PAGE, LONGEST_PAGE = 50, 200
LARGEST_ID = 10**18

blueprint = Blueprint("Changes", "Who set what of the practice, when, from where, and what it was before. For owners.")


class ChangesQuery(Query):
    """Which changes."""

    subject = word(AuditSubject, load_default=None, metadata={"description": "What they are about."})
    user = fields.Integer(
        load_default=None,
        validate=validate.Range(1, LARGEST_ID),
        metadata={"description": "The login that did it, by its number, which every line names."},
    )
    actor = word(Actor, load_default=None, metadata={"description": "Staff, a client, or the system."})
    via = word(Via, load_default=None, metadata={"description": "By which way."})
    since = Instant(load_default=None, metadata={"description": "Done then or later."})
    until = Instant(load_default=None, metadata={"description": "Done before."})
    after = key(load_default=None, metadata={"description": "`next` of the page before; keep the other parameters."})
    limit = fields.Integer(load_default=USUAL_PAGE, validate=validate.Range(1, LONGEST_PAGE))


class SettingChangeSchema(Schema):
    """One line of the audit. Lines are added, never changed."""

    id = fields.String(attribute="event.id")
    at = Instant(attribute="event.at")
    subject = word(AuditSubject, attribute="event.subject", metadata={"example": "service"})
    subject_id = fields.String(
        allow_none=True,
        attribute="event.subject_public_id",
        metadata={"description": "The id of what was changed, where it has one."},
    )
    name = fields.String(attribute="event.name", metadata={"description": "What it was called then; may be empty."})
    action = word(AuditAction, attribute="event.action", metadata={"example": "changed"})
    actor = word(Actor, attribute="event.actor")
    user = fields.Integer(
        allow_none=True, attribute="event.user_id", metadata={"description": "The login, if somebody was signed in."}
    )
    user_name = fields.String(metadata={"description": "The name of the login; empty without one."})
    via = word(Via, allow_none=True, attribute="event.via")
    remote_address = fields.String(allow_none=True, attribute="event.remote_address")
    details = fields.Dict(
        keys=fields.String(),
        attribute="event.details",
        metadata={
            "description": "What changed: `before` and `after`, only one of them for what was added or removed. Long "
            "texts are cut; passwords, tokens and secret addresses are never in it."
        },
    )


class SettingChangesSchema(Schema):
    """The latest first."""

    changes = fields.List(fields.Nested(SettingChangeSchema))
    next = fields.String(allow_none=True, metadata={"description": "Ask again with it as `after`."})


@blueprint.get("/practices/<key:practice>/changes")
@access.staff(Role.OWNER)
@operation("listChanges")
@blueprint.arguments(ChangesQuery, location="query")
@blueprint.response(200, SettingChangesSchema)
def get_changes(query: dict[str, Any]) -> dict[str, Any]:
    """List who set what

    Services, terms, places, therapists, licences, limits, hours, message rules and words, calendar addresses, tokens,
    logins and passwords, and how clients are reached.
    """
    filters = ChangeFilters(
        user_id=query["user"], **{name: query[name] for name in ("subject", "actor", "via", "since", "until")}
    )
    page = list_changes(staff().practice_id, filters, after=query["after"], limit=query["limit"])
    return {"changes": page.rows, "next": page.following}
