"""What everybody sees of the practice, as its owner writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, walltime
from telehealth.domain.colours import make_accent
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Role
from telehealth.models import Practice
from telehealth.services.practice.practice_profile import (
    PracticeProfile,
    change_practice_profile,
    read_accent,
    set_accent,
)
from telehealth.web.acting import by_staff
from telehealth.web.booking.zones import list_zones
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader

USUAL_COLOUR = "#1c5a55"
"""What the pages show without one of their own (tokens.css)."""
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


@blueprint.get("/practice/colour")
@access.staff(Role.OWNER)
def practice_colour() -> ResponseReturnValue:
    """The colour there is, how it looks, and the form for another one."""
    return _colour_form(current().practice.accent or USUAL_COLOUR)


@blueprint.post("/practice/colour")
@access.staff(Role.OWNER)
def practice_colour_change() -> ResponseReturnValue:
    """Show how a colour looks, or let the pages have it."""
    typed = request.form.get("accent", "")
    try:
        if request.form.get("do") == "look":
            return _colour_form(read_accent(typed))
        set_accent(practice_id=current().practice.id, colour=typed, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _colour_form(typed, problem.fields["accent"]), problem.status
    flash("Saved. Your pages have this colour now.", "success")
    return redirect(url_for("desk.practice_colour"))


@blueprint.post("/practice/colour/remove")
@access.staff(Role.OWNER)
def practice_colour_remove() -> ResponseReturnValue:
    """Have the usual colour again."""
    set_accent(practice_id=current().practice.id, colour=None, by=by_staff(), now=clock.now())
    flash("Your pages have the usual colour again.", "success")
    return redirect(url_for("desk.practice_colour"))


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


def _colour_form(shown: str, problem: str = "") -> str:
    looked_at = None if problem else make_accent(shown)
    return render_template("desk/colour.html", shown=shown, looked_at=looked_at, problem=problem)
