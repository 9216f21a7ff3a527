"""A therapist's own calendar, reported by a program."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.audit_words import AuditSubject, Via
from telehealth.models import PracticeEvent, Therapist
from tests import factories
from tests.api.caller import Caller, path_of
from tests.factories import Office
from tests.fakes import FakeClock

TEN = {"start": "2026-11-24T17:00:00Z", "end": "2026-11-24T18:00:00Z"}
ELEVEN = {"start": "2026-11-24T11:00:00-07:00", "end": "2026-11-24T12:00:00-07:00"}


def path(office: Office) -> str:
    return path_of(office, f"/therapists/{office.therapist.public_id}/busy")


def starts(api: Caller, office: Office) -> set[str]:
    query = {"service": office.service.public_id, "mode": "virtual", "until": "2026-11-25T07:00:00Z"}
    return {slot["start"] for slot in api.get(path_of(office, "/slots"), query_string=query)["slots"]}


def test_nothing_is_offered_then(api: Caller, office: Office, therapist: str) -> None:
    assert TEN["start"] in starts(api, office)
    kept = api.put(path(office), {"busy": [ELEVEN, TEN]}, token=therapist)
    assert kept == {"busy": [{"start": TEN["start"], "end": "2026-11-24T19:00:00Z"}]}
    assert api.get(path(office), token=therapist) == kept
    assert TEN["start"] not in starts(api, office)
    assert "2026-11-24T19:00:00Z" in starts(api, office)
    assert api.put(path(office), {"busy": []}, token=therapist) == {"busy": []}
    assert TEN["start"] in starts(api, office)


def test_what_is_booked_stays(api: Caller, office: Office, owner: str) -> None:
    booked = factories.book(office)
    api.put(path(office), {"busy": [TEN]}, token=owner)
    assert api.get(path_of(office, f"/appointments/{booked.public_id}"), token=owner)["status"] == "booked"


def test_what_is_over_is_not_shown(api: Caller, office: Office, owner: str, clock: FakeClock) -> None:
    api.put(path(office), {"busy": [TEN]}, token=owner)
    clock.advance(timedelta(days=2))
    assert api.get(path(office), token=owner) == {"busy": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "busy"),
        ({"busy": None}, "busy"),
        ({"busy": TEN}, "busy"),
        ({"busy": [{"start": TEN["start"]}]}, "busy.0.end"),
        ({"busy": [{**TEN, "end": TEN["start"]}]}, "busy.0.end"),
        ({"busy": [{**TEN, "start": "2030-11-24T17:00:00Z", "end": "2030-11-24T18:00:00Z"}]}, "busy.0.start"),
        ({"busy": [TEN, {**TEN, "start": "2026-11-24"}]}, "busy.1.start"),
        ({"busy": [{**TEN, "title": "Dentist"}]}, "busy.0.title"),
        ({"busy": [TEN] * 2_001}, "busy"),
    ],
)
def test_what_cannot_be_used(api: Caller, office: Office, owner: str, body: dict[str, Any], field: str) -> None:
    api.put(path(office), {"busy": [TEN]}, token=owner)
    problem = api.refused("invalid_input", "PUT", path(office), token=owner, json=body)
    assert list(problem["errors"]) == [field]
    assert len(api.get(path(office), token=owner)["busy"]) == 1


def test_a_therapist_reports_their_own(api: Caller, office: Office, therapist: str) -> None:
    colleague = factories.make_therapist(office.practice, office.service)
    theirs = path_of(office, f"/therapists/{colleague.public_id}/busy")
    api.refused("not_allowed", "PUT", theirs, token=therapist, json={"busy": []})
    api.refused("not_allowed", "GET", theirs, token=therapist)


def test_a_report_is_written_down_as_theirs_when_it_says_something_new(
    api: Caller, office: Office, therapist: str
) -> None:
    for _ in range(2):
        api.put(path(office), {"busy": [TEN]}, token=therapist)
    about = PracticeEvent.subject == AuditSubject.BUSY_TIME
    (line,) = db.session.scalars(select(PracticeEvent).where(about)).all()
    theirs = db.session.get_one(Therapist, office.therapist.id).user_id
    assert theirs is not None
    assert (line.user_id, line.via) == (theirs, Via.API)
