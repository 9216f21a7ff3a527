"""Who came and who did not, mistakes put right, single seats and rooms."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db, transaction
from telehealth.domain.words import AppointmentStatus, LateChange, Mode, ServiceKind, WhenOneCancels
from telehealth.models import Appointment, Policy, Service, Therapist, TherapistService
from tests.factories import Office, book, cancel, make_contact, make_office, make_room, make_service, make_therapist
from tests.factories.rows import keep
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_therapist, words_of

HOUR = timedelta(hours=1)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def appointment(office: Office) -> Appointment:
    return book(office, at(10), contact=make_contact(name="Ana Rivera", email="ana@example.com"))


@pytest.fixture
def couple(office: Office) -> Appointment:
    return book_couple(office, WhenOneCancels.GOES_ON)


def book_couple(office: Office, rule: WhenOneCancels) -> Appointment:
    service = make_service(
        office.practice, kind=ServiceKind.COUPLE, name="Couple session", capacity=2, when_one_cancels=rule
    )
    with transaction() as session:
        session.add(TherapistService(therapist_id=office.therapist.id, service_id=service.id))
    ana, ben = make_contact(name="Ana Ito"), make_contact(name="Ben Ito")
    return book(office, at(14), service=service.public_id, contact=ana, others=(ben,))


def page_of(appointment: Appointment, path: str = "") -> str:
    return f"/desk/appointments/{appointment.public_id}{path}"


def now_of(appointment: Appointment) -> Appointment:
    db.session.expire_all()
    return db.session.get_one(Appointment, appointment.id)


def record(somebody: Staff, appointment: Appointment, status: str, reason: str = "") -> str:
    return somebody.send(page_of(appointment, "/status"), {"status": status, "reason": reason})


def test_long_before_nothing_can_be_recorded(app: Flask, office: Office, appointment: Appointment) -> None:
    somebody = as_front_desk(app, office)
    words = somebody.read(page_of(appointment))
    assert "Attendance" not in words
    assert "Correct a mistake" not in words
    assert "has not begun yet" in record(somebody, appointment, "noshow")
    assert now_of(appointment).status == AppointmentStatus.BOOKED


def test_arrived_then_done(app: Flask, office: Office, appointment: Appointment, clock: FakeClock) -> None:
    clock.instant = appointment.starts_at - HOUR
    somebody = as_front_desk(app, office)
    words = somebody.read(page_of(appointment))
    assert "Is here" in words
    assert "Did not come" not in words
    assert "Noted: here now." in record(somebody, appointment, "arrived")
    clock.instant = appointment.ends_at
    somebody = as_front_desk(app, office)
    words = record(somebody, appointment, "fulfilled")
    assert "Noted: done." in words
    assert "Marked as here by Robin Reed" in words
    assert "Marked as done by Robin Reed" in words
    assert "Attendance" not in words


def test_a_mistake_is_corrected_with_a_reason(
    app: Flask, office: Office, appointment: Appointment, clock: FakeClock
) -> None:
    clock.instant = appointment.starts_at
    somebody = as_front_desk(app, office)
    record(somebody, appointment, "noshow")
    assert "Correct a mistake" in somebody.read(page_of(appointment))
    refused = somebody.post(page_of(appointment, "/status"), {"status": "arrived", "reason": " "})
    assert refused.status_code == 422
    assert "Please say in a few words what went wrong." in words_of(refused)
    assert '<option value="arrived" selected>' in refused.text
    assert now_of(appointment).status == AppointmentStatus.NOSHOW
    words = record(somebody, appointment, "arrived", "Wrong button")
    assert "Corrected to “here now” by Robin Reed" in words
    assert "Reason: Wrong button" in words
    too_long = somebody.post(page_of(appointment, "/status"), {"status": "booked", "reason": "x" * 501})
    assert too_long.status_code == 422
    assert "x" * 501 in too_long.text


def test_a_cancellation_can_be_taken_back_while_the_time_is_free(
    app: Flask, office: Office, appointment: Appointment
) -> None:
    somebody = as_front_desk(app, office)
    cancel(appointment)
    other = book(office, at(10, 30))
    words = record(somebody, appointment, "booked", "Wrong client")
    assert "is taken by now" in words
    cancel(other)
    words = record(somebody, appointment, "booked", "Wrong client")
    assert "Noted: booked." in words
    assert now_of(appointment).status == AppointmentStatus.BOOKED


def test_what_is_over_is_not_brought_back(
    app: Flask, office: Office, appointment: Appointment, clock: FakeClock
) -> None:
    cancel(appointment)
    clock.instant = appointment.starts_at
    somebody = as_front_desk(app, office)
    assert "Correct a mistake" not in somebody.read(page_of(appointment))
    assert "does not fit" in record(somebody, appointment, "booked", "Late")


@pytest.mark.parametrize("status", ["", "nonsense", "arrived nobody", "\0"])
def test_what_is_no_status_is_not_found(app: Flask, office: Office, appointment: Appointment, status: str) -> None:
    somebody = as_front_desk(app, office)
    assert somebody.post(page_of(appointment, "/status"), {"status": status}).status_code == 404


def test_each_of_a_couple_has_a_status(app: Flask, office: Office, couple: Appointment, clock: FakeClock) -> None:
    clock.instant = couple.starts_at
    somebody = as_front_desk(app, office)
    ana, ben = couple.attendees
    assert "For everybody at once; single people stand below." in somebody.read(page_of(couple))
    assert "Noted for Ana Ito: here now." in record(somebody, couple, f"arrived {ana.public_id}")
    words = record(somebody, couple, f"noshow {ben.public_id}")
    assert "For Ben Ito." in words
    assert [each.status for each in now_of(couple).attendees] == ["arrived", "noshow"]
    words = somebody.read(page_of(couple))
    assert "Ben Ito: Here now" in words
    record(somebody, couple, f"arrived {ben.public_id}", "He came late")
    assert now_of(couple).status == AppointmentStatus.ARRIVED


def test_the_last_one_of_a_group_takes_it_along(app: Flask, client: FlaskClient) -> None:
    office = make_office(service={"kind": ServiceKind.GROUP, "capacity": 4})
    ana, ben = [book(office, contact=make_contact(name=name)) for name in ("Ana Ito", "Ben Ito")]
    somebody = as_front_desk(app, office)
    seats = [f"/cancel?seat={each.public_id}" for each in now_of(ana).attendees]
    assert "Take Ana Ito off this appointment?" in somebody.read(page_of(ana, seats[0]))
    somebody.send(page_of(ana, seats[0]), {})
    assert "Cancel this appointment?" in somebody.read(page_of(ben, seats[1]))
    assert "The appointment is cancelled, and the time is free again." in somebody.send(page_of(ben, seats[1]), {})


def test_one_of_a_couple_cannot_come(app: Flask, office: Office, couple: Appointment) -> None:
    somebody = as_front_desk(app, office)
    ben = couple.attendees[1]
    address = page_of(couple, f"/cancel?seat={ben.public_id}")
    assert "Take Ben Ito off this appointment?" in somebody.read(address)
    words = somebody.send(address, {"reason": "Away"})
    assert "Ben Ito is off the list. The appointment goes on for the others." in words
    assert "Seat cancelled by Robin Reed" in words
    assert "Show that it is cancelled" in words
    assert now_of(couple).status == AppointmentStatus.BOOKED
    assert "1 cannot come" in somebody.read("/desk/week")
    assert "It can no longer be cancelled here" in somebody.read(address)
    assert somebody.post(address).status_code == 409


def test_for_some_couples_one_means_both(app: Flask, office: Office) -> None:
    couple = book_couple(office, WhenOneCancels.ALL_OFF)
    somebody = as_front_desk(app, office)
    address = page_of(couple, f"/cancel?seat={couple.attendees[1].public_id}")
    assert "When one of them cannot come, this service is off for all of them." in somebody.read(address)
    assert "The appointment is cancelled" in somebody.send(address)
    assert now_of(couple).status == AppointmentStatus.CANCELLED


def test_the_only_client_is_the_whole_appointment(app: Flask, office: Office, appointment: Appointment) -> None:
    somebody = as_front_desk(app, office)
    address = page_of(appointment, f"/cancel?seat={appointment.attendees[0].public_id}")
    assert "Cancel this appointment?" in somebody.read(address)
    assert somebody.get(page_of(appointment, "/cancel?seat=nobody")).status_code == 404
    assert "The appointment is cancelled" in somebody.send(address)


def test_a_late_cancellation_is_counted_only_when_ticked(app: Flask, office: Office) -> None:
    policy = keep(
        Policy(
            practice_id=office.practice.id,
            version=2,
            window_minutes=48 * 60,
            when_late=LateChange.MARK,
            terms="We charge half.",
            created_at=NOW,
        )
    )
    with transaction() as session:
        session.get_one(Service, office.service.id).policy_id = policy.id
    first, second = (book(office, at(hour), now=NOW - HOUR) for hour in (10, 12))
    somebody = as_front_desk(app, office)
    words = somebody.read(page_of(first))
    assert "We charge half." in words
    assert "Version 2 of the terms" in words
    assert "It counts as a late cancellation" in somebody.read(page_of(first, "/cancel"))
    assert "Cancelled late" not in somebody.send(page_of(first, "/cancel"))
    words = somebody.send(page_of(second, "/cancel"), {"late": "y"})
    assert "Cancelled late" in words
    assert "Counted as a late cancellation." in words
    assert "Cancelled late" in somebody.read("/desk/week")


def test_many_seats_are_a_line_each(app: Flask, client: FlaskClient) -> None:
    office = make_office(service={"kind": ServiceKind.GROUP, "capacity": 8})
    for name in ("Ana", "Ben", "Cleo", "Dev"):
        appointment = book(office, at(10), contact=make_contact(name=name))
    page = as_front_desk(app, office).get(page_of(appointment)).text
    assert page.count('<details class="fold">') == 4
    assert "Cannot come" in page
    assert "earlier</summary>" not in page  # Four lines of what happened need no fold; twelve messages do.
    assert "more messages</summary>" in page


def test_the_seats_of_a_group(app: Flask, office: Office) -> None:
    group = make_service(office.practice, kind=ServiceKind.GROUP, name="Evening group", capacity=4)
    with transaction() as session:
        session.add(TherapistService(therapist_id=office.therapist.id, service_id=group.id))
    for name in ("Ana Rivera", "Ben Ito"):
        appointment = book(office, service=group.public_id, contact=make_contact(name=name))
    somebody = as_front_desk(app, office)
    words = somebody.read(page_of(appointment))
    assert "Evening group, 2 of 4 seats" in words
    assert "Ana Rivera" in words
    seat = appointment.attendees[0]
    words = somebody.send(page_of(appointment, f"/cancel?seat={seat.public_id}"))
    assert "Ana Rivera is off the list." in words
    assert "Evening group, 1 of 4 seats" in words


def confirm(somebody: Staff, appointment: Appointment, place: int = 0) -> str:
    seat = appointment.attendees[place].public_id
    return somebody.send(page_of(appointment, f"/confirm?seat={seat}"))


def test_what_was_heard_by_phone_is_kept(app: Flask, office: Office, couple: Appointment) -> None:
    somebody = as_front_desk(app, office)
    assert somebody.read(page_of(couple)).count("They said they will come") == 2
    words = confirm(somebody, couple, place=1)
    assert "Noted: Ben Ito will come." in words
    assert "Confirmed They will come, said Mon, Nov 23 at 9:00 AM MST" in words
    assert "Confirmed by Robin Reed, Mon, Nov 23 at 9:00 AM MST On a page, from 127.0.0.1 For Ben Ito." in words
    assert words.count("They said they will come") == 1
    assert [seat.confirmed_at for seat in now_of(couple).attendees] == [None, NOW]


def test_what_lies_behind_is_not_confirmed(
    app: Flask, office: Office, appointment: Appointment, clock: FakeClock
) -> None:
    clock.instant = appointment.starts_at
    somebody = as_front_desk(app, office)
    assert "They said they will come" not in somebody.read(page_of(appointment))
    assert "Nothing was noted." in confirm(somebody, appointment)
    assert now_of(appointment).attendees[0].confirmed_at is None
    for seat in ("", "?seat=nobody"):
        assert somebody.post(page_of(appointment, f"/confirm{seat}")).status_code == 404


def test_another_room_of_the_same_place(app: Flask, office: Office) -> None:
    appointment = book(office, mode=Mode.IN_PERSON)
    somebody = as_front_desk(app, office)
    assert "Another room" not in somebody.read(page_of(appointment))
    second = make_room(office.location, "Room 2")
    words = somebody.send(page_of(appointment, "/room"), {"room": second.public_id})
    assert "The room is changed." in words
    assert "From Room 1 to Room 2." in words
    colleague = make_therapist(office.practice, office.service, location=office.location)
    other = book(office, mode=Mode.IN_PERSON, therapist=colleague.public_id)
    assert "That room is taken at this time." in somebody.send(page_of(other, "/room"), {"room": second.public_id})
    assert somebody.post(page_of(other, "/room"), {"room": "nonsense\0"}).status_code == 404


def test_rooms_are_only_for_people_who_meet(app: Flask, office: Office, appointment: Appointment) -> None:
    somebody = as_front_desk(app, office)
    given = {"room": office.room.public_id}
    assert "needs no room" in somebody.send(page_of(appointment, "/room"), given)
    cancel(appointment)
    assert "does not fit" in somebody.send(page_of(appointment, "/room"), given)


def test_both_therapists_enter_the_room_under_their_own_names(app: Flask, office: Office, clock: FakeClock) -> None:
    colleague = make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")
    appointment = book_pair(office, colleague)
    clock.instant = appointment.starts_at
    somebody = as_therapist(app, office, colleague)
    assert "Join by video" in somebody.read(page_of(appointment))
    assert "as=therapist" in somebody.get(page_of(appointment, "/join")).headers["Location"]
    _room, guest = app.extensions["gateways"].video.asked[-1]
    assert guest.display_name == "Sam Okafor"
    assert "Dana Rivera and Sam Okafor together" in somebody.read("/desk")


def book_pair(office: Office, colleague: Therapist) -> Appointment:
    pair = make_service(office.practice, name="Pair session", therapists_needed=2)
    with transaction() as session:
        for each in (office.therapist, colleague):
            session.add(TherapistService(therapist_id=each.id, service_id=pair.id))
    return book(office, service=pair.public_id, co_therapist=colleague.public_id)


def test_a_colleague_records_nothing(app: Flask, office: Office, appointment: Appointment) -> None:
    colleague = make_therapist(office.practice, office.service, location=office.location)
    somebody = as_therapist(app, office, colleague)
    for path in ("/status", "/room", f"/confirm?seat={appointment.attendees[0].public_id}"):
        assert somebody.post(page_of(appointment, path), {"status": "arrived"}).status_code == 404
