"""What a message says, from the rows of the moment at which it is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db, transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, ReplyMeaning
from telehealth.domain.messages.discretion import Discretion
from telehealth.domain.messages.segments import measure_text
from telehealth.domain.ports import Email, Text
from telehealth.domain.words import AppointmentStatus, Approval, Mode
from telehealth.models import Appointment, Attendee, Client, InboundText, Message, Policy, Practice, Service, Therapist
from telehealth.services.appointments.approving import approve_request
from telehealth.services.appointments.attending import confirm_seat, set_status
from telehealth.services.consent.contact_correcting import RightContact, correct_contact
from telehealth.services.delivery.contents import NEEDED, write_content
from telehealth.services.messages.template_setting import Wording, save_template
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, cancel, make_contact, make_group_office, make_office
from tests.factories.rows import keep, number
from tests.moments import NOW, at
from tests.statements import listening

K = MessageKind
TEXT, EMAIL = Channel.TEXT, Channel.EMAIL


@pytest.fixture
def office(database: Session) -> Office:
    return make_office(practice={"grace_minutes": 0}, therapist={"name": "Dana Rivera"})


def change(model: Any, number: int, **given: Any) -> None:
    with transaction() as session:
        row = session.get_one(model, number)
        for name, value in given.items():
            setattr(row, name, value)


def about_client(appointment: Appointment, **given: Any) -> None:
    change(Client, appointment.attendees[0].client_id, **given)


def message(appointment: Appointment, kind: MessageKind, channel: Channel = TEXT, **given: Any) -> int:
    """A row of the outbox to the appointment's client, as planned: its id."""
    seat = appointment.attendees[0]
    usual: dict[str, Any] = {
        "practice_id": appointment.practice_id,
        "appointment_id": appointment.id,
        "attendee_id": seat.id,
        "recipient": f"attendee:{seat.public_id}",
        "kind": kind,
        "channel": channel,
        "version": appointment.sequence,
        "copy": 7,  # Beside what was planned by itself.
        "planned_for": NOW,
        "due_at": NOW,
        "not_after": appointment.starts_at,
        "created_at": NOW,
        "changed_at": NOW,
    }
    return keep(Message(**{**usual, **given})).id


def put(number: int, addresses: Addresses, *, now: datetime = NOW) -> Any:
    """In words, in a claim's own way."""
    with transaction() as session:
        statement = select(Message).where(Message.id == number).options(*NEEDED)
        found = session.scalars(statement.execution_options(populate_existing=True)).unique().one()
        return write_content(found, addresses, now=now)


def kept(number: int) -> Message:
    db.session.expire_all()
    return db.session.get_one(Message, number)


def test_what_was_sent_where_and_how_long_is_kept(office: Office, addresses: Addresses) -> None:
    made = book(office, at(10))
    number = message(made, K.REMINDER)
    said = put(number, addresses)
    row = kept(number)
    assert isinstance(said, Text)
    assert (row.body, row.sent_to, row.segments) == (said.body, said.to, measure_text(said.body).segments)
    assert said.to == "+13035550123"
    by_email = message(made, K.REMINDER, EMAIL)
    letter = put(by_email, addresses)
    assert (kept(by_email).sent_to, kept(by_email).segments) == (letter.to, None)
    assert "Reminder" in kept(by_email).subject
    assert "https://" not in kept(by_email).body


def test_spanish_for_whoever_reads_it(office: Office, addresses: Addresses) -> None:
    made = book(office, at(10))
    about_client(made, locale="es")
    said = put(message(made, K.REMINDER), addresses)
    assert "le recordamos su cita" in said.body
    assert measure_text(said.body).encoding == "GSM-7"
    letter = put(message(made, K.CONFIRMATION, EMAIL), addresses)
    assert letter.letter.language == "es"
    assert b"Cita con" in letter.invite.content
    to_therapist = message(
        made, K.CONFIRMATION, EMAIL, attendee_id=None, therapist_id=office.therapist.id, recipient="therapist:x"
    )
    assert put(to_therapist, addresses).letter.language == "en"


def test_a_safe_address_wins_over_what_was_typed(office: Office, addresses: Addresses) -> None:
    made = book(office, at(10))
    about_client(made, safe_phone="+13035550199", safe_email="safe@example.com")
    assert put(message(made, K.REMINDER), addresses).to == "+13035550199"
    letter = put(message(made, K.CONFIRMATION, EMAIL), addresses)
    assert letter.to == "safe@example.com"
    assert b"mailto:safe@example.com" in letter.invite.content.replace(b"\r\n ", b"")


