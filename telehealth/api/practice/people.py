"""Who has a login or sees clients, and what each may do."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Instant, OneLine, Schema, Several, key
from telehealth.domain import access
from telehealth.domain.contact import LONGEST_NAME
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Role
from telehealth.queries.practice.practices import find_practice
from telehealth.queries.practice.staff import Person, find_person, list_people
from telehealth.services.logins.inviting import Invitation, invite_again, invite_person, withdraw_invitation
from telehealth.services.logins.second_factor import end_second_step_of, require_second_step
from telehealth.services.practice.people import change_roles, sign_out_login, switch_login_off, switch_login_on

PEOPLE = "/practices/<key:practice>/people"
ROLES = [role.value for role in Role if role in access.AT_THE_DESK]

blueprint = Blueprint("People", "Who signs in at the practice or sees clients. For owners.")


class PersonSchema(Schema):
    """Somebody of the practice."""

    id = fields.String(allow_none=True, metadata={"description": "Of the login; null: they see clients and have none."})
    name = fields.String()
    email = fields.String(allow_none=True)
    roles = fields.List(fields.String(validate=validate.OneOf(ROLES)))
    is_active = fields.Boolean(metadata={"description": "Whether they may sign in; without a login, can be booked."})
    last_seen = Instant(allow_none=True)
    second_steps = fields.List(
        fields.String(validate=validate.OneOf(["app", "passkey"])),
        metadata={"description": "What is asked for after their password."},
    )
    invited_until = Instant(
        allow_none=True, metadata={"description": "How long the link of an open invitation works; null: there is none."}
    )
    therapist = fields.String(allow_none=True, metadata={"description": "Their id as a therapist, if they are one."})


class SecondStepSchema(Schema):
    """Who needs a second step to sign in."""

    since = Instant(allow_none=True, metadata={"description": "Everybody, from then on; null: whoever wants one."})
    without = fields.List(
        fields.String(), metadata={"description": "The ids of logins that may sign in and have none."}
    )


class SecondStepBody(Body):
    """From when on everybody needs one."""

    since = Instant(required=True, allow_none=True, metadata={"example": "2026-12-01T07:00:00Z"})


class PeopleSchema(Schema):
    """Those who are active first, then by name."""

    people = fields.List(fields.Nested(PersonSchema))


class RolesSchema(Body):
    """What somebody may do."""

    roles = Several(
        fields.String(validate=validate.OneOf(ROLES)),
        required=True,
        validate=validate.Length(min=1, max=len(ROLES)),
        metadata={"example": ["owner", "front_desk"]},
    )


class InvitationSchema(Body):
    """Whom to invite, and as what."""

    name = OneLine(required=True, longest=LONGEST_NAME, metadata={"example": "Sam Hill"})
    email = fields.Email(required=True, metadata={"example": "sam@riverside.example"})
    roles = Several(
        fields.String(validate=validate.OneOf([each for each in ROLES if each != Role.THERAPIST])),
        load_default=list,
        validate=validate.Length(max=len(ROLES)),
        metadata={"example": ["front_desk"]},
    )
    therapist = key(
        load_default=None, metadata={"description": "The therapist who they are, and who has no login so far."}
    )


class SignedOutSchema(Schema):
    """What ended."""

    ended = fields.Integer(metadata={"description": "How many sign-ins that were."})


@blueprint.get(PEOPLE)
@access.staff(Role.OWNER)
@operation("listPeople")
@blueprint.response(200, PeopleSchema)
def get_people() -> dict[str, Any]:
    """List everybody who has a login or sees clients"""
    return {"people": [_shown(each) for each in list_people(staff().practice_id)]}


@blueprint.put(f"{PEOPLE}/<key:person>/roles")
@access.staff(Role.OWNER)
@operation("changeRoles")
@blueprint.arguments(RolesSchema)
@blueprint.response(200, PersonSchema)
def put_roles(body: dict[str, Any], person: str) -> dict[str, Any]:
    """Say what somebody may do

    These roles and no others. The last owner stays one, and `therapist` goes with seeing clients.
    """
    wanted = [Role(each) for each in body["roles"]]
    change_roles(practice_id=staff().practice_id, person_public_id=person, roles=wanted, by=by_staff(), now=clock.now())
    return _one(person)


@blueprint.post(PEOPLE)
@access.staff(Role.OWNER)
@operation("invitePerson")
@blueprint.arguments(InvitationSchema)
@blueprint.response(201, PersonSchema)
def post_invitation(body: dict[str, Any]) -> dict[str, Any]:
    """Invite somebody to sign in

    They get an e-mail with a link, which works once, within 72 hours. Whoever has no login yet chooses a password
    there; whoever has one signs in with it. Nothing here tells which, until they accept.
    """
    wanted = Invitation(body["name"], body["email"], [Role(each) for each in body["roles"]], body["therapist"])
    user = invite_person(practice_id=staff().practice_id, invitation=wanted, by=by_staff(), now=clock.now())
    return _one(user.public_id)


@blueprint.post(f"{PEOPLE}/<key:person>/invitation")
@access.staff(Role.OWNER)
@operation("inviteAgain", InvalidInput)
@blueprint.response(200, PersonSchema)
def post_invitation_again(person: str) -> dict[str, Any]:
    """Send the link of an invitation again

    The one before it ends.
    """
    invite_again(practice_id=staff().practice_id, person_public_id=person, by=by_staff(), now=clock.now())
    return _one(person)


@blueprint.post(f"{PEOPLE}/<key:person>/invitation/withdraw")
@access.staff(Role.OWNER)
@operation("withdrawInvitation", InvalidInput)
@blueprint.response(200, PersonSchema)
def post_invitation_withdrawn(person: str) -> dict[str, Any]:
    """Withdraw an invitation"""
    withdraw_invitation(practice_id=staff().practice_id, person_public_id=person, by=by_staff(), now=clock.now())
    return _one(person)


@blueprint.post(f"{PEOPLE}/<key:person>/switch-off")
@access.staff(Role.OWNER)
@operation("switchLoginOff", InvalidInput)
@blueprint.response(200, PersonSchema)
def post_switch_off(person: str) -> dict[str, Any]:
    """Keep somebody out

    Their sign-ins end and their programs are refused; a therapist is not offered meanwhile. What is booked stays. The
    last owner cannot be kept out.
    """
    switch_login_off(practice_id=staff().practice_id, person_public_id=person, by=by_staff(), now=clock.now())
    return _one(person)


@blueprint.post(f"{PEOPLE}/<key:person>/switch-on")
@access.staff(Role.OWNER)
@operation("switchLoginOn")
@blueprint.response(200, PersonSchema)
def post_switch_on(person: str) -> dict[str, Any]:
    """Let somebody in again, with the password they had"""
    switch_login_on(practice_id=staff().practice_id, person_public_id=person, by=by_staff(), now=clock.now())
    return _one(person)


@blueprint.post(f"{PEOPLE}/<key:person>/sign-out")
@access.staff(Role.OWNER)
@operation("signOutPerson")
@blueprint.response(200, SignedOutSchema)
def post_sign_out(person: str) -> dict[str, Any]:
    """End somebody's sign-ins here, on every device

    Where the same login belongs to another practice it goes on there, and opens this one after it has signed in anew.
    """
    ended = sign_out_login(practice_id=staff().practice_id, person_public_id=person, by=by_staff(), now=clock.now())
    return {"ended": ended}


@blueprint.post(f"{PEOPLE}/<key:person>/second-step/end")
@access.staff(Role.OWNER)
@operation("endSecondStep", InvalidInput)
@blueprint.response(200, PersonSchema)
def post_second_step_end(person: str) -> dict[str, Any]:
    """Take a colleague's second step off

    For whoever has lost it: app, passkeys and recovery codes go, their sign-ins end, and they are told by e-mail. Not
    where it guards another practice of the same login, too: then it is theirs to take off.
    """
    end_second_step_of(practice_id=staff().practice_id, person_public_id=person, by=by_staff(), now=clock.now())
    return _one(person)


@blueprint.get("/practices/<key:practice>/second-step")
@access.staff(Role.OWNER)
@operation("getSecondStep")
@blueprint.response(200, SecondStepSchema)
def get_second_step() -> dict[str, Any]:
    """Say who needs a second step, and who has none"""
    return _second_step()


@blueprint.put("/practices/<key:practice>/second-step")
@access.staff(Role.OWNER)
@operation("requireSecondStep")
@blueprint.arguments(SecondStepBody)
@blueprint.response(200, SecondStepSchema)
def put_second_step(body: dict[str, Any]) -> dict[str, Any]:
    """Ask everybody for a second step from an instant on, or nobody

    Whoever has none by then sets one up before anything else. Programs with tokens go on as they are.
    """
    require_second_step(practice_id=staff().practice_id, since=body["since"], by=by_staff(), now=clock.now())
    return _second_step()


def _second_step() -> dict[str, Any]:
    logins = [each for each in list_people(staff().practice_id) if each.user is not None and each.is_active]
    return {
        "since": find_practice(staff().practice_slug).second_step_since,
        "without": [_shown(each)["id"] for each in logins if not each.second_steps],
    }


def _one(public_id: str) -> dict[str, Any]:
    return _shown(find_person(staff().practice_id, public_id))


def _shown(person: Person) -> dict[str, Any]:
    user = person.user
    return {
        "id": user.public_id if user is not None else None,
        "name": person.name,
        "email": user.email if user is not None else None,
        "roles": user.role_names if user is not None else [],
        "is_active": person.is_active,
        "last_seen": person.last_seen,
        "second_steps": person.second_steps,
        "invited_until": person.invited_until,
        "therapist": person.therapist.public_id if person.therapist is not None else None,
    }
