"""How far a new practice is."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import fields

from telehealth import clock
from telehealth.api.access import staff
from telehealth.api.acting import by_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Body, Schema, YesOrNo, word
from telehealth.domain import access
from telehealth.domain.first_steps import FirstStep, PracticeSetup
from telehealth.domain.words import Mode, Role
from telehealth.queries.practice.first_steps import find_setup
from telehealth.queries.practice.practices import find_practice, list_therapists
from telehealth.services.practice.practice_settings import put_first_steps_away

blueprint = Blueprint("First steps", "What is left to do before people can book. Read off from what is there.")


class FirstStepSchema(Schema):
    """One thing to do."""

    step = word(FirstStep)
    done = fields.Boolean()


class UnbookableSchema(Schema):
    """A service that is never offered with a therapist: the hours allow none of its ways to meet."""

    therapist = fields.String()
    service = fields.String(attribute="service.name")
    service_modes = fields.List(word(Mode), attribute="service.modes")
    hours_modes = fields.List(word(Mode), attribute="hours")


class FirstStepsSchema(Schema):
    """All of them, and whether the desk still lists them."""

    steps = fields.List(fields.Nested(FirstStepSchema))
    unbookable = fields.List(fields.Nested(UnbookableSchema))
    put_away = fields.Boolean()


class PutAwaySchema(Body):
    """Whether the desk lists them no more."""

    put_away = YesOrNo(required=True)


@blueprint.get("/practices/<key:practice>/first-steps")
@access.staff()
@operation("listFirstSteps")
@blueprint.response(200, FirstStepsSchema)
def get_first_steps() -> dict[str, Any]:
    """List what is left to set up"""
    return _first_steps()


@blueprint.put("/practices/<key:practice>/first-steps")
@access.staff(Role.OWNER)
@operation("putFirstStepsAway")
@blueprint.arguments(PutAwaySchema, example={"put_away": True})
@blueprint.response(200, FirstStepsSchema)
def put_first_steps(body: dict[str, Any]) -> dict[str, Any]:
    """Put the list away, or show it again

    What is done is read off from what is there, so there is nothing to tick.
    """
    put_first_steps_away(practice_id=staff().practice_id, is_away=body["put_away"], by=by_staff(), now=clock.now())
    return _first_steps()


def _first_steps() -> dict[str, Any]:
    practice = find_practice(staff().practice_slug)
    has_own_video = bool(current_app.extensions["has_own_video"])
    found: PracticeSetup = find_setup(
        practice, list_therapists(practice.id), has_own_video=has_own_video, now=clock.now()
    )
    return {
        "steps": [{"step": step, "done": step in found.done} for step in FirstStep],
        "unbookable": [
            {"therapist": each.therapist, "service": each.service, "hours": sorted(each.hours)}
            for each in found.mismatches
        ],
        "put_away": practice.first_steps_put_away_at is not None,
    }
