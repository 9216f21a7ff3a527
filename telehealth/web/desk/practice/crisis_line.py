"""The practice's own number for crises, which clients find around their video appointments beside those of the place
where they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput
from telehealth.domain.languages import ENGLISH
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.web.acting import by_staff
from telehealth.web.desk.frame import blueprint, current

if TYPE_CHECKING:
    from telehealth.services.practice import crisis_lines
    from telehealth.web import crisis_words
else:
    crisis_lines = Library("telehealth.services.practice.crisis_lines")
    crisis_words = Library("telehealth.web.crisis_words")


@blueprint.get("/video/crisis")
@access.staff(Role.OWNER)
def crisis_line() -> ResponseReturnValue:
    """The number, and what clients see."""
    practice = current().practice
    return _page(practice.crisis_phone or "", practice.crisis_about)


@blueprint.post("/video/crisis")
@access.staff(Role.OWNER)
def crisis_line_set() -> ResponseReturnValue:
    """Keep another one, or none."""
    phone, about = request.form.get("crisis_phone", ""), request.form.get("crisis_about", "")
    try:
        crisis_lines.set_crisis_line(
            practice_id=current().practice.id, phone=phone, about=about, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _page(phone, about, problem.fields), problem.status
    flash("Saved. Clients find it from now on.", "success")
    return redirect(url_for("desk.crisis_line"))


def _page(phone: str, about: str, problems: Mapping[str, str] | None = None) -> str:
    offered = crisis_words.offer_crisis_help(current().practice, None, ENGLISH)["crisis"]
    return render_template(
        "desk/crisis_line.html", phone=phone, about=about, problems=problems or {}, shown=offered
    )  # fmt: skip
