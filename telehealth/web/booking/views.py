"""The addresses of booking. GET asks the next question; POST carries what was typed, through to the appointment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.contact import make_match_key
from telehealth.domain.errors import (
    GroupFull,
    IdempotencyMismatch,
    InvalidInput,
    NotFound,
    NumberNotProved,
    PleaseCall,
    ServiceEnded,
    SlotNotOffered,
    SlotTaken,
    TooManyCodes,
    TooManyForOthers,
    TooManyHolds,
)
from telehealth.domain.links import Linked
from telehealth.domain.messages.number_codes import Proof
from telehealth.domain.times import zone_name
from telehealth.domain.walltime import wall, zone
from telehealth.domain.web_links import say_web_link
from telehealth.models import Appointment, Practice
from telehealth.queries.hours.closures import closed_dates_of, list_closures
from telehealth.queries.messages.facts import link_to
from telehealth.queries.practice.offers import find_offer
from telehealth.queries.practice.practices import find_practice
from telehealth.services.appointments.booking import book_appointment
from telehealth.services.consent.number_proving import prove_number, send_number_code
from telehealth.services.practice.founding import SLUG
from telehealth.web import errors, terms
from telehealth.web.acting import by_client
from telehealth.web.booking.choices import (
    FOR_WHOM,
    BookingQuestion,
    list_states_of,
    read_choices,
    say_away,
    say_new_clients,
)
from telehealth.web.booking.client_details import read_details
from telehealth.web.booking.pages import BookingPage
from telehealth.web.booking.visitor_holds import find_visitor_hold, forget_visitor_hold
from telehealth.web.form_reader import FormReader
from telehealth.web.free_times import ShownSlot
from telehealth.web.headers import limiter
from telehealth.web.link_pages import find_addresses, make_manage_url
from telehealth.web.shown_times import say_closure

blueprint = Blueprint("booking", __name__)

KEEPS = {"keep": "details", "keep_review": "review", "keep_code": "code"}
"""The buttons that keep the time longer, and the page each of them stands on."""
READS, WRITES = "180 per minute", "20 per minute"
"""Writing counts what was done: who is told that a time is gone, or a name is missing, tries again without counting."""
USED_BEFORE = (
    "An appointment was already booked with this form; its confirmation is in your e-mail. "
    "Confirm again only if you want another one."
)
# Back from the confirmation leads to the time just booked: "nothing was booked" would make people book twice.
PERHAPS_YOURS = (
    "That time is not open for booking. If you have just booked it, all is well: the confirmation is in your e-mail. "
    "Otherwise, please choose one of the times shown."
)
CLOSURES_SAID, MOST_CLOSURES = timedelta(days=42), 3
"""How long before them visitors read of days on which the practice is closed, and of how many at once."""
NO_PROOF = {
    Proof.WRONG: "This is not the code that we texted last. Please look once more.",
    Proof.SPENT: "That were too many tries with one code. Please ask for a new one.",
    Proof.OVER: "This code is too old. Please ask for a new one.",
}
REFUSED = (SlotTaken, SlotNotOffered, GroupFull)
RENEWED = (
    "This page had been open for a long time, so we renewed it. Nothing you typed was lost. Please go on from here."
)


def _was_done(response: Response) -> bool:
    return response.status_code < HTTPStatus.BAD_REQUEST


@blueprint.get("/<slug>", strict_slashes=False)
@access.public
@limiter.limit(READS)
def show_practice(slug: str) -> ResponseReturnValue:
    """What the practice offers, who works there and where."""
    found, now = _practice(slug), clock.now()
    offer = find_offer(found.id)
    return render_template(
        "booking/practice.html",
        practice=found,
        home_url=url_for("booking.show_practice", slug=slug),
        services=offer.services,
        for_whom=FOR_WHOM,
        say_fee=terms.say_fee,
        therapists=[
            (
                each,
                list_states_of([each], now=now),
                offer.list_given(each),
                say_away(each, now=now),
                say_new_clients(each, now=now),
            )
            for each in offer.therapists
            if not each.is_hidden
        ],
        locations=[(each, zone_name(zone(each.timezone))) for each in offer.locations],
        zone=zone_name(zone(found.timezone)),
        say_web_link=say_web_link,
        closures=list(_closures_soon(found, now)),
    )


def _closures_soon(practice: Practice, now: datetime) -> Iterator[str]:
    """When it is closed in the next weeks, in sentences."""
    today = wall(now, zone(practice.timezone)).date()
    for each in list_closures(practice.id, since=today)[:MOST_CLOSURES]:
        if each.first_day <= today + CLOSURES_SAID:
            yield say_closure(closed_dates_of(each))


@blueprint.get("/<slug>/book")
@access.public
@limiter.limit(READS)
def show_booking(slug: str) -> ResponseReturnValue:
    """The next question that has no answer yet; the times; the empty form."""
    visit = _visit(slug)
    if visit.choices.question() != BookingQuestion.TIME:
        return visit.show_question()
    slot = visit.slot
    if slot is None:
        return visit.show_times(problem=SlotNotOffered.sentence if "slot" in request.args else "")
    if not visit.is_offered(slot):
        return visit.show_times(near=slot, problem=PERHAPS_YOURS)
    return visit.show_details(slot)


@blueprint.post("/<slug>/book")
@access.public
@limiter.limit(READS)
@limiter.limit(WRITES, deduct_when=_was_done)
def submit_booking(slug: str) -> ResponseReturnValue:
    """A chosen time is kept; then the form on its way: details, other times, review and, at last, the appointment."""
    visit, wanted = _visit(slug), request.form.get("do", "")
    slot = visit.slot
    if not visit.choices.is_for(request.args.get("service")):
        return visit.show_question(problem=ServiceEnded.sentence, question=BookingQuestion.SERVICE)
    if visit.choices.question() != BookingQuestion.TIME:
        return visit.show_question()
    if slot is None or wanted == "times" or "week" in request.form:
        return visit.show_times(near=slot)
    return _with_a_slot(visit, slot, wanted)


def _with_a_slot(visit: BookingPage, slot: ShownSlot, wanted: str) -> ResponseReturnValue:
    """What the button asks for: keep the time (longer), book it, or go on with the form."""
    if "slot" in request.form or wanted in KEEPS:
        return _choose(visit, slot, KEEPS.get(wanted, ""))
    if wanted == "confirm":
        return _confirm(visit, slot)
    if wanted in {"code", "new_code"}:
        return _prove(visit, slot) if wanted == "code" else _send_code(visit, slot)
    if not visit.is_offered(slot):
        return visit.show_times(near=slot, problem=SlotTaken.sentence)
    return _check(visit, slot, wanted)


@blueprint.errorhandler(CSRFError)
def renew_page(_error: CSRFError) -> ResponseReturnValue:
    """The form's token no longer counts, for example because the browser was closed: the form comes back as it was."""
    try:
        visit = _visit((request.view_args or {})["slug"])
    except NotFound as refusal:  # Nobody else would hear it: this is an error handler already.
        return errors.show_error(refusal)
    if visit.choices.question() != BookingQuestion.TIME:
        return visit.show_question(problem=RENEWED)
    slot = visit.slot
    return visit.show_times(problem=RENEWED) if slot is None else visit.show_details(slot, problem=RENEWED)


