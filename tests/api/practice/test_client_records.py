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
    for unsure in (0, 1, "yes"):  # Whether notes leave the house is said, not guessed.
        api.refused("invalid_input", "POST", path, json={"with_notes": unsure}, token=front_desk)
    api.refused("not_allowed", "POST", path, json={}, token=therapist)
    api.refused("invalid_input", "POST", path, json={"with_notes": 1}, token=front_desk)


def test_a_record_is_kept_and_erased(api: Caller, office: Office, owner: str, front_desk: str, therapist: str) -> None:
    years = path_of(office, "/kept-years")
    assert api.get(years, token=front_desk) == {"kept_years": 7, "kept_years_of_minors": 3}
    api.put(years, {"kept_years": 5, "kept_years_of_minors": 3}, token=owner)
    api.refused("not_allowed", "PUT", years, json={"kept_years": 5, "kept_years_of_minors": 3}, token=front_desk)
    client = make_client(office.practice, name="Ana Rivera")
    path = path_of(office, f"/clients/{client.public_id}")
    assert api.get(f"{path}/keeping", token=front_desk) == {
        "last_contact": "2026-11-23", "kept_until": "2031-11-23", "is_over": False, "in_the_way": [],
    }  # fmt: skip
    assert api.get(path_of(office, "/clients-past-keeping"), token=owner)["clients"] == []
    api.refused("cannot_erase", "POST", f"{path}/erasures", json={"reason": "By phone."}, token=front_desk)
    api.refused("not_allowed", "POST", f"{path}/erasures", json={}, token=therapist)
    kept = api.post(f"{path}/erasures", {"reason": "By phone."}, token=owner)
    asked = path_of(office, f"/client-erasures/{kept['id']}")
    api.refused("cannot_erase", "POST", f"{asked}/agree", json={}, token=owner)
    assert api.post(f"{asked}/withdraw", {}, token=front_desk, status=200)["withdrawn_at"] is not None
    again = api.post(f"{path}/erasures", {"reason": "By letter."}, token=owner)
    agreed = path_of(office, f"/client-erasures/{again['id']}/agree")
    assert api.post(agreed, {}, token=front_desk, status=200)["erased_at"] == "2026-11-23T16:00:00Z"
    assert api.get(path_of(office, "/clients"), token=owner)["clients"] == []
