"""When sign-ins of staff end, for programs."""

from __future__ import annotations

from telehealth.api.practice.settings import SIGN_IN_LIMITS_EXAMPLE
from tests.api.caller import Caller, path_of
from tests.factories import Office


def test_owners_change_when_sign_ins_end(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    there, shorter = path_of(office, "/sign-in-limits"), {"idle_minutes": 15, "sign_in_hours": 8}
    assert api.get(there, token=front_desk) == SIGN_IN_LIMITS_EXAMPLE
    assert api.put(there, shorter, token=owner) == shorter
    assert api.get(there, token=front_desk) == shorter
    api.refused("not_allowed", "PUT", there, json=SIGN_IN_LIMITS_EXAMPLE, token=front_desk)
    problem = api.refused("invalid_input", "PUT", there, json={**shorter, "idle_minutes": 5}, token=owner)
    assert list(problem["errors"]) == ["idle_minutes"]
