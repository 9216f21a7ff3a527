"""The words of messages to clients: the usual ones, and the practice's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments.shapes import addresses
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Body, Instant, Schema, word
from telehealth.domain import access
from telehealth.domain.errors import NotFound
from telehealth.domain.languages import LANGUAGES
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages import templates
from telehealth.domain.words import Role
from telehealth.models import MessageTemplate
from telehealth.queries.messages.templates import list_templates
from telehealth.services.messages.template_setting import (
    LONGEST_NAME,
    Preview,
    Wording,
    delete_template,
    preview_template,
    save_template,
    usual_wording,
)

LONGEST_SUBJECT = templates.LONGEST_SOURCE[Channel.EMAIL, True]
LONGEST_BODY = templates.LONGEST_SOURCE[Channel.EMAIL, False]

blueprint = Blueprint(
    "Words of messages",
    "What messages to clients say. Staff read it, owners change it. A body is a template: words, `{{ variables }}` and "
    "`{% if variable %}…{% endif %}`.",
)


class MessageTemplateSchema(Body):
    """Words for one kind of message, on one channel, in one language."""

    id = fields.String(
        dump_only=True,
        allow_none=True,
        attribute="public_id",
        metadata={"description": "null: these are the usual words."},
    )
    kind = word(MessageKind, required=True)
    channel = word(Channel, required=True)
    locale = fields.String(required=True, validate=validate.OneOf(list(LANGUAGES)), metadata={"example": "en"})
    name = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_NAME),
        metadata={"description": "Empty: they replace the usual words. With a name, a rule can choose them."},
    )
    subject = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_SUBJECT),
        metadata={"description": "Of an e-mail; empty: the usual one."},
    )
    body = fields.String(
        required=True,
        validate=validate.Length(max=LONGEST_BODY),
        metadata={"description": "A text between the practice's name and the line about STOP; of an e-mail, its first "
                  "paragraphs."},
    )  # fmt: skip
    variables = fields.List(
        fields.String(), dump_only=True, metadata={"description": "What can be put in for this kind of message."}
    )
    changed = Instant(dump_only=True, allow_none=True, attribute="changed_at")


TEMPLATE_EXAMPLE = {
    "kind": "reminder",
    "channel": "text",
    "locale": "en",
    "body": "see you on {{ when }}. {{ reply }} See or change: {{ manage }}",
}


class MessageTemplatesSchema(Schema):
    """Every message to clients with its words; names of the practice's own come after the usual ones."""

    message_templates = fields.List(fields.Nested(MessageTemplateSchema))


class MessagePreviewSchema(Schema):
    """A message as it would be sent."""

    subject = fields.String(metadata={"description": "Empty for a text."})
    words = fields.List(fields.String(), metadata={"description": "A text whole; the paragraphs of an e-mail."})
    is_sample = fields.Boolean(metadata={"description": "Made-up data, because no appointment ahead fits."})
    encoding = fields.String(
        allow_none=True,
        validate=validate.OneOf(["GSM-7", "UCS-2"]),
        metadata={"description": "Of a text. UCS-2 costs more than twice as much."},
    )
    segments = fields.Integer(metadata={"description": "Pieces that are paid for; 0 for an e-mail."})
    odd = fields.List(fields.String(), metadata={"description": "The letters that force UCS-2."})


@blueprint.get("/practices/<key:practice>/message-templates")
@access.staff()
@operation("listMessageTemplates")
@blueprint.response(200, MessageTemplatesSchema)
def get_message_templates() -> dict[str, Any]:
    """List the words of all messages to clients"""
    return {"message_templates": list(_all(staff().practice_id))}


@blueprint.put("/practices/<key:practice>/message-templates")
@access.staff(Role.OWNER)
@operation("saveMessageTemplate")
@blueprint.arguments(MessageTemplateSchema, example=TEMPLATE_EXAMPLE)
@blueprint.response(200, MessageTemplateSchema)
def put_message_template(body: dict[str, Any]) -> Beside:
    """Choose the words of a message

    They count for everything that is sent from now on. The same kind, channel, language and name again replaces
    them.
    """
    return _own(save_template(practice_id=staff().practice_id, wanted=Wording(**body), by=by_staff(), now=clock.now()))


@blueprint.post("/practices/<key:practice>/message-templates/preview")
@access.staff(Role.OWNER)
@operation("previewMessageTemplate")
@blueprint.arguments(MessageTemplateSchema, example=TEMPLATE_EXAMPLE)
@blueprint.response(200, MessagePreviewSchema)
def post_preview(body: dict[str, Any]) -> dict[str, Any]:
    """See a message as it would be sent

    With the data of the practice's next appointment that fits; nothing is kept.
    """
    seen = preview_template(
        practice_id=staff().practice_id, wanted=Wording(**body), addresses=addresses(), now=clock.now()
    )
    return _shown(seen)


@blueprint.delete("/practices/<key:practice>/message-templates/<key(but='preview'):template>")
@access.staff(Role.OWNER)
@operation("deleteMessageTemplate", NotFound)
@blueprint.response(204)
def delete_message_template(template: str) -> None:
    """Go back to the usual words"""
    delete_template(practice_id=staff().practice_id, public_id=template, by=by_staff(), now=clock.now())


def _all(practice_id: int) -> Iterator[Beside]:
    own = list_templates(practice_id)
    for kind in templates.VARIABLES:
        for channel in Channel:
            for locale in LANGUAGES:
                found = [each for each in own if (each.kind, each.channel, each.locale) == (kind, channel, locale)]
                if all(each.name for each in found):
                    yield _usual(kind, channel, locale)
                yield from map(_own, found)


def _usual(kind: MessageKind, channel: Channel, locale: str) -> Beside:
    said = usual_wording(kind, channel, locale)
    wording = Wording(kind, channel, locale, said.opening or said.text, said.subject)
    return Beside(wording, public_id=None, changed_at=None, variables=list(templates.VARIABLES[kind]))


def _own(found: MessageTemplate) -> Beside:
    return Beside(found, variables=list(templates.VARIABLES[found.kind]))


def _shown(seen: Preview) -> dict[str, Any]:
    letter = seen.letter
    return {
        "subject": letter.subject if letter is not None else "",
        "words": list(letter.paragraphs) if letter is not None else [seen.text],
        "is_sample": seen.is_sample,
        "encoding": seen.length.encoding if letter is None else None,
        "segments": seen.length.segments,
        "odd": list(seen.length.odd),
    }
