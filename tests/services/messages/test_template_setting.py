"""Words of a practice's own: saved, looked at, taken back."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.phrases import IN
from telehealth.domain.messages.templates import VARIABLES
from telehealth.domain.words import Mode
from telehealth.queries.messages.templates import list_templates
from telehealth.services.messages.template_setting import (
    MOST_OF_OWN,
    Preview,
    Wording,
    delete_template,
    preview_template,
    save_template,
    usual_wording,
)
from tests.factories import BY_STAFF, Office, book, make_client, make_office
from tests.moments import NOW, at

K, TEXT, EMAIL = MessageKind, Channel.TEXT, Channel.EMAIL


@pytest.fixture
def office(database: Session) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


def save(office: Office, body: str = "see you {{ when }}", **given: str) -> str:
    wanted = Wording(K.REMINDER, TEXT, "en", body, **given)
    return save_template(practice_id=office.practice.id, wanted=wanted, by=BY_STAFF, now=NOW).public_id


def look(office: Office, addresses: Addresses, wanted: Wording) -> Preview:
    return preview_template(practice_id=office.practice.id, wanted=wanted, addresses=addresses, now=NOW)


def refused(office: Office, wanted: Wording) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refusal:
        save_template(practice_id=office.practice.id, wanted=wanted, by=BY_STAFF, now=NOW)
    assert list_templates(office.practice.id) == []
    return refusal.value.fields


def test_the_same_again_replaces_it(office: Office) -> None:
    first = save(office)
    assert save(office, "until {{ when }}") == first
    assert save(office, name="Evaluation") != first
    assert [(each.name, each.body) for each in list_templates(office.practice.id)] == [
        ("", "until {{ when }}"),
        ("Evaluation", "see you {{ when }}"),
    ]


def test_there_are_only_so_many(office: Office) -> None:
    saved = [save(office, name=f"Words {number}") for number in range(MOST_OF_OWN)]
    with pytest.raises(InvalidInput) as refusal:
        save(office, name="One more")
    assert set(refusal.value.fields) == {"name"}
    assert save(office, "until {{ when }}", name="Words 0") == saved[0]
    delete_template(practice_id=office.practice.id, public_id=saved[1], by=BY_STAFF, now=NOW)
    save(office, name="One more")


def test_back_to_the_usual_words(office: Office) -> None:
    saved = save(office)
    with pytest.raises(NotFound):
        delete_template(practice_id=make_office().practice.id, public_id=saved, by=BY_STAFF, now=NOW)
    delete_template(practice_id=office.practice.id, public_id=saved, by=BY_STAFF, now=NOW)
    assert list_templates(office.practice.id) == []
    with pytest.raises(NotFound):
        delete_template(practice_id=office.practice.id, public_id=saved, by=BY_STAFF, now=NOW)


def test_everything_that_is_wrong_is_said_at_once(office: Office) -> None:
    wanted = Wording(K.REMINDER, EMAIL, "fr", "{{ gone }}", subject="your therapy", name="x" * 41)
    assert set(refused(office, wanted)) == {"body", "subject", "locale", "name"}
    assert set(refused(office, Wording(K.AGENDA, EMAIL, "en", "Hello"))) == {"kind"}
    assert set(refused(office, Wording(K.REMINDER, TEXT, "en", "Reply YES"))) == {"body"}


def test_the_subject_of_a_text_is_left_out(office: Office) -> None:
    save(office, subject="{{ gone }}")
    assert list_templates(office.practice.id)[0].subject == ""


@pytest.mark.parametrize("kind", list(VARIABLES))
@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("locale", list(IN))
def test_every_message_can_be_looked_at(
    office: Office, addresses: Addresses, kind: MessageKind, channel: Channel, locale: str
) -> None:
    said = usual_wording(kind, channel, locale)
    seen = look(office, addresses, Wording(kind, channel, locale, said.opening or said.text, said.subject))
    assert seen.is_sample
    if channel == TEXT:
        assert seen.text.startswith(f"{office.practice.sender_name}: ")
        assert seen.length.encoding == "GSM-7"
    else:
        assert seen.letter is not None
        assert seen.letter.language == locale


def test_real_data_without_the_clients_links(office: Office, addresses: Addresses) -> None:
    later = book(office, at(10, days=3))
    made = book(office, at(10), mode=Mode.PHONE, by=BY_STAFF)
    seen = look(office, addresses, Wording(K.REMINDER, TEXT, "es", "nos vemos {{ when }}, {{ how }}: {{ manage }}"))
    assert not seen.is_sample
    assert "nos vemos martes 24 de nov a las 10:00 a.m. MST, por teléfono: http" in seen.text
    assert made.attendees[0].public_id not in seen.text
    letter = look(office, addresses, Wording(K.MOVED, EMAIL, "en", "Hello {{ name }}")).letter
    assert letter is not None
    assert letter.paragraphs == ("Hello Jane Doe",)
    by_video = look(office, addresses, Wording(K.JOIN_LINK, TEXT, "en", "{{ when }} {{ join }}"))
    assert later.attendees[0].public_id not in by_video.text
    assert "Thu, Nov 26" in by_video.text
    assert list_templates(office.practice.id) == []


def test_a_letter_that_makes_it_dearer_is_named(office: Office, addresses: Addresses) -> None:
    seen = look(office, addresses, Wording(K.REMINDER, TEXT, "es", "su cita será el {{ when }} – hasta el día"))
    assert (seen.length.encoding, seen.length.odd) == ("UCS-2", ("á", "í"))


def test_the_language_of_a_client(office: Office) -> None:
    """A new client's is the one they chose, or English; a known client's follows the last choice, and only a choice."""
    known = make_client(office.practice, email="ana@example.com", locale="es")
    assert known.locale == "es"
    assert make_client(office.practice).locale == "en"
    assert make_client(office.practice, email="ana@example.com").locale == "es"
    assert make_client(office.practice, email="ana@example.com", locale="en").id == known.id
    db.session.expire_all()
    assert make_client(office.practice, email="ana@example.com").locale == "en"
