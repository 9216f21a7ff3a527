"""Who acts for a client, as staff write it down: a parent, a guardian, a partner, a case manager."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, languages
from telehealth.domain.companions import CompanionFacts, MessagesTo, Relationship
from telehealth.domain.contact import TEXT_CONSENT
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.models import Client, Companion
from telehealth.queries.practice.clients import find_client
from telehealth.services.appointments.bookers import know_booker
from telehealth.services.consent.companions import add_companion, change_companion, end_companion
from telehealth.web.acting import by_staff
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.desk.words import MESSAGES_TO, RELATIONSHIPS
from telehealth.web.form_reader import TICKED, FormReader

FIELDS = ("name", "relationship", "email", "phone", "locale", "messages_to")


@blueprint.get("/clients/<public_id>/companions/new")
@access.staff()
def clients_companions_new(public_id: str) -> ResponseReturnValue:
    """The empty form. Raises NotFound."""
    client = _client(public_id)
    usual = {"locale": client.locale, "messages_to": MessagesTo.CLIENT.value, "may_change": TICKED}
    return _form(client, None, MultiDict(usual), {})


@blueprint.post("/clients/<public_id>/companions/new")
@access.staff()
def clients_companions_add(public_id: str) -> ResponseReturnValue:
    """Write somebody down. Raises NotFound."""
    client = _client(public_id)
    try:
        made = add_companion(
            practice_id=client.practice_id,
            client_public_id=client.public_id,
            facts=_facts(),
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _form(client, None, request.form, problem.fields), problem.status
    flash(f"{made.name} acts for {client.name} now.", "success")
    return _back(client)


@blueprint.get("/clients/<public_id>/companions/<companion_id>")
@access.staff()
def clients_companions_one(public_id: str, companion_id: str) -> ResponseReturnValue:
    """The form, filled in. Raises NotFound."""
    client = _client(public_id)
    found = _companion(client, companion_id)
    kept = MultiDict({name: getattr(found, name) or "" for name in FIELDS})
    kept["may_change"] = TICKED if found.may_change else ""
    kept["wants_texts"] = TICKED if found.wants_texts else ""
    return _form(client, found, kept, {})


@blueprint.post("/clients/<public_id>/companions/<companion_id>")
@access.staff()
def clients_companions_change(public_id: str, companion_id: str) -> ResponseReturnValue:
    """Keep what was typed. Raises NotFound."""
    client = _client(public_id)
    found = _companion(client, companion_id)
    try:
        change_companion(
            practice_id=client.practice_id,
            client_public_id=client.public_id,
            companion_public_id=companion_id,
            facts=_facts(),
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _form(client, found, request.form, problem.fields), problem.status
    flash("Saved.", "success")
    return _back(client)


@blueprint.post("/clients/<public_id>/companions/<companion_id>/know")
@access.staff()
def clients_companions_know(public_id: str, companion_id: str) -> ResponseReturnValue:
    """Whoever booked online is known: they act for the client from now on. Raises NotFound."""
    client = _client(public_id)
    found = _companion(client, companion_id)
    know_booker(
        practice_id=client.practice_id,
        client_public_id=client.public_id,
        companion_public_id=companion_id,
        by=by_staff(),
        now=clock.now(),
    )
    flash(f"{found.name} acts for {client.name} now.", "success")
    return _back(client)


@blueprint.post("/clients/<public_id>/companions/<companion_id>/end")
@access.staff()
def clients_companions_end(public_id: str, companion_id: str) -> ResponseReturnValue:
    """They do not act for the client any more. Raises NotFound."""
    client = _client(public_id)
    ended = end_companion(
        practice_id=client.practice_id,
        client_public_id=client.public_id,
        companion_public_id=companion_id,
        by=by_staff(),
        now=clock.now(),
    )
    flash(f"{ended.name} does not act for {client.name} any more.", "success")
    return _back(client)


def _facts() -> CompanionFacts:
    """Raises InvalidInput for a relationship that is none."""
    typed = FormReader(request.form)
    relationship = typed.word("relationship", Relationship, "Please say what they are to the client.")
    messages_to = typed.word("messages_to", MessagesTo, "Please say who gets messages.")
    typed.refuse()
    return CompanionFacts(
        name=typed.text("name"),
        relationship=relationship or Relationship.OTHER,
        email=typed.text("email"),
        phone=typed.text("phone"),
        locale=typed.text("locale"),
        messages_to=messages_to or MessagesTo.CLIENT,
        may_change=typed.is_ticked("may_change"),
        wants_texts=typed.is_ticked("wants_texts"),
    )


def _client(public_id: str) -> Client:
    desk = current()
    return find_client(desk.practice.id, public_id, therapist_id=desk.only_therapist)


def _companion(client: Client, public_id: str) -> Companion:
    for each in client.companions:
        if each.public_id == public_id and each.ended_at is None:
            return each
    raise NotFound


def _back(client: Client) -> ResponseReturnValue:
    return redirect(url_for("desk.clients_one", public_id=client.public_id, _anchor="companions"))


def _form(client: Client, companion: Companion | None, values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    return render_template(
        "desk/client_companion.html",
        client=client,
        companion=companion,
        values=values,
        problems={field: sentence.replace("your ", "their ") for field, sentence in problems.items()},
        relationships=[(each.value, RELATIONSHIPS[each]) for each in Relationship],
        readers=[{"value": each.value, "label": label} for each, label in MESSAGES_TO.items()],
        consent=TEXT_CONSENT.format(sender=current().practice.sender_name),
        languages=list(languages.LANGUAGES.items()),
    )
