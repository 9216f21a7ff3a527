"""Asking the clients of an appointment to choose another time: a page to look at before anybody is told, and back."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import ImpossibleStatus, NotAllowed, TooLate
from telehealth.models import Appointment
from telehealth.services.appointments.asking import ask_to_move, keep_after_all
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.appointments.appointment import LONGEST_REASON, find_on_desk, show_facts_of
from telehealth.web.desk.frame import blueprint
from telehealth.web.form_reader import FormReader

KEPT = "It takes place at its time. Whoever was told otherwise is told so {when}."
NOTHING_TO_KEEP = "This appointment is over or cancelled, so nothing was changed."


@blueprint.get("/appointments/<public_id>/ask")
@access.staff()
def appointment_ask_review(public_id: str) -> ResponseReturnValue:
    """What happens and who is told, before anybody is asked. Raises NotFound."""
    return _review(find_on_desk(public_id))


@blueprint.post("/appointments/<public_id>/ask")
@access.staff()
def appointment_ask(public_id: str) -> ResponseReturnValue:
    """Ask them. Pressed twice they are asked once. Raises NotFound."""
    found = find_on_desk(public_id)
    typed = FormReader(request.form)
    reason = typed.line("reason", longest=LONGEST_REASON)
    if typed.problems:
        return _review(found, problems=typed.problems), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        ask_to_move(
            practice_id=found.practice_id, appointment_id=found.id, by=by_staff(), reason=reason, now=clock.now()
        )
    except (ImpossibleStatus, NotAllowed, TooLate) as refusal:
        flash(str(refusal), "warning")
    else:
        told = words.soon(found.practice.grace_minutes)
        flash(f"{words.say_clients(found)} will be asked to choose another time {told}.", "success")
    return redirect(url_for("desk.appointment", public_id=public_id))


@blueprint.post("/appointments/<public_id>/keep")
@access.staff()
def appointment_keep(public_id: str) -> ResponseReturnValue:
    """It takes place at its time after all. Raises NotFound."""
    found = find_on_desk(public_id)
    try:
        keep_after_all(practice_id=found.practice_id, appointment_id=found.id, by=by_staff(), now=clock.now())
    except ImpossibleStatus:
        flash(NOTHING_TO_KEEP, "warning")
    else:
        flash(KEPT.format(when=words.soon(found.practice.grace_minutes)), "success")
    return redirect(url_for("desk.appointment", public_id=public_id))


def _review(found: Appointment, *, problems: dict[str, str] | None = None) -> str:
    return render_template(
        "desk/ask_to_move.html",
        **show_facts_of(found, now=clock.now()),
        told_in=words.soon(found.practice.grace_minutes),
        form=request.form,
        problems=problems or {},
    )