def _choose(visit: BookingPage, slot: ShownSlot, page: str = "") -> ResponseReturnValue:
    """Keep the chosen time, then on with the form. An empty one gets an address of its own, so that Reload works.

    From a later ``page`` the same time is kept longer, or again; and then the page comes back with all it held.
    """
    try:
        visit, slot = (visit.keep_longer(slot), slot) if page else visit.keep(slot)
    except TooManyHolds as refusal:
        return _go_on_without(visit, slot, refusal)
    except REFUSED as refusal:
        return visit.show_times(near=slot, problem=str(refusal))
    except (NotFound, ServiceEnded, InvalidInput):
        return _start_over(visit, slot)
    if not page and (visit.typed is None or not visit.typed.has_anything):
        return redirect(visit.slot_url(slot), HTTPStatus.SEE_OTHER)
    return _check(visit, slot, page)


def _go_on_without(visit: BookingPage, slot: ShownSlot, refusal: TooManyHolds) -> ResponseReturnValue:
    """The form, for a time that is not kept: behind the connection of a school many may choose at once."""
    visit = visit.without_hold()
    if not visit.is_offered(slot):
        return visit.show_times(near=slot, problem=SlotTaken.sentence)
    return visit.show_details(slot, problem=str(refusal))


def _check(visit: BookingPage, slot: ShownSlot, wanted: str) -> ResponseReturnValue:
    """On to the review when the details will do, and back to them when they will not."""
    if visit.typed is None or wanted in {"details", "add"}:
        return visit.show_details(slot, more=wanted == "add")
    try:
        return visit.show_code(slot) if wanted == "code" else visit.show_review(slot)
    except InvalidInput as refusal:
        return visit.show_details(slot, errors=refusal.fields)


