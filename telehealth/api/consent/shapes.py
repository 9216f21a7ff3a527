"""How it looks for programs: how a client is reached, and what they said."""

from __future__ import annotations

from marshmallow import fields, validate

from telehealth.api.parsing import Body, Instant, Query, Schema, YesOrNo, jurisdiction, word
from telehealth.domain import languages
from telehealth.domain.audit_words import Actor
from telehealth.domain.contact import LONGEST_PHONE
from telehealth.domain.message_words import Channel, ConsentSource, Purpose, SuppressionReason
from telehealth.services.consent.consents import LONGEST_WORDING
from telehealth.services.consent.contact_preferences import LONGEST_NOTE
from telehealth.services.consent.suppressions import LONGEST_WHY

TOLD = (ConsentSource.PHONE, ConsentSource.IN_SESSION, ConsentSource.LETTER)
LONGEST_ADDRESS = 320
LONGEST_ZONE = 60


class StateSchema(Schema):
    """One channel for one purpose."""

    channel = word(Channel)
    purpose = word(Purpose)
    may_be_used = fields.Boolean()
    why_not = fields.String(metadata={"description": "In words for staff; empty when it may."})


class LeftAloneSchema(Schema):
    """A number or address that is left alone."""

    id = fields.String(attribute="public_id")
    channel = word(Channel)
    address = fields.String()
    reason = word(
        SuppressionReason,
        metadata={
            "description": "`stop` and `blocked` are ended by START from the phone; by staff with a sentence, `why`."
        },
    )
    since = Instant()


class LeftAloneLineSchema(LeftAloneSchema):
    """The same, with who began it and who ended it."""

    name = fields.String(allow_none=True, metadata={"description": "Of the login, when staff were asked to begin it."})
    ended = Instant(allow_none=True, attribute="ended_at")
    ended_by = word(Actor, allow_none=True, metadata={"description": "`client`: START came from the phone."})
    ended_by_name = fields.String(allow_none=True, metadata={"description": "Of the login."})
    why_ended = fields.String(metadata={"description": "What they said about it; empty for START."})


class AllLeftAloneSchema(Schema):
    """The latest first."""

    left_alone = fields.List(fields.Nested(LeftAloneLineSchema))


class ContactSchema(Schema):
    """How a client is reached."""

    locale = fields.String()
    timezone = fields.String(metadata={"description": "In which times are said to them."})
    code_name = fields.String()
    safe_email = fields.String(allow_none=True)
    safe_phone = fields.String(allow_none=True)
    contact_note = fields.String()
    reach = fields.List(fields.Nested(StateSchema))
    left_alone = fields.List(fields.Nested(LeftAloneSchema))


class ChangeContactSchema(Body):
    """All of it; empty means nothing special."""

    locale = fields.String(
        required=True, validate=validate.OneOf(list(languages.LANGUAGES)), metadata={"description": "Of messages."}
    )
    code_name = fields.String(load_default="", metadata={"description": "What messages call them."})
    safe_email = fields.String(load_default="", metadata={"description": "E-mail goes there and nowhere else."})
    safe_phone = fields.String(load_default="", metadata={"description": "Texts go there and nowhere else."})
    contact_note = fields.String(
        load_default="", validate=validate.Length(max=LONGEST_NOTE), metadata={"description": "For staff only."}
    )


class RightContactSchema(Body):
    """How they are really reached."""

    email = fields.String(required=True, validate=validate.Length(max=LONGEST_ADDRESS))
    phone = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=LONGEST_PHONE),
        metadata={"description": "Without one: they have none."},
    )
    name = fields.String(
        load_default=None,
        validate=validate.Length(max=LONGEST_ADDRESS),
        metadata={"description": "What they are really called; without it their name is right."},
    )


class StateOfClientSchema(Body):
    """In which state they will be."""

    jurisdiction = jurisdiction(required=True, metadata={"description": "Its two letters."})


class ZoneSchema(Body):
    """Where they are."""

    timezone = fields.String(
        required=True,
        validate=validate.Length(max=LONGEST_ZONE),
        metadata={"description": "An IANA name, such as `America/New_York`."},
    )


class SaidSchema(Schema):
    """One yes or no, as it was said."""

    channel = word(Channel)
    purpose = word(Purpose)
    is_given = fields.Boolean()
    source = word(ConsentSource)
    wording = fields.String()
    address = fields.String()
    at = Instant()


class AllSaidSchema(Schema):
    """The latest first; of each channel and purpose the latest one holds."""

    consents = fields.List(fields.Nested(SaidSchema))


class SaySchema(Body):
    """A yes or a no that a client told staff."""

    channel = word(Channel, required=True)
    purpose = word(Purpose, required=True)
    is_given = YesOrNo(required=True)
    source = fields.String(
        required=True,
        validate=validate.OneOf([each.value for each in TOLD]),
        metadata={"description": "How they told it."},
    )
    wording = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_WORDING),
        metadata={"description": "In their words; needed for a yes."},
    )


class LeaveAloneSchema(Body):
    """Which one."""

    channel = word(Channel, required=True)
    address = fields.String(required=True, validate=validate.Length(max=LONGEST_ADDRESS))


class LiftQuery(Query):
    """Why it is written to again."""

    why = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_WHY),
        metadata={
            "description": "A sentence, needed for `stop` and `blocked`. The carrier may go on blocking texts until "
            "START comes from the phone."
        },
    )


class WishSchema(Body):
    """What is wanted, or not any more."""

    channel = word(Channel, required=True)
    purpose = word(Purpose, required=True)
    is_given = YesOrNo(required=True)


class WishesSchema(Schema):
    """What they may end, and have not."""

    wishes = fields.List(fields.Nested(WishSchema))
