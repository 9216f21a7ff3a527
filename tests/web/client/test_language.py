"""The language and the zone of messages: asked for by the browser, chosen on the form, changed with the link."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.models import Client
from tests.factories import Office, book, make_office
from tests.moments import NOW, at
from tests.web.staff import words_of
from tests.web.visitor import TYPED, Visitor, form_of, read


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


def locale_of(office: Office) -> Any:
    db.session.expire_all()
    return db.session.scalar(select(Client.locale).where(Client.practice_id == office.practice.id))


@pytest.mark.parametrize(
    ("asked", "locale"),
    [("es-MX,es;q=0.9,en;q=0.5", "es"), ("de,en;q=0.5,es;q=0.3", "en"), ("fr", "en"), ("", "en"), ("x;;q", "en")],
)
def test_the_form_begins_with_what_the_browser_asks_for(
    client: FlaskClient, office: Office, asked: str, locale: str
) -> None:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = asked
    assert form_of(Visitor(client, office).details()).fields["locale"] == locale


def test_what_was_chosen_is_kept_with_the_client(client: FlaskClient, office: Office) -> None:
    visitor = Visitor(client, office)
    review = visitor.review(locale="es")
    assert "Messages in Español" in words_of(review)
    changed = visitor.send(review, "Change my details")
    assert form_of(changed).fields["locale"] == "es"
    visitor.send(visitor.send(changed, "Review", **TYPED), "Confirm appointment")
    assert locale_of(office) == "es"


def test_a_language_that_we_have_no_words_in(client: FlaskClient, office: Office) -> None:
    answer = Visitor(client, office).review(locale="fr")
    assert "Please choose one of: English, Español." in words_of(answer)
    assert form_of(answer).fields["email"] == TYPED["email"]


def test_changed_by_whoever_holds_the_link(client: FlaskClient, office: Office, addresses: Addresses) -> None:
    made = book(office, at(10), now=NOW)
    manage = f"/m/{addresses.token(LinkPurpose.MANAGE, made.attendees[0])}"
    page = client.get(manage)
    form = next(each for each in read(page).forms if "locale" in each.fields)
    assert form.fields["locale"] == "en"
    answer = client.post(form.action, data={**form.fields, "locale": "es"})
    assert answer.location == manage
    assert "From now on we write to you in: Español." in client.get(manage).text
    assert locale_of(office) == "es"
    client.post(form.action, data={**form.fields, "locale": "fr"})
    assert "Nothing was changed." in client.get(manage).text
    assert locale_of(office) == "es"


def test_the_zone_is_changed_by_whoever_holds_the_link(
    client: FlaskClient, office: Office, addresses: Addresses
) -> None:
    made = book(office, at(10), now=NOW)
    manage = f"/m/{addresses.token(LinkPurpose.MANAGE, made.attendees[0])}"
    assert "We say times to you in Mountain Time." in words_of(client.get(manage))
    page = client.get(read(client.get(manage)).links["Change the zone"])
    form = form_of(page)
    assert form.fields["timezone"] == "America/Denver"
    answer = client.post(page.request.path, data={**form.fields, "timezone": "Asia/Tokyo"})
    assert answer.location == manage
    words = words_of(client.get(manage))
    assert "From now on we say times in:" in words
    assert "November 25" in words
    client.post(page.request.path, data={**form.fields, "timezone": "Mars/Olympus"})
    assert "Nothing was changed." in client.get(manage).text
    assert made.attendees[0].timezone == "Asia/Tokyo"
