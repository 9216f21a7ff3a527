"""Addresses of calendars, made and closed by programs."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from telehealth.queries.calendars.feeds import list_feeds
from tests.api.caller import Caller, path_of
from tests.api.conftest import token_of
from tests.factories import Office, make_client, make_therapist, make_user
from tests.factories.feeds import make_feed
from tests.factories.rows import change


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
