"""A therapist cannot come: who of the others takes which appointment. One click does it all, and says what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.appointments import explaining
from telehealth.domain.errors import InvalidInput
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import Role
from telehealth.models import Appointment, Therapist
from telehealth.queries.appointments.appointments import find_appointment
from telehealth.queries.appointments.licences import jurisdictions_of
from telehealth.queries.appointments.reassignments import ReassignmentProposal, propose_colleagues
from telehealth.queries.practice.practices import list_therapists
from telehealth.services.appointments.reassigning import ReassignmentOutcome, ReassignmentResult, reassign_appointments
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, current, require_id, with_therapist, zone_of
from telehealth.web.desk.words import iso
from telehealth.web.form_reader import FormReader

ONE_DAY = timedelta(days=1)
LONGEST = timedelta(days=62)
CANCEL, LEAVE = "cancel", "leave"
TO = "to-"
"""What begins the name of a field that says who takes an appointment; the rest is its public id."""


@dataclass(frozen=True, slots=True)
class Days:
    """The dates a therapist cannot come, both inclusive."""

    first: date
    last: date


@blueprint.get("/reassign")
@access.staff(Role.OWNER, Role.FRONT_DESK)
@with_therapist
def reassign(therapist: Therapist) -> ResponseReturnValue:
    """Who cannot come and when; with dates, who could take each appointment."""
    if "first_day" not in request.args:
        today = iso(walltime.wall(clock.now(), zone_of(therapist)).date())
        return _page(MultiDict([("first_day", today)]), {})
    try:
        days = _days(request.args)
    except InvalidInput as problem:
        return _page(request.args, problem.fields), problem.status
    now = clock.now()
    since, until = _span(therapist, days)
    found = propose_colleagues(therapist.practice_id, therapist.id, since, until, now=now)
    return _page(request.args, {}, days=days, rows=[_row(therapist, each) for each in found])


@blueprint.post("/reassign")
@access.staff(Role.OWNER, Role.FRONT_DESK)
@with_therapist
def reassign_all(therapist: Therapist) -> ResponseReturnValue:
    """Do what was chosen for each appointment, and list what became of it. Raises NotFound."""
    practice = current().practice
    chosen = {
        find_appointment(practice.id, require_id(name.removeprefix(TO))): require_id(value)
        for name, value in request.form.items()
        if name.startswith(TO)
    }
    results = reassign_appointments(
        practice_id=practice.id,
        away=therapist.id,
        moves={each.id: to for each, to in chosen.items() if to not in (CANCEL, LEAVE)},
        cancellations=[each.id for each, to in chosen.items() if to == CANCEL],
        by=by_staff(),
        now=clock.now(),
    )
    said = {each.appointment_id: each for each in results}
    names = {each.public_id: each.name for each in list_therapists(practice.id)}
    return render_template(
        "desk/reassign_done.html",
        rows=[_outcome(therapist, each, said.get(each.id), names.get(to, "")) for each, to in chosen.items()],
        refused=sum(each.outcome == ReassignmentOutcome.REFUSED for each in results),
        again=url_for("desk.reassign", therapist=therapist.public_id, **_asked(request.form)),
        words=words,
    )


def _asked(form: Mapping[str, str]) -> dict[str, Any]:
    return {name: form[name] for name in ("first_day", "last_day") if form.get(name)}


def _days(values: MultiDict[str, str]) -> Days:
    """The dates asked for. Raises InvalidInput."""
    typed = FormReader(values)
    first = typed.day("first_day", "Please choose the first day.")
    last = typed.day("last_day", needed=False) or first
    if first is not None and last is not None and not timedelta() <= last - first <= LONGEST:
        typed.problems["last_day"] = "Please choose a day from the first one on, at most two months later."
    typed.refuse()
    assert first is not None and last is not None  # noqa: S101, PT018 -- refused above
    return Days(first, last)


def _span(therapist: Therapist, days: Days) -> tuple[datetime, datetime]:
    """The same as instants, on the calendar of the therapist."""
    zone = zone_of(therapist)
    since, until = datetime.combine(days.first, time()), datetime.combine(days.last, time()) + ONE_DAY
    return walltime.resolve(since, zone), walltime.resolve(until, zone)


def _page(
    values: Mapping[str, str],
    problems: Mapping[str, str],
    *,
    days: Days | None = None,
    rows: Sequence[dict[str, Any]] = (),
) -> str:
    return render_template(
        "desk/reassign.html",
        values=values,
        problems=problems,
        days=days,
        rows=rows,
        proposed=sum(bool(row["options"][0][0] not in (CANCEL, LEAVE)) for row in rows),
        words=words,
    )


def _row(therapist: Therapist, proposal: ReassignmentProposal) -> dict[str, Any]:
    """One appointment with its choices: the first is the proposal."""
    found = proposal.appointment
    colleagues = [
        (each.therapist.public_id, f"{each.therapist.name}{', knows the client' if each.knows else ''}")
        for each in proposal.colleagues
    ]
    state = " and ".join(JURISDICTIONS.get(code, code) for code in sorted(jurisdictions_of(found)))
    left = (LEAVE, "Nobody for now: leave it as it is"), (CANCEL, "Cancel it, and tell the client")
    return {
        **_facts(therapist, found),
        "field": f"{TO}{found.public_id}",
        "options": [*colleagues, *left],
        "is_open": not colleagues,
        "reasons": [
            " ".join(
                explaining.say_obstacle(obstacle, each.name, state=state) for obstacle in explaining.in_order(obstacles)
            )
            for each, obstacles in proposal.obstacles
        ],
    }


def _facts(therapist: Therapist, found: Appointment) -> dict[str, Any]:
    others = [each.name for each in found.therapists if each.id != therapist.id]
    together = f", together with {words.listed(others)}" if len(found.therapists) > 1 and others else ""
    return {
        "when": times.say_briefly(found.starts_at, zone_of(therapist)),
        "who": words.say_clients(found),
        "how": f"{words.say_meeting(found)}{together}",
        "href": url_for("desk.appointment", public_id=found.public_id),
    }


def _outcome(therapist: Therapist, found: Appointment, result: ReassignmentResult | None, name: str) -> dict[str, Any]:
    """What to say about one appointment afterwards, and how it looks."""
    match result.outcome if result is not None else None:
        case ReassignmentOutcome.TAKEN_OVER:
            said = ("Taken over", "good", f"{name} takes it. Everybody is told.")
        case ReassignmentOutcome.CANCELLED:
            said = ("Cancelled", "off", "Everybody is told.")
        case ReassignmentOutcome.REFUSED:
            said = ("Not changed", "bad", result.why if result is not None else "")
        case _:
            said = ("Left as it is", "wait", "It still stands, and nobody was told.")
    return {**_facts(therapist, found), "badge": said[0], "tone": said[1], "said": said[2]}
