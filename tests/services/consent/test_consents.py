"""Who wants what: yes and no, STOP and START, safe contacts, and what is planned after each of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from telehealth.database import transaction
from telehealth.domain.audit_words import Actor
from telehealth.domain.contact import TEXT_CONSENT
from telehealth.domain.errors import AlreadyCancelled, InvalidInput, NotAllowed, NotFound, OptedOut, TooLate
from telehealth.domain.message_words import Channel, ConsentSource, MessageStatus, Purpose, SuppressionReason
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment, Attendee, Client, Consent, Message, Suppression
from telehealth.queries.consent.opt_outs import find_opt_outs, latest_consents
from telehealth.services.audit import ActedBy
from telehealth.services.consent.consents import say_consent, set_texts
from telehealth.services.consent.contact_preferences import ContactPreferences, change_contact_preferences
from telehealth.services.consent.suppressions import (
    leave_address_alone,
    lift_suppression,
    start_texts,
    stop_texts,
    suppress_address,
)
from telehealth.services.messages.replanning import replan_stale
from tests.factories import book, cancel, make_contact, make_office, make_series, make_user, wait
from tests.factories.offices import Office
from tests.moments import NOW, at

ANA = {"name": "Ana Rivera", "email": "ana@example.com"}
PHONE, SENDER = "+13035550123", "+13035550000"
LATER = NOW + timedelta(minutes=5)
TEXT, EMAIL = Channel.TEXT, Channel.EMAIL


@pytest.fixture
def office(database: Any) -> Office:
    return make_office()


@pytest.fixture
def staff(office: Office) -> ActedBy:
    return ActedBy(Actor.STAFF, user_id=make_user(office.practice).id)


def said(database: Any, client_id: int | None = None) -> list[tuple[Channel, Purpose, bool, ConsentSource]]:
    database.rollback()
    rows = database.scalars(select(Consent).order_by(Consent.id)).all()
    mine = [each for each in rows if client_id in (None, each.client_id)]
    return [(each.channel, each.purpose, each.is_given, each.source) for each in mine]


def left_alone(database: Any) -> list[tuple[int, str, SuppressionReason]]:
    database.rollback()
    rows = database.scalars(
        select(Suppression).where(Suppression.ended_at.is_(None)).order_by(Suppression.practice_id, Suppression.id)
    )
    return [(each.practice_id, each.address, each.reason) for each in rows]


def waiting(database: Any, appointment: Appointment, channel: Channel = TEXT) -> int:
    """How many messages to its clients are planned."""
    database.rollback()
    planned = select(Message).where(
        Message.appointment_id == appointment.id,
        Message.channel == channel,
        Message.attendee_id.is_not(None),
        Message.status == MessageStatus.PLANNED,
    )
    return len(database.scalars(planned).all())


def seat_of(database: Any, appointment: Appointment, number: int = 0) -> Attendee:
    database.rollback()
    mine = select(Attendee).where(Attendee.appointment_id == appointment.id).order_by(Attendee.id)
    found: Attendee = database.scalars(mine.execution_options(populate_existing=True)).all()[number]
    return found


def client_of(database: Any, appointment: Appointment) -> Client:
    found: Client = database.get(Client, seat_of(database, appointment).client_id, populate_existing=True)
    return found


def say(database: Any, appointment: Appointment, by: ActedBy, **given: Any) -> None:
    usual = {
        "channel": TEXT,
        "purpose": Purpose.APPOINTMENTS,
        "is_given": False,
        "source": ConsentSource.PHONE,
        "wording": "No texts, please.",
        "now": LATER,
    }
    client = client_of(database, appointment)
    say_consent(practice_id=client.practice_id, client_public_id=client.public_id, by=by, **{**usual, **given})


class TestTheBox:
    """What is ticked on a form is kept as it was shown."""

    def test_booking(self, office: Office, database: Any) -> None:
        book(office, at(10))
        rows = database.scalars(select(Consent)).all()
        assert {each.purpose for each in rows} == set(Purpose)
        wording = TEXT_CONSENT.format(sender=office.practice.sender_name)
        facts = {(each.channel, each.is_given, each.source, each.wording, each.address, each.at) for each in rows}
        assert facts == {(TEXT, True, ConsentSource.FORM, wording, PHONE, NOW)}

    def test_not_ticked_is_nothing_said(self, office: Office, database: Any) -> None:
        book(office, at(10), contact=make_contact(wants_texts=False))
        assert said(database) == []

    def test_the_same_again_is_not_written_again(self, office: Office, database: Any) -> None:
        contact = make_contact()
        book(office, at(10), contact=contact)
        book(office, at(12), contact=contact)
        assert len(said(database)) == len(Purpose)

    def test_another_number_is(self, office: Office, database: Any) -> None:
        book(office, at(10), contact=make_contact(email="jane@example.com"))
        book(office, at(12), contact=make_contact(email="jane@example.com", phone="+13035550177"))
        assert len(said(database)) == 2 * len(Purpose)

    def test_each_of_a_couple_for_themselves(self, database: Any) -> None:
        office = make_office(service={"kind": "couple", "capacity": 2})
        made = book(office, at(10), others=(make_contact(name="Alex Roe", wants_texts=False),))
        assert {each.client_id for each in database.scalars(select(Consent))} == {made.attendees[0].client_id}

    def test_waiting(self, office: Office, database: Any) -> None:
        wait(office)
        assert (TEXT, Purpose.OFFERS, True, ConsentSource.FORM) in said(database)

    def test_a_box_about_appointments_does_not_take_back_a_no_to_offers(
        self, office: Office, staff: ActedBy, database: Any
    ) -> None:
        contact = make_contact()
        made = book(office, at(10), contact=contact)
        say(database, made, staff, purpose=Purpose.OFFERS)
        say(database, made, staff)
        book(office, at(12), contact=contact, now=LATER)
        latest = latest_consents([made.attendees[0].client_id])
        given = {purpose: latest[made.attendees[0].client_id, TEXT, purpose].is_given for purpose in Purpose}
        assert given == {Purpose.APPOINTMENTS: True, Purpose.OFFERS: False, Purpose.FOLLOW_UPS: True}


class TestStop:
    def test_no_more_texts_and_e_mail_goes_on(self, office: Office, database: Any) -> None:
        made = book(office, at(10))
        assert waiting(database, made) > 0
        emails = waiting(database, made, EMAIL)
        assert stop_texts(phone=PHONE, now=LATER) == 1
        assert waiting(database, made) == 0
        assert waiting(database, made, EMAIL) > emails  # The link to join, too, which would have been a text alone.
        assert left_alone(database) == [(office.practice.id, PHONE, SuppressionReason.STOP)]
        assert {row for row in said(database) if not row[2]} == {
            (TEXT, purpose, False, ConsentSource.TEXT) for purpose in Purpose
        }

    def test_it_cancels_nothing(self, office: Office, database: Any) -> None:
        made = book(office, at(10))
        stop_texts(phone=PHONE, now=LATER)
        seat = seat_of(database, made)
        assert (seat.status, seat.appointment.status) == (AppointmentStatus.BOOKED, AppointmentStatus.BOOKED)
        assert seat.text_consent_at is not None

    def test_every_practice_that_knows_the_number(self, office: Office, database: Any) -> None:
        other, stranger = make_office(), make_office()
        here, there = book(office, at(10)), book(other, at(10))
        elsewhere = book(stranger, at(10), contact=make_contact(phone="+13035550177"))
        assert stop_texts(phone=PHONE, now=LATER) == 2
        assert (waiting(database, here), waiting(database, there)) == (0, 0)
        assert waiting(database, elsewhere) > 0
        assert {practice for practice, _, _ in left_alone(database)} == {office.practice.id, other.practice.id}

    def test_twice_is_as_good_as_once(self, office: Office, database: Any) -> None:
        book(office, at(10))
        stop_texts(phone=PHONE, now=LATER)
        before = (said(database), left_alone(database))
        stop_texts(phone=PHONE, now=LATER)
        assert (said(database), left_alone(database)) == before

    def test_from_a_stranger(self, office: Office, database: Any) -> None:
        book(office, at(10), contact=make_contact(phone="+13035550177"))
        assert stop_texts(phone=PHONE, now=LATER) == 0
        assert left_alone(database) == []

    def test_an_old_number_says_no_for_nobody(self, office: Office, database: Any) -> None:
        """It may be somebody else's by now: the number is left alone, and the client goes on with the new one."""
        book(office, at(10), contact=make_contact(email="jane@example.com"))
        new = book(office, at(12), contact=make_contact(email="jane@example.com", phone="+13035550177"))
        stop_texts(phone=PHONE, now=LATER)
        assert all(is_given for _, _, is_given, _ in said(database))
        assert waiting(database, new) > 0

    def test_booking_again_does_not_end_it(self, office: Office, database: Any) -> None:
        contact = make_contact()
        book(office, at(10), contact=contact)
        stop_texts(phone=PHONE, now=LATER)
        again = book(office, at(12), contact=contact, now=LATER)
        assert said(database)[-1] == (TEXT, Purpose.APPOINTMENTS, True, ConsentSource.FORM)
        assert waiting(database, again) == 0

    def test_staff_cannot_end_it_without_a_sentence(self, office: Office, staff: ActedBy, database: Any) -> None:
        book(office, at(10))
        stop_texts(phone=PHONE, now=LATER)
        row = database.scalar(select(Suppression))
        with pytest.raises(OptedOut):
            lift_suppression(practice_id=office.practice.id, suppression_public_id=row.public_id, by=staff, now=LATER)
        assert len(left_alone(database)) == 1


