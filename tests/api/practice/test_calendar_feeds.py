"""Addresses of calendars, made and closed by programs."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from telehealth.domain.addresses import Addresses
from telehealth.domain.links import link_of_companion
from telehealth.queries.calendars.feeds import list_feeds
from tests.api.caller import Caller, path_of
from tests.api.conftest import token_of
from tests.factories import BY_STAFF, Office, book, make_client, make_companion, make_contact, make_therapist, make_user
from tests.factories.feeds import make_feed
from tests.factories.rows import change
from tests.moments import at


def wish(**given: Any) -> dict[str, Any]:
    return {"name": "Door", "detail": "initials", **given}


def test_the_life_of_an_address(api: Caller, client: FlaskClient, office: Office, front_desk: str) -> None:
    room = {"of": "room", "of_id": office.room.public_id}
    there = path_of(office, "/calendar-feeds")
    made = api.post(there, wish(**room), token=front_desk, status=201)
    assert (made["of"], made["owner"]["name"], made["detail"], made["read"]) == (
        "room",
        office.room.name,
        "initials",
        None,
    )
    path = made["address"].partition("/calendar/")[2]
    assert client.get(f"/calendar/{path}").status_code == 200
    one = path_of(office, f"/calendar-feeds/{made['id']}")
    changed = api.put(one, wish(detail="busy", shows_place=True), token=front_desk)
    assert (changed["detail"], changed["shows_place"], "address" in changed) == ("busy", True, False)
    (listed,) = api.get(there, token=front_desk, query_string=room)["feeds"]
    assert (listed["id"], listed["read_by"], listed["is_shut"]) == (made["id"], "Another program", False)
    assert "address" not in listed
    renewed = api.post(f"{one}/renewal", None, token=front_desk, status=200)
    assert renewed["address"] != made["address"]
    assert client.get(f"/calendar/{path}").status_code == 404
    api.delete(one, token=front_desk)
    assert list_feeds(office.practice.id) == []
    api.refused("not_found", "PUT", one, json=wish(), token=front_desk)


def test_each_runs_what_is_theirs(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    user = make_user(office.practice, "therapist")
    change(office.therapist, user_id=user.id)
    therapist, there = token_of(user), path_of(office, "/calendar-feeds")
    own = {"of": "therapist", "of_id": office.therapist.public_id}
    theirs = {"of": "therapist", "of_id": make_therapist(office.practice, office.service).public_id}
    client = {"of": "client", "of_id": make_client(office.practice).public_id}
    practice = {"of": "practice"}
    may = {therapist: [own], front_desk: [client, practice], owner: [own, theirs, client, practice]}
    for token, mine in may.items():
        for which in (own, theirs, client, practice):
            if which in mine:
                api.post(there, wish(**which), token=token, status=201)
                assert api.get(there, token=token, query_string=which)["feeds"]
            else:
                api.refused("not_found", "POST", there, json=wish(**which), token=token)
                api.refused("not_found", "GET", there, query_string=which, token=token)
    feed, _ = make_feed(office.practice, None)
    for method, path in (("PUT", ""), ("POST", "/renewal"), ("DELETE", "")):
        body = {"json": wish()} if method == "PUT" else {}
        api.refused(
            "not_found",
            method,
            f"{path_of(office, f'/calendar-feeds/{feed.public_id}')}{path}",
            token=therapist,
            **body,
        )


def test_what_cannot_be_one(api: Caller, office: Office, owner: str) -> None:
    there = path_of(office, "/calendar-feeds")
    wrong = {"name": "", "detail": "everything", "of": "nobody"}
    refused = api.refused("invalid_input", "POST", there, json=wrong, token=owner)
    assert set(refused["errors"]) == {"detail", "of"}
    assert (
        "name" in api.refused("invalid_input", "POST", there, json=wish(of="practice", name=" "), token=owner)["errors"]
    )
    for which in ({"of": "practice", "of_id": office.room.public_id}, {"of": "room"}):
        api.refused("not_found", "POST", there, json=wish(**which), token=owner)


def test_a_client_keeps_replaces_and_ends_their_own(
    api: Caller, client: FlaskClient, office: Office, addresses: Addresses, front_desk: str
) -> None:
    contact = make_contact(name="Jane Doe", email="jane@example.com")
    known, typed = book(office, by=BY_STAFF, contact=contact), book(office, at(13, days=2), contact=contact)
    hers, theirs = (
        f"/appointments/{addresses.manage(each.attendees[0]).rpartition('/')[2]}/calendar-feed"
        for each in (known, typed)
    )
    none = {"address": None, "changed": None, "read": None, "read_by": None}
    assert api.get(hers) == {**none, "is_whole": True}
    assert api.get(theirs) == {**none, "is_whole": False}
    made = api.put(hers, None)
    assert (made, api.get(hers)) == (api.put(hers, None), made)
    assert client.get(made["address"].removeprefix(addresses.base_url)).data.count(b"BEGIN:VEVENT") == 2
    alone = api.put(theirs, None)
    assert client.get(alone["address"].removeprefix(addresses.base_url)).data.count(b"BEGIN:VEVENT") == 1
    which = {"of": "client", "of_id": known.attendees[0].client.public_id}
    listed = api.get(path_of(office, "/calendar-feeds"), token=front_desk, query_string=which)["feeds"]
    assert [each["is_whole"] for each in listed] == [True, False]
    renewed = api.post(f"{hers}/renewal", None, status=200)
    assert renewed["address"] != made["address"]
    assert client.get(made["address"].removeprefix(addresses.base_url)).status_code == 404
    api.delete(hers)
    assert api.get(hers)["address"] is None
    for method, path in (("POST", f"{hers}/renewal"), ("DELETE", hers)):
        api.refused("not_found", method, path)
    assert api.get(theirs)["address"] == alone["address"]


def test_whoever_acts_for_a_client_has_none_of_theirs(api: Caller, office: Office, addresses: Addresses) -> None:
    seat = book(office, by=BY_STAFF).attendees[0]
    link = addresses.manage(link_of_companion(seat, make_companion(seat.client))).rpartition("/")[2]
    for method in ("GET", "PUT", "DELETE"):
        api.refused("link_invalid", method, f"/appointments/{link}/calendar-feed")


def test_staff_who_hand_one_out_know_to_whom(
    api: Caller, client: FlaskClient, office: Office, addresses: Addresses, front_desk: str
) -> None:
    contact = make_contact(name="Jane Doe", email="jane@example.com")
    book(office, by=BY_STAFF, contact=contact)
    seat = book(office, at(13, days=2), contact=contact).attendees[0]
    api.put(f"/appointments/{addresses.manage(seat).rpartition('/')[2]}/calendar-feed", None)
    (made,) = list_feeds(office.practice.id)
    renewed = api.post(path_of(office, f"/calendar-feeds/{made.public_id}/renewal"), None, token=front_desk, status=200)
    assert renewed["is_whole"]
    assert client.get(renewed["address"].removeprefix(addresses.base_url)).data.count(b"BEGIN:VEVENT") == 2
