"""Requests: appointments that wait for the practice's yes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.appointments.openness import OpenTo
from telehealth.domain.errors import AlreadyAnswered, InvalidInput, SlotNotOffered
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment
from telehealth.queries.appointments.appointments import list_pending
from telehealth.queries.appointments.requests import find_met
from telehealth.services.appointments.approving import approve_request, decline_request
from telehealth.services.inbox.alert_looks import see_appointments
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.appointments.appointment import LONGEST_REASON, find_on_desk
from telehealth.web.desk.frame import blueprint, current, zone_of
from telehealth.web.form_reader import FormReader

HOUR = 3600
IN_VIEW = 3
"""Requests that are in view at once; the others are a line each, behind one press."""
ANSWERS = {
    AppointmentStatus.BOOKED: "Somebody has approved this request already, so there was nothing left to do.",
    AppointmentStatus.CANCELLED: "This request is closed already: declined, taken back, or out of time.",
}
MET, NEW = "has been with us before", "new to us"
FOR_WHOM = {
    OpenTo.NEW_CLIENTS: "The service is for new clients.",
    OpenTo.KNOWN_CLIENTS: "The service is for clients whom you know.",
}
CLOSED = "This request has been answered already, so there was nothing left to do."


@blueprint.get("/requests")
@access.staff()
def requests() -> ResponseReturnValue:
    """Who waits for an answer, whoever's time runs out first."""
    desk, now = current(), clock.now()
    found = list_pending(desk.practice.id, therapist_id=desk.only_therapist, now=now)
    if see_appointments(found, by=by_staff(), now=now):
        found = list_pending(desk.practice.id, therapist_id=desk.only_therapist, now=now)
    met = find_met(found)
    shown = [_request(each, met, now=now) for each in found]
    return render_template("desk/requests.html", requests=shown, in_view=IN_VIEW, words=words)


@blueprint.post("/requests/<public_id>/approve")
@access.staff()
def requests_approve(public_id: str) -> ResponseReturnValue:
    """Say yes; where nobody acts for a minor, and somebody should, ask why first. Raises NotFound."""
    found, typed = find_on_desk(public_id), FormReader(request.form)
    reason = typed.line("guardian_reason", longest=LONGEST_REASON)
    try:
        typed.refuse()
        approve_request(
            practice_id=found.practice_id,
            appointment_id=found.id,
            guardian_reason=reason,
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        problems = problem.fields if "guardian_reason" in request.form else {}
        return _ask_why(found, problem.fields["guardian_reason"], problems), problem.status
    except AlreadyAnswered:
        flash(_closed(found), "info")
    except SlotNotOffered as problem:
        flash(str(problem), "error")
    else:
        soon = words.soon(found.practice.grace_minutes)
        flash(f"Approved: {words.say_clients(found)}. Everybody gets the invitation {soon}.", "success")
    return redirect(url_for("desk.requests"))


@blueprint.get("/requests/<public_id>/decline")
@access.staff()
def requests_decline_form(public_id: str) -> ResponseReturnValue:
    """The form for a no, with a few words to the client. Raises NotFound."""
    return _form(find_on_desk(public_id))


@blueprint.post("/requests/<public_id>/decline")
@access.staff()
def requests_decline(public_id: str) -> ResponseReturnValue:
    """Say no. Raises NotFound."""
    found, typed = find_on_desk(public_id), FormReader(request.form)
    message = typed.line("message", longest=LONGEST_REASON)
    try:
        typed.refuse()
        decline_request(
            practice_id=found.practice_id, appointment_id=found.id, by=by_staff(), now=clock.now(), message=message
        )
    except InvalidInput as problem:
        return _form(found, problems=problem.fields), problem.status
    except AlreadyAnswered:
        flash(_closed(found), "info")
    else:
        soon = words.soon(found.practice.grace_minutes)
        flash(f"Declined. The client is told {soon}, and the time is free again.", "success")
    return redirect(url_for("desk.requests"))


def _ask_why(found: Appointment, sentence: str, problems: Mapping[str, str]) -> str:
    return render_template(
        "desk/requests_guardian.html",
        request_made=_request(found, find_met([found]), now=clock.now()),
        sentence=sentence,
        form=request.form,
        problems=problems,
        words=words,
    )


def _form(found: Appointment, *, problems: dict[str, str] | None = None) -> str:
    now = clock.now()
    waits = found.awaits_answer(now=now)
    return render_template(
        "desk/requests_decline.html",
        request_made=_request(found, find_met([found]), now=now),
        waits=waits,
        closed="" if waits else _closed(found),
        form=request.form,
        problems=problems or {},
        words=words,
    )


def _closed(found: Appointment) -> str:
    """What became of a request that somebody else answered first."""
    return ANSWERS.get(found.status, CLOSED)


def _request(found: Appointment, met: Collection[int], *, now: datetime) -> dict[str, Any]:
    zone = zone_of(found.therapist)
    return {
        "appointment": found,
        "starts": found.starts_at.astimezone(zone),
        "zone": times.zone_in_full(found.starts_at, zone),
        "minutes": found.minutes,
        "people": [
            {
                "name": each.name,
                "state": JURISDICTIONS.get(each.jurisdiction or "", ""),
                "zone": _their(found, each),
                "known": MET if each.client_id in met else NEW,
            }
            for each in found.seats
        ],
        "for_whom": FOR_WHOM.get(found.service.open_to, ""),
        "asked": times.say_briefly(found.created_at, zone),
        "expires": times.say_briefly(found.expires_at, zone) if found.expires_at is not None else "",
        "left": _left(found.expires_at, now=now),
    }


def _their(found: Appointment, attendee: Any) -> str:
    """The start as the client's clock shows it, where that differs."""
    zone = walltime.zone(attendee.timezone)
    differs = times.differ(found.starts_at, zone, zone_of(found.therapist))
    return times.say_briefly(found.starts_at, zone) if differs else ""


def _left(expires_at: datetime | None, *, now: datetime) -> str:
    """How long there is to answer, in whole hours; minutes when it is urgent."""
    if expires_at is None:
        return ""
    seconds = max((expires_at - now).total_seconds(), 0)
    if seconds < HOUR:
        return words.counted(int(seconds // 60), "minute")
    return words.counted(int(seconds // HOUR), "hour")
