"""Clients as staff look for them, how reliably one of them has come, and who acts for them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import find_client_for_staff, staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments.contacts import BirthField
from telehealth.api.appointments.shapes import NamedSchema
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Instant, Query, Schema, Several, YesOrNo, word
from telehealth.domain import access, walltime
from telehealth.domain.client_facts import (
    LONGEST_LINE,
    LONGEST_NOTE,
    LONGEST_SHORT,
    MOST_TAGS,
    Booking,
    ClientFacts,
)
from telehealth.domain.coming_of_age import AgeStanding, judge_age
from telehealth.domain.companions import CompanionFacts, MessagesTo, Relationship
from telehealth.domain.contact import LONGEST_EMAIL, LONGEST_NAME, LONGEST_PHONE, parse_contact
from telehealth.domain.languages import ENGLISH, LANGUAGES
from telehealth.domain.words import Mode, Role
from telehealth.models import Client, Companion
from telehealth.queries.appointments.attendance import attendance_of_client
from telehealth.queries.consent.opt_outs import latest_contacts
from telehealth.queries.practice.client_lists import Around, ClientsWho, list_sessions_around, who_are
from telehealth.queries.practice.clients import MOST_SHOWN, search_clients
from telehealth.services.consent.companions import add_companion, change_companion, end_companion
from telehealth.services.practice.client_records import add_client, change_client_facts

blueprint = Blueprint("Clients", "Clients as staff look for them, and how reliably one of them has come.")
LONGEST_TEXT, MOST_PAGES = 200, 2_000
NEW_EXAMPLE = {"name": "Ana Rivera", "email": "ana@example.com", "timezone": "America/Denver"}
FACTS_EXAMPLE = {
    "born_on": "1990-05-12",
    "pronouns": "she/her",
    "tags": ["school"],
    "emergency_contact": "Ben Ito, brother, (303) 555-0199",
    "desk_note": "Needs a room without stairs.",
    "may_book": "by_phone",
}


COMPANION_EXAMPLE = {
    "name": "Maria Rivera",
    "relationship": "parent",
    "email": "maria@example.com",
    "phone": "+13035550142",
    "locale": "es",
    "messages_to": "both",
    "may_change": True,
    "wants_texts": True,
}
COMPANIONS = "/practices/<key:practice>/clients/<key:client>/companions"


class ClientFactsSchema(Body):
    """What staff keep of a client. Clients read nothing of it."""

    born_on = BirthField(load_default=None, allow_none=True)
    pronouns = fields.String(load_default="", validate=validate.Length(max=LONGEST_SHORT))
    tags = Several(
        fields.String(validate=validate.Length(max=LONGEST_SHORT)),
        load_default=list,
        validate=validate.Length(max=MOST_TAGS),
    )
    emergency_contact = fields.String(load_default="", validate=validate.Length(max=LONGEST_LINE))
    desk_note = fields.String(load_default="", validate=validate.Length(max=LONGEST_NOTE))
    may_book = word(
        Booking, load_default=Booking.ONLINE.value, metadata={"description": "How they may book themselves."}
    )


class CompanionFactsSchema(Body):
    """Somebody who acts for a client. They have an e-mail address, a number, or both."""

    name = fields.String(required=True, validate=validate.Length(max=LONGEST_NAME))
    relationship = word(Relationship, required=True, metadata={"description": "What they are to the client."})
    email = fields.String(load_default="", validate=validate.Length(max=LONGEST_EMAIL))
    phone = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=LONGEST_PHONE))
    locale = fields.String(
        load_default=ENGLISH, validate=validate.OneOf([*LANGUAGES]), metadata={"description": "What they read."}
    )
    messages_to = word(
        MessagesTo,
        load_default=MessagesTo.CLIENT.value,
        metadata={"description": "Who gets messages about appointments. Whoever does has links of their own."},
    )
    may_change = YesOrNo(
        load_default=True, metadata={"description": "Whether they may confirm, move and cancel with these."}
    )
    wants_texts = YesOrNo(
        load_default=False, metadata={"description": "They agreed to the practice's `text_consent` wording."}
    )


class CompanionSchema(NamedSchema):
    """Somebody who acts for a client."""

    relationship = word(Relationship)
    email = fields.String()
    phone = fields.String(allow_none=True)
    locale = fields.String()
    messages_to = word(MessagesTo)
    may_change = fields.Boolean()
    wants_texts = fields.Boolean()
    is_known = fields.Boolean(
        metadata={"description": "`false`: they booked online, and have to do with that alone until staff know them."}
    )
    turned_away = Instant(
        allow_none=True,
        attribute="turned_away_at",
        metadata={
            "description": "Of whoever is not known: when staff ended somebody at the same address or number as not "
            "known. Only staff learn it."
        },
    )
    ended = Instant(allow_none=True, attribute="ended_at", metadata={"description": "Until when they did."})


class CompanionsSchema(Schema):
    """In the order in which they were written down."""

    companions = fields.List(fields.Nested(CompanionSchema))
    is_needed = fields.Boolean(
        metadata={"description": "Whether somebody has to act for them: they are too young to agree to their own care."}
    )


class AttendanceSchema(Schema):
    """Facts with their dates, the latest first, and without a verdict."""

    client = fields.Nested(NamedSchema)
    late_cancels = fields.Integer()
    noshows = fields.Integer()
    late_cancelled_starts = fields.List(Instant())
    noshow_starts = fields.List(Instant())


class FoundClientSchema(NamedSchema):
    """A client."""

    email = fields.String()
    phone = fields.String(allow_none=True)
    timezone = fields.String()
    therapist = fields.String(metadata={"description": "Whose client they are; empty for somebody who was never here."})
    last_start = Instant(allow_none=True, metadata={"description": "The last session that was not missed."})
    next_start = Instant(allow_none=True, metadata={"description": "The next one, also one that was only asked for."})


class NewClientSchema(Body):
    """Somebody who has booked nothing yet."""

    name = fields.String(required=True, validate=validate.Length(max=LONGEST_NAME))
    email = fields.String(
        required=True,
        validate=validate.Length(max=LONGEST_EMAIL),
        metadata={
            "description": 'Empty ("") for somebody without one, where the practice takes clients by phone only '
            "(`phone-only`): they need a number then."
        },
    )
    phone = fields.String(load_default=None, allow_none=True, validate=validate.Length(max=LONGEST_PHONE))
    timezone = fields.String(required=True, metadata={"description": "IANA name."})
    locale = fields.String(load_default="", validate=validate.OneOf([*LANGUAGES, ""]))


class ClientsSchema(Schema):
    """Clients by name."""

    clients = fields.List(fields.Nested(FoundClientSchema))
    has_more = fields.Boolean(metadata={"description": "Whether there is another page."})


class ClientsQuery(Query):
    """Which clients."""

    text = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_TEXT),
        metadata={
            "description": "Every word of it stands in the name, the address or a number, however it is spelt: "
            "without accents and apostrophes, and any part of a number."
        },
    )
    who = word(ClientsWho, load_default=None, metadata={"description": "Only those whom somebody should think of."})
    page = fields.Integer(
        load_default=1, validate=validate.Range(1, MOST_PAGES), metadata={"description": "Which fifty, from 1 on."}
    )


@blueprint.get("/practices/<key:practice>/clients")
@access.staff()
@operation("listClients")
@blueprint.arguments(ClientsQuery, location="query")
@blueprint.response(200, ClientsSchema)
def get_clients(query: dict[str, Any]) -> dict[str, Any]:
    """Look for clients

    Fifty at a time: those whose name begins like this stand first. A therapist finds those who have, or
    had, an appointment with them.
    """
    who, now = staff(), clock.now()
    only = who.only_therapist
    narrowed = [who_are(query["who"], who.practice_id, therapist_id=only, now=now)] if query["who"] else []
    found = search_clients(
        who.practice_id,
        query["text"].replace("\0", ""),
        therapist_id=only,
        only=narrowed,
        limit=MOST_SHOWN + 1,
        skip=(query["page"] - 1) * MOST_SHOWN,
    )
    shown = found[:MOST_SHOWN]
    around = list_sessions_around(shown, therapist_id=only, now=now)
    return {"clients": [_line(each, around[each.id]) for each in shown], "has_more": len(found) > MOST_SHOWN}


def _line(client: Client, around: Around) -> dict[str, Any]:
    about = {name: getattr(client, name) for name in ("public_id", "name", "email", "phone", "timezone")}
    last, after = around.last, around.next
    starts = {"last_start": last.at if last else None, "next_start": after.at if after else None}
    return {**about, "therapist": around.therapist, **starts}


@blueprint.post("/practices/<key:practice>/clients")
@access.staff(Role.OWNER, Role.FRONT_DESK)
@operation("addClient")
@blueprint.arguments(NewClientSchema, example=NEW_EXAMPLE)
@blueprint.response(201, FoundClientSchema)
def post_client(body: dict[str, Any]) -> dict[str, Any]:
    """Add a client who has booked nothing yet

    Nothing is sent. Whoever has the same name and address already is refused (`invalid_input`).
    """
    contact = parse_contact(body, mode=Mode.IN_PERSON, needs_email=False)
    made = add_client(practice_id=staff().practice_id, contact=contact, by=by_staff(), now=clock.now())
    return _line(made, Around())


@blueprint.get("/practices/<key:practice>/clients/<key:client>/attendance")
@access.staff()
@operation("getAttendance")
@blueprint.response(200, AttendanceSchema)
def get_attendance(client: str) -> dict[str, Any]:
    """Count a client's late cancellations and missed appointments

    A therapist's count is of their own.
    """
    who = staff()
    found = find_client_for_staff(client)
    record = attendance_of_client(who.practice_id, found.id, therapist_id=who.only_therapist)
    return {
        "client": found,
        "late_cancels": len(record.late_cancellations),
        "noshows": len(record.no_shows),
        "late_cancelled_starts": record.late_cancellations,
        "noshow_starts": record.no_shows,
    }


@blueprint.get("/practices/<key:practice>/clients/<key:client>/details")
@access.staff()
@operation("getClientDetails")
@blueprint.response(200, ClientFactsSchema)
def get_details(client: str) -> Client:
    """Read what staff keep of a client"""
    return find_client_for_staff(client)


@blueprint.put("/practices/<key:practice>/clients/<key:client>/details")
@access.staff()
@operation("changeClientDetails")
@blueprint.arguments(ClientFactsSchema, example=FACTS_EXAMPLE)
@blueprint.response(200, ClientFactsSchema, example=FACTS_EXAMPLE)
def put_details(body: dict[str, Any], client: str) -> Client:
    """Change what staff keep of a client

    What is left out is emptied. A client who may not book online is refused with `please_call`, and staff book for
    them; what is booked stays.
    """
    found = find_client_for_staff(client)
    facts = ClientFacts(**{**body, "may_book": Booking(body["may_book"])})
    return change_client_facts(
        practice_id=found.practice_id, client_public_id=found.public_id, facts=facts, by=by_staff(), now=clock.now()
    )


@blueprint.get(COMPANIONS)
@access.staff()
@operation("listCompanions")
@blueprint.response(200, CompanionsSchema)
def get_companions(client: str) -> dict[str, Any]:
    """List who acts for a client, also who did

    A parent, a guardian, a partner, a case manager (FHIR RelatedPerson). A search for clients finds them by the names,
    addresses and numbers of whoever acts for them now.
    """
    found = find_client_for_staff(client)
    seat = latest_contacts([found.id]).get(found.id)
    today = walltime.wall(clock.now(), walltime.zone((seat or found).timezone)).date()
    standing = judge_age(found.born_on, seat.jurisdiction if seat else None, on=today)
    return {"companions": found.companions, "is_needed": standing == AgeStanding.NEEDS_SOMEBODY}


@blueprint.post(COMPANIONS)
@access.staff()
@operation("addCompanion")
@blueprint.arguments(CompanionFactsSchema, example=COMPANION_EXAMPLE)
@blueprint.response(201, CompanionSchema)
def post_companion(body: dict[str, Any], client: str) -> Companion:
    """Add somebody who acts for a client

    Whoever stands there already with the same facts is answered as they are.
    """
    return add_companion(**_of_client(client), facts=_companion_facts(body))


@blueprint.put(f"{COMPANIONS}/<key:companion>")
@access.staff()
@operation("changeCompanion")
@blueprint.arguments(CompanionFactsSchema, example=COMPANION_EXAMPLE)
@blueprint.response(200, CompanionSchema)
def put_companion(body: dict[str, Any], client: str, companion: str) -> Companion:
    """Change who acts for a client, or where they are reached"""
    return change_companion(**_of_client(client), companion_public_id=companion, facts=_companion_facts(body))


@blueprint.delete(f"{COMPANIONS}/<key:companion>")
@access.staff()
@operation("endCompanion")
@blueprint.response(204)
def delete_companion(client: str, companion: str) -> None:
    """Say that somebody does not act for a client any more

    They stay in the list, with since when. Twice is as good as once.
    """
    end_companion(**_of_client(client), companion_public_id=companion)


def _of_client(public_id: str) -> dict[str, Any]:
    found = find_client_for_staff(public_id)
    about = {"practice_id": found.practice_id, "client_public_id": found.public_id}
    return {**about, "by": by_staff(), "now": clock.now()}


def _companion_facts(body: dict[str, Any]) -> CompanionFacts:
    words = {"relationship": Relationship(body["relationship"]), "messages_to": MessagesTo(body["messages_to"])}
    return CompanionFacts(**{**body, **words})
