"""Changed clocks, for programs."""

from __future__ import annotations

from datetime import time

import pytest
from sqlalchemy import update

from telehealth.database import transaction
from telehealth.domain.walltime import zone_data_version
from telehealth.models import Appointment, Series
from tests.api.caller import Caller, path_of
from tests.factories import Office, book, make_office, make_series
from tests.moments import at


@pytest.fixture
def office(client: object) -> Office:
    return make_office()


def agreed_for(appointment: Appointment, hour: int) -> Appointment:
    agreed = appointment.local_start.replace(hour=hour)
    with transaction() as session:
        session.execute(update(Appointment).where(Appointment.id == appointment.id).values(local_start=agreed))
    return appointment


def test_what_is_out_of_step(api: Caller, office: Office, owner: str) -> None:
    made, series = agreed_for(book(office, at(10)), 9), make_series(office, count=12)
    with transaction() as session:
        session.execute(update(Series).where(Series.id == series.id).values(local_time=time(14)))
    found = api.get(path_of(office, "/clock-changes"), token=owner)
    assert found["zone_data"] == zone_data_version()
    (one,) = found["appointments"]
    assert (one["appointment"]["id"], one["agreed_start"]) == (made.public_id, "2026-11-24T16:00:00Z")
    (slot,) = found["series"]
    assert slot["series"] == series.public_id
    assert slot["days"] == ["2027-02-02", "2027-02-09", "2027-02-16"]  # The others are appointments already.


@pytest.mark.parametrize(
    ("keep", "start"), [("wall_time", "2026-11-24T16:00:00Z"), ("instant", "2026-11-24T17:00:00Z")]
)
def test_saying_which_time_holds(api: Caller, office: Office, owner: str, keep: str, start: str) -> None:
    made = agreed_for(book(office, at(10)), 9)
    kept = api.post(
        path_of(office, f"/appointments/{made.public_id}/keep-time"), {"keep": keep}, status=200, token=owner
    )
    assert kept["start"] == start
    assert api.get(path_of(office, "/clock-changes"), token=owner)["appointments"] == []


def test_one_of_the_two(api: Caller, office: Office, owner: str) -> None:
    path = path_of(office, f"/appointments/{book(office).public_id}/keep-time")
    problem = api.refused("invalid_input", "POST", path, token=owner, json={"keep": "neither"})
    assert list(problem["errors"]) == ["keep"]
