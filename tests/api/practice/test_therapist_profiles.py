"""Profiles of therapists over the API."""

from __future__ import annotations

from telehealth.api.practice.therapist_profiles import EXAMPLE
from tests.api.appointments.test_holds import wish_of
from tests.api.caller import Caller, booking_of, path_of
from tests.factories import Office, make_therapist


def test_what_is_written_is_what_everybody_reads(api: Caller, office: Office, owner: str) -> None:
    path = path_of(office, f"/therapists/{office.therapist.public_id}")
    changed = api.put(f"{path}/profile", EXAMPLE, token=owner)
    assert changed == {**EXAMPLE, "video_url": None, "position": 0, "is_hidden": False}
    assert api.get(f"{path}/profile", token=owner) == changed
    read = api.get(path)
    assert (read["pronouns"], read["ages"]) == ("she/her", ["Adults"])


def test_the_order_and_who_is_not_on_the_page(api: Caller, office: Office, owner: str) -> None:
    colleague = make_therapist(office.practice, office.service, name="Zoe Adams")
    path, listed = path_of(office, f"/therapists/{office.therapist.public_id}"), path_of(office, "/therapists")
    api.put(f"{path}/profile", {**EXAMPLE, "position": 5}, token=owner)
    assert [each["name"] for each in api.get(listed)["therapists"]] == ["Zoe Adams", "Dana Rivera"]
    hidden = api.put(f"{path}/profile", {**EXAMPLE, "is_hidden": True}, token=owner)
    assert (hidden["position"], hidden["is_hidden"]) == (5, True)
    assert [each["id"] for each in api.get(listed)["therapists"]] == [colleague.public_id]
    assert api.get(path)["name"] == "Dana Rivera"


def test_where_it_stands_is_for_owners(api: Caller, office: Office, therapist: str, front_desk: str) -> None:
    path = path_of(office, f"/therapists/{office.therapist.public_id}/profile")
    assert api.put(path, {**EXAMPLE, "pronouns": "they/them"}, token=therapist)["pronouns"] == "they/them"
    api.refused("not_allowed", "PUT", path, json={**EXAMPLE, "position": 1}, token=therapist)
    api.refused("not_allowed", "PUT", path, json=EXAMPLE, token=front_desk)


def test_new_clients_are_not_taken_and_those_who_have_met_ask(
    api: Caller, office: Office, owner: str, therapist: str, front_desk: str
) -> None:
    path = path_of(office, f"/therapists/{office.therapist.public_id}")
    said = api.put(f"{path}/new-clients", {"new_clients": "later", "since": "2026-12-01"}, token=owner)
    assert said == {"new_clients": "later", "since": "2026-12-01"}
    read = api.get(path)
    assert (read["new_clients"], read["new_clients_from"]) == ("later", "2026-12-01")
    api.refused("invalid_input", "PUT", f"{path}/new-clients", json={"new_clients": "later"}, token=owner)
    api.refused("not_allowed", "PUT", f"{path}/new-clients", json={"new_clients": "no"}, token=front_desk)
    api.put(f"{path}/new-clients", {"new_clients": "no"}, token=owner)
    query = {"service": office.service.public_id, "mode": "virtual", "therapist": office.therapist.public_id}
    assert api.get(path_of(office, "/slots"), query_string=query)["slots"] == []
    assert api.get(path_of(office, "/slots"), query_string={**query, "has_met": "true"})["slots"]
    api.refused("slot_not_offered", "POST", path_of(office, "/appointments"), json=booking_of(office))
    kept = api.post(path_of(office, "/holds"), {**wish_of(office), "has_met": True})
    asked = {**booking_of(office), "has_met": True, "hold": kept["id"]}
    assert api.post(path_of(office, "/appointments"), asked)["status"] == "pending"
