"""The manage link: see an appointment, put it into a calendar, cancel it or take a request back."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import access, icalendar
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.appointments.policies import Freedom
from telehealth.domain.errors import AlreadyCancelled, ImpossibleStatus, InsideWindow, TooLate
from telehealth.domain.words import Via, WhenOneCancels
from telehealth.services.appointments.attending import confirm_seat
from telehealth.services.appointments.cancelling import cancel_appointment
from telehealth.web.acting import by_client
from telehealth.web.client.seats import Seat, addresses, open_seat
from telehealth.web.form_reader import FormReader
from telehealth.web.headers import limiter

LONGEST_REASON = 500
READS, WRITES = "120 per minute", "20 per minute"


def add_to(blueprint: Blueprint) -> None:
    """Register the addresses."""
    blueprint.get("/m/<token>")(manage)
    blueprint.post("/m/<token>/confirm")(confirm)
    blueprint.get("/m/<token>/appointment.ics")(calendar_file)
    blueprint.get("/m/<token>/cancel")(ask_to_cancel)
    blueprint.post("/m/<token>/cancel")(cancel)


@access.by_link
@limiter.limit(READS)
def manage(token: str) -> ResponseReturnValue:
    """The appointment; right after booking, the confirmation."""
    seat = open_seat(LinkPurpose.MANAGE, token)
    entry = seat.entry
    return seat.page(
        "client/manage.html",
        google_url=icalendar.google_url(entry),
        outlook_url=icalendar.outlook_url(entry),
        file_url=url_for("client.calendar_file", token=token),
        cancel_url=url_for("client.ask_to_cancel", token=token),
        confirm_url=url_for("client.confirm", token=token),
        move_url=url_for("client.move", token=token),
        texts_url=url_for("client.texts", token=token),
        language_url=url_for("client.language", token=token),
        earlier_url=url_for("waitlist.earlier", token=token),
        # The other way round it would be wrong: whoever was only given the way in must not be able to cancel.
        join_url=url_for("client.join", token=addresses().token(LinkPurpose.JOIN, seat.attendee.public_id)),
    )


@access.by_link
@limiter.limit(WRITES)
def confirm(token: str) -> ResponseReturnValue:
    """They will come. Twice is once, and what cannot be confirmed any more the page says itself."""
    seat = open_seat(LinkPurpose.MANAGE, token)
    with suppress(AlreadyCancelled, TooLate, ImpossibleStatus):
        confirm_seat(attendee=seat.attendee.public_id, by=by_client(Via.LINK), now=seat.now)
    return _back(token)


@access.by_link
@limiter.limit(READS)
def calendar_file(token: str) -> ResponseReturnValue:
    """The appointment for any calendar program."""
    response = Response(icalendar.download(open_seat(LinkPurpose.MANAGE, token).entry), mimetype="text/calendar")
    response.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


@access.by_link
@limiter.limit(READS)
def ask_to_cancel(token: str) -> ResponseReturnValue:
    """What would be cancelled, before anything happens. Where nothing can be, the appointment itself says why."""
    seat = open_seat(LinkPurpose.MANAGE, token)
    return show_cancel_form(seat) if seat.may_cancel else _back(token)


@access.by_link
@limiter.limit(WRITES)
def cancel(token: str) -> ResponseReturnValue:
    """Cancel. Doing it twice, or too late, leads to the page that says how things stand."""
    seat = open_seat(LinkPurpose.MANAGE, token)
    typed = FormReader(request.form)
    reason = typed.line("reason", longest=LONGEST_REASON)
    if typed.problems:
        return show_cancel_form(seat, error=typed.problems["reason"])
    # The page says these better than an error would.
    with suppress(AlreadyCancelled, TooLate, ImpossibleStatus, InsideWindow):
        cancel_appointment(
            practice_id=seat.appointment.practice_id,
            appointment_id=seat.appointment.id,
            attendee_id=seat.attendee.id,
            by=by_client(Via.LINK),
            reason=reason,
            now=seat.now,
        )
    return _back(token)


def show_cancel_form(seat: Seat, *, error: str = "", problem: str = "") -> ResponseReturnValue:
    """What would be cancelled, and what that means by the terms and for whoever else comes."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error or problem else HTTPStatus.OK
    token = addresses().token(LinkPurpose.MANAGE, seat.attendee.public_id)
    return seat.page(
        "client/cancel.html",
        status,
        typed=request.form.get("reason", ""),
        error=error,
        problem=problem,
        manage_url=url_for("client.manage", token=token),
        is_late=seat.freedom == Freedom.LATE,
        all_off=seat.appointment.service.when_one_cancels == WhenOneCancels.ALL_OFF,
    )


def _back(token: str) -> ResponseReturnValue:
    return redirect(url_for("client.manage", token=token), HTTPStatus.SEE_OTHER)
