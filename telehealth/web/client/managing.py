"""The manage link: see an appointment, put it into a calendar, cancel it."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from telehealth.domain import access, icalendar
from telehealth.domain.addresses import Purpose
from telehealth.domain.contact import clean_line
from telehealth.domain.errors import AlreadyCancelled, ImpossibleStatus, LinkInvalid, TooLate
from telehealth.domain.words import Actor
from telehealth.services import appointments
from telehealth.services.appointments import By
from telehealth.web import errors
from telehealth.web.client.seats import Phase, Seat, addresses, open_seat
from telehealth.web.headers import limiter

LONGEST_REASON = 500
READS, WRITES = "120 per minute", "20 per minute"
RENEWED = (
    "This page had been open for a long time, so we renewed it. Nothing is cancelled yet. "
    "Please press the button again."
)


def add_to(blueprint: Blueprint) -> None:
    """Register the addresses."""
    blueprint.get("/m/<token>")(manage)
    blueprint.get("/m/<token>/appointment.ics")(calendar_file)
    blueprint.get("/m/<token>/cancel")(ask_to_cancel)
    blueprint.post("/m/<token>/cancel")(cancel)
    blueprint.register_error_handler(CSRFError, renew)


@access.by_link
@limiter.limit(READS)
def manage(token: str) -> ResponseReturnValue:
    """The appointment; right after booking, the confirmation."""
    seat = open_seat(Purpose.MANAGE, token)
    entry = seat.entry
    return seat.page(
        "client/manage.html",
        google_url=icalendar.google_url(entry),
        outlook_url=icalendar.outlook_url(entry),
        file_url=url_for("client.calendar_file", token=token),
        cancel_url=url_for("client.ask_to_cancel", token=token),
        # The other way round it would be wrong: whoever was only given the way in must not be able to cancel.
        join_url=url_for("client.join", token=addresses().token(Purpose.JOIN, seat.attendee.public_id)),
    )


@access.by_link
@limiter.limit(READS)
def calendar_file(token: str) -> ResponseReturnValue:
    """The appointment for any calendar program."""
    response = Response(icalendar.download(open_seat(Purpose.MANAGE, token).entry), mimetype="text/calendar")
    response.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


@access.by_link
@limiter.limit(READS)
def ask_to_cancel(token: str) -> ResponseReturnValue:
    """What would be cancelled, before anything happens. Where nothing can be, the appointment itself says why."""
    seat = open_seat(Purpose.MANAGE, token)
    return _form(seat) if seat.phase == Phase.AHEAD else _back(token)


@access.by_link
@limiter.limit(WRITES)
def cancel(token: str) -> ResponseReturnValue:
    """Cancel. Doing it twice, or too late, leads to the page that says how things stand."""
    seat = open_seat(Purpose.MANAGE, token)
    typed = request.form.get("reason", "")
    try:
        reason = clean_line(" ".join(typed.split()), longest=LONGEST_REASON)
    except ValueError as problem:
        return _form(seat, typed=typed, error=str(problem))
    with suppress(AlreadyCancelled, TooLate, ImpossibleStatus):  # The page says it better than an error would.
        appointments.cancel(
            practice_id=seat.appointment.practice_id,
            appointment_id=seat.appointment.id,
            by=By(Actor.CLIENT),
            reason=reason,
            now=seat.now,
        )
    return _back(token)


def renew(_error: CSRFError) -> ResponseReturnValue:
    """The form's token no longer counts, for example because the browser was closed: ask once more, reason kept."""
    try:
        seat = open_seat(Purpose.MANAGE, (request.view_args or {})["token"])
    except LinkInvalid as refusal:  # Nobody else would hear it: this is an error handler already.
        return errors.page(refusal)
    return _form(seat, typed=request.form.get("reason", ""), problem=RENEWED)


def _form(seat: Seat, *, typed: str = "", error: str = "", problem: str = "") -> ResponseReturnValue:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error or problem else HTTPStatus.OK
    token = addresses().token(Purpose.MANAGE, seat.attendee.public_id)
    manage_url = url_for("client.manage", token=token)
    return seat.page("client/cancel.html", status, typed=typed, error=error, problem=problem, manage_url=manage_url)


def _back(token: str) -> ResponseReturnValue:
    return redirect(url_for("client.manage", token=token), HTTPStatus.SEE_OTHER)