def test_a_code_name_replaces_the_name_everywhere(office: Office, addresses: Addresses) -> None:
    contact = make_contact(name="Jane Doe", email="other@example.com")
    made = book(office, at(10), contact=contact)
    about_client(made, code_name="Blue Fox")
    change(Practice, office.practice.id, discretion=Discretion.NAMED)
    letter = put(message(made, K.CONFIRMATION, EMAIL), addresses)
    invited = Calendar.from_ical(letter.invite.content).walk("VEVENT")[0]["attendee"]
    assert letter.letter.greeting == "Hello Blue Fox,"
    assert (letter.to_name, invited.params["CN"]) == ("Blue Fox", "Blue Fox")
    assert "Office: Blue Fox, " in put(message(made, K.REMINDER), addresses).body
    to_therapist = message(
        made, K.CONFIRMATION, EMAIL, attendee_id=None, therapist_id=office.therapist.id, recipient="therapist:x"
    )
    assert ("With", "B. F.") in put(to_therapist, addresses).letter.facts


def test_how_much_is_said_is_the_practices_choice(office: Office, addresses: Addresses) -> None:
    made = book(office, at(10), mode=Mode.IN_PERSON, by=BY_STAFF)
    texts, letters = message(made, K.REMINDER), message(made, K.REMINDER, EMAIL)
    assert "Rivera" not in put(texts, addresses).body
    assert "Rivera" in str(put(letters, addresses).letter)
    change(Practice, office.practice.id, discretion=Discretion.BARE)
    assert "Rivera" not in str(put(letters, addresses).letter)
    change(Practice, office.practice.id, discretion=Discretion.NAMED)
    assert "Jane, a reminder of your appointment with Dana Rivera" in put(texts, addresses).body


class TestOrganiser:
    def test_is_what_the_first_invite_said(self, office: Office, addresses: Addresses) -> None:
        made, said = book(office, at(10)), f"mailto:{office.practice.email}"
        first = put(message(made, K.CONFIRMATION, EMAIL, copy=number()), addresses)
        change(Practice, office.practice.id, email="new@example.com")
        later = put(message(made, K.MOVED, EMAIL, copy=number()), replace(addresses, organizer="mail@example.com"))
        assert {organiser_of(each) for each in (first, later)} == {said}

    def test_aligns_with_the_sender_by_setting(self, office: Office, addresses: Addresses) -> None:
        made = book(office, at(10))
        sent = put(message(made, K.CONFIRMATION, EMAIL), replace(addresses, organizer="mail@example.com"))
        assert organiser_of(sent) == "mailto:mail@example.com"

    @pytest.mark.parametrize(("kind", "status"), [(K.CONFIRMATION, "CONFIRMED"), (K.CANCELLATION, "CANCELLED")])
    def test_nobody_invites_themselves(
        self, office: Office, addresses: Addresses, kind: MessageKind, status: str
    ) -> None:
        """A solo office has one mailbox: the therapist's copy tells, and asks for no answer."""
        change(Therapist, office.therapist.id, email=office.practice.email.upper())
        made = book(office, at(10))
        if kind == K.CANCELLATION:
            cancel(made)
        to_therapist = {"attendee_id": None, "therapist_id": office.therapist.id, "recipient": "therapist:x"}
        sent = put(message(made, kind, EMAIL, copy=number(), **to_therapist), addresses)
        calendar = Calendar.from_ical(sent.invite.content)
        (found,) = calendar.walk("VEVENT")
        assert sent.invite.method == calendar["METHOD"] == "PUBLISH"
        assert (found["STATUS"], "ATTENDEE" in found) == (status, False)
        assert found["ORGANIZER"] == f"mailto:{office.practice.email}"


def organiser_of(sent: Email) -> str:
    assert sent.invite is not None
    return str(Calendar.from_ical(sent.invite.content).walk("VEVENT")[0]["organizer"])


@pytest.mark.parametrize(
    ("own", "shown"),
    [
        ("{{ name }}, {{ therapist }} expects you {{ when }}", "expects you Tue, Nov 24 at 10:00 AM MST"),
        ("{{ when }} - {{ where }}", "Tue, Nov 24 at 10:00 AM MST"),
        ("{{ name }}", "Reminder: appointment on Tue, Nov 24 at 10:00 AM MST"),
    ],
)
def test_a_subject_is_as_neutral_as_an_entry(office: Office, addresses: Addresses, own: str, shown: str) -> None:
    made = book(office, at(10), by=BY_STAFF)
    about_client(made, code_name="Blue Fox")
    wanted = Wording(K.REMINDER, EMAIL, "en", "Hello {{ name }}", own)
    save_template(practice_id=office.practice.id, wanted=wanted, by=BY_STAFF, now=NOW)
    said = put(message(made, K.REMINDER, EMAIL), addresses).letter
    assert said.subject == shown
    assert said.paragraphs[0] == "Hello Blue Fox"


