"""Who is told of what waits, who is on duty, and what waits now."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.appointments.number_codes import NO_PROOF
from telehealth.api.appointments.shapes import addresses
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Instant, OneLine, Schema, Several, key, word
from telehealth.domain import access
from telehealth.domain.contact import LONGEST_PHONE
from telehealth.domain.errors import InvalidInput, NotFound, TooManyCodes
from telehealth.domain.inbox.alert_steps import CHOSEN, DAY_MINUTES, DEFAULTS, EVERY_DAY, AlertStep, AlertTo, AlertWay
from telehealth.domain.inbox.alerting import AlertReason
from telehealth.domain.messages.number_codes import Proof
from telehealth.domain.words import Role
from telehealth.models import DutyTurn
from telehealth.queries.inbox.alert_readers import find_own_number, list_duty_turns
from telehealth.queries.inbox.alerts import Viewer, find_alert, list_alerts, list_steps_by_reason
from telehealth.services.inbox.alert_looks import take_alerts
from telehealth.services.inbox.alert_rules import (
    LONGEST_WAIT,
    MOST_STEPS,
    Duty,
    add_duty,
    remove_duty,
    set_alert_steps,
    set_own_alerts,
)
from telehealth.services.inbox.own_numbers import prove_own_number, text_own_number

blueprint = Blueprint("Alerts", "Who is told by e-mail and text of what waits, while nobody looks; and what waits now.")

_STARTS = {"description": "Minutes after midnight on the practice's wall."}
_ENDS = {"description": "The same; at or before `starts` it is on the next day, and 1440 is midnight."}


def _minute(most: int, **given: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(0, most), **given)


class StepSchema(Body):
    """Tell somebody once something has waited for so long and nobody has looked."""

    to = word(AlertTo, required=True)
    person = key(load_default=None, allow_none=True, metadata={"description": "A login, for `to` = `person`."})
    way = word(AlertWay, load_default=AlertWay.BOTH)
    minutes = _minute(LONGEST_WAIT, load_default=0)
    days = Several(
        fields.Integer(strict=True, validate=validate.Range(0, 6)),
        load_default=lambda: list(EVERY_DAY),
        validate=validate.Length(min=1, max=7),
        metadata={"description": "0 is Monday. Without it: every day."},
    )
    starts = _minute(DAY_MINUTES - 1, load_default=0, metadata=_STARTS)
    ends = _minute(DAY_MINUTES, load_default=DAY_MINUTES, metadata=_ENDS)


class StepsSchema(Body):
    """All steps of one kind; an empty list: the usual ones."""

    steps = Several(fields.Nested(StepSchema), required=True, validate=validate.Length(max=MOST_STEPS))


class KindSchema(Schema):
    """Who is told of one kind."""

    reason = word(AlertReason)
    own = fields.Boolean(metadata={"description": "By rules of the practice's own, not by the usual ones."})
    steps = fields.List(fields.Nested(StepSchema))


class KindsSchema(Schema):
    """Of every kind."""

    alert_rules = fields.List(fields.Nested(KindSchema))


class DutySchema(Body):
    """When somebody is on duty, every week."""

    id = fields.String(dump_only=True)
    person = key(required=True, metadata={"description": "The id of a login."})
    weekday = _minute(6, required=True, metadata={"description": "0 is Monday."})
    starts = _minute(DAY_MINUTES - 1, required=True, metadata=_STARTS)
    ends = _minute(DAY_MINUTES, required=True, metadata=_ENDS)


class RosterSchema(Schema):
    """In the order of a week."""

    duty = fields.List(fields.Nested(DutySchema))


class WaitingSchema(Schema):
    """One thing that waits."""

    id = fields.String(attribute="public_id")
    reason = word(AlertReason)
    since = Instant(attribute="began_at")
    seen = Instant(attribute="seen_at", allow_none=True)
    taken = Instant(attribute="taken_at", allow_none=True)
    task = fields.String(attribute="task.public_id", allow_none=True)
    appointment = fields.String(attribute="appointment.public_id", allow_none=True)


class AllWaitingSchema(Schema):
    """What waits now, the oldest first."""

    waiting = fields.List(fields.Nested(WaitingSchema))


class OwnAlertsSchema(Body):
    """Where somebody wants to be texted when something waits, and how they want to be told."""

    phone = OneLine(longest=LONGEST_PHONE, required=True, metadata={"description": "Empty: nowhere."})
    way = word(AlertWay, load_default=None, allow_none=True, metadata={"description": "Null: as the rules say."})


class OwnNumberSchema(Schema):
    """Where somebody is texted when something waits, and how they want to be told."""

    phone = fields.String(metadata={"description": "Empty: nowhere."})
    way = word(AlertWay, allow_none=True, metadata={"description": "Null: as the practice's rules say."})
    proved = fields.Boolean(metadata={"description": "Until it is, they are told by e-mail only."})


class OwnCodeSchema(Body):
    """The code as it was typed."""

    code = fields.String(required=True, validate=validate.Length(max=20), metadata={"example": "123456"})


STEPS_EXAMPLE = {"steps": [{"to": "front_desk", "way": "email", "minutes": 60, "starts": 480, "ends": 1200}]}


@blueprint.get("/practices/<key:practice>/alert-rules")
@access.staff(Role.OWNER)
@operation("listAlertRules")
@blueprint.response(200, KindsSchema)
def get_alert_rules() -> dict[str, Any]:
    """List who is told of what waits"""
    own = list_steps_by_reason(staff().practice_id)
    return {
        "alert_rules": [
            {"reason": each, "own": each in own, "steps": own.get(each) or DEFAULTS[each]} for each in CHOSEN
        ]
    }


@blueprint.put("/practices/<key:practice>/alert-rules/<key:reason>")
@access.staff(Role.OWNER)
@operation("changeAlertRules")
@blueprint.arguments(StepsSchema, example=STEPS_EXAMPLE)
@blueprint.response(200, KindSchema)
def put_alert_rules(body: dict[str, Any], reason: str) -> dict[str, Any]:
    """Choose who is told of one kind

    In which order, and how long nobody may have looked before the next one is told.
    """
    which = next((each for each in CHOSEN if each.value == reason), None)
    if which is None:
        raise NotFound
    steps = [AlertStep(**{**each, "days": tuple(sorted(set(each["days"])))}) for each in body["steps"]]
    set_alert_steps(practice_id=staff().practice_id, reason=which, steps=steps, by=by_staff(), now=clock.now())
    return {"reason": which, "own": bool(steps), "steps": steps or DEFAULTS[which]}


@blueprint.get("/practices/<key:practice>/duty")
@access.staff(Role.OWNER, Role.FRONT_DESK)
@operation("listDuty")
@blueprint.response(200, RosterSchema)
def get_duty() -> dict[str, Any]:
    """List who is on duty when"""
    return {"duty": [_turn(each, person.public_id) for each, person in list_duty_turns(staff().practice_id)]}


@blueprint.post("/practices/<key:practice>/duty")
@access.staff(Role.OWNER)
@operation("addDuty")
@blueprint.arguments(DutySchema, example={"person": "kL3v9aQx2bTn", "weekday": 5, "starts": 480, "ends": 1200})
@blueprint.response(201, DutySchema)
def post_duty(body: dict[str, Any]) -> dict[str, Any]:
    """Put somebody on duty"""
    made = add_duty(practice_id=staff().practice_id, duty=Duty(**body), by=by_staff(), now=clock.now())
    return _turn(made, body["person"])


@blueprint.delete("/practices/<key:practice>/duty/<key:turn>")
@access.staff(Role.OWNER)
@operation("removeDuty")
@blueprint.response(204)
def delete_duty(turn: str) -> None:
    """Take somebody off duty"""
    remove_duty(practice_id=staff().practice_id, public_id=turn, by=by_staff(), now=clock.now())


@blueprint.get("/practices/<key:practice>/waiting")
@access.staff()
@operation("listWaiting")
@blueprint.response(200, AllWaitingSchema)
def get_waiting() -> dict[str, Any]:
    """List what waits for somebody

    That a program reads it does not count as a look: whoever is next is told all the same.
    """
    return {"waiting": list_alerts(_viewer(), now=clock.now())}


@blueprint.post("/practices/<key:practice>/waiting/<key:alert>/take")
@access.staff()
@operation("takeWaiting")
@blueprint.response(200, WaitingSchema)
def post_take(alert: str) -> Any:
    """Say that somebody has it

    Nobody else is told of it from now on.
    """
    found = find_alert(alert, _viewer(), now=clock.now())
    take_alerts(practice_id=found.practice_id, alert_ids=[found.id], by=by_staff(), now=clock.now())
    return find_alert(alert, _viewer(), now=clock.now())


def _viewer() -> Viewer:
    return Viewer(staff().user_id, staff().practice_id, staff().only_therapist)


def _turn(turn: DutyTurn, person: str) -> dict[str, Any]:
    return {"id": turn.public_id, "person": person, "weekday": turn.weekday, "starts": turn.starts, "ends": turn.ends}


@blueprint.get("/practices/<key:practice>/own-alert-phone")
@access.staff()
@operation("getOwnAlertPhone")
@blueprint.response(200, OwnNumberSchema)
def get_own_alert_phone() -> dict[str, Any]:
    """Read where the own alerts are texted"""
    phone, is_proved, way = find_own_number(staff().user_id)
    return {"phone": phone, "proved": is_proved, "way": way}


@blueprint.put("/practices/<key:practice>/own-alert-phone")
@access.staff()
@operation("changeOwnAlerts", InvalidInput)
@blueprint.arguments(OwnAlertsSchema, example={"phone": "+13035550123", "way": "both"})
@blueprint.response(200, OwnNumberSchema)
def put_own_alert_phone(body: dict[str, Any]) -> dict[str, Any]:
    """Choose where the own alerts are texted, and how they come

    A number that is new has to be proved before it is texted; until then alerts go by e-mail.
    """
    set_own_alerts(user_id=staff().user_id, **body, by=by_staff(), now=clock.now())
    return get_own_alert_phone()


@blueprint.post("/practices/<key:practice>/own-alert-phone/code")
@access.staff()
@operation("sendOwnAlertCode", InvalidInput, TooManyCodes)
@blueprint.response(204)
def post_own_alert_code() -> None:
    """Text a code to the own number for alerts

    It counts for ten minutes and five tries, and few go to one number (`too_many_codes`).
    """
    text_own_number(user_id=staff().user_id, by=by_staff(), now=clock.now())


@blueprint.post("/practices/<key:practice>/own-alert-phone/proof")
@access.staff()
@operation("proveOwnAlertPhone")
@blueprint.arguments(OwnCodeSchema, example={"code": "123456"})
@blueprint.response(200, OwnNumberSchema)
def post_own_alert_proof(body: dict[str, Any]) -> dict[str, Any]:
    """Prove the own number for alerts

    Until then they go by e-mail.
    """
    found = prove_own_number(
        user_id=staff().user_id, typed=body["code"], addresses=addresses(), by=by_staff(), now=clock.now()
    )
    if found != Proof.PROVED:
        raise InvalidInput({"code": NO_PROOF[found]})
    return get_own_alert_phone()
