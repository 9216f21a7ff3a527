"""For whom a service is: decided below the doors, and what a stranger reads never tells who is a client."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.appointments.openness import OpenTo
from telehealth.domain.errors import InvalidInput, NotFound, ServiceEnded
from telehealth.domain.words import AppointmentStatus, ServiceKind
from telehealth.models import PracticeEvent, Service, WaitlistEntry
from telehealth.services.practice.catalogue import renew_service_link
from telehealth.services.waitlist.waiting import accept_offer, offer_freed_times
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    book,
    cancel,
    hold,
    make_client,
    make_contact,
    make_office,
    make_service,
    move,
    offers_to,
    wait,
)
from tests.moments import NOW, at
from tests.services.waitlist.test_answers import LATER, SOON

FOR_SOME = [OpenTo.NEW_CLIENTS, OpenTo.KNOWN_CLIENTS]
WORD = "a-word-that-nobody-guesses"


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def open_to(office: Office, whom: OpenTo) -> Office:
    """From now on the service is for these."""
    with transaction() as session:
        service = session.get_one(Service, office.service.id)
        service.open_to, service.link_word = whom, WORD if whom == OpenTo.LINK else None
    return office


@pytest.mark.parametrize("whom", FOR_SOME)
def test_what_is_for_some_clients_is_a_request_of_whoever_asks(office: Office, whom: OpenTo) -> None:
    """The client and the stranger are answered alike, also whoever came before: nobody has proved who they are."""
    known, came = make_contact(), make_contact()
    make_client(office.practice, name=known.name, email=known.email)
    book(office, at(14, days=3), contact=came)
    open_to(office, whom)
    made = [book(office, at(hour), contact=each) for hour, each in ((10, known), (11, came), (14, make_contact()))]
    assert [each.status for each in made] == [AppointmentStatus.PENDING] * 3


@pytest.mark.parametrize("whom", list(OpenTo))
def test_staff_book_everything_at_once(office: Office, whom: OpenTo) -> None:
    assert book(open_to(office, whom), by=BY_STAFF).status == AppointmentStatus.BOOKED


@pytest.mark.parametrize("whom", [OpenTo.LINK, OpenTo.STAFF])
def test_what_is_on_no_list_cannot_be_had_by_its_id(office: Office, whom: OpenTo) -> None:
    open_to(office, whom)
    for ask in (book, hold, wait):
        with pytest.raises(ServiceEnded):
            ask(office)


def test_it_is_had_by_the_word_of_its_link(office: Office) -> None:
    open_to(office, OpenTo.LINK)
    kept = hold(office, service=WORD)
    assert book(office, service=WORD, hold=kept.public_id).status == AppointmentStatus.BOOKED
    assert wait(office, service=WORD).service_id == office.service.id


def test_a_word_is_one_of_its_practice(office: Office) -> None:
    open_to(office, OpenTo.LINK)
    with pytest.raises(NotFound):
        book(make_office(), service=WORD, therapist=None)


def test_a_renewed_link_ends_the_one_before(database: Session, office: Office) -> None:
    open_to(office, OpenTo.LINK)
    about = {"practice_id": office.practice.id, "service_public_id": office.service.public_id}
    renewed = renew_service_link(**about, by=BY_STAFF, now=NOW)
    assert renewed.link_word not in {None, WORD}
    for ask in (book, hold, wait):
        with pytest.raises(NotFound):
            ask(office, service=WORD)
    assert book(office, service=renewed.link_word)
    (line,) = database.query(PracticeEvent).all()
    assert (line.subject_public_id, line.details) == (office.service.public_id, {"renewed": True})


def test_only_what_is_on_no_list_has_a_link(office: Office) -> None:
    with pytest.raises(InvalidInput):
        renew_service_link(
            practice_id=office.practice.id, service_public_id=office.service.public_id, by=BY_STAFF, now=NOW
        )


@pytest.mark.parametrize("whom", list(OpenTo))
def test_what_is_booked_can_be_moved_and_waited_for_by_its_client(office: Office, whom: OpenTo) -> None:
    contact = make_contact()
    made = book(office, at(14, days=3), contact=contact)
    open_to(office, whom)
    seat = made.attendees[0].public_id
    assert wait(office, contact=contact, replaces=seat).replaces is not None
    hold(office, at(11), appointment_id=made.id)
    assert move(made, at(14)).status == AppointmentStatus.BOOKED


def test_nothing_sure_is_exchanged_for_a_request(office: Office) -> None:
    contact = make_contact()
    made = book(office, at(14, days=3), contact=contact)
    other = make_service(office.practice, open_to=OpenTo.KNOWN_CLIENTS)
    with pytest.raises(InvalidInput) as refused:
        wait(office, service=other.public_id, contact=contact, replaces=made.attendees[0].public_id)
    assert set(refused.value.fields) == {"replaces"}


def taken(office: Office, entry: WaitlistEntry) -> AppointmentStatus:
    """What becomes of an offer to somebody who waits, when they take it."""
    cancel(book(office, by=BY_STAFF))
    assert offer_freed_times(now=SOON) == 1
    (offer,) = offers_to(entry)
    return accept_offer(offer_public_id=offer.public_id, by=BY_CLIENT, now=LATER).status


@pytest.mark.parametrize("whom", list(OpenTo))
def test_whoever_takes_what_they_were_offered_is_a_request_unless_it_is_for_them(office: Office, whom: OpenTo) -> None:
    entry = wait(office)
    for_them = whom != OpenTo.KNOWN_CLIENTS
    assert taken(open_to(office, whom), entry) == (AppointmentStatus.BOOKED if for_them else AppointmentStatus.PENDING)


@pytest.mark.parametrize("whom", FOR_SOME)
def test_a_client_who_takes_it(office: Office, whom: OpenTo) -> None:
    contact = make_contact()
    book(office, at(14, days=4), contact=contact, by=BY_STAFF)
    entry = wait(office, contact=contact)
    known = whom == OpenTo.KNOWN_CLIENTS
    assert taken(open_to(office, whom), entry) == (AppointmentStatus.BOOKED if known else AppointmentStatus.PENDING)


def test_seats_in_a_group_are_never_requests(database: Session) -> None:
    group = make_office(service={"kind": ServiceKind.GROUP, "capacity": 4})
    assert book(open_to(group, OpenTo.KNOWN_CLIENTS)).status == AppointmentStatus.BOOKED
