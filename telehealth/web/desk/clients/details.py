"""What staff keep of a client beside how they are reached: date of birth, pronouns, tags, whom to call in an emergency,
a note, and how they may book.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.client_facts import LONGEST_NOTE, Booking, ClientFacts
from telehealth.domain.errors import InvalidInput
from telehealth.models import Client
from telehealth.queries.practice.clients import find_client
from telehealth.services.practice.client_records import change_client_facts
from telehealth.web.acting import by_staff
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader

BOOKING = {
    Booking.ONLINE: ("Online", "As anybody may."),
    Booking.BY_PHONE: ("Only by phone", "The booking page asks them kindly to call. You book for them."),
    Booking.BLOCKED: ("Not at all", "The booking page says the same. Whoever books for them here is warned."),
}


@blueprint.get("/clients/<public_id>/details")
@access.staff()
def clients_details(public_id: str) -> ResponseReturnValue:
    """The form. Raises NotFound."""
    client = _client(public_id)
    names = ("pronouns", "emergency_contact", "desk_note", "may_book")
    kept = MultiDict({name: getattr(client, name) for name in names})
    kept["born_on"] = client.born_on.isoformat() if client.born_on else ""
    kept["tags"] = ", ".join(client.tags)
    return _page(client, kept, {})


@blueprint.post("/clients/<public_id>/details")
@access.staff()
def clients_details_change(public_id: str) -> ResponseReturnValue:
    """Keep what was typed. Raises NotFound."""
    client, typed = _client(public_id), FormReader(request.form)
    may_book, born_on = typed.word("may_book", Booking), _born_on(typed)
    try:
        typed.refuse()
        facts = ClientFacts(
            born_on=born_on,
            pronouns=typed.text("pronouns"),
            tags=[each.strip() for each in typed.text("tags").split(",")],
            emergency_contact=typed.text("emergency_contact"),
            desk_note=typed.text("desk_note"),
            may_book=may_book or Booking.ONLINE,
        )
        change_client_facts(
            practice_id=client.practice_id, client_public_id=public_id, facts=facts, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _page(client, request.form, problem.fields), problem.status
    flash("Saved.", "success")
    return redirect(url_for("desk.clients_one", public_id=public_id))


def _born_on(typed: FormReader) -> date | None:
    """A date as `<input type=date>` sends it; which years can be is a rule."""
    given = typed.text("born_on")
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        typed.problems["born_on"] = "Please enter the date with day, month and year."
        return None


def _client(public_id: str) -> Client:
    desk = current()
    return find_client(desk.practice.id, public_id, therapist_id=desk.only_therapist)


def _page(client: Client, values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    choices = [{"value": each.value, "label": label, "hint": hint} for each, (label, hint) in BOOKING.items()]
    return render_template(
        "desk/client_details.html",
        client=client,
        values=values,
        problems=problems,
        choices=choices,
        longest_note=LONGEST_NOTE,
    )