def assert_named(made: Appointment, addresses: Addresses, name: str) -> None:
    """What the e-mail and the text of an appointment call its client; nothing at all where they call them nothing."""
    change(Practice, made.practice_id, discretion=Discretion.NAMED)
    letter = put(message(made, K.CONFIRMATION, EMAIL, copy=number()), addresses)
    body = put(message(made, K.REMINDER, copy=number()), addresses).body
    invited = Calendar.from_ical(letter.invite.content).walk("VEVENT")[0]["attendee"]
    assert letter.to_name == name
    assert invited.params["CN"] == (name or letter.to)
    assert letter.letter.greeting == (f"Hello {name}," if name else "Hello,")
    assert body.startswith(f"Riverside Office: {name}, " if name == "Blue Fox" else "Riverside Office: ")
    assert ("Jane, " in body) == ("Jane" in name)
    assert name or "Jane" not in f"{letter.to_name}{letter.letter}{letter.invite.content!r}{body}"


class TestWhoIsNamed:
    """Anybody can type a name and a stranger's address: only what the practice knows is said to it."""

    def test_a_booking_proves_nothing(self, office: Office, addresses: Addresses) -> None:
        contact = make_contact(email="somebody@example.com")
        assert_named(book(office, at(10), contact=contact), addresses, "")

    def test_whom_staff_enter_they_know(self, office: Office, addresses: Addresses) -> None:
        assert_named(book(office, at(10), by=BY_STAFF), addresses, "Jane Doe")

    def test_a_name_that_staff_gave(self, office: Office, addresses: Addresses) -> None:
        made = book(office, at(10))
        about_client(made, code_name="Blue Fox")
        assert_named(made, addresses, "Blue Fox")

    def test_a_yes_to_their_request(self, office: Office, addresses: Addresses) -> None:
        change(Service, office.service.id, approval=Approval.ALWAYS)
        made = book(office, at(10), contact=make_contact(email="somebody@example.com"))
        assert_named(made, addresses, "")
        approve_request(practice_id=made.practice_id, appointment_id=made.id, by=BY_STAFF, now=NOW)
        assert_named(made, addresses, "Jane Doe")

    def test_whoever_came(self, office: Office, addresses: Addresses) -> None:
        contact = make_contact()
        first = book(office, at(10), contact=contact)
        book(office, at(12), contact=make_contact(name="Win a prize", email=contact.email))
        again = book(office, at(14), contact=contact)
        came = AppointmentStatus.FULFILLED
        set_status(practice_id=first.practice_id, appointment_id=first.id, status=came, by=BY_STAFF, now=at(11))
        assert_named(again, addresses, "Jane Doe")
        known = {each.name: each.known_at for each in db.session.scalars(select(Client))}
        assert known == {"Jane Doe": at(11), "Win a prize": None}

    def test_whose_address_staff_put_right(self, office: Office, addresses: Addresses) -> None:
        made = book(office, at(10))
        client = made.attendees[0].client.public_id
        right = RightContact(email="right@example.com", phone="(303) 555-0123")
        correct_contact(practice_id=made.practice_id, client_public_id=client, wish=right, by=BY_STAFF, now=NOW)
        assert_named(made, addresses, "Jane Doe")

    def test_what_the_client_does_proves_nothing(self, office: Office, addresses: Addresses) -> None:
        """Whoever books sees the link at once, and may confirm, too."""
        made = book(office, at(10), contact=make_contact(email="somebody@example.com"))
        confirm_seat(attendee_public_id=made.attendees[0].public_id, by=BY_CLIENT, now=NOW)
        assert_named(made, addresses, "")


def test_whoever_confirmed_is_not_asked_again(office: Office, addresses: Addresses) -> None:
    made = book(office, at(10))
    reminder = message(made, K.REMINDER)
    assert "Reply C to confirm, R to reschedule." in put(reminder, addresses).body
    change(Attendee, made.attendees[0].id, confirmed_at=NOW)
    assert "Reply R to reschedule." in put(reminder, addresses).body


