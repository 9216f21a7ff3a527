"""When clients and therapists met, for programs that bill."""

from __future__ import annotations

from datetime import timedelta

import pytest

from telehealth.domain.words import Role
from telehealth.models import Appointment
from telehealth.services.appointments.not_coming import propose_no_shows
from tests import factories
from tests.api.caller import Caller, path_of
from tests.api.conftest import token_of
from tests.factories import Office
from tests.factories.calls import make_visit
from tests.fakes import FakeClock
from tests.moments import at

SAID = {"start": "2026-11-24T17:02:00Z", "end": "2026-11-24T17:50:30Z"}


@pytest.fixture
def appointment(office: Office, clock: FakeClock) -> Appointment:
    made = factories.book(office, at(10))
    clock.instant = at(10) + timedelta(hours=1)
    return made


@pytest.fixture
def path(office: Office, appointment: Appointment) -> str:
    return path_of(office, f"/appointments/{appointment.public_id}/face-to-face")


def test_it_is_read_by_whoever_bills_and_said_by_whoever_books(
    api: Caller, office: Office, appointment: Appointment, path: str, front_desk: str
) -> None:
    biller = token_of(factories.make_user(office.practice, Role.BILLER))
    nothing = api.get(path, token=biller)
    assert nothing["together"] is None
    assert nothing["clients"][0]["met"] is None
    make_visit(appointment, 0, 50)
    make_visit(appointment, 5, 30, seat=appointment.attendees[0], name="Jane")
    found = api.get(path, token=biller)
    (client,) = found["clients"]
    assert (client["met"]["minutes"], client["met"]["source"]) == (25, "room")
    assert (found["together"]["start"], found["together"]["end"]) == ("2026-11-24T17:05:00Z", "2026-11-24T17:30:00Z")
    assert [(each["role"], len(each["stays"])) for each in found["inside"]] == [("therapist", 1), ("client", 1)]
    api.refused("invalid_input", "POST", path, token=front_desk, json=SAID)
    said = api.post(path, {**SAID, "reason": "By phone."}, status=200, token=front_desk)
    (client,) = said["clients"]
    assert (client["met"]["minutes"], client["met"]["source"], client["counted"]["minutes"]) == (48, "staff", 25)
    back = api.post(path, {"start": None, "end": None}, status=200, token=front_desk)
    assert back["clients"][0]["met"]["minutes"] == 25


def test_half_an_answer_is_none_and_billers_say_nothing(api: Caller, office: Office, path: str, owner: str) -> None:
    half = {"start": SAID["start"], "end": None}
    problem = api.refused("invalid_input", "POST", path, token=owner, json=half)
    assert list(problem["errors"]) == ["end"]
    backwards = {"start": SAID["end"], "end": SAID["start"]}
    api.refused("invalid_input", "POST", path, token=owner, json=backwards)
    api.refused(
        "not_allowed", "POST", path, token=token_of(factories.make_user(office.practice, Role.BILLER)), json=SAID
    )


def test_who_never_came_is_listed_and_put_away(
    api: Caller, office: Office, appointment: Appointment, front_desk: str
) -> None:
    make_visit(appointment, 0, 50)
    assert propose_no_shows(now=at(10) + timedelta(minutes=55)) == 1
    where = path_of(office, "/no-show-proposals")
    (found,) = api.get(where, token=front_desk)["proposals"]
    assert (found["appointment"], found["start"]) == (appointment.public_id, "2026-11-24T17:00:00Z")
    assert api.get(path_of(office, "/task-counts"), token=front_desk)["no_show_proposals"] == 1
    away = path_of(office, f"/appointments/{appointment.public_id}/no-show-proposal/away")
    api.post(away, {"attendee": found["client"]["id"]}, status=204, token=front_desk)
    assert api.get(where, token=front_desk)["proposals"] == []
    api.refused("not_found", "POST", away, token=front_desk, json={"attendee": office.therapist.public_id})
