"""What is said when, and the hours of texts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.caller import Caller, path_of
from tests.factories import Office, book, make_client, make_office
from tests.moments import at

REMINDERS = {
    "rules": [
        {"channel": "email", "minutes": 2880, "modes": ["virtual", "in_person", "phone"], "template": ""},
        {"channel": "text", "minutes": 180, "modes": ["in_person"], "template": ""},
    ]
}
TEXTING = {"texts_from": 540, "texts_until": 1200, "texts_a_day": 4, "discretion": "bare", "names_988": True}


def about(api: Caller, office: Office, kind: str, token: str, rest: str = "") -> Any:
    found = api.get(path_of(office, f"/message-rules{rest}"), token=token)["message_rules"]
    return next(each for each in found if each["kind"] == kind)


def test_what_usually_holds(api: Caller, office: Office, front_desk: str) -> None:
    found = about(api, office, "reminder", front_desk)
    assert found["source"] == "usual"
    assert {(rule["channel"], rule["minutes"]) for rule in found["rules"]} == {
        (channel, hours * 60) for channel in ("email", "text") for hours in (72, 24)
    }


def test_other_reminders_and_back_again(api: Caller, office: Office, owner: str) -> None:
    there = path_of(office, "/message-rules/reminder")
    changed = api.put(there, REMINDERS, token=owner)
    assert (changed["kind"], changed["source"], changed["rules"]) == ("reminder", "practice", REMINDERS["rules"])
    assert about(api, office, "reminder", owner) == changed
    assert api.put(there, {"rules": []}, token=owner)["rules"] == []
    api.delete(there, token=owner)
    assert about(api, office, "reminder", owner)["source"] == "usual"


def test_of_one_service_and_one_client(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    client = make_client(office.practice)
    for_service = f"?service={office.service.public_id}"
    assert (
        api.put(path_of(office, f"/message-rules/reminder{for_service}"), REMINDERS, token=owner)["source"] == "service"
    )
    for_client = f"?client={client.public_id}"
    changed = api.put(path_of(office, f"/message-rules/reminder{for_client}"), {"rules": []}, token=front_desk)
    assert (changed["source"], changed["rules"]) == ("client", [])
    assert about(api, office, "reminder", owner)["source"] == "usual"
    assert about(api, office, "reminder", owner, for_service)["source"] == "service"
    api.delete(path_of(office, f"/message-rules/reminder{for_client}"), token=front_desk)
    assert about(api, office, "reminder", owner, for_client)["source"] == "usual"


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"channel": "fax", "minutes": 60}, "rules.0.channel"),
        ({"channel": "email", "minutes": -1}, "rules.0.minutes"),
        ({"channel": "email", "minutes": 0}, "minutes"),
        ({"channel": "email", "minutes": 60, "modes": []}, "modes"),
        ({"channel": "email", "minutes": 60, "template": "Gone"}, "template"),
    ],
)
def test_what_cannot_be(api: Caller, office: Office, owner: str, rule: dict[str, Any], field: str) -> None:
    there = path_of(office, "/message-rules/reminder")
    problem = api.refused("invalid_input", "PUT", there, json={"rules": [rule]}, token=owner)
    assert list(problem["errors"]) == [field]


def test_only_the_owner_decides_for_the_practice(api: Caller, office: Office, front_desk: str) -> None:
    for rest in ("", f"?service={office.service.public_id}"):
        there = path_of(office, f"/message-rules/reminder{rest}")
        api.refused("not_allowed", "PUT", there, json=REMINDERS, token=front_desk)
        api.refused("not_allowed", "DELETE", there, token=front_desk)
    api.refused("not_allowed", "PUT", path_of(office, "/texting"), json=TEXTING, token=front_desk)


def test_what_is_not_there(api: Caller, office: Office, owner: str) -> None:
    stranger = make_office()
    book(stranger, at(10))
    there = path_of(office, "/message-rules/reminder")
    api.refused("not_found", "PUT", path_of(office, "/message-rules/catch_up"), json=REMINDERS, token=owner)
    api.refused("not_found", "PUT", f"{there}?service={stranger.service.public_id}", json=REMINDERS, token=owner)
    client = make_client(stranger.practice)
    api.refused("not_found", "PUT", f"{there}?client={client.public_id}", json=REMINDERS, token=owner)
    api.refused("not_found", "GET", path_of(office, f"/message-rules?client={client.public_id}"), token=owner)


def test_the_hours_of_texts(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    there = path_of(office, "/texting")
    before = {"texts_from": 480, "texts_until": 1260, "texts_a_day": 6, "discretion": "discreet", "names_988": False}
    assert api.get(there, token=front_desk) == before
    assert api.put(there, TEXTING, token=owner) == TEXTING
    assert api.get(there, token=front_desk) == TEXTING
    problem = api.refused("invalid_input", "PUT", there, json={**TEXTING, "texts_from": 60}, token=owner)
    assert list(problem["errors"]) == ["texts_from"]
