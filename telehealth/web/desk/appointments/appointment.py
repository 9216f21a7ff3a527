"""One appointment: its facts, what was said about it, what was done to it, joining and cancelling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.appointments import explaining
from telehealth.domain.appointments.joining import Door
from telehealth.domain.appointments.policies import Freedom
from telehealth.domain.appointments.states import ACTIVE, possible_corrections, possible_statuses
from telehealth.domain.errors import NotAllowed, NotFound
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.late import Library
from telehealth.models import Appointment, Attendee, Caller, Message
from telehealth.queries.appointments.appointments import find_appointment, list_messages
from telehealth.queries.appointments.leaving import goes_on_without
from telehealth.queries.appointments.licences import find_unfit
from telehealth.queries.practice.clients import list_companions_of
from telehealth.queries.series.occurrences import find_occurrence
from telehealth.services.appointments.attending import record_therapist_entered
from telehealth.services.appointments.cancelling import cancel_appointment
from telehealth.services.consent.link_ending import end_links_of_appointment
from telehealth.services.inbox.alert_looks import see_appointments
from telehealth.web import terms
from telehealth.web.acting import by_staff, viewer
from telehealth.web.desk import history, words
from telehealth.web.desk.appointments.met_times import show_met
from telehealth.web.desk.appointments.next_time import list_next_links
from telehealth.web.desk.appointments.video_choice import look_for_way, show_choices_of
from telehealth.web.desk.calendars.seen_changes import say_where_it_stands
from telehealth.web.desk.clients import contact_marks
from telehealth.web.desk.frame import blueprint, current, is_own, only_looks_on, zone_of
from telehealth.web.desk.messages.message_lines import shown
from telehealth.web.form_reader import FormReader

if TYPE_CHECKING:
    from telehealth.queries.video import doors
    from telehealth.queries.video import whereabouts as answers
    from telehealth.queries.video.whereabouts import SaidWhere
else:
    doors = Library("telehealth.queries.video.doors")
    answers = Library("telehealth.queries.video.whereabouts")

LONGEST_REASON = 500
MESSAGES_IN_VIEW = 3
"""Messages that are in view at once; the others stand behind one press."""
LINKS_ENDED = (
    "The links to this appointment are ended. It stays as it is, and nothing new is sent by this: the next message has "
    "a new link, and you can send one again below."
)
BOOKED, OFF = AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED


@blueprint.get("/appointments/<public_id>")
@access.staff_and(*access.LOOKING_ON)
def appointment(public_id: str) -> ResponseReturnValue:
    """Everything about one appointment, or its facts for whoever only looks on. Raises NotFound for anybody else's."""
    found = find_on_desk(public_id)
    if only_looks_on():
        facts = show_facts_of(found, now=clock.now()) | show_met(found, now=clock.now())
        return render_template("desk/appointment_facts.html", **facts)
    if see_appointments([found], by=by_staff(), now=clock.now()):
        found = find_on_desk(public_id)
    return show_appointment(found)


@blueprint.get("/appointments/<public_id>/join")
@access.staff()
def appointment_join(public_id: str) -> ResponseReturnValue:
    """Send the therapist into the virtual room while it is open. Raises NotFound, NotAllowed."""
    found = find_on_desk(public_id)
    if found.mode != Mode.VIRTUAL:
        raise NotFound
    if not is_own(found):
        raise NotAllowed("Only the therapist of this appointment may enter its room.")
    closed = _why_closed(found, now=clock.now())
    if closed:
        flash(closed, "info")
        return redirect(url_for("desk.appointment", public_id=public_id))
    url, page = look_for_way(found, name=_own_name(found))
    if page is not None:
        return page
    if url is None:
        return redirect(url_for("desk.appointment_room", public_id=public_id))
    record_therapist_entered(practice_id=found.practice_id, appointment_id=found.id, by=by_staff(), now=clock.now())
    response = redirect(url)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/appointments/<public_id>/cancel")
@access.staff()
def appointment_cancel_review(public_id: str) -> ResponseReturnValue:
    """Review before cancelling, all of it or with ``?seat=`` for one client: who will be told, and what happens."""
    found = find_on_desk(public_id)
    return _review(found, _seat(found))


