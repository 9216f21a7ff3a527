"""Texts that people sent to the practice, and answering them, for staff programs."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments.shapes import NamedSchema
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Instant, IsGiven, Query, Schema, word
from telehealth.domain import access
from telehealth.domain.message_words import MessageKind, MessageStatus, ReplyMeaning
from telehealth.domain.words import Role
from telehealth.queries.inbox.inbound_texts import find_text, list_latest_texts, list_thread
from telehealth.services.inbox.receiving import LONGEST_NOTE, answer_text

USUAL_PAGE, LONGEST_PAGE = 50, 200
THE_WHOLE_PRACTICE = (Role.OWNER, Role.FRONT_DESK)

blueprint = Blueprint("Texts to us", "What people texted to the practice, and answering them.")


class TextsQuery(Query):
    """Which texts."""

    before = Instant(load_default=None, metadata={"description": "Only what came before: `received` of the last one."})
    limit = fields.Integer(load_default=USUAL_PAGE, validate=validate.Range(1, LONGEST_PAGE))


class ReceivedTextSchema(Schema):
    """A text that came in."""

    id = fields.String(attribute="public_id")
    sender = fields.String(metadata={"description": "The number (E.164)."})
    client = fields.Nested(
        NamedSchema, allow_none=True, metadata={"description": "Whose number it is, if one person's."}
    )
    body = fields.String()
    meaning = word(ReplyMeaning, metadata={"description": "What it was taken for."})
    received = Instant(attribute="received_at")


class ReceivedTextsSchema(Schema):
    """Texts, the newest first."""

    texts = fields.List(fields.Nested(ReceivedTextSchema))


class ThreadTextSchema(Schema):
    """One text of a thread, theirs or ours."""

    at = Instant()
    theirs = IsGiven()
    body = fields.String()
    kind = word(MessageKind, allow_none=True, attribute="ours.kind", metadata={"description": "Of ours."})
    status = word(MessageStatus, allow_none=True, attribute="ours.status", metadata={"description": "Of ours."})


class ThreadSchema(Schema):
    """The last texts from and to one number, the oldest first."""

    text = fields.Nested(ReceivedTextSchema)
    thread = fields.List(fields.Nested(ThreadTextSchema))


class AnswerSchema(Body):
    """What to answer."""

    body = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST_NOTE),
        metadata={"description": "The practice's name is put before it."},
    )


@blueprint.get("/practices/<key:practice>/texts")
@access.staff(*THE_WHOLE_PRACTICE)
@operation("listTexts")
@blueprint.arguments(TextsQuery, location="query")
@blueprint.response(200, ReceivedTextsSchema)
def get_texts(query: dict[str, Any]) -> dict[str, Any]:
    """List the texts that came in

    For owners and the front desk: a number may be of more than one client.
    """
    return {"texts": list_latest_texts(staff().practice_id, **query)}


@blueprint.get("/practices/<key:practice>/texts/<key:text>")
@access.staff(*THE_WHOLE_PRACTICE)
@operation("getText")
@blueprint.response(200, ThreadSchema)
def get_text(text: str) -> dict[str, Any]:
    """Read a text with what was texted before and after"""
    return _thread(text)


@blueprint.post("/practices/<key:practice>/texts/<key:text>/answers")
@access.staff(*THE_WHOLE_PRACTICE)
@operation("answerText")
@blueprint.arguments(AnswerSchema, example={"body": "Of course. Is Thursday at 2 PM MST better?"})
@blueprint.response(201, ThreadSchema)
def post_answer(body: dict[str, Any], text: str) -> dict[str, Any]:
    """Answer a text

    It goes out at once; to a text of two hours ago or earlier in the hours when nobody is disturbed. A number
    that ended texts is refused.
    """
    answer_text(
        practice_id=staff().practice_id, inbound_public_id=text, body=body["body"], by=by_staff(), now=clock.now()
    )
    return _thread(text)


def _thread(public_id: str) -> dict[str, Any]:
    found = find_text(staff().practice_id, public_id)
    return {"text": found, "thread": list_thread(found.practice_id, found.sender)}
