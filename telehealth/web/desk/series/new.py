"""Setting up a standing slot: what it is, then every date with what is in its way, then it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.contact import Contact
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.series.patterns import Plan, PlannedDate
from telehealth.domain.words import Mode, OccurrenceStatus
from telehealth.models import Appointment, Location, Series, Service, Therapist
from telehealth.queries.practice.clients import client_ids_by_match_key
from telehealth.queries.practice.practices import (
    find_service,
    find_therapist,
    list_locations,
    list_services,
    list_therapists,
)
from telehealth.queries.series.date_verdicts import SlotMember, preview_dates, slot_of_plan
from telehealth.queries.series.standing_slots import list_dates
from telehealth.services.series.making import create_series, set_aside_guardian
from telehealth.web.acting import by_staff
from telehealth.web.desk import series_words, words
from telehealth.web.desk.appointments import attendee_forms
from telehealth.web.desk.appointments.appointment import LONGEST_REASON, find_on_desk
from telehealth.web.desk.clients import finding
from telehealth.web.desk.frame import PUBLIC_ID, blueprint, current, require_id, with_therapist
from telehealth.web.desk.words import iso
from telehealth.web.form_reader import FormReader

CHOICE = "choice-"
"""What begins the name of a field that says what happens to a date; the rest is the date."""
MOST_BLOCKS = 2
ENDS = (("never", "Until further notice"), ("until", "Until a date"), ("count", "After a number of dates"))
FIELDS = {"clients": "name-1", "jurisdiction": "jurisdiction-1", "name": "name-1", "timezone": "local_time"}
"""Names of the service's fields where the form calls them otherwise."""


@blueprint.get("/series/new")
@access.staff()
@with_therapist
def series_new(therapist: Therapist) -> ResponseReturnValue:
    """Choose a service, then say who meets when; ``?after=`` an appointment fills in what that one was."""
    if request.args.get("after"):
        return _after(find_on_desk(require_id(request.args["after"])))
    wanted = request.args.get("service", "")
    if not wanted:
        return render_template("desk/series_service.html", services=_services(therapist), words=words)
    service = _service(wanted)
    first_mode = service.modes[0]
    return _form(service, MultiDict([("giver", therapist.public_id), ("mode", first_mode), ("ends", "never")]), {})


@blueprint.post("/series/preview")
@access.staff()
@with_therapist
def series_preview(_therapist: Therapist) -> ResponseReturnValue:
    """Every date of what was typed, with what is in its way; or back to the form."""
    form = request.form
    service = _service(form.get("service", ""))
    if form.get("back") or finding.was_asked(form):
        return _form(service, form, {})
    try:
        plan, contacts = _typed(form, service)
        dates = _dates(plan, contacts, _guardian_reason(form))
    except InvalidInput as problem:
        return _form(service, form, problem.fields), problem.status
    zone = walltime.zone(plan.timezone)
    return render_template(
        "desk/series_preview.html",
        kept=attendee_forms.list_typed_fields(form, leave_out=(name for name in form if name.startswith(CHOICE))),
        title=f"{words.WEEKDAYS[plan.starts_on.weekday()]}s at {words.clock_time(plan.local_time)}",
        rhythm=_rhythm(plan),
        who=words.listed([each.name for each in contacts]),
        service=service,
        length=plan.minutes or service.duration_minutes,
        slot_zone=times.zone_name(zone),
        rows=[_row(each, zone, _name_of(plan)) for each in dates],
        stuck=sum(bool(each.obstacles) for each in dates),
        later=series_words.LATER,
        words=words,
    )


