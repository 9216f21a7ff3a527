"""How a client may be reached: what they agreed to, where it is safe, and what is left alone."""

from __future__ import annotations

from typing import Any

from telehealth import clock
from telehealth.api.access import find_client_for_staff, staff
from telehealth.api.acting import by_client, by_staff
from telehealth.api.appointments.links import read_manage_link, seat_behind_link
from telehealth.api.consent.shapes import (
    AllLeftAloneSchema,
    AllSaidSchema,
    ChangeContactSchema,
    ContactSchema,
    LeaveAloneSchema,
    LiftQuery,
    RightContactSchema,
    SaySchema,
    StateOfClientSchema,
    WishesSchema,
    WishSchema,
    ZoneSchema,
)
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside
from telehealth.domain import access
from telehealth.domain.consent.contactability import ABOUT_PURPOSE, PLURALS, THEIRS_TO_REFUSE, why_not_contactable
from telehealth.domain.errors import (
    AlreadyCancelled,
    ImpossibleStatus,
    InvalidInput,
    LinkEnded,
    LinkInvalid,
    NotAllowed,
    NotFound,
    OptedOut,
    TooLate,
)
from telehealth.domain.message_words import Channel, ConsentSource, Purpose
from telehealth.domain.reasons import say_reason
from telehealth.models import Attendee, Client, Suppression
from telehealth.queries.consent.opt_outs import (
    addresses_of,
    latest_contacts,
    list_consents,
    list_suppressions,
    opt_outs_of_seats,
)
from telehealth.queries.practice.staff import login_names
from telehealth.services.consent.consents import say_consent
from telehealth.services.consent.contact_correcting import RightContact, correct_contact
from telehealth.services.consent.contact_preferences import (
    ContactPreferences,
    change_contact_preferences,
    set_state,
    set_timezone,
)
from telehealth.services.consent.link_ending import end_links_of_client
from telehealth.services.consent.suppressions import leave_address_alone, lift_suppression

blueprint = Blueprint("Reach", "How a client may be reached, and what they agreed to.")
by_link = Blueprint("Wishes", "What a client wants to be written about, with the `manage_token` of an appointment.")

WORDING = {True: "Send me {what} {about}.", False: "Send me no {what} {about}."}
THEIRS = "Please choose offers or follow_ups. Texts about appointments have an address of their own."
CONTACT_EXAMPLE = {"locale": "es", "code_name": "Sam", "safe_phone": "+13035550199"}
RIGHT_EXAMPLE = {"email": "jane@example.com", "phone": "+13035550123"}
SAY_EXAMPLE = {"channel": "text", "purpose": "appointments", "is_given": False, "source": "phone"}
ONE = "/practices/<key:practice>/clients/<key:client>"


@blueprint.get(f"{ONE}/contact")
@access.staff()
@operation("getContact")
@blueprint.response(200, ContactSchema)
def get_contact(client: str) -> Beside:
    """Read how a client is reached"""
    return _contact(client)


@blueprint.put(f"{ONE}/contact")
@access.staff()
@operation("changeContact")
@blueprint.arguments(ChangeContactSchema, example=CONTACT_EXAMPLE)
@blueprint.response(200, ContactSchema)
def put_contact(body: dict[str, Any], client: str) -> Beside:
    """Change how a client is reached

    A safe number or address wins over what is typed for an appointment. What was not sent yet goes by it.
    """
    found = find_client_for_staff(client)
    wish = ContactPreferences(**body)
    change_contact_preferences(
        practice_id=found.practice_id, client_public_id=client, wish=wish, by=by_staff(), now=clock.now()
    )
    return _contact(client)


@blueprint.put(f"{ONE}/address")
@access.staff()
@operation("correctContact")
@blueprint.arguments(RightContactSchema, example=RIGHT_EXAMPLE)
@blueprint.response(200, ContactSchema)
def put_address(body: dict[str, Any], client: str) -> Beside:
    """Correct a client's name, address and number

    For all that lies ahead of them: seats, standing slots and waits. When they are reached otherwise now, every link
    that was sent is ended, and what is booked is confirmed to them again.
    """
    found = find_client_for_staff(client)
    wish = RightContact(email=body["email"], phone=body["phone"] or "", name=body["name"])
    correct_contact(
        practice_id=found.practice_id, client_public_id=found.public_id, wish=wish, by=by_staff(), now=clock.now()
    )
    return _contact(client)


