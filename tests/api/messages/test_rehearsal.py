"""The days to come, as if they had come."""

from __future__ import annotations

from datetime import timedelta

import pytest

from telehealth.api.parsing import utc
from tests.api.caller import Caller, path_of
from tests.factories import Office, book, make_contact
from tests.moments import at

DAY = timedelta(days=1)


def test_what_would_go_out_and_why_not(api: Caller, office: Office, front_desk: str) -> None:
    booked = book(office, at(10, days=4), contact=make_contact(name="Ana Rivera", wants_texts=False))
    found = api.get(path_of(office, "/messages/rehearsal"), token=front_desk)
    assert found["would_go"] + found["would_not"] == len(found["messages"])
    assert found["until"] == "2026-11-30T07:00:00Z"
    reminders = [each for each in found["messages"] if each["kind"] == "reminder"]
    sent = [each for each in reminders if each["goes"]]
    assert [(each["at"], each["minutes"], each["channel"]) for each in sent] == [
        (utc(booked.starts_at - 3 * DAY), 72 * 60, "email"),
        (utc(booked.starts_at - DAY), 24 * 60, "email"),
    ]
    assert {(each["to"], each["timezone"], each["appointment"]) for each in reminders} == {
        ("Ana Rivera", "America/Denver", booked.public_id)
    }
    assert "10:00 AM MST" in sent[0]["body"]
    assert {each["reason"] for each in reminders if not each["goes"]} == {"They did not agree to texts"}


def test_of_days_on_the_practices_calendar(api: Caller, office: Office, owner: str) -> None:
    booked = book(office, at(10, days=4))
    path = path_of(office, "/messages/rehearsal")
    query = {"from": "2026-11-26", "days": 1}
    found = api.get(path, token=owner, query_string=query)["messages"]
    assert {each["at"][:10] for each in found if each["appointment"] == booked.public_id} == {"2026-11-26"}
    assert api.get(path, token=owner, query_string={**query, "from": "2027-06-01"})["messages"] == []


@pytest.mark.parametrize("query", [{"from": "soon"}, {"days": 0}, {"days": 63}, {"first": "2026-11-26"}])
def test_days_that_cannot_be_rehearsed(api: Caller, office: Office, owner: str, query: dict[str, object]) -> None:
    path = path_of(office, "/messages/rehearsal")
    problem = api.refused("invalid_input", "GET", path, token=owner, query_string=query)
    assert list(problem["errors"]) == list(query)


def test_a_therapist_does_not_rehearse(api: Caller, office: Office, therapist: str) -> None:
    api.refused("not_allowed", "GET", path_of(office, "/messages/rehearsal"), token=therapist)
