"""Who is told of what waits, and who is on duty: the practice's rules, kind by kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import time
from itertools import groupby

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.inbox.alert_steps import (
    CHOSEN,
    DAY_MINUTES,
    DEFAULTS,
    EVERY_DAY,
    AlertStep,
    AlertTo,
    AlertWay,
)
from telehealth.domain.inbox.alerting import AlertReason
from telehealth.domain.words import Role
from telehealth.queries.inbox.alert_readers import list_duty_turns, list_staff
from telehealth.queries.inbox.alerts import list_own_steps, list_steps_by_reason
from telehealth.services.inbox.alert_rules import MOST_STEPS, Duty, add_duty, remove_duty, set_alert_steps
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.desk.inbox.alerts import REASONS
from telehealth.web.form_reader import FormReader

TO = {
    AlertTo.THERAPIST: "the therapist",
    AlertTo.ON_DUTY: "whoever is on duty",
    AlertTo.FRONT_DESK: "the front desk",
    AlertTo.OWNERS: "the owners",
    AlertTo.PRACTICE: "the practice's own number and mailbox",
    AlertTo.NOBODY: "nobody",
}
WAYS = {AlertWay.BOTH: "by text and e-mail", AlertWay.TEXT: "by text", AlertWay.EMAIL: "by e-mail"}
PERSON = "person:"
BLANKS = 2


@blueprint.get("/alert-rules")
@access.staff(Role.OWNER)
def alert_rules() -> ResponseReturnValue:
    """Who is told of each kind, and the weekly roster."""
    return _overview(MultiDict(), {})


@blueprint.get("/alert-rules/<reason>")
@access.staff(Role.OWNER)
def alert_rules_form(reason: str) -> ResponseReturnValue:
    """The steps of one kind, as a form. Raises NotFound."""
    which, practice = _named(reason), current().practice
    steps = list_own_steps(practice.id, which) or DEFAULTS[which]
    return _form(which, _fill(steps), {})


@blueprint.post("/alert-rules/<reason>")
@access.staff(Role.OWNER)
def alert_rules_save(reason: str) -> ResponseReturnValue:
    """Tell by these steps; without any by the usual ones. Raises NotFound."""
    which, typed = _named(reason), FormReader(request.form)
    try:
        steps = [] if typed.text("do") == "usual" else list(_read(typed))
        typed.refuse()
        set_alert_steps(practice_id=current().practice.id, reason=which, steps=steps, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _form(which, request.form, problem.fields), problem.status
    flash("Saved." if steps else "Saved: it is told in the usual way.", "success")
    return redirect(url_for("desk.alert_rules"))


@blueprint.post("/alert-rules/duty")
@access.staff(Role.OWNER)
def alert_rules_add_duty() -> ResponseReturnValue:
    """Put somebody on duty."""
    typed = FormReader(request.form)
    days = typed.words("weekdays", EVERY_DAY, "Please choose at least one day.")
    starts, ends = _minutes(typed, "starts"), _minutes(typed, "ends")
    try:
        typed.refuse()
        for day in days:
            duty = Duty(typed.text("person"), day, starts, ends)
            add_duty(practice_id=current().practice.id, duty=duty, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _overview(request.form, problem.fields), problem.status
    flash("Saved.", "success")
    return redirect(url_for("desk.alert_rules", _anchor="duty"))


@blueprint.post("/alert-rules/duty/<public_id>/remove")
@access.staff(Role.OWNER)
def alert_rules_remove_duty(public_id: str) -> ResponseReturnValue:
    """Take a turn off the roster. Raises NotFound."""
    remove_duty(practice_id=current().practice.id, public_id=public_id, by=by_staff(), now=clock.now())
    flash("Removed.", "success")
    return redirect(url_for("desk.alert_rules", _anchor="duty"))


def _named(reason: str) -> AlertReason:
    found = next((each for each in CHOSEN if each.value == reason), None)
    if found is None:
        raise NotFound
    return found


def _overview(values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    practice = current().practice
    people, own = _people(), list_steps_by_reason(practice.id)
    kinds = [
        (each.value, REASONS[each], list(_say_all(own.get(each) or DEFAULTS[each], people)), each in own)
        for each in CHOSEN
    ]
    turns = [
        (words.WEEKDAYS[each.weekday], _say_hours(each.starts, each.ends), person.name, each.public_id)
        for each, person in list_duty_turns(practice.id)
    ]
    return render_template(
        "desk/alert_rules.html",
        kinds=kinds,
        turns=turns,
        people=list(people.items()),
        values=values,
        problems=problems,
        words=words,
    )


def _form(which: AlertReason, values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    filled = sum(1 for place in range(MOST_STEPS) if values.get(f"who_{place}"))
    steps, people = list_own_steps(current().practice.id, which) or DEFAULTS[which], _people()
    return render_template(
        "desk/alert_rules_form.html",
        title=REASONS[which],
        said=[_say([each], people) for each in steps],
        values=values,
        problems=problems,
        places=range(min(filled + BLANKS, MOST_STEPS)),
        whom=[
            ("", "(no step)"),
            *((to.value, text[0].upper() + text[1:]) for to, text in TO.items()),
            *((PERSON + public_id, name) for public_id, name in people.items()),
        ],
        ways=[(way.value, text[0].upper() + text[1:]) for way, text in WAYS.items()],
        days=list(enumerate(words.WEEKDAYS)),
        words=words,
    )


def _people() -> dict[str, str]:
    return {each.public_id: each.name for each in list_staff(current().practice.id)}


def _read(typed: FormReader) -> Iterator[AlertStep]:
    """The steps that name somebody, in order."""
    for place in range(MOST_STEPS):
        who = typed.text(f"who_{place}")
        if not who:
            continue
        is_person = who.startswith(PERSON)
        to = AlertTo.PERSON if is_person else typed.word(f"who_{place}", AlertTo)
        way = typed.word(f"way_{place}", AlertWay)
        minutes = typed.number(f"minutes_{place}", "Please enter a number of minutes.")
        days = typed.words(f"days_{place}", EVERY_DAY, "Please choose at least one day.")
        starts, ends = _minutes(typed, f"starts_{place}"), _minutes(typed, f"ends_{place}")
        if to is not None and way is not None and minutes is not None:
            person = who.removeprefix(PERSON) if is_person else None
            yield AlertStep(to, way, minutes, tuple(days), starts, ends or DAY_MINUTES, person)


def _minutes(typed: FormReader, field: str) -> int:
    at = typed.clock(field, "Please enter a time, for example 8:00 AM.", needed=False)
    return at.hour * 60 + at.minute if at is not None else 0


def _fill(steps: Sequence[AlertStep]) -> MultiDict[str, str]:
    values: MultiDict[str, str] = MultiDict()
    for place, each in enumerate(steps):
        values[f"who_{place}"] = f"{PERSON}{each.person}" if each.to == AlertTo.PERSON else each.to.value
        values[f"way_{place}"], values[f"minutes_{place}"] = each.way.value, str(each.minutes)
        values.setlist(f"days_{place}", [str(day) for day in each.days])
        if not each.is_always:
            for name, minute in (("starts", each.starts), ("ends", each.ends)):
                values[f"{name}_{place}"] = words.iso(_clock(minute))
    return values


def _say_all(steps: Sequence[AlertStep], people: Mapping[str, str]) -> Iterator[str]:
    """Whoever is told at the same time in the same way in one sentence."""
    for _, together in groupby(steps, key=lambda each: replace(each, to=AlertTo.PERSON, person=None)):
        yield _say(list(together), people)


def _say(steps: Sequence[AlertStep], people: Mapping[str, str]) -> str:
    step = steps[0]
    if step.to == AlertTo.NOBODY:
        return "Nobody is told."
    who = [people.get(each.person or "", "somebody who has left") if each.person else TO[each.to] for each in steps]
    when = "At once" if not step.minutes else f"After {words.length(step.minutes)}"
    hours = "" if (step.starts, step.ends) == (0, DAY_MINUTES) else f", {_say_hours(step.starts, step.ends)}"
    days = "" if len(step.days) == len(EVERY_DAY) else f", {words.listed([words.WEEKDAYS[each] for each in step.days])}"
    return f"{when}: {words.listed(who)} {WAYS[step.way]}{hours}{days}."


def _say_hours(starts: int, ends: int) -> str:
    if starts == ends % DAY_MINUTES:
        return "all day" if not starts else f"{words.clock_time(_clock(starts))} to the same time next day"
    return f"{words.clock_time(_clock(starts))} to {words.clock_time(_clock(ends))}"


def _clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)
