"""Booking without an e-mail address: a number, a code, and the appointment. Nothing typed is ever lost on the way."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.ports import Gateways, Remedy
from telehealth.domain.words import ServiceKind
from telehealth.models import Appointment, Hold, Message, NumberCode
from telehealth.services.delivery.claiming import claim_messages
from tests.delivering import deliver_one
from tests.factories import Office, make_office
from tests.fakes import FakeClock, FakeTexts
from tests.web.staff import as_owner, filled_in, words_of
from tests.web.visitor import Visitor, form_of, problem_of, read

ANA = {
    "name": "Ana Rivera",
    "email": "",
    "phone": "(303) 555-0123",
    "no_email": "y",
    "wants_texts": "y",
    "locale": "es",
}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(practice={"books_phone_only": True})


@pytest.fixture
def visitor(client: FlaskClient, office: Office) -> Visitor:
    return Visitor(client, office)


@pytest.fixture
def carry(gateways: Gateways, clock: FakeClock, addresses: Addresses, texts: FakeTexts) -> object:
    """Whoever sends what is due, and says the code of the last text."""

    def carried() -> str:
        while claimed := claim_messages(worker="w", addresses=addresses, limit=100, now=clock()):
            for each in claimed:
                deliver_one(each, gateways=gateways, now=clock())
        found = re.findall(r"\b\d{6}\b", texts.sent[-1].body) if texts.sent else []
        return found[-1] if found else ""

    return carried


def asked(visitor: Visitor, **typed: str) -> TestResponse:
    """The page that asks for the code."""
    review = visitor.send(visitor.details(), "Review", **{**ANA, **typed})
    return visitor.send(review, "Text me a code")


def count_booked() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Appointment)) or 0


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_from_the_number_to_the_appointment(visitor: Visitor, carry: object, texts: FakeTexts) -> None:
    details = visitor.details()
    assert "I have no e-mail address. Text me instead." in words_of(details)
    review = visitor.send(details, "Review", **ANA)
    words = words_of(review)
    assert "E-mail None: we text you" in words
    assert "Nothing is booked until you have typed the code that we text to (303) 555-0123." in words
    assert db.session.scalars(select(NumberCode)).all() == []  # Nothing is sent before they ask for it.
    page = visitor.send(review, "Text me a code")
    assert "It went to (303) 555-0123 and works for 10 minutes." in words_of(page)
    assert count_booked() == 0
    code = carry()
    assert len(texts.sent) == 1
    assert "es su clave" in texts.sent[0].body
    done = visitor.send(page, "Confirm appointment", code=code)
    assert done.status_code == 303
    assert "/m/" in done.location
    made = db.session.scalars(select(Appointment)).one()
    assert (made.attendees[0].name, made.attendees[0].phone, made.attendees[0].email) == (
        "Ana Rivera", "+13035550123", "",
    )  # fmt: skip
    assert visitor.follow(done).status_code == 200


def test_a_wrong_code_an_empty_one_and_a_new_one(visitor: Visitor, carry: object, clock: FakeClock) -> None:
    page = asked(visitor)
    code = carry()
    for typed in (wrong(code), ""):
        page = visitor.send(page, "Confirm appointment", code=typed)
        assert page.status_code == 422
        assert "This is not the code that we texted last." in problem_of(page)
        assert filled_in(page.text)["name"] == ["Ana Rivera"]
    clock.advance(timedelta(minutes=1))
    page = visitor.send(page, "Text me a new code")
    newer = carry()
    assert newer != code
    page = visitor.send(page, "Confirm appointment", code=code)
    assert page.status_code == 422
    assert visitor.send(page, "Confirm appointment", code=newer).status_code == 303


def test_too_many_wrong_ones(visitor: Visitor, carry: object) -> None:
    page = asked(visitor)
    code = carry()
    for _ in range(5):
        page = visitor.send(page, "Confirm appointment", code=wrong(code))
    assert "too many tries" in problem_of(page)
    page = visitor.send(page, "Confirm appointment", code=code)
    assert "too many tries" in problem_of(page)
    page = visitor.send(page, "Text me a new code")
    assert visitor.send(page, "Confirm appointment", code=carry()).status_code == 303


def test_too_many_codes(visitor: Visitor, clock: FakeClock, office: Office) -> None:
    page = asked(visitor)
    for _ in range(2):
        clock.advance(timedelta(minutes=1))
        page = visitor.send(page, "Text me a new code")
    clock.advance(timedelta(minutes=1))
    page = visitor.send(page, "Text me a new code")
    assert page.status_code == 409
    assert "Several codes were sent already" in problem_of(page)
    assert db.session.scalar(select(func.count()).select_from(NumberCode)) == 3


def test_another_number_needs_its_own_code(visitor: Visitor, carry: object) -> None:
    page = asked(visitor)
    code = carry()
    details = visitor.send(page, "Change my number")
    fields = filled_in(details.text)
    assert fields["phone"] == ["(303) 555-0123"]
    assert fields["no_email"] == fields["wants_texts"] == ["y"]
    assert fields["locale"] == ["es"]
    review = visitor.send(details, "Review", phone="303 555 0188")
    page = visitor.send(review, "Text me a code")
    assert "It went to (303) 555-0188" in words_of(page)
    assert visitor.send(page, "Confirm appointment", code=code).status_code == 422
    assert visitor.send(page, "Confirm appointment", code=carry()).status_code == 303


def test_a_proved_number_cannot_be_exchanged_on_the_way(visitor: Visitor, carry: object, clock: FakeClock) -> None:
    """The number travels in the form: somebody may send another one with a code that was right."""
    page = asked(visitor)
    code = carry()
    form = form_of(page)
    data = {**form.fields, "code": code, "do": "code"}
    stranger = visitor.browser.post(form.action, data={**data, "phone": "(303) 555-0177"})
    assert stranger.status_code == 422
    assert visitor.browser.post(form.action, data={**data, "do": "code"}).status_code == 303
    again = visitor.browser.post(form.action, data={**data, "phone": "(303) 555-0177", "do": "confirm"})
    assert again.status_code != 303
    assert count_booked() == 1


def test_another_browser_cannot_use_the_code(app: Flask, visitor: Visitor, carry: object, office: Office) -> None:
    asked(visitor)
    code = carry()
    other = Visitor(app.test_client(), office)
    page = asked(other)
    assert other.send(page, "Confirm appointment", code=code).status_code == 422


def test_a_landline(visitor: Visitor, carry: object, texts: FakeTexts, office: Office) -> None:
    texts.fail_next(Remedy.BAD_ADDRESS)
    page = asked(visitor)
    carry()
    page = visitor.send(page, "Text me a new code")
    words = words_of(page)
    assert "No text arrived at (303) 555-0123" in words
    assert "It may be a landline" in words
    assert office.practice.phone[-4:] in words
    details = visitor.send(page, "Change my details")
    assert filled_in(details.text)["name"] == ["Ana Rivera"]
    done = visitor.send(
        visitor.send(details, "Review", email="ana@example.com"), "Confirm appointment"
    )  # An address that is typed counts.
    assert done.status_code == 303


def test_the_time_is_kept_while_they_wait(visitor: Visitor, clock: FakeClock) -> None:
    details = visitor.details()
    clock.advance(timedelta(minutes=8))
    visitor.send(visitor.send(details, "Review", **ANA), "Text me a code")
    assert db.session.scalars(select(Hold.expires_at)).one() >= clock() + timedelta(minutes=10)


def test_keeping_it_longer_comes_back_to_the_code(visitor: Visitor, clock: FakeClock) -> None:
    page = asked(visitor)
    clock.advance(timedelta(minutes=5))
    again = visitor.send(page, "Keep it longer")
    assert "Type the code that we texted you" in words_of(again)


def test_what_is_missing_is_said_beside_it(visitor: Visitor) -> None:
    for typed, said in (
        ({"wants_texts": None}, "tick the box for texts"),
        ({"phone": ""}, "Please enter a mobile number."),
        ({"phone": "+44 20 7946 0958"}, "We can text numbers in the United States only."),
        ({"no_email": None}, "Please enter your e-mail address."),
    ):
        page = visitor.send(visitor.details(), "Review", **{**ANA, **typed})
        assert page.status_code == 422
        assert said in problem_of(page)
    assert 'aria-invalid="true"' in page.text


def test_where_the_practice_does_not_take_it(client: FlaskClient) -> None:
    visitor = Visitor(client, make_office(practice={"takes_phone_only": True}))
    details = visitor.details()
    assert "I have no e-mail address" not in words_of(details)
    page = visitor.send(details, "Review", **ANA)
    assert "Please enter your e-mail address." in problem_of(page)


def test_a_partner_still_needs_an_address(client: FlaskClient) -> None:
    office = make_office(practice={"books_phone_only": True}, service={"kind": ServiceKind.COUPLE, "capacity": 2})
    visitor = Visitor(client, office)
    typed = {**ANA, "other-1-name": "Ben Rivera", "other-1-phone": "303 555 0188"}
    page = visitor.send(visitor.details(), "Review", **typed)
    assert "Please enter" in problem_of(page)
    assert page.status_code == 422


def test_the_desk_sees_that_a_code_went_and_not_which(app: Flask, visitor: Visitor, carry: object) -> None:
    asked(visitor)
    code = carry()
    owner = as_owner(app, visitor.office)
    log = owner.read("/desk/messages")
    assert "A code that proves a number" in log
    message = db.session.scalars(select(Message)).one()
    page = owner.get(f"/desk/messages/{message.public_id}")
    assert code not in page.text
    assert "••••••" in page.text
    assert page.status_code == 200


def test_an_owner_decides_it(app: Flask, client: FlaskClient) -> None:
    owner = as_owner(app, make_office())
    assert "Saved." in owner.send("/desk/settings/phone-only", {"books_phone_only": "y"})
    assert filled_in(owner.get("/desk/settings").text)["books_phone_only"] == ["y"]
    assert "Booking online by phone only: from no → to yes" in owner.read("/desk/changes")


def test_the_first_button_goes_on(visitor: Visitor) -> None:
    assert next(iter(read(asked(visitor)).forms[0].buttons.values())) == ("do", "code")
