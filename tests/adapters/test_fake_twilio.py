"""The small Twilio holds us to what Twilio's public description says, or the tests that use it prove little."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from telehealth.adapters.twilio import STATUSES, TwilioAccount, TwilioTexts
from telehealth.domain.ports import DeliveryFailed, Text
from tests import twilio_process
from tests.fake_twilio import ACCOUNT_SID, AUTH_TOKEN, FakeTwilio
from tests.twilio_requests import DESCRIPTION, FIELDS, problem

GOOD = {
    "To": ["+13035550123"],
    "From": ["+15550009999"],
    "Body": ["Your appointment is tomorrow."],
    "StatusCallback": ["https://practice.example/webhooks/twilio/status/abc"],
    "ValidityPeriod": ["7200"],
}


def test_what_we_send_is_allowed(twilio: FakeTwilio, make_texts: Callable[..., TwilioTexts], text: Text) -> None:
    make_texts().send(text)
    make_texts(messaging_service_sid="MG" + "a" * 32).send(text)
    assert twilio.problems == []
    assert problem(GOOD) is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": []}, 21604),
        ({"To": ["3035550123"]}, 21211),
        ({"To": ["+13035550123", "+13035550124"]}, 20001),
        ({"From": []}, 21603),
        ({"Body": []}, 21602),
        ({"Body": ["x" * 1601]}, 21617),
        ({"Body": ["x" * 1600]}, None),
        ({"ValidityPeriod": ["soon"]}, 20001),
        ({"ValidityPeriod": ["0"]}, 20001),
        ({"ValidityPeriod": ["36001"]}, 20001),
        ({"StatusCallback": ["/status"]}, 21609),
        ({"StatusCallback": ["https://my_host.example/"]}, 21609),
        ({"MessagingServiceSid": ["MG1"]}, 20001),
        ({"SmartEncoded": ["maybe"]}, 20001),
        ({"ScheduleType": ["random"]}, 20001),
        ({"SendAt": ["tomorrow"]}, 20001),
        ({"SendAt": ["2026-03-03T15:00:00Z"]}, None),
        ({"MediaUrl": ["https://a.example/1.png", "https://a.example/2.png"]}, None),
        ({"Reference": ["abc"]}, 20001),
    ],
)
def test_what_is_not_described_is_refused(change: dict[str, list[str]], code: int | None) -> None:
    fields = {name: values for name, values in {**GOOD, **change}.items() if values}
    found = problem(fields)
    assert (found.code if found else None) == code


def test_a_refusal_of_that_kind_reaches_the_sdk(
    twilio: FakeTwilio, make_texts: Callable[..., TwilioTexts], text: Text
) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        make_texts().send(replace(text, body="x" * 1601))
    assert (caught.value.code, twilio.messages) == ("21617", [])
    assert twilio.problems == [(21617, "Body")]


def test_the_description_says_where_it_is_from() -> None:
    assert "twilio-oai" in DESCRIPTION["source"]
    assert set(STATUSES) | {"receiving", "received"} == set(DESCRIPTION["statuses"])
    assert {rule["type"] for rule in FIELDS.values()} <= {"string", "integer", "number", "boolean"}


def test_another_path_is_nobodys(twilio: FakeTwilio) -> None:
    answer = requests.post(f"{twilio.url}/Messages.json", data={}, auth=(ACCOUNT_SID, AUTH_TOKEN), timeout=5)
    assert answer.status_code == 404


def send_from(url: str, number: int, **settings: Any) -> list[str]:
    """Send as many texts with the SDK; the references of those whose answer came."""
    usual = {"account_sid": ACCOUNT_SID, "auth_token": AUTH_TOKEN, "sender": "+15550009999", "timeout": 2.0}
    account = TwilioAccount(**{**usual, "base_url": url, "status_callback_base": "http://127.0.0.1:9/s", **settings})
    texts, known = TwilioTexts(account, now=lambda: datetime.now(UTC)), []
    for each in range(number):
        text = Text(f"r{each}", "+13035550123", f"Text {each}", datetime.now(UTC) + timedelta(hours=1))
        try:
            texts.send(text)
        except DeliveryFailed:
            continue
        known.append(text.reference)
    return known


def test_in_a_process_of_its_own_it_keeps_a_journal(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with twilio_process.running(journal, callbacks="none") as url:
        known = send_from(url, 3)
    assert [each["reference"] for each in twilio_process.accepted(journal)] == known == ["r0", "r1", "r2"]


def test_in_bad_weather_it_takes_more_than_it_answers(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with twilio_process.running(journal, trouble=0.5, seed=3) as url:
        known = send_from(url, 40)
    taken = [each["reference"] for each in twilio_process.accepted(journal)]
    assert set(known) < set(taken) < {f"r{each}" for each in range(40)}
