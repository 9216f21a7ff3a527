"""People over the API."""

from __future__ import annotations

from telehealth.domain.words import Role
from telehealth.services.logins.passkeys import NewPasskey, add_passkey
from tests.api.caller import Caller, path_of
from tests.factories import BY_STAFF, Office, make_user
from tests.factories.users import PASSWORD
from tests.moments import NOW


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


def test_the_second_step_of_everybody_and_of_a_colleague(api: Caller, office: Office, owner: str) -> None:
    path = path_of(office, "/second-step")
    sam = make_user(office.practice, Role.FRONT_DESK, name="Sam Hill", password=PASSWORD)
    made = NewPasskey("an-id", "a-public-key", 0)
    add_passkey(login_id=sam.login_id, name="Blue key", made=made, by=BY_STAFF, now=NOW)
    before = api.get(path, token=owner)
    assert (before["since"], sam.public_id in before["without"], len(before["without"])) == (None, False, 1)
    assert api.put(path, {"since": "2026-12-01T00:00:00Z"}, token=owner)["since"] == "2026-12-01T00:00:00Z"
    people = {each["name"]: each["second_steps"] for each in api.get(path_of(office, "/people"), token=owner)["people"]}
    assert people["Sam Hill"] == ["passkey"]
    end = path_of(office, f"/people/{sam.public_id}/second-step/end")
    assert api.post(end, {}, status=200, token=owner)["second_steps"] == []
    assert set(api.refused("invalid_input", "POST", end, json={}, token=owner)["errors"]) == {"second_step"}
    assert sam.public_id in api.get(path, token=owner)["without"]
    assert api.put(path, {"since": None}, token=owner)["since"] is None


def test_only_owners_ask_it_of_everybody(api: Caller, office: Office, front_desk: str) -> None:
    api.refused("not_allowed", "PUT", path_of(office, "/second-step"), json={"since": None}, token=front_desk)
