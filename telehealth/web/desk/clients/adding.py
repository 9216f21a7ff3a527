"""A client who is entered before anything is booked."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, languages, walltime
from telehealth.domain.contact import parse_contact
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Mode, Role
from telehealth.services.practice.client_records import add_client
from telehealth.web.acting import by_staff
from telehealth.web.booking import zones
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader

FIELDS = ("name", "email", "phone", "timezone", "locale")


@blueprint.get("/clients/new")
@access.staff(Role.OWNER, Role.FRONT_DESK)
def clients_new() -> ResponseReturnValue:
    """The empty form."""
    zone = current().practice.timezone
    return _page(MultiDict({"timezone": zone, "locale": languages.ENGLISH}), {})


@blueprint.post("/clients/new")
@access.staff(Role.OWNER, Role.FRONT_DESK)
def clients_add() -> ResponseReturnValue:
    """Write them down."""
    typed, practice = FormReader(request.form), current().practice
    try:
        # In person nothing depends on a state: that is asked with each appointment.
        needs_email = not practice.takes_phone_only
        given = {name: typed.text(name) for name in FIELDS}
        contact = parse_contact(given, mode=Mode.IN_PERSON, needs_email=needs_email)
        made = add_client(practice_id=practice.id, contact=contact, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _page(request.form, problem.fields), problem.status
    flash(f"{made.name} is a client now. Nothing was sent.", "success")
    return redirect(url_for("desk.clients_one", public_id=made.public_id))


def _page(values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    home = walltime.zone(current().practice.timezone)
    return render_template(
        "desk/client_new.html",
        values=values,
        problems={field: sentence.replace("your ", "the ") for field, sentence in problems.items()},
        zones=zones.list_zones(home, home),
        languages=list(languages.LANGUAGES.items()),
    )
