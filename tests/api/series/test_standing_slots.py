"""Standing slots: seen before, set up, changed, paused and ended."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from telehealth.database import db
from telehealth.domain.words import Role
from tests import factories
from tests.api.caller import Caller, booking_of, path_of
from tests.api.conftest import token_of
from tests.factories import Office
from tests.fakes import FakeClock

FIRST = "2026-12-01"
SECOND = "2026-12-08"
AT_THREE = "2026-12-01T22:00:00Z"


def plan_of(office: Office, **given: Any) -> dict[str, Any]:
    """Tuesdays at three in Denver, until further notice."""
    plan = {
        "service": office.service.public_id,
        "therapist": office.therapist.public_id,
        "mode": "virtual",
        "timezone": "America/Denver",
        "local_time": "15:00",
        "starts_on": FIRST,
    }
    return {**plan, **given}


def client_of(office: Office, **given: Any) -> dict[str, Any]:
    return {**booking_of(office)["client"], **given}


def create(api: Caller, office: Office, token: str, **given: Any) -> Any:
    body = {"clients": [client_of(office)], **plan_of(office, **given)}
    return api.post(path_of(office, "/series"), body, token=token)


def dates(api: Caller, office: Office, token: str, series: Any, **given: Any) -> list[Any]:
    path = path_of(office, f"/series/{series['id']}/dates")
    found: list[Any] = api.get(path, token=token, query_string={"limit": 4, **given})["dates"]
    return found


@pytest.fixture
def series(api: Caller, office: Office, owner: str) -> Any:
    return create(api, office, owner)


def path(office: Office, series: Any, rest: str) -> str:
    return path_of(office, f"/series/{series['id']}/{rest}")


def test_seen_before_it_is_set_up(api: Caller, office: Office, owner: str) -> None:
    factories.add_time_off(office.therapist, datetime(2026, 12, 8), datetime(2026, 12, 9))
    body = plan_of(office, count=3, members=[{"jurisdiction": "CO"}])
    found = api.post(path_of(office, "/series/preview"), body, status=200, token=owner)
    assert [each["day"] for each in found["dates"]] == [FIRST, SECOND, "2026-12-15"]
    first, second, _ = found["dates"]
    assert (first["start"], first["local_start"], first["obstacles"]) == (AT_THREE, "2026-12-01T15:00:00-07:00", [])
    assert [each["code"] for each in second["obstacles"]] == ["time_off"]
    assert "away" in second["obstacles"][0]["sentence"]
    assert len(second["alternatives"]) == 3
    assert api.get(path_of(office, "/series"), token=owner)["series"] == []


def test_who_comes_counts(api: Caller, office: Office, owner: str) -> None:
    booked = factories.book(office, datetime.fromisoformat(AT_THREE), therapist=None)
    colleague = factories.make_therapist(office.practice, office.service)
    client = booked.attendees[0].client.public_id
    body = plan_of(office, count=1, therapist=colleague.public_id, members=[{}, {"client": client}])
    (found,) = api.post(path_of(office, "/series/preview"), body, status=200, token=owner)["dates"]
    assert [each["code"] for each in found["obstacles"]] == ["client_busy"]
    body["members"] = [{"client": client, "jurisdiction": "NY"}]
    (found,) = api.post(path_of(office, "/series/preview"), body, status=200, token=owner)["dates"]
    assert {each["code"] for each in found["obstacles"]} == {"client_busy", "licence"}
    body["members"] = [{"client": "unknown"}]
    api.refused("not_found", "POST", path_of(office, "/series/preview"), token=owner, json=body)


def test_set_up_and_read(api: Caller, office: Office, owner: str, series: Any) -> None:
    assert (series["weekday"], series["local_time"], series["until"]) == (1, "15:00", None)
    assert [each["client"]["name"] for each in series["members"]] == ["Ana Rivera"]
    assert api.get(path_of(office, f"/series/{series['id']}"), token=owner) == series
    assert api.get(path_of(office, "/series"), token=owner)["series"] == [series]
    first = dates(api, office, owner, series)[0]
    assert (first["day"], first["start"], first["status"]) == (FIRST, AT_THREE, "booked")
    appointment = api.get(path_of(office, f"/appointments/{first['appointment']}"), token=owner)
    assert appointment["start"] == AT_THREE
    assert appointment["series"] == {"id": series["id"], "day": FIRST}
    (later,) = dates(api, office, owner, series, since="2027-06-01T00:00:00Z", limit=1)
    assert (later["status"], later["appointment"]) == ("planned", None)


def test_its_time_is_nobody_elses(api: Caller, office: Office, owner: str, series: Any) -> None:
    query = {"therapist": office.therapist.public_id, "service": office.service.public_id, "mode": "virtual"}
    query |= {"start": "2027-06-01T21:00:00Z", "jurisdiction": "CO"}
    found = api.get(path_of(office, "/why-not"), token=owner, query_string=query)["obstacles"]
    assert "standing" in [each["code"] for each in found]


def test_conflicts_are_answered_one_by_one(api: Caller, office: Office, owner: str) -> None:
    factories.add_time_off(office.therapist, datetime(2026, 12, 1), datetime(2026, 12, 2))
    factories.add_time_off(office.therapist, datetime(2026, 12, 8), datetime(2026, 12, 9))
    factories.add_time_off(office.therapist, datetime(2026, 12, 15), datetime(2026, 12, 16))
    choices = [{"day": FIRST, "start": "2026-12-02T22:00:00Z"}, {"day": SECOND, "start": None}]
    made = create(api, office, owner, choices=choices)
    first, second, third, fourth = dates(api, office, owner, made)
    assert (first["status"], first["start"]) == ("booked", "2026-12-02T22:00:00Z")
    assert (second["status"], bool(second["reason"])) == ("skipped", True)
    assert (third["status"], third["obstacles"][0]["code"]) == ("conflict", "time_off")
    assert len(third["alternatives"]) == 3
    assert fourth["status"] == "booked"
    (listed,) = api.get(path_of(office, "/series/conflicts"), token=owner)["conflicts"]
    assert (listed["series"], listed["day"]) == (made["id"], third["day"])
    settle = path(office, made, f"dates/{third['day']}/settle")
    taken = {"start": "2026-12-15T22:00:00Z"}
    assert api.ask("POST", settle, token=owner, json=taken).status_code == 409
    settled = api.post(settle, {"start": third["alternatives"][0]}, status=200, token=owner)
    assert settled["start"] == third["alternatives"][0]
    assert dates(api, office, owner, made)[2]["status"] == "booked"
    api.refused("invalid_input", "POST", settle, token=owner, json={"start": AT_THREE})


def test_each_date_is_answered_once(api: Caller, office: Office, owner: str) -> None:
    choices = [{"day": FIRST, "start": None}] * 2
    body = {"clients": [client_of(office)], **plan_of(office, choices=choices)}
    problem = api.refused("invalid_input", "POST", path_of(office, "/series"), token=owner, json=body)
    assert list(problem["errors"]) == ["choices"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"every_weeks": 0}, "every_weeks"),
        ({"every_weeks": 53}, "every_weeks"),
        ({"until": "2026-11-01"}, "until"),
        ({"until": "2027-01-01", "count": 3}, "until"),
        ({"count": 0}, "count"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"local_time": "15:00:30"}, "local_time"),
        ({"starts_on": "2026-02-30"}, "starts_on"),
        ({"mode": "in_person"}, "location"),
        ({"clients": []}, "clients"),
        ({"clients": [{"name": "x"}]}, "clients.0.email"),
        ({"weekday": 1}, "weekday"),
    ],
)
def test_plans_that_cannot_be(api: Caller, office: Office, owner: str, given: dict[str, Any], field: str) -> None:
    body = {"clients": [client_of(office)], **plan_of(office), **given}
    problem = api.refused("invalid_input", "POST", path_of(office, "/series"), token=owner, json=body)
    assert field in problem["errors"]


def test_plans_of_what_is_not_there(api: Caller, office: Office, owner: str) -> None:
    for name in ("service", "therapist", "co_therapist"):
        body = {"clients": [client_of(office)], **plan_of(office, **{name: "unknown"})}
        api.refused("not_found", "POST", path_of(office, "/series"), token=owner, json=body)
    ended = factories.make_service(office.practice, ended_at=office.practice.created_at)
    body = {"clients": [client_of(office)], **plan_of(office, service=ended.public_id)}
    api.refused("service_ended", "POST", path_of(office, "/series"), token=owner, json=body)
    api.refused(
        "service_ended",
        "POST",
        path_of(office, "/series/preview"),
        token=owner,
        json=plan_of(office, service=ended.public_id),
    )


def test_one_date_left_out_and_back(api: Caller, office: Office, owner: str, series: Any) -> None:
    skip, restore = (path(office, series, f"dates/{FIRST}/{verb}") for verb in ("skip", "restore"))
    assert api.post(skip, {"reason": "Holiday."}, status=200, token=owner)["outcome"] == "cancelled"
    assert dates(api, office, owner, series)[0]["appointment_status"] == "cancelled"
    assert api.post(restore, status=200, token=owner)["outcome"] in {"planned", "kept"}
    assert dates(api, office, owner, series)[0]["appointment_status"] == "booked"
    api.refused("invalid_input", "POST", restore, token=owner)
    for day in ("2026-12-02", "unknown", "2026-02-30"):
        api.refused("not_found", "POST", path(office, series, f"dates/{day}/skip"), token=owner, json={})


def test_this_date_only(api: Caller, office: Office, owner: str, series: Any) -> None:
    body = {"scope": "this", "day": FIRST, "local_time": "16:00", "reason": "A dentist."}
    done = api.post(path(office, series, "change"), body, status=200, token=owner)
    assert done["series"] == series
    ((day, start, outcome),) = [(each["day"], each["start"], each["outcome"]) for each in done["dates"]]
    assert (day, start, outcome) == (FIRST, "2026-12-01T23:00:00Z", "moved")
    first, second = dates(api, office, owner, series)[:2]
    assert (first["start"], second["start"]) == ("2026-12-01T23:00:00Z", "2026-12-08T22:00:00Z")


def test_this_and_all_that_follow(api: Caller, office: Office, owner: str, series: Any) -> None:
    body = {"scope": "following", "day": SECOND, "weekday": 3}
    done = api.post(path(office, series, "change"), body, status=200, token=owner)
    assert done["series"]["id"] != series["id"]
    assert done["series"]["weekday"] == 3
    assert {each["outcome"] for each in done["dates"]} <= {"moved", "planned", "dropped"}
    before = api.get(path_of(office, f"/series/{series['id']}"), token=owner)
    assert before["until"] is not None


def test_every_date_ahead(api: Caller, office: Office, owner: str, series: Any) -> None:
    colleague = factories.make_therapist(office.practice, office.service, name="Ari Bell")
    body = {"scope": "all", "therapist": colleague.public_id}
    done = api.post(path(office, series, "change"), body, status=200, token=owner)
    assert (done["series"]["id"], done["series"]["therapist"]["name"]) == (series["id"], "Ari Bell")


def test_a_change_seen_before_it_is_made(api: Caller, office: Office, owner: str, series: Any) -> None:
    factories.add_time_off(office.therapist, datetime(2026, 12, 10), datetime(2026, 12, 11))
    body = {"scope": "following", "day": SECOND, "weekday": 3, "every_weeks": 2, "reason": "A course."}
    seen = api.post(path(office, series, "change/preview"), body, status=200, token=owner)["dates"]
    stuck = next(each for each in seen if each["day"] == "2026-12-10")
    assert (stuck["outcome"], [each["code"] for each in stuck["obstacles"]]) == ("conflict", ["time_off"])
    assert len(stuck["alternatives"]) == 3
    assert [each["id"] for each in api.get(path_of(office, "/series"), token=owner)["series"]] == [series["id"]]
    assert len(api.get(path(office, series, "events"), token=owner)["events"]) == 1
    assert api.post(path(office, series, "change"), body, status=200, token=owner)["dates"] == seen


def test_a_stand_in_is_called_by_their_name(api: Caller, office: Office, owner: str, series: Any) -> None:
    colleague = factories.make_therapist(office.practice, office.service, name="Ari Bell")
    factories.add_time_off(colleague, datetime(2026, 12, 1), datetime(2026, 12, 2))
    body = {"scope": "this", "day": FIRST, "therapist": colleague.public_id}
    for verb in ("change/preview", "change"):
        (date_,) = api.post(path(office, series, verb), body, status=200, token=owner)["dates"]
        assert "Ari Bell" in date_["obstacles"][0]["sentence"]


@pytest.mark.parametrize("verb", ["change", "change/preview"])
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"scope": "some"}, "scope"),
        ({"scope": "this"}, "day"),
        ({"scope": "following", "day": "2199-01-01"}, "day"),
        ({"scope": "all", "weekday": 7}, "weekday"),
        ({"scope": "all", "every_weeks": 0}, "every_weeks"),
        ({"scope": "all", "mode": "in_person"}, "location"),
    ],
)
def test_changes_that_cannot_be(
    api: Caller, office: Office, owner: str, series: Any, given: dict[str, Any], field: str, verb: str
) -> None:
    problem = api.refused("invalid_input", "POST", path(office, series, verb), token=owner, json=given)
    assert list(problem["errors"]) == [field]


def test_paused_over_a_holiday(api: Caller, office: Office, owner: str, series: Any) -> None:
    body = {"first": "2026-12-20", "last": "2027-01-03", "reason": "Holiday"}
    done = api.post(path(office, series, "pause"), body, status=200, token=owner)
    assert [(each["day"], each["outcome"]) for each in done["dates"]] == [
        ("2026-12-22", "cancelled"),
        ("2026-12-29", "cancelled"),
    ]
    wrong = {"first": "2026-12-20", "last": "2026-12-19"}
    assert (
        "last" in api.refused("invalid_input", "POST", path(office, series, "pause"), token=owner, json=wrong)["errors"]
    )


def test_ended(api: Caller, office: Office, owner: str, series: Any) -> None:
    done = api.post(path(office, series, "end"), {"scope": "following", "day": SECOND}, status=200, token=owner)
    assert done["series"]["until"] is not None
    assert dates(api, office, owner, series)[0]["status"] == "booked"
    rest = api.post(path(office, series, "end"), {}, status=200, token=owner)
    assert rest["dates"][0]["outcome"] == "cancelled"
    api.refused("invalid_input", "POST", path(office, series, "end"), token=owner, json={"scope": "this"})


def test_who_belongs(api: Caller) -> None:
    office = factories.make_group_office(capacity=2)
    token = token_of(factories.make_user(office.practice))
    group = create(api, office, token)
    sam = client_of(office, name="Sam Lee", email="sam@example.com")
    members = path(office, group, "members")
    joined = api.post(members, {"client": sam, "first_day": SECOND}, token=token)
    assert [each["client"]["name"] for each in joined["series"]["members"]] == ["Ana Rivera", "Sam Lee"]
    assert {each["outcome"] for each in joined["dates"]} <= {"joined", "kept", "planned"}
    api.refused("group_full", "POST", members, token=token, json={"client": client_of(office, name="Cy")})
    member = joined["series"]["members"][1]
    leave = f"{members}/{member['id']}/leave"
    left = api.post(leave, {"last_day": "2026-12-15"}, status=200, token=token)
    assert left["series"]["members"][1]["left_on"] == "2026-12-15"
    api.refused("not_found", "POST", f"{members}/unknown/leave", token=token, json={"last_day": FIRST})
    wrong = api.refused("invalid_input", "POST", leave, token=token, json={"last_day": "2020-01-01"})
    assert list(wrong["errors"]) == ["last_day"]


def test_who_did_what_is_read(api: Caller, office: Office, owner: str, series: Any) -> None:
    colleague = factories.make_therapist(office.practice, office.service, name="Ari Bell")
    change = {"scope": "following", "day": SECOND, "therapist": colleague.public_id, "reason": "On leave"}
    goes_on = api.post(path(office, series, "change"), change, status=200, token=owner)["series"]
    created, changed = api.get(path(office, series, "events"), token=owner)["events"]
    assert (created["action"], created["actor"], created["name"], created["via"]) == (
        "created",
        "staff",
        "Robin Reed",
        "api",
    )
    assert created["details"]["after"]["local_time"] == "15:00"
    details = changed["details"]
    assert (changed["action"], details["first"], details["reason"]) == ("changed", SECOND, "On leave")
    assert (details["goes_on_as"], details["scope"]) == (goes_on["id"], "following")
    assert details["before"]["therapist"] == office.therapist.public_id
    assert details["after"]["therapist"] == colleague.public_id
    (continued,) = api.get(path(office, goes_on, "events"), token=owner)["events"]
    assert (continued["action"], continued["details"]["series"]) == ("continued", series["id"])


def test_nobody_belongs_twice(api: Caller) -> None:
    office = factories.make_group_office()
    token = token_of(factories.make_user(office.practice))
    members = path(office, create(api, office, token), "members")
    again = api.refused("invalid_input", "POST", members, token=token, json={"client": client_of(office)})
    assert list(again["errors"]) == ["client.name"]


def test_a_therapist_has_their_own(api: Caller, office: Office, therapist: str, series: Any) -> None:
    colleague = factories.make_therapist(office.practice, office.service, name="Ari Bell")
    theirs = factories.make_series(office, therapist=colleague.public_id)
    assert [each["id"] for each in api.get(path_of(office, "/series"), token=therapist)["series"]] == [series["id"]]
    api.refused("not_found", "GET", path_of(office, f"/series/{theirs.public_id}"), token=therapist)
    plan = {"clients": [client_of(office)], **plan_of(office, therapist=colleague.public_id)}
    api.refused("not_allowed", "POST", path_of(office, "/series"), token=therapist, json=plan)
    away = {"scope": "all", "therapist": colleague.public_id}
    for verb in ("change", "change/preview"):
        api.refused("not_allowed", "POST", path(office, series, verb), token=therapist, json=away)
    assert create(api, office, therapist, local_time="10:00")["therapist"]["name"] == "Dana Rivera"


def test_a_login_without_a_therapist_has_none(api: Caller, office: Office, series: Any) -> None:
    token = token_of(factories.make_user(office.practice, Role.THERAPIST))
    api.refused("not_allowed", "GET", path_of(office, "/series"), token=token)
    assert date.fromisoformat(series["starts_on"]) == date(2026, 12, 1)


def create_once(api: Caller, office: Office, token: str, key: str, **given: Any) -> Any:
    body = {"clients": [client_of(office)], **plan_of(office, **given)}
    return api.ask("POST", path_of(office, "/series"), json=body, token=token, headers={"Idempotency-Key": key})


def test_a_repeated_key_sets_up_one_slot(api: Caller, office: Office, owner: str, clock: FakeClock) -> None:
    choices = [{"day": FIRST, "start": None}, {"day": SECOND, "start": "2026-12-09T22:00:00Z"}]
    first = create_once(api, office, owner, "key-1", choices=choices)
    assert first.status_code == 201
    assert "Idempotent-Replayed" not in first.headers
    clock.advance(timedelta(seconds=3))
    api.post(path(office, first.get_json(), "change"), {"scope": "all", "local_time": "16:00"}, token=owner, status=200)
    second = create_once(api, office, owner, "key-1", choices=choices)
    assert (second.status_code, second.headers["Idempotent-Replayed"]) == (201, "true")
    assert second.get_json()["id"] == first.get_json()["id"]
    assert len(api.get(path_of(office, "/series"), token=owner)["series"]) == 1


@pytest.mark.parametrize(
    "given",
    [
        {"local_time": "16:00"},
        {"count": 3},
        {"starts_on": SECOND},
        {"every_weeks": 2},
        {"clients": []},
        {"choices": [{"day": FIRST, "start": None}]},
    ],
)
def test_a_repeated_key_with_another_plan(api: Caller, office: Office, owner: str, given: dict[str, Any]) -> None:
    assert create_once(api, office, owner, "key-1").status_code == 201
    other = create_once(api, office, owner, "key-1", **given)
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_mismatch")


def test_a_key_for_a_slot_that_stands_already_leads_to_it(api: Caller, office: Office, owner: str, series: Any) -> None:
    assert create_once(api, office, owner, "key-1").get_json()["id"] == series["id"]
    api.post(path(office, series, "end"), {}, token=owner, status=200)
    assert create_once(api, office, owner, "key-1").get_json()["id"] == series["id"]


def test_once_a_month(api: Caller, office: Office, owner: str) -> None:
    body = plan_of(office, count=3, week_of_month="first", members=[{"jurisdiction": "CO"}])
    found = api.post(path_of(office, "/series/preview"), body, status=200, token=owner)
    assert [each["day"] for each in found["dates"]] == ["2026-12-01", "2027-01-05", "2027-02-02"]


def test_of_another_length(api: Caller, office: Office, owner: str) -> None:
    office.service.other_lengths = [80]
    db.session.commit()
    made = create(api, office, owner, minutes=80)
    assert made["minutes"] == 80
    problem = api.refused("invalid_input", "POST", path_of(office, "/series"), token=owner, json={
        "clients": [client_of(office, name="Ben", email="ben@example.com")], **plan_of(office, minutes=65),
    })  # fmt: skip
    assert list(problem["errors"]) == ["minutes"]
    done = api.post(path(office, made, "change"), {"scope": "all", "minutes": 50}, status=200, token=owner)
    assert done["series"]["minutes"] == 50
    assert {each["outcome"] for each in done["dates"]} == {"moved", "planned"}
