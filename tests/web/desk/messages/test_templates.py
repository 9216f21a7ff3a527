"""The words of messages as the owner sees and changes them."""

from __future__ import annotations

import re
from html import unescape
from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.models import MessageTemplate
from telehealth.queries.messages.templates import list_templates
from tests.factories import Office, book, make_office
from tests.factories.rows import keep
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_owner, filled_in, words_of

ALL = "/desk/message-templates"
REMINDER = f"{ALL}/reminder/text/en"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def in_the_box(page: str) -> str:
    """What stands in the page's one large field."""
    return unescape(re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)[0])


def bodies(office: Office) -> list[tuple[str, str, str, str]]:
    db.session.expire_all()
    found = list_templates(office.practice.id)
    return [(each.channel, each.locale, each.name, each.body) for each in found]


def test_every_message_with_its_words(owner: Staff) -> None:
    words = owner.read(ALL)
    assert "Text, English Riverside Office: a reminder of your appointment on " in words
    assert "E-mail, Español Su cita está confirmada." in words
    assert "Yours" not in words


def test_only_the_owner_changes_words(app: Flask, office: Office) -> None:
    assert as_front_desk(app, office).get(ALL).status_code == HTTPStatus.FORBIDDEN


def test_a_look_keeps_nothing_and_empties_nothing(owner: Staff, office: Office) -> None:
    book(office, at(10))
    typed = {"do": "preview", "body": "see you on {{ when }}.", "name": "Short"}
    answer = owner.post(REMINDER, typed)
    assert answer.status_code == HTTPStatus.OK
    words = words_of(answer)
    assert "see you on Tue, Nov 24 at 10:00 AM MST. Reply STOP to end texts." in words
    assert "With the data of your next appointment" in words
    assert "1 piece that is paid for" in words
    assert in_the_box(answer.text) == "see you on {{ when }}."
    assert filled_in(answer.text)["name"] == ["Short"]
    assert bodies(office) == []


def test_what_makes_a_text_dearer_is_said(owner: Staff) -> None:
    words = words_of(
        owner.post(f"{ALL}/reminder/text/es", {"do": "preview", "body": "nos vemos mañana, ¡sí! {{ when }}"})
    )
    assert "does not have í." in words
    long = words_of(owner.post(REMINDER, {"do": "preview", "body": "see you on {{ when }}. " + "word " * 80}))
    assert "This is long" in long


def test_saving_and_going_back(owner: Staff, office: Office) -> None:
    assert "Saved." in owner.send(REMINDER, {"do": "save", "body": "see you on {{ when }}.", "name": ""})
    assert bodies(office) == [("text", "en", "", "see you on {{ when }}.")]
    page = owner.get(REMINDER)
    assert in_the_box(page.text) == "see you on {{ when }}."
    assert "Text, English Yours Riverside Office: see you on " in owner.read(ALL)
    (saved,) = list_templates(office.practice.id)
    assert "The usual words are back." in owner.send(f"{ALL}/{saved.public_id}/remove")
    assert bodies(office) == []


def test_words_with_a_name_stand_beside_the_usual_ones(owner: Staff, office: Office) -> None:
    owner.send(REMINDER, {"do": "save", "body": "bring your papers on {{ day }}.", "name": "First visit"})
    assert bodies(office) == [("text", "en", "First visit", "bring your papers on {{ day }}.")]
    words = owner.read(ALL)
    assert "Text, English: First visit Yours Riverside Office: bring your papers" in words
    page = owner.get(f"{REMINDER}?name=First+visit").text
    assert in_the_box(page) == "bring your papers on {{ day }}."


def test_an_e_mail_has_a_subject(owner: Staff, office: Office) -> None:
    path = f"{ALL}/moved/email/en"
    assert filled_in(owner.get(path).text)["subject"] == ["Changed: appointment on {{ when }}"]
    words = words_of(owner.post(path, {"do": "preview", "subject": "New: {{ day }}", "body": "One.\r\n\r\nTwo."}))
    assert "New: " in words
    assert "One. Two. The video room " in words


@pytest.mark.parametrize("do", ["preview", "save"])
def test_a_mistake_is_explained_and_nothing_typed_is_lost(owner: Staff, office: Office, do: str) -> None:
    answer = owner.post(REMINDER, {"do": do, "body": "Reply CANCEL, {{ when }}", "name": ""})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Phone companies act on the answer CANCEL" in words_of(answer)
    assert in_the_box(answer.text) == "Reply CANCEL, {{ when }}"
    assert bodies(office) == []


@pytest.mark.parametrize("do", ["preview", "save"])
@pytest.mark.parametrize(
    ("channel", "body"),
    [
        ("email", "{{ day" + "|trim" * 250 + " }}"),
        ("text", "{{ when" + "|upper" * 90 + " }}"),
        ("email", "{{ " + "not " * 300 + "day }}"),
        ("email", "{{ " + "(" * 900 + "day" + ")" * 900 + " }}"),
        ("email", "{% if day %}" * 150 + "{% endif %}" * 150),
    ],
)
def test_what_would_be_dear_to_compile_is_refused_like_any_mistake(
    owner: Staff, office: Office, do: str, channel: str, body: str
) -> None:
    answer = owner.post(f"{ALL}/reminder/{channel}/en", {"do": do, "body": body, "name": ""})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "this cannot do more" in words_of(answer)
    assert in_the_box(answer.text) == body
    assert bodies(office) == []


def test_words_that_could_be_saved_once_are_shown_as_what_is_sent_instead(owner: Staff, office: Office) -> None:
    body = "{{ day" + "|trim" * 60 + " }}"
    keep(
        MessageTemplate(
            practice_id=office.practice.id, kind="reminder", channel="text", locale="en", body=body, changed_at=NOW
        )
    )
    assert "Text, English Yours Riverside Office: a reminder of your appointment" in owner.read(ALL)
    assert in_the_box(owner.get(REMINDER).text) == body


@pytest.mark.parametrize("path", ["agenda/email/en", "reminder/text/fr", "reminder/letter/en", "x/text/en"])
def test_what_there_is_no_choice_about(owner: Staff, path: str) -> None:
    assert owner.get(f"{ALL}/{path}").status_code == HTTPStatus.NOT_FOUND