@blueprint.post("/appointments/<public_id>/cancel")
@access.staff()
def appointment_cancel(public_id: str) -> ResponseReturnValue:
    """Cancel, with a reason that only staff can read, and a few words to the client."""
    found = find_on_desk(public_id)
    seat = _seat(found)
    typed = FormReader(request.form)
    reason = typed.line("reason", longest=LONGEST_REASON)
    message = typed.line("message", longest=LONGEST_REASON)
    if typed.problems:
        return _review(found, seat, problems=typed.problems), HTTPStatus.UNPROCESSABLE_ENTITY
    cancel_appointment(
        practice_id=found.practice_id,
        appointment_id=found.id,
        attendee_id=seat.id if seat is not None else None,
        by=by_staff(),
        reason=reason,
        message=message,
        asked_by_client=typed.is_ticked("asked_by_client"),
        late="late" in request.form,
        now=clock.now(),
    )
    flash(_cancelled(found, seat), "success")
    return redirect(url_for("desk.appointment", public_id=public_id))


@blueprint.post("/appointments/<public_id>/links/end")
@access.staff()
def appointment_links_end(public_id: str) -> ResponseReturnValue:
    """End the links that clients were sent about it, or with ``?seat=`` those of one. Raises NotFound."""
    found = find_on_desk(public_id)
    seat = seat_named(found, request.args.get("seat"))
    end_links_of_appointment(
        practice_id=found.practice_id,
        appointment_id=found.id,
        attendee_id=seat.id if seat is not None else None,
        by=by_staff(),
        now=clock.now(),
    )
    flash(LINKS_ENDED, "success")
    return redirect(url_for("desk.appointment", public_id=public_id))


def find_on_desk(public_id: str) -> Appointment:
    """The appointment, when it may be seen at this desk. Raises NotFound."""
    desk = current()
    return find_appointment(desk.practice.id, public_id, therapist_id=desk.only_therapist)


def seat_named(found: Appointment, public_id: str | None) -> Attendee | None:
    """One client's seat; None when none is named. Raises NotFound for somebody else's."""
    if not public_id:
        return None
    for each in found.attendees:
        if each.public_id == public_id:
            return each
    raise NotFound


def show_appointment(found: Appointment, problems: dict[str, str] | None = None) -> str:
    """The page of an appointment, with what was typed into it when something was wrong with that."""
    page = show_facts_of(found, now=clock.now())
    page |= show_choices_of(found) | show_met(found, now=clock.now())
    return render_template("desk/appointment.html", **page, problems=problems or {}, form=request.form)


def _seat(found: Appointment) -> Attendee | None:
    """Whose seat is meant; the only one there is means the whole appointment, unless it is one of a group's."""
    seat = seat_named(found, request.args.get("seat"))
    is_alone = seat is not None and found.seats == [seat] and not found.service.is_group
    return None if is_alone else seat


def _review(found: Appointment, seat: Attendee | None, *, problems: dict[str, str] | None = None) -> str:
    now = clock.now()
    return render_template(
        "desk/cancel.html",
        **show_facts_of(found, now=now),
        seat=seat,
        goes_on=seat is not None and goes_on_without(found, seat),
        is_late=_is_late(found, now=now),
        told_in=words.soon(found.practice.grace_minutes),
        form=request.form,
        problems=problems or {},
    )


def _is_late(found: Appointment, *, now: datetime) -> bool:
    """Whether the terms agreed to would call it late if the client cancelled now."""
    free = found.freedom(now=now)
    return free in (Freedom.LATE, Freedom.CALL)


def _cancelled(found: Appointment, seat: Attendee | None) -> str:
    told = f"Whoever knew of it is told {words.soon(found.practice.grace_minutes)}."
    if found.status != OFF and seat is not None:
        return f"{seat.name} is off the list. The appointment goes on for the others. {told}"
    return f"The appointment is cancelled, and the time is free again. {told}"


def _own_name(found: Appointment) -> str:
    """The name of whoever of the therapists is signed in."""
    return next(each.name for each in found.therapists if each.user_id == viewer.id)


