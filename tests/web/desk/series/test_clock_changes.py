"""Changed clocks at the desk: staff see what was agreed and what is, and choose."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from telehealth.database import db, transaction
from telehealth.domain.walltime import zone_data_version
from telehealth.models import Appointment, Series
from telehealth.services.inbox.clock_changes import look_for_clock_changes
from tests.factories import Office, book, make_contact, make_office, make_series, make_therapist
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, words_of

PAGE = "/desk/clock-changes"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


def agreed_for(appointment: Appointment, hour: int) -> Appointment:
    """As if the rules had changed since."""
    agreed = appointment.local_start.replace(hour=hour)
    with transaction() as session:
        session.execute(update(Appointment).where(Appointment.id == appointment.id).values(local_start=agreed))
    return appointment


def test_nothing_is_listed_while_everything_is_at_its_time(front_desk: Staff, office: Office) -> None:
    book(office)
    words = front_desk.read(PAGE)
    assert "Everything is at its time" in words
    assert f"release {zone_data_version()} of the zone data" in words


def test_the_task_leads_to_the_page(front_desk: Staff, office: Office) -> None:
    agreed_for(book(office, at(10)), 9)
    look_for_clock_changes(now=NOW)
    assert "Some appointments are not at the time that was agreed" in front_desk.read("/desk/tasks")
    page = front_desk.get("/desk/tasks").text
    task = page.partition("/desk/tasks/")[2].partition('"')[0]
    assert f'<a href="{PAGE}">Choose which time holds</a>' in front_desk.get(f"/desk/tasks/{task}").text


def test_keeping_the_agreed_time_of_all_that_are_ticked(front_desk: Staff, office: Office) -> None:
    first = agreed_for(book(office, at(11), contact=make_contact(name="Ada Nowak")), 10)
    second = agreed_for(book(office, at(10)), 9)
    third = agreed_for(book(office, at(14)), 13)
    words = front_desk.read(PAGE)
    assert "Ada Nowak : agreed for Tue, Nov 24 at 10:00 AM MST, now at Tue, Nov 24 at 11:00 AM MST" in words
    given = {"do": "wall_time", "appointment": [first.public_id, second.public_id]}
    assert "Done for 2 appointments. Everybody concerned is told." in front_desk.send(PAGE, given)
    db.session.expire_all()
    assert [each.starts_at for each in (first, second, third)] == [at(10), at(9), at(14)]


def test_keeping_the_moment(front_desk: Staff, office: Office) -> None:
    made = agreed_for(book(office, at(10)), 9)
    front_desk.send(PAGE, {"do": "instant", "appointment": [made.public_id]})
    db.session.expire_all()
    assert (made.starts_at, made.local_start.hour) == (at(10), 10)
    words = front_desk.read(f"/desk/appointments/{made.public_id}")
    assert "Left at its moment, which the clock shows differently now, by" in words
    assert "From 2026-11-24 09:00 to 2026-11-24 10:00." in words


def test_what_is_in_the_way_is_said_beside_it(front_desk: Staff, office: Office) -> None:
    book(office, at(9))
    made = agreed_for(book(office, at(10)), 9)
    answer = front_desk.post(PAGE, {"do": "wall_time", "appointment": [made.public_id]})
    assert answer.status_code == 409
    assert "That time is not free. Please open the appointment and move it." in words_of(answer)


def test_a_standing_slot_is_put_back_at_its_time(front_desk: Staff, office: Office) -> None:
    series = make_series(office)
    with transaction() as session:
        session.execute(update(Series).where(Series.id == series.id).values(local_time=time(14)))
    page = front_desk.read(PAGE)
    assert "dates at another time, the first" in page
    said = front_desk.send(f"{PAGE}/{series.public_id}", {})
    assert "The dates are back at the time of the slot." in said
    assert "Everything is at its time" in front_desk.read(PAGE)


def test_a_therapist_sees_and_settles_their_own(app: Flask, office: Office) -> None:
    therapist = as_therapist(app, office)
    colleague = make_therapist(office.practice, office.service, name="Sam Okafor")
    theirs = agreed_for(book(office, at(10), therapist=colleague.public_id), 9)
    assert "Everything is at its time" in therapist.read(PAGE)
    therapist.post(PAGE, {"do": "wall_time", "appointment": [theirs.public_id]})
    series = make_series(office, therapist=colleague.public_id)
    assert therapist.post(f"{PAGE}/{series.public_id}", {}).status_code == 404
    db.session.expire_all()
    assert theirs.starts_at == at(10)


def test_settings_name_the_release_and_warn_when_it_is_old(app: Flask, office: Office, clock: FakeClock) -> None:
    words = as_owner(app, office).read("/desk/settings")
    assert f"Times are computed from release {zone_data_version()}" in words
    assert "may be out of date" not in words
    clock.advance(timedelta(days=730))
    assert "The rules of time zones may be out of date" in as_owner(app, office).read("/desk/settings")
