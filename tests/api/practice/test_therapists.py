"""Taking a therapist out of booking, and back in."""

from __future__ import annotations

from tests.api.caller import Caller, booking_of, path_of
from tests.factories import Office


def test_somebody_leaves_and_comes_back(api: Caller, office: Office, owner: str) -> None:
    path = path_of(office, f"/therapists/{office.therapist.public_id}")
    assert api.get(path)["name"] == office.therapist.name
    ended = api.post(f"{path}/end", {}, status=200, token=owner)
    assert ended["ended"] is not None
    assert api.get(path_of(office, "/therapists"))["therapists"] == []
    api.refused("not_found", "GET", path)
    api.refused("slot_not_offered", "POST", path_of(office, "/appointments"), json=booking_of(office))
    assert api.post(f"{path}/reopen", {}, status=200, token=owner)["ended"] is None
    api.post(path_of(office, "/appointments"), booking_of(office))


def test_only_owners_decide_it(api: Caller, office: Office, front_desk: str) -> None:
    path = path_of(office, f"/therapists/{office.therapist.public_id}/end")
    api.refused("not_allowed", "POST", path, json={}, token=front_desk)


def test_leaving_on_a_date_and_staying_after_all(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    path = path_of(office, f"/therapists/{office.therapist.public_id}/leaving")
    made = api.post(path_of(office, "/appointments"), booking_of(office))
    assert api.get(path, token=owner)["leaves_on"] is None
    said = api.put(path, {"leaves_on": "2026-11-24"}, token=owner)
    assert (said["leaves_on"], said["ended"], said["booked"]) == ("2026-11-24", None, [made["id"]])
    api.refused(
        "slot_not_offered",
        "POST",
        path_of(office, "/appointments"),
        json=booking_of(office, start="2026-11-24T19:00:00Z"),
    )
    api.refused("invalid_input", "PUT", path, json={"leaves_on": "2026-11-23"}, token=owner)
    api.refused("not_allowed", "PUT", path, json={"leaves_on": "2026-12-23"}, token=front_desk)
    api.refused("not_allowed", "GET", path, token=front_desk)
    api.delete(path, token=owner)
    assert api.get(path, token=owner)["leaves_on"] is None
