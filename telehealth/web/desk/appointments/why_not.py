"""Why not this slot? What stands in the way of a time, said by the rules that offer and book."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.models import Therapist
from telehealth.web.desk import words
from telehealth.web.desk.appointments import obstacles
from telehealth.web.desk.appointments.booking import list_question_choices
from telehealth.web.desk.appointments.obstacles import Answer
from telehealth.web.desk.appointments.slot_search import SlotSearch, find_asked_start, read_search, read_typed_start
from telehealth.web.desk.frame import blueprint, current, with_therapist
from telehealth.web.desk.words import iso
from telehealth.web.form_reader import FormReader
from telehealth.web.free_times import say_start


@blueprint.get("/why-not")
@access.staff()
@with_therapist
def why_not(_therapist: Therapist) -> ResponseReturnValue:
    """Everything in the way of one time, by therapist. ``?start=`` or ``?day=&time=`` says which."""
    question = read_search(current(), request.args)
    typed = FormReader(request.args)
    asked = "ask" in request.args or "start" in request.args
    start = find_asked_start(request.args) or (read_typed_start(typed, question.zone) if asked else None)
    answers = (
        obstacles.find_answers(question, start, now=clock.now()) if start is not None and not question.missing else []
    )
    return render_template(
        "desk/why_not.html",
        question=question,
        fields=list_question_choices(question),
        problems={**question.missing, **typed.problems} if asked else {},
        values=_values(question, start),
        asked=asked and start is not None and not question.missing,
        answers=[(answer, _book(question, answer, start)) for answer in answers if start is not None],
        starts=start.astimezone(question.zone) if start is not None else None,
        zone_of_times=times.zone_in_full(start or clock.now(), question.zone),
        words=words,
    )


def _values(question: SlotSearch, start: datetime | None) -> dict[str, str]:
    """The date and the time of the form, as typed or as the address says."""
    if start is None:
        return {name: request.args.get(name, "") for name in ("day", "time")}
    local = walltime.wall(start, question.zone)
    return {"day": iso(local.date()), "time": iso(local.time())}


def _book(question: SlotSearch, answer: Answer, start: datetime) -> dict[str, Any]:
    """Where to go on with it."""
    given = question.with_therapist(answer.therapist).address(start=say_start(start))
    return {"href": url_for("desk.booking_details", **given)}
