"""Who begins to see clients: the owner with the login they have, or somebody else; and where each meets by video."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, walltime
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Mode, Role
from telehealth.queries.practice.practices import list_therapists
from telehealth.services.hours.hours_setting import WeeklyWish, add_hours_entry
from telehealth.services.practice.therapists import TherapistFacts, add_therapist, set_video_links
from telehealth.web.acting import by_staff, viewer
from telehealth.web.booking.choices import STATES
from telehealth.web.booking.zones import list_zones
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader

WORKING_WEEK = range(5)
NINE, FIVE = time(9), time(17)
SINCE_EVER = "Please choose the date since which the licence holds."


@blueprint.get("/therapists/myself")
@access.staff(Role.OWNER)
def therapists_myself() -> ResponseReturnValue:
    """The form for an owner who sees clients, too."""
    if viewer.therapist is not None:
        return redirect(url_for("desk.hours"))
    return _form(_fresh(name=viewer.name, email=viewer.email), {}, is_own=True)


@blueprint.post("/therapists/myself")
@access.staff(Role.OWNER)
def therapists_myself_add() -> ResponseReturnValue:
    """Let the owner be booked, with the login they have."""
    return _add(is_own=True)


@blueprint.get("/therapists/new")
@access.staff(Role.OWNER)
def therapists_new() -> ResponseReturnValue:
    """The form for somebody else who sees clients."""
    return _form(_fresh(), {}, is_own=False)


@blueprint.post("/therapists/new")
@access.staff(Role.OWNER)
def therapists_add() -> ResponseReturnValue:
    """Let somebody else be booked. They have no login yet."""
    return _add(is_own=False)


@blueprint.get("/therapists/video")
@access.staff(Role.OWNER)
def therapists_video() -> ResponseReturnValue:
    """The video links of all therapists."""
    found = list_therapists(current().practice.id)
    return _video_page({each.public_id: each.video_url or "" for each in found}, {})


@blueprint.post("/therapists/video")
@access.staff(Role.OWNER)
def therapists_video_change() -> ResponseReturnValue:
    """Change them."""
    typed, practice_id = FormReader(request.form), current().practice.id
    given = {each.public_id: typed.text(f"video-{each.public_id}") for each in list_therapists(practice_id)}
    try:
        set_video_links(practice_id=practice_id, links=given, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _video_page(given, problem.fields), problem.status
    flash("Saved. The next messages and rooms use them.", "success")
    return redirect(url_for("desk.today"))


def _add(*, is_own: bool) -> ResponseReturnValue:
    practice_id, now = current().practice.id, clock.now()
    try:
        added = add_therapist(
            practice_id=practice_id,
            facts=_facts(FormReader(request.form)),
            login=viewer.id if is_own else None,
            by=by_staff(),
            now=now,
        )
    except InvalidInput as problem:
        return _form(request.form, problem.fields, is_own=is_own), problem.status
    if FormReader(request.form).is_ticked("office_hours"):
        for weekday in WORKING_WEEK:
            wish = WeeklyWish(weekday, NINE, FIVE, [Mode.VIRTUAL, Mode.PHONE])
            add_hours_entry(practice_id=practice_id, therapist_id=added.id, wish=wish, by=by_staff(), now=now)
    flash(f"{added.name} can be booked as soon as there are a service, hours and a licence.", "success")
    return redirect(url_for("desk.today"))


def _facts(typed: FormReader) -> TherapistFacts:
    """What was typed. Raises InvalidInput."""
    state = typed.text("state")
    since = typed.day("since", SINCE_EVER, needed=bool(state))
    typed.refuse()
    return TherapistFacts(
        name=typed.text("name"),
        credential=typed.text("credential"),
        email=typed.text("email"),
        timezone=typed.text("timezone"),
        licences=[(state, since, None)] if state and since is not None else [],
        video_url=typed.text("video_url") or None,
    )


def _fresh(**known: str) -> MultiDict[str, str]:
    return MultiDict({"timezone": current().practice.timezone, "office_hours": "y", **known})


def _form(values: MultiDict[str, str], problems: Mapping[str, str], *, is_own: bool) -> str:
    home = walltime.zone(current().practice.timezone)
    return render_template(
        "desk/therapists_new.html",
        values=values,
        problems=problems,
        is_own=is_own,
        states=[("", "None yet"), *STATES],
        zones=list_zones(home, home),
    )


def _video_page(given: Mapping[str, str], problems: Mapping[str, str]) -> str:
    return render_template(
        "desk/therapists_video.html",
        therapists=list_therapists(current().practice.id),
        given=given,
        problems=problems,
    )
