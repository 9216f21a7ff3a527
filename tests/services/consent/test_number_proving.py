"""Codes that prove a number: one short text, few of them, few guesses, and nothing that tells who somebody is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import Actor, Via
from telehealth.domain.errors import InvalidInput, NumberNotProved, TooManyCodes
from telehealth.domain.links import make_code
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.domain.messages.number_codes import LASTS, MOST_TRIES, PROOF_LASTS, RESTS_FOR, Proof
from telehealth.domain.ports import Gateways, Remedy
from telehealth.models import Appointment, Consent, Message, NumberCode, Task
from telehealth.queries.delivery.outbox import is_code_lost
from telehealth.services.audit import ActedBy
from telehealth.services.consent.number_proving import (
    KEPT_FOR,
    forget_typed_numbers,
    prove_number,
    send_number_code,
)
from telehealth.services.consent.suppressions import leave_address_alone, stop_texts
from telehealth.services.delivery.claiming import claim_messages
from tests.delivering import deliver_one
from tests.factories import BY_STAFF, Office, book, make_contact, make_office
from tests.fakes import FakeClock, FakeTexts
from tests.moments import NOW, at

PHONE, OTHER = "+13035550123", "+13035550188"
SECRET = "page-0123456789012345678901"
VISITOR = ActedBy(Actor.CLIENT, via=Via.PAGE, remote_address="198.51.100.7")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(practice={"books_phone_only": True})


def send(office: Office, phone: str = PHONE, secret: str = SECRET, **given: object) -> NumberCode:
    usual = {"locale": "en", "by": VISITOR, "now": NOW}
    return send_number_code(practice_id=office.practice.id, phone=phone, secret=secret, **{**usual, **given})


def prove(
    office: Office, typed: str, phone: str = PHONE, secret: str = SECRET, *, later: timedelta = HOUR * 0
) -> Proof:
    about = {"practice_id": office.practice.id, "phone": phone, "secret": secret}
    return prove_number(**about, typed=typed, addresses=KEYS, now=NOW + later)


KEYS = Addresses("http://localhost", ["the key of these tests"])


def code(made: NumberCode) -> str:
    return KEYS.number_code(made.public_id)


def wrong(made: NumberCode) -> str:
    return f"{(int(code(made)) + 1) % 10**6:06}"


def carry(gateways: Gateways, clock: FakeClock) -> None:
    while claimed := claim_messages(worker="w", addresses=KEYS, limit=100, now=clock()):
        for each in claimed:
            deliver_one(each, gateways=gateways, now=clock())


def by_phone_only(**given: object) -> dict[str, object]:
    contact = make_contact(**{"name": "Ana Rivera", "email": "", "phone": PHONE, "wants_texts": True, **given})
    return {"contact": contact, "by": VISITOR, "secret": SECRET}


class TestTheText:
    def test_it_says_the_code_and_nothing_of_an_appointment(
        self, office: Office, gateways: Gateways, clock: FakeClock, texts: FakeTexts
    ) -> None:
        made = send(office)
        carry(gateways, clock)
        (text,) = texts.sent
        assert text.to == PHONE
        assert text.body == (
            f"{office.practice.sender_name}: {code(made)} is your code. It works for 10 minutes. "
            "If you did not ask, ignore this."
        )
        assert text.expires_at == NOW + LASTS

    def test_in_spanish_too_and_in_one_piece(
        self, office: Office, gateways: Gateways, clock: FakeClock, texts: FakeTexts
    ) -> None:
        send(office, locale="es")
        carry(gateways, clock)
        assert "es su clave. Sirve 10 minutos." in texts.sent[0].body
        assert db.session.scalars(select(Message.segments)).all() == [1]

    def test_no_row_holds_it(self, office: Office, gateways: Gateways, clock: FakeClock) -> None:
        made = send(office)
        carry(gateways, clock)
        message = db.session.scalars(select(Message)).one()
        assert (message.kind, message.channel, message.status) == (
            MessageKind.CODE, Channel.TEXT, MessageStatus.ACCEPTED,
        )  # fmt: skip
        assert code(made) not in message.body
        assert "••••••" in message.body
        assert code(made) not in {made.public_id, made.asked_by}

    def test_it_goes_at_any_hour_and_counts_for_no_day(
        self, office: Office, gateways: Gateways, clock: FakeClock, texts: FakeTexts
    ) -> None:
        clock.advance(timedelta(hours=11))  # In the middle of the night.
        send(office, now=clock())
        carry(gateways, clock)
        assert len(texts.sent) == 1

    def test_a_doubtful_one_is_the_same_when_it_goes_again(
        self, office: Office, gateways: Gateways, clock: FakeClock, texts: FakeTexts
    ) -> None:
        texts.fail_next(Remedy.ASK, taken=True)
        send(office)
        carry(gateways, clock)
        clock.advance(timedelta(minutes=3))
        carry(gateways, clock)
        assert len(texts.sent) == 1

    def test_who_has_ended_texts_gets_none_and_nobody_is_told(
        self, office: Office, gateways: Gateways, clock: FakeClock, texts: FakeTexts
    ) -> None:
        book(office, at(10), contact=make_contact(phone=PHONE, wants_texts=True), by=BY_STAFF)
        stop_texts(phone=PHONE, now=NOW)
        clock.advance(timedelta(minutes=1))
        send(office, now=clock())
        carry(gateways, clock)
        assert [each for each in texts.sent if "code" in each.body] == []
        assert not is_code_lost(office.practice.id, PHONE, SECRET)

    def test_a_landline_is_said_and_is_no_task(
        self, office: Office, gateways: Gateways, clock: FakeClock, texts: FakeTexts
    ) -> None:
        texts.fail_next(Remedy.BAD_ADDRESS)
        send(office)
        carry(gateways, clock)
        assert is_code_lost(office.practice.id, PHONE, SECRET)
        assert not is_code_lost(office.practice.id, PHONE, "page-another-form")
        assert db.session.scalars(select(Task)).all() == []
        # The next one is not even tried.
        send(office, secret="page-another-form", now=NOW + HOUR)
        clock.advance(HOUR)
        carry(gateways, clock)
        assert texts.attempts == 1
        assert is_code_lost(office.practice.id, PHONE, "page-another-form")

    def test_a_number_that_was_left_alone_on_purpose_is_left_alone(
        self, office: Office, gateways: Gateways, clock: FakeClock, texts: FakeTexts
    ) -> None:
        about = {"practice_id": office.practice.id, "channel": Channel.TEXT, "by": BY_STAFF, "now": NOW}
        leave_address_alone(address=PHONE, **about)
        send(office)
        carry(gateways, clock)
        assert texts.sent == []
        assert db.session.scalars(select(Message.reason)).all() == [Reason.TEXT_LEFT_ALONE]


class TestGuessing:
    def test_the_right_one_proves_it_however_it_is_typed(self, office: Office) -> None:
        made = send(office)
        typed = code(made)
        assert prove(office, f" {typed[:3]} {typed[3:]}") == Proof.PROVED
        assert prove(office, "nonsense") == Proof.PROVED  # It is proved, whatever is pressed next.

    def test_a_few_wrong_ones_spend_it(self, office: Office) -> None:
        made = send(office)
        assert [prove(office, wrong(made)) for _ in range(MOST_TRIES)] == [Proof.WRONG] * 4 + [Proof.SPENT]
        assert prove(office, code(made)) == Proof.SPENT

    @pytest.mark.parametrize("typed", ["", "12345", "1234567", "١٢٣٤٥٦", "\ud800", "12e456", "-00001", "’ OR 1=1"])
    def test_anything_else_is_wrong(self, office: Office, typed: str) -> None:
        send(office)
        assert prove(office, typed) == Proof.WRONG

    def test_it_counts_for_ten_minutes_and_its_proof_for_thirty(self, office: Office) -> None:
        made = send(office)
        assert prove(office, code(made), later=LASTS) == Proof.OVER
        assert prove(office, code(made), later=LASTS - timedelta(seconds=1)) == Proof.PROVED
        assert prove(office, code(made), later=LASTS + PROOF_LASTS) == Proof.OVER

    def test_it_counts_for_the_form_the_number_and_the_practice_that_asked(self, office: Office) -> None:
        made, elsewhere = send(office), make_office(practice={"books_phone_only": True})
        assert prove(office, code(made), secret="page-of-a-stranger") == Proof.OVER
        assert prove(office, code(made), phone=OTHER) == Proof.OVER
        assert prove(elsewhere, code(made)) == Proof.OVER

    def test_guesses_in_many_browsers_are_few_in_a_day(self, office: Office) -> None:
        """Each browser has a code of its own to guess, and a number has few codes."""
        guesses = 0
        for number in range(40):
            by = replace(VISITOR, remote_address=f"198.51.{number}.7")
            try:
                made = send(office, secret=f"page-{number}", by=by, now=NOW + number * timedelta(minutes=35))
            except TooManyCodes:
                continue
            later = number * timedelta(minutes=35)
            while prove(office, wrong(made), secret=f"page-{number}", later=later) == Proof.WRONG:
                guesses += 1
            guesses += 1
        assert guesses == 5 * MOST_TRIES

    def test_a_new_one_replaces_it(self, office: Office) -> None:
        first = send(office)
        second = send(office, now=NOW + RESTS_FOR)
        assert prove(office, code(first), later=RESTS_FOR) == Proof.WRONG
        assert prove(office, code(second), later=RESTS_FOR) == Proof.PROVED

    def test_after_a_change_of_keys_it_still_counts(self, office: Office) -> None:
        made = send(office)
        new = Addresses("http://localhost", ["a new key", *KEYS.keys])
        about = {"practice_id": office.practice.id, "phone": PHONE, "secret": SECRET}
        assert prove_number(**about, typed=code(made), addresses=new, now=NOW) == Proof.PROVED


class TestBombing:
    def test_a_double_click_is_one_text(self, office: Office) -> None:
        assert send(office).id == send(office, now=NOW + RESTS_FOR - timedelta(seconds=1)).id

    def test_one_number_gets_few_whoever_asks_and_wherever(self, office: Office) -> None:
        offices = [office, *(make_office(practice={"books_phone_only": True}) for _ in range(4))]
        for number, each in enumerate(offices[:3]):
            send(each, secret=f"page-{number}", by=replace(VISITOR, remote_address=f"198.51.{number}.1"))
        with pytest.raises(TooManyCodes) as refused:
            send(offices[3], secret="page-3", by=replace(VISITOR, remote_address="198.51.3.1"))
        assert refused.value.retry_after == HOUR.total_seconds()
        for number, each in enumerate(offices[3:]):
            send(each, secret=f"page-later-{number}", now=NOW + HOUR)
        with pytest.raises(TooManyCodes):
            send(office, secret="page-last", now=NOW + 3 * HOUR)
        send(office, secret="page-last", now=NOW + DAY)

    def test_one_visitor_texts_few_numbers(self, office: Office) -> None:
        for number in range(10):
            send(office, phone=f"+1303555{number:04}")
        with pytest.raises(TooManyCodes):
            send(office, phone="+13035551000")
        send(office, phone="+13035551000", by=replace(VISITOR, remote_address="203.0.113.1"))

    def test_a_visitor_with_a_whole_network_of_addresses_is_one(self, office: Office) -> None:
        for number in range(10):
            send(office, phone=f"+1303555{number:04}", by=replace(VISITOR, remote_address=f"2001:db8::{number}"))
        with pytest.raises(TooManyCodes):
            send(office, phone="+13035551000", by=replace(VISITOR, remote_address="2001:db8::ffff"))

    def test_many_visitors_cost_a_practice_so_much_and_no_more(self, office: Office) -> None:
        for number in range(40):
            by = replace(VISITOR, remote_address=f"198.51.{number}.1")
            send(office, phone=f"+1303555{number:04}", by=by)
        by = replace(VISITOR, remote_address="203.0.113.1")
        with pytest.raises(TooManyCodes):
            send(office, phone="+13035551000", by=by)
        send(make_office(practice={"books_phone_only": True}), phone="+13035551000", by=by)

    @pytest.mark.parametrize("phone", ["+442079460958", "+19005550123", "+870773111632"])
    def test_far_and_dear_numbers_get_none(self, office: Office, phone: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            send(office, phone=phone)
        assert set(refused.value.fields) == {"phone"}

    def test_where_nobody_books_so_no_stranger_has_a_code_sent(self, office: Office) -> None:
        closed = make_office()
        send(office)
        with pytest.raises(InvalidInput):
            send(closed)
        assert send(closed, by=BY_STAFF).network is None

    def test_numbers_that_were_typed_are_forgotten(self, office: Office, gateways: Gateways, clock: FakeClock) -> None:
        send(office)
        carry(gateways, clock)
        assert forget_typed_numbers(now=NOW + KEPT_FOR) == 0
        assert forget_typed_numbers(now=NOW + KEPT_FOR + timedelta(seconds=1)) == 1
        assert forget_typed_numbers(now=NOW + KEPT_FOR + timedelta(seconds=1)) == 0
        assert db.session.execute(select(NumberCode.phone, NumberCode.network)).one() == ("", None)
        message = db.session.scalars(select(Message).execution_options(populate_existing=True)).one()
        assert "555" not in message.recipient + message.sent_to + message.body


class TestBooking:
    def test_without_a_proof_nothing_is_booked(self, office: Office) -> None:
        with pytest.raises(NumberNotProved):
            book(office, at(10), **by_phone_only())
        made = send(office)
        with pytest.raises(NumberNotProved):
            book(office, at(10), **by_phone_only())
        prove(office, code(made))
        with pytest.raises(NumberNotProved):
            book(office, at(10), **by_phone_only(phone=OTHER))
        with pytest.raises(NumberNotProved):
            book(office, at(10), **{**by_phone_only(), "secret": "page-of-a-stranger"})
        assert db.session.scalars(select(Appointment)).all() == []

    def test_with_one_they_are_booked_told_by_text_and_have_agreed(
        self, office: Office, gateways: Gateways, clock: FakeClock, texts: FakeTexts
    ) -> None:
        prove(office, code(send(office)))
        made = book(office, at(10, days=1), **by_phone_only())
        assert (made.attendees[0].email, made.attendees[0].phone) == ("", PHONE)
        said = db.session.scalars(select(Consent)).all()
        assert {each.address for each in said} == {PHONE}
        assert all("Send me texts about my appointments" in each.wording for each in said)
        clock.advance(timedelta(minutes=5))
        carry(gateways, clock)
        told = [each.body for each in texts.sent if "/m/" in each.body]
        assert len(told) == 1
        assert "STOP" in told[0]  # The first text that is more than a code says how they end.

    def test_only_who_agrees_to_texts_and_only_where_it_is_wanted(self, office: Office) -> None:
        prove(office, code(send(office)))
        with pytest.raises(InvalidInput) as refused:
            book(office, at(10), **by_phone_only(wants_texts=False))
        assert set(refused.value.fields) == {"wants_texts"}
        with pytest.raises(InvalidInput) as refused:
            book(make_office(practice={"takes_phone_only": True}), at(10), **by_phone_only())
        assert set(refused.value.fields) == {"email"}

    def test_a_crowded_network_does_not_cut_them_off(self, office: Office) -> None:
        """Who asks for texts from a school is e-mailed when many did: these cannot be."""
        for number in range(20):
            contact = make_contact(name=f"Client {number}", email=f"c{number}@example.com", wants_texts=True)
            book(office, at(10 + number % 5, days=1 + number // 5 + 3 * (number >= 15)), contact=contact, by=VISITOR)
        prove(office, code(send(office)))
        made = book(office, at(16, days=1), **by_phone_only())
        assert made.attendees[0].text_consent_at is not None


def test_six_digits_as_likely_as_others() -> None:
    made = [make_code(["key"], str(number)) for number in range(2_000)]
    assert {len(each) for each in made} == {6}
    assert {each[0] for each in made} == set("0123456789")
    assert len(set(made)) > 1_990
    assert made[0] != make_code(["another"], "0")
