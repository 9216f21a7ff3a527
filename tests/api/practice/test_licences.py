"""Where therapists may practise, what is booked beyond that, and how much they take on."""

from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from tests.api.caller import Caller, path_of
from tests.factories import Office
from tests.moments import at

LIMITS = {"daily_cap": 6, "weekly_cap": 20, "longest_run": 3, "break_minutes": 20, "note_minutes": 10}


def path(office: Office, rest: str) -> str:
    return path_of(office, f"/therapists/{office.therapist.public_id}/{rest}")


def test_added_and_ended(api: Caller, office: Office, therapist: str) -> None:
    body = {"jurisdiction": "NM", "basis": "compact", "number": "PSY-1", "valid_from": "2026-01-01"}
    added = api.post(path(office, "licences"), body, token=therapist)
    assert added == {**body, "id": added["id"], "valid_until": None}
    assert added in api.get(path(office, "licences"), token=therapist)["licences"]
    end = path(office, f"licences/{added['id']}/end")
    assert api.post(end, {"valid_until": "2026-12-31"}, status=200, token=therapist)["valid_until"] == "2026-12-31"
    problem = api.refused("invalid_input", "POST", end, token=therapist, json={"valid_until": "2025-12-31"})
    assert list(problem["errors"]) == ["valid_until"]
    assert api.post(end, {"valid_until": None}, status=200, token=therapist)["valid_until"] is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"jurisdiction": "XX"}, "jurisdiction"),
        ({"basis": "luck"}, "basis"),
        ({"valid_from": "2026"}, "valid_from"),
        ({"valid_until": "2025-01-01"}, "valid_until"),
        ({"number": "x" * 81}, "number"),
    ],
)
def test_licences_that_cannot_be(api: Caller, office: Office, owner: str, given: dict[str, Any], field: str) -> None:
    body = {"jurisdiction": "NM", "valid_from": "2026-01-01", **given}
    problem = api.refused("invalid_input", "POST", path(office, "licences"), token=owner, json=body)
    assert list(problem["errors"]) == [field]


def test_an_unknown_licence(api: Caller, office: Office, owner: str) -> None:
    for guess in ("999999", "unknown"):
        body = {"valid_until": None}
        api.refused("not_found", "POST", path(office, f"licences/{guess}/end"), token=owner, json=body)


def test_what_is_booked_beyond_a_licence(api: Caller, office: Office, owner: str, therapist: str) -> None:
    booked = factories.book(office, at(10, days=7))
    assert api.get(path_of(office, "/uncovered"), token=owner)["gaps"] == []
    (held,) = api.get(path(office, "licences"), token=owner)["licences"]
    api.post(path(office, f"licences/{held['id']}/end"), {"valid_until": "2026-11-26"}, status=200, token=owner)
    for token in (owner, therapist):
        (gap,) = api.get(path_of(office, "/uncovered"), token=token)["gaps"]
        assert (gap["jurisdiction"], gap["last_day"]) == ("CO", "2026-11-26")
        assert gap["since"] == "2026-11-27T07:00:00Z"
        assert [each["id"] for each in gap["appointments"]] == [booked.public_id]


def test_limits(api: Caller, office: Office, therapist: str) -> None:
    assert api.get(path(office, "limits"), token=therapist)["daily_cap"] is None
    assert api.put(path(office, "limits"), LIMITS, token=therapist) == LIMITS
    assert api.get(path(office, "limits"), token=therapist) == LIMITS


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"daily_cap": 0}, "daily_cap"),
        ({"weekly_cap": 201}, "weekly_cap"),
        ({"longest_run": "3"}, "longest_run"),
        ({"break_minutes": 0}, "break_minutes"),
        ({"note_minutes": -1}, "note_minutes"),
    ],
)
def test_limits_that_cannot_be(api: Caller, office: Office, owner: str, given: dict[str, Any], field: str) -> None:
    problem = api.refused("invalid_input", "PUT", path(office, "limits"), token=owner, json={**LIMITS, **given})
    assert list(problem["errors"]) == [field]


def test_where_a_therapist_is_told_at_once(
    api: Caller, office: Office, therapist: str, owner: str, front_desk: str
) -> None:
    there = path(office, "alert-phone")
    assert api.get(there, token=front_desk) == {"phone": ""}
    for token in (therapist, owner):
        assert api.put(there, {"phone": "(303) 555-0140"}, token=token) == {"phone": "+13035550140"}
        assert api.put(there, {"phone": ""}, token=token) == {"phone": ""}
    api.refused("invalid_input", "PUT", there, json={"phone": "12"}, token=therapist)
    api.refused("not_allowed", "PUT", there, json={"phone": ""}, token=front_desk)
