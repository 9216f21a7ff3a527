"""Finding somebody the practice knows from within a form: a search that shows whom to choose from, with a button of its
own, and while one types where scripts run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth.domain import access
from telehealth.domain.contact import say_phone
from telehealth.domain.errors import NotFound
from telehealth.models import Client
from telehealth.queries.practice.clients import find_client, search_clients
from telehealth.web.desk.frame import PUBLIC_ID, Desk, blueprint, current
from telehealth.web.form_reader import FormReader

MOST_FOUND = 12
MOST_BLOCKS = 12
LONGEST_SEARCH = 200
FIELDS = ("name", "email", "phone")
SOMEBODY_NEW = ("", "Somebody new: fill in below")


@dataclass(frozen=True, slots=True)
class Found:
    """Whom the search of one block found: what was typed, public ids and texts to choose from, and who is chosen.
    ``is_only``: they are, because nobody else was found; whoever looks for another does not keep them.
    """

    text: str = ""
    choices: Sequence[tuple[str, str]] = ()
    chosen: str = ""
    is_only: bool = False

    @property
    def said(self) -> str:
        """For those who cannot see it."""
        number = max(len(self.choices) - 1, 0)
        return f"{number} found" if number else "Nobody found"


@blueprint.get("/clients/known")
@access.staff()
def clients_known() -> ResponseReturnValue:
    """The choices of one block (``?number=``) for a search (``?q=``), as a part of a page."""
    asked = FormReader(request.args)
    number = asked.number("number", "", needed=True)
    if number is None or not 0 < number <= MOST_BLOCKS:
        raise NotFound
    found = find_known(current(), _text(asked.text("q")), asked.text("known"))
    return render_template("desk/clients_known.html", number=number, found=found)


def was_asked(form: MultiDict[str, str]) -> bool:
    """Whether a search was typed whose answer was not shown yet: nothing that is typed is passed over."""
    typed = FormReader(form)
    asked = {number: _text(typed.text(f"find-{number}")) for number in range(1, MOST_BLOCKS + 1)}
    return any(text and text != typed.text(f"looked-{number}") for number, text in asked.items())


def find_known_in(form: MultiDict[str, str], desk: Desk, number: int) -> Found:
    """The choices of one block of a form. Whoever has typed who it is, or has seen this answer, has chosen."""
    typed = FormReader(form)
    text, looked, chosen = (typed.text(f"{each}-{number}") for each in ("find", "looked", "known"))
    text = _text(text)
    if chosen and chosen == typed.text(f"only-{number}") and text != looked:
        chosen = ""
    is_open = text != looked and not any(typed.text(f"{each}-{number}").strip() for each in FIELDS)
    return find_known(desk, text, chosen, takes_only=is_open)


def find_known(desk: Desk, text: str, chosen: str = "", *, takes_only: bool = True) -> Found:
    """Those who are found by a text, and whoever was chosen before; else the only one who is found."""
    found = (
        list(search_clients(desk.practice.id, text, therapist_id=desk.only_therapist, limit=MOST_FOUND)) if text else []
    )
    if chosen and all(each.public_id != chosen for each in found):
        found = [*_chosen(desk, chosen), *found]
    if not found:
        return Found(text)
    choices = [SOMEBODY_NEW, *((each.public_id, say_client(each)) for each in found)]
    if not chosen and takes_only and len(found) == 1:
        return Found(text, choices, found[0].public_id, is_only=True)
    return Found(text, choices, chosen if any(each.public_id == chosen for each in found) else "")


def say_client(client: Client) -> str:
    """A name with what tells it from another of the same."""
    return ", ".join([client.name, *filter(None, [client.email]), *([say_phone(client.phone)] if client.phone else [])])


def _chosen(desk: Desk, public_id: str) -> list[Client]:
    if not PUBLIC_ID.fullmatch(public_id):
        return []
    try:
        return [find_client(desk.practice.id, public_id, therapist_id=desk.only_therapist)]
    except NotFound:
        return []


def _text(typed: str) -> str:
    return " ".join(typed.split())[:LONGEST_SEARCH]
