"""Couples and families, groups, two therapists, the best fit, and what waits for a yes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from telehealth.domain.words import Approval, LateChange, WhenOneCancels
from telehealth.models import Policy
from tests import factories
from tests.api.caller import Caller, booking_of, path_of
from tests.api.conftest import token_of
from tests.factories import Office
from tests.factories.rows import keep
from tests.fakes import FakeClock
from tests.moments import NOW

PARTNER = {
    "name": "Ben Rivera",
    "email": "ben@example.com",
    "phone": "(303) 555-0177",
    "timezone": "America/New_York",
    "jurisdiction": "CO",
}


def book(api: Caller, office: Office, **given: Any) -> Any:
    return api.post(path_of(office, "/appointments"), booking_of(office, **given))


def refuse(api: Caller, code: str, office: Office, **given: Any) -> dict[str, Any]:
    return api.refused(code, "POST", path_of(office, "/appointments"), json=booking_of(office, **given))


def sam(office: Office, **given: Any) -> dict[str, Any]:
    return {"client": {"name": "Sam Lee", "email": "sam@example.com"}, **given}


def detail(api: Caller, office: Office, booked: Any, token: str) -> Any:
    return api.get(path_of(office, f"/appointments/{booked['id']}"), token=token)


def owner_of(office: Office) -> str:
    return token_of(factories.make_user(office.practice))


def test_a_couple(api: Caller) -> None:
    office = factories.make_couple_office()
    response = api.ask("POST", path_of(office, "/appointments"), json=booking_of(office, others=[PARTNER]))
    booked = response.get_json()
    assert booked["seats"] == 2
    assert "ben@example.com" not in response.text
    found = detail(api, office, booked, owner_of(office))
    assert [each["name"] for each in found["attendees"]] == ["Ana Rivera", "Ben Rivera"]
    told = {(each["kind"], each["recipient"]) for each in found["messages"]}
    assert {("confirmation", each["id"]) for each in found["attendees"]} <= told


def test_who_comes_along_is_checked_like_anybody(api: Caller) -> None:
    office = factories.make_couple_office()
    problem = refuse(api, "invalid_input", office, others=[{**PARTNER, "email": "x", "timezone": "x"}])
    assert set(problem["errors"]) == {"others.0.email", "others.0.timezone"}
    twice = {"name": "Ana Rivera", "email": "ana@example.com"}
    assert "others" in refuse(api, "invalid_input", office, others=[{**PARTNER, **twice}])["errors"]
    assert "others" in refuse(api, "invalid_input", office, others=[PARTNER, {**PARTNER, "name": "Cy"}])["errors"]
    assert "others" in refuse(api, "invalid_input", office, others=[PARTNER] * 13)["errors"]


def test_nobody_comes_along_alone(api: Caller, office: Office) -> None:
    assert "others" in refuse(api, "invalid_input", office, others=[PARTNER])["errors"]


def test_when_one_of_a_couple_cancels_the_practice_decides(api: Caller) -> None:
    for rule, status in ((WhenOneCancels.ALL_OFF, "cancelled"), (WhenOneCancels.GOES_ON, "booked")):
        office = factories.make_couple_office(when_one_cancels=rule)
        booked = book(api, office, others=[PARTNER])
        mine = api.post(f"/appointments/{booked['manage_token']}/cancel", {}, status=200)
        assert mine["status"] == "cancelled"
        assert detail(api, office, booked, owner_of(office))["status"] == status


def test_seats_of_a_group(api: Caller) -> None:
    office = factories.make_group_office(capacity=2)
    query = {"service": office.service.public_id, "mode": "virtual", "until": "2026-11-25T07:00:00Z"}

    def left() -> dict[str, int]:
        return {
            slot["start"]: slot["seats_left"]
            for slot in api.get(path_of(office, "/slots"), query_string=query)["slots"]
        }

    assert set(left().values()) == {2}
    first = book(api, office)
    assert left()["2026-11-24T17:00:00Z"] == 1
    assert "2026-11-24T17:30:00Z" not in left()
    second = book(api, office, **sam(office))
    assert second["id"] == first["id"]
    assert second["manage_token"] != first["manage_token"]
    assert (first["seats"], second["seats"]) == (1, 1)
    assert "2026-11-24T17:00:00Z" not in left()
    refuse(api, "group_full", office, client={"name": "Cy Moss", "email": "cy@example.com"})
    assert "Sam" not in api.ask("GET", f"/appointments/{first['manage_token']}").text


def test_a_group_that_staff_open(api: Caller) -> None:
    office = factories.make_group_office(opened_by_staff=True)
    query = {"service": office.service.public_id, "mode": "virtual"}
    assert api.get(path_of(office, "/slots"), query_string=query)["slots"] == []
    refuse(api, "slot_not_offered", office)
    opened = api.post(path_of(office, "/desk/appointments"), booking_of(office), token=owner_of(office))
    (slot,) = api.get(path_of(office, "/slots"), query_string=query)["slots"]
    assert (slot["start"], slot["seats_left"]) == (opened["start"], 3)
    assert book(api, office, **sam(office))["id"] == opened["id"]


def test_a_repeated_request_for_a_seat_gives_the_same_seat(api: Caller, clock: FakeClock) -> None:
    office = factories.make_group_office()
    book(api, office, client={"name": "Cy Moss", "email": "cy@example.com"})
    clock.advance(timedelta(minutes=1))
    ask = {"json": booking_of(office), "headers": {"Idempotency-Key": "key-1"}}
    first = api.ask("POST", path_of(office, "/appointments"), **ask)
    assert "Idempotent-Replayed" not in first.headers
    clock.advance(timedelta(minutes=1))
    book(api, office, **sam(office))
    again = api.ask("POST", path_of(office, "/appointments"), **ask)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.get_json()["manage_token"] == first.get_json()["manage_token"]


def test_the_roster_is_for_staff(api: Caller) -> None:
    office = factories.make_group_office()
    first = book(api, office)
    book(api, office, **sam(office))
    cancelled = api.post(f"/appointments/{first['manage_token']}/cancel", {}, status=200)
    assert cancelled["status"] == "cancelled"
    found = detail(api, office, first, owner_of(office))
    assert found["status"] == "booked"
    assert [(each["name"], each["status"]) for each in found["attendees"]] == [
        ("Ana Rivera", "cancelled"),
        ("Sam Lee", "booked"),
    ]


def test_two_therapists_together(api: Caller) -> None:
    office = factories.make_office(service={"therapists_needed": 2})
    refuse(api, "slot_not_offered", office)
    colleague = factories.make_therapist(office.practice, office.service, name="Ari Bell")
    factories.make_therapist(office.practice, office.service, name="Cal Moss")
    booked = book(api, office, co_therapist=colleague.public_id)
    assert booked["therapist"]["id"] == office.therapist.public_id
    assert booked["co_therapist"] == {"id": colleague.public_id, "name": "Ari Bell"}
    refuse(api, "not_found", office, co_therapist="unknown")


@pytest.fixture
def specialists(office: Office) -> dict[str, str]:
    """Three more therapists, by what they do."""
    given: dict[str, dict[str, Any]] = {
        "Spanish": {"languages": ["English", "Spanish"]},
        "EMDR": {"modalities": ["EMDR"]},
        "grief": {"specialties": ["Grief"]},
    }
    made = {word: factories.make_therapist(office.practice, office.service, **facts) for word, facts in given.items()}
    return {word: therapist.public_id for word, therapist in made.items()}


@pytest.mark.parametrize(
    ("fit", "word"),
    [
        ({"languages": ["Spanish"]}, "Spanish"),
        ({"modalities": ["EMDR"]}, "EMDR"),
        ({"specialties": ["Grief"]}, "grief"),
    ],
)
def test_the_best_fit(
    api: Caller, office: Office, specialists: dict[str, str], fit: dict[str, list[str]], word: str
) -> None:
    query = {"service": office.service.public_id, "mode": "virtual", "until": "2026-11-25T07:00:00Z", **fit}
    slots = api.get(path_of(office, "/slots"), query_string=query)["slots"]
    assert {slot["therapist"] for slot in slots} == {specialists[word]}
    held = api.post(path_of(office, "/holds"), {**wish(office), "fit": fit})
    assert held["therapist"]["id"] == specialists[word]
    later = {"start": "2026-11-24T19:00:00Z", "therapist": None, "fit": fit}
    assert book(api, office, **later)["therapist"]["id"] == specialists[word]


def wish(office: Office) -> dict[str, Any]:
    return {
        "service": office.service.public_id,
        "start": "2026-11-24T17:00:00Z",
        "mode": "virtual",
        "jurisdiction": "CO",
    }


def test_a_language_that_nobody_speaks(api: Caller, office: Office) -> None:
    fit = {"languages": ["Klingon"]}
    query = {"service": office.service.public_id, "mode": "virtual", **fit}
    assert api.get(path_of(office, "/slots"), query_string=query)["slots"] == []
    refuse(api, "slot_not_offered", office, therapist=None, fit=fit)


def test_what_waits_for_a_yes(api: Caller) -> None:
    office = factories.make_office(service={"approval": Approval.ALWAYS, "approval_minutes": 60})
    asked = book(api, office)
    assert (asked["status"], asked["expires_at"]) == ("pending", "2026-11-23T17:00:00Z")
    assert asked["join_url"] is None
    refuse(api, "slot_taken", office, **sam(office))
    link = f"/appointments/{asked['manage_token']}"
    assert api.post(f"{link}/cancel", {}, status=200)["status"] == "cancelled"
    assert book(api, office, **sam(office))["status"] == "pending"


def test_the_terms_agreed_to(api: Caller, office: Office) -> None:
    policy = keep(
        Policy(
            practice_id=office.practice.id,
            version=3,
            window_minutes=24 * 60,
            when_late=LateChange.CALL,
            terms="Please give us a day.",
            created_at=NOW,
        )
    )
    service = factories.make_service(office.practice, policy_id=policy.id)
    therapist = factories.make_therapist(office.practice, service)
    body = {"service": service.public_id, "therapist": therapist.public_id, "start": "2026-11-25T17:00:00Z"}
    assert book(api, office, **body)["terms"] == {
        "version": 3,
        "window_minutes": 1440,
        "when_late": "call",
        "text": "Please give us a day.",
        "free_until": "2026-11-24T17:00:00Z",
    }
    shown = api.get(path_of(office, f"/services/{service.public_id}"))
    assert (shown["terms"]["version"], shown["capacity"], shown["approval"]) == (3, 1, "never")


def test_without_terms_it_is_free_until_the_start(api: Caller, office: Office) -> None:
    booked = book(api, office)
    assert (booked["terms"], booked["change"]) == (None, "free")
