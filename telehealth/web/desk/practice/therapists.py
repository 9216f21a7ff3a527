"""Who can be booked: owners take somebody out of booking, and let them back in."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.words import Role
from telehealth.queries.practice.ahead import count_ahead
from telehealth.queries.practice.practices import find_therapist, list_former_therapists, list_therapists
from telehealth.services.practice.therapists import end_therapist, reopen_therapist
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, current


@blueprint.get("/therapists")
@access.staff(Role.OWNER)
def therapists() -> ResponseReturnValue:
    """Who is offered to clients, and who was once."""
    practice = current().practice
    ahead = count_ahead(practice.id, now=clock.now())
    return render_template(
        "desk/therapists.html",
        offered=[(each, _say_ahead(ahead.get(each.id, 0))) for each in list_therapists(practice.id)],
        former=[(each, _say_ahead(ahead.get(each.id, 0))) for each in list_former_therapists(practice.id)],
        words=words,
    )


@blueprint.get("/therapists/<public_id>/end")
@access.staff(Role.OWNER)
def therapists_end_form(public_id: str) -> ResponseReturnValue:
    """What follows, before anything happens. Raises NotFound."""
    found = find_therapist(current().practice.id, public_id)
    ahead = count_ahead(found.practice_id, now=clock.now()).get(found.id, 0)
    return render_template("desk/therapists_end.html", therapist=found, ahead=_say_ahead(ahead) if ahead else "")


@blueprint.post("/therapists/<public_id>/end")
@access.staff(Role.OWNER)
def therapists_end(public_id: str) -> ResponseReturnValue:
    """Take a therapist out of booking. Raises NotFound."""
    practice = current().practice
    ended = end_therapist(practice_id=practice.id, therapist_public_id=public_id, by=by_staff(), now=clock.now())
    flash(f"{ended.name} is not offered any more. What is booked stays until you hand it over or cancel it.", "success")
    return redirect(url_for("desk.therapists"))


@blueprint.post("/therapists/<public_id>/reopen")
@access.staff(Role.OWNER)
def therapists_reopen(public_id: str) -> ResponseReturnValue:
    """Let a therapist be booked again. Raises NotFound."""
    practice = current().practice
    back = reopen_therapist(practice_id=practice.id, therapist_public_id=public_id, by=by_staff(), now=clock.now())
    flash(f"{back.name} can be booked again.", "success")
    return redirect(url_for("desk.therapists"))


def _say_ahead(number: int) -> str:
    return f"{words.counted(number, 'appointment')} ahead" if number else "Nothing booked ahead"
