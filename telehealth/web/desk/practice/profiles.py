"""The profile of a therapist: owners write everybody's, therapists their own."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, walltime
from telehealth.domain.appointments.openness import NewClients
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.words import Role
from telehealth.models import Therapist
from telehealth.queries.practice.practices import find_therapist
from telehealth.services.practice.therapist_profile import (
    LAST_POSITION,
    PageEntry,
    TherapistProfile,
    change_therapist_profile,
)
from telehealth.services.practice.therapists import set_new_clients
from telehealth.web.acting import by_staff, viewer
from telehealth.web.booking.zones import list_zones
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.desk.video_words import show_video_choices
from telehealth.web.desk.words import iso
from telehealth.web.form_reader import FormReader

LINES = ("name", "credential", "pronouns", "timezone", "about", "video_url")
NEW_CLIENTS = {
    NewClients.YES: "Takes new clients",
    NewClients.NO: "Takes no new clients",
    NewClients.LATER: "Takes new clients from a date on",
}
LISTS = ("modalities", "specialties", "ages", "languages")


@blueprint.get("/therapists/<public_id>/profile")
@access.staff(Role.OWNER, Role.THERAPIST)
def therapists_profile(public_id: str) -> ResponseReturnValue:
    """The form, filled in. Raises NotFound, for a therapist also for a colleague's."""
    found = find_profiled(public_id)
    return _form(found, _filled(found), {})


@blueprint.post("/therapists/<public_id>/profile")
@access.staff(Role.OWNER, Role.THERAPIST)
def therapists_profile_change(public_id: str) -> ResponseReturnValue:
    """Save it. Raises NotFound."""
    found = find_profiled(public_id)
    try:
        profile, entry = _read(FormReader(request.form))
        change_therapist_profile(
            practice_id=found.practice_id,
            therapist_public_id=public_id,
            profile=profile,
            entry=entry,
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _form(found, request.form, problem.fields), problem.status
    flash("Saved. Your page shows it now.", "success")
    return redirect(url_for("desk.therapists_profile", public_id=public_id))


@blueprint.post("/therapists/<public_id>/new-clients")
@access.staff(Role.OWNER, Role.THERAPIST)
def therapists_profile_new_clients(public_id: str) -> ResponseReturnValue:
    """Take new clients, or not, or from a date on. Raises NotFound."""
    found, typed = find_profiled(public_id), FormReader(request.form)
    takes = typed.word("new_clients", NewClients)
    since = typed.day("since", "Please choose the first date for new clients.", needed=takes == NewClients.LATER)
    try:
        typed.refuse()
        assert takes is not None  # noqa: S101 -- refused above
        set_new_clients(
            practice_id=found.practice_id,
            therapist_public_id=public_id,
            takes=takes,
            since=since,
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _form(found, _chosen(found, request.form), problem.fields), problem.status
    flash(f"Saved: {NEW_CLIENTS[takes].lower()}.", "success")
    return redirect(url_for("desk.therapists_profile", public_id=public_id, _anchor="new-clients"))


def find_profiled(public_id: str) -> Therapist:
    """A therapist whose profile the person may write. Raises NotFound."""
    found = find_therapist(current().practice.id, public_id)
    if not _decides() and found.user_id != viewer.id:
        raise NotFound
    return found


def _decides() -> bool:
    """Where somebody stands on the page is the practice's to say."""
    return bool(viewer.has(Role.OWNER))


def _read(typed: FormReader) -> tuple[TherapistProfile, PageEntry | None]:
    """Lists are parted by commas or lines. Raises InvalidInput."""
    profile = TherapistProfile(
        **{name: typed.text(name) for name in LINES},
        **{name: _parted(typed.text(name)) for name in LISTS},  # type: ignore[arg-type]  # These are its lists.
    )
    if not _decides():
        return profile, None
    position = typed.number("position", f"Please choose from 0 to {LAST_POSITION:,}.", needed=False)
    typed.refuse()
    return profile, PageEntry(position or 0, is_hidden=typed.is_ticked("is_hidden"))


def _parted(typed: str) -> list[str]:
    return [each.strip() for each in re.split(r"[,;\n]", typed) if each.strip()]


def _filled(found: Therapist) -> MultiDict[str, str]:
    return MultiDict(
        [
            *((name, getattr(found, name) or "") for name in LINES),
            *((name, ", ".join(getattr(found, name))) for name in LISTS),
            ("position", str(found.position)),
            ("new_clients", found.new_clients.value),
            ("since", iso(found.new_clients_from) if found.new_clients_from is not None else ""),
            *([("is_hidden", "y")] if found.is_hidden else []),
        ]
    )


def _chosen(found: Therapist, form: MultiDict[str, str]) -> MultiDict[str, str]:
    """The profile as it is, with what was chosen about new clients."""
    values = _filled(found)
    for name in ("new_clients", "since"):
        values[name] = form.get(name, "")
    return values


def _form(found: Therapist, values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    zone = walltime.zone(found.timezone)
    return render_template(
        "desk/therapists_profile.html",
        therapist=found,
        values=values,
        problems=problems,
        zones=list_zones(zone, zone),
        decides=_decides(),
        new_clients=NEW_CLIENTS,
        **show_video_choices(
            found.practice_id,
            usual="Their own link" if found.video_url else "As the practice",
            has_own_link=bool(found.video_url),
            now=found.video_kind,
        ),
    )
