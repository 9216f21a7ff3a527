"""Every rule of a service, its terms, and what holds for the whole practice."""

from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from tests.api.caller import Caller, booking_of, path_of
from tests.factories import Office
from tests.moments import at

COUPLE = {"kind": "couple", "name": "Couple session", "modes": ["virtual"], "duration_minutes": 80, "capacity": 2}
TERMS = {"window_minutes": 1440, "when_late": "call", "text": "Please give us a day."}


def path(office: Office, rest: str) -> str:
    return path_of(office, f"/services/{office.service.public_id}/{rest}")


def test_a_new_service(api: Caller, office: Office, owner: str) -> None:
    made = api.post(path_of(office, "/services"), {**COUPLE, "therapists": [office.therapist.public_id]}, token=owner)
    assert COUPLE.items() <= made.items()
    assert made["therapists"] == [office.therapist.public_id]
    assert (made["when_one_cancels"], made["approval"], made["room_kind"]) == ("all_off", "never", None)
    assert (made["terms"]["version"], made["terms"]["when_late"]) == (1, "mark")
    assert made["id"] in {each["id"] for each in api.get(path_of(office, "/services"))["services"]}


def test_other_rules(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    before = api.get(path(office, "settings"), token=front_desk)
    assert before["duration_minutes"] == 50
    body = {**COUPLE, "approval": "new_clients", "approval_minutes": 120, "room_kind": "large", "other_lengths": [60]}
    changed = api.put(path(office, "settings"), body, token=owner)
    assert body.items() <= changed.items()
    assert changed["therapists"] == before["therapists"]
    assert api.get(path(office, "settings"), token=front_desk) == changed
    assert api.get(path_of(office, f"/services/{office.service.public_id}"))["approval"] == "new_clients"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "party"}, "kind"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"modes": []}, "modes"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"duration_minutes": "80"}, "duration_minutes"),
        ({"other_lengths": [0]}, "other_lengths"),
        ({"other_lengths": ["60"]}, "other_lengths.0"),
        ({"horizon_days": 367}, "horizon_days"),
        ({"capacity": 1}, "capacity"),
        ({"capacity": 101}, "capacity"),
        ({"therapists_needed": 3}, "therapists_needed"),
        ({"opened_by_staff": "no"}, "opened_by_staff"),
        ({"approval": "maybe"}, "approval"),
        ({"approval_minutes": 1}, "approval_minutes"),
        ({"load_percent": -1}, "load_percent"),
        ({"price": 100}, "price"),
    ],
)
def test_rules_that_cannot_be(api: Caller, office: Office, owner: str, given: dict[str, Any], field: str) -> None:
    for method, where in (("POST", path_of(office, "/services")), ("PUT", path(office, "settings"))):
        problem = api.refused("invalid_input", method, where, token=owner, json={**COUPLE, **given})
        assert list(problem["errors"]) == [field]


def test_therapists_of_another_practice(api: Caller, office: Office, elsewhere: Office, owner: str) -> None:
    body = {**COUPLE, "therapists": [elsewhere.therapist.public_id]}
    api.refused("not_found", "POST", path_of(office, "/services"), token=owner, json=body)
    api.refused("not_found", "PUT", path(office, "settings"), token=owner, json=body)


def test_new_terms_are_a_new_version(api: Caller, office: Office, owner: str) -> None:
    first = api.put(path(office, "terms"), TERMS, token=owner)
    assert first == {**TERMS, "version": 1}
    assert api.put(path(office, "terms"), TERMS, token=owner) == first
    booked = factories.book(office, at(10))
    assert api.put(path(office, "terms"), {**TERMS, "window_minutes": 0}, token=owner)["version"] == 2
    kept = api.get(path_of(office, f"/appointments/{booked.public_id}"), token=owner)
    assert kept["terms"] == first
    assert api.get(path_of(office, f"/services/{office.service.public_id}"))["terms"]["version"] == 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"window_minutes": -1}, "window_minutes"),
        ({"window_minutes": 20_161}, "window_minutes"),
        ({"window_minutes": None}, "window_minutes"),
        ({"when_late": "shout"}, "when_late"),
        ({"text": "x" * 601}, "text"),
        ({"text": "x" * 3_000}, "text"),
    ],
)
def test_terms_that_cannot_be(api: Caller, office: Office, owner: str, given: dict[str, Any], field: str) -> None:
    problem = api.refused("invalid_input", "PUT", path(office, "terms"), token=owner, json={**TERMS, **given})
    assert list(problem["errors"]) == [field]