def test_r_is_offered_only_when_it_would_work_now(office: Office, addresses: Addresses) -> None:
    made = book(office, at(10))
    number = message(made, K.REMINDER)
    assert "R to reschedule" in put(number, addresses).body
    policy = Policy(practice_id=office.practice.id, version=1, window_minutes=24 * 60, when_late="call", created_at=NOW)
    change(Appointment, made.id, policy_id=keep(policy).id)
    change(Message, number, body="")
    late = put(number, addresses, now=at(11, days=0)).body
    assert "R to reschedule" not in late
    assert "Reply C to confirm." in late


def test_r_is_never_offered_for_a_seat_in_a_group(database: Session, addresses: Addresses) -> None:
    made = book(make_group_office())
    said = put(message(made, K.REMINDER), addresses).body
    assert "R to reschedule" not in said
    assert "Reply C to confirm." in said


def test_the_way_in_names_its_day_when_it_goes_out_the_evening_before(office: Office, addresses: Addresses) -> None:
    made = book(office, at(10))
    link = message(made, K.JOIN_LINK)
    evening = made.starts_at - timedelta(hours=14)
    assert "starts on Tue, Nov 24 at 10:00 AM MST" in put(link, addresses, now=evening).body
    assert "starts at 10:00 AM MST" in put(link, addresses, now=made.starts_at - timedelta(minutes=15)).body


def test_own_words_and_the_usual_ones(office: Office, addresses: Addresses) -> None:
    made = book(office, at(10))

    def own(body: str, locale: str = "en", name: str = "") -> None:
        save_template(
            practice_id=office.practice.id,
            wanted=Wording(K.REMINDER, TEXT, locale, body, name=name),
            by=BY_STAFF,
            now=NOW,
        )

    own("see you {{ when }}.")
    own("do call us, {{ phone }}.", name="Evaluation")
    plain, named = message(made, K.REMINDER), message(made, K.REMINDER, template="Evaluation", minutes=5)
    gone = message(made, K.REMINDER, template="No longer there", minutes=6)
    assert "Office: see you Tue, Nov 24 at 10:00 AM MST. Reply STOP to end texts." in put(plain, addresses).body
    assert "Office: do call us, " in put(named, addresses).body
    assert "see you" in put(gone, addresses).body
    assert "is booked for" in put(message(made, K.CONFIRMATION), addresses).body
    about_client(made, locale="es")
    assert "le recordamos" in put(plain, addresses).body
    own("nos vemos {{ when }}.", "es")
    assert "nos vemos martes 24 de nov" in put(plain, addresses).body


def test_words_that_cannot_be_filled_in_do_not_stop_a_message(office: Office, addresses: Addresses) -> None:
    made = book(office, at(10))
    saved = save_template(
        practice_id=office.practice.id,
        wanted=Wording(K.REMINDER, TEXT, "en", "see you {{ when }}"),
        by=BY_STAFF,
        now=NOW,
    )
    dear = "{{ day" + "|trim" * 100 + " }}"  # As could be saved once.
    for broken in ("{{ gone }}", "{{ when", "{% for x in when %}{% endfor %}", dear, "{{ " + "(" * 1_500):
        change(type(saved), saved.id, body=broken)
        assert "reminder of your appointment" in put(message(made, K.REMINDER, copy=8 + len(broken)), addresses).body


def test_own_words_are_asked_for_once_in_a_batch(office: Office, addresses: Addresses) -> None:
    made = book(office, at(10))
    numbers = [message(made, K.REMINDER, minutes=each) for each in range(1, 6)]
    with transaction() as session:
        rows = session.scalars(select(Message).where(Message.id.in_(numbers)).options(*NEEDED)).unique().all()
        with listening() as asked:
            for each in rows:
                write_content(each, addresses, now=NOW)
    assert len([each for each in asked if each.startswith("SELECT")]) == 1


def test_an_unsure_text_keeps_its_words_and_its_number(office: Office, addresses: Addresses) -> None:
    made = book(office, at(10))
    number = message(made, K.REMINDER)
    before = put(number, addresses)
    change(Message, number, unsure=True)
    about_client(made, locale="es", safe_phone="+13035550199")
    assert put(number, addresses) == before


def test_after_a_missed_session(office: Office, addresses: Addresses) -> None:
    made = book(office, at(10))
    change(Attendee, made.attendees[0].id, status=AppointmentStatus.NOSHOW)
    later = made.ends_at + timedelta(hours=2)
    said = put(message(made, K.FOLLOW_UP), addresses, now=later)
    assert "we missed you on Tue, Nov 24" in said.body
    letter = put(message(made, K.FOLLOW_UP, EMAIL), addresses, now=later)
    assert [label for label, _ in letter.letter.actions] == ["Find another time"]
    assert letter.invite is None
    assert letter.unsubscribe_url.startswith(f"{addresses.base_url}/u/")
    assert letter.unsubscribe_url in letter.letter.closing[-1]
    assert put(message(made, K.REMINDER, EMAIL), addresses).unsubscribe_url == ""


