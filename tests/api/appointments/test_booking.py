"""Booking: what is offered can be booked, once, and what cannot be used is refused with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from telehealth.database import db
from telehealth.models import Appointment
from tests import factories
from tests.api.caller import Caller, booking_of, path_of
from tests.factories import Office
from tests.fakes import FakeClock
from tests.moments import NOW


def book(api: Caller, office: Office, **given: Any) -> Any:
    return api.post(path_of(office, "/appointments"), booking_of(office, **given))


def refuse(api: Caller, code: str, office: Office, **given: Any) -> dict[str, Any]:
    problem = api.refused(code, "POST", path_of(office, "/appointments"), json=booking_of(office, **given))
    assert count() == 0
    return problem


def count() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Appointment)) or 0


def test_what_is_offered_can_be_booked(api: Caller, office: Office) -> None:
    search = {"service": office.service.public_id, "mode": "virtual", "jurisdiction": "CO"}
    slot = api.get(path_of(office, "/slots"), query_string=search)["slots"][-1]
    booked = book(api, office, start=slot["start"], therapist=slot["therapist"])
    assert booked["start"] == slot["start"]
    assert booked["local_start"] == slot["local"]
    assert booked["status"] == "booked"
    assert booked["therapist"] == {"id": office.therapist.public_id, "name": "Dana Rivera"}
    assert booked["service"]["id"] == office.service.public_id
    assert booked["location"] is None
    assert booked["join_url"].startswith("http")
    later = api.get(path_of(office, "/slots"), query_string=search)["slots"]
    assert slot not in later


def test_the_answer_says_where_the_appointment_is(api: Caller, office: Office) -> None:
    response = api.ask("POST", path_of(office, "/appointments"), json=booking_of(office))
    booked = response.get_json()
    assert response.headers["Location"].endswith(f"/api/v1/appointments/{booked['manage_token']}")
    assert api.get(f"/appointments/{booked['manage_token']}") == booked
    assert "Idempotent-Replayed" not in response.headers


def test_local_start_is_in_the_clients_zone(api: Caller, office: Office) -> None:
    booked = book(api, office, client={"timezone": "Europe/Berlin"})
    assert (booked["timezone"], booked["local_start"]) == ("Europe/Berlin", "2026-11-24T18:00:00+01:00")


def test_in_person(api: Caller, office: Office) -> None:
    place = office.location.public_id
    booked = book(api, office, mode="in_person", location=place, client={"timezone": "Europe/Berlin"})
    assert booked["location"]["id"] == place
    assert booked["join_url"] is None
    assert (booked["timezone"], booked["local_start"]) == ("America/Denver", "2026-11-24T10:00:00-07:00")


def test_by_phone(api: Caller, office: Office) -> None:
    assert book(api, office, mode="phone")["join_url"] is None


def test_first_available(api: Caller, office: Office) -> None:
    assert book(api, office, therapist=None)["therapist"]["id"] == office.therapist.public_id


def test_a_start_with_another_offset_is_the_same_instant(api: Caller, office: Office) -> None:
    assert book(api, office, start="2026-11-24T10:00:00-07:00")["start"] == "2026-11-24T17:00:00Z"


def test_without_texts_no_phone_is_needed(api: Caller, office: Office) -> None:
    book(api, office, client={"phone": None, "text_consent": False})


def test_a_taken_slot(api: Caller, office: Office) -> None:
    book(api, office)
    body = booking_of(office, client={"name": "Sam Lee", "email": "sam@example.com"})
    api.refused("slot_taken", "POST", path_of(office, "/appointments"), json=body)
    assert count() == 1


@pytest.mark.parametrize(
    "start",
    [
        "2026-11-23T15:00:00Z",  # An hour ago.
        "2000-01-01T17:00:00Z",
        "2026-11-24T03:00:00Z",  # At night.
        "2026-11-28T17:00:00Z",  # On a Saturday.
        "2026-11-24T17:05:00Z",  # Off the grid.
        "2026-11-24T17:00:01Z",
        "2026-11-24T17:00:00.000001Z",
        "2027-11-24T17:00:00Z",  # Beyond the horizon.
        "2199-11-24T17:00:00Z",
    ],
)
def test_a_start_that_was_never_offered(api: Caller, office: Office, start: str) -> None:
    refuse(api, "slot_not_offered", office, start=start)


@pytest.mark.parametrize(
    "start",
    [
        "",
        "tomorrow",
        "2026-11-24",
        "2026-11-24T17:00:00",
        "2026-11-24T25:00:00Z",
        "2026-11-24T17:00:60Z",
        "2026-13-24T17:00:00Z",
        "10000-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2026-11-24T17:00:00Z\n",
        "2026-11-24T17:00:00+99:99",
        "1795539600",
        1795539600,
        1e400,
        -0.0,
        None,
        True,
        ["2026-11-24T17:00:00Z"],
        {"at": "2026-11-24T17:00:00Z"},
    ],
)
def test_a_start_that_is_no_instant(api: Caller, office: Office, start: Any) -> None:
    if start == 1e400:
        start = 10**400
    assert "start" in refuse(api, "invalid_input", office, start=start)["errors"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", " "),
        ("name", "?!"),
        ("name", "x" * 10_000),
        ("name", "Ana\nBcc: everybody@example.com"),
        ("name", "Ana\r\nRivera"),
        ("name", "Ana\x00Rivera"),
        ("name", "Ana\ud800"),
        ("name", "Ana\u2028Rivera"),
        ("name", 7),
        ("name", None),
        ("name", ["Ana"]),
        ("email", ""),
        ("email", "ana"),
        ("email", "ana@"),
        ("email", "ana@example.com\nBcc: x@example.com"),
        ("email", "ana@example.com, sam@example.com"),
        ("email", "a" * 10_000 + "@example.com"),
        ("email", "ana@exa\x00mple.com"),
        ("email", {}),
        ("phone", "911"),
        ("phone", "(303) 555-01"),
        ("phone", "not a number"),
        ("phone", "+1 303 555 0123 ext. 5"),
        ("phone", "3" * 10_000),
        ("name", "Win at evil.com now"),
        ("name", "call +1 900 555 0199"),
        ("name", "=?utf-8?q?=0d=0aBcc:_x=40y.z?="),
        ("email", "=?utf-8?q?=0d=0aBcc=3a_x?=@example.com"),
        ("phone", 3035550123),
        ("phone", None),
        ("timezone", "Mars/Olympus"),
        ("timezone", "EST5EDT4"),
        ("timezone", "../localtime"),
        ("timezone", "America/Denver\ud800"),
        ("timezone", None),
        ("text_consent", "yes"),
        ("text_consent", 1),
        ("text_consent", None),
        ("text_consent", []),
        ("jurisdiction", "XX"),
        ("jurisdiction", None),
        ("jurisdiction", 5),
        ("nickname", "An"),
    ],
)
def test_client_facts_that_cannot_be_used(api: Caller, office: Office, field: str, value: Any) -> None:
    problem = refuse(api, "invalid_input", office, client={field: value})
    assert list(problem["errors"]) == [f"client.{field}"]
    assert len(problem["errors"][f"client.{field}"]) > 10


def test_every_wrong_field_is_named_at_once(api: Caller, office: Office) -> None:
    problem = refuse(api, "invalid_input", office, client={"name": "", "email": "x", "timezone": "x"})
    assert set(problem["errors"]) == {"client.name", "client.email", "client.timezone"}


def test_names_of_any_script(api: Caller, office: Office) -> None:
    book(api, office, client={"name": "Zoë Łukaszewicz-O’Brien 李小龍"})


@pytest.mark.parametrize(
    "given",
    [
        {"service": None},
        {"service": "a\x00b"},
        {"service": "\ud800"},
        {"service": 12},
        {"therapist": "x" * 10_000},
        {"therapist": False},
        {"location": "a b"},
        {"mode": "telepathy"},
        {"mode": None},
        {"client": "Ana"},
        {"client": None},
        {"client": []},
        {"price": 100},
        {"status": "fulfilled"},
    ],
)
def test_fields_that_cannot_be_used(api: Caller, office: Office, given: dict[str, Any]) -> None:
    body = {**booking_of(office), **given}
    problem = api.refused("invalid_input", "POST", path_of(office, "/appointments"), json=body)
    assert list(problem["errors"]) == list(given)


def test_in_person_needs_a_place(api: Caller, office: Office) -> None:
    assert "location" in refuse(api, "invalid_input", office, mode="in_person")["errors"]


@pytest.mark.parametrize("field", ["service", "therapist"])
def test_unknown_ids(api: Caller, office: Office, field: str) -> None:
    refuse(api, "not_found", office, **{field: "unknown"})


def test_a_service_that_ended(api: Caller, office: Office) -> None:
    ended = factories.make_service(office.practice, ended_at=NOW)
    refuse(api, "service_ended", office, service=ended.public_id)


def test_a_state_without_a_licence(api: Caller, office: Office) -> None:
    refuse(api, "slot_not_offered", office, client={"jurisdiction": "NY"})


def replay(api: Caller, office: Office, key: str, **given: Any) -> Any:
    return api.ask(
        "POST", path_of(office, "/appointments"), json=booking_of(office, **given), headers={"Idempotency-Key": key}
    )


def test_a_repeated_key_counts_once(api: Caller, office: Office, clock: FakeClock) -> None:
    first = replay(api, office, "key-1")
    clock.advance(timedelta(seconds=3))
    second = replay(api, office, "key-1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json() == second.get_json()
    assert first.headers["Location"] == second.headers["Location"]
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert count() == 1


def test_a_repeated_key_with_another_body(api: Caller, office: Office) -> None:
    replay(api, office, "key-1")
    other = replay(api, office, "key-1", start="2026-11-24T19:00:00Z")
    assert other.get_json()["code"] == "idempotency_mismatch"
    assert count() == 1


def test_a_refused_booking_leaves_its_key_free(api: Caller, office: Office) -> None:
    assert replay(api, office, "key-1", start="2026-11-24T17:05:00Z").status_code == 409
    assert replay(api, office, "key-1").status_code == 201


def test_keys_of_two_practices_are_two_keys(api: Caller, office: Office, elsewhere: Office) -> None:
    assert replay(api, office, "key-1").status_code == 201
    assert replay(api, elsewhere, "key-1").status_code == 201
    assert count() == 2


@pytest.mark.parametrize("key", ["", " ", "two words", "x" * 256, "é", "tab\tkey"])
def test_keys_that_cannot_be_used(api: Caller, office: Office, key: str) -> None:
    response = replay(api, office, key)
    assert list(response.get_json()["errors"]) == ["Idempotency-Key"]
    assert count() == 0


def test_the_longest_key(api: Caller, office: Office) -> None:
    assert replay(api, office, "~" * 255).status_code == 201
