"""Why a time is not offered, in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from telehealth.domain.appointments.openness import NewClients
from telehealth.domain.words import ServiceKind
from telehealth.models import TherapistService
from tests import factories
from tests.api.caller import Caller, path_of
from tests.factories import Office
from tests.factories.connections import make_busy, make_connected_calendar, make_connection
from tests.factories.rows import keep
from tests.moments import NOW, at

TOMORROW_AT_TEN = "2026-11-24T17:00:00Z"


def ask(api: Caller, office: Office, token: str, start: str = TOMORROW_AT_TEN, **given: Any) -> Any:
    query = {"therapist": office.therapist.public_id, "service": office.service.public_id, "mode": "virtual"}
    query |= {"start": start, "jurisdiction": "CO", **given}
    return api.get(path_of(office, "/why-not"), token=token, query_string=query)


def codes(found: Any) -> list[str]:
    return [each["code"] for each in found["obstacles"]]


def test_nothing_is_in_the_way(api: Caller, office: Office, owner: str) -> None:
    found = ask(api, office, owner)
    assert (found["bookable"], found["obstacles"]) == (True, [])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"start": "2026-11-24T04:00:00Z"}, "outside_hours"),
        ({"start": "2026-11-24T17:10:00Z"}, "off_grid"),
        ({"start": "2027-11-24T17:00:00Z"}, "horizon"),
        ({"start": "2026-11-23T15:00:00Z"}, "past"),
        ({"jurisdiction": "NY"}, "licence"),
    ],
)
def test_a_rule_is_in_the_way(api: Caller, office: Office, owner: str, given: dict[str, Any], code: str) -> None:
    found = ask(api, office, owner, **given)
    assert code in codes(found)
    assert not found["bookable"]
    (obstacle,) = [each for each in found["obstacles"] if each["code"] == code]
    assert obstacle["may_waive"]
    assert obstacle["sentence"].endswith(".")


def test_the_calendar_is_in_the_way(api: Caller, office: Office, owner: str) -> None:
    factories.book(office)
    factories.hold(office, at(11))
    factories.add_time_off(office.therapist, datetime(2026, 11, 24, 13), datetime(2026, 11, 24, 14))
    busy = {"busy": [{"start": "2026-11-24T21:00:00Z", "end": "2026-11-24T22:00:00Z"}]}
    api.put(path_of(office, f"/therapists/{office.therapist.public_id}/busy"), busy, token=owner)
    seen = {hour: codes(ask(api, office, owner, f"2026-11-24T{hour}:00:00Z")) for hour in (17, 18, 20, 21)}
    assert seen == {17: ["taken"], 18: ["held"], 20: ["time_off"], 21: ["busy"]}


def test_it_says_in_which_calendar_they_are_busy(api: Caller, office: Office, owner: str) -> None:
    connection = make_connection(office.therapist, synced_at=NOW - timedelta(minutes=12))
    make_connected_calendar(connection)
    make_busy(connection, 0, at(10))
    (found,) = ask(api, office, owner)["obstacles"]
    assert found["code"] == "busy"
    assert found["sentence"].endswith("'s own calendar is busy then (Fastmail, 12 minutes ago).")


def test_a_client_may_be_in_the_way(api: Caller, office: Office, owner: str) -> None:
    colleague = factories.make_therapist(office.practice, office.service, new_clients=NewClients.NO)
    client = factories.book(office).attendees[0].client.public_id
    assert codes(ask(api, office, owner, therapist=colleague.public_id)) == []
    found = ask(api, office, owner, therapist=colleague.public_id, client=client)
    assert codes(found) == ["new_client", "client_busy"]
    assert found["obstacles"][0]["sentence"] == f"{colleague.name} takes no new clients then."
    assert codes(ask(api, office, owner, "2026-11-24T19:00:00Z", client=client)) == []


def test_the_second_therapist_of_a_group_may_be_in_the_way(api: Caller, office: Office, owner: str) -> None:
    pairs = factories.make_service(office.practice, kind=ServiceKind.GROUP, capacity=4, therapists_needed=2)
    keep(TherapistService(therapist_id=office.therapist.id, service_id=pairs.id))
    second = factories.make_therapist(office.practice, pairs, name="Ari Bell")
    factories.book(office, service=pairs.public_id, co_therapist=second.public_id)
    assert ask(api, office, owner, service=pairs.public_id)["bookable"]
    factories.add_time_off(second, datetime(2026, 11, 24, 8), datetime(2026, 11, 24, 12))
    found = ask(api, office, owner, service=pairs.public_id)
    assert not found["bookable"]
    assert [each["sentence"] for each in found["obstacles"]] == ["Ari Bell is away then."]


def test_a_service_that_they_do_not_give(api: Caller, office: Office, owner: str) -> None:
    other = factories.make_service(office.practice)
    (obstacle,) = ask(api, office, owner, service=other.public_id)["obstacles"]
    assert (obstacle["code"], obstacle["may_waive"]) == ("not_given", False)


def test_no_room(api: Caller, office: Office, owner: str) -> None:
    elsewhere = factories.make_location(office.practice, name="Second office")
    found = ask(api, office, owner, mode="in_person", location=elsewhere.public_id)
    assert "room" in codes(found)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"mode": "in_person"}, "invalid_input"),
        ({"mode": "in_person", "location": "unknown"}, "not_found"),
        ({"therapist": "unknown"}, "not_found"),
        ({"service": "unknown"}, "not_found"),
        ({"client": "unknown"}, "not_found"),
        ({"start": "tomorrow"}, "invalid_input"),
        ({"jurisdiction": "XX"}, "invalid_input"),
        ({"who": "x"}, "invalid_input"),
    ],
)
def test_what_cannot_be_asked(api: Caller, office: Office, owner: str, given: dict[str, Any], code: str) -> None:
    query = {"therapist": office.therapist.public_id, "service": office.service.public_id, "mode": "virtual"}
    query |= {"start": TOMORROW_AT_TEN, **given}
    api.refused(code, "GET", path_of(office, "/why-not"), token=owner, query_string=query)


def test_a_therapist_asks_about_themselves(api: Caller, office: Office, therapist: str) -> None:
    colleague = factories.make_therapist(office.practice, office.service)
    assert ask(api, office, therapist)["bookable"]
    query = {"therapist": colleague.public_id, "service": office.service.public_id, "mode": "virtual"}
    query |= {"start": TOMORROW_AT_TEN}
    api.refused("not_allowed", "GET", path_of(office, "/why-not"), token=therapist, query_string=query)
