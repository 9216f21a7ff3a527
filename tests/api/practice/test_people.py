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


def test_the_last_owner_stays(api: Caller, office: Office, owner: str) -> None:
    (one,) = [each for each in api.get(path_of(office, "/people"), token=owner)["people"] if "owner" in each["roles"]]
    path = path_of(office, f"/people/{one['id']}/switch-off")
    assert "login" in api.refused("invalid_input", "POST", path, json={}, token=owner)["errors"]


def test_inviting(api: Caller, office: Office, owner: str) -> None:
    people = path_of(office, "/people")
    dana = {"name": "Dana Rivera", "email": "dana@riverside.example", "therapist": office.therapist.public_id}
    made = api.post(people, dana, token=owner)
    assert (made["roles"], made["therapist"]) == (["therapist"], office.therapist.public_id)
    assert made["invited_until"] is not None
    problem = api.refused("invalid_input", "POST", people, json={**dana, "therapist": None}, token=owner)
    assert set(problem["errors"]) == {"roles"}
    again = f"{people}/{made['id']}/invitation"
    assert "invitation" in api.refused("invalid_input", "POST", again, json={}, token=owner)["errors"]
    withdrawn = api.post(f"{again}/withdraw", {}, status=200, token=owner)
    assert (withdrawn["is_active"], withdrawn["invited_until"]) == (False, None)
