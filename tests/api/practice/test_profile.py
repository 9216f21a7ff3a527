"""What everybody sees of the practice."""

from __future__ import annotations

from telehealth.api.practice.profile import PROFILE_EXAMPLE
from tests.api.caller import Caller, path_of
from tests.factories import Office


def test_the_profile_is_changed_and_public(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    there = path_of(office, "/profile")
    assert api.put(there, {**PROFILE_EXAMPLE, "phone": "(303) 555-0100"}, token=owner) == PROFILE_EXAMPLE
    assert api.get(there, token=front_desk) == PROFILE_EXAMPLE
    shown = api.get(path_of(office, ""))
    assert {name: shown[name] for name in ("name", "email", "web_links", "languages", "about")} == {
        name: PROFILE_EXAMPLE[name] for name in ("name", "email", "web_links", "languages", "about")
    }
    assert "sender_name" not in shown


def test_what_cannot_be_used_is_told_by_field(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    there = path_of(office, "/profile")
    wrong = {**PROFILE_EXAMPLE, "web_links": ["javascript:alert(1)"], "phone": "12"}
    problem = api.refused("invalid_input", "PUT", there, json=wrong, token=owner)
    assert sorted(problem["errors"]) == ["phone", "web_links"]
    api.refused("not_allowed", "PUT", there, json=PROFILE_EXAMPLE, token=front_desk)


def test_the_colour_of_the_pages(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    path = path_of(office, "/accent")
    assert api.get(path, token=front_desk) == {"accent": None, "light": None, "dark": None, "notes": []}
    kept = api.put(path, {"accent": "#FFD400"}, token=owner)
    assert (kept["accent"], kept["dark"]["accent"]) == ("#ffd400", "#ffd400")
    assert kept["notes"] == ["On the light page this colour is shown darker, so that it can be read."]
    assert api.get(path, token=front_desk) == kept
    assert api.get(path_of(office))["accent"] == "#ffd400"
    assert "accent" in api.refused("invalid_input", "PUT", path, json={"accent": "teal"}, token=owner)["errors"]
    api.refused("not_allowed", "PUT", path, json={"accent": None}, token=front_desk)
    assert api.put(path, {"accent": None}, token=owner)["accent"] is None
