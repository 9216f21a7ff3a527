"""The addresses of booking. GET asks the next question; POST carries what was typed, through to the appointment."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.addresses import Purpose
from telehealth.domain.errors import (
    IdempotencyMismatch,
    InvalidInput,
    NotFound,
    ServiceEnded,
    SlotNotOffered,
    SlotTaken,
)
from telehealth.domain.times import zone_name
from telehealth.domain.walltime import zone
from telehealth.domain.words import Actor
from telehealth.models import Practice
from telehealth.queries import practices
from telehealth.services import appointments
from telehealth.services.appointments import By
from telehealth.services.practices import SLUG
from telehealth.web import errors
from telehealth.web.booking import choices as choosing
from telehealth.web.booking import details as typing_in
from telehealth.web.booking import week as weeks
from telehealth.web.booking.choices import Question
from telehealth.web.booking.visit import Visit
from telehealth.web.booking.week import Slot
from telehealth.web.headers import limiter

blueprint = Blueprint("booking", __name__)

READS, WRITES = "180 per minute", "20 per minute"
USED_BEFORE = (
    "An appointment was already booked with this form; its confirmation is in your e-mail. "
    "Confirm again only if you want another one."
)
# Back from the confirmation leads to the time just booked: "nothing was booked" would make people book twice.
PERHAPS_YOURS = (
    "That time is not open for booking. If you have just booked it, all is well: the confirmation is in your e-mail. "
    "Otherwise, please choose one of the times shown."
)
RENEWED = (
    "This page had been open for a long time, so we renewed it. Nothing you typed was lost. Please go on from here."
)


@blueprint.get("/<slug>", strict_slashes=False)
@access.public
@limiter.limit(READS)
def practice(slug: str) -> ResponseReturnValue:
    """What the practice offers, who works there and where."""
    found, now = _practice(slug), clock.now()
    therapists = practices.therapists(found.id)
    return render_template(
        "booking/practice.html",
        practice=found,
        home_url=url_for("booking.practice", slug=slug),
        services=practices.services(found.id),
        therapists=[(each, choosing.states_of([each], now=now)) for each in therapists],
        locations=[(each, zone_name(zone(each.timezone))) for each in practices.locations(found.id)],
    )


@blueprint.get("/<slug>/book")
@access.public
@limiter.limit(READS)
def ask(slug: str) -> ResponseReturnValue:
    """The next question that has no answer yet; the times; the empty form."""
    visit = _visit(slug)
    if visit.choices.question() != Question.TIME:
        return visit.ask()
    slot = _slot(visit)
    if slot is None:
        return visit.times(problem=SlotNotOffered.sentence if "slot" in request.args else "")
    if not weeks.is_offered(visit.choices, slot, now=visit.now):
        return visit.times(near=slot, problem=PERHAPS_YOURS)
    return visit.details(slot)


@blueprint.post("/<slug>/book")
@access.public
@limiter.limit(WRITES)
def submit(slug: str) -> ResponseReturnValue:
    """The form on its way: details, other times, review and, at last, the appointment."""
    visit, wanted = _visit(slug), request.form.get("do", "")
    slot = _slot(visit)
    if visit.choices.question() != Question.TIME:
        return visit.ask(problem=ServiceEnded.sentence if visit.choices.service is None else "")
    if slot is None or wanted == "times" or "week" in request.form:
        return visit.times(near=slot)
    if wanted == "confirm":
        return _confirm(visit, slot)
    if not weeks.is_offered(visit.choices, slot, now=visit.now):
        return visit.times(near=slot, problem=SlotTaken.sentence)
    return _check(visit, slot, wanted)


@blueprint.errorhandler(CSRFError)
def renew(_error: CSRFError) -> ResponseReturnValue:
    """The form's token no longer counts, for example because the browser was closed: the form comes back as it was."""
    try:
        visit = _visit((request.view_args or {})["slug"])
    except NotFound as refusal:  # Nobody else would hear it: this is an error handler already.
        return errors.page(refusal)
    if visit.choices.question() != Question.TIME:
        return visit.ask(problem=RENEWED)
    slot = _slot(visit)
    return visit.times(problem=RENEWED) if slot is None else visit.details(slot, problem=RENEWED)


def _check(visit: Visit, slot: Slot, wanted: str) -> ResponseReturnValue:
    """On to the review when the details will do, and back to them when they will not."""
    if visit.typed is None or wanted == "details" or (visit.typed.is_empty and "slot" in request.form):
        return visit.details(slot)
    try:
        return visit.review(slot)
    except InvalidInput as refusal:
        return visit.details(slot, errors=refusal.fields)


def _confirm(visit: Visit, slot: Slot) -> ResponseReturnValue:
    try:
        appointment = appointments.book(
            practice_id=visit.choices.practice.id, wish=visit.wish(slot), by=By(Actor.CLIENT), now=visit.now
        )
    except InvalidInput as refusal:
        return visit.details(slot, errors=refusal.fields)
    except IdempotencyMismatch:
        return visit.with_new_key().review(slot, problem=USED_BEFORE)
    except (SlotTaken, SlotNotOffered) as refusal:
        return visit.times(near=slot, problem=str(refusal))
    except (NotFound, ServiceEnded):
        return _start_over(visit, slot)
    token = current_app.extensions["addresses"].token(Purpose.MANAGE, appointment.attendees[0].public_id)
    return redirect(url_for("client.manage", token=token), HTTPStatus.SEE_OTHER)


def _start_over(visit: Visit, slot: Slot) -> ResponseReturnValue:
    """Something chosen was closed a moment ago: look again at what there is."""
    again = _visit(visit.choices.practice.slug)
    if again.choices.question() != Question.TIME:
        return again.ask(problem=ServiceEnded.sentence)
    return again.times(near=slot, problem=SlotNotOffered.sentence)


def _practice(slug: str) -> Practice:
    """Raises NotFound. What cannot be the address of a practice never reaches the database."""
    if not SLUG.fullmatch(slug):
        raise NotFound
    return practices.by_slug(slug)


def _visit(slug: str) -> Visit:
    now = clock.now()
    given = {**request.args.to_dict(), **({"tz": request.form["tz"]} if "tz" in request.form else {})}
    typed = typing_in.read(request.form) if request.method == "POST" else None
    return Visit(choosing.read(_practice(slug), given, now=now), now, typed)


def _slot(visit: Visit) -> Slot | None:
    """The slot of a button, or else of the address."""
    return weeks.read_slot(request.form.get("slot") or request.args.get("slot"), visit.choices)