def _confirm(visit: BookingPage, slot: ShownSlot) -> ResponseReturnValue:
    try:
        appointment = book_appointment(practice=visit.practice.id, wish=visit.wish(slot), by=by_client(), now=visit.now)
    except (InvalidInput, PleaseCall, TooManyForOthers) as refusal:
        return _back_to_details(visit, slot, refusal)
    except IdempotencyMismatch:
        return visit.with_new_key().show_review(slot, problem=USED_BEFORE)
    except NumberNotProved:
        return _send_code(visit, slot)
    except REFUSED as refusal:
        return visit.show_times(near=slot, problem=str(refusal))
    except (NotFound, ServiceEnded):
        return _start_over(visit, slot)
    forget_visitor_hold()
    return redirect(make_manage_url(_own_link(appointment, visit, slot)), HTTPStatus.SEE_OTHER)


def _back_to_details(
    visit: BookingPage, slot: ShownSlot, refusal: InvalidInput | PleaseCall | TooManyForOthers
) -> ResponseReturnValue:
    fields = refusal.fields if isinstance(refusal, InvalidInput) else {}
    return visit.show_details(slot, errors=fields, problem="" if fields else str(refusal))


def _send_code(visit: BookingPage, slot: ShownSlot) -> ResponseReturnValue:
    """Text a code to whoever books by phone only, and keep the time until they have typed it."""
    if not visit.is_offered(slot):
        return visit.show_times(near=slot, problem=SlotTaken.sentence)
    try:
        phone = visit.phone(slot)
        if not visit.is_code_lost(phone):
            send_number_code(**visit.code_of(phone), locale=visit.locale, by=by_client(), now=visit.now)
    except InvalidInput as refusal:
        return _back_to_details(visit, slot, refusal)
    except TooManyCodes as refusal:
        return visit.show_code(slot, problem=str(refusal))
    with suppress(TooManyHolds, *REFUSED):  # Whether it can be had is said when it is booked.
        visit = visit.keep_while_proving(slot)
    return visit.show_code(slot)


def _prove(visit: BookingPage, slot: ShownSlot) -> ResponseReturnValue:
    """Book with the right code; say what is wrong with any other one. Nothing that was typed before is lost."""
    try:
        phone = visit.phone(slot)
    except InvalidInput as refusal:
        return _back_to_details(visit, slot, refusal)
    typed = FormReader(request.form).text("code")
    found = prove_number(**visit.code_of(phone), typed=typed, addresses=find_addresses(), now=visit.now)
    return _confirm(visit, slot) if found == Proof.PROVED else visit.show_code(slot, error=NO_PROOF[found])


def _own_link(appointment: Appointment, visit: BookingPage, slot: ShownSlot) -> Linked:
    """The link of whoever booked to the seat. Others may have come into a group since: nobody is shown somebody else's
    seat.
    """
    wish = visit.wish(slot)
    contact, who = wish.contact, wish.booker and (wish.booker.name, wish.booker.email, wish.booker.phone)
    mine = [
        each
        for each in appointment.attendees
        if make_match_key(each.name, each.email, each.phone) == replace(contact, known_by="").match_key
        and (each.booked_by and (each.booked_by.name, each.booked_by.email, each.booked_by.phone)) == who
    ]
    if not mine:
        raise NotFound
    return link_to(mine[-1], mine[-1].booked_by)


def _start_over(visit: BookingPage, slot: ShownSlot) -> ResponseReturnValue:
    """Something chosen was closed a moment ago: look again at what there is."""
    again = _visit(visit.practice.slug)
    if again.choices.question() != BookingQuestion.TIME:
        return again.show_question(problem=ServiceEnded.sentence)
    return again.show_times(near=slot, problem=SlotNotOffered.sentence)


def _practice(slug: str) -> Practice:
    """Raises NotFound. What cannot be the address of a practice never reaches the database."""
    if not SLUG.fullmatch(slug):
        raise NotFound
    return find_practice(slug)


def _visit(slug: str) -> BookingPage:
    now, found = clock.now(), _practice(slug)
    given = {**request.args.to_dict(), **({"tz": request.form["tz"]} if "tz" in request.form else {})}
    typed = read_details(request.form) if request.method == "POST" else None
    held, hold = request.args.get("hold"), find_visitor_hold(found, now=now)
    choices = read_choices(found, given, now=now, own_hold=hold)
    return BookingPage(choices, now, hold if hold is not None and hold.public_id == held else None, held, typed)
