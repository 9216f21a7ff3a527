"""Programs find clients who are here twice, merge them, and undo it."""

from __future__ import annotations

from tests.api.caller import Caller, path_of
from tests.factories import Office, book, make_client, make_contact
from tests.moments import at


def test_the_two_become_one_and_two_again(api: Caller, office: Office, front_desk: str) -> None:
    kept = make_client(office.practice, name="Ana Rivera", email="ana@example.com", phone="+13035550142")
    contact = make_contact(name="Anna Rivera", email="anna@example.com", phone="+13035550142")
    book(office, at(10), contact=contact)
    other = make_client(office.practice, name=contact.name, email=contact.email)
    (double,) = api.get(path_of(office, "/client-doubles"), token=front_desk)["doubles"]
    assert {double["first"]["id"], double["second"]["id"]} == {kept.public_id, other.public_id}
    assert double["why"] == ["phone"]
    path = path_of(office, f"/clients/{kept.public_id}")
    asked, moving = {"other": other.public_id}, {"attendee": 1, "consent": 3}
    preview = api.get(f"{path}/merge-preview", token=front_desk, query_string=asked)
    assert (preview["moving"], preview["obstacles"], preview["sides"]["phone"]) == (moving, [], "kept")
    merge = api.post(f"{path}/merges", {**asked, "sides": {"name": "other"}}, token=front_desk)
    assert merge["moved"] == moving
    assert merge["undone_until"] == "2026-11-24T16:00:00Z"
    api.refused("cannot_merge", "POST", f"{path}/merges", json=asked, token=front_desk)
    (left,) = api.get(path_of(office, "/clients"), token=front_desk)["clients"]
    assert left["name"] == "Anna Rivera"
    undone = api.post(path_of(office, f"/client-merges/{merge['public_id']}/undo"), {}, token=front_desk, status=200)
    assert undone["undone_at"] == "2026-11-23T16:00:00Z"
    names = [each["name"] for each in api.get(path_of(office, "/clients"), token=front_desk)["clients"]]
    assert names == ["Ana Rivera", "Anna Rivera"]


def test_it_is_not_for_therapists(api: Caller, office: Office, therapist: str) -> None:
    kept, other = (make_client(office.practice, name=each) for each in ("Ana", "Ben"))
    path = path_of(office, f"/clients/{kept.public_id}/merges")
    api.refused("not_allowed", "POST", path, json={"other": other.public_id}, token=therapist)
    api.refused("not_allowed", "GET", path_of(office, "/client-doubles"), token=therapist)


def test_everything_about_a_client(api: Caller, office: Office, front_desk: str, therapist: str) -> None:
    client = book(office, at(10)).attendees[0].client
    path = path_of(office, f"/clients/{client.public_id}/copy")
    sections = api.post(path, {}, token=front_desk, status=200)["sections"]
    assert sections["appointments"][0]["starts_at"] == "2026-11-24T17:00:00Z"
    assert "changes" not in sections
    assert "changes" in api.post(path, {"with_notes": True}, token=front_desk, status=200)["sections"]
    api.refused("not_allowed", "POST", path, json={}, token=therapist)
