"""People over the API."""

from __future__ import annotations

from telehealth.domain.words import Role
from tests.api.caller import Caller, path_of
from tests.factories import Office, make_user


def test_roles_and_logins(api: Caller, office: Office, owner: str) -> None:
    sam = make_user(office.practice, Role.FRONT_DESK, name="Sam Hill")
    path = path_of(office, f"/people/{sam.public_id}")
    listed = api.get(path_of(office, "/people"), token=owner)["people"]
    assert {each["name"]: each["roles"] for each in listed}["Sam Hill"] == ["front_desk"]
    assert [each["id"] for each in listed if each["therapist"] == office.therapist.public_id] == [None]
    changed = api.put(f"{path}/roles", {"roles": ["supervisor", "biller"]}, token=owner)
    assert changed["roles"] == ["supervisor", "biller"]
    assert api.post(f"{path}/switch-off", {}, status=200, token=owner)["is_active"] is False
    assert api.post(f"{path}/switch-on", {}, status=200, token=owner)["is_active"] is True
    assert api.post(f"{path}/sign-out", {}, status=200, token=owner) == {"ended": 0}
    problem = api.refused("invalid_input", "PUT", f"{path}/roles", json={"roles": ["therapist"]}, token=owner)
    assert "roles" in problem["errors"]


def test_only_owners_decide_it(api: Caller, office: Office, front_desk: str) -> None:
    api.refused("not_allowed", "GET", path_of(office, "/people"), token=front_desk)
