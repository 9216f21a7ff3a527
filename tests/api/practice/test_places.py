"""Places and rooms."""

from __future__ import annotations

from telehealth.api.practice.places import PLACE_EXAMPLE
from tests.api.caller import Caller, path_of
from tests.factories import Office


def test_a_place_is_added_changed_and_closed(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    made = api.post(path_of(office, "/locations"), {**PLACE_EXAMPLE, "rooms": ["Blue"]}, token=owner, status=201)
    assert [room["name"] for room in made["rooms"]] == ["Blue"]
    there = path_of(office, f"/locations/{made['id']}")
    changed = api.put(there, {**PLACE_EXAMPLE, "name": "Annex"}, token=owner)
    assert (changed["name"], changed["directions"], changed["booked_ahead"]) == ("Annex", "Ring the upper bell.", 0)
    ended = api.post(f"{there}/end", None, token=owner, status=200)
    assert ended["ended"] is not None
    assert ended["rooms"][0]["ended"] is not None
    public = api.get(path_of(office, "/locations"))["locations"]
    assert made["id"] not in {each["id"] for each in public}
    assert made["id"] in {each["id"] for each in api.get(path_of(office, "/places"), token=front_desk)["places"]}
    assert api.post(f"{there}/reopen", None, token=owner, status=200)["ended"] is None


def test_rooms(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    place = path_of(office, f"/locations/{office.location.public_id}")
    made = api.post(f"{place}/rooms", {"name": "Attic", "kind": "playroom"}, token=owner, status=201)
    room = path_of(office, f"/rooms/{made['id']}")
    assert api.put(room, {"kind": ""}, token=owner)["name"] == "Attic"
    assert api.put(room, {"name": "Loft", "kind": ""}, token=owner)["name"] == "Loft"
    assert api.post(f"{room}/end", None, token=owner, status=200)["ended"] is not None
    names = {each["name"]: each["ended"] for each in api.get(path_of(office, "/rooms"), token=front_desk)["rooms"]}
    assert names["Loft"] is not None
    assert api.post(f"{room}/reopen", None, token=owner, status=200)["ended"] is None


def test_what_cannot_be_a_place(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    there = path_of(office, "/locations")
    wrong = {**PLACE_EXAMPLE, "map_url": "javascript:alert(1)", "rooms": ["Blue"]}
    assert list(api.refused("invalid_input", "POST", there, json=wrong, token=owner)["errors"]) == ["map_url"]
    api.refused("not_allowed", "POST", there, json={**PLACE_EXAMPLE, "rooms": ["Blue"]}, token=front_desk)
