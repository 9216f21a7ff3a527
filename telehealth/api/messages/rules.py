"""What is said when, for the practice, one service or one client; the hours of texts, and how much messages say."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import find_client_for_staff, staff
from telehealth.api.acting import by_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Query, Schema, Several, YesOrNo, bounded, key, word
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.discretion import Discretion
from telehealth.domain.messages.rules import EVERY_MODE, Rule
from telehealth.domain.words import Mode, Role
from telehealth.models import Practice
from telehealth.queries.messages.rules import KINDS, DecidedRules, RuleSource, list_decided_rules
from telehealth.queries.practice.clients import find_client
from telehealth.queries.practice.practices import find_practice, find_service
from telehealth.services.messages.rule_setting import (
    LIMITS,
    MOST_RULES,
    RuleScope,
    RulesWish,
    Texting,
    forget_rules,
    save_rules,
    set_texting,
)

blueprint = Blueprint(
    "Message rules",
    "What is said when, and at which hours people are texted. A change holds for everything not sent yet. Owners "
    "decide for the practice and its services; a client's rules are for all staff who know the client.",
)

LONGEST_NAME = 40
LARGEST = 1_000_000


class RuleSchema(Body):
    """Say it on this channel, so many minutes before or after."""

    channel = word(Channel, required=True)
    minutes = fields.Integer(
        strict=True,
        load_default=0,
        validate=validate.Range(0, LARGEST),
        metadata={
            "description": "Before the start for `reminder` and `join_link`, after the end for `follow_up`, after "
            "midnight on the therapist's wall for `agenda`; 0 for news, which is said at once."
        },
    )
    modes = Several(
        word(Mode),
        load_default=lambda: list(EVERY_MODE),
        validate=validate.Length(max=len(Mode)),
        metadata={"description": "Without it: however people meet."},
    )
    template = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_NAME),
        metadata={"description": "The name of words of the practice's own; empty for the usual ones."},
    )


class DecidedSchema(Schema):
    """What holds about one kind of message. No rules: nothing is said."""

    kind = word(MessageKind)
    source = word(RuleSource, metadata={"description": "Who decides: whoever is named most narrowly."})
    rules = fields.List(fields.Nested(RuleSchema))


class AllDecidedSchema(Schema):
    """What holds about every kind."""

    message_rules = fields.List(fields.Nested(DecidedSchema))


class RulesSchema(Body):
    """All that is to be said of one kind; an empty list: nothing."""

    rules = Several(fields.Nested(RuleSchema), required=True, validate=validate.Length(max=MOST_RULES))


class ScopeQuery(Query):
    """What the rules are about: one service or one client, or neither for the whole practice."""

    service = key(metadata={"description": "The id of a service: the rules for it alone."})
    client = key(metadata={"description": "The id of a client: the rules for this person alone."})


class TextingSchema(Body):
    """When clients may be texted, how often, and how much messages say outside the login."""

    texts_from = bounded(LIMITS["texts_from"], "Minutes after midnight on the client's own wall.")
    texts_until = bounded(
        LIMITS["texts_until"], "Minutes after midnight. Some states are stricter; they count by themselves."
    )
    texts_a_day = bounded(LIMITS["texts_a_day"], "To one number in 24 hours, at most. The rest goes by e-mail.")
    discretion = word(Discretion, required=True)
    names_988 = YesOrNo(
        load_default=False,
        metadata={"description": "Every answer to a text names the crisis line, not only those about a crisis."},
    )


RULES_EXAMPLE = {
    "rules": [
        {"channel": "email", "minutes": 2880, "modes": ["virtual", "in_person", "phone"], "template": ""},
        {"channel": "text", "minutes": 180, "modes": ["in_person"], "template": ""},
    ]
}
TEXTING_EXAMPLE = {
    "texts_from": 540,
    "texts_until": 1200,
    "texts_a_day": 6,
    "discretion": "discreet",
    "names_988": False,
}


@blueprint.get("/practices/<key:practice>/message-rules")
@access.staff()
@operation("listMessageRules")
@blueprint.arguments(ScopeQuery, location="query")
@blueprint.response(200, AllDecidedSchema)
def get_message_rules(scope: dict[str, str]) -> dict[str, Any]:
    """List what is said when, and who decides it"""
    return {"message_rules": _found(_scope(scope))}


@blueprint.put("/practices/<key:practice>/message-rules/<key:kind>")
@access.staff()
@operation("changeMessageRules")
@blueprint.arguments(ScopeQuery, location="query")
@blueprint.arguments(RulesSchema, example=RULES_EXAMPLE)
@blueprint.response(200, DecidedSchema)
def put_message_rules(query: dict[str, str], body: dict[str, Any], kind: str) -> DecidedRules:
    """Say one kind of message otherwise

    All its rules are replaced, within the service or the client if one is named. News goes at least by e-mail to
    whoever cannot be texted.
    """
    scope, which = _own(query), _kind(kind)
    wish = RulesWish(which, [_rule(which, each) for each in body["rules"]], scope)
    save_rules(practice_id=staff().practice_id, wish=wish, by=by_staff(), now=clock.now())
    return _one(scope, which)


@blueprint.delete("/practices/<key:practice>/message-rules/<key:kind>")
@access.staff()
@operation("forgetMessageRules")
@blueprint.arguments(ScopeQuery, location="query")
@blueprint.response(204)
def delete_message_rules(query: dict[str, str], kind: str) -> None:
    """Let what holds more widely decide about a kind again"""
    scope, which = _own(query), _kind(kind)
    forget_rules(practice_id=staff().practice_id, kind=which, scope=scope, by=by_staff(), now=clock.now())


@blueprint.get("/practices/<key:practice>/texting")
@access.staff()
@operation("getTexting")
@blueprint.response(200, TextingSchema, example=TEXTING_EXAMPLE)
def get_texting() -> Practice:
    """Read when clients may be texted, and how much messages say"""
    return find_practice(staff().practice_slug)


@blueprint.put("/practices/<key:practice>/texting")
@access.staff(Role.OWNER)
@operation("changeTexting")
@blueprint.arguments(TextingSchema, example=TEXTING_EXAMPLE)
@blueprint.response(200, TextingSchema, example=TEXTING_EXAMPLE)
def put_texting(body: dict[str, Any]) -> dict[str, Any]:
    """Change when clients may be texted, and how much messages say"""
    set_texting(practice_id=staff().practice_id, texting=Texting(**body), by=by_staff(), now=clock.now())
    return body


def _scope(query: dict[str, str]) -> RuleScope:
    """What is asked about. Raises NotFound for a client whom this person may not see."""
    scope = RuleScope(query.get("service"), query.get("client"))
    if scope.client is not None:
        find_client_for_staff(scope.client)
    return scope


def _own(query: dict[str, str]) -> RuleScope:
    """The same, for whoever changes it. Raises NotAllowed."""
    if "client" not in query and not staff().is_owner:
        raise NotAllowed
    return _scope(query)


def _kind(kind: str) -> MessageKind:
    if kind not in KINDS:
        raise NotFound
    return MessageKind(kind)


def _rule(kind: MessageKind, given: dict[str, Any]) -> Rule:
    return Rule(kind, **{**given, "modes": tuple(given["modes"])})


def _found(scope: RuleScope) -> list[DecidedRules]:
    practice_id = staff().practice_id
    if scope.service is not None and scope.client is not None:
        raise InvalidInput({"service": "Please choose a service or a client, not both."})
    return list_decided_rules(
        practice_id,
        service_id=find_service(practice_id, scope.service).id if scope.service is not None else None,
        client_id=find_client(practice_id, scope.client).id if scope.client is not None else None,
    )


def _one(scope: RuleScope, kind: MessageKind) -> DecidedRules:
    return next(each for each in _found(scope) if each.kind == kind)
