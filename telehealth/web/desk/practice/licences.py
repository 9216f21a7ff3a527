"""Where a therapist may practise and until when, what is booked beyond that, and how much they take on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.appointments.licences import Basis
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import Role
from telehealth.models import Licence, Therapist
from telehealth.queries.appointments.licences import Uncovered, list_authorities, uncovered_appointments
from telehealth.services.practice.therapists import (
    LIMITS,
    LicenceFacts,
    TherapistLimits,
    add_licence,
    change_limits,
    end_licence,
)
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.frame import Desk, blueprint, current, with_therapist, zone_of
from telehealth.web.desk.words import iso
from telehealth.web.form_reader import FormReader

BASES = {
    Basis.LICENCE: ("Licence", "A licence of that state."),
    Basis.COMPACT: ("Compact", "A privilege under a compact of states, such as PSYPACT. It counts once it is issued."),
    Basis.EXEMPTION: ("Exemption", "For example a rule for clients who are only visiting."),
}
STATES = (("", "Choose a state"), *JURISDICTIONS.items())
SOON = timedelta(days=60)
NO_LIMIT = "No limit"
NOT_NEEDED = ("daily_cap", "weekly_cap", "longest_run")


@blueprint.get("/licences")
@access.staff()
@with_therapist
def licences(therapist: Therapist) -> ResponseReturnValue:
    """Every authority with its dates, what is booked without one, and the limits."""
    now = clock.now()
    today = walltime.wall(now, zone_of(therapist)).date()
    return render_template(
        "desk/licences.html",
        licences=[_entry(each, today) for each in list_authorities(therapist.id)],
        uncovered=uncovered_in(current(), now=now),
        limits=_limits_in_words(therapist),
        words=words,
    )


@blueprint.get("/licences/new")
@access.staff(Role.OWNER, Role.THERAPIST)
@with_therapist
def licences_new(_therapist: Therapist) -> ResponseReturnValue:
    """The form for another authority."""
    return _form(MultiDict([("basis", Basis.LICENCE.value)]), {})


@blueprint.post("/licences/new")
@access.staff(Role.OWNER, Role.THERAPIST)
@with_therapist
def licences_add(therapist: Therapist) -> ResponseReturnValue:
    """Practise in another state, or on another basis."""
    try:
        facts = _facts(request.form)
        added = add_licence(
            practice_id=therapist.practice_id, therapist_id=therapist.id, facts=facts, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _form(request.form, problem.fields), problem.status
    flash(f"Added: {JURISDICTIONS[added.jurisdiction]}, {_dates(added, 'from')}.", "success")
    return redirect(url_for("desk.licences"))


@blueprint.get("/licences/<public_id>/end")
@access.staff(Role.OWNER, Role.THERAPIST)
@with_therapist
def licences_end_form(therapist: Therapist, public_id: str) -> ResponseReturnValue:
    """The form for its last date. Raises NotFound."""
    found = _find(therapist, public_id)
    return _end_form(found, iso(found.valid_until), {})


@blueprint.post("/licences/<public_id>/end")
@access.staff(Role.OWNER, Role.THERAPIST)
@with_therapist
def licences_end(therapist: Therapist, public_id: str) -> ResponseReturnValue:
    """Set its last date, earlier or later. What is booked beyond it is named on the next page. Raises NotFound."""
    found = _find(therapist, public_id)
    typed = FormReader(request.form)
    last_day = typed.day("valid_until", needed=False)
    try:
        typed.refuse()
        ended = end_licence(
            practice_id=therapist.practice_id,
            therapist_id=therapist.id,
            licence_id=found.id,
            last_day=last_day,
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _end_form(found, typed.text("valid_until"), problem.fields), problem.status
    flash(f"Saved: {JURISDICTIONS[ended.jurisdiction]}, {_dates(ended, 'from')}.", "success")
    return redirect(url_for("desk.licences"))


@blueprint.get("/limits")
@access.staff(Role.OWNER, Role.THERAPIST)
@with_therapist
def licences_limits(therapist: Therapist) -> ResponseReturnValue:
    """The form for how much a therapist takes on."""
    filled = {name: getattr(therapist, name) for name in LIMITS}
    return _limits_form({name: "" if value is None else str(value) for name, value in filled.items()}, {})


@blueprint.post("/limits")
@access.staff(Role.OWNER, Role.THERAPIST)
@with_therapist
def licences_limits_change(therapist: Therapist) -> ResponseReturnValue:
    """Take on more or less from now on."""
    typed = FormReader(request.form)
    given: dict[str, Any] = {**typed.numbers(LIMITS, optional=NOT_NEEDED)}
    try:
        typed.refuse()
        change_limits(
            practice_id=therapist.practice_id,
            therapist_id=therapist.id,
            limits=TherapistLimits(**given),
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _limits_form(request.form, problem.fields), problem.status
    flash("Saved. It counts for what is offered from now on; nothing that is booked changes.", "success")
    return redirect(url_for("desk.licences", _anchor="limits"))


def uncovered_in(desk: Desk, *, now: datetime) -> list[dict[str, Any]]:
    """What is booked without an authority, for whoever looks at this desk; see ``_in_words``."""
    found = uncovered_appointments(desk.practice.id, desk.only_therapist, now)
    return [_in_words(each) for each in found]


def _in_words(found: Uncovered) -> dict[str, Any]:
    """A gap and what is booked in it: a title, and (client, when, address) for each appointment."""
    gap, zone = found.gap, zone_of(found.gap.therapist)
    state = JURISDICTIONS.get(gap.jurisdiction, gap.jurisdiction)
    number = words.counted(len(found.appointments), "appointment")
    if gap.is_for_ever:
        title = f"{gap.therapist.name} is not licensed in {state} for {number}"
    elif gap.last_day is None:
        title = f"{gap.therapist.name} is not yet licensed in {state} for {number}"
    else:
        title = f"{gap.therapist.name}: {state} ends {words.short_day(gap.last_day)}, {number} after that"
    return {
        "title": title,
        "therapist": gap.therapist.public_id,
        "appointments": [
            (
                words.say_clients(each),
                times.say_briefly(each.starts_at, zone),
                url_for("desk.appointment", public_id=each.public_id),
            )
            for each in found.appointments
        ],
    }


def _find(therapist: Therapist, number: str) -> Licence:
    found = next((each for each in list_authorities(therapist.id) if str(each.id) == number), None)
    if found is None:
        raise NotFound
    return found


def _entry(licence: Licence, today: date) -> dict[str, Any]:
    return {
        "id": str(licence.id),
        "state": JURISDICTIONS.get(licence.jurisdiction, licence.jurisdiction),
        "basis": BASES[Basis(licence.basis)][0] if licence.basis in set(Basis) else licence.basis,
        "number": licence.number,
        "dates": _dates(licence),
        "badge": _badge(licence, today),
    }


def _badge(licence: Licence, today: date) -> tuple[str, str] | None:
    """A word and a tone for what needs a second look."""
    if licence.valid_until is not None and licence.valid_until < today:
        return "Over", "off"
    if licence.valid_from > today:
        return "Not yet", "wait"
    if licence.valid_until is not None and licence.valid_until <= today + SOON:
        return "Ends soon", "wait"
    return None


def _dates(licence: Licence, since: str = "From") -> str:
    first = f"{since} {words.short_day(licence.valid_from)}"
    return first if licence.valid_until is None else f"{first} until {words.short_day(licence.valid_until)}"


def _limits_in_words(therapist: Therapist) -> Sequence[tuple[str, str]]:
    def at_most(number: int | None) -> str:
        return NO_LIMIT if number is None else f"At most {words.counted(number, 'appointment')}"

    run = at_most(therapist.longest_run)
    if therapist.longest_run is not None:
        run += f", then {words.counted(therapist.break_minutes, 'minute')} of break"
    notes = words.counted(therapist.note_minutes, "minute") if therapist.note_minutes else "None"
    return (
        ("On one day", at_most(therapist.daily_cap)),
        ("In one week", at_most(therapist.weekly_cap)),
        ("In a row", run),
        ("For notes after each", notes),
    )


def _facts(form: MultiDict[str, str]) -> LicenceFacts:
    typed = FormReader(form)
    basis = typed.word("basis", Basis, "Please choose what it rests on.")
    first = typed.day("valid_from", "Please choose the first date.")
    last = typed.day("valid_until", needed=False)
    if not typed.text("jurisdiction"):
        typed.problems["jurisdiction"] = "Please choose a state."
    typed.refuse()
    assert basis is not None and first is not None  # noqa: S101, PT018 -- refused above
    return LicenceFacts(typed.text("jurisdiction"), first, last, basis, typed.text("number"))


def _form(values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    bases = [{"value": basis.value, "label": label, "hint": hint} for basis, (label, hint) in BASES.items()]
    return render_template("desk/licences_form.html", values=values, problems=problems, states=STATES, bases=bases)


def _end_form(licence: Licence, last_day: str, problems: Mapping[str, str]) -> str:
    entry = _entry(licence, licence.valid_from)
    return render_template("desk/licences_end.html", licence=entry, last_day=last_day, problems=problems)


def _limits_form(values: Mapping[str, str], problems: Mapping[str, str]) -> str:
    return render_template("desk/licences_limits.html", values=values, problems=problems)
