"""Moving an appointment, by staff: to another time, to somebody else, to another place or way to meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import (
    ImpossibleStatus,
    InvalidInput,
    NeedsReason,
    NotFound,
    ServiceEnded,
    SlotNotOffered,
    SlotTaken,
    TelehealthError,
    TooLate,
)
from telehealth.domain.times import zone_in_full, zone_name
from telehealth.domain.words import Mode
from telehealth.models import Appointment
from telehealth.queries.appointments.slots import offered_by_each
from telehealth.queries.series.occurrences import find_occurrence
from telehealth.services.appointments.moving import Destination, move_appointment
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.appointments import obstacles
from telehealth.web.desk.appointments.appointment import find_on_desk
from telehealth.web.desk.appointments.booking import list_question_choices
from telehealth.web.desk.appointments.free_week import Link, find_desk_week, list_desk_days
from telehealth.web.desk.appointments.obstacles import ShownObstacle, find_obstacles_by_length
from telehealth.web.desk.appointments.slot_search import (
    ANYBODY,
    BEST,
    SlotSearch,
    find_asked_start,
    read_search,
    read_typed_start,
)
from telehealth.web.desk.frame import blueprint, current, zone_of
from telehealth.web.form_reader import FormReader
from telehealth.web.free_times import say_start

NOT_LIKE_THIS = (
    "It could not be moved like this, and stays where it was. What stands in the way is listed below; "
    "nothing you typed is lost."
)
LED_BACK = Markup('{} <a href="{}">Move it back</a>')
REFUSALS = (InvalidInput, NeedsReason, SlotTaken, SlotNotOffered, ServiceEnded, ImpossibleStatus, TooLate)


@blueprint.get("/appointments/<public_id>/move")
@access.staff()
def appointment_move_times(public_id: str) -> ResponseReturnValue:
    """Where it could go: how, with whom, and when that is free."""
    found = find_on_desk(public_id)
    return _ask(found, _question(found), FormReader(request.args))


@blueprint.get("/appointments/<public_id>/move/at")
@access.staff()
def appointment_move_at(public_id: str) -> ResponseReturnValue:
    """A date and a time that were typed: on to what stands in the way."""
    found = find_on_desk(public_id)
    question, typed = _question(found), FormReader(request.args)
    start = read_typed_start(typed, question.zone)
    if question.missing or start is None:
        return _ask(found, question, typed), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(_confirm_link(found)(**question.address(start=say_start(start))))


@blueprint.get("/appointments/<public_id>/move/confirm")
@access.staff()
def appointment_move_review(public_id: str) -> ResponseReturnValue:
    """From where to where, and what stands in the way."""
    found = find_on_desk(public_id)
    question, start = _question(found), find_asked_start(request.args)
    if question.missing or start is None or question.therapist is None:
        return redirect(url_for("desk.appointment_move_times", public_id=public_id))
    return _review(found, question, start)


@blueprint.post("/appointments/<public_id>/move/confirm")
@access.staff()
def appointment_move(public_id: str) -> ResponseReturnValue:
    """Move it, and set aside what was ticked."""
    found = find_on_desk(public_id)
    question, start = _question(found), find_asked_start(request.args)
    if question.missing or start is None or question.therapist is None:
        raise NotFound
    shown = obstacles.find_obstacles(question, start, now=clock.now())
    back = _link_back(found)
    try:
        move_appointment(
            practice_id=found.practice_id,
            appointment_id=found.id,
            to=_destination(found, question, start, shown),
            by=by_staff(),
            now=clock.now(),
        )
    except REFUSALS as refusal:
        return _review(found, question, start, refusal=refusal), refusal.status
    flash(LED_BACK.format(_say_done(question, start), back), "success")
    return redirect(url_for("desk.appointment", public_id=public_id))


@blueprint.get("/appointments/<public_id>/length")
@access.staff()
def appointment_length(public_id: str) -> ResponseReturnValue:
    """How long it could last: every length that its service allows, and what stands in the way of each."""
    found, now = find_on_desk(public_id), clock.now()
    question, lengths = read_search(current(), _as_it_is(found), own=found), list_lengths(found)
    may_change = found.is_ahead(now=now) and not question.missing
    in_the_way = find_obstacles_by_length(question, found.starts_at, lengths, now=now) if may_change else {}
    link = _confirm_link(found)
    return render_template(
        "desk/length.html",
        **_now(found),
        may_change=may_change,
        series=date.series if (date := find_occurrence(found.id)) is not None else None,
        choices=[
            {
                "minutes": each,
                "ends": (found.starts_at + timedelta(minutes=each)).astimezone(zone_of(found.therapist)),
                "in_the_way": shown,
                "is_possible": all(one.may_be_set_aside for one in shown),
                "href": link(**question.address(start=say_start(found.starts_at), minutes=str(each))),
            }
            for each, shown in in_the_way.items()
        ],
    )


def list_lengths(found: Appointment) -> list[int]:
    """The lengths that an appointment can have, and the one it has."""
    return sorted({*found.service.lengths, found.minutes})


def _question(found: Appointment) -> SlotSearch:
    """What the address says, and what the appointment is where it says nothing."""
    asked = {name: request.args.get(name, value) for name, value in _as_it_is(found).items()}
    return read_search(current(), asked, own=found)


def _link_back(found: Appointment) -> str:
    """The page that shows what it means to have it as it is now."""
    question = read_search(current(), _as_it_is(found), own=found)
    as_it_is = question.address(start=say_start(found.starts_at), minutes=str(found.minutes))
    return _confirm_link(found)(**as_it_is)


def _say_done(question: SlotSearch, start: datetime) -> str:
    if "length_only" not in request.form:
        return f"Moved. {words.told(start, question.practice.grace_minutes, now=clock.now())}"
    if not FormReader(request.form).is_ticked("tell"):
        return "Changed. The client is not told by us, so please tell them."
    return f"Changed. {words.told(start, question.practice.grace_minutes, now=clock.now())}"


def _as_it_is(found: Appointment) -> dict[str, str]:
    states = (each.jurisdiction for each in found.attendees if each.jurisdiction)
    return {
        "who": found.therapist.public_id,
        "co": found.co_therapist.public_id if found.co_therapist is not None else "",
        "mode": found.mode.value,
        "place": found.location.public_id if found.location is not None else "",
        "state": next(states, ""),
        "minutes": "",
    }


def find_free_places(
    found: Appointment, since: datetime, until: datetime, *, now: datetime
) -> dict[int, list[tuple[datetime, str]]]:
    """Where an appointment could go as it is, by therapist: each start with the page that shows what it means. Nothing
    for a group and for what two give together.
    """
    question = read_search(current(), _as_it_is(found), own=found)
    if question.missing or found.service.is_group or found.service.therapists_needed > 1:
        return {}
    query = replace(question.query(since, until), therapist_id=None)
    link = _confirm_link(found)
    by_id = {each.id: each for each in question.therapists}
    return {
        key: [
            (start, link(**question.with_therapist(by_id[key]).address(start=say_start(start))))
            for start in starts
            if (start, key) != (found.starts_at, found.therapist_id)
        ]
        for key, starts in offered_by_each(query, now=now).items()
        if key in by_id
    }


def _ask(found: Appointment, question: SlotSearch, typed: FormReader) -> str:
    now = clock.now()
    asked = "ask" in request.args or "day" in request.args
    wanted = typed.text("week") or found.starts_at.astimezone(question.zone).date().isoformat()
    week = find_desk_week(question, wanted, now=now) if not question.missing else None
    choices = list_question_choices(question)
    return render_template(
        "desk/move.html",
        **_now(found),
        may_move=found.is_ahead(now=now),
        question=question,
        asked=asked,
        problems={**(question.missing if asked else {}), **typed.problems},
        fields={**choices, "therapists": [each for each in choices["therapists"] if each[0] not in _UNNAMED]},
        week=week,
        days=list_desk_days(question, week, _confirm_link(found)) if week is not None else [],
        keep=question.address(),
        typed=request.args,
        zone_of_times=zone_name(question.zone),
        pager_url=lambda day: _week_link(found, question, day.isoformat()),
    )


_UNNAMED = (ANYBODY, BEST)
"""Whoever moves an appointment by hand says with whom: the client knows their therapist."""


def _now(found: Appointment) -> dict[str, Any]:
    """The appointment as it is."""
    zone = zone_of(found.therapist)
    return {
        "appointment": found,
        "starts": found.starts_at.astimezone(zone),
        "minutes": found.minutes,
        "appointment_zone": zone_in_full(found.starts_at, zone),
        "words": words,
    }


def _review(
    found: Appointment, question: SlotSearch, start: datetime, *, refusal: TelehealthError | None = None
) -> str:
    shown = obstacles.find_obstacles(question, start, now=clock.now())
    problems, sentence = _problems(refusal)
    return render_template(
        "desk/move_confirm.html",
        **_now(found),
        question=question,
        new_starts=start.astimezone(question.zone),
        new_ends=(start + timedelta(minutes=question.minutes)).astimezone(question.zone),
        length_only=_is_length_only(found, question, start),
        new_zone=zone_in_full(start, question.zone),
        with_whom=words.listed([each.name for each in (question.therapist, question.co_therapist) if each is not None]),
        until_now=words.listed([each.name for each in found.therapists]),
        needs_phone=question.mode == Mode.PHONE and any(each.phone is None for each in found.seats),
        in_the_way=shown,
        ticked={each.value for each in obstacles.read_waived(request.form, shown)},
        form=request.form,
        problems=problems,
        sentence=sentence,
        told=words.soon(found.practice.grace_minutes),
        back=_week_link(found, question, start.astimezone(question.zone).date().isoformat()),
    )


def _is_length_only(found: Appointment, question: SlotSearch, start: datetime) -> bool:
    """Whether nothing but its length would be another one."""
    query = question.query(start)
    there = (start, query.mode, query.location_id, query.therapist_id, query.co_therapist_id)
    here = (found.starts_at, found.mode, found.location_id, found.therapist_id, found.co_therapist_id)
    return here == there and question.minutes != found.minutes


def _week_link(found: Appointment, question: SlotSearch, week: str) -> str:
    """The page of times, as it was asked for, in the week of a date."""
    given = {name: value for name, value in question.address(week=week).items() if name != "service"}
    return url_for("desk.appointment_move_times", public_id=found.public_id, **given, _anchor="times")


def _problems(refusal: TelehealthError | None) -> tuple[dict[str, str], str]:
    if refusal is None:
        return {}, ""
    if isinstance(refusal, InvalidInput):
        return refusal.fields, ""
    if isinstance(refusal, NeedsReason):
        return {"reason": str(refusal)}, ""
    return {}, NOT_LIKE_THIS if isinstance(refusal, SlotTaken | SlotNotOffered) else str(refusal)


def _destination(found: Appointment, question: SlotSearch, start: datetime, shown: list[ShownObstacle]) -> Destination:
    query, typed = question.query(start), FormReader(request.form)
    in_person = query.mode == Mode.IN_PERSON
    known = {each.jurisdiction for each in found.seats}
    return Destination(
        starts_at=start,
        mode=query.mode,
        therapist=question.therapist.public_id if question.therapist is not None else None,
        co_therapist=question.co_therapist.public_id if question.co_therapist is not None else None,
        location=question.place.public_id if in_person and question.place is not None else None,
        # Everybody of a couple is where they were, unless somebody says otherwise.
        jurisdiction=None if in_person or question.state in known else question.state,
        phone=typed.text("phone") or None,
        waived=obstacles.read_waived(request.form, shown),
        reason=typed.text("reason"),
        minutes=question.length,
        tells_clients="length_only" not in request.form or typed.is_ticked("tell"),
    )


def _confirm_link(found: Appointment) -> Link:
    def link(**given: Any) -> str:
        given.pop("service", None)
        return url_for("desk.appointment_move_review", public_id=found.public_id, **given)

    return link
