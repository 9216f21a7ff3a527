"""Dates on which the whole practice is closed."""

from __future__ import annotations

from tests.api.caller import Caller, path_of
from tests.factories import Office, book
from tests.moments import at


def test_closures(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    booked = book(office, at(10, days=1))
    there = path_of(office, "/closures")
    given = {"first_day": "2026-11-24", "last_day": "2026-11-24", "note": "Thanksgiving"}
    made = api.post(there, given, token=owner)
    assert made == {**given, "id": made["id"], "yields_to_hours": False, "booked": [booked.public_id]}
    assert api.get(there, token=front_desk) == {"closures": [made]}
    one = f"{there}/{made['id']}"
    assert api.put(one, {**given, "last_day": "2026-11-25"}, token=owner)["last_day"] == "2026-11-25"
    refused = api.refused("invalid_input", "PUT", one, json={**given, "last_day": "2026-11-20"}, token=owner)
    assert list(refused["errors"]) == ["last_day"]
    api.refused("not_allowed", "POST", there, json=given, token=front_desk)
    api.delete(one, token=owner)
    assert api.get(there, token=owner) == {"closures": []}