@blueprint.post(f"{ONE}/links/end")
@access.staff()
@operation("endClientLinks")
@blueprint.response(200, ContactSchema)
def post_links_end(client: str) -> Beside:
    """End all links of a client

    Whatever they were sent opens nothing any more (`link_ended`). Nothing is cancelled, and the next message has a new
    link.
    """
    found = find_client_for_staff(client)
    end_links_of_client(practice_id=found.practice_id, client_public_id=found.public_id, by=by_staff(), now=clock.now())
    return _contact(client)


@blueprint.put(f"{ONE}/timezone")
@access.staff()
@operation("setTimezone")
@blueprint.arguments(ZoneSchema, example={"timezone": "America/New_York"})
@blueprint.response(200, ContactSchema)
def put_timezone(body: dict[str, Any], client: str) -> Beside:
    """Say times to a client in another zone

    In whatever lies ahead of them: seats, standing slots, a wait. No appointment is moved, but texts keep to the nights
    there.
    """
    found = find_client_for_staff(client)
    set_timezone(practice_id=found.practice_id, client_public_id=client, **body, by=by_staff(), now=clock.now())
    return _contact(client)


@blueprint.put(f"{ONE}/state")
@access.staff()
@operation("setState")
@blueprint.arguments(StateOfClientSchema, example={"jurisdiction": "UT"})
@blueprint.response(200, ContactSchema)
def put_state(body: dict[str, Any], client: str) -> Beside:
    """Correct the state that a client will be in

    In whatever lies ahead of them by video or phone: seats, standing slots, a wait. Nothing is moved or cancelled;
    what their therapists have no licence for by then is in `unlicensed` of the appointment, and in `listUncovered`.
    """
    found = find_client_for_staff(client)
    set_state(practice_id=found.practice_id, client_public_id=client, **body, by=by_staff(), now=clock.now())
    return _contact(client)


@blueprint.get(f"{ONE}/consents")
@access.staff()
@operation("listConsents")
@blueprint.response(200, AllSaidSchema)
def get_consents(client: str) -> dict[str, Any]:
    """List every yes and no of a client"""
    return {"consents": list_consents(staff().practice_id, find_client_for_staff(client).id)}


@blueprint.post(f"{ONE}/consents")
@access.staff()
@operation("recordConsent")
@blueprint.arguments(SaySchema, example=SAY_EXAMPLE)
@blueprint.response(200, ContactSchema)
def post_consent(body: dict[str, Any], client: str) -> Beside:
    """Write down what a client told staff

    It counts at once: what was planned goes another way, and no appointment is changed.
    """
    found = find_client_for_staff(client)
    if body["is_given"] and not body["wording"].strip():
        raise InvalidInput({"wording": "Please write down what they agreed to."})
    say_consent(
        practice_id=found.practice_id,
        client_public_id=client,
        **{**body, "source": ConsentSource(body["source"])},
        by=by_staff(),
        now=clock.now(),
    )
    return _contact(client)


@blueprint.get(f"{ONE}/left-alone")
@access.staff()
@operation("listLeftAlone")
@blueprint.response(200, AllLeftAloneSchema)
def get_left_alone(client: str) -> dict[str, Any]:
    """List what is left alone, and what was

    With who began it and who ended it.
    """
    rows = _left_alone(find_client_for_staff(client))
    people = {number for each in rows for number in (each.user_id, each.ended_by_id) if number is not None}
    names = login_names(staff().practice_id, people)
    told = [(each, names.get(each.user_id or 0), names.get(each.ended_by_id or 0)) for each in rows]
    return {"left_alone": [Beside(each, name=began, ended_by_name=ended) for each, began, ended in told]}


