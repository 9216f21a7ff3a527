"""What everybody sees of the practice, as its owner writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, walltime
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Role
from telehealth.models import Practice
from telehealth.services.practice.practice_profile import PracticeProfile, change_practice_profile
from telehealth.web.acting import by_staff
from telehealth.web.booking.zones import list_zones
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader

LINES = ("name", "sender_name", "phone", "email", "timezone", "about")


@blueprint.get("/practice")
@access.staff(Role.OWNER)
def practice() -> ResponseReturnValue:
    """The form, filled in."""
    return _form(_filled(current().practice), {})


@blueprint.post("/practice")
@access.staff(Role.OWNER)
def practice_change() -> ResponseReturnValue:
    """Change what everybody sees."""
    try:
        change_practice_profile(
            practice_id=current().practice.id, profile=_profile(request.form), by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _form(request.form, problem.fields), problem.status
    flash("Saved. Your page shows it now, and the next messages do.", "success")
    return redirect(url_for("desk.practice"))


def _profile(form: MultiDict[str, str]) -> PracticeProfile:
    """Links stand one on a line; languages are parted by commas or lines."""
    typed = FormReader(form)
    return PracticeProfile(
        **{name: typed.text(name) for name in LINES},
        web_links=_parted(typed.text("web_links"), r"\s+"),
        languages=_parted(typed.text("languages"), r"[,;\n]"),
    )


def _parted(typed: str, between: str) -> list[str]:
    return [each.strip() for each in re.split(between, typed) if each.strip()]


def _filled(found: Practice) -> MultiDict[str, str]:
    return MultiDict(
        [
            *((name, getattr(found, name)) for name in LINES),
            ("web_links", "\n".join(found.web_links)),
            ("languages", ", ".join(found.languages)),
        ]
    )


def _form(values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    found = current().practice
    zone = walltime.zone(found.timezone)
    return render_template("desk/practice.html", values=values, problems=problems, zones=list_zones(zone, zone))
