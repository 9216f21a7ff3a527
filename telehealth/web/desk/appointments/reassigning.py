"""A therapist cannot come: a table of the appointments by colleagues says who could take which, and why not the others.
One click does what is chosen for each, and says what was done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.appointments import explaining
from telehealth.domain.errors import InvalidInput
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import Obstacle, Role
from telehealth.models import Appointment, Therapist
from telehealth.queries.appointments.appointments import find_appointment
from telehealth.queries.appointments.licences import jurisdictions_of
from telehealth.queries.appointments.reassignments import ReassignmentProposal, propose_colleagues
from telehealth.queries.hours.working_hours import list_time_off
from telehealth.queries.practice.practices import list_therapists
from telehealth.services.appointments.reassigning import ReassignmentOutcome, ReassignmentResult, reassign_appointments
from telehealth.services.hours.hours_setting import TimeOffWish, add_hours_entry
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.appointments.appointment import may_be_asked
from telehealth.web.desk.frame import blueprint, current, require_id, with_therapist, zone_of
from telehealth.web.desk.words import iso
from telehealth.web.form_reader import FormReader

ONE_DAY = timedelta(days=1)
LONGEST = timedelta(days=62)
ASK, CANCEL, LEAVE = "ask", "cancel", "leave"
BEST = "best"
MOST_COLUMNS = 6
"""Colleagues side by side: those who could take something come first, the others are named with the reasons."""
AWAY = "away"
"""The field that asks for time off on these days."""
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
    team = _list_columns(therapist, found)
    rows = [_row(therapist, each, team, request.args.get("choose", BEST)) for each in found]
    return _page(request.args, {}, days=days, rows=rows, team=team, is_away=_is_away(therapist, days))


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
    away = _keep_free(therapist)  # Before anybody is asked: whoever looks for another time must not find these days.
    results = reassign_appointments(
        practice_id=practice.id,
        away=therapist.id,
        moves={each.id: to for each, to in chosen.items() if to not in (ASK, CANCEL, LEAVE)},
        asks=[each.id for each, to in chosen.items() if to == ASK],
        cancellations=[each.id for each, to in chosen.items() if to == CANCEL],
        by=by_staff(),
        now=clock.now(),
    )
    said = {each.appointment_id: each for each in results}
    names = {each.public_id: each.name for each in list_therapists(practice.id)}
    return render_template(
        "desk/reassign_done.html",
        rows=[_outcome(therapist, each, said.get(each.id), names.get(to, "")) for each, to in chosen.items()],
        away=away,
        refused=sum(each.outcome == ReassignmentOutcome.REFUSED for each in results),
        again=url_for("desk.reassign", **{**_asked(request.form), "therapist": therapist.public_id}),
        words=words,
    )


def _asked(form: Mapping[str, str]) -> dict[str, Any]:
    return {name: form[name] for name in ("therapist", "first_day", "last_day") if form.get(name)}


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
    team: Sequence[Therapist] = (),
    is_away: bool = False,
) -> str:
    return render_template(
        "desk/reassign.html",
        values=values,
        problems=problems,
        days=days,
        rows=rows,
        by_day=[(day, list(found)) for day, found in groupby(rows, key=itemgetter("day"))],
        team=team,
        proposed=sum(not row["is_open"] for row in rows),
        is_away=is_away,
        chooses=_list_choices_for_all(values, rows),
        words=words,
    )


def _list_choices_for_all(values: Mapping[str, str], rows: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """What can be chosen for all of them at once: words and addresses. What one of them cannot have, it leaves."""
    if not rows:
        return []
    named = (BEST, "Who fits best"), (ASK, "Ask all of them"), (CANCEL, "Cancel all"), (LEAVE, "Leave all")
    return [
        (text, url_for("desk.reassign", **_asked(values), choose=each, _anchor="proposals")) for each, text in named
    ]


def _list_columns(therapist: Therapist, found: Sequence[ReassignmentProposal]) -> list[Therapist]:
    """Colleagues who stand beside each other: whoever could take most comes first."""
    could = Counter(each.therapist.id for proposal in found for each in proposal.colleagues)
    team = [each for each in list_therapists(therapist.practice_id) if each.id != therapist.id]
    return sorted(team, key=lambda each: (-could[each.id], each.name))[: max(MOST_COLUMNS, len(could))]


def _row(
    therapist: Therapist, proposal: ReassignmentProposal, team: Sequence[Therapist], choose: str
) -> dict[str, Any]:
    """One appointment with a cell for each colleague, and what else can be done with it."""
    found = proposal.appointment
    state = " and ".join(JURISDICTIONS.get(code, code) for code in sorted(jurisdictions_of(found)))
    can_ask = may_be_asked(found, now=clock.now())
    return {
        **_facts(therapist, found),
        "field": f"{TO}{found.public_id}",
        "cells": [_cell(proposal, each) for each in team],
        "can_ask": can_ask,
        "chosen": _choose(proposal, choose, can_ask=can_ask),
        "is_open": not proposal.colleagues,
        "reasons": [
            " ".join(
                explaining.say_obstacle(obstacle, each.name, state=state) for obstacle in explaining.in_order(obstacles)
            )
            for each, obstacles in proposal.obstacles
        ],
    }


def _choose(proposal: ReassignmentProposal, choose: str, *, can_ask: bool) -> str:
    """What is ticked at first: as it was wished for all, as far as that can be."""
    if choose == CANCEL or (choose == ASK and can_ask):
        return choose
    is_best = choose == BEST and bool(proposal.colleagues)
    return proposal.colleagues[0].therapist.public_id if is_best else LEAVE


def _cell(proposal: ReassignmentProposal, colleague: Therapist) -> dict[str, Any]:
    """Whether a colleague can take it, whether they know the client, and why not in few words."""
    free = {each.therapist.id: each.knows for each in proposal.colleagues}
    against = {each.id: obstacles for each, obstacles in proposal.obstacles}
    found = explaining.in_order(against.get(colleague.id, [Obstacle.NOT_GIVEN]))
    return {
        "therapist": colleague,
        "is_free": colleague.id in free,
        "knows": free.get(colleague.id, False),
        "why": ", ".join(dict.fromkeys(explaining.say_obstacle_briefly(each) for each in found)),
    }


def _is_away(therapist: Therapist, days: Days) -> bool:
    """Whether nothing new can be booked on these days anyway."""
    starts, ends = datetime.combine(days.first, time()), datetime.combine(days.last, time()) + ONE_DAY
    off = list_time_off(therapist.id, since=starts)
    has_left = therapist.leaves_on is not None and therapist.leaves_on <= days.first
    return has_left or any(each.starts_local <= starts and each.ends_local >= ends for each in off)


def _keep_free(therapist: Therapist) -> bool:
    """Time off on the days that were looked at, where it is wished and there is none. Raises InvalidInput."""
    if AWAY not in request.form:
        return False
    days = _days(request.form)
    if _is_away(therapist, days):
        return True
    starts, ends = datetime.combine(days.first, time()), datetime.combine(days.last, time()) + ONE_DAY
    wish = TimeOffWish(starts_local=starts, ends_local=ends)
    add_hours_entry(
        practice_id=therapist.practice_id, therapist_id=therapist.id, wish=wish, by=by_staff(), now=clock.now()
    )
    return True


def _facts(therapist: Therapist, found: Appointment) -> dict[str, Any]:
    others = [each.name for each in found.therapists if each.id != therapist.id]
    together = f", together with {words.listed(others)}" if len(found.therapists) > 1 and others else ""
    return {
        "day": words.long_day(walltime.wall(found.starts_at, zone_of(therapist)).date()),
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
        case ReassignmentOutcome.ASKED:
            told = words.soon(found.practice.grace_minutes)
            said = (
                "Asked",
                "wait",
                f"They are asked to choose another time {told}. It stays as it is until they have.",
            )
        case ReassignmentOutcome.CANCELLED:
            said = ("Cancelled", "off", "Everybody is told.")
        case ReassignmentOutcome.REFUSED:
            said = ("Not changed", "bad", result.why if result is not None else "")
        case _:
            said = ("Left as it is", "wait", "It still stands, and nobody was told.")
    return {**_facts(therapist, found), "badge": said[0], "tone": said[1], "said": said[2]}