def _why_closed(found: Appointment, *, now: datetime) -> str:
    """Why the room cannot be entered now; empty when it can."""
    if found.status == OFF:
        return "This appointment is cancelled, so its room stays closed."
    match doors.find_door(found, now=now):
        case Door.NOT_YET:
            return f"The room opens at {times.say_time(found.room_opens_at, _zone(found))}."
        case Door.OVER:
            return "This appointment is over, so its room is closed."
        case _:
            return ""


def _zone(found: Appointment) -> ZoneInfo:
    return zone_of(found.therapist)


def show_facts_of(found: Appointment, *, now: datetime) -> dict[str, Any]:
    """What the page of an appointment, and those that lead from it, say of it."""
    zone = _zone(found)
    said = list_messages(found.id)
    date = find_occurrence(found.id)
    reached = contact_marks.describe_reach(found.practice_id, found.attendees)
    companions = list_companions_of({each.client_id for each in found.attendees})
    acting = [each for each in companions if each.ended_at is None and each.is_known]
    return {
        "appointment": found,
        "starts": found.starts_at.astimezone(zone),
        "minutes": found.minutes,
        "appointment_zone": times.zone_in_full(found.starts_at, zone),
        "venue": _elsewhere(found, walltime.zone(found.timezone)),
        "attendees": [
            _attendee(found, each, said, now=now)
            | reached[each.id]
            | {"companions": [c for c in acting if c.client_id == each.client_id]}
            for each in found.attendees
        ],
        "door": doors.find_door(found, now=now),
        "at_door": list_at_door(found, now=now),
        "opens_at": found.room_opens_at.astimezone(zone),
        "opens_minutes": found.practice.room_opens_minutes,
        "now": now,
        "is_own": is_own(found),
        "is_ahead": found.is_ahead(now=now),
        "may_ask": may_be_asked(found, now=now),
        "may_be_called_off": found.is_ahead(now=now) or found.is_asked_to_move,
        "asked": _asked(found, zone),
        "next_links": list_next_links(found, now=now),
        "steps": list_steps(found.status, found, now=now),
        "corrections": _corrections(found, now=now),
        "waits": found.awaits_answer(now=now),
        "expires": times.say_briefly(found.expires_at, zone) if found.expires_at is not None else "",
        "rooms": _rooms(found),
        "series": date.series if date is not None else None,
        "terms": terms.say_terms(found.policy),
        "unlicensed": [
            words.say_unlicensed(each.therapist.name, each.jurisdiction) for each in find_unfit(found, now=now)
        ],
        "said_where": list_said_where(found),
        "set_aside": explaining.say_overridden(found.overrides),
        "stands_in": say_where_it_stands(found),
        "messages": [shown(each, zone) for each in said],
        "in_view": MESSAGES_IN_VIEW,
        "history": list(history.lines(found, zone, {each.public_id: each.name for each in companions})),
        "words": words,
    }


def list_said_where(found: Appointment) -> Sequence[SaidWhere]:
    """Where its clients said they are; nobody is asked but before video."""
    return answers.list_said(found) if found.mode == Mode.VIRTUAL else []


def list_at_door(found: Appointment, *, now: datetime) -> list[str]:
    """Who waits in our own video room while it is open, and since when: one sentence each."""
    is_open = found.mode == Mode.VIRTUAL and doors.find_door(found, now=now) == Door.OPEN
    waiting = doors.list_callers_waiting([found.id], now=now).get(found.id, []) if is_open else []
    return [_say_waits(each, _zone(found)) for each in waiting]


def _say_waits(caller: Caller, zone: ZoneInfo) -> str:
    said = f"{caller.name} waits in the video room since {times.say_time(caller.came_at, zone)}"
    return f"{said}, and cannot speak freely." if caller.cannot_speak else f"{said}."


def _asked(found: Appointment, zone: ZoneInfo) -> str:
    """Since when its clients are asked to choose another time; empty when they are not."""
    asked_at = found.asked_to_move_at if found.is_asked_to_move else None
    return times.say_briefly(asked_at, zone) if asked_at is not None else ""


def list_steps(status: AppointmentStatus, found: Appointment, *, now: datetime) -> list[tuple[str, str]]:
    """What can be recorded next, as buttons. Nobody misses what they were asked to move."""
    possible = possible_statuses(status, starts_at=found.starts_at, ends_at=found.ends_at, now=now)
    missed = {AppointmentStatus.NOSHOW} if found.is_asked_to_move else set()
    return [(each.value, words.STEPS[each]) for each in possible if each in words.STEPS and each not in missed]


