"""Booking by phone only, for programs: a number, a code, and the booking that brings the proof along."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.models import NumberCode
from tests.api.caller import Caller, booking_of, path_of
from tests.factories import Office
from tests.factories.rows import change

PHONE = "+13035550123"


@pytest.fixture
def practice(office: Office) -> Office:
    change(office.practice, books_phone_only=True)
    return office


def code_of(addresses: Addresses) -> str:
    found = db.session.scalars(select(NumberCode).order_by(NumberCode.id.desc()).limit(1)).one()
    return addresses.number_code(found.public_id)


def booking(office: Office, **given: object) -> dict[str, object]:
    client = {"name": "Ana Rivera", "email": "", "phone": PHONE, "text_consent": True}
    return {**booking_of(office, client=client), **given}


def test_a_number_is_proved_and_books(api: Caller, practice: Office, addresses: Addresses) -> None:
    assert api.get(path_of(practice, ""))["books_phone_only"] is True
    asked = api.post(path_of(practice, "/number-codes"), {"phone": "(303) 555-0123", "locale": "es"})
    body = {"proof": asked["proof"], "phone": PHONE, "code": code_of(addresses)}
    where = path_of(practice, "/number-codes/proof")
    wrong = {**body, "code": f"{(int(body['code']) + 1) % 10**6:06}"}
    assert "errors" in api.refused("invalid_input", "POST", where, json=wrong)
    api.refused(
        "number_not_proved",
        "POST",
        path_of(practice, "/appointments"),
        json=booking(practice, number_proof=asked["proof"]),
    )
    assert api.post(where, body, status=200)["ends_at"] == "2026-11-23T16:30:00Z"
    booked = api.post(path_of(practice, "/appointments"), booking(practice, number_proof=asked["proof"]))
    assert booked["status"] == "booked"


def test_without_a_proof_an_address_is_needed(api: Caller, practice: Office) -> None:
    problem = api.refused("invalid_input", "POST", path_of(practice, "/appointments"), json=booking(practice))
    assert "client.email" in str(problem)


def test_few_codes_go_to_one_number(api: Caller, practice: Office) -> None:
    where = path_of(practice, "/number-codes")
    for _ in range(3):
        api.post(where, {"phone": PHONE})
    answer = api.ask("POST", where, json={"phone": PHONE})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "3600"
    api.refused("too_many_codes", "POST", where, json={"phone": PHONE})


def test_what_is_no_number(api: Caller, practice: Office) -> None:
    for phone in ("12", "+19005550123"):
        api.refused("invalid_input", "POST", path_of(practice, "/number-codes"), json={"phone": phone})


def test_where_it_is_not_wanted(api: Caller, office: Office) -> None:
    api.refused("invalid_input", "POST", path_of(office, "/number-codes"), json={"phone": PHONE})
