"""The schedule over the API, and who is free at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from telehealth.models import Therapist
from tests.api.caller import Caller, path_of
from tests.factories import (
    Office,
    add_time_off,
    book,
    hold,
    make_group_office,
    make_series,
    make_service,
    make_therapist,
)
from tests.factories.rows import change
from tests.moments import at

TUESDAY = {"since": "2026-11-24T07:00:00Z", "until": "2026-11-25T07:00:00Z"}
TEN = "2026-11-24T17:00:00Z"


@pytest.fixture
def colleague(office: Office) -> Therapist:
    made = make_therapist(office.practice, office.service, location=office.location, name="Ari Bell")
    change(made, languages=["Spanish"])
    return made


def read(api: Caller, office: Office, token: str, **query: Any) -> Any:
    return api.get(path_of(office, "/schedule"), query_string={**TUESDAY, **query}, token=token)


def ask(api: Caller, office: Office, token: str, **query: Any) -> Any:
    return api.get(path_of(office, "/who-is-free"), query_string=query, token=token)


def test_what_fills_a_day(api: Caller, office: Office, front_desk: str, colleague: Therapist) -> None:
    made = book(office, at(10))
    hold(office, at(14))
    add_time_off(colleague, datetime(2026, 11, 24, 9), datetime(2026, 11, 24, 12))
    found = read(api, office, front_desk)
    assert [each["id"] for each in found["appointments"]] == [made.public_id]
    ari, dana = found["therapists"]
    assert (ari["therapist"]["name"], ari["timezone"]) == ("Ari Bell", "America/Denver")
    assert ari["time_off"] == [{"start": "2026-11-24T16:00:00Z", "end": "2026-11-24T19:00:00Z", "note": ""}]
    assert dana["hours"] == [{"start": "2026-11-24T16:00:00Z", "end": "2026-11-25T00:00:00Z"}]
    (kept,) = dana["holds"]
    assert (kept["start"], kept["series"]) == ("2026-11-24T21:00:00Z", None)


def test_standing_slots_to_come(api: Caller, office: Office, front_desk: str) -> None:
    series = make_series(office, count=20)
    far = {"since": "2027-03-01T07:00:00Z", "until": "2027-04-05T07:00:00Z"}
    found = read(api, office, front_desk, **far)
    assert {each["series"] for each in found["therapists"][0]["holds"]} <= {series.public_id, None}


def test_one_therapist_and_only_their_own(
    api: Caller, office: Office, front_desk: str, therapist: str, colleague: Therapist
) -> None:
    book(office, at(10))
    theirs = read(api, office, front_desk, therapist=colleague.public_id)
    assert [each["therapist"]["name"] for each in theirs["therapists"]] == ["Ari Bell"]
    assert theirs["appointments"] == []
    assert [each["therapist"]["name"] for each in read(api, office, therapist)["therapists"]] == ["Dana Rivera"]
    path = path_of(office, "/schedule")
    api.refused("not_allowed", "GET", path, query_string={"therapist": colleague.public_id}, token=therapist)


def test_a_period_that_is_too_long(api: Caller, office: Office, front_desk: str) -> None:
    query = {"since": "2026-11-24T07:00:00Z", "until": "2027-11-24T07:00:00Z"}
    problem = api.refused("invalid_input", "GET", path_of(office, "/schedule"), query_string=query, token=front_desk)
    assert "42 days" in str(problem)


def test_who_is_free_in_words(api: Caller, office: Office, front_desk: str, colleague: Therapist) -> None:
    book(office, at(10))
    found = ask(api, office, front_desk, q="tomorrow 10am, individual, video, Colorado")
    assert (found["start"], found["mode"], found["jurisdiction"]) == (TEN, "virtual", "CO")
    assert found["doubts"] == []
    free, taken = found["answers"]
    assert (free["therapist"]["name"], free["free"]) == ("Ari Bell", True)
    assert (taken["free"], [each["code"] for each in taken["obstacles"]]) == (False, ["taken"])


def test_the_language_counts(api: Caller, office: Office, front_desk: str, colleague: Therapist) -> None:
    found = ask(api, office, front_desk, q="tomorrow 10am, individual, video, Colorado, Spanish")
    assert found["language"] == "Spanish"
    assert [(each["therapist"]["name"], each["free"], each["speaks"]) for each in found["answers"]] == [
        ("Ari Bell", True, True),
        ("Dana Rivera", False, False),
    ]


def test_who_is_free_by_its_parts(api: Caller, office: Office, front_desk: str, colleague: Therapist) -> None:
    parts = {"start": TEN, "service": office.service.public_id, "mode": "virtual", "jurisdiction": "CO"}
    found = ask(api, office, front_desk, **parts)
    assert [each["free"] for each in found["answers"]] == [True, True]
    one = ask(api, office, front_desk, **parts, therapist=colleague.public_id)
    assert [each["therapist"]["name"] for each in one["answers"]] == ["Ari Bell"]
    in_person = {**parts, "mode": "in_person"}
    assert ask(api, office, front_desk, **in_person)["answers"], "there is only one place"
    for name in ("start", "service", "mode"):
        without = {key: value for key, value in parts.items() if key != name}
        path = path_of(office, "/who-is-free")
        problem = api.refused("invalid_input", "GET", path, query_string=without, token=front_desk)
        assert name in str(problem)


def test_what_is_not_clear_is_asked(api: Caller, office: Office, front_desk: str) -> None:
    make_service(office.practice, name="Intake")
    found = ask(api, office, front_desk, q="tomorrow 10am")
    assert found["answers"] == []
    assert found["doubts"][0]["sentence"] == "Which service is it for?"
    assert len(found["doubts"][0]["ways"]) == 2
    assert make_group_office().practice.id != office.practice.id
