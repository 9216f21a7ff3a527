"""Where an alert leads: what waits, who looks, and who has it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.inbox.alerting import WATCHED
from telehealth.domain.message_words import MessageKind
from telehealth.domain.words import Mode
from telehealth.models import Alert, AppointmentEvent, DutyTurn, Message, User
from telehealth.services.inbox.alert_rounds import tell_of_what_waits
from telehealth.services.inbox.receiving import receive_text
from tests.factories import Office, book, make_contact, make_office, make_therapist
from tests.factories.rows import change, keep
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_therapist, sign_in

NUMBER, OURS = "+13035550123", "+13035550999"
CRISIS = "I want to die"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


def crisis(addresses: Addresses) -> None:
    receive_text(provider_id="SM1", sender=NUMBER, recipient=OURS, body=CRISIS, addresses=addresses, now=NOW)


def the_alert(database: Session) -> Alert:
    return database.scalars(select(Alert).execution_options(populate_existing=True)).one()


def test_opening_it_is_looking_and_taking_it_tells_the_others(
    database: Session, office: Office, front_desk: Staff, addresses: Addresses
) -> None:
    book(office)
    crisis(addresses)
    here = f"/desk/alerts/{the_alert(database).public_id}"
    page = front_desk.get(here)
    assert "I have it" in page.text
    assert the_alert(database).seen_at == NOW
    assert "You have it" in front_desk.send(f"{here}/take")
    assert "has it since" in front_desk.read(here)
    assert the_alert(database).taken_by_id is not None


@pytest.mark.parametrize("address", ["/desk/tasks", "/desk/tasks/{task}"])
def test_the_list_and_the_task_count_as_looking(
    database: Session, office: Office, front_desk: Staff, addresses: Addresses, address: str
) -> None:
    crisis(addresses)
    alert = the_alert(database)
    assert alert.task is not None
    front_desk.get(address.format(task=alert.task.public_id))
    assert the_alert(database).seen_at == NOW


def test_what_a_page_asks_by_itself_is_no_look(
    database: Session, office: Office, front_desk: Staff, addresses: Addresses
) -> None:
    crisis(addresses)
    front_desk.get("/desk/counts")
    front_desk.get("/desk")
    assert the_alert(database).seen_at is None


def test_a_task_is_taken_where_it_stands(
    database: Session, office: Office, front_desk: Staff, addresses: Addresses
) -> None:
    crisis(addresses)
    alert = the_alert(database)
    assert alert.task is not None
    front_desk.send(f"/desk/tasks/{alert.task.public_id}/take")
    assert "has it since" in front_desk.get(f"/desk/tasks/{alert.task.public_id}").text
    assert "has it since" in front_desk.get("/desk/tasks").text


def test_whoever_is_on_duty_may_look_after_a_colleagues_client(
    app: Flask, database: Session, office: Office, addresses: Addresses
) -> None:
    other = make_therapist(office.practice, office.service)
    colleague = as_therapist(app, office, other)
    book(office)
    crisis(addresses)
    alert = the_alert(database)
    assert alert.task is not None
    pages = [f"/desk/alerts/{alert.public_id}", f"/desk/tasks/{alert.task.public_id}"]
    assert [colleague.get(each).status_code for each in pages] == [404, 404]
    turn = {"weekday": NOW.weekday(), "starts": 0, "ends": 0}
    keep(DutyTurn(practice_id=office.practice.id, user_id=other.user_id, **turn))
    tell_of_what_waits(now=NOW + timedelta(minutes=5))
    assert [colleague.get(each).status_code for each in pages] == [200, 200]


def test_what_came_after_the_page_was_drawn_is_not_taken_unseen(
    database: Session, front_desk: Staff, addresses: Addresses
) -> None:
    crisis(addresses)
    here = f"/desk/alerts/{the_alert(database).public_id}"
    front_desk.get(here)
    later = {"sender": "+13035550777", "recipient": OURS, "body": CRISIS, "now": NOW + timedelta(minutes=1)}
    receive_text(provider_id="SM2", addresses=addresses, **later)
    front_desk.post(f"{here}/take")
    every = select(Alert).order_by(Alert.id).execution_options(populate_existing=True)
    first, second = database.scalars(every)
    assert first.taken_at == NOW
    assert (second.seen_at, second.taken_at) == (None, None)


def test_whoever_was_told_reads_on_only_while_it_waits(
    app: Flask, database: Session, office: Office, front_desk: Staff, addresses: Addresses, clock: FakeClock
) -> None:
    other = make_therapist(office.practice, office.service)
    colleague = as_therapist(app, office, other)
    book(office, contact=make_contact(phone=NUMBER))  # Whoever writes is a client of somebody else.
    crisis(addresses)
    alert = the_alert(database)
    turn = {"weekday": NOW.weekday(), "starts": 0, "ends": 0}
    keep(DutyTurn(practice_id=office.practice.id, user_id=other.user_id, **turn))
    tell_of_what_waits(now=NOW + timedelta(minutes=5))
    task, here = f"/desk/tasks/{alert.task.public_id}", f"/desk/alerts/{alert.public_id}"
    assert colleague.get(task).status_code == 200
    front_desk.post(f"{task}/done")
    assert colleague.get(task).status_code == 404
    assert colleague.get(here).status_code == 200
    front_desk.post(f"{task}/reopen")
    clock.advance(WATCHED)
    for page in (task, here):
        assert sign_in(app, database.get_one(User, other.user_id)).get(page).status_code == 404


def test_another_practice_finds_nothing(app: Flask, database: Session, office: Office, addresses: Addresses) -> None:
    crisis(addresses)
    stranger = as_front_desk(app, make_office())
    assert stranger.get(f"/desk/alerts/{the_alert(database).public_id}").status_code == 404


def test_who_waits_in_the_room_is_shown_with_a_number_to_call(
    app: Flask, database: Session, client: FlaskClient, office: Office, addresses: Addresses, clock: FakeClock,
) -> None:  # fmt: skip
    found = book(office, at(10), mode=Mode.VIRTUAL)
    clock.instant = at(10, 1)
    seat = found.attendees[0]
    assert client.get(addresses.join(seat).removeprefix(addresses.base_url) + "/enter").status_code == 302
    tell_of_what_waits(now=at(10, 4))
    told = database.scalars(select(Message).where(Message.kind == MessageKind.ALERT)).one()
    assert told.sent_to == office.therapist.email
    page = as_front_desk(app, office).read(f"/desk/alerts/{the_alert(database).public_id}")
    assert seat.name in page
    assert "Call" in page
    lines = database.scalars(select(AppointmentEvent).where(AppointmentEvent.action == AuditAction.ENTERED)).all()
    assert [each.via for each in lines] == ["link"]


def test_the_therapist_who_enters_ends_it(
    app: Flask, database: Session, client: FlaskClient, office: Office, addresses: Addresses, clock: FakeClock
) -> None:
    found = book(office, at(10), mode=Mode.VIRTUAL)
    clock.instant = at(10, 1)
    therapist = as_therapist(app, office)
    client.get(addresses.join(found.attendees[0]).removeprefix(addresses.base_url) + "/enter")
    assert therapist.get(f"/desk/appointments/{found.public_id}/join").status_code == 302
    assert tell_of_what_waits(now=at(10, 9)) == 0


def test_a_request_is_looked_at_on_its_list(
    database: Session, office: Office, front_desk: Staff, clock: FakeClock
) -> None:
    change(office.service, approval="always")
    book(office, at(10, days=7))
    tell_of_what_waits(now=NOW)
    front_desk.get("/desk/requests")
    assert the_alert(database).seen_at == NOW
    assert tell_of_what_waits(now=NOW + timedelta(hours=3)) == 0