def may_be_asked(found: Appointment, *, now: datetime) -> bool:
    """Whether its clients can be asked to choose another time."""
    is_ours = found.status != AppointmentStatus.PENDING and not found.service.is_group
    return found.is_ahead(now=now) and is_ours and not found.is_asked_to_move and bool(found.seats)


@dataclass(frozen=True, slots=True)
class Correction:
    """A mistake that can be put right: whose (a seat's public id, or all of it), to which status, and its name."""

    value: str
    text: str


def _corrections(found: Appointment, *, now: datetime) -> list[Correction]:
    def of(status: AppointmentStatus) -> tuple[AppointmentStatus, ...]:
        return possible_corrections(status, starts_at=found.starts_at, ends_at=found.ends_at, now=now)

    whole = [Correction(each.value, words.STATUSES[each]) for each in of(found.status)]
    if len(found.attendees) == 1:
        return whole
    everybody = [Correction(each.value, f"All of it: {each.text}") for each in whole]
    return everybody + [
        Correction(f"{wanted.value} {each.public_id}", f"{each.name}: {words.STATUSES[wanted]}")
        for each in found.attendees
        if each.status != found.status
        for wanted in of(each.status)
    ]


def _rooms(found: Appointment) -> list[tuple[str, str]]:
    """The rooms of its place, when it is still to take place there."""
    if found.mode != Mode.IN_PERSON or found.location is None or found.status not in ACTIVE:
        return []
    open_ones = found.location.open_rooms
    own = [found.room] if found.room is not None and found.room not in open_ones else []
    return [(room.public_id, room.name) for room in [*open_ones, *own]]


def _attendee(found: Appointment, attendee: Attendee, said: Sequence[Message], *, now: datetime) -> dict[str, Any]:
    state = attendee.jurisdiction
    is_off = attendee.status == OFF
    return {
        "public_id": attendee.public_id,
        "client": attendee.client,
        "name": attendee.name,
        "booked_by": attendee.booked_by,
        "state": JURISDICTIONS.get(state, state) if state else "",
        "their_time": _elsewhere(found, walltime.zone(attendee.timezone)),
        "status": attendee.status,
        "is_late": attendee.late_cancel,
        "cancel_reason": attendee.cancel_reason,
        "links": _links(found, attendee, said),
        "steps": list_steps(attendee.status, found, now=now) if not is_off else [],
        "may_cancel": not is_off and found.is_ahead(now=now),
        "confirmed": _confirmed(found, attendee),
        "calendar": words.CALENDAR_ANSWERS[attendee.calendar_answer] if attendee.calendar_answer and not is_off else "",
        "may_confirm": _may_confirm(found, attendee, now=now),
    }


def _confirmed(found: Appointment, attendee: Attendee) -> str:
    """When the client said that they will come; empty when they have not, or it does not matter any more."""
    if attendee.confirmed_at is None or attendee.status == OFF:
        return ""
    return times.say_briefly(attendee.confirmed_at, _zone(found))


def _may_confirm(found: Appointment, attendee: Attendee, *, now: datetime) -> bool:
    is_open = attendee.status == BOOKED and attendee.confirmed_at is None
    return is_open and found.is_ahead(now=now) and not found.is_asked_to_move


def _links(found: Appointment, attendee: Attendee, said: Sequence[Message]) -> str:
    """Whether the client's own links were sent, and whether they still do something."""
    if attendee.status == OFF:
        return "Show that it is cancelled"
    own = [each for each in said if each.attendee_id == attendee.id and each.companion_id is None]
    sent = [each.sent_at for each in own if each.sent_at is not None]
    return f"Sent, last {times.say_briefly(max(sent), _zone(found))}" if sent else "Not sent yet"


def _elsewhere(found: Appointment, other: ZoneInfo) -> dict[str, Any] | None:
    """The start in another zone, when clocks there show another time."""
    if not times.differ(found.starts_at, _zone(found), other):
        return None
    return {"at": found.starts_at.astimezone(other), "zone": times.zone_in_full(found.starts_at, other)}
