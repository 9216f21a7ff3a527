"""Letting somebody be booked, taking them out of booking, and back in."""

from __future__ import annotations

from sqlalchemy import select

from telehealth.api.practice.therapists import EXAMPLE
from telehealth.database import db
from telehealth.domain.audit_words import AuditAction, Via
from telehealth.domain.words import Role
from telehealth.models import PracticeEvent, Therapist
from tests.api.caller import Caller, booking_of, path_of
from tests.factories import Office, make_user


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


def test_somebody_begins_to_see_clients(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    path = path_of(office, "/therapists")
    made = api.post(path, {**EXAMPLE, "services": [office.service.public_id]}, token=owner)
    assert (made["name"], made["ended"]) == ("Dana Rivera", None)
    row = db.session.scalars(select(Therapist).filter_by(public_id=made["id"])).one()
    assert [each.public_id for each in row.services] == [office.service.public_id]
    line = db.session.scalars(select(PracticeEvent).order_by(PracticeEvent.id.desc())).first()
    assert line is not None
    assert (line.subject_public_id, line.action, line.via) == (made["id"], AuditAction.ADDED, Via.API)
    api.refused("not_allowed", "POST", path, json=EXAMPLE, token=front_desk)
    api.refused("not_found", "POST", path, json={**EXAMPLE, "services": [made["id"]]}, token=owner)
    api.refused("not_found", "POST", path, json={**EXAMPLE, "person": made["id"]}, token=owner)
    wrong = {**EXAMPLE, "email": "nowhere", "name": " "}
    assert api.refused("invalid_input", "POST", path, json=wrong, token=owner)["errors"].keys() == {"email", "name"}


def test_a_login_gives_care_as_well(api: Caller, office: Office, owner: str) -> None:
    person = make_user(office.practice, Role.OWNER)
    body = {**EXAMPLE, "person": person.public_id}
    made = api.post(path_of(office, "/therapists"), body, token=owner)
    assert db.session.scalars(select(Therapist).filter_by(user_id=person.id)).one().public_id == made["id"]
    again = api.refused("invalid_input", "POST", path_of(office, "/therapists"), json=body, token=owner)
    assert "email" in again["errors"]
