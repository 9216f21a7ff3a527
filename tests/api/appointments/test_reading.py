"""Appointments for staff programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from telehealth.domain.words import Mode
from tests import factories
from tests.api.caller import Caller, booking_of, path_of
from tests.factories import Office
from tests.fakes import FakeClock
from tests.moments import at

WEEK = {"since": "2026-11-23T00:00:00Z", "until": "2026-11-30T00:00:00Z"}


def listed(api: Caller, office: Office, token: str, **given: Any) -> Any:
    return api.get(path_of(office, "/appointments"), token=token, query_string={**WEEK, **given})


@pytest.fixture
def colleague(office: Office) -> Office:
    """Another therapist of the same practice, with an appointment."""
    other = factories.make_therapist(office.practice, office.service, name="Ari Bell")
    room = Office(office.practice, office.location, office.room, office.service, other)
    factories.book(room, at(11))
    return room


def test_a_list_in_order(api: Caller, office: Office, owner: str) -> None:
    factories.book(office, at(14))
    cancelled = factories.cancel(factories.book(office, at(10)))
    found = listed(api, office, owner)
    assert [row["local_start"] for row in found["appointments"]] == [
        "2026-11-24T10:00:00-07:00",
        "2026-11-24T14:00:00-07:00",
    ]
    assert found["appointments"][0]["id"] == cancelled.public_id
    assert found["appointments"][0]["status"] == "cancelled"
    assert found["next_cursor"] is None


def test_pages(api: Caller, office: Office, owner: str) -> None:
    booked = [factories.book(office, at(hour)).public_id for hour in (9, 10, 11, 13, 14)]
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    for size in (2, 2, 1):
        page = listed(api, office, owner, limit=2, **cursor)
        assert len(page["appointments"]) == size
        seen += [row["id"] for row in page["appointments"]]
        cursor = {"cursor": page["next_cursor"]}
    assert seen == booked
    assert cursor == {"cursor": None}


def test_pages_split_one_start_between_therapists(api: Caller, office: Office, owner: str, colleague: Office) -> None:
    factories.book(office, at(11))
    first = listed(api, office, owner, limit=1)
    second = listed(api, office, owner, limit=1, cursor=first["next_cursor"])
    assert second["next_cursor"] is None
    assert len({row["id"] for page in (first, second) for row in page["appointments"]}) == 2


def test_the_usual_window_begins_now(api: Caller, office: Office, owner: str, clock: FakeClock) -> None:
    factories.book(office, at(10))
    assert len(api.get(path_of(office, "/appointments"), token=owner)["appointments"]) == 1
    clock.advance(timedelta(days=2))
    assert api.get(path_of(office, "/appointments"), token=owner)["appointments"] == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"limit": "9" * 3000}, "limit"),
        ({"limit": "NaN"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": ""}, "cursor"),
        ({"cursor": "é"}, "cursor"),
        ({"cursor": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OSB4"}, "cursor"),  # 9999…9 x
        ({"cursor": "MSBhAGI"}, "cursor"),  # A NUL byte inside.
        ({"until": "2026-11-23T00:00:00Z"}, "until"),
        ({"until": "2027-11-30T00:00:00Z"}, "until"),
        ({"since": "yesterday"}, "since"),
        ({"sort": "name"}, "sort"),
    ],
)
def test_what_cannot_be_used_is_named(
    api: Caller, office: Office, owner: str, given: dict[str, Any], field: str
) -> None:
    query = {**WEEK, **given}
    problem = api.refused("invalid_input", "GET", path_of(office, "/appointments"), token=owner, query_string=query)
    assert list(problem["errors"]) == [field]


def test_the_front_desk_sees_all(api: Caller, office: Office, front_desk: str, colleague: Office) -> None:
    factories.book(office, at(10))
    assert len(listed(api, office, front_desk)["appointments"]) == 2
    own = listed(api, office, front_desk, therapist=colleague.therapist.public_id)["appointments"]
    assert [row["therapist"]["name"] for row in own] == ["Ari Bell"]


def test_a_therapist_sees_their_own(api: Caller, office: Office, therapist: str, colleague: Office) -> None:
    mine = factories.book(office, at(10))
    assert [row["id"] for row in listed(api, office, therapist)["appointments"]] == [mine.public_id]
    query = {"therapist": colleague.therapist.public_id}
    api.refused("not_allowed", "GET", path_of(office, "/appointments"), token=therapist, query_string=query)


def test_a_therapist_cannot_read_or_cancel_a_colleagues(
    api: Caller, office: Office, therapist: str, colleague: Office
) -> None:
    theirs = factories.book(colleague, at(14))
    path = path_of(office, f"/appointments/{theirs.public_id}")
    api.refused("not_found", "GET", path, token=therapist)
    api.refused("not_found", "POST", f"{path}/cancel", token=therapist, json={})


def test_one_appointment_with_its_history(api: Caller, office: Office, owner: str) -> None:
    booked = factories.book(office, at(10), mode=Mode.IN_PERSON)
    found = api.get(path_of(office, f"/appointments/{booked.public_id}"), token=owner)
    (attendee,) = found["attendees"]
    assert attendee["name"] == "Jane Doe"
    assert attendee["text_consent"]
    assert found["location"]["id"] == office.location.public_id
    (event,) = found["events"]
    assert (event["at"], event["action"], event["actor"]) == ("2026-11-23T16:00:00Z", "booked", "client")
    told = {(message["kind"], message["channel"], message["recipient"]) for message in found["messages"]}
    assert ("confirmation", "email", "therapist") in told
    assert ("confirmation", "text", attendee["id"]) in told


def test_staff_programs_never_see_a_clients_link(api: Caller, office: Office, owner: str) -> None:
    booked = factories.book(office, at(10))
    response = api.ask("GET", path_of(office, f"/appointments/{booked.public_id}"), token=owner)
    assert booked.attendees[0].public_id not in response.text


def test_cancelling_says_who_did_it(api: Caller, office: Office, therapist: str) -> None:
    booked = factories.book(office, at(10))
    path = path_of(office, f"/appointments/{booked.public_id}/cancel")
    found = api.post(path, {"reason": "Therapist is ill."}, status=200, token=therapist)
    assert (found["status"], found["cancel_reason"]) == ("cancelled", "Therapist is ill.")
    assert [(event["action"], event["actor"]) for event in found["events"]] == [
        ("booked", "client"),
        ("cancelled", "staff"),
    ]
    api.refused("already_cancelled", "POST", path, token=therapist, json={})


def test_cancelling_after_the_start(api: Caller, office: Office, owner: str, clock: FakeClock) -> None:
    booked = factories.book(office, at(10))
    clock.advance(timedelta(days=2))
    path = path_of(office, f"/appointments/{booked.public_id}/cancel")
    api.refused("too_late", "POST", path, token=owner)


def test_unknown_appointments(api: Caller, office: Office, owner: str) -> None:
    api.refused("not_found", "GET", path_of(office, "/appointments/unknown"), token=owner)
    api.refused("not_found", "POST", path_of(office, "/appointments/unknown/cancel"), token=owner)


def test_what_is_booked_outside_the_hours(api: Caller, office: Office, front_desk: str) -> None:
    made = api.post(path_of(office, "/appointments"), booking_of(office))
    path = path_of(office, f"/therapists/{office.therapist.public_id}")
    assert api.get(f"{path}/outside-hours", token=front_desk) == {"appointments": []}
    api.post(f"{path}/overrides", {"day": "2026-11-24"}, token=front_desk)
    (found,) = api.get(f"{path}/outside-hours", token=front_desk)["appointments"]
    assert found["id"] == made["id"]
