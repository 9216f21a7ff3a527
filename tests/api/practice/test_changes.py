"""Who set what, for owners' programs."""

from __future__ import annotations

from typing import Any

import pytest

from telehealth.domain.words import Role
from tests.api.caller import Caller, path_of
from tests.api.conftest import token_of
from tests.factories import Office, make_user

PACE = {
    "grace_minutes": 3,
    "hold_minutes": 10,
    "offer_minutes": 120,
    "quiet_minutes": 5,
    "series_weeks": 10,
    "no_show_minutes": 15,
}


def changes(api: Caller, office: Office, token: str, **query: Any) -> Any:
    return api.get(path_of(office, "/changes"), token=token, query_string=query)


def set_grace(api: Caller, office: Office, token: str, minutes: int) -> None:
    api.put(path_of(office, "/pace"), {**PACE, "grace_minutes": minutes}, token=token)


def test_a_change_is_listed_with_who_did_it_and_what_it_was(api: Caller, office: Office, owner: str) -> None:
    set_grace(api, office, owner, 7)
    latest = changes(api, office, owner)["changes"][0]
    assert latest["user"] > 0
    assert {key: latest[key] for key in latest.keys() - {"id", "user"}} == {
        "at": "2026-11-23T16:00:00Z",
        "subject": "practice",
        "subject_id": None,
        "name": "Riverside Counseling",
        "action": "changed",
        "actor": "staff",
        "user_name": "Robin Reed",
        "via": "api",
        "remote_address": "127.0.0.1",
        "details": {"before": {"grace_minutes": 3}, "after": {"grace_minutes": 7}},
    }


def test_filters_and_pages(api: Caller, office: Office, owner: str) -> None:
    for minutes in (1, 2, 4):
        set_grace(api, office, owner, minutes)
    api.put(path_of(office, f"/rooms/{office.room.public_id}"), {"kind": "playroom"}, token=owner)
    [room] = changes(api, office, owner, subject="room")["changes"]
    assert room["subject_id"] == office.room.public_id
    assert changes(api, office, owner, subject="room", since="2026-11-24T00:00:00Z")["changes"] == []
    assert changes(api, office, owner, user=room["user"], actor="client")["changes"] == []
    first = changes(api, office, owner, subject="practice", limit=2)
    second = changes(api, office, owner, subject="practice", limit=2, after=first["next"])
    said = [each["details"]["after"]["grace_minutes"] for each in [*first["changes"], *second["changes"]]]
    assert said == [4, 2, 1]
    assert second["next"] is None


@pytest.mark.parametrize("wrong", [{"user": 0}, {"user": "x"}, {"limit": 201}, {"subject": "nonsense"}, {"from": "x"}])
def test_what_cannot_be_asked(api: Caller, office: Office, owner: str, wrong: dict[str, Any]) -> None:
    problem = api.refused("invalid_input", "GET", path_of(office, "/changes"), token=owner, query_string=wrong)
    assert list(problem["errors"]) == list(wrong)


def test_a_place_in_the_list_of_another_practice_is_not_found(
    api: Caller, office: Office, elsewhere: Office, owner: str
) -> None:
    theirs = token_of(make_user(elsewhere.practice, Role.OWNER))
    [line] = changes(api, elsewhere, theirs)["changes"]
    assert line["subject"] == "api_token"
    there = path_of(office, "/changes")
    api.refused("not_found", "GET", there, token=owner, query_string={"after": line["id"]})
    api.refused("not_found", "GET", there, token=theirs)


def test_only_owners_ask(api: Caller, office: Office, front_desk: str, therapist: str) -> None:
    there = path_of(office, "/changes")
    for token in (front_desk, therapist):
        api.refused("not_allowed", "GET", there, token=token)
    api.refused("token_required", "GET", there)
