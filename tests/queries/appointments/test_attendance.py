"""Late cancellations and no-shows, with their dates."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient

from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment
from telehealth.queries.appointments.appointments import list_overlapping
from telehealth.queries.appointments.attendance import AttendanceRecord, attendance_of_client
from telehealth.queries.practice.clients import find_latest_contact, find_own_therapist, search_clients
from telehealth.services.appointments.attending import set_status
from tests.factories import BY_STAFF, book, cancel, make_contact, make_office, make_therapist
from tests.moments import at

ANA = {"name": "Ana Rivera", "email": "ana@example.com"}


def missed(appointment: Appointment) -> Appointment:
    return set_status(
        practice_id=appointment.practice_id,
        appointment_id=appointment.id,
        status=AppointmentStatus.NOSHOW,
        by=BY_STAFF,
        now=appointment.starts_at,
    )


def test_what_is_counted_has_its_dates(client: FlaskClient) -> None:
    office = make_office()
    kept = book(office, at(9), contact=make_contact(**ANA))
    cancel(book(office, at(10), contact=make_contact(**ANA)), by=BY_STAFF, late=True)
    cancel(book(office, at(11), contact=make_contact(**ANA)), by=BY_STAFF, late=False)
    missed(book(office, at(12), contact=make_contact(**ANA)))
    missed(book(office, at(13), contact=make_contact(**ANA)))
    missed(book(office, at(14), contact=make_contact(name="Ben Ito")))
    found = attendance_of_client(office.practice.id, kept.attendees[0].client_id)
    assert found == AttendanceRecord(late_cancellations=(at(10),), no_shows=(at(13), at(12)))


def test_a_therapist_counts_only_what_was_theirs(client: FlaskClient) -> None:
    office = make_office()
    colleague = make_therapist(office.practice, office.service, location=office.location)
    theirs = missed(book(office, at(10), contact=make_contact(**ANA), therapist=colleague.public_id))
    client_id = theirs.attendees[0].client_id
    assert attendance_of_client(office.practice.id, client_id, therapist_id=office.therapist.id) == AttendanceRecord()
    assert attendance_of_client(office.practice.id, client_id, therapist_id=colleague.id).no_shows == (at(10),)
    assert attendance_of_client(make_office().practice.id, client_id) == AttendanceRecord()


def test_clients_are_found_by_any_part_of_name_or_address(client: FlaskClient) -> None:
    office = make_office()
    book(office, at(10), contact=make_contact(name="Änne Öztürk", email="anne_1@example.com"))
    book(office, at(11), contact=make_contact(name="Ben Ito", email="ben@example.com"))

    def names(text: str, **given: int) -> list[str]:
        return [each.name for each in search_clients(office.practice.id, text, **given)]

    assert names("") == ["Änne Öztürk", "Ben Ito"]
    assert names("öztürk") == names("ANNE_1") == names("ztürk nne") == ["Änne Öztürk"]
    assert names("%") == names("e_e") == names("ben öztürk") == []
    assert names("", limit=1) == ["Änne Öztürk"]
    assert [each.name for each in search_clients(make_office().practice.id)] == []


def test_a_therapist_finds_only_their_own_clients(client: FlaskClient) -> None:
    office = make_office()
    colleague = make_therapist(office.practice, office.service, location=office.location)
    book(office, at(10), therapist=colleague.public_id)
    assert search_clients(office.practice.id, therapist_id=office.therapist.id) == []
    assert len(search_clients(office.practice.id, therapist_id=colleague.id)) == 1


def test_the_own_therapist_is_the_latest_who_still_works_here(client: FlaskClient) -> None:
    office = make_office()
    colleague = make_therapist(office.practice, office.service, location=office.location)
    first = book(office, at(10), contact=make_contact(**ANA))
    client_id = first.attendees[0].client_id
    later = book(office, at(12), contact=make_contact(**ANA), therapist=colleague.public_id)
    assert find_own_therapist(office.practice.id, client_id) == colleague
    cancel(later)
    assert find_own_therapist(office.practice.id, client_id) == office.therapist
    assert find_own_therapist(make_office().practice.id, client_id) is None


def test_the_latest_contact_is_what_was_typed_last(client: FlaskClient) -> None:
    office = make_office()
    book(office, at(10), contact=make_contact(**ANA, phone="+13035550111"))
    latest = book(office, at(12), contact=make_contact(**ANA, phone="+13035550122"))
    found = find_latest_contact(office.practice.id, latest.attendees[0].client_id)
    assert found is not None
    assert found.phone == "+13035550122"


def test_what_overlaps(client: FlaskClient) -> None:
    office = make_office()
    one = book(office, at(10))
    cancel(book(office, at(11)))

    def overlapping(hour: int, minute: int = 0, **given: int) -> int:
        since = at(hour, minute)
        until = since + timedelta(minutes=50)
        found = list_overlapping(office.practice.id, since, until, therapist_id=office.therapist.id, **given)
        return len(found)

    assert overlapping(10, 30) == overlapping(9, 30) == 1
    assert overlapping(11) == overlapping(9) == overlapping(10, 30, but=one.id) == 0