def test_closed_and_opened_again(api: Caller, office: Office, owner: str) -> None:
    assert api.post(path(office, "end"), status=200, token=owner)["ended"] == "2026-11-23T16:00:00Z"
    api.refused("service_ended", "POST", path_of(office, "/appointments"), json=booking_of(office))
    assert api.post(path(office, "reopen"), status=200, token=owner)["ended"] is None
    api.post(path_of(office, "/appointments"), booking_of(office))


def test_how_long_things_wait(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    where = path_of(office, "/pace")
    before = api.get(where, token=front_desk)
    assert before["grace_minutes"] == 3
    assert api.put(where, {**before, "hold_minutes": 20}, token=owner)["hold_minutes"] == 20
    assert api.get(where, token=front_desk)["hold_minutes"] == 20
    for given in ({"hold_minutes": 1}, {"series_weeks": 53}, {"grace_minutes": "3"}):
        problem = api.refused("invalid_input", "PUT", where, token=owner, json={**before, **given})
        assert list(problem["errors"]) == list(given)


def test_rooms(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    (room,) = api.get(path_of(office, "/rooms"), token=front_desk)["rooms"]
    assert (room["id"], room["kind"], room["location"]["id"]) == (office.room.public_id, "", office.location.public_id)
    where = path_of(office, f"/rooms/{room['id']}")
    assert api.put(where, {"kind": "playroom"}, token=owner)["kind"] == "playroom"
    api.refused("not_found", "PUT", path_of(office, "/rooms/unknown"), token=owner, json={"kind": ""})
    api.refused("invalid_input", "PUT", where, token=owner, json={"kind": "x" * 41})


def test_looking_for_clients(api: Caller, office: Office, owner: str, therapist: str) -> None:
    factories.make_client(office.practice, name="Cy Moss", email="cy@example.com")
    booked = factories.book(office)
    names = [each["name"] for each in api.get(path_of(office, "/clients"), token=owner)["clients"]]
    assert names == ["Cy Moss", "Jane Doe"]
    (own,) = api.get(path_of(office, "/clients"), token=therapist)["clients"]
    assert own["id"] == booked.attendees[0].client.public_id
    (found,) = api.get(path_of(office, "/clients"), token=owner, query_string={"text": "MOSS cy@"})["clients"]
    assert found["email"] == "cy@example.com"
    counted = api.get(path_of(office, f"/clients/{found['id']}/attendance"), token=owner)
    assert (counted["late_cancels"], counted["noshows"]) == (0, 0)
    api.refused("not_found", "GET", path_of(office, f"/clients/{found['id']}/attendance"), token=therapist)


def test_what_clients_may_move(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    where = path_of(office, "/move-rules")
    assert api.get(where, token=front_desk) == {"most_moves": None, "moves_ask_again": True}
    rules = {"most_moves": 0, "moves_ask_again": False}
    assert api.put(where, rules, token=owner) == rules
    assert api.get(where, token=front_desk) == rules
    api.refused("not_allowed", "PUT", where, json=rules, token=front_desk)
    api.refused("invalid_input", "PUT", where, json={**rules, "most_moves": 21}, token=owner)
    made = api.post(path_of(office, "/appointments"), booking_of(office))
    move = f"/appointments/{made['manage_token']}/move"
    api.refused("moved_too_often", "POST", move, json={"start": "2026-11-24T19:00:00Z", "mode": "virtual"})


def test_what_own_calendars_mean(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    where = path_of(office, "/calendar-rules")
    usual = {
        "busy_before_minutes": 0,
        "busy_after_minutes": 0,
        "tentative_is_busy": True,
        "unread_hours": 24,
        "when_unread": "go_on",
    }
    assert api.get(where, token=front_desk) == usual
    rules = {
        "busy_before_minutes": 10,
        "busy_after_minutes": 15,
        "tentative_is_busy": False,
        "unread_hours": 6,
        "when_unread": "ask",
    }
    assert api.put(where, rules, token=owner) == rules
    assert api.get(where, token=front_desk) == rules
    api.refused("not_allowed", "PUT", where, json=rules, token=front_desk)
    for wrong in ({"unread_hours": 1}, {"when_unread": "never"}, {"busy_before_minutes": 121}):
        api.refused("invalid_input", "PUT", where, json={**rules, **wrong}, token=owner)


def test_when_rooms_are_open(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    where = path_of(office, "/room-rules")
    assert api.get(where, token=front_desk) == {"room_opens_minutes": 15, "room_stays_minutes": 30}
    rules = {"room_opens_minutes": 20, "room_stays_minutes": 0}
    assert api.put(where, rules, token=owner) == rules
    assert api.get(where, token=front_desk) == rules
    api.refused("not_allowed", "PUT", where, json=rules, token=front_desk)
    for wrong in ({"room_opens_minutes": 4}, {"room_stays_minutes": 241}, {"room_stays_minutes": None}):
        api.refused("invalid_input", "PUT", where, json={**rules, **wrong}, token=owner)


def test_clients_without_an_e_mail_address(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    where = path_of(office, "/phone-only")
    assert api.get(where, token=front_desk) == {"takes_phone_only": False, "books_phone_only": False}
    new = {"name": "Ana Rivera", "email": "", "phone": "+13035550123", "timezone": "America/Denver"}
    refused = api.refused("invalid_input", "POST", path_of(office, "/clients"), json=new, token=front_desk)
    assert set(refused["errors"]) == {"email"}
    api.refused("not_allowed", "PUT", where, json={"takes_phone_only": True}, token=front_desk)
    assert api.put(where, {"takes_phone_only": True}, token=owner) == {
        "takes_phone_only": True,
        "books_phone_only": False,
    }
    both = {"takes_phone_only": False, "books_phone_only": True}
    assert api.put(where, both, token=owner) == both
    assert api.put(where, {"takes_phone_only": True}, token=owner)["books_phone_only"] is True  # Left out, it stays.
    made = api.post(path_of(office, "/clients"), new, token=front_desk)
    assert (made["email"], made["phone"]) == ("", "+13035550123")
    booking = booking_of(office)
    wish = {**booking, "client": {**booking["client"], **new}}
    refused = api.refused("invalid_input", "POST", path_of(office, "/appointments"), json=wish)
    assert set(refused["errors"]) == {"client.email"}
    assert api.post(path_of(office, "/desk/appointments"), wish, token=front_desk)["status"] == "booked"
    (found,) = api.get(path_of(office, "/clients"), token=front_desk)["clients"]
    assert (found["email"], found["next_start"]) == ("", wish["start"])


HIDDEN = {**COUPLE, "kind": "individual", "capacity": 1, "open_to": "link", "duration_minutes": 50}


class TestOpenTo:
    """Who may book a service, at each door of clients' programs."""

    def test_its_link(self, api: Caller, office: Office, owner: str, front_desk: str) -> None:
        given = {**HIDDEN, "therapists": [office.therapist.public_id]}
        made = api.put(path(office, "settings"), given, token=owner)
        slug, word = office.practice.slug, made["link_word"]
        assert made["booking_url"].endswith(f"/{slug}/book?service={word}")
        renewed = api.post(path(office, "link"), token=owner, status=200)
        assert renewed["link_word"] not in {None, word}
        assert api.get(path(office, "settings"), token=front_desk) == renewed
        api.refused("not_allowed", "POST", path(office, "link"), token=front_desk)
        opened = api.put(path(office, "settings"), {**given, "open_to": "everybody"}, token=owner)
        assert (opened["booking_url"], opened["link_word"]) == (None, None)
        assert set(api.refused("invalid_input", "POST", path(office, "link"), token=owner)["errors"]) == {"open_to"}

    def test_a_group_is_for_all_who_find_it(self, api: Caller, office: Office, owner: str) -> None:
        group = {**COUPLE, "kind": "group", "open_to": "new_clients"}
        refused = api.refused("invalid_input", "PUT", path(office, "settings"), json=group, token=owner)
        assert set(refused["errors"]) == {"open_to"}

    def test_every_door(self, api: Caller, office: Office, owner: str) -> None:
        word = api.put(path(office, "settings"), HIDDEN, token=owner)["link_word"]
        by_id = booking_of(office)
        by_word = {**by_id, "service": word}
        slots = f"/slots?mode=virtual&jurisdiction=CO&since={at(9):%Y-%m-%dT%H:%M:%SZ}&service="
        hold = {"service": office.service.public_id, "start": by_id["start"], "mode": "virtual", "jurisdiction": "CO"}
        api.refused("service_ended", "GET", path_of(office, slots + office.service.public_id))
        api.refused("service_ended", "POST", path_of(office, "/holds"), json=hold)
        api.refused("service_ended", "POST", path_of(office, "/appointments"), json=by_id)
        assert api.get(path_of(office, slots + word))["slots"]
        kept = api.post(path_of(office, "/holds"), {**hold, "service": word})
        booked = api.post(path_of(office, "/appointments"), {**by_word, "hold": kept["id"]})
        assert booked["service"]["id"] == office.service.public_id
        moved = api.get(f"/appointments/{booked['manage_token']}/slots?mode=virtual")
        assert moved["slots"]

    def test_a_request_of_whoever_asks(self, api: Caller, office: Office, owner: str) -> None:
        api.put(path(office, "settings"), {**HIDDEN, "open_to": "new_clients"}, token=owner)
        assert api.post(path_of(office, "/appointments"), booking_of(office))["status"] == "pending"


def test_what_it_costs(api: Caller, office: Office, owner: str) -> None:
    given = {**COUPLE, "price": {"amount": "12.5", "currency": "KWD"}, "fee_note": "Ask us."}
    kept = api.put(path(office, "settings"), given, token=owner)
    assert (kept["price"], kept["price_shown"]) == ({"amount": "12.500", "currency": "KWD"}, True)
    service = path_of(office, f"/services/{office.service.public_id}")
    assert (api.get(service)["price"], api.get(service)["fee_note"]) == (kept["price"], "Ask us.")
    api.put(path(office, "settings"), {**given, "price_shown": False}, token=owner)
    assert api.get(service)["price"] is None
    assert api.get(path(office, "settings"), token=owner)["price"] == kept["price"]
    assert api.put(path(office, "settings"), COUPLE, token=owner)["price"] is None


@pytest.mark.parametrize(
    ("price", "field"),
    [
        ({"amount": "1.5", "currency": "JPY"}, "price"),
        ({"amount": "15", "currency": "XXX"}, "price_currency"),
        ({"amount": 15, "currency": "USD"}, "price.amount"),
        ({"amount": "15"}, "price.currency"),
    ],
)
def test_what_is_no_price(api: Caller, office: Office, owner: str, price: dict[str, Any], field: str) -> None:
    given = {**COUPLE, "price": price}
    refused = api.refused("invalid_input", "PUT", path(office, "settings"), json=given, token=owner)
    assert field in refused["errors"]


def test_usual_terms_and_who_follows_them(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    usual = path_of(office, "/terms")
    assert api.get(usual, token=front_desk) == {"window_minutes": 1440, "when_late": "mark", "text": ""}
    api.delete(path(office, "terms"), token=owner)
    assert api.get(path(office, "settings"), token=owner)["has_practice_terms"] is True
    assert api.put(usual, TERMS, token=owner) == TERMS
    kept = api.get(path(office, "settings"), token=owner)["terms"]
    assert {name: kept[name] for name in TERMS} == TERMS
    api.put(path(office, "terms"), {**TERMS, "window_minutes": 0}, token=owner)
    assert api.get(path(office, "settings"), token=owner)["has_practice_terms"] is False
    api.refused("not_allowed", "PUT", usual, json=TERMS, token=front_desk)
    assert (
        "text" in api.refused("invalid_input", "PUT", usual, json={**TERMS, "text": "x" * 601}, token=owner)["errors"]
    )


def test_what_is_wanted_where_a_minor_is_booked(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    where, wanted = path_of(office, "/minors"), {"when_minor": "require"}
    assert api.get(where, token=front_desk) == {"when_minor": "tell"}
    api.refused("not_allowed", "PUT", where, json=wanted, token=front_desk)
    assert api.put(where, wanted, token=owner) == wanted
    api.refused("invalid_input", "PUT", where, json={"when_minor": "never"}, token=owner)
    assert api.get(where, token=owner) == wanted
