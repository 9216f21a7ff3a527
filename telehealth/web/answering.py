"""Staff say yes or no to a request from their mailbox. The link opens this one request and nothing else.

It opens without a login, so it is as discreet as the e-mail it came with: initials, when and how. Looking changes
nothing: programs that look at links in messages must not answer for anybody.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from telehealth import clock
from telehealth.domain import access, naming
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import AlreadyAnswered, InvalidInput, LinkInvalid, SlotNotOffered
from telehealth.domain.times import say_briefly
from telehealth.domain.walltime import zone
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment
from telehealth.queries.appointments.requests import find_answer, find_request_by_link
from telehealth.services.appointments.approving import approve_request, decline_request
from telehealth.web import errors
from telehealth.web.acting import by_link_of_staff
from telehealth.web.form_reader import FormReader
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, WRITES, Sender, find_addresses, make_link_blueprint
from telehealth.web.shown_times import show_time

LONGEST_MESSAGE = 500
RENEWED = "This page had been open for a long time, so we renewed it. Nothing is answered yet. Please press it again."
OFF = "off"
"""It was said yes to, and cancelled since."""

NEEDS_THE_DESK = "This one needs a look before you say yes. Please sign in: the way there is below."

blueprint = make_link_blueprint("answering")
SAID = {"approve": "approved", "decline": "declined"}
"""What each button leads to, as the audit names it."""


@blueprint.get("/a/<token>")
@access.by_link
@limiter.limit(READS)
def show_request(token: str) -> ResponseReturnValue:
    """Who asks for what, with a yes and a no; or what became of it."""
    return _page(_appointment(token))


@blueprint.post("/a/<token>")
@access.by_link
@limiter.limit(WRITES)
def submit_answer(token: str) -> ResponseReturnValue:
    """The yes or the no. Of two answers the first one counts, and the page says which it was."""
    appointment, typed = _appointment(token), FormReader(request.form)
    facts: dict[str, Any] = {"practice_id": appointment.practice_id, "appointment_id": appointment.id}
    message = typed.line("message", longest=LONGEST_MESSAGE)
    if typed.problems:
        return _page(appointment, error=typed.problems["message"])
    try:
        if request.form.get("do") == "approve":
            approve_request(**facts, by=by_link_of_staff(), now=clock.now())
        elif request.form.get("do") == "decline":
            decline_request(**facts, message=message, by=by_link_of_staff(), now=clock.now())
    except AlreadyAnswered:
        # The same answer twice is a button pressed twice, and no reason to say that somebody was faster.
        late = None if _outcome(_appointment(token)) == SAID.get(request.form["do"]) else 1
        return redirect(url_for("answering.show_request", token=token, late=late), HTTPStatus.SEE_OTHER)
    except SlotNotOffered as refusal:
        return _page(appointment, problem=str(refusal))
    except InvalidInput:  # What is missing is about the client, and behind the sign-in.
        return _page(appointment, problem=NEEDS_THE_DESK)
    return redirect(url_for("answering.show_request", token=token), HTTPStatus.SEE_OTHER)


@blueprint.errorhandler(CSRFError)
def renew_page(_error: CSRFError) -> ResponseReturnValue:
    """The form's token no longer counts: the form comes back as it was."""
    try:
        appointment = _appointment((request.view_args or {})["token"])
    except LinkInvalid as refusal:  # Nobody else would hear it: this is an error handler already.
        return errors.show_error(refusal)
    return _page(appointment, problem=RENEWED)


def _appointment(token: str) -> Appointment:
    """Raises LinkInvalid."""
    return find_request_by_link(find_addresses().read(LinkPurpose.ANSWER, token))


def _page(appointment: Appointment, *, error: str = "", problem: str = "") -> ResponseReturnValue:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error or problem else HTTPStatus.OK
    typed = request.form.get("message", "")
    return render_template("answering.html", **_about(appointment), typed=typed, error=error, problem=problem), status


def _about(appointment: Appointment) -> dict[str, Any]:
    """In person the venue's zone, otherwise the therapist's: that is where the calendar hangs."""
    there = zone(appointment.timezone)
    client_zone = zone(appointment.attendees[0].timezone)
    expires = appointment.expires_at
    return {
        "practice": Sender.of_practice(appointment.practice),
        "appointment": appointment,
        "outcome": _outcome(appointment),
        "came_late": "late" in request.args,
        "who": ", ".join(naming.initials(each.name) for each in appointment.attendees),
        "time": show_time(appointment.starts_at, there, client_zone),
        "minutes": appointment.minutes,
        "answer_by": say_briefly(expires, there) if expires else "",
        "desk_url": url_for("desk.appointment", public_id=appointment.public_id),
    }


def _outcome(appointment: Appointment) -> str:
    """Empty while it waits; otherwise how the audit names its end, or ``OFF``."""
    if appointment.status == AppointmentStatus.PENDING:
        return "" if appointment.awaits_answer(now=clock.now()) else "expired"
    answer = find_answer(appointment) or AuditAction.APPROVED
    is_off = answer == AuditAction.APPROVED and appointment.status == AppointmentStatus.CANCELLED
    return OFF if is_off else answer.value
