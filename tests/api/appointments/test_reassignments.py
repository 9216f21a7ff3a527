"""A therapist cannot come, and colleagues take over."""

from __future__ import annotations

from typing import Any

import pytest

from telehealth.models import Therapist
from tests import factories
from tests.api.caller import Caller, path_of
from tests.factories import Office
from tests.moments import at

TOMORROW = {"since": "2026-11-24T07:00:00Z", "until": "2026-11-25T07:00:00Z"}


@pytest.fixture
def colleague(office: Office) -> Therapist:
    return factories.make_therapist(office.practice, office.service, name="Ari Bell")


def path(office: Office) -> str:
    return path_of(office, f"/therapists/{office.therapist.public_id}/reassignments")


def proposals(api: Caller, office: Office, token: str) -> list[Any]:
    found: list[Any] = api.get(path(office), token=token, query_string=TOMORROW)["proposals"]
    return found


def test_who_could_take_it(api: Caller, office: Office, front_desk: str, colleague: Therapist) -> None:
    booked = factories.book(office, at(10))
    factories.book(office, at(10, days=2))
    busy = factories.make_therapist(office.practice, office.service, name="Cal Moss")
    factories.book(Office(office.practice, office.location, office.room, office.service, busy), at(10))
    (found,) = proposals(api, office, front_desk)
    assert found["appointment"]["id"] == booked.public_id
    assert found["colleagues"] == [{"id": colleague.public_id, "name": "Ari Bell", "knows": False}]
    ((name, codes),) = [
        (each["therapist"]["name"], [one["code"] for one in each["obstacles"]]) for each in found["others"]
    ]
    assert (name, codes) == ("Cal Moss", ["taken"])


def test_taken_over_and_cancelled(api: Caller, office: Office, front_desk: str, colleague: Therapist) -> None:
    first, second = factories.book(office, at(10)), factories.book(office, at(14))
    body = {
        "moves": [{"appointment": first.public_id, "therapist": colleague.public_id}],
        "cancellations": [second.public_id],
    }
    done = api.post(path(office), body, status=200, token=front_desk)["results"]
    assert [(each["appointment"], each["outcome"]) for each in done] == [
        (first.public_id, "taken_over"),
        (second.public_id, "cancelled"),
    ]
    found = api.get(path_of(office, f"/appointments/{first.public_id}"), token=front_desk)
    assert found["therapist"]["name"] == "Ari Bell"
    assert proposals(api, office, front_desk) == []
    again = api.post(path(office), body, status=200, token=front_desk)["results"]
    assert {each["outcome"] for each in again} == {"refused"}
    assert all(each["why"] for each in again)


def test_one_that_is_refused_holds_up_no_other(api: Caller, office: Office, owner: str, colleague: Therapist) -> None:
    first, second = factories.book(office, at(10)), factories.book(office, at(14))
    factories.book(Office(office.practice, office.location, office.room, office.service, colleague), at(10))
    body = {"moves": [{"appointment": each.public_id, "therapist": colleague.public_id} for each in (first, second)]}
    done = api.post(path(office), body, status=200, token=owner)["results"]
    assert [each["outcome"] for each in done] == ["refused", "taken_over"]


@pytest.mark.parametrize(
    "query",
    [
        {"since": TOMORROW["until"], "until": TOMORROW["since"]},
        {**TOMORROW, "until": "2027-11-25T07:00:00Z"},
        {"since": TOMORROW["since"]},
    ],
)
def test_periods_that_cannot_be(api: Caller, office: Office, owner: str, query: dict[str, str]) -> None:
    problem = api.refused("invalid_input", "GET", path(office), token=owner, query_string=query)
    assert list(problem["errors"]) == ["until"]


def test_what_is_not_there(api: Caller, office: Office, elsewhere: Office, owner: str, colleague: Therapist) -> None:
    foreign = factories.book(elsewhere)
    for body in (
        {"moves": [{"appointment": foreign.public_id, "therapist": colleague.public_id}]},
        {"cancellations": [foreign.public_id]},
        {"cancellations": ["unknown"]},
    ):
        api.refused("not_found", "POST", path(office), token=owner, json=body)
    booked = factories.book(office)
    body = {"moves": [{"appointment": booked.public_id, "therapist": elsewhere.therapist.public_id}]}
    (refused,) = api.post(path(office), body, status=200, token=owner)["results"]
    assert refused["outcome"] == "refused"
