"""Keeping a slot for some minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from telehealth.services.appointments.holding import sweep_holds
from tests import factories
from tests.api.caller import Caller, booking_of, path_of
from tests.factories import Office
from tests.fakes import FakeClock
from tests.moments import NOW

MINUTE = timedelta(minutes=1)


def wish_of(office: Office, start: str = "2026-11-24T17:00:00Z", **given: Any) -> dict[str, Any]:
    wish = {"service": office.service.public_id, "start": start, "mode": "virtual", "jurisdiction": "CO"}
    return {**wish, "therapist": office.therapist.public_id, **given}


def hold(api: Caller, office: Office, **given: Any) -> Any:
    return api.post(path_of(office, "/holds"), wish_of(office, **given))


def refuse(api: Caller, code: str, office: Office, **given: Any) -> dict[str, Any]:
    return api.refused(code, "POST", path_of(office, "/holds"), json=wish_of(office, **given))


def other_client(office: Office, **given: Any) -> dict[str, Any]:
    return booking_of(office, client={"name": "Sam Lee", "email": "sam@example.com"}, **given)


def test_a_held_slot_is_nobody_elses(api: Caller, office: Office) -> None:
    held = hold(api, office)
    assert (held["start"], held["end"]) == ("2026-11-24T17:00:00Z", "2026-11-24T17:50:00Z")
    assert held["expires_at"] == "2026-11-23T16:10:00Z"
    assert held["extensions_left"] == 2
    assert held["therapist"]["id"] == office.therapist.public_id
    api.refused("slot_taken", "POST", path_of(office, "/appointments"), json=other_client(office))
    refuse(api, "slot_taken", office)
    query = {"service": office.service.public_id, "mode": "virtual", "until": "2026-11-25T07:00:00Z"}
    starts = [slot["start"] for slot in api.get(path_of(office, "/slots"), query_string=query)["slots"]]
    assert held["start"] not in starts


def test_booking_consumes_it(api: Caller, office: Office) -> None:
    held = hold(api, office)
    booked = api.post(path_of(office, "/appointments"), booking_of(office, hold=held["id"]))
    assert booked["start"] == held["start"]
    api.refused("hold_expired", "POST", path_of(office, f"/holds/{held['id']}/extend"))


def test_one_network_keeps_only_so_many(api: Caller, office: Office, clock: FakeClock) -> None:
    starts = [f"2026-11-24T{hour}:00:00Z" for hour in range(16, 24)]
    for start in starts:
        hold(api, office, start=start)
    clock.advance(4 * MINUTE)
    answer = api.ask("POST", path_of(office, "/holds"), json=wish_of(office, start="2026-11-25T17:00:00Z"))
    assert (answer.status_code, answer.mimetype) == (429, "application/problem+json")
    assert answer.get_json()["code"] == "too_many_holds"
    assert answer.headers["Retry-After"] == "360"
    booked = api.post(path_of(office, "/appointments"), booking_of(office, start="2026-11-25T17:00:00Z"))
    assert booked["start"] == "2026-11-25T17:00:00Z", "without one"


def test_all_addresses_of_one_ipv6_customer_keep_as_many_as_one(api: Caller, office: Office) -> None:
    def ask(start: str, address: str) -> int:
        place = {"REMOTE_ADDR": address}
        wish = wish_of(office, start=start)
        return api.ask("POST", path_of(office, "/holds"), json=wish, environ_base=place).status_code

    for number, hour in enumerate(range(16, 24), 1):
        assert ask(f"2026-11-24T{hour}:00:00Z", f"2001:db8:1:2::{number}") == 201
    assert ask("2026-11-25T17:00:00Z", "2001:db8:1:2:ffff::9") == 429
    assert ask("2026-11-25T17:00:00Z", "2001:db8:1:3::9") == 201


def test_a_hold_that_is_over_is_passed_by(api: Caller, office: Office, clock: FakeClock) -> None:
    held = hold(api, office)
    clock.advance(11 * MINUTE)
    assert hold(api, office)["id"] != held["id"]
    body = other_client(office, hold=held["id"])
    api.refused("slot_taken", "POST", path_of(office, "/appointments"), json=body)
    clock.advance(11 * MINUTE)
    api.post(path_of(office, "/appointments"), body)


def test_extended_twice_and_no_more(api: Caller, office: Office, clock: FakeClock) -> None:
    path = path_of(office, f"/holds/{hold(api, office)['id']}/extend")
    clock.advance(5 * MINUTE)
    extended = api.post(path, status=200)
    assert (extended["expires_at"], extended["extensions_left"]) == ("2026-11-23T16:15:00Z", 1)
    assert api.post(path, status=200)["extensions_left"] == 0
    api.refused("hold_expired", "POST", path)


def test_one_that_is_over_cannot_be_extended(api: Caller, office: Office, clock: FakeClock) -> None:
    held = hold(api, office)
    clock.advance(10 * MINUTE)
    api.refused("hold_expired", "POST", path_of(office, f"/holds/{held['id']}/extend"))


def test_given_back_it_is_free(api: Caller, office: Office) -> None:
    held = hold(api, office)
    for _ in range(2):
        api.delete(path_of(office, f"/holds/{held['id']}"))
    hold(api, office)


def test_one_hold_instead_of_another(api: Caller, office: Office) -> None:
    held = hold(api, office)
    again = hold(api, office, start="2026-11-24T17:30:00Z", replaces=held["id"])
    assert again["start"] == "2026-11-24T17:30:00Z"
    refuse(api, "slot_taken", office, start="2026-11-24T18:00:00Z")


def test_another_practice_neither_extends_nor_frees_it(api: Caller, office: Office, elsewhere: Office) -> None:
    held = hold(api, office)
    api.refused("hold_expired", "POST", path_of(elsewhere, f"/holds/{held['id']}/extend"))
    api.delete(path_of(elsewhere, f"/holds/{held['id']}"))
    hold(api, elsewhere, replaces=held["id"])
    refuse(api, "slot_taken", office)
    for method, path in (("DELETE", f"/holds/{held['id']}"), ("POST", f"/holds/{held['id']}/extend")):
        api.refused("not_found", method, f"/practices/nowhere{path}")


def test_a_place_for_the_appointment_that_moves(api: Caller, elsewhere: Office) -> None:
    office = factories.make_office(therapist={"daily_cap": 1})
    booked = api.post(path_of(office, "/appointments"), booking_of(office))
    later = {"start": "2026-11-24T19:00:00Z"}
    refuse(api, "slot_taken", office, **later)
    held = hold(api, office, moves=booked["manage_token"], **later)
    to = {"start": held["start"], "mode": "virtual", "hold": held["id"]}
    assert api.post(f"/appointments/{booked['manage_token']}/move", to, status=200)["start"] == held["start"]
    refuse(api, "link_invalid", office, moves="nobody.AAAAAAAAAAAAAAAAAAAAAA")
    refuse(api, "link_invalid", elsewhere, moves=booked["manage_token"])


def test_a_seat_in_a_group(api: Caller) -> None:
    group = factories.make_group_office(capacity=2)
    path = path_of(group, "/appointments")
    api.post(path, booking_of(group))
    held = hold(api, group)
    refuse(api, "group_full", group)
    api.refused("group_full", "POST", path, json=other_client(group))
    api.post(path, other_client(group, hold=held["id"]))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"start": "2026-11-24T03:00:00Z"}, "slot_not_offered"),
        ({"jurisdiction": "NY"}, "slot_not_offered"),
        ({"service": "unknown"}, "not_found"),
        ({"therapist": "unknown"}, "not_found"),
        ({"mode": "in_person"}, "invalid_input"),
        ({"mode": "in_person", "location": "unknown"}, "not_found"),
        ({"fit": {"languages": ["x" * 61]}}, "invalid_input"),
        ({"fit": {"languages": [""] * 11}}, "invalid_input"),
        ({"moves": "not a token"}, "invalid_input"),
        ({"until": "2026-11-24T18:00:00Z"}, "invalid_input"),
    ],
)
def test_what_cannot_be_held(api: Caller, office: Office, given: dict[str, Any], code: str) -> None:
    refuse(api, code, office, **given)


def test_a_service_that_ended(api: Caller, office: Office) -> None:
    ended = factories.make_service(office.practice, ended_at=NOW)
    refuse(api, "service_ended", office, service=ended.public_id)


def ask_once(api: Caller, office: Office, key: str, **given: Any) -> Any:
    wish = wish_of(office, **given)
    return api.ask("POST", path_of(office, "/holds"), json=wish, headers={"Idempotency-Key": key})


def test_a_repeated_key_keeps_one_slot(api: Caller, office: Office, clock: FakeClock) -> None:
    earlier = hold(api, office, start="2026-11-24T19:00:00Z")
    first = ask_once(api, office, "key-1", therapist=None, replaces=earlier["id"])
    clock.advance(timedelta(seconds=3))
    second = ask_once(api, office, "key-1", therapist=None, replaces=earlier["id"])
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json() == second.get_json()
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    "given",
    [
        {"start": "2026-11-24T19:00:00Z"},
        {"mode": "phone"},
        {"therapist": None},
        {"jurisdiction": None},
        {"fit": {"languages": ["English"]}},
        {"replaces": "0d7a3c1e-5c4e-4d0e-9a53-2f4f0a8f6b11"},
    ],
)
def test_a_repeated_key_with_another_wish(api: Caller, office: Office, given: dict[str, Any]) -> None:
    assert ask_once(api, office, "key-1").status_code == 201
    other = ask_once(api, office, "key-1", **given)
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_mismatch")


def test_the_key_of_a_hold_is_no_key_of_its_booking(api: Caller, office: Office) -> None:
    held = ask_once(api, office, "key-1").get_json()
    api.refused(
        "idempotency_mismatch",
        "POST",
        path_of(office, "/appointments"),
        json=booking_of(office, hold=held["id"]),
        headers={"Idempotency-Key": "key-1"},
    )


def test_a_refused_hold_leaves_its_key_free(api: Caller, office: Office) -> None:
    assert ask_once(api, office, "key-1", start="2026-11-24T17:05:00Z").status_code == 409
    assert ask_once(api, office, "key-1").status_code == 201


def test_a_key_whose_hold_is_forgotten(api: Caller, office: Office, clock: FakeClock) -> None:
    ask_once(api, office, "key-1")
    clock.advance(timedelta(hours=25))
    sweep_holds(now=clock())
    assert ask_once(api, office, "key-1").get_json()["code"] == "hold_expired"