@blueprint.post(f"{ONE}/left-alone")
@access.staff()
@operation("leaveAlone")
@blueprint.arguments(LeaveAloneSchema, example={"channel": "text", "address": "(303) 555-0123"})
@blueprint.response(200, ContactSchema)
def post_left_alone(body: dict[str, Any], client: str) -> Beside:
    """Leave a number or address alone

    "Do not text this number." It holds for everybody who shares it.
    """
    found = find_client_for_staff(client)
    leave_address_alone(practice_id=found.practice_id, **body, by=by_staff(), now=clock.now())
    return _contact(client)


@blueprint.delete(f"{ONE}/left-alone/<key:suppression>")
@access.staff()
@operation("writeAgain", OptedOut)
@blueprint.arguments(LiftQuery, location="query")
@blueprint.response(200, ContactSchema)
def delete_left_alone(query: dict[str, Any], client: str, suppression: str) -> Beside:
    """Write to a number or address again

    What came from the phone itself (`stop`, `blocked`) needs a sentence that says why; it is kept.
    """
    found = find_client_for_staff(client)
    if suppression not in {each.public_id for each in _left_alone(found)}:
        raise NotFound
    lift_suppression(
        practice_id=found.practice_id, suppression_public_id=suppression, by=by_staff(), now=clock.now(), **query
    )
    return _contact(client)


@by_link.get("/appointments/<token:manage_token>/wishes")
@access.by_link
@operation("getWishes", LinkInvalid, LinkEnded)
@by_link.response(200, WishesSchema)
def get_wishes(manage_token: str) -> dict[str, Any]:
    """Read what a client may end

    Messages about times that became free, and after a missed session. See `setTexts` for texts about appointments.
    """
    return _wishes(seat_behind_link(manage_token))


@by_link.put("/appointments/<token:manage_token>/wishes")
@access.by_link
@operation("setWish", LinkInvalid, LinkEnded, NotAllowed, AlreadyCancelled, TooLate, ImpossibleStatus)
@by_link.arguments(WishSchema, example={"channel": "email", "purpose": "offers", "is_given": False})
@by_link.response(200, WishesSchema)
def put_wish(body: dict[str, Any], manage_token: str) -> dict[str, Any]:
    """End messages of one purpose on one channel, or begin them again

    They can be ended at any time, and begun again until the appointment begins.
    """
    seat = seat_behind_link(manage_token)
    if body["purpose"] not in THEIRS_TO_REFUSE:
        raise InvalidInput({"purpose": THEIRS})
    what, about = PLURALS[body["channel"]], ABOUT_PURPOSE[body["purpose"]]
    say_consent(
        practice_id=seat.practice_id,
        client_public_id=seat.client.public_id,
        **body,
        source=ConsentSource.LINK,
        wording=WORDING[body["is_given"]].format(what=what, about=about),
        link=read_manage_link(manage_token),
        by=by_client(),
        now=clock.now(),
    )
    return _wishes(seat_behind_link(manage_token))


def _contact(public_id: str) -> Beside:
    """How a client is reached now. Raises NotFound, NotAllowed."""
    client = find_client_for_staff(public_id)
    seat = latest_contacts([client.id]).get(client.id)
    withheld = opt_outs_of_seats(client.practice_id, [seat] if seat else [])
    states = [
        (channel, purpose, why_not_contactable(seat, client, channel, purpose, withheld) if seat else None)
        for purpose in Purpose
        for channel in Channel
    ]
    return Beside(
        client,
        timezone=(seat or client).timezone,
        reach=[
            {"channel": channel, "purpose": purpose, "may_be_used": why is None, "why_not": say_reason(why)}
            for channel, purpose, why in states
        ],
        left_alone=[each for each in _left_alone(client) if each.ended_at is None],
    )


def _left_alone(client: Client) -> list[Suppression]:
    return list(list_suppressions(client.practice_id, addresses_of(client)))


def _wishes(seat: Attendee) -> dict[str, Any]:
    refused = opt_outs_of_seats(seat.practice_id, [seat]).refused
    return {
        "wishes": [
            {"channel": channel, "purpose": purpose, "is_given": (seat.client_id, channel, purpose) not in refused}
            for purpose in Purpose
            if purpose in THEIRS_TO_REFUSE
            for channel in Channel
        ]
    }
