"""What staff do with appointments, and that the audit says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from telehealth.database import transaction
from telehealth.domain.appointments.openness import NewClients
from telehealth.domain.words import Mode, Role
from telehealth.models import Therapist
from tests import factories
from tests.api.caller import Caller, booking_of, path_of
from tests.api.conftest import token_of
from tests.factories import Office
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import at

AT_NIGHT = "2026-11-24T04:00:00Z"
KNOWINGLY = {"waived": ["outside_hours"], "reason": "Agreed on the phone."}


def book(api: Caller, office: Office, token: str, **given: Any) -> Any:
    return api.post(path_of(office, "/desk/appointments"), booking_of(office, **given), token=token)


def refuse(api: Caller, code: str, office: Office, token: str, **given: Any) -> dict[str, Any]:
    path = path_of(office, "/desk/appointments")
    return api.refused(code, "POST", path, token=token, json=booking_of(office, **given))


@pytest.fixture
def booked(office: Office) -> str:
    """The path of an appointment in person, tomorrow at ten."""
    made = factories.book(office, at(10), mode=Mode.IN_PERSON)
    return path_of(office, f"/appointments/{made.public_id}")


@pytest.fixture
def colleague(office: Office) -> Office:
    other = factories.make_therapist(office.practice, office.service, location=office.location, name="Ari Bell")
    return Office(office.practice, office.location, office.room, office.service, other)


def test_booking_for_somebody(api: Caller, office: Office, front_desk: str) -> None:
    response = api.ask("POST", path_of(office, "/desk/appointments"), json=booking_of(office), token=front_desk)
    found = response.get_json()
    assert response.headers["Location"].endswith(path_of(office, f"/appointments/{found['id']}"))
    assert (found["status"], found["overrides"]) == ("booked", [])
    (event,) = found["events"]
    assert (event["actor"], event["name"], event["via"]) == ("staff", "Robin Reed", "api")
    assert event["remote_address"] == "127.0.0.1"


def test_booking_in_spite_of_a_rule(api: Caller, office: Office, owner: str) -> None:
    refuse(api, "slot_not_offered", office, owner, start=AT_NIGHT)
    refuse(api, "needs_reason", office, owner, start=AT_NIGHT, waived=["outside_hours"])
    refuse(api, "slot_not_offered", office, owner, start=AT_NIGHT, waived=["notice"], reason="It is urgent.")
    found = book(api, office, owner, start=AT_NIGHT, **KNOWINGLY)
    assert (found["overrides"], found["override_reason"]) == (["outside_hours"], "Agreed on the phone.")
    assert found["events"][0]["details"]["overrides"] == ["outside_hours"]


def test_a_deliberate_overlap(api: Caller, office: Office, owner: str) -> None:
    book(api, office, owner)
    sam = {"name": "Sam Lee", "email": "sam@example.com"}
    refuse(api, "slot_taken", office, owner, client=sam)
    over = book(api, office, owner, client=sam, waived=["taken"], reason="A crisis.")
    assert over["overrides"] == ["taken"]


def test_somebody_new_with_a_therapist_who_takes_nobody_new(api: Caller, office: Office, owner: str) -> None:
    known = book(api, office, owner)
    change(office.therapist, new_clients=NewClients.NO)
    sam = {"client": {"name": "Sam Lee", "email": "sam@example.com"}, "start": "2026-11-24T19:00:00Z"}
    refuse(api, "slot_not_offered", office, owner, **sam)
    found = book(api, office, owner, **sam, waived=["new_client"], reason="Dana agreed.")
    assert (found["overrides"], found["override_reason"]) == (["new_client"], "Dana agreed.")
    assert book(api, office, owner, start="2026-11-24T20:00:00Z")["overrides"] == known["overrides"] == []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"waived": ["everything"]}, "invalid_input"),
        ({"waived": ["not_given"], "reason": "Please."}, "invalid_input"),
        ({"room": "unknown"}, "not_found"),
        ({"room": "a b"}, "invalid_input"),
        ({"reason": "x" * 501}, "invalid_input"),
    ],
)
def test_what_staff_cannot_book(api: Caller, office: Office, owner: str, given: dict[str, Any], code: str) -> None:
    in_person = {"mode": "in_person", "location": office.location.public_id}
    refuse(api, code, office, owner, **{**in_person, **given})


def test_clients_waive_nothing(api: Caller, office: Office) -> None:
    body = {**booking_of(office, start=AT_NIGHT), **KNOWINGLY}
    api.refused("invalid_input", "POST", path_of(office, "/appointments"), json=body)


def test_one_key_books_once(api: Caller, office: Office, owner: str, clock: FakeClock) -> None:
    ask = {"json": booking_of(office), "headers": {"Idempotency-Key": "key-1"}, "token": owner}
    first = api.ask("POST", path_of(office, "/desk/appointments"), **ask)
    clock.advance(timedelta(seconds=5))
    again = api.ask("POST", path_of(office, "/desk/appointments"), **ask)
    assert again.get_json()["id"] == first.get_json()["id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    other = {**ask, "json": booking_of(office, start="2026-11-24T20:00:00Z")}
    api.refused("idempotency_mismatch", "POST", path_of(office, "/desk/appointments"), **other)


def test_a_therapist_books_for_themselves(api: Caller, office: Office, therapist: str, colleague: Office) -> None:
    assert book(api, office, therapist, therapist=None)["therapist"]["id"] == office.therapist.public_id
    refuse(api, "not_allowed", office, therapist, therapist=colleague.therapist.public_id)


def test_a_therapist_sees_what_they_give_together(api: Caller, office: Office, therapist: str) -> None:
    for_two = factories.make_service(office.practice, therapists_needed=2)
    first = factories.make_therapist(office.practice, for_two, name="Ari Bell")
    second = factories.make_therapist(office.practice, for_two, name="Cal Moss")
    given = {"service": for_two.public_id, "therapist": first.public_id, "co_therapist": second.public_id}
    refuse(api, "not_allowed", office, therapist, **given)
    user = factories.make_user(office.practice, Role.THERAPIST)
    login(second.id, user.id)
    token = token_of(user)
    found = book(api, office, token, **given)
    assert found["co_therapist"]["name"] == "Cal Moss"
    assert api.get(path_of(office, f"/appointments/{found['id']}"), token=token) == found
    assert len(api.get(path_of(office, "/appointments"), token=token)["appointments"]) == 1


def login(therapist_id: int, user_id: int) -> None:
    with transaction() as session:
        session.get_one(Therapist, therapist_id).user_id = user_id


def test_moving(api: Caller, office: Office, booked: str, front_desk: str, colleague: Office) -> None:
    to = {"start": "2026-11-24T20:00:00Z", "mode": "virtual", "jurisdiction": "CO"}
    found = api.post(f"{booked}/move", {**to, "therapist": colleague.therapist.public_id}, status=200, token=front_desk)
    assert (found["mode"], found["therapist"]["name"], found["room"]) == ("virtual", "Ari Bell", None)
    moved = found["events"][-1]
    assert moved["action"] == "moved"
    assert moved["details"]["before"]["therapist"] == office.therapist.public_id
    assert moved["details"]["before"]["room"] == office.room.public_id
    assert moved["details"]["after"]["therapist"] == colleague.therapist.public_id
    assert moved["details"]["after"]["location"] is None


def test_moving_in_spite_of_a_rule(api: Caller, booked: str, owner: str) -> None:
    to = {"start": AT_NIGHT, "mode": "virtual", "jurisdiction": "CO"}
    api.refused("slot_not_offered", "POST", f"{booked}/move", token=owner, json=to)
    api.refused("needs_reason", "POST", f"{booked}/move", token=owner, json={**to, "waived": ["outside_hours"]})
    assert api.post(f"{booked}/move", {**to, **KNOWINGLY}, status=200, token=owner)["overrides"] == ["outside_hours"]


def test_a_therapist_keeps_what_they_move(api: Caller, booked: str, therapist: str, colleague: Office) -> None:
    to = {"start": "2026-11-24T20:00:00Z", "mode": "virtual", "jurisdiction": "CO"}
    away = {**to, "therapist": colleague.therapist.public_id}
    api.refused("not_allowed", "POST", f"{booked}/move", token=therapist, json=away)
    assert api.post(f"{booked}/move", to, status=200, token=therapist)["therapist"]["name"] == "Dana Rivera"


def test_what_happened_and_a_mistake_put_right(api: Caller, booked: str, therapist: str, clock: FakeClock) -> None:
    path = f"{booked}/status"
    api.refused("too_early", "POST", path, token=therapist, json={"status": "fulfilled"})
    clock.advance(timedelta(days=1, hours=1, minutes=10))
    assert api.post(path, {"status": "noshow"}, status=200, token=therapist)["status"] == "noshow"
    found = api.post(path, {"status": "arrived", "reason": "They came late."}, status=200, token=therapist)
    assert (found["status"], found["attendees"][0]["status"]) == ("arrived", "arrived")
    assert found["events"][-1]["details"]["before"] == "noshow"
    api.refused("impossible_status", "POST", path, token=therapist, json={"status": "pending"})
    api.refused("impossible_status", "POST", path, token=therapist, json={"status": "cancelled"})
    api.refused("invalid_input", "POST", path, token=therapist, json={"status": "gone"})
    api.refused("not_found", "POST", path, token=therapist, json={"status": "fulfilled", "attendee": "unknown"})
    api.post(path, {"status": "fulfilled"}, status=200, token=therapist)
    clock.advance(timedelta(hours=1))
    api.refused("impossible_status", "POST", path, token=therapist, json={"status": "arrived"})


def test_a_cancellation_taken_back(api: Caller, office: Office, booked: str, owner: str) -> None:
    api.post(f"{booked}/cancel", {"reason": "A mistake."}, status=200, token=owner)
    api.refused("already_cancelled", "POST", f"{booked}/cancel", token=owner, json={})
    found = api.post(f"{booked}/status", {"status": "booked"}, status=200, token=owner)
    assert (found["status"], found["cancelled"]) == ("booked", None)
    api.post(f"{booked}/cancel", {}, status=200, token=owner)
    factories.book(office, at(10))
    api.refused("slot_taken", "POST", f"{booked}/status", token=owner, json={"status": "booked"})


def test_late_or_forgiven(api: Caller, office: Office, owner: str) -> None:
    for late in (True, False):
        made = factories.book(office, at(14))
        path = path_of(office, f"/appointments/{made.public_id}/cancel")
        found = api.post(path, {"late": late}, status=200, token=owner)
        assert found["attendees"][0]["late_cancel"] is late
    api.refused("invalid_input", "POST", path, token=owner, json={"late": "yes"})


def test_one_of_several_cannot_come(api: Caller) -> None:
    office = factories.make_group_office()
    token = token_of(factories.make_user(office.practice))
    first, second = factories.book(office), factories.book(office)
    assert first.id == second.id
    path = path_of(office, f"/appointments/{first.public_id}")
    ids = [each["id"] for each in api.get(path, token=token)["attendees"]]
    found = api.post(f"{path}/cancel", {"attendee": ids[0]}, status=200, token=token)
    assert [each["status"] for each in found["attendees"]] == ["cancelled", "booked"]
    assert found["status"] == "booked"
    assert found["events"][-1]["details"]["attendee"] == ids[0]
    api.refused("already_cancelled", "POST", f"{path}/cancel", token=token, json={"attendee": ids[0]})
    api.refused("not_found", "POST", f"{path}/cancel", token=token, json={"attendee": "unknown"})


def test_another_room(api: Caller, office: Office, booked: str, owner: str) -> None:
    other = factories.make_room(office.location, name="Room 2")
    found = api.post(f"{booked}/room", {"room": other.public_id}, status=200, token=owner)
    assert found["room"] == {"id": other.public_id, "name": "Room 2"}
    api.refused("not_found", "POST", f"{booked}/room", token=owner, json={"room": "unknown"})
    by_video = factories.book(office, at(14))
    path = path_of(office, f"/appointments/{by_video.public_id}/room")
    api.refused("invalid_input", "POST", path, token=owner, json={"room": other.public_id})


def test_a_room_that_is_taken(api: Caller, office: Office, booked: str, owner: str, colleague: Office) -> None:
    other = factories.make_room(office.location, name="Room 2")
    factories.book(colleague, at(10), mode=Mode.IN_PERSON)
    api.refused("slot_taken", "POST", f"{booked}/room", token=owner, json={"room": other.public_id})


def test_somebody_joins(api: Caller) -> None:
    office = factories.make_couple_office()
    token = token_of(factories.make_user(office.practice))
    path = path_of(office, f"/appointments/{factories.book(office).public_id}/attendees")
    partner = {**booking_of(office)["client"], "name": "Ben Rivera", "email": "ben@example.com"}
    found = api.post(path, {"client": partner, "reason": "Asked for at the desk."}, token=token)
    assert [each["name"] for each in found["attendees"]] == ["Jane Doe", "Ben Rivera"]
    joined = found["events"][-1]
    assert (joined["action"], joined["details"]["reason"]) == ("joined", "Asked for at the desk.")
    api.refused("group_full", "POST", path, token=token, json={"client": {**partner, "name": "Cy"}})
    problem = api.refused("invalid_input", "POST", path, token=token, json={"client": {**partner, "email": "x"}})
    assert list(problem["errors"]) == ["client.email"]


def test_the_audit_by_itself(api: Caller, booked: str, owner: str) -> None:
    api.post(f"{booked}/cancel", {"reason": "Ill."}, status=200, token=owner)
    events = api.get(f"{booked}/events", token=owner)["events"]
    assert [event["action"] for event in events] == ["booked", "cancelled"]
    assert events == api.get(booked, token=owner)["events"]


def test_asking_to_choose_another_time(api: Caller, front_desk: str, booked: str, office: Office) -> None:
    asked = api.post(f"{booked}/ask-to-move", {"reason": "Ill"}, token=front_desk, status=200)
    assert asked["asked_to_move_at"] is not None
    assert asked["status"] == "booked"
    assert "choose_again" in {each["kind"] for each in asked["messages"]}
    again = api.post(f"{booked}/ask-to-move", {}, token=front_desk, status=200)
    assert again["messages"] == asked["messages"], "asked twice is asked once"
    assert again["events"][-1]["action"] == "asked_to_move"
    kept = api.post(f"{booked}/keep-after-all", token=front_desk, status=200)
    assert kept["asked_to_move_at"] is None
    assert kept["events"][-1]["action"] == "kept_after_all"


def test_what_is_cancelled_is_not_asked(api: Caller, office: Office, owner: str) -> None:
    made = factories.book(office, at(10))
    factories.cancel(made)
    path = path_of(office, f"/appointments/{made.public_id}/ask-to-move")
    api.refused("impossible_status", "POST", path, token=owner, json={})


def test_another_length_where_the_service_allows_it(api: Caller, office: Office, owner: str) -> None:
    refuse(api, "invalid_input", office, owner, minutes=80)
    with transaction():
        office.service.other_lengths = [80]
    made = book(api, office, owner, minutes=80)
    assert (made["start"], made["end"]) == ("2026-11-24T17:00:00Z", "2026-11-24T18:20:00Z")
    where = {"start": made["start"], "mode": made["mode"]}
    path = path_of(office, f"/appointments/{made['id']}/move")
    assert api.post(path, where, status=200, token=owner)["end"] == "2026-11-24T18:20:00Z"
    assert api.post(path, {**where, "minutes": 50}, status=200, token=owner)["end"] == "2026-11-24T17:50:00Z"
    api.refused("invalid_input", "POST", path, token=owner, json={**where, "minutes": 70})


def test_why_a_longer_one_does_not_fit(api: Caller, office: Office, owner: str) -> None:
    asked = {
        "therapist": office.therapist.public_id,
        "service": office.service.public_id,
        "mode": "virtual",
        "start": "2026-11-24T23:00:00Z",
        "jurisdiction": "CO",
    }
    assert api.get(path_of(office, "/why-not"), query_string=asked, token=owner)["bookable"]
    found = api.get(path_of(office, "/why-not"), query_string={**asked, "minutes": 80}, token=owner)
    assert [each["code"] for each in found["obstacles"]] == ["outside_hours"]


def test_how_long_it_could_last(api: Caller, office: Office, owner: str) -> None:
    with transaction():
        office.service.other_lengths = [45, 80]
    made = book(api, office, owner)
    book(api, office, owner, start="2026-11-24T18:00:00Z", client={"name": "Sam Lee", "email": "sam@example.com"})
    path = path_of(office, f"/appointments/{made['id']}")
    found = api.get(f"{path}/lengths", token=owner)
    assert (found["minutes"], [each["minutes"] for each in found["lengths"]]) == (50, [45, 50, 80])
    assert [each["possible"] for each in found["lengths"]] == [True, True, False]
    assert [each["code"] for each in found["lengths"][2]["obstacles"]] == ["taken"]
    where = {"start": made["start"], "mode": made["mode"], "minutes": 45, "tell_clients": False}
    changed = api.post(f"{path}/move", where, status=200, token=owner)
    assert changed["end"] == "2026-11-24T17:45:00Z"
