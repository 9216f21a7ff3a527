"""Where people meet in person, as the owner sets it: places, how they are found, and their rooms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.errors import InvalidInput
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.web_links import say_web_link
from telehealth.domain.words import Role
from telehealth.models import Appointment, Location
from telehealth.queries.practice.places import (
    count_booked_at,
    list_all_places,
    list_booked_at,
    list_names_with_hours_at,
    list_series_at,
)
from telehealth.queries.practice.practices import find_location
from telehealth.queries.waitlist.waitlist_entries import count_waiting_only_at
from telehealth.services.practice.places import (
    LocationFacts,
    add_location,
    add_room,
    change_location,
    end_location,
    end_room,
    reopen_location,
    reopen_room,
    set_room,
)
from telehealth.web.acting import by_staff
from telehealth.web.booking.choices import STATES
from telehealth.web.booking.zones import list_zones
from telehealth.web.desk import series_words, words
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader

MOST_SHOWN = 50
FIELDS = ("name", "address", "jurisdiction", "timezone", "directions", "map_url")


@blueprint.get("/places")
@access.staff(Role.OWNER)
def places() -> ResponseReturnValue:
    """Every place with its rooms, and those that are closed."""
    practice_id = current().practice.id
    booked = count_booked_at(practice_id, now=clock.now())
    found = [(each, booked.get(each.id, 0)) for each in list_all_places(practice_id)]
    return render_template(
        "desk/places.html",
        open_places=[(each, _say_booked(count)) for each, count in found if each.ended_at is None],
        closed=[(each, _say_booked(count)) for each, count in found if each.ended_at is not None],
        words=words,
    )


@blueprint.get("/places/new")
@access.staff(Role.OWNER)
def places_new() -> ResponseReturnValue:
    """The form for one more place."""
    return _form(MultiDict({"timezone": current().practice.timezone, "rooms": "Room 1"}), {})


@blueprint.post("/places/new")
@access.staff(Role.OWNER)
def places_add() -> ResponseReturnValue:
    """Add a place with its rooms."""
    try:
        added = add_location(
            practice_id=current().practice.id, facts=_facts(request.form), by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _form(request.form, problem.fields), problem.status
    flash(f"Added: {added.name}. Say in the hours of your therapists when they are there.", "success")
    return redirect(url_for("desk.places_one", public_id=added.public_id))


@blueprint.get("/places/<public_id>")
@access.staff(Role.OWNER)
def places_one(public_id: str) -> ResponseReturnValue:
    """One place, its rooms, and what is booked there. Raises NotFound."""
    return _page(find_location(current().practice.id, public_id))


@blueprint.get("/places/<public_id>/change")
@access.staff(Role.OWNER)
def places_edit(public_id: str) -> ResponseReturnValue:
    """The form for a place that is there, filled in. Raises NotFound."""
    found = find_location(current().practice.id, public_id)
    return _form(MultiDict((name, getattr(found, name)) for name in FIELDS), {}, changing=found)


@blueprint.post("/places/<public_id>/change")
@access.staff(Role.OWNER)
def places_change(public_id: str) -> ResponseReturnValue:
    """Say otherwise where it is, and how it is found. Raises NotFound."""
    found = find_location(current().practice.id, public_id)
    try:
        changed = change_location(
            practice_id=found.practice_id,
            location_public_id=public_id,
            facts=_facts(request.form),
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _form(request.form, problem.fields, changing=found), problem.status
    flash(f"Saved: {changed.name}. The next messages say it; what is booked stays when it is.", "success")
    return redirect(url_for("desk.places_one", public_id=public_id))


@blueprint.get("/places/<public_id>/end")
@access.staff(Role.OWNER)
def places_end_form(public_id: str) -> ResponseReturnValue:
    """What is booked there, before it is closed. Raises NotFound."""
    found = find_location(current().practice.id, public_id)
    return render_template("desk/places_end.html", place=found, **_what_is_there(found))


@blueprint.post("/places/<public_id>/end")
@access.staff(Role.OWNER)
def places_end(public_id: str) -> ResponseReturnValue:
    """Close a place. Raises NotFound."""
    ended = end_location(
        practice_id=current().practice.id, location_public_id=public_id, by=by_staff(), now=clock.now()
    )
    flash(f"{ended.name} is closed and offered no more. What is booked there stays until you move it.", "success")
    return redirect(url_for("desk.places_one", public_id=public_id))


@blueprint.post("/places/<public_id>/reopen")
@access.staff(Role.OWNER)
def places_reopen(public_id: str) -> ResponseReturnValue:
    """Meet there again. Raises NotFound."""
    practice_id = current().practice.id
    opened = reopen_location(practice_id=practice_id, location_public_id=public_id, by=by_staff(), now=clock.now())
    flash(f"{opened.name} is open again.", "success")
    return redirect(url_for("desk.places_one", public_id=public_id))


@blueprint.post("/places/<public_id>/rooms")
@access.staff(Role.OWNER)
def places_room_add(public_id: str) -> ResponseReturnValue:
    """One more room. Raises NotFound."""
    found, typed = find_location(current().practice.id, public_id), FormReader(request.form)
    given = {"name": typed.text("name"), "kind": typed.text("kind")}
    try:
        room = add_room(
            practice_id=found.practice_id, location_public_id=public_id, **given, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _page(found, new=(given, problem.fields)), problem.status
    flash(f"Added: {room.name}.", "success")
    return redirect(url_for("desk.places_one", public_id=public_id, _anchor="rooms"))


@blueprint.post("/places/<public_id>/rooms/<room_id>")
@access.staff(Role.OWNER)
def places_room_change(public_id: str, room_id: str) -> ResponseReturnValue:
    """Call a room otherwise, or say of what kind it is. Raises NotFound."""
    found, typed = find_location(current().practice.id, public_id), FormReader(request.form)
    given = {"name": typed.text("name"), "kind": typed.text("kind")}
    try:
        room = set_room(practice_id=found.practice_id, room_public_id=room_id, **given, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _page(found, rooms={room_id: (given, problem.fields)}), problem.status
    flash(f"Saved: {room.name}{f' is a {room.kind}' if room.kind else ' is a room like any other'}.", "success")
    return redirect(url_for("desk.places_one", public_id=public_id, _anchor="rooms"))


@blueprint.post("/places/<public_id>/rooms/<room_id>/end")
@access.staff(Role.OWNER)
def places_room_end(public_id: str, room_id: str) -> ResponseReturnValue:
    """Close a room. Raises NotFound."""
    room = end_room(practice_id=current().practice.id, room_public_id=room_id, by=by_staff(), now=clock.now())
    flash(f"{room.name} is closed. What is booked in it stays.", "success")
    return redirect(url_for("desk.places_one", public_id=public_id, _anchor="rooms"))


@blueprint.post("/places/<public_id>/rooms/<room_id>/reopen")
@access.staff(Role.OWNER)
def places_room_reopen(public_id: str, room_id: str) -> ResponseReturnValue:
    """Use a room again. Raises NotFound."""
    try:
        room = reopen_room(practice_id=current().practice.id, room_public_id=room_id, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        flash(problem.fields["room"], "error")
    else:
        flash(f"{room.name} is open again.", "success")
    return redirect(url_for("desk.places_one", public_id=public_id, _anchor="rooms"))


def _facts(form: MultiDict[str, str]) -> LocationFacts:
    typed = FormReader(form)
    rooms = [each.strip() for each in typed.text("rooms").splitlines() if each.strip()]
    return LocationFacts(**{name: typed.text(name) for name in FIELDS}, rooms=rooms)


def _form(values: MultiDict[str, str], problems: Mapping[str, str], *, changing: Location | None = None) -> str:
    home = walltime.zone((changing or current().practice).timezone)
    return render_template(
        "desk/places_form.html",
        values=values,
        problems=problems,
        changing=changing,
        states=[("", "Choose a state"), *STATES],
        zones=list_zones(home, home),
    )


def _page(
    found: Location,
    *,
    rooms: Mapping[str, tuple[dict[str, str], Mapping[str, str]]] | None = None,
    new: tuple[dict[str, str], Mapping[str, str]] | None = None,
) -> str:
    """The page of a place; ``rooms`` and ``new`` hold what was typed for a room that could not be saved, and why."""
    return render_template(
        "desk/places_one.html",
        place=found,
        place_state=JURISDICTIONS.get(found.jurisdiction, found.jurisdiction),
        place_zone=times.zone_name(walltime.zone(found.timezone)),
        map_words=say_web_link(found.map_url),
        typed_rooms=rooms or {},
        new=new or ({"name": "", "kind": ""}, {}),
        **_what_is_there(found),
    )


def _what_is_there(found: Location) -> dict[str, Any]:
    """What is booked at a place and goes on there, and whose hours name it."""
    now, zone = clock.now(), walltime.zone(found.timezone)
    booked = list_booked_at(found, now=now, limit=MOST_SHOWN)
    count = count_booked_at(found.practice_id, now=now).get(found.id, 0)
    return {
        "booked": [_line(each, zone) for each in booked],
        "more": count - len(booked),
        "series": [
            (series_words.title(each), url_for("desk.series_one", public_id=each.public_id))
            for each in list_series_at(found, now=now)
        ],
        "waiting": count_waiting_only_at(found),
        "with_hours": words.listed(list_names_with_hours_at(found)),
        "words": words,
    }


def _line(each: Appointment, zone: Any) -> tuple[str, str]:
    """ "Jane Doe with Dana Rivera, Tue, Nov 24 at 10:00 AM", and the address of its page."""
    whom = words.listed([who.name for who in each.therapists])
    said = f"{words.say_clients(each)} with {whom}, {times.say_briefly(each.starts_at, zone)}"
    return said, url_for("desk.appointment", public_id=each.public_id)


def _say_booked(count: int) -> str:
    return f"{words.counted(count, 'appointment')} ahead." if count else "Nothing is booked there."
