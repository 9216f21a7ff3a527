"""Clients as programs look for them."""

from __future__ import annotations

from tests.api.caller import Caller, booking_of, path_of
from tests.factories import Office, book, make_client, make_contact
from tests.moments import at


def test_programs_read_the_same(api: Caller, office: Office, owner: str) -> None:
    book(office, at(10), contact=make_contact(name="Ana Rivera"))
    make_client(office.practice, name="Ben Ito")
    answer = api.get(path_of(office, "/clients"), token=owner)
    about = {each["name"]: each for each in answer["clients"]}
    assert about["Ana Rivera"]["therapist"] == office.therapist.name
    assert about["Ana Rivera"]["next_start"] == "2026-11-24T17:00:00Z"
    assert about["Ben Ito"]["next_start"] is None
    assert not answer["has_more"]
    narrowed = api.get(path_of(office, "/clients"), token=owner, query_string={"who": "no_next"})
    assert [each["name"] for each in narrowed["clients"]] == ["Ben Ito"]


def test_what_is_kept_of_a_client_and_how_they_may_book(api: Caller, office: Office, front_desk: str) -> None:
    body = {"born_on": "1990-05-12", "pronouns": "they/them", "tags": ["school"], "may_book": "by_phone"}
    wish = booking_of(office)
    client = make_client(office.practice, name=wish["client"]["name"], email=wish["client"]["email"])
    path = path_of(office, f"/clients/{client.public_id}/details")
    kept = api.put(path, body, token=front_desk)
    assert kept == api.get(path, token=front_desk) == {**body, "emergency_contact": "", "desk_note": ""}
    api.refused("please_call", "POST", path_of(office, "/appointments"), json=wish)
    api.refused("invalid_input", "PUT", path, json={**body, "born_on": "2199-01-01"}, token=front_desk)


def test_a_client_is_added_once(api: Caller, office: Office, front_desk: str, therapist: str) -> None:
    body = {"name": "Ana Rivera", "email": "ana@example.com", "timezone": "America/Denver"}
    path = path_of(office, "/clients")
    made = api.post(path, body, token=front_desk)
    assert (made["name"], made["next_start"]) == ("Ana Rivera", None)
    again = api.refused("invalid_input", "POST", path, json=body, token=front_desk)
    assert again["errors"] == {"name": "There is a client of this name and address already."}
    api.refused("not_allowed", "POST", path, json={**body, "name": "Ben Ito"}, token=therapist)


def test_who_acts_for_a_client(api: Caller, office: Office, front_desk: str) -> None:
    client = make_client(office.practice, name="Leo Doe")
    path = path_of(office, f"/clients/{client.public_id}/companions")
    body = {"name": "Maria Doe", "relationship": "parent", "phone": "+17205550142", "locale": "es"}
    made = api.post(path, body, token=front_desk)
    usual = {
        "email": "",
        "messages_to": "client",
        "may_change": True,
        "wants_texts": False,
        "ended": None,
        "is_known": True,
        "turned_away": None,
    }
    assert made == {**usual, **body, "id": made["id"]}
    refused = api.refused("invalid_input", "POST", path, json={**body, "phone": None}, token=front_desk)
    assert set(refused["errors"]) == {"email"}
    one = f"{path}/{made['id']}"
    both = {**body, "relationship": "guardian", "messages_to": "both"}
    refused = api.refused("invalid_input", "PUT", one, json=both, token=front_desk)
    assert "yes to texts" in refused["errors"]["email"]
    changed = api.put(one, {**both, "wants_texts": True, "may_change": False}, token=front_desk)
    assert (changed["relationship"], changed["messages_to"]) == ("guardian", "both")
    assert (changed["wants_texts"], changed["may_change"]) == (True, False)
    found = api.get(path_of(office, "/clients"), token=front_desk, query_string={"text": "maria 555-0142"})
    assert [each["name"] for each in found["clients"]] == ["Leo Doe"]
    api.delete(one, token=front_desk)
    answer = api.get(path, token=front_desk)
    [ended] = answer["companions"]
    assert ended["ended"] is not None
    assert not answer["is_needed"]
    details = path_of(office, f"/clients/{client.public_id}/details")
    api.put(details, {"born_on": "2016-01-01"}, token=front_desk)
    assert api.get(path, token=front_desk)["is_needed"]
