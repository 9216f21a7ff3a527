"""One appointment, for whoever holds its token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from telehealth.domain.addresses import Addresses, Purpose
from tests.api.caller import Caller, booking_of, path_of
from tests.factories import Office
from tests.fakes import FakeClock


@pytest.fixture
def booked(api: Caller, office: Office) -> Any:
    return api.post(path_of(office, "/appointments"), booking_of(office))


def test_cancelling_frees_the_slot(api: Caller, office: Office, booked: Any) -> None:
    link = f"/appointments/{booked['manage_token']}"
    cancelled = api.post(f"{link}/cancel", {"reason": "I caught a cold."}, status=200)
    assert cancelled["status"] == "cancelled"
    assert cancelled["join_url"] is None
    assert api.get(link) == cancelled
    again = api.post(path_of(office, "/appointments"), booking_of(office))
    assert again["id"] != booked["id"]


def test_cancelling_needs_no_body(api: Caller, booked: Any) -> None:
    response = api.ask("POST", f"/appointments/{booked['manage_token']}/cancel")
    assert response.get_json()["status"] == "cancelled"


def test_cancelling_twice(api: Caller, booked: Any) -> None:
    path = f"/appointments/{booked['manage_token']}/cancel"
    api.post(path, {}, status=200)
    api.refused("already_cancelled", "POST", path, json={})


def test_cancelling_after_the_start(api: Caller, booked: Any, clock: FakeClock) -> None:
    clock.advance(timedelta(days=2))
    api.refused("too_late", "POST", f"/appointments/{booked['manage_token']}/cancel", json={})


@pytest.mark.parametrize(
    "reason", ["x" * 10_000, "one\ntwo", "nul\x00", "\ud800", 5, None, ["no"]], ids=lambda reason: repr(reason)[:12]
)
def test_reasons_that_cannot_be_used(api: Caller, booked: Any, reason: Any) -> None:
    path = f"/appointments/{booked['manage_token']}/cancel"
    assert "reason" in api.refused("invalid_input", "POST", path, json={"reason": reason})["errors"]


def test_the_calendar_file(api: Caller, booked: Any) -> None:
    response = api.ask("GET", f"/appointments/{booked['manage_token']}/invite.ics")
    assert response.mimetype == "text/calendar"
    assert "attachment" in response.headers["Content-Disposition"]
    assert response.data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert b"DTSTART:20261124T170000Z" in response.data
    assert b"Individual session" not in response.data


@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("GET", "/invite.ics"), ("POST", "/cancel")])
def test_tokens_that_open_nothing(api: Caller, booked: Any, addresses: Addresses, method: str, rest: str) -> None:
    seat, signature = booked["manage_token"].split(".")
    guesses = [
        seat,
        f"{seat}.",
        f"{seat}.{'A' * 22}",
        f"{seat}.{signature[:-1]}",
        f"{seat}x.{signature}",
        booked["id"],
        addresses.token(Purpose.JOIN, seat),
        addresses.token(Purpose.MANAGE, "nobody"),
        "A" * 120,
    ]
    for guess in guesses:
        api.refused("link_invalid", method, f"/appointments/{guess}{rest}")


@pytest.mark.parametrize("odd", ["%00", "a%00b", "é", "A" * 121, "%F0%9F", "a%0Ab"])
def test_paths_that_cannot_be_tokens(api: Caller, odd: str) -> None:
    api.refused("not_found", "GET", f"/appointments/{odd}")


def test_answers_with_secrets_are_not_kept(api: Caller, booked: Any) -> None:
    response = api.ask("GET", f"/appointments/{booked['manage_token']}")
    assert response.headers["Cache-Control"] == "no-store"
