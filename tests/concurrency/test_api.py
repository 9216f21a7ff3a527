"""The same races through the front door: every answer is a proper one, and nobody sees an error of ours."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from flask import current_app

from telehealth.models import Appointment, Client, Occupancy
from tests.concurrency.conftest import Race
from tests.concurrency.racing import Outcome
from tests.concurrency.test_booking import MANY, count, overlapping
from tests.factories import Office, make_office
from tests.moments import at

pytestmark = pytest.mark.concurrency


@dataclass(frozen=True)
class Answer:
    """What an HTTP client sees."""

    status: int
    code: str
    body: str


def ask(slug: str, body: dict[str, Any], key: str | None) -> Answer:
    headers = {"Idempotency-Key": key} if key else {}
    response = current_app.test_client().post(f"/api/v1/practices/{slug}/appointments", json=body, headers=headers)
    given = response.get_json()
    return Answer(response.status_code, given.get("code", ""), response.text)


def request(office: Office, number: int) -> dict[str, Any]:
    return {
        "service": office.service.public_id,
        "therapist": office.therapist.public_id,
        "start": at(10).isoformat(),
        "mode": "virtual",
        "client": {
            "name": "Ana Rivera",
            "email": f"ana-{number}@example.com",
            "phone": "+13035550123",
            "timezone": "America/Denver",
            "text_consent": True,
            "jurisdiction": "CO",
        },
    }


def answers(outcomes: list[Outcome]) -> list[Answer]:
    assert {outcome.error for outcome in outcomes} == {""}, outcomes
    return [outcome.value for outcome in outcomes]


def test_fifty_requests_for_one_slot(race: Race) -> None:
    office = make_office()
    given = answers(race([partial(ask, office.practice.slug, request(office, each), None) for each in range(MANY)]))
    found = Counter((answer.status, answer.code) for answer in given)
    assert found[201, ""] == 1, found
    assert set(found) <= {(201, ""), (409, "slot_taken"), (409, "slot_not_offered")}, found
    assert (count(Appointment), count(Client), count(Occupancy), overlapping()) == (1, 1, 2, 0)


def test_twenty_repetitions_of_one_request_get_one_answer(race: Race) -> None:
    office = make_office()
    given = answers(race([partial(ask, office.practice.slug, request(office, 1), "the-key")] * 20))
    assert {answer.status for answer in given} == {201}, given
    assert len({answer.body for answer in given}) == 1
    assert count(Appointment) == 1
