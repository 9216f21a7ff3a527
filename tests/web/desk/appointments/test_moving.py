"""Moving an appointment at the desk."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from telehealth.database import db, transaction
from telehealth.domain.appointments.openness import NewClients
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.words import Mode, ServiceKind
from telehealth.models import Appointment, Service, Therapist, TherapistService
from tests.factories import Office, book, cancel, make_contact, make_office, make_service, make_therapist
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_therapist, filled_in, words_of

ANA = {"name": "Ana Rivera", "email": "ana@example.com"}


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def colleague(office: Office) -> Therapist:
    return make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")


@pytest.fixture
def front_desk(app: Flask, office: Office) -> Staff:
    return as_front_desk(app, office)


@pytest.fixture
def appointment(office: Office) -> Appointment:
    return book(office, at(10), contact=make_contact(**ANA))


def page_of(appointment: Appointment, path: str = "", **given: str) -> str:
    query = f"?{urlencode(given)}" if given else ""
    return f"/desk/appointments/{appointment.public_id}{path}{query}"


def to(appointment: Appointment, start: str = "20261125T1800Z", **given: str) -> str:
    """The day after, at eleven."""
    return page_of(appointment, "/move/confirm", start=start, **given)


def now_of(appointment: Appointment) -> Appointment:
    db.session.expire_all()
    return db.session.get_one(Appointment, appointment.id)


def moved(somebody: Staff, address: str, **given: Any) -> str:
    answer: TestResponse = somebody.post(address, given)
    assert answer.status_code == 302, words_of(answer)
    return words_of(somebody.get(answer.headers["Location"]))


def test_nobody_who_is_moved_is_new(front_desk: Staff, appointment: Appointment) -> None:
    change(appointment.therapist, new_clients=NewClients.NO)
    words = front_desk.read(to(appointment))
    assert "Dana Rivera" in words
    assert "new clients" not in words


def test_free_times_of_the_same_week_are_shown(front_desk: Staff, appointment: Appointment) -> None:
    page = front_desk.get(page_of(appointment, "/move"))
    assert "Now: Tuesday, November 24, 10:00 AM Mountain Time (MST)" in words_of(page)
    assert "start=20261124T1730Z" in page.text  # Onto part of itself.
    assert "start=20261124T1700Z" not in page.text  # Where it is already.
    assert "week=2026-11-30" in page.text
    assert filled_in(page.text)["mode"][0] == "virtual"


def test_another_way_to_meet_may_stay_at_the_same_time(
    front_desk: Staff, office: Office, appointment: Appointment
) -> None:
    page = front_desk.get(page_of(appointment, "/move", mode="in_person", ask="1"))
    assert "start=20261124T1700Z" in page.text


def test_moving_to_a_free_time(front_desk: Staff, appointment: Appointment) -> None:
    words = front_desk.read(to(appointment))
    assert "New time Wednesday, November 25, 2026, 11:00 AM" in words
    assert "Now Tuesday, November 24, 10:00 AM" in words
    assert "is told in 3 minutes" in words
    words = moved(front_desk, to(appointment), reason="She asked for it")
    assert "Moved. Everybody who takes part is told in 3 minutes." in words
    assert "Tue, Nov 24 at 10:00 AM MST → Wed, Nov 25 at 11:00 AM MST" in words
    assert "Moved by Robin Reed" in words
    assert "Reason: She asked for it" in words
    assert now_of(appointment).starts_at == at(11, days=2)


def test_it_is_moved_back_in_two_clicks(front_desk: Staff, appointment: Appointment) -> None:
    done = front_desk.get(front_desk.post(to(appointment), {}).headers["Location"])
    (back,) = re.findall(r'href="([^"]+)">Move it back<', done.text)
    assert "New time Tuesday, November 24, 2026, 10:00 AM" in front_desk.read(html.unescape(back))
    assert "Moved." in moved(front_desk, html.unescape(back))
    assert now_of(appointment).starts_at == at(10)


def test_from_video_to_the_room_and_back(front_desk: Staff, office: Office, appointment: Appointment) -> None:
    there = to(appointment, mode="in_person", place=office.location.public_id)
    assert "In person, Main Street office, until now video" in front_desk.read(there)
    words = moved(front_desk, there)
    assert "Video → In person" in words
    assert "no room → Room 1" in words
    assert now_of(appointment).room_id is not None
    moved(front_desk, to(appointment, mode="virtual", state="CO"))
    assert now_of(appointment).room_id is None


def test_with_somebody_else(front_desk: Staff, appointment: Appointment, colleague: Therapist) -> None:
    address = to(appointment, who=colleague.public_id)
    assert "Sam Okafor, until now Dana Rivera" in front_desk.read(address)
    assert "Dana Rivera → Sam Okafor" in moved(front_desk, address)


def test_any_time_shows_what_is_in_the_way(front_desk: Staff, office: Office, appointment: Appointment) -> None:
    book(office, at(14))
    answer = front_desk.get(page_of(appointment, "/move/at", day="2026-11-24", time="14:30"))
    address = answer.headers["Location"]
    assert "It overlaps another appointment of Dana Rivera, 2:00 PM to 2:50 PM MST." in front_desk.read(address)
    untouched = front_desk.post(address)
    assert untouched.status_code == 409
    assert "stays where it was" in words_of(untouched)
    unexplained = front_desk.post(address, {"waived": "taken"})
    assert unexplained.status_code == 422
    assert "Please say why." in words_of(unexplained)
    assert "checked" in unexplained.text
    words = moved(front_desk, address, waived="taken", reason="Both know")
    assert "Booked on purpose over another appointment Reason: Both know" in words
    assert "On purpose over another appointment." in words


def test_a_time_that_is_none_is_explained(front_desk: Staff, appointment: Appointment) -> None:
    answer = front_desk.get(page_of(appointment, "/move/at", day="", time="99:99"))
    assert answer.status_code == 422
    assert "Please choose a date." in words_of(answer)
    assert 'value="99:99"' in answer.text


def test_what_is_missing_is_asked_for(front_desk: Staff, office: Office) -> None:
    in_person = book(office, mode=Mode.IN_PERSON)
    words = front_desk.read(page_of(in_person, "/move", mode="virtual", ask="1"))
    assert "Please choose the state the client will be in" in words
    assert front_desk.get(to(in_person, mode="virtual")).status_code == 302
    assert front_desk.post(to(in_person, mode="virtual")).status_code == 404
    moved(front_desk, to(in_person, mode="virtual", state="CO"))
    assert now_of(in_person).attendees[0].jurisdiction == "CO"


def test_to_the_phone_a_number_is_asked_for(front_desk: Staff, office: Office) -> None:
    without = book(office, contact=make_contact(phone=None, wants_texts=False))
    address = to(without, mode="phone")
    assert "Number to call" in front_desk.read(address)
    refused = front_desk.post(address)
    assert refused.status_code == 422
    assert "Please give a number that we can call." in words_of(refused)
    moved(front_desk, address, phone="+13035550123")
    assert now_of(without).mode == Mode.PHONE


def test_what_nobody_can_set_aside_has_no_form(
    front_desk: Staff, office: Office, appointment: Appointment, colleague: Therapist
) -> None:
    other = make_service(office.practice, name="Only with Dana")
    with transaction() as session:
        session.add(TherapistService(therapist_id=office.therapist.id, service_id=other.id))
    theirs = book(office, at(12), service=other.public_id)
    words = front_desk.read(to(theirs, who=colleague.public_id))
    assert "This cannot be moved there" in words
    assert "Move it" not in words


def test_what_has_begun_or_is_cancelled_stays(
    app: Flask, office: Office, appointment: Appointment, clock: FakeClock
) -> None:
    off = cancel(book(office, at(12)))
    clock.instant = appointment.starts_at
    somebody = as_front_desk(app, office)
    for each in (appointment, off):
        assert "It can no longer be moved" in somebody.read(page_of(each, "/move"))
        assert somebody.post(to(each)).status_code == 409
        assert "/move" not in somebody.get(page_of(each)).text


def test_what_is_booked_moves_after_its_service_has_ended(
    front_desk: Staff, office: Office, appointment: Appointment
) -> None:
    with transaction() as session:
        session.get_one(Service, office.service.id).ended_at = NOW
    assert "Nothing is free" not in front_desk.read(page_of(appointment, "/move"))
    moved(front_desk, to(appointment))
    assert now_of(appointment).starts_at != at(10)


def test_a_group_says_its_seats(front_desk: Staff, office: Office) -> None:
    group = make_service(office.practice, kind=ServiceKind.GROUP, name="Evening group", capacity=3)
    with transaction() as session:
        session.add(TherapistService(therapist_id=office.therapist.id, service_id=group.id))
    appointment = book(office, service=group.public_id)
    assert "Move Evening group, 1 of 3 seats" in front_desk.read(page_of(appointment, "/move"))
    moved(front_desk, to(appointment))


def test_two_therapists_stay_together(app: Flask, office: Office, colleague: Therapist) -> None:
    pair = make_service(office.practice, name="Pair session", therapists_needed=2)
    with transaction() as session:
        for each in (office.therapist, colleague):
            session.add(TherapistService(therapist_id=each.id, service_id=pair.id))
    appointment = book(office, service=pair.public_id, co_therapist=colleague.public_id)
    somebody = as_therapist(app, office, colleague)
    assert "Second therapist" in somebody.read(page_of(appointment, "/move"))
    assert "Therapists Dana Rivera and Sam Okafor" in somebody.read(to(appointment))
    moved(somebody, to(appointment))
    found = now_of(appointment)
    assert (found.therapist_id, found.co_therapist_id) == (office.therapist.id, colleague.id)


def test_a_therapist_hands_nothing_to_a_colleague(
    app: Flask, appointment: Appointment, office: Office, colleague: Therapist
) -> None:
    somebody = as_therapist(app, office)
    assert "Sam Okafor" not in somebody.read(page_of(appointment, "/move"))
    moved(somebody, to(appointment, who=colleague.public_id))
    assert now_of(appointment).therapist_id == office.therapist.id


def test_a_colleague_finds_nothing_to_move(
    app: Flask, office: Office, appointment: Appointment, colleague: Therapist
) -> None:
    somebody = as_therapist(app, office, colleague)
    for path in ("/move", "/move/at", "/move/confirm"):
        assert somebody.get(page_of(appointment, path)).status_code == 404
    assert somebody.post(to(appointment)).status_code == 404


def test_weeks_far_ahead_can_be_looked_at(front_desk: Staff, office: Office) -> None:
    far = book(office, at(10, days=28), now=NOW + timedelta(minutes=1))
    assert "December 21 to December 27, 2026" in front_desk.read(page_of(far, "/move"))


# Another length


@pytest.fixture
def with_lengths(office: Office) -> Office:
    with transaction():
        office.service.other_lengths = [45, 80]
    return office


def longer(appointment: Appointment, minutes: int = 80) -> str:
    return page_of(appointment, "/move/confirm", start="20261124T1700Z", minutes=str(minutes))


def test_every_length_says_what_is_in_its_way(
    front_desk: Staff, with_lengths: Office, appointment: Appointment
) -> None:
    assert "Change length" in front_desk.read(page_of(appointment))
    words = front_desk.read(page_of(appointment, "/length"))
    assert "45 minutes until 10:45 AM, free" in words
    assert "50 minutes until 10:50 AM, as it is" in words
    assert "80 minutes until 11:20 AM, free" in words
    book(with_lengths, at(11), contact=make_contact(name="Sam Lee", email="sam@example.com"))
    page = front_desk.get(page_of(appointment, "/length"))
    assert "It overlaps another appointment of Dana Rivera, 11:00 AM to 11:50 AM MST." in words_of(page)
    assert "minutes=80" in page.text  # It can be set aside with a reason.


def test_where_there_is_one_length_nothing_is_offered(front_desk: Staff, appointment: Appointment) -> None:
    assert "Change length" not in front_desk.read(page_of(appointment))
    assert "This service has one length only" in front_desk.read(page_of(appointment, "/length"))


def test_a_longer_one_is_looked_at_before_anybody_is_told(
    front_desk: Staff, with_lengths: Office, appointment: Appointment
) -> None:
    words = front_desk.read(longer(appointment))
    assert "Change how long it lasts?" in words
    assert "80 minutes, until 11:20 AM; until now 50 minutes" in words
    assert "Tell Ana Rivera, in 3 minutes" in words
    assert "Changed back before that, nobody hears of it." in words
    form = filled_in(front_desk.get(longer(appointment)).text)
    assert "Changed. Everybody who takes part is told in 3 minutes." in moved(front_desk, longer(appointment), **form)
    assert (now_of(appointment).starts_at, now_of(appointment).minutes) == (at(10), 80)
    assert "50 minutes → 80 minutes" in front_desk.read(page_of(appointment))
    page = front_desk.read(page_of(appointment, "/move"))
    assert "How long? 45 minutes 50 minutes, as usual 80 minutes" in page


def test_the_client_is_told_by_staff_where_they_say_so(
    front_desk: Staff, with_lengths: Office, appointment: Appointment
) -> None:
    form = filled_in(front_desk.get(longer(appointment)).text)
    form.pop("tell")
    words = moved(front_desk, longer(appointment), **form)
    assert "Changed. The client is not told by us, so please tell them." in words


def test_moved_with_another_length_at_once(front_desk: Staff, with_lengths: Office, appointment: Appointment) -> None:
    words = front_desk.read(to(appointment, minutes="80"))
    assert "Move this appointment?" in words
    assert "80 minutes, until 12:20 PM; until now 50 minutes" in words
    moved(front_desk, to(appointment, minutes="80"))
    assert (now_of(appointment).starts_at, now_of(appointment).minutes) == (at(11, days=2), 80)


def test_no_length_is_changed_of_what_is_off(front_desk: Staff, with_lengths: Office, appointment: Appointment) -> None:
    cancel(appointment)
    assert "Its length can no longer be changed" in front_desk.read(page_of(appointment, "/length"))


def test_where_clients_are_told_at_once_nothing_is_taken_back(
    front_desk: Staff, with_lengths: Office, appointment: Appointment
) -> None:
    with transaction():
        with_lengths.practice.grace_minutes = 0
    words = front_desk.read(longer(appointment))
    assert "Tell Ana Rivera, right away" in words
    assert "Changed back before that" not in words


def test_a_minor_for_whom_nobody_acts_is_moved_with_a_reason(front_desk: Staff, appointment: Appointment) -> None:
    change(appointment.attendees[0].client, born_on=date(2018, 5, 4))
    change(appointment.practice, when_minor=WhenMinor.REQUIRE)
    assert "nobody acts for them on file" in front_desk.read(to(appointment))
    assert front_desk.post(to(appointment)).status_code == 409
    set_aside = {"waived": "no_guardian", "reason": "The court has said so."}
    front_desk.post(to(appointment), set_aside)
    assert now_of(appointment).overrides == ["no_guardian"]
