"""Finding free times."""

from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from tests.api.caller import Caller, path_of
from tests.factories import Office
from tests.moments import NOW

TOMORROW = {"since": "2026-11-24T00:00:00-07:00", "until": "2026-11-25T00:00:00-07:00"}


def search(office: Office, **given: Any) -> dict[str, Any]:
    return {"service": office.service.public_id, "mode": "virtual", **TOMORROW, **given}


def find(api: Caller, office: Office, **given: Any) -> Any:
    return api.get(path_of(office, "/slots"), query_string=search(office, **given))


def refuse(api: Caller, code: str, office: Office, **given: Any) -> dict[str, Any]:
    return api.refused(code, "GET", path_of(office, "/slots"), query_string=search(office, **given))


def test_slots_of_a_day(api: Caller, office: Office) -> None:
    found = find(api, office)
    assert found["since"] == "2026-11-24T07:00:00Z"
    assert found["timezone"] == "America/Denver"
    assert found["slots"][0] == {
        "start": "2026-11-24T16:00:00Z",
        "local": "2026-11-24T09:00:00-07:00",
        "therapist": office.therapist.public_id,
    }
    assert len(found["slots"]) == 15  # From 9:00 to 16:00 every half hour.


def test_the_usual_window_is_two_weeks_from_now(api: Caller, office: Office) -> None:
    found = api.get(path_of(office, "/slots"), query_string={"service": office.service.public_id, "mode": "phone"})
    assert (found["since"], found["until"]) == ("2026-11-23T16:00:00Z", "2026-12-07T16:00:00Z")


def test_local_times_in_the_readers_zone(api: Caller, office: Office) -> None:
    found = find(api, office, timezone="Asia/Kolkata")
    assert found["timezone"] == "Asia/Kolkata"
    assert found["slots"][0]["local"] == "2026-11-24T21:30:00+05:30"


def test_in_person_times_are_in_the_zone_of_the_place(api: Caller, office: Office) -> None:
    found = find(api, office, mode="in_person", location=office.location.public_id, timezone="Asia/Kolkata")
    assert found["timezone"] == "America/Denver"
    assert found["slots"]


def test_first_available_names_who_is_free(api: Caller, office: Office) -> None:
    colleague = factories.make_therapist(office.practice, office.service, name="Ari Bell")
    factories.book(office)
    found = find(api, office)
    assert {slot["therapist"] for slot in found["slots"]} == {colleague.public_id}
    assert (
        len(find(api, office, therapist=office.therapist.public_id)["slots"]) == 12
    )  # Nothing that touches ten o’clock.


def test_only_who_may_treat_in_the_state(api: Caller, office: Office) -> None:
    assert find(api, office, jurisdiction="CO")["slots"]
    assert find(api, office, jurisdiction="NY")["slots"] == []


def test_in_person_the_place_speaks_for_itself(api: Caller, office: Office) -> None:
    in_person = {"mode": "in_person", "location": office.location.public_id}
    assert find(api, office, jurisdiction="NY", **in_person)["slots"] == find(api, office, **in_person)["slots"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"since": "2026-11-24"}, "since"),
        ({"since": "2026-11-24T09:00:00"}, "since"),
        ({"since": "2026-11-24T09:00:00 07:00"}, "since"),
        ({"since": "2026-02-30T09:00:00Z"}, "since"),
        ({"since": "2026-W48-2T09:00Z"}, "since"),
        ({"since": "0001-01-01T00:00:00+14:00"}, "since"),
        ({"since": "9999-12-31T23:59:59-14:00"}, "since"),
        ({"since": "２０２６-11-24T09:00:00Z"}, "since"),
        ({"until": "2026-11-24T00:00:00-07:00"}, "until"),
        ({"until": "2026-11-23T00:00:00-07:00"}, "until"),
        ({"until": "2027-01-26T00:00:00-07:00"}, "until"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": "America/Denver\x00"}, "timezone"),
        ({"mode": "telepathy"}, "mode"),
        ({"mode": ""}, "mode"),
        ({"mode": "in_person"}, "location"),
        ({"jurisdiction": "XX"}, "jurisdiction"),
        ({"service": "'; DROP TABLE service"}, "service"),
        ({"service": "a\x00b"}, "service"),
        ({"service": "x" * 3_000}, "service"),
        ({"therapist": "é"}, "therapist"),
        ({"page": "1"}, "page"),
    ],
)
def test_what_cannot_be_used_is_named(api: Caller, office: Office, given: dict[str, str], field: str) -> None:
    problem = refuse(api, "invalid_input", office, **given)
    assert list(problem["errors"]) == [field]
    assert problem["errors"][field]


def test_service_and_mode_are_needed(api: Caller, office: Office) -> None:
    problem = api.refused("invalid_input", "GET", path_of(office, "/slots"))
    assert set(problem["errors"]) == {"service", "mode"}


def test_a_way_to_meet_that_the_service_does_not_have(api: Caller, office: Office) -> None:
    by_video = factories.make_service(office.practice, modes=["virtual"])
    assert "mode" in refuse(api, "invalid_input", office, service=by_video.public_id, mode="phone")["errors"]


def test_a_service_that_ended(api: Caller, office: Office) -> None:
    ended = factories.make_service(office.practice, ended_at=NOW)
    refuse(api, "service_ended", office, service=ended.public_id)


@pytest.mark.parametrize("field", ["service", "therapist"])
def test_unknown_ids(api: Caller, office: Office, field: str) -> None:
    refuse(api, "not_found", office, **{field: "unknown"})


def test_an_unknown_location(api: Caller, office: Office) -> None:
    refuse(api, "not_found", office, mode="in_person", location="unknown")


def test_the_longest_window(api: Caller, office: Office) -> None:
    found = find(api, office, until="2027-01-25T00:00:00-07:00")
    assert len(found["slots"]) > 15 * 30