@blueprint.post("/series/new")
@access.staff()
@with_therapist
def series_add(_therapist: Therapist) -> ResponseReturnValue:
    """Set it up, with what was decided for each date."""
    form = request.form
    service = _service(form.get("service", ""))
    try:
        plan, contacts = _typed(form, service)
        made = create_series(
            practice_id=current().practice.id,
            plan=plan,
            contacts=contacts,
            choices=_choices(form),
            guardian_reason=_guardian_reason(form),
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _form(service, form, problem.fields), problem.status
    flash(_said(made), "success")
    return redirect(url_for("desk.series_one", public_id=made.public_id))


def _after(found: Appointment) -> str:
    """The form with the same people, way and wall time, every week from the week after it on."""
    if found.service.is_group or found.service.ended_at is not None:
        raise NotFound
    filled = [
        ("giver", found.therapist.public_id),
        ("co_therapist", found.co_therapist.public_id if found.co_therapist is not None else ""),
        ("mode", found.mode.value),
        ("minutes", str(found.minutes)),
        ("location", found.location.public_id if found.location is not None else ""),
        ("starts_on", iso(found.local_start.date() + timedelta(weeks=1))),
        ("local_time", iso(found.local_start.time())),
        ("ends", "never"),
    ]
    for number, seat in enumerate(found.seats[: blocks(found.service)], 1):
        filled += [(f"known-{number}", seat.client.public_id), (f"jurisdiction-{number}", seat.jurisdiction or "")]
    return _form(found.service, MultiDict(filled), {})


def _said(made: Series) -> str:
    """What became of the dates."""
    states = [each.status for each in list_dates(made, since=made.created_at, limit=1_000)]
    booked, stuck = states.count(OccurrenceStatus.BOOKED), states.count(OccurrenceStatus.CONFLICT)
    appointments = words.counted(booked, "appointment")
    said = f"{series_words.title(made)} is set up. {appointments} booked so far, more as time goes on."
    return f"{said} {words.counted(stuck, 'date')} still to decide." if stuck else said


def _services(therapist: Therapist) -> list[Service]:
    given = [each for each in list_services(therapist.practice_id) if each in therapist.services]
    return [*given, *(each for each in list_services(therapist.practice_id) if each not in given)]


def _service(public_id: str) -> Service:
    if not PUBLIC_ID.fullmatch(public_id):
        raise NotFound
    return find_service(current().practice.id, public_id)


def givers(service: Service) -> Sequence[Therapist]:
    """The therapists whom this person may set up a slot for."""
    desk = current()
    everybody = list_therapists(desk.practice.id, service_id=service.id)
    return [each for each in everybody if desk.only_therapist in (None, each.id)]


def blocks(service: Service) -> int:
    """How many people the form asks for: in a group they are added afterwards."""
    return 0 if service.is_group else min(service.capacity, MOST_BLOCKS)


def _form(service: Service, values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    desk = current()
    zone = desk.therapist.timezone if desk.therapist is not None else desk.practice.timezone
    return render_template(
        "desk/series_form.html",
        service=service,
        values=values,
        problems={FIELDS.get(name, name): sentence for name, sentence in problems.items()},
        therapists=[(each.public_id, each.name) for each in givers(service)],
        colleagues=[(each.public_id, each.name) for each in list_therapists(desk.practice.id, service_id=service.id)],
        places=[(each.public_id, each.name) for each in list_locations(desk.practice.id)],
        modes=[(mode, words.MODES[Mode(mode)]) for mode in service.modes],
        blocks=blocks(service),
        offer=attendee_forms.list_choices(desk, zone, values, number=blocks(service)),
        ends=ENDS,
        rhythms=series_words.RHYTHMS,
        lengths=series_words.list_lengths(service),
        words=words,
    )


def _typed(form: MultiDict[str, str], service: Service) -> tuple[Plan, list[Contact]]:
    """What was typed. Raises InvalidInput with everything that is wrong."""
    typed, number = FormReader(form), blocks(service)
    plan, contacts = None, None
    with typed.noting():
        plan = _plan(form, service)
    mode = Mode(form["mode"]) if form.get("mode") in service.modes else Mode.VIRTUAL
    with typed.noting():
        contacts = attendee_forms.read_contacts(form, current(), number=number, mode=mode, needed=number > 0)
    typed.refuse()
    assert plan is not None and contacts is not None  # noqa: S101, PT018 -- refused above
    return plan, contacts


def _plan(form: MultiDict[str, str], service: Service) -> Plan:
    typed = FormReader(form)
    therapist = typed.row("giver", givers(service), "Please choose a therapist.")
    place = _place(typed) if form.get("mode") == Mode.IN_PERSON else None
    second = _second(typed, service) if service.therapists_needed > 1 else None
    mode = typed.word("mode", Mode, "Please choose how to meet.")
    starts_on = typed.day("starts_on", "Please choose the first date.")
    local_time = typed.clock("local_time", "Please choose a time, for example 3:00 PM.")
    every_weeks, week_of_month = series_words.read_how_often(typed, starts_on)
    ends = typed.text("ends")
    until = typed.day("until", "Please choose the last date.") if ends == "until" else None
    count = typed.number("count", "Please enter a whole number, for example 10.") if ends == "count" else None
    minutes = series_words.read_length(typed, service)
    typed.refuse()
    assert therapist is not None and mode is not None and starts_on is not None  # noqa: S101, PT018 -- refused above
    assert local_time is not None  # noqa: S101 -- refused above
    return Plan(
        service=service.public_id,
        therapist=therapist.public_id,
        mode=mode,
        location=place.public_id if place is not None else None,
        co_therapist=second.public_id if second is not None else None,
        timezone=place.timezone if place is not None else therapist.timezone,
        local_time=local_time,
        starts_on=starts_on,
        every_weeks=every_weeks or 1,
        week_of_month=week_of_month,
        until=until,
        count=count,
        minutes=minutes,
    )


def _second(typed: FormReader, service: Service) -> Therapist | None:
    everybody = list_therapists(service.practice_id, service_id=service.id)
    others = [each for each in everybody if each.public_id != typed.text("giver")]
    return typed.row("co_therapist", others, "Please choose another therapist for the two.")


def _place(typed: FormReader) -> Location | None:
    return typed.row("location", list_locations(current().practice.id), "Please choose where to meet.")


def _guardian_reason(form: MultiDict[str, str]) -> str:
    """Why nobody has to act for a minor. Raises InvalidInput."""
    typed = FormReader(form)
    reason = typed.line("guardian_reason", longest=LONGEST_REASON)
    typed.refuse()
    return reason


def _dates(plan: Plan, contacts: Sequence[Contact], guardian_reason: str) -> list[PlannedDate]:
    """The dates to look at. Raises InvalidInput."""
    practice = current().practice
    known = client_ids_by_match_key(practice.id, [each.match_key for each in contacts])
    if len(known) == len(contacts):
        coming = [SlotMember(known[each.match_key], 0, each.jurisdiction) for each in contacts]
        set_aside_guardian(slot_of_plan(practice.id, plan), coming, guardian_reason, on=plan.starts_on)
    known_first = sorted(contacts, key=lambda each: each.match_key not in known)
    found = preview_dates(
        practice_id=practice.id,
        plan=plan,
        members=[known[each.match_key] for each in known_first if each.match_key in known],
        jurisdictions=[each.jurisdiction for each in known_first if each.jurisdiction],
        now=clock.now(),
    )
    if not found:
        raise InvalidInput({"starts_on": "There is no date ahead. Please choose a first date that is still to come."})
    return found


def _choices(form: MultiDict[str, str]) -> dict[date, datetime | None]:
    """What was decided for dates with something in their way; what is left for later is left out."""
    found: dict[date, datetime | None] = {}
    for name, value in form.items():
        day = _date(name.removeprefix(CHOICE)) if name.startswith(CHOICE) else None
        start = series_words.read_instead(value)
        if day is not None and (start is not None or value == series_words.SKIP):
            found[day] = start
    return found


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _name_of(plan: Plan) -> str:
    return find_therapist(current().practice.id, plan.therapist).name


def _rhythm(plan: Plan) -> str:
    first = f"{series_words.how_often(plan)}, from {words.short_day(plan.starts_on)}"
    if plan.until is not None:
        return f"{first}, until {words.short_day(plan.until)}"
    return f"{first}, {words.counted(plan.count, 'date')}" if plan.count else f"{first}, until further notice"


def _row(each: PlannedDate, zone: Any, therapist_name: str) -> dict[str, Any]:
    return {
        "field": f"{CHOICE}{each.day.isoformat()}",
        "when": times.say_briefly(each.starts_at, zone),
        "reasons": series_words.in_the_way(each.obstacles, therapist_name),
        "options": [
            (series_words.SKIP, "Leave this date out"),
            *series_words.instead(each.alternatives, zone),
            (series_words.LATER, "Decide later"),
        ],
    }
