"""Two records of one client: found, laid side by side, made into one, and parted again within a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, languages, times, walltime
from telehealth.domain.client_facts import Booking
from telehealth.domain.client_merging import (
    FIELDS,
    JOINED,
    UNDONE_WITHIN,
    Double,
    Side,
    choose_sides,
    say_obstacles,
)
from telehealth.domain.contact import say_phone
from telehealth.domain.errors import CannotMerge, InvalidInput, NotFound
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.models import Client, ClientMerge
from telehealth.models.client_keys import CLIENT_KEYS
from telehealth.queries.practice.clients import find_client, search_clients
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.clients.details import BOOKING
from telehealth.web.desk.clients.finding import LONGEST_SEARCH, say_client
from telehealth.web.desk.frame import PUBLIC_ID, blueprint, current
from telehealth.web.form_reader import FormReader

if TYPE_CHECKING:
    from telehealth.queries.practice import doubles
    from telehealth.services.consent import merging
else:
    doubles, merging = Library("telehealth.queries.practice.doubles"), Library("telehealth.services.consent.merging")

MOST_PAGES = 100
MERGERS = (Role.OWNER, Role.FRONT_DESK)
LABELS = {
    "name": "Name",
    "email": "E-mail",
    "phone": "Phone",
    "timezone": "Time zone",
    "locale": "Messages in",
    "born_on": "Date of birth",
    "pronouns": "Pronouns",
    "code_name": "Name in messages",
    "safe_email": "Safe e-mail",
    "safe_phone": "Safe number",
    "emergency_contact": "Whom to call in an emergency",
    "may_book": "How they may book",
    "tags": "Tags",
    "contact_note": "Note on how to reach them",
    "desk_note": "Note for the desk",
}
WHY = {
    Double.NAME_AND_BIRTH: "same name and date of birth",
    Double.PHONE: "same number",
    Double.EMAIL: "same e-mail",
}
NOTHING = "Nothing"


@dataclass(frozen=True, slots=True)
class Compared:
    """One field in which two records are not alike: the choices, and which is ticked."""

    name: str
    label: str
    choices: Sequence[Mapping[str, str]]
    chosen: str


@blueprint.get("/clients/doubles")
@access.staff(*MERGERS)
def clients_doubles() -> ResponseReturnValue:
    """Records that may be of one person, some at a time."""
    page = min(max(FormReader(request.args).number("page", "", needed=False) or 1, 1), MOST_PAGES)
    found = doubles.list_doubles(
        current().practice.id, skip=(page - 1) * doubles.MOST_DOUBLES, limit=doubles.MOST_DOUBLES + 1
    )
    has_more = len(found) > doubles.MOST_DOUBLES
    return render_template(
        "desk/clients_doubles.html",
        pairs=[_pair(each) for each in found[: doubles.MOST_DOUBLES]],
        earlier=url_for("desk.clients_doubles", page=page - 1) if page > 1 else "",
        later=url_for("desk.clients_doubles", page=page + 1) if has_more else "",
    )


@blueprint.get("/clients/<public_id>/merge")
@access.staff(*MERGERS)
def clients_merge(public_id: str) -> ResponseReturnValue:
    """Whom to compare a client with, and with ``?other=`` the two side by side. Raises NotFound."""
    client, typed = _client(public_id), FormReader(request.args)
    if typed.text("other"):
        return _compare(client, _other(typed.text("other")), {}, {})
    text = " ".join(typed.text("q").split())[:LONGEST_SEARCH]
    found = search_clients(client.practice_id, text) if text else []
    return render_template(
        "desk/clients_merge_with.html",
        client=client,
        text=text,
        found=[_choice(client, each) for each in found if each.id != client.id],
        doubles=[_pair(each) for each in doubles.find_doubles(client)],
    )


@blueprint.post("/clients/<public_id>/merge")
@access.staff(*MERGERS)
def clients_merge_now(public_id: str) -> ResponseReturnValue:
    """Make them one. Raises NotFound."""
    client, typed = _client(public_id), FormReader(request.form)
    other = _other(typed.text("other"))
    given = {name: typed.text(name) for name in FIELDS if typed.text(name)}
    sides = {name: Side(value) for name, value in given.items() if value in set(Side)}
    try:
        merging.merge_clients(
            practice_id=client.practice_id,
            kept_public_id=client.public_id,
            other_public_id=other.public_id,
            sides=sides,
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _compare(client, other, sides, problem.fields), problem.status
    except CannotMerge as refusal:
        flash(str(refusal), "error")
    else:
        flash("They are one client now. For a day you can undo it on this page.", "success")
    return redirect(url_for("desk.clients_one", public_id=client.public_id))


@blueprint.post("/clients/merges/<public_id>/undo")
@access.staff(*MERGERS)
def clients_merge_undo(public_id: str) -> ResponseReturnValue:
    """Let them stand on their own again. Raises NotFound."""
    practice_id = current().practice.id
    merge = doubles.find_merge(practice_id, public_id)
    try:
        merging.undo_merge(practice_id=practice_id, merge_public_id=public_id, by=by_staff(), now=clock.now())
    except CannotMerge as refusal:
        flash(str(refusal), "error")
    else:
        flash("They are two clients again. What came after the merge stayed here.", "success")
    return redirect(url_for("desk.clients_one", public_id=merge.kept.public_id))


def list_doubles_of(client: Client) -> list[dict[str, str]]:
    """Who may be the same person, for whoever may make them one."""
    return [_pair(each) for each in doubles.find_doubles(client)] if _may_merge() else []


def list_merges_of(client: Client) -> list[dict[str, str]]:
    """What was made part of this record and can still be taken out, for whoever may."""
    return [_done(each) for each in doubles.list_merges(client, now=clock.now())] if _may_merge() else []


def _may_merge() -> bool:
    return current().only_therapist is None


def _done(merge: ClientMerge) -> dict[str, str]:
    until = times.say_briefly(merge.at + UNDONE_WITHIN, current().zone)
    return {
        "name": merge.merged.name,
        "until": until,
        "undo": url_for("desk.clients_merge_undo", public_id=merge.public_id),
    }


def _client(public_id: str) -> Client:
    return find_client(current().practice.id, public_id)


def _other(public_id: str) -> Client:
    if not PUBLIC_ID.fullmatch(public_id):
        raise NotFound
    return _client(public_id)


def _pair(each: doubles.PossibleDouble) -> dict[str, str]:
    why = words.listed([WHY[reason] for reason in each.why])
    return {**_choice(each.first, each.second), "first": say_client(each.first), "why": why[0].upper() + why[1:]}


def _choice(client: Client, other: Client) -> dict[str, str]:
    compare = url_for("desk.clients_merge", public_id=client.public_id, other=other.public_id)
    return {"name": other.name, "who": say_client(other), "href": compare}


def _compare(client: Client, other: Client, sides: Mapping[str, Side], problems: Mapping[str, str]) -> str:
    now = clock.now()
    if other.id == client.id:
        obstacles = ["This is the same record. Please choose another one."]
    else:
        zone = walltime.zone(current().practice.timezone)
        obstacles = say_obstacles(doubles.list_merge_obstacles(client, other, now=now), zone)
    chosen = choose_sides(client, other, other_is_newer=doubles.is_other_newer(client, other)) | dict(sides)
    counts = doubles.count_what_moves(client, other)
    return render_template(
        "desk/clients_merge.html",
        client=client,
        other=other,
        obstacles=obstacles,
        problems=problems,
        compared=[_compared(name, client, other, chosen[name]) for name in FIELDS if _differ(name, client, other)],
        moving=[
            f"{counts[key.name]} {key.one if counts[key.name] == 1 else key.several}"
            for key in CLIENT_KEYS
            if key.name in counts
        ],
        swapped=url_for("desk.clients_merge", public_id=other.public_id, other=client.public_id),
    )


def _differ(name: str, client: Client, other: Client) -> bool:
    return bool(getattr(client, name) != getattr(other, name))


def _compared(name: str, client: Client, other: Client, side: Side) -> Compared:
    ours, theirs = (_say(name, getattr(each, name)) for each in (client, other))
    choices = [
        {"value": Side.KEPT, "label": ours, "hint": "On the record that is kept"},
        {"value": Side.OTHER, "label": theirs, "hint": "On the other record"},
    ]
    if name in JOINED and getattr(client, name) and getattr(other, name):
        choices.append({"value": Side.BOTH, "label": "Both", "hint": "One after the other"})
    return Compared(name, LABELS[name], choices, side)


def _say(name: str, value: Any) -> str:  # As the column has it.
    if not value:
        return NOTHING
    if name == "may_book":
        return BOOKING[Booking(value)][0]
    if name == "tags":
        return ", ".join(value)
    if name == "locale":
        return str(languages.LANGUAGES.get(value, value))
    if isinstance(value, date):
        return words.short_day(value)
    return say_phone(value) if name in {"phone", "safe_phone"} else str(value)
