"""When a therapist works, for staff programs."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.audit_words import Actor, Via
from telehealth.models import PracticeEvent, Therapist
from tests import factories
from tests.api.caller import Caller, path_of
from tests.api.conftest import token_of
from tests.factories import Office

WEEKLY = {"weekday": 5, "starts": "10:00", "ends": "12:00", "modes": ["virtual"]}
CLOSED = {"day": "2026-11-24"}
AWAY = {"starts": "2026-11-24T00:00", "ends": "2026-11-25T00:00", "note": "Dentist"}
KINDS: list[tuple[str, str, dict[str, Any]]] = [
    ("weekly-hours", "weekly_hours", WEEKLY),
    ("overrides", "overrides", CLOSED),
    ("time-off", "time_off", AWAY),
]


def path(office: Office, rest: str) -> str:
    return path_of(office, f"/therapists/{office.therapist.public_id}/{rest}")


def free_on(api: Caller, office: Office, day: str) -> int:
    query = {"service": office.service.public_id, "mode": "virtual", "since": f"{day}T00:00:00-07:00"}
    query["until"] = f"{day}T23:59:00-07:00"
    return len(api.get(path_of(office, "/slots"), query_string=query)["slots"])


CHANGES = {
    "weekly-hours": {"weekday": 6, "starts": "22:00", "ends": "02:00", "modes": ["phone"], "valid_from": "2026-12-01"},
    "overrides": {"day": "2026-11-25", "starts": "09:00", "ends": "10:00", "modes": ["virtual"]},
    "time-off": {"starts": "2026-12-24T12:00", "ends": "2027-01-02T00:00"},
}


@pytest.mark.parametrize(("kind", "key", "body"), KINDS)
def test_changed(api: Caller, office: Office, therapist: str, kind: str, key: str, body: dict[str, Any]) -> None:
    added = api.post(path(office, kind), body, token=therapist)
    entry = path(office, f"{kind}/{added['id']}")
    changed = api.put(entry, CHANGES[kind], token=therapist)
    assert changed["id"] == added["id"]
    assert CHANGES[kind].items() <= changed.items()
    listed = api.get(path(office, kind), token=therapist)[key]
    assert changed in listed
    assert added not in listed
    assert api.put(entry, body, token=therapist) == added


@pytest.mark.parametrize(("kind", "_key", "body"), KINDS)
def test_nobody_changes_what_is_not_theirs(
    api: Caller,
    office: Office,
    elsewhere: Office,
    therapist: str,
    owner: str,
    kind: str,
    _key: str,
    body: dict[str, Any],
) -> None:
    added = api.post(path(office, kind), body, token=owner)
    stranger = token_of(factories.make_user(elsewhere.practice))
    api.refused("not_found", "PUT", path(office, f"{kind}/{added['id']}"), token=stranger, json=CHANGES[kind])
    api.refused("not_found", "PUT", path(elsewhere, f"{kind}/{added['id']}"), token=stranger, json=CHANGES[kind])
    api.refused("not_found", "PUT", path(office, f"{kind}/unknown"), token=owner, json=CHANGES[kind])
    colleague = factories.make_therapist(office.practice, office.service)
    theirs = path_of(office, f"/therapists/{colleague.public_id}/{kind}/{added['id']}")
    api.refused("not_found", "PUT", theirs, token=owner, json=CHANGES[kind])
    api.refused("not_allowed", "PUT", theirs, token=therapist, json=CHANGES[kind])
    api.refused("token_required", "PUT", path(office, f"{kind}/{added['id']}"), json=CHANGES[kind])
    assert api.put(path(office, f"{kind}/{added['id']}"), body, token=owner) == added


@pytest.mark.parametrize(("kind", "key", "body"), KINDS)
def test_added_listed_and_removed(
    api: Caller, office: Office, therapist: str, kind: str, key: str, body: dict[str, Any]
) -> None:
    before = api.get(path(office, kind), token=therapist)
    added = api.post(path(office, kind), body, token=therapist)
    assert body.items() <= added.items()
    after = api.get(path(office, kind), token=therapist)
    assert after["timezone"] == "America/Denver"
    assert added in after[key]
    assert len(after[key]) == len(before[key]) + 1
    api.delete(path(office, f"{kind}/{added['id']}"), token=therapist)
    assert api.get(path(office, kind), token=therapist) == before
    api.refused("not_found", "DELETE", path(office, f"{kind}/{added['id']}"), token=therapist)


@pytest.mark.parametrize(("kind", "_key", "body"), KINDS)
def test_each_change_is_written_down_as_theirs(
    api: Caller, office: Office, therapist: str, owner: str, kind: str, _key: str, body: dict[str, Any]
) -> None:
    added = api.post(path(office, kind), body, token=therapist)
    entry = path(office, f"{kind}/{added['id']}")
    api.put(entry, CHANGES[kind], token=owner)
    api.put(entry, CHANGES[kind], token=owner)
    api.delete(entry, token=therapist)
    about = PracticeEvent.subject_public_id == added["id"]
    lines = db.session.scalars(select(PracticeEvent).where(about).order_by(PracticeEvent.id)).all()
    theirs = db.session.get_one(Therapist, office.therapist.id).user_id
    assert [each.action for each in lines] == ["added", "changed", "removed"]
    assert [each.user_id == theirs for each in lines] == [True, False, True]
    assert {(each.actor, each.via) for each in lines} == {(Actor.STAFF, Via.API)}
    assert all(each.user_id for each in lines)


def test_hours_change_what_is_offered(api: Caller, office: Office, owner: str) -> None:
    assert free_on(api, office, "2026-11-28") == 0
    api.post(path(office, "weekly-hours"), WEEKLY, token=owner)
    assert free_on(api, office, "2026-11-28") == 3
    assert free_on(api, office, "2026-11-24") == 15
    api.post(
        path(office, "overrides"), {**CLOSED, "starts": "09:00", "ends": "10:00", "modes": ["virtual"]}, token=owner
    )
    assert free_on(api, office, "2026-11-24") == 1
    api.post(path(office, "time-off"), AWAY, token=owner)
    assert free_on(api, office, "2026-11-24") == 0


def test_time_off_is_wall_time_and_says_the_instants(api: Caller, office: Office, owner: str) -> None:
    added = api.post(path(office, "time-off"), {**AWAY, "starts": "2026-10-31T12:00"}, token=owner)
    assert (added["start"], added["end"]) == ("2026-10-31T18:00:00Z", "2026-11-25T07:00:00Z")


def test_every_other_week_at_a_place(api: Caller, office: Office, owner: str) -> None:
    place = office.location.public_id
    body = {**WEEKLY, "modes": ["in_person"], "location": place, "every_weeks": 2, "anchor": "2026-11-28"}
    added = api.post(path(office, "weekly-hours"), {**body, "valid_from": "2026-11-28"}, token=owner)
    assert (added["location"], added["every_weeks"], added["valid_until"]) == (place, 2, None)


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        ("weekly-hours", {"weekday": 7}, "weekday"),
        ("weekly-hours", {"weekday": -1}, "weekday"),
        ("weekly-hours", {"weekday": "1"}, "weekday"),
        ("weekly-hours", {"weekday": 1.5}, "weekday"),
        ("weekly-hours", {"weekday": 10**400}, "weekday"),
        ("weekly-hours", {"weekday": None}, "weekday"),
        ("weekly-hours", {"starts": "9:00"}, "starts"),
        ("weekly-hours", {"starts": "09:00:00"}, "starts"),
        ("weekly-hours", {"starts": "24:00"}, "starts"),
        ("weekly-hours", {"starts": "09:00Z"}, "starts"),
        ("weekly-hours", {"starts": 9}, "starts"),
        ("weekly-hours", {"ends": "10:00"}, "ends"),
        ("weekly-hours", {"modes": []}, "modes"),
        ("weekly-hours", {"modes": "virtual"}, "modes"),
        ("weekly-hours", {"modes": ["telepathy"]}, "modes.0"),
        ("weekly-hours", {"modes": ["virtual"] * 1000}, "modes"),
        ("weekly-hours", {"modes": ["in_person"]}, "location"),
        ("weekly-hours", {"location": "unknown"}, "location"),
        ("weekly-hours", {"every_weeks": 0}, "every_weeks"),
        ("weekly-hours", {"every_weeks": 9}, "every_weeks"),
        ("weekly-hours", {"every_weeks": 2}, "anchor"),
        ("weekly-hours", {"anchor": "2026-02-30"}, "anchor"),
        ("weekly-hours", {"valid_from": "20261124"}, "valid_from"),
        ("weekly-hours", {"valid_from": "9999-12-31"}, "valid_from"),
        ("weekly-hours", {"valid_from": "2026-12-01", "valid_until": "2026-11-30"}, "valid_until"),
        ("weekly-hours", {"id": "mine"}, "id"),
        ("overrides", {"day": "2026-W48-2"}, "day"),
        ("overrides", {"day": "0001-01-01"}, "day"),
        ("overrides", {"starts": "09:00"}, "ends"),
        ("overrides", {"starts": "09:00", "ends": "10:00"}, "modes"),
        ("time-off", {"starts": "2026-11-24T00:00Z"}, "starts"),
        ("time-off", {"starts": "2026-11-24"}, "starts"),
        ("time-off", {"ends": "2026-11-24T00:00"}, "ends"),
        ("time-off", {"ends": "9999-12-31T23:59"}, "ends"),
        ("time-off", {"note": "x" * 10_000}, "note"),
        ("time-off", {"note": "a\nb"}, "note"),
        ("time-off", {"note": "a\x00b"}, "note"),
    ],
)
def test_what_cannot_be_used_is_named(
    api: Caller, office: Office, owner: str, kind: str, given: dict[str, Any], field: str
) -> None:
    usual = {name: body for name, _, body in KINDS}[kind]
    problem = api.refused("invalid_input", "POST", path(office, kind), token=owner, json={**usual, **given})
    assert list(problem["errors"]) == [field]
    entry = path(office, f"{kind}/{api.post(path(office, kind), usual, token=owner)['id']}")
    again = api.refused("invalid_input", "PUT", entry, token=owner, json={**usual, **given})
    assert again["errors"] == problem["errors"]


@pytest.mark.parametrize(("kind", "_key", "body"), KINDS)
def test_a_therapist_leaves_colleagues_alone(
    api: Caller, office: Office, therapist: str, owner: str, kind: str, _key: str, body: dict[str, Any]
) -> None:
    other = factories.make_therapist(office.practice, office.service)
    theirs = path_of(office, f"/therapists/{other.public_id}/{kind}")
    added = api.post(theirs, body, token=owner)
    api.refused("not_allowed", "GET", theirs, token=therapist)
    api.refused("not_allowed", "POST", theirs, token=therapist, json=body)
    api.refused("not_allowed", "DELETE", f"{theirs}/{added['id']}", token=therapist)
    # Not even by the way of their own address.
    api.refused("not_found", "DELETE", path(office, f"{kind}/{added['id']}"), token=therapist)


def test_unknown_therapists(api: Caller, office: Office, owner: str) -> None:
    api.refused("not_found", "GET", path_of(office, "/therapists/unknown/weekly-hours"), token=owner)


def test_a_leave_of_absence(api: Caller, office: Office, owner: str) -> None:
    path = path_of(office, f"/therapists/{office.therapist.public_id}/time-off")
    leave = {"starts": "2026-11-23T00:00", "ends": "2027-03-01T00:00", "kind": "sabbatical", "is_shown": True}
    added = api.post(path, leave, token=owner)
    assert (added["kind"], added["is_shown"]) == ("sabbatical", True)
    plain = {"starts": "2026-11-23T00:00", "ends": "2026-11-24T00:00"}
    changed = api.put(f"{path}/{added['id']}", plain, token=owner)
    assert (changed["kind"], changed["is_shown"]) == ("time_off", False)
    api.refused("invalid_input", "POST", path, json={**leave, "kind": "vacation"}, token=owner)
    api.refused("invalid_input", "POST", path, json={**leave, "is_shown": "yes"}, token=owner)