class TestStart:
    def test_texts_begin_again(self, office: Office, database: Any) -> None:
        made = book(office, at(10))
        texts = waiting(database, made)
        stop_texts(phone=PHONE, now=LATER)
        assert start_texts(phone=PHONE, sender=SENDER, now=LATER) == 1
        assert waiting(database, made) == texts
        assert left_alone(database) == []
        row = database.scalars(select(Suppression)).one()
        assert (row.ended_at, row.ended_by, row.ended_by_id) == (LATER, Actor.CLIENT, None)
        assert set(said(database)[-3:]) == {(TEXT, each, True, ConsentSource.TEXT) for each in Purpose}

    def test_it_takes_back_stop_and_nothing_else(self, office: Office, staff: ActedBy, database: Any) -> None:
        made = book(office, at(10))
        say(database, made, staff, purpose=Purpose.OFFERS)
        leave_address_alone(practice_id=office.practice.id, channel=TEXT, address=PHONE, by=staff, now=LATER)
        stop_texts(phone=PHONE, now=LATER)
        start_texts(phone=PHONE, sender=SENDER, now=LATER)
        assert left_alone(database) == [(office.practice.id, PHONE, SuppressionReason.STAFF)]
        assert (
            latest_consents([made.attendees[0].client_id])[made.attendees[0].client_id, TEXT, Purpose.OFFERS].is_given
            is False
        )
        assert waiting(database, made) == 0

    def test_it_is_for_those_who_text_from_there(self, office: Office, database: Any) -> None:
        other = make_office(practice={"text_sender": "+13035550999"})
        book(office, at(10))
        book(other, at(10))
        stop_texts(phone=PHONE, now=LATER)
        assert start_texts(phone=PHONE, sender=SENDER, now=LATER) == 1
        assert left_alone(database) == [(other.practice.id, PHONE, SuppressionReason.STOP)]
        assert start_texts(phone=PHONE, sender="+13035550999", now=LATER) == 1
        assert left_alone(database) == []

    def test_a_messaging_service_may_send_from_any_number(self, office: Office, database: Any) -> None:
        pooled = make_office(practice={"text_sender": f"MG{'0' * 32}"})
        book(pooled, at(10))
        stop_texts(phone=PHONE, now=LATER)
        assert start_texts(phone=PHONE, sender=SENDER, now=LATER) == 1
        assert left_alone(database) == []

    def test_without_stop_it_changes_nothing(self, office: Office, database: Any) -> None:
        book(office, at(10))
        before = said(database)
        start_texts(phone=PHONE, sender=SENDER, now=LATER)
        assert said(database) == before


