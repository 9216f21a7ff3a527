"""One appointment: its facts, what was said about it, what was done to it, joining and cancelling."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from telehealth import clock
from telehealth.domain import access, joining, times, walltime
from telehealth.domain.appointment_states import STEPS
from telehealth.domain.contact import clean_line
from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound
from telehealth.domain.joining import Door
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.ports import Gateways, Guest, Room
from telehealth.domain.words import Actor, AppointmentStatus, Mode
from telehealth.models import Appointment, Attendee, Message
from telehealth.queries import appointments, staff
from telehealth.services import appointments as booking
from telehealth.services.appointments import By
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, current, is_own, zone_of
from telehealth.web.shown_times import full_zone

LONGEST_REASON = 500
SECRET_LINK = re.compile(r"(/[mj]/)[\w.~-]+")
"""The client's own links open the appointment and its room without a password: staff read the words, not the keys."""


@blueprint.get("/appointments/<public_id>")
@access.staff()
def appointment(public_id: str) -> ResponseReturnValue:
    """Everything about one appointment. Raises NotFound for anybody else's."""
    found = _find(public_id)
    return render_template("desk/appointment.html", **_page(found, now=clock.now()))


@blueprint.get("/appointments/<public_id>/join")
@access.staff()
def appointment_join(public_id: str) -> ResponseReturnValue:
    """Send the therapist into the virtual room while it is open. Raises NotFound, NotAllowed."""
    found = _find(public_id)
    if found.mode != Mode.VIRTUAL:
        raise NotFound
    if not is_own(found):
        raise NotAllowed("Only the therapist of this appointment may enter its room.")
    closed = _why_closed(found, now=clock.now())
    if closed:
        flash(closed, "info")
        return redirect(url_for("desk.appointment", public_id=public_id))
    gateways: Gateways = current_app.extensions["gateways"]
    guest = Guest(display_name=found.therapist.name, is_therapist=True)
    response = redirect(gateways.video.join_url(_room(found), guest))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/appointments/<public_id>/cancel")
@access.staff()
def appointment_cancel(public_id: str) -> ResponseReturnValue:
    """Review before cancelling: who will be told, and what happens."""
    return _review(_find(public_id))


@blueprint.post("/appointments/<public_id>/cancel")
@access.staff()
def appointment_cancelled(public_id: str) -> ResponseReturnValue:
    """Cancel, with a reason that only staff can read."""
    found = _find(public_id)
    reason = request.form.get("reason", "")
    try:
        cleaned = _reason(reason)
    except InvalidInput as problem:
        return _review(found, reason=reason, problems=problem.fields), problem.status
    by = By(Actor.STAFF, current_user.id)
    booking.cancel(practice_id=found.practice_id, appointment_id=found.id, by=by, reason=cleaned, now=clock.now())
    flash("The appointment is cancelled. Everybody is being told, and the time is free again.", "success")
    return redirect(url_for("desk.appointment", public_id=public_id))


def _find(public_id: str) -> Appointment:
    desk = current()
    return appointments.by_public_id(desk.practice.id, public_id, therapist_id=desk.only_therapist)


def _reason(given: str) -> str:
    try:
        return clean_line(given.replace("\r", "").replace("\n", " "), longest=LONGEST_REASON)
    except ValueError as problem:
        raise InvalidInput({"reason": str(problem)}) from problem


def _review(found: Appointment, *, reason: str = "", problems: dict[str, str] | None = None) -> str:
    page = _page(found, now=clock.now())
    return render_template("desk/cancel.html", **page, reason=reason, problems=problems or {})


def _why_closed(found: Appointment, *, now: datetime) -> str:
    """Why the room cannot be entered now; empty when it can."""
    if found.status == AppointmentStatus.CANCELLED:
        return "This appointment is cancelled, so its room stays closed."
    match joining.door(found.starts_at, found.ends_at, now=now):
        case Door.NOT_YET:
            return f"The room opens at {times.say_time(joining.opens_at(found.starts_at), _zone(found))}."
        case Door.OVER:
            return "This appointment is over, so its room is closed."
        case _:
            return ""


def _room(found: Appointment) -> Room:
    return Room(
        name=found.video_name,
        fixed_link=found.therapist.video_url,
        opens_at=joining.opens_at(found.starts_at),
        closes_at=found.ends_at,
    )


def _zone(found: Appointment) -> ZoneInfo:
    return zone_of(found.therapist)


def _page(found: Appointment, *, now: datetime) -> dict[str, Any]:
    zone = _zone(found)
    may_cancel = AppointmentStatus.CANCELLED in STEPS[found.status] and now < found.starts_at
    return {
        "appointment": found,
        "starts": found.starts_at.astimezone(zone),
        "minutes": int((found.ends_at - found.starts_at).total_seconds() // 60),
        "appointment_zone": full_zone(found.starts_at, zone),
        "venue": _elsewhere(found, walltime.zone(found.timezone)),
        "attendees": [_attendee(found, each) for each in found.attendees],
        "door": joining.door(found.starts_at, found.ends_at, now=now),
        "opens_at": joining.opens_at(found.starts_at).astimezone(zone),
        "now": now,
        "is_own": is_own(found),
        "may_cancel": may_cancel,
        "messages": [_message(found, each, zone) for each in appointments.messages(found.id)],
        "history": list(_history(found, zone)),
        "words": words,
    }


def _attendee(found: Appointment, attendee: Attendee) -> dict[str, Any]:
    state = attendee.jurisdiction
    return {
        "name": attendee.name,
        "email": attendee.email,
        "phone": attendee.phone,
        "takes_texts": attendee.text_consent_at is not None and attendee.phone is not None,
        "state": JURISDICTIONS.get(state, state) if state else "",
        "their_time": _elsewhere(found, walltime.zone(attendee.timezone)),
    }


def _elsewhere(found: Appointment, other: ZoneInfo) -> dict[str, Any] | None:
    """The start in another zone, when clocks there show another time."""
    if not times.differ(found.starts_at, _zone(found), other):
        return None
    return {"at": found.starts_at.astimezone(other), "zone": full_zone(found.starts_at, other)}


def _message(found: Appointment, row: Message, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "title": words.message(row),
        "channel": words.CHANNELS[row.channel],
        "to": row.attendee.name if row.attendee is not None else found.therapist.name,
        "status": row.status,
        "planned_for": times.say_briefly(row.planned_for, zone),
        "sent_at": times.say_briefly(row.sent_at, zone) if row.sent_at is not None else "",
        "reason": row.reason,
        "error_code": row.error_code,
        "subject": row.subject,
        "body": SECRET_LINK.sub(r"\1…", row.body),
        "reports": [
            (times.say_briefly(event.received_at, zone), event.provider_status, event.error_code)
            for event in row.events
        ],
    }


def _history(found: Appointment, zone: ZoneInfo) -> Iterator[str]:
    """The audit as sentences: "Booked by the client, Mon, Nov 23 at 9:00 AM MST"."""
    names = staff.names(found.practice_id, {event.user_id for event in found.events if event.user_id is not None})
    for event in found.events:
        action = words.ACTIONS.get(event.action, event.action.replace("_", " ").capitalize())
        by = names.get(event.user_id or 0) or words.ACTORS[event.actor]
        yield f"{action} by {by}, {times.say_briefly(event.at, zone)}"
