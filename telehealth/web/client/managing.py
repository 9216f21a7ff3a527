"""The manage link: see an appointment, put it into a calendar, cancel it or take a request back."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, icalendar, walltime
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.appointments.policies import Freedom
from telehealth.domain.audit_words import Via
from telehealth.domain.errors import AlreadyCancelled, ImpossibleStatus, InsideWindow, TooLate
from telehealth.domain.times import zone_name
from telehealth.queries.appointments.leaving import goes_on_without
from telehealth.services.appointments.attending import confirm_by_link
from telehealth.services.appointments.cancelling import cancel_by_link
from telehealth.web.acting import by_client
from telehealth.web.client.agreeing import asks_consent, offers_consent
from telehealth.web.client.frame import blueprint
from telehealth.web.client.seats import Seat, open_seat_for_all
from telehealth.web.form_reader import FormReader
from telehealth.web.headers import limiter
from telehealth.web.link_pages import (
    READS,
    WRITES,
    find_addresses,
    make_manage_url,
    read_manage_link,
    redirect_to_appointment,
)

LONGEST_REASON = 500


@blueprint.get("/m/<token>")
@access.by_link
@limiter.limit(READS)
def show_appointment(token: str) -> ResponseReturnValue:
    """The appointment; right after booking, the confirmation."""
    seat = open_seat_for_all(LinkPurpose.MANAGE, token)
    entry = seat.entry
    join_token = find_addresses().token(LinkPurpose.JOIN, seat.link)
    return seat.page(
        "client/manage.html",
        calendars=[
            ("Google Calendar", icalendar.google_url(entry)),
            ("Outlook.com", icalendar.outlook_url(entry)),
            ("Microsoft 365", icalendar.outlook_url(entry, work_account=True)),
            ("Yahoo Calendar", icalendar.yahoo_url(entry)),
        ],
        subscribe_url=url_for("client.show_subscribe", token=token) if seat.companion is None else "",
        file_url=url_for("client.download_calendar_file", token=token),
        cancel_url=url_for("client.show_cancel", token=token),
        confirm_url=url_for("client.submit_confirmation", token=token),
        move_url=url_for("client.show_move", token=token),
        again_url=url_for("client.show_again", token=token),
        texts_url=url_for("client.show_texts", token=token),
        consent_url=url_for("client.show_consent_ahead", token=token) if offers_consent(seat) else "",
        asks_consent=offers_consent(seat) and asks_consent(seat),
        language_url=url_for("client.submit_language", token=token),
        timezone_url=url_for("client.show_timezone", token=token),
        own_zone=zone_name(walltime.zone(seat.attendee.timezone)),
        earlier_url=url_for("waitlist.show_earlier", token=token),
        # The other way round it would be wrong: whoever was only given the way in must not be able to cancel.
        join_url=url_for("client.show_join", token=join_token),
        check_url=url_for("client.show_check", token=join_token),
    )


@blueprint.post("/m/<token>/confirm")
@access.by_link
@limiter.limit(WRITES)
def submit_confirmation(token: str) -> ResponseReturnValue:
    """They will come. Twice is once, and what cannot be confirmed any more the page says itself."""
    with suppress(AlreadyCancelled, TooLate, ImpossibleStatus):
        confirm_by_link(link=read_manage_link(token), by=by_client(Via.LINK), now=clock.now())
    return redirect_to_appointment(token)


@blueprint.get("/m/<token>/appointment.ics")
@access.by_link
@limiter.limit(READS)
def download_calendar_file(token: str) -> ResponseReturnValue:
    """The appointment for any calendar program."""
    response = Response(
        icalendar.download(open_seat_for_all(LinkPurpose.MANAGE, token).entry), mimetype="text/calendar"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return response


@blueprint.get("/m/<token>/cancel")
@access.by_link
@limiter.limit(READS)
def show_cancel(token: str) -> ResponseReturnValue:
    """What would be cancelled, before anything happens. Where nothing can be, the appointment itself says why."""
    seat = open_seat_for_all(LinkPurpose.MANAGE, token)
    return show_cancel_form(seat) if seat.may_cancel else redirect_to_appointment(token)


@blueprint.post("/m/<token>/cancel")
@access.by_link
@limiter.limit(WRITES)
def submit_cancel(token: str) -> ResponseReturnValue:
    """Cancel. Doing it twice, or too late, leads to the page that says how things stand."""
    link, typed = read_manage_link(token), FormReader(request.form)
    reason = typed.line("reason", longest=LONGEST_REASON)
    if typed.problems:
        return show_cancel_form(open_seat_for_all(LinkPurpose.MANAGE, token), error=typed.problems["reason"])
    # The page says these better than an error would.
    with suppress(AlreadyCancelled, TooLate, ImpossibleStatus, InsideWindow):
        cancel_by_link(link=link, by=by_client(Via.LINK), reason=reason, now=clock.now())
    return redirect_to_appointment(token)


def show_cancel_form(seat: Seat, *, error: str = "", problem: str = "") -> ResponseReturnValue:
    """What would be cancelled, and what that means by the terms and for whoever else comes."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error or problem else HTTPStatus.OK
    return seat.page(
        "client/cancel.html",
        status,
        typed=request.form.get("reason", ""),
        error=error,
        problem=problem,
        manage_url=make_manage_url(seat.link),
        is_late=seat.freedom == Freedom.LATE,
        all_off=not goes_on_without(seat.appointment, seat.attendee),
    )
