"""How a client is reached, at the desk: what they agreed to, where it is safe, and what is left alone."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.domain.message_words import Channel
from telehealth.models import Appointment, Client, Consent, Suppression
from telehealth.services.consent.suppressions import leave_address_alone, pause_texts, start_texts, stop_texts
from tests.factories import BY_STAFF, Office, book, make_client, make_contact, make_office, make_therapist
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_therapist, words_of

PHONE = "+13035550123"
TOLD = {"about": "text appointments", "answer": "no", "source": "phone", "wording": "No texts, please."}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


@pytest.fixture
def appointment(office: Office) -> Appointment:
    return book(office, at(10), contact=make_contact(name="Ana Rivera", email="ana@example.com"))


@pytest.fixture
def ana(appointment: Appointment) -> Client:
    return appointment.attendees[0].client


def page_of(client: Client, more: str = "contact") -> str:
    return f"/desk/clients/{client.public_id}/{more}"


def test_what_was_agreed_to_and_when(front_desk: Staff, ana: Client) -> None:
    page = front_desk.read(page_of(ana))
    assert "Texts about appointments Yes, ticked on a form, Mon, Nov 23" in page
    assert "E-mails about appointments Nothing was said about it. May be sent" in page
    assert "Yes to texts about appointments to (303) 555-0123, ticked on a form" in page
    assert "“Send me texts about my appointments from Riverside Office" in page
    assert "Every number and address of theirs may be used." in page


def test_a_yes_from_before_does_not_hold_for_a_booking_without_it(
    front_desk: Staff, ana: Client, office: Office
) -> None:
    book(office, at(12), contact=make_contact(name="Ana Rivera", email="ana@example.com", wants_texts=False))
    page = front_desk.read(page_of(ana))
    assert "They agreed earlier, but not with the appointment that they booked last. Not sent" in page
    assert "They did not agree" not in page


def test_a_no_by_phone(front_desk: Staff, ana: Client, appointment: Appointment, office: Office) -> None:
    page = front_desk.send(page_of(ana, "consents"), TOLD)
    assert "Written down. It counts at once" in page
    assert "No, told by phone" in page
    assert "They said no to texts about appointments. Not sent" in page
    assert "“No texts, please.”" in page
    for path in (f"/desk/clients/{ana.public_id}", "/desk/clients", f"/desk/appointments/{appointment.public_id}"):
        assert "No texts" in front_desk.read(path)
    assert "No texts" in front_desk.read("/desk/week")
    assert "E-mail only. They said no to texts about appointments." in front_desk.read(
        f"/desk/appointments/{appointment.public_id}"
    )


def test_without_anything_unusual_there_is_no_badge(front_desk: Staff, ana: Client) -> None:
    assert "badge--wait" not in front_desk.get("/desk/clients").text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"source": ""}, "Please choose how they told you."),
        ({"source": "form"}, "Please choose how they told you."),
        ({"about": "nonsense"}, "Please choose what it is about."),
        ({"answer": ""}, "Please choose what they say."),
        ({"answer": "yes", "wording": " "}, "Please write down what they agreed to"),
    ],
)
def test_what_is_missing_is_asked_for(
    front_desk: Staff, ana: Client, database: Any, change: dict[str, str], sentence: str
) -> None:
    answer = front_desk.post(page_of(ana, "consents"), {**TOLD, **change})
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    assert change.get("wording") or "No texts, please." in answer.text
    assert database.scalars(select(Consent).where(Consent.is_given.is_(False))).all() == []


def test_where_it_is_safe(front_desk: Staff, ana: Client, appointment: Appointment) -> None:
    typed = {
        "locale": "es",
        "code_name": "Sam",
        "safe_phone": "303 555 0199",
        "safe_email": "safe@example.org",
        "contact_note": "Call before five.",
    }
    assert "Saved." in front_desk.send(page_of(ana), typed)
    overview = front_desk.read(f"/desk/clients/{ana.public_id}")
    for words in ("Safe contact", "(303) 555-0199", "safe@example.org", "Sam", "Español", "Call before five."):
        assert words in overview
    page = front_desk.read(f"/desk/appointments/{appointment.public_id}")
    assert "(303) 555-0199" in page
    assert "Call before five." in page
    assert "(303) 555-0123" not in page


def test_where_they_are(front_desk: Staff, ana: Client, appointment: Appointment) -> None:
    zone = page_of(ana).replace("/contact", "/timezone")
    assert "Saved. From now on times are said" in front_desk.send(zone, {"timezone": "Asia/Tokyo"})
    assert "Tokyo time" in front_desk.read(f"/desk/clients/{ana.public_id}")
    wrong = front_desk.post(zone, {"timezone": "Mars/Olympus"})
    assert wrong.status_code == 422
    assert 'href="#timezone"' in wrong.text
    assert appointment.attendees[0].timezone == "Asia/Tokyo"


@pytest.mark.parametrize("name", ["Call 900 555 0199", "=?utf-8?q?=0d=0aBcc:_x=40y.z?="])
def test_a_code_name_is_a_name(front_desk: Staff, ana: Client, name: str) -> None:
    answer = front_desk.post(page_of(ana), {"locale": "en", "code_name": name, "contact_note": "Careful."})
    assert answer.status_code == 422
    assert "Careful." in answer.text
    assert name in answer.text


def test_what_cannot_be_used_stays_typed(front_desk: Staff, ana: Client) -> None:
    answer = front_desk.post(page_of(ana), {"locale": "en", "safe_phone": "12", "contact_note": "Careful."})
    assert answer.status_code == 422
    assert "Please check the number" in words_of(answer)
    assert 'value="12"' in answer.text
    assert "Careful." in answer.text


def test_do_not_text_this_number(front_desk: Staff, ana: Client, database: Any) -> None:
    page = front_desk.send(page_of(ana, "left-alone"), {"channel": "text", "address": "(303) 555-0123"})
    assert "(303) 555-0123 is left alone from now on." in page
    assert "Left alone, as we were asked, since" in page
    row = database.scalars(select(Suppression)).one()
    page = front_desk.send(page_of(ana, f"left-alone/{row.public_id}/lift"))
    assert "It is written to again." in page
    assert "written to again (it was left alone, as we were asked), by Robin Reed" in page


def test_after_stop_start_helps_or_a_sentence_of_staff(front_desk: Staff, ana: Client, database: Any) -> None:
    stop_texts(phone=PHONE, now=NOW)
    page = front_desk.read(page_of(ana))
    assert "Ended with STOP, since" in page
    assert "START, texted to us from that phone, ends this." in page
    row = database.scalars(select(Suppression)).one()
    lift = page_of(ana, f"left-alone/{row.public_id}/lift")
    assert "Nothing was changed." in front_desk.send(lift)
    assert "at most 200" in front_desk.send(lift, {"why": "x" * 201})
    page = front_desk.send(lift, {"why": "She meant the parking lot."})
    assert "The carrier may go on blocking our texts" in page
    assert "written to again (it was ended with STOP), by Robin Reed" in page
    assert "She meant the parking lot." in page


def test_a_pause_is_shown_and_lifted(front_desk: Staff, ana: Client, database: Any) -> None:
    pause_texts(phone=PHONE, now=NOW)
    assert "Paused: they may want no more texts, and were asked, since" in front_desk.read(page_of(ana))
    row = database.scalars(select(Suppression)).one()
    assert "It is written to again." in front_desk.send(page_of(ana, f"left-alone/{row.public_id}/lift"))


def test_start_is_told_as_the_end_of_stop(front_desk: Staff, ana: Client) -> None:
    stop_texts(phone=PHONE, now=NOW)
    start_texts(phone=PHONE, sender="+13035550000", now=NOW)
    page = front_desk.read(page_of(ana))
    assert "(303) 555-0123: written to again (it was ended with STOP), by START from the phone" in page


def test_a_bad_number_is_typed_again(front_desk: Staff, ana: Client) -> None:
    answer = front_desk.post(page_of(ana, "left-alone"), {"channel": "text", "address": "12"})
    assert answer.status_code == 422
    assert "Please check the number" in words_of(answer)


def test_somebody_elses_is_not_lifted(front_desk: Staff, ana: Client, database: Any) -> None:
    other = make_office()
    book(other, at(10), contact=make_contact(phone="+13035550177"))
    leave_address_alone(
        practice_id=other.practice.id,
        channel=Channel.TEXT,
        address="+13035550177",
        by=BY_STAFF,
        now=NOW,
    )
    row = database.scalars(select(Suppression)).one()
    assert front_desk.post(page_of(ana, f"left-alone/{row.public_id}/lift")).status_code == 404


def test_a_therapist_sees_their_own_clients_only(app: Flask, office: Office, ana: Client) -> None:
    assert "What they agreed to" in as_therapist(app, office).read(page_of(ana))
    colleague = as_therapist(app, office, make_therapist(office.practice, office.service))
    assert colleague.get(page_of(ana)).status_code == 404
    assert colleague.post(page_of(ana, "consents"), TOLD).status_code == 404


def test_a_mistyped_name_is_put_right_and_a_second_record_is_shown(front_desk: Staff, office: Office) -> None:
    wrong, right = (
        make_client(office.practice, name=name, email="jo@example.com") for name in ("Jo Smiht", "Jo Smith")
    )
    page = f"/desk/clients/{wrong.public_id}/contact"
    refused = front_desk.post(f"{page}/correct", {"name": "", "email": "jo@example.com", "phone": ""})
    assert refused.status_code == 422
    assert "Please enter your name." in words_of(refused)
    front_desk.post(f"{page}/correct", {"name": "Jo Smith", "email": "jo@example.com", "phone": ""})
    answer = front_desk.get(page)
    assert "There is another record of this name and address" in words_of(answer)
    assert f'href="/desk/clients/{right.public_id}"' in answer.text


def test_another_state_names_what_no_longer_fits(front_desk: Staff, ana: Client, appointment: Appointment) -> None:
    state, page = page_of(ana, "state"), f"/desk/appointments/{appointment.public_id}"
    assert "without a licence" not in front_desk.read(page_of(ana))
    wrong = front_desk.post(state, {"jurisdiction": ""})
    assert wrong.status_code == 422
    assert 'href="#jurisdiction"' in wrong.text
    words = front_desk.send(state, {"jurisdiction": "UT"})
    assert "Saved, for what lies ahead of them. Nothing was moved or cancelled." in words
    assert "1 appointment ahead without a licence where they will be" in words
    assert "Dana Rivera has no licence in Utah on that day." in words
    assert "No licence where the client will be" in front_desk.read(page)
    assert "From Colorado to Utah." in front_desk.read(page)
    assert "Dana Rivera is not licensed in Utah for 1 appointment" in front_desk.read("/desk/")
    assert "without a licence" not in front_desk.send(state, {"jurisdiction": "CO"})
    assert "No licence where the client will be" not in front_desk.read(page)


def test_only_ones_own_clients_have_their_state_put_right(app: Flask, office: Office, ana: Client) -> None:
    stranger = as_therapist(app, office, make_therapist(office.practice, office.service))
    assert stranger.post(page_of(ana, "state"), {"jurisdiction": "UT"}).status_code == 404
