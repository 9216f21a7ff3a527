"""Dates on which the whole practice is closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields, validate

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside, Body, DayField, Schema, YesOrNo
from telehealth.domain import access
from telehealth.domain.words import Role
from telehealth.models import Closure
from telehealth.queries.hours.closures import find_closure, is_booked_on, list_booked_on, list_closures
from telehealth.services.hours.closures import LONGEST_NOTE, ClosureWish, add_closure, change_closure, remove_closure

blueprint = Blueprint("Closures", "Holidays and other dates on which the whole practice is closed.")
A_DAY = timedelta(days=1)


class ClosureFactsSchema(Body):
    """From one date to another, both inclusive, of each therapist's own calendar."""

    first_day = DayField(required=True)
    last_day = DayField(required=True)
    note = fields.String(
        load_default="", validate=validate.Length(max=LONGEST_NOTE), metadata={"description": "For staff."}
    )
    yields_to_hours = YesOrNo(
        load_default=False,
        metadata={"description": "Therapists who have set other hours for one of these dates work then."},
    )


class ClosureSchema(Schema):
    """A closure, with the appointments that are booked then all the same."""

    id = fields.String(attribute="public_id")
    first_day = DayField()
    last_day = DayField()
    note = fields.String()
    yields_to_hours = fields.Boolean()
    booked = fields.List(fields.String(), metadata={"description": "Ids of appointments ahead on these dates."})


class ClosuresSchema(Schema):
    """Those that are not over, the next ones first."""

    closures = fields.List(fields.Nested(ClosureSchema))


CLOSURE_EXAMPLE = {"first_day": "2026-12-24", "last_day": "2027-01-01", "note": "Between the years"}
ONE = "/practices/<key:practice>/closures/<key:closure>"


@blueprint.get("/practices/<key:practice>/closures")
@access.staff(Role.OWNER, Role.FRONT_DESK)
@operation("listClosures")
@blueprint.response(200, ClosuresSchema)
def get_closures() -> dict[str, Any]:
    """List closures"""
    return {"closures": _told(list_closures(staff().practice_id, since=clock.now().date() - A_DAY))}


@blueprint.post("/practices/<key:practice>/closures")
@access.staff(Role.OWNER)
@operation("addClosure")
@blueprint.arguments(ClosureFactsSchema, example=CLOSURE_EXAMPLE)
@blueprint.response(201, ClosureSchema)
def post_closure(body: dict[str, Any]) -> Beside:
    """Close the practice on some dates

    Nothing is offered then, with any therapist. What is booked stays; `booked` names it.
    """
    closure = add_closure(practice_id=staff().practice_id, wish=ClosureWish(**body), by=by_staff(), now=clock.now())
    return _told([closure])[0]


@blueprint.put(ONE)
@access.staff(Role.OWNER)
@operation("changeClosure")
@blueprint.arguments(ClosureFactsSchema, example=CLOSURE_EXAMPLE)
@blueprint.response(200, ClosureSchema)
def put_closure(body: dict[str, Any], closure: str) -> Beside:
    """Close on other dates"""
    practice_id = staff().practice_id
    find_closure(practice_id, closure)
    changed = change_closure(
        practice_id=practice_id, public_id=closure, wish=ClosureWish(**body), by=by_staff(), now=clock.now()
    )
    return _told([changed])[0]


@blueprint.delete(ONE)
@access.staff(Role.OWNER)
@operation("removeClosure")
@blueprint.response(204)
def delete_closure(closure: str) -> None:
    """Be open on these dates after all"""
    remove_closure(practice_id=staff().practice_id, public_id=closure, by=by_staff(), now=clock.now())


def _told(found: Any) -> list[Beside]:
    closures: list[Closure] = list(found)
    booked = list_booked_on(staff().practice_id, closures, now=clock.now())
    return [Beside(each, booked=[one.public_id for one in booked if is_booked_on(one, each)]) for each in closures]