class TestStaff:
    def test_a_no_by_phone(self, office: Office, staff: ActedBy, database: Any) -> None:
        made = book(office, at(10))
        say(database, made, staff)
        row = database.scalars(select(Consent).order_by(Consent.id.desc())).first()
        assert (row.wording, row.address, row.user_id, row.at) == ("No texts, please.", PHONE, staff.user_id, LATER)
        assert waiting(database, made) == 0
        assert waiting(database, made, EMAIL) > 0

    def test_it_counts_for_every_appointment_and_for_nobody_else(
        self, office: Office, staff: ActedBy, database: Any
    ) -> None:
        contact = make_contact()
        first, second = book(office, at(10), contact=contact), book(office, at(12), contact=contact)
        other = book(office, at(14))
        say(database, first, staff)
        assert [waiting(database, each) > 0 for each in (first, second, other)] == [False, False, True]

    def test_a_yes_by_phone(self, office: Office, staff: ActedBy, database: Any) -> None:
        made = book(office, at(10), contact=make_contact(wants_texts=False))
        assert waiting(database, made) == 0
        say(database, made, staff, is_given=True, wording="Please text me.")
        seat = seat_of(database, made)
        assert (seat.text_consent_at, seat.text_consent_wording) == (LATER, "Please text me.")
        assert waiting(database, made) > 0

    def test_no_e_mail_either(self, office: Office, staff: ActedBy, database: Any) -> None:
        made = book(office, at(10))
        say(database, made, staff, channel=EMAIL)
        assert waiting(database, made, EMAIL) == 0
        assert waiting(database, made) > 0

    def test_a_client_cannot_refuse_e_mail_about_appointments(self, office: Office, database: Any) -> None:
        made = book(office, at(10))
        with pytest.raises(NotAllowed):
            say(database, made, ActedBy(Actor.CLIENT), channel=EMAIL, source=ConsentSource.LINK)
        say(database, made, ActedBy(Actor.CLIENT), channel=EMAIL, source=ConsentSource.LINK, purpose=Purpose.OFFERS)
        assert waiting(database, made, EMAIL) > 0

    def test_of_another_practice(self, office: Office, staff: ActedBy, database: Any) -> None:
        made = book(make_office(), at(10))
        client = client_of(database, made)
        with pytest.raises(NotFound):
            say_consent(
                practice_id=office.practice.id,
                client_public_id=client.public_id,
                channel=TEXT,
                purpose=Purpose.OFFERS,
                is_given=False,
                source=ConsentSource.PHONE,
                by=staff,
                now=NOW,
            )

    def test_do_not_text_this_number(self, office: Office, staff: ActedBy, database: Any) -> None:
        made = book(office, at(10))
        kept = leave_address_alone(
            practice_id=office.practice.id, channel=TEXT, address="(303) 555-0123", by=staff, now=LATER
        )
        assert (kept, waiting(database, made)) == (PHONE, 0)
        row = database.scalar(select(Suppression))
        for later in (LATER, LATER + timedelta(hours=1)):
            lift_suppression(practice_id=office.practice.id, suppression_public_id=row.public_id, by=staff, now=later)
        assert (left_alone(database), waiting(database, made) > 0) == ([], True)
        row = database.scalars(select(Suppression)).one()
        assert (row.ended_at, row.ended_by, row.ended_by_id) == (LATER, Actor.STAFF, staff.user_id)

    def test_it_is_for_one_practice(self, office: Office, staff: ActedBy, database: Any) -> None:
        other = book(make_office(), at(10))
        leave_address_alone(practice_id=office.practice.id, channel=TEXT, address=PHONE, by=staff, now=LATER)
        assert waiting(database, other) > 0

    @pytest.mark.parametrize(("channel", "typed"), [(TEXT, "12"), (TEXT, ""), (EMAIL, "nonsense")])
    def test_what_cannot_be_one(self, office: Office, staff: ActedBy, channel: Channel, typed: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            leave_address_alone(practice_id=office.practice.id, channel=channel, address=typed, by=staff, now=NOW)
        assert set(refusal.value.fields) == {"address"}

    def test_only_staff(self, office: Office) -> None:
        with pytest.raises(NotAllowed):
            leave_address_alone(
                practice_id=office.practice.id, channel=TEXT, address=PHONE, by=ActedBy(Actor.CLIENT), now=NOW
            )
        with pytest.raises(NotAllowed):
            lift_suppression(
                practice_id=office.practice.id, suppression_public_id="x", by=ActedBy(Actor.CLIENT), now=NOW
            )


class TestSuppress:
    """What a provider says, written down by whoever holds the message."""

    def _suppress(
        self, office: Office, reason: SuppressionReason, channel: Channel = TEXT, address: str = PHONE
    ) -> None:
        with transaction() as session:
            suppress_address(
                session, practice_id=office.practice.id, channel=channel, address=address, reason=reason, now=LATER
            )

    def test_what_waits_is_planned_anew_by_the_tick(self, office: Office, database: Any) -> None:
        made = book(office, at(10))
        self._suppress(office, SuppressionReason.BLOCKED)
        self._suppress(office, SuppressionReason.BLOCKED)
        assert left_alone(database) == [(office.practice.id, PHONE, SuppressionReason.BLOCKED)]
        replan_stale(now=LATER)
        assert waiting(database, made) == 0
        assert waiting(database, made, EMAIL) > 0

    def test_reasons_stand_side_by_side(self, office: Office, staff: ActedBy, database: Any) -> None:
        book(office, at(10))
        self._suppress(office, SuppressionReason.BAD_ADDRESS)
        leave_address_alone(practice_id=office.practice.id, channel=TEXT, address=PHONE, by=staff, now=LATER)
        stop_texts(phone=PHONE, now=LATER)
        assert len(left_alone(database)) == 3
        withheld = find_opt_outs(office.practice.id, client_ids=[], addresses=[PHONE])
        assert withheld.suppressed == {(TEXT, PHONE): SuppressionReason.STOP}

    def test_large_and_small_letters_are_one_address(self, office: Office, database: Any) -> None:
        made = book(office, at(10), contact=make_contact(email="Jane@Example.com"))
        self._suppress(office, SuppressionReason.BAD_ADDRESS, EMAIL, "JANE@example.com")
        replan_stale(now=LATER)
        assert waiting(database, made, EMAIL) == 0


class TestSafeContact:
    def _change(self, office: Office, database: Any, made: Appointment, by: ActedBy, **given: str) -> Client:
        wish = ContactPreferences(**{"locale": "en", **given})
        client = client_of(database, made)
        return change_contact_preferences(
            practice_id=office.practice.id, client_public_id=client.public_id, wish=wish, by=by, now=LATER
        )

    def test_it_wins_over_what_is_typed(self, office: Office, staff: ActedBy, database: Any) -> None:
        contact = make_contact()
        made = book(office, at(10), contact=contact)
        changed = self._change(
            office, database, made, staff, safe_phone="303 555 0199", safe_email="Safe@Example.org", code_name="Sam"
        )
        facts = (changed.safe_phone, changed.safe_email, changed.code_name)
        assert facts == ("+13035550199", "Safe@example.org", "Sam")
        later = seat_of(database, book(office, at(12), contact=contact, now=LATER))
        assert later.phone == PHONE
        assert stop_texts(phone=PHONE, now=LATER) == 1
        assert waiting(database, made) > 0  # The typed number is not theirs to be reached at.

    def test_stop_from_the_safe_number(self, office: Office, staff: ActedBy, database: Any) -> None:
        made = book(office, at(10))
        self._change(office, database, made, staff, safe_phone="303 555 0199")
        stop_texts(phone="+13035550199", now=LATER)
        assert waiting(database, made) == 0

    def test_what_cannot_be_used_is_told_at_once(self, office: Office, staff: ActedBy, database: Any) -> None:
        made = book(office, at(10))
        with pytest.raises(InvalidInput) as refusal:
            self._change(
                office,
                database,
                made,
                staff,
                locale="xx",
                code_name="see https://example.com",
                safe_phone="12",
                safe_email="nonsense",
                contact_note="x" * 1001,
            )
        assert set(refusal.value.fields) == {"locale", "code_name", "safe_phone", "safe_email", "contact_note"}

    def test_only_staff(self, office: Office, database: Any) -> None:
        made = book(office, at(10))
        with pytest.raises(NotAllowed):
            self._change(office, database, made, ActedBy(Actor.CLIENT))

    def test_the_audit_says_that_and_not_what(self, office: Office, staff: ActedBy, database: Any) -> None:
        made = book(office, at(10))
        self._change(office, database, made, staff, safe_email="safe@example.org")
        line, ended = seat_of(database, made).appointment.events[-2:]
        assert (line.action, line.user_id, set(line.details)) == ("contact_changed", staff.user_id, {"sequence"})
        assert (ended.action, ended.user_id, set(ended.details)) == (
            "links_ended",
            staff.user_id,
            {"sequence", "attendee"},
        )


class TestByLink:
    def test_off_is_for_all_and_on_for_this_seat(self, office: Office, database: Any) -> None:
        contact = make_contact()
        first, second = book(office, at(10), contact=contact), book(office, at(12), contact=contact)
        link, client = first.attendees[0], ActedBy(Actor.CLIENT)
        set_texts(link=link, wants=False, by=client, now=LATER)
        assert said(database)[-1] == (TEXT, Purpose.APPOINTMENTS, False, ConsentSource.LINK)
        assert [waiting(database, each) for each in (first, second)] == [0, 0]
        set_texts(link=link, wants=True, by=client, now=LATER)
        assert said(database)[-1] == (TEXT, Purpose.APPOINTMENTS, True, ConsentSource.FORM)
        assert all(waiting(database, each) > 0 for each in (first, second))

    def test_of_a_past_appointment(self, office: Office, database: Any) -> None:
        made = book(office, at(10))
        after = at(12, days=3)
        set_texts(link=made.attendees[0], wants=False, by=ActedBy(Actor.CLIENT), now=after)
        assert said(database)[-1][2] is False

    @pytest.mark.parametrize(
        ("is_off", "now", "error"),
        [(True, LATER, AlreadyCancelled), (False, at(10), TooLate), (False, at(12, days=3), TooLate)],
    )
    def test_a_yes_only_before_it_begins_and_a_no_at_any_time(
        self, office: Office, database: Any, is_off: bool, now: datetime, error: type[Exception]
    ) -> None:
        made = book(office, at(10), contact=make_contact(wants_texts=False))
        if is_off:
            cancel(made)
        link, client = made.attendees[0], ActedBy(Actor.CLIENT)
        with pytest.raises(error):
            set_texts(link=link, wants=True, phone="(303) 555-0188", by=client, now=now)
        wish: dict[str, Any] = {
            "practice_id": office.practice.id,
            "client_public_id": client_of(database, made).public_id,
            "channel": Channel.EMAIL,
            "purpose": Purpose.OFFERS,
            "source": ConsentSource.LINK,
            "by": client,
            "link": link,
            "now": now,
        }
        with pytest.raises(error):
            say_consent(**wish, is_given=True)
        seat = seat_of(database, made)
        assert (said(database), seat.phone, seat.text_consent_at) == ([], PHONE, None)
        set_texts(link=link, wants=False, by=client, now=now)
        say_consent(**wish, is_given=False)
        assert [each[2] for each in said(database)] == [False, False]


def test_a_request_can_be_stopped_too(database: Any) -> None:
    office = make_office(service={"approval": "always"})
    made = book(office, at(10), mode=Mode.VIRTUAL)
    stop_texts(phone=PHONE, now=LATER)
    assert waiting(database, made) == 0


class TestWhenStaffBook:
    """Reminders go on for whoever wants them, without asking again each time."""

    def test_a_standing_yes_holds(self, office: Office, staff: ActedBy) -> None:
        first = book(office, at(10), contact=make_contact(**ANA, wants_texts=True))
        contact = make_contact(**ANA, wants_texts=False)
        by_staff = book(office, at(12), contact=contact, by=staff)
        assert by_staff.attendees[0].text_consent_at == first.attendees[0].text_consent_at
        assert by_staff.attendees[0].text_consent_wording == first.attendees[0].text_consent_wording

    def test_for_a_standing_slot_as_well(self, office: Office, staff: ActedBy) -> None:
        book(office, at(10), contact=make_contact(**ANA, wants_texts=True))
        series = make_series(office, contacts=[make_contact(**ANA, wants_texts=False)], by=staff)
        assert series.members[0].text_consent_at == NOW

    def test_not_when_the_client_leaves_the_box_empty(self, office: Office) -> None:
        book(office, at(10), contact=make_contact(**ANA, wants_texts=True))
        assert book(office, at(12), contact=make_contact(**ANA, wants_texts=False)).attendees[0].text_consent_at is None

    def test_not_for_somebody_who_never_said_yes(self, office: Office, staff: ActedBy) -> None:
        contact = make_contact(**ANA, wants_texts=False)
        assert book(office, at(12), contact=contact, by=staff).attendees[0].text_consent_at is None
