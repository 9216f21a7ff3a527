"""One appointment at the desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import MessageStatus
from telehealth.domain.ports import DeliveryStatus, Gateways
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment
from telehealth.queries.appointments.appointments import list_messages
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.status_reports import StatusReport, record_status
from tests.delivering import deliver_one
from tests.factories import Office, book, cancel, make_contact, make_office, make_therapist
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import Staff, as_front_desk, as_owner, as_therapist, words_of

MINUTE = timedelta(minutes=1)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Rivera"})


@pytest.fixture
def therapist(app: Flask, office: Office) -> Staff:
    return as_therapist(app, office)


@pytest.fixture
def appointment(office: Office) -> Appointment:
    return book(office, at(10), contact=make_contact(name="Ana Rivera", email="ana@example.com"))


def page_of(appointment: Appointment) -> str:
    return f"/desk/appointments/{appointment.public_id}"


def deliver(addresses: Addresses, gateways: Gateways, clock: FakeClock) -> None:
    """Send what is due once nobody changes their mind any more."""
    clock.advance(3 * MINUTE)
    for claimed in claim_messages(worker="w", addresses=addresses, limit=100, now=clock()):
        deliver_one(claimed, gateways=gateways, now=clock())


def test_the_facts(therapist: Staff, appointment: Appointment) -> None:
    page = therapist.get(page_of(appointment))
    words = words_of(page)
    assert "Tuesday, November 24, 2026, 10:00 AM Mountain Time (MST), 50 minutes" in words
    assert "Individual session" in words
    assert "Agreed to texts" in words
    assert "State Colorado" in words
    assert "Booked by the client, Mon, Nov 23 at 9:00 AM MST" in words
    assert 'href="mailto:ana@example.com"' in page.text
    assert 'href="tel:+13035550123"' in page.text


def test_the_front_desk_reads_the_same_page(app: Flask, office: Office, appointment: Appointment) -> None:
    assert "Ana Rivera" in as_front_desk(app, office).read(page_of(appointment))


def test_the_clients_own_time_is_named_when_it_differs(therapist: Staff, office: Office) -> None:
    away = book(office, at(10), contact=make_contact(name="Ana Rivera", timezone="America/New_York"))
    assert "For Ana Rivera: Tuesday, November 24, 12:00 PM Eastern Time (EST)" in therapist.read(page_of(away))


def test_in_person_names_the_place(therapist: Staff, office: Office) -> None:
    words = therapist.read(page_of(book(office, at(15), mode=Mode.IN_PERSON)))
    assert "In person, Main Street office, Room 1" in words
    assert "1 Main Street" in words
    assert "Join" not in words


def test_in_person_elsewhere_the_venues_time_is_named(app: Flask, office: Office) -> None:
    traveller = make_therapist(
        office.practice, office.service, location=office.location, name="Far Away", timezone="America/New_York"
    )
    appointment = book(office, at(10), mode=Mode.IN_PERSON, therapist=traveller.public_id)
    words = as_owner(app, office).read(page_of(appointment))
    assert "12:00 PM Eastern Time (EST)" in words
    assert "At the place: Tuesday, November 24, 10:00 AM Mountain Time (MST)" in words


def test_the_message_history(
    therapist: Staff, appointment: Appointment, addresses: Addresses, gateways: Gateways, clock: FakeClock
) -> None:
    deliver(addresses, gateways, clock)
    words = therapist.read(page_of(appointment))
    assert "Confirmation Sent E-mail to Dana Rivera · sent Mon, Nov 23 at 9:03 AM MST" in words
    assert "Confirmation On its way Text to Ana Rivera" in words
    assert "Riverside Office: your appointment is booked for Tue, Nov 24 at 10:00 AM MST" in words
    assert (
        "Link to join, 15 minutes before Planned Text to Ana Rivera · planned for Tue, Nov 24 at 9:45 AM MST" in words
    )


def test_the_clients_keys_are_not_in_the_words_that_staff_read(
    therapist: Staff, appointment: Appointment, addresses: Addresses, gateways: Gateways, clock: FakeClock
) -> None:
    deliver(addresses, gateways, clock)
    page = therapist.get(page_of(appointment)).text
    assert "/m/…" in page
    assert addresses.manage(appointment.attendees[0]) not in page
    assert addresses.join(appointment.attendees[0]) not in page


def test_what_the_provider_reported(
    therapist: Staff, appointment: Appointment, addresses: Addresses, gateways: Gateways, clock: FakeClock
) -> None:
    deliver(addresses, gateways, clock)
    text = next(each for each in list_messages(appointment.id) if each.status == MessageStatus.ACCEPTED)
    report = StatusReport(text.provider_id or "", "undelivered", DeliveryStatus.UNDELIVERED, "30003", {})
    record_status(reference=text.public_id, report=report, now=clock())
    db.session.rollback()
    words = therapist.read(page_of(appointment))
    assert "Not delivered" in words
    assert "Mon, Nov 23 at 9:03 AM MST: undelivered (code 30003)" in words


@pytest.mark.parametrize(
    ("minutes", "is_open"), [(16, False), (15, True), (0, True), (-50, True), (-79, True), (-80, False), (-600, False)]
)
def test_the_room_opens_and_closes(
    app: Flask, office: Office, appointment: Appointment, clock: FakeClock, minutes: int, is_open: bool
) -> None:
    clock.instant = appointment.starts_at - minutes * MINUTE
    answer = as_therapist(app, office).get(page_of(appointment) + "/join")
    entered = f"https://video.test/{appointment.video_name}?as=therapist"
    assert (answer.headers["Location"] == entered) is is_open
    if is_open:
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_too_early_says_when_to_come_back(therapist: Staff, appointment: Appointment) -> None:
    words = words_of(therapist.get(page_of(appointment) + "/join", follow_redirects=True))
    assert "The room opens at 9:45 AM MST." in words


def test_the_therapist_enters_under_their_own_name(
    app: Flask, office: Office, appointment: Appointment, gateways: Gateways, clock: FakeClock
) -> None:
    clock.instant = appointment.starts_at
    as_therapist(app, office).get(page_of(appointment) + "/join")
    room, guest = gateways.video.asked[-1]  # type: ignore[attr-defined]
    assert (guest.display_name, guest.is_therapist) == ("Dana Rivera", True)
    assert (room.opens_at, room.closes_at) == (appointment.starts_at - 15 * MINUTE, appointment.ends_at + 30 * MINUTE)


def test_nobody_else_of_the_practice_enters(
    app: Flask, office: Office, appointment: Appointment, clock: FakeClock
) -> None:
    clock.instant = appointment.starts_at
    for somebody in (as_owner(app, office), as_front_desk(app, office)):
        assert somebody.get(page_of(appointment) + "/join").status_code == 403
        assert "Join by video" not in somebody.read(page_of(appointment))


def test_there_is_no_room_without_video(therapist: Staff, office: Office) -> None:
    assert therapist.get(page_of(book(office, mode=Mode.PHONE)) + "/join").status_code == 404


def test_a_cancelled_room_stays_closed(app: Flask, office: Office, appointment: Appointment, clock: FakeClock) -> None:
    cancel(appointment)
    clock.instant = appointment.starts_at
    answer = as_therapist(app, office).get(page_of(appointment) + "/join", follow_redirects=True)
    assert "This appointment is cancelled, so its room stays closed." in words_of(answer)


def test_cancelling_is_reviewed_first(therapist: Staff, appointment: Appointment) -> None:
    words = therapist.read(page_of(appointment) + "/cancel")
    assert "Cancel this appointment?" in words
    assert "Ana Rivera and Dana Rivera are told in 3 minutes." in words
    assert "cancelled" not in therapist.read(page_of(appointment))


def test_cancelling_frees_the_time_and_is_remembered(
    therapist: Staff, office: Office, appointment: Appointment
) -> None:
    words = therapist.send(page_of(appointment) + "/cancel", {"reason": "I am ill.\r\nSorry."})
    assert "The appointment is cancelled, and the time is free again." in words
    assert "Reason given: I am ill. Sorry." in words
    assert "Cancelled by Robin Reed, Mon, Nov 23 at 9:00 AM MST" in words
    assert "No longer needed" in words
    assert "Why: the appointment changed." in words
    assert book(office, at(10)).status == AppointmentStatus.BOOKED


def test_the_reason_of_staff_is_not_sent(
    therapist: Staff, appointment: Appointment, addresses: Addresses, gateways: Gateways, clock: FakeClock
) -> None:
    deliver(addresses, gateways, clock)
    therapist.send(page_of(appointment) + "/cancel", {"reason": "a-secret-reason"})
    deliver(addresses, gateways, clock)
    sent = str([*gateways.texts.sent, *gateways.emails.sent])  # type: ignore[attr-defined]
    bodies = [text.body for text in gateways.texts.sent]  # type: ignore[attr-defined]
    assert bodies
    assert "a-secret-reason" not in sent + " ".join(bodies)


def test_a_reason_that_is_too_long_is_kept_and_explained(therapist: Staff, appointment: Appointment) -> None:
    answer = therapist.post(page_of(appointment) + "/cancel", {"reason": "x" * 501})
    assert answer.status_code == 422
    assert "please use at most 500" in words_of(answer)
    assert "x" * 501 in answer.text


def test_cancelling_twice_is_said(therapist: Staff, appointment: Appointment) -> None:
    therapist.send(page_of(appointment) + "/cancel")
    answer = therapist.post(page_of(appointment) + "/cancel")
    assert answer.status_code == 409
    assert "already cancelled" in words_of(answer)


def test_what_has_begun_is_not_cancelled(
    app: Flask, office: Office, appointment: Appointment, clock: FakeClock
) -> None:
    clock.instant = appointment.starts_at
    somebody = as_therapist(app, office)
    assert "Cancel this appointment" not in somebody.read(page_of(appointment))
    assert "can no longer be cancelled" in somebody.read(page_of(appointment) + "/cancel")
    assert somebody.post(page_of(appointment) + "/cancel").status_code == 409


def test_names_are_shown_and_never_run(therapist: Staff, office: Office) -> None:
    hostile = book(office, at(12), contact=make_contact(name="<script>alert(1)</script>"))
    assert "<script>alert" not in therapist.get(page_of(hostile)).text
    assert "<script>alert" not in therapist.get("/desk/week").text


def test_two_clients_of_one_name_at_once(therapist: Staff, office: Office) -> None:
    book(office, at(13), contact=make_contact(name="Ana Rivera"), now=NOW)
    book(office, at(14), contact=make_contact(name="Ana Rivera"), now=NOW)
    assert therapist.read("/desk/week").count("Ana Rivera") == 2
