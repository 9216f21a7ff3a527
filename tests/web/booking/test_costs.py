"""What each page on the way to an appointment, and behind its link, asks the database: little, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from telehealth.models import Closure
from tests.factories import Office, make_office, make_service, make_therapist
from tests.factories.rows import keep
from tests.statements import listening
from tests.web.visitor import TYPED, Visitor, form_of, slots_of

MOST = {
    "practice": 5,  # The practice; its services, its therapists with what they give and where they may, its places, and
    # when it is closed.
    "service": 4,
    "mode": 4,
    "state": 4,
    "therapist": 4,
    "match": 4,
    "nobody": 4,
    "times": 5,  # And everything that decides a slot.
    "details": 6,  # And what is kept.
    "review": 6,
    "manage": 5,  # The seat, whoever comes along, the standing slot, what is refused, what is left alone.
    "how to move": 5,
    "times to move to": 7,
    "new time": 9,
    "cancel": 3,
    "texts": 4,
    "zone": 2,
    "way in": 2,
    "wait": 4,
    "earlier": 5,
    # What a button does, and where it leads.
    "keep": 11,
    "book": 19,
    "keep to move": 12,
    "move": 22,
    "cancelling": 13,
}
"""Statements, by page."""


@pytest.fixture
def office(client: FlaskClient) -> Office:
    made = make_office()
    for name in ("Alex Kim", "Sam Okafor", "Uma Shah"):
        make_therapist(made.practice, made.service, location=made.location, name=name, languages=["English", name])
    make_service(made.practice, name="Another")
    return made


@pytest.fixture
def visitor(client: FlaskClient, office: Office) -> Visitor:
    return Visitor(client, office)


@contextmanager
def bounded(page: str) -> Iterator[None]:
    with listening() as said:
        yield
    assert len(said) <= MOST[page], (page, said)
    assert len(said) == len(set(said)), f"{page} asks twice"


def press(button: str, client: FlaskClient, path: str, data: dict[str, str]) -> str:
    """Where it leads, after no more than it may ask and write."""
    with listening() as said:
        answer = client.post(path, data=data)
    assert answer.status_code == 303, (button, answer.status)
    assert len(said) <= MOST[button], (button, said)
    return str(answer.location)


def ask(page: str, send: Callable[..., TestResponse], path: str, **given: Any) -> TestResponse:
    """The page, which asks no more than it may."""
    with bounded(page):
        answer = send(path, **given)
    assert answer.status_code == 200, (page, answer.status)
    return answer


@pytest.fixture
def times(visitor: Visitor) -> dict[str, str]:
    return {**visitor.choices, "therapist": visitor.office.therapist.public_id, "week": "2026-12-02"}


def test_every_question_on_the_way(visitor: Visitor, client: FlaskClient) -> None:
    service = {"service": visitor.office.service.public_id}
    pages = {
        "practice": f"/{visitor.office.practice.slug}",
        "service": visitor.book_path(),
        "mode": visitor.book_path(**service),
        "state": visitor.book_path(**service, mode="virtual"),
        "nobody": visitor.book_path(**service, mode="virtual", state="NY"),
        "therapist": visitor.book_path(**visitor.choices),
        "match": visitor.book_path(**visitor.choices, therapist="best"),
        "times": visitor.book_path(**visitor.choices, therapist="any"),
        "wait": f"/{visitor.office.practice.slug}/wait?service={service['service']}&mode=virtual&state=CO",
    }
    for page, path in pages.items():
        ask(page, client.get, path)
    ask("times", client.get, pages["times"].replace("any", visitor.office.therapist.public_id))


def test_a_week_in_which_the_practice_is_closed(visitor: Visitor, client: FlaskClient, times: dict[str, str]) -> None:
    thursday = date(2026, 12, 3)
    keep(Closure(practice_id=visitor.office.practice.id, first_day=thursday, last_day=thursday))
    page = ask("times", client.get, visitor.book_path(**times))
    assert "closed on" in page.text.lower()


def test_from_a_time_to_the_appointment(visitor: Visitor, client: FlaskClient, times: dict[str, str]) -> None:
    form = form_of(visitor.times(**times))
    chosen = press("keep", client, form.action, {**form.fields, "slot": slots_of(visitor.times(**times))[0]})
    form = form_of(ask("details", client.get, chosen))
    review = ask("review", client.post, form.action, data={**form.fields, **TYPED, "do": "review"})
    form = form_of(review)
    press("book", client, form.action, {**form.fields, "do": "confirm"})


def test_everything_behind_the_link(visitor: Visitor, client: FlaskClient, times: dict[str, str]) -> None:
    review = visitor.send(visitor.details(**times), "Review", **TYPED)
    manage = visitor.send(review, "Confirm").location
    page = ask("manage", client.get, manage)
    ask("texts", client.get, f"{manage}/texts")
    ask("zone", client.get, f"{manage}/timezone")
    ask("earlier", client.get, f"{manage}/earlier")
    way_in = page.text.partition('href="/j/')[2].partition('"')[0]
    ask("way in", client.get, f"/j/{way_in}")
    ask("how to move", client.get, f"{manage}/move")
    listed = ask("times to move to", client.get, f"{manage}/move?mode=virtual")
    form = form_of(listed)
    chosen = press("keep to move", client, form.action, {**form.fields, "slot": slots_of(listed)[5]})
    form = form_of(ask("new time", client.get, chosen))
    press("move", client, form.action or chosen, {**form.fields, "do": "confirm"})
    form = form_of(ask("cancel", client.get, f"{manage}/cancel"))
    press("cancelling", client, f"{manage}/cancel", form.fields)