def agenda(office: Office, day: date) -> int:
    row = Message(
        practice_id=office.practice.id,
        therapist_id=office.therapist.id,
        recipient=f"therapist:{office.therapist.public_id}",
        kind=K.AGENDA,
        channel=EMAIL,
        day=day,
        version=0,
        copy=7,
        planned_for=NOW,
        due_at=NOW,
        not_after=NOW + timedelta(days=1),
        created_at=NOW,
        changed_at=NOW,
    )
    return keep(row).id


def test_a_therapists_day(office: Office, addresses: Addresses) -> None:
    book(office, at(14), contact=make_contact(name="Ana Bell"))
    book(office, at(10), mode=Mode.PHONE)
    cancel(book(office, at(12)))
    book(office, at(10, days=2))
    said = put(agenda(office, at(10).date()), addresses)
    assert said.letter.facts == (
        ("10:00 AM to 10:50 AM MST", "J. D., by phone"),
        ("2:00 PM to 2:50 PM MST", "A. B., by video"),
    )
    assert said.to == office.therapist.email
    assert "Ana" not in str(said)
    assert put(agenda(office, date(2027, 5, 1)), addresses).letter.subject == "Saturday, May 1: nothing booked"


def test_several_things_in_one(office: Office, addresses: Addresses) -> None:
    """As they stand when it is sent, whatever the messages would have said; and nothing about the past."""
    contact = make_contact()
    first, second, third = (book(office, at(10, days=days), contact=contact) for days in (1, 2, 3))
    number = message(first, K.CATCH_UP, version=0)
    by_email = message(first, K.CATCH_UP, EMAIL, version=0)
    for each in (first, second, third):
        message(each, K.REMINDER, told_by_id=number)
        message(each, K.CONFIRMATION, told_by_id=number)
        message(each, K.REMINDER, EMAIL, told_by_id=by_email, minutes=4)
    cancel(third)
    said = put(number, addresses, now=first.starts_at + timedelta(minutes=1)).body
    assert said.splitlines()[1:3] == [
        f"Wed, Nov 25 at 10:00 AM MST, by video: booked. {addresses.manage(second.attendees[0])}",
        "Thu, Nov 26 at 10:00 AM MST: cancelled. Reply STOP to end texts.",
    ]
    letter = put(by_email, addresses)
    assert isinstance(letter, Email)
    assert len(letter.letter.actions) == 3
    with pytest.raises(ValueError, match="nothing is left"):
        put(number, addresses, now=third.ends_at)


@pytest.mark.parametrize("kind", [K.REPLY, K.NOTE])
def test_answers_are_sent_as_they_were_written(office: Office, addresses: Addresses, kind: MessageKind) -> None:
    change(Practice, office.practice.id, text_sender="+13035550177")
    inbound = keep(
        InboundText(
            practice_id=office.practice.id,
            provider_id="SM1",
            sender="+13035550142",
            recipient="+13035550177",
            body="Where do I park?",
            meaning=ReplyMeaning.OTHER,
            received_at=NOW,
        )
    )
    row = Message(
        practice_id=office.practice.id,
        inbound_id=inbound.id,
        recipient="phone:+13035550142",
        kind=kind,
        channel=TEXT,
        version=0,
        body="Behind the house – it’s free.",
        planned_for=NOW,
        due_at=NOW,
        not_after=NOW + timedelta(hours=1),
        created_at=NOW,
        changed_at=NOW,
    )
    number = keep(row).id
    named = f"{office.practice.sender_name}: "
    for _ in range(2):  # A second attempt names the practice once, too.
        said = put(number, addresses)
        assert said == replace(
            said, to="+13035550142", body=f"{named}Behind the house - it's free.", sender="+13035550177"
        )
    assert (kept(number).segments, kept(number).status) == (1, MessageStatus.PLANNED)


def test_a_row_that_names_nobody(office: Office, addresses: Addresses) -> None:
    made = book(office, at(10))
    with pytest.raises(ValueError, match="somebody who reads it"):
        put(message(made, K.CONFIRMATION, EMAIL, attendee_id=None, recipient="attendee:x"), addresses)
