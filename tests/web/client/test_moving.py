"""A client moves an appointment: how and with whom, when, old and new, and back again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from telehealth.database import transaction
from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.words import AppointmentStatus, Approval, LateChange, Mode, ServiceKind
from telehealth.models import Appointment, AppointmentEvent, Hold, Policy, Practice, Service, Therapist
from telehealth.services.appointments.approving import approve_request
from telehealth.services.appointments.asking import ask_to_move
from telehealth.web.free_times import START_FORMAT
from tests.factories import (
    BY_STAFF,
    Office,
    add_time_off,
    book,
    cancel,
    make_contact,
    make_location,
    make_office,
    make_service,
    make_therapist,
)
from tests.factories.rows import keep
from tests.fakes import FakeClock
from tests.moments import DENVER, NOW, at
from tests.web.staff import words_of
from tests.web.visitor import Form, form_of, problem_of, read, slots_of

TEN, NOON = at(10), at(12)
DAY_BEFORE = NOW - timedelta(days=1)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(service={"modes": ["virtual"]})


class Mover:
    """Somebody with the manage link of an appointment, in front of its pages."""

    def __init__(self, client: FlaskClient, addresses: Addresses, appointment: Appointment) -> None:
        self.client, self.appointment = client, appointment
        self.manage = f"/m/{addresses.token(LinkPurpose.MANAGE, appointment.attendees[0])}"
        self.move, self.moved = f"{self.manage}/move", f"{self.manage}/moved"

    def get(self, path: str, **query: str) -> TestResponse:
        return self.client.get(path, query_string=query)

    def choose(self, starts_at: Any, **query: str) -> TestResponse:
        """Press a time on the page of times."""
        times = self.get(self.move, **query)
        slot = next(each for each in slots_of(times) if each.startswith(f"{starts_at:{START_FORMAT}}"))
        return self.post(form_of(times), slot=slot)

    def review(self, starts_at: Any, **query: str) -> TestResponse:
        """Old and new side by side."""
        answer = self.choose(starts_at, **query)
        assert answer.status_code == 303
        return self.client.get(answer.location)

    def go(self, starts_at: Any, **query: str) -> TestResponse:
        """All the way."""
        return self.press(self.review(starts_at, **query), "Move the appointment")

    def press(self, answer: TestResponse, button: str, **typed: str) -> TestResponse:
        form = form_of(answer)
        name, value = form.buttons[button]
        return self.post(form, **{name: value} if name else {}, **typed)

    def post(self, form: Form, **typed: str) -> TestResponse:
        return self.client.post(form.action, data={**form.fields, **typed})


@pytest.fixture
def mover(client: FlaskClient, addresses: Addresses, office: Office) -> Mover:
    return Mover(client, addresses, book(office, TEN, now=DAY_BEFORE))


def current(database: Any, appointment: Appointment) -> Appointment:
    database.rollback()
    found: Appointment = database.scalar(
        select(Appointment).where(Appointment.id == appointment.id).execution_options(populate_existing=True)
    )
    return found


def set_terms(office: Office, **given: Any) -> None:
    usual = {"version": 1, "window_minutes": 24 * 60, "when_late": LateChange.CALL, "created_at": NOW}
    policy = keep(Policy(practice_id=office.practice.id, **{**usual, **given}))
    with transaction() as session:
        session.get_one(Service, office.service.id).policy_id = policy.id


class TestTimes:
    def test_with_nothing_to_choose_the_times_come_at_once(self, mover: Mover) -> None:
        words = words_of(mover.get(mover.move))
        assert "Choose another time Now it is Tuesday, November 24, 10:00 AM Mountain Time (MST) ." in words
        assert "By video, you in Colorado, with Dana Rivera" in words
        assert "All times are in Mountain Time ." in words

    def test_times_that_overlap_the_appointment_itself_are_among_them(self, mover: Mover) -> None:
        starts = [slot.partition(".")[0] for slot in slots_of(mover.get(mover.move))]
        assert f"{at(10, 30):{START_FORMAT}}" in starts
        assert f"{at(9, 30):{START_FORMAT}}" in starts
        assert f"{TEN:{START_FORMAT}}" not in starts, "it is there already"

    def test_other_weeks(self, mover: Mover) -> None:
        later = mover.client.get(read(mover.get(mover.move)).links["Later"])
        assert "November 30 to December 6" in words_of(later)

    def test_a_week_without_times_and_none_at_all(self, mover: Mover, office: Office) -> None:
        with transaction() as session:
            for hours in session.get_one(type(office.therapist), office.therapist.id).weekly_hours:
                hours.valid_from = (NOW + timedelta(days=20)).date()
        assert "The next free times are on Monday, December 14." in words_of(mover.get(mover.move))
        with transaction() as session:
            for hours in session.get_one(type(office.therapist), office.therapist.id).weekly_hours:
                hours.valid_from = (NOW + timedelta(days=200)).date()
        assert "No other free times" in words_of(mover.get(mover.move))

    def test_is_as_discreet_as_the_message(self, mover: Mover) -> None:
        for page in (mover.get(mover.move), mover.review(NOON)):
            assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
            for word in ("Individual session", "LPC", "Counseling", "therapist", "session", "jane-"):
                assert word not in page.text.replace("therapist=", "")

    @pytest.mark.parametrize("slot", ["x", "20261124T1707Z.{}", "20200101T1700Z.{}", "a\0b"])
    def test_a_time_that_is_not_offered(self, mover: Mover, office: Office, slot: str) -> None:
        answer = mover.get(mover.move, slot=slot.format(office.therapist.public_id))
        assert answer.status_code == 409
        assert slots_of(answer)
        form = form_of(mover.get(mover.move))
        assert mover.post(form, slot=slot.format(office.therapist.public_id)).status_code == 409


class TestMoving:
    def test_old_and_new_before_anything_happens(self, mover: Mover, database: Any) -> None:
        words = words_of(mover.review(NOON))
        assert "Move it? Nothing changes until you confirm." in words
        assert "Now When Tuesday, November 24, 2026, 10:00 AM" in words
        assert "New When Tuesday, November 24, 2026, 12:00 PM" in words
        assert "Kept for you until 9:10 AM MST ." in words
        assert current(database, mover.appointment).starts_at == TEN

    def test_moves_and_says_who_hears_of_it_when(self, mover: Mover, database: Any) -> None:
        answer = mover.go(NOON)
        assert (answer.status_code, answer.location) == (303, mover.moved)
        moved = current(database, mover.appointment)
        assert (moved.starts_at, moved.sequence) == (NOON, 1)
        words = words_of(mover.get(mover.moved))
        assert "It is moved Everybody hears of it in 3 minutes; until then nobody is told" in words
        assert "Before When Tuesday, November 24, 2026, 10:00 AM" in words
        assert "Now When Tuesday, November 24, 2026, 12:00 PM" in words
        event = database.scalars(select(AppointmentEvent).order_by(AppointmentEvent.id.desc())).first()
        assert (event.action, event.actor, event.via, event.remote_address) == ("moved", "client", "link", "127.0.0.1")

    def test_the_hold_is_used_up(self, mover: Mover, database: Any) -> None:
        mover.go(NOON)
        database.rollback()
        assert not database.scalars(select(Hold).where(Hold.expires_at > NOW)).all()

    def test_onto_part_of_itself(self, mover: Mover, database: Any) -> None:
        assert mover.go(at(10, 30)).location == mover.moved
        assert current(database, mover.appointment).starts_at == at(10, 30)

    def test_undo_goes_back_and_bothers_nobody(self, mover: Mover, database: Any) -> None:
        mover.go(NOON)
        answer = mover.press(mover.get(mover.moved), "Undo: back to the old time")
        assert answer.location == mover.manage
        assert current(database, mover.appointment).starts_at == TEN
        assert "Your appointment is back where it was." in words_of(mover.get(mover.manage))

    def test_pressed_twice_it_moves_once_and_can_still_be_undone(self, mover: Mover, database: Any) -> None:
        review = mover.review(NOON)
        for _ in range(2):
            assert mover.press(review, "Move the appointment").location == mover.moved
        assert current(database, mover.appointment).sequence == 1
        assert "Before When Tuesday, November 24, 2026, 10:00 AM" in words_of(mover.get(mover.moved))

    def test_undo_pressed_twice_goes_back_once(self, mover: Mover, database: Any) -> None:
        mover.go(NOON)
        page = mover.get(mover.moved)
        for _ in range(2):
            assert mover.press(page, "Undo: back to the old time").location == mover.manage
        assert current(database, mover.appointment).starts_at == TEN

    def test_undone_from_an_old_page_after_the_grace_claims_no_quiet(self, mover: Mover, clock: FakeClock) -> None:
        mover.go(NOON)
        page = mover.get(mover.moved)
        clock.advance(timedelta(minutes=4))
        mover.press(page, "Undo: back to the old time")
        words = words_of(mover.get(mover.manage))
        assert "Your appointment is back where it was." in words
        assert "Nobody was bothered." not in words

    def test_undo_when_somebody_took_the_old_time(self, mover: Mover, office: Office, database: Any) -> None:
        mover.go(NOON)
        page = mover.get(mover.moved)
        book(office, TEN, contact=make_contact())
        mover.press(page, "Undo: back to the old time")
        assert "Somebody took the old time meanwhile" in words_of(mover.get(mover.manage))
        assert current(database, mover.appointment).starts_at == NOON

    def test_after_the_grace_it_is_no_longer_undone_quietly(self, mover: Mover, clock: FakeClock) -> None:
        mover.go(NOON)
        clock.advance(timedelta(minutes=3))
        words = words_of(mover.get(mover.moved))
        assert "Everybody hears of it now." in words
        assert "Undo" not in words
        clock.advance(timedelta(minutes=15))
        assert mover.get(mover.moved).location == mover.manage

    def test_nothing_was_moved(self, mover: Mover) -> None:
        assert mover.get(mover.moved).location == mover.manage
        form = form_of(mover.get(f"{mover.manage}/cancel"))
        assert mover.client.post(f"{mover.manage}/undo", data=form.fields).location == mover.manage

    def test_a_time_taken_meanwhile(self, mover: Mover, office: Office, clock: FakeClock, database: Any) -> None:
        review = mover.review(NOON)
        clock.advance(timedelta(minutes=11))
        book(office, NOON, contact=make_contact(), now=clock.instant)
        answer = mover.press(review, "Move the appointment")
        assert answer.status_code == 409
        assert "just been taken" in problem_of(answer)
        assert current(database, mover.appointment).starts_at == TEN
        again = mover.client.get(review.request.full_path)
        assert again.status_code == 409

    def test_a_time_taken_before_it_was_chosen(self, mover: Mover, office: Office) -> None:
        times = mover.get(mover.move)
        slot = next(each for each in slots_of(times) if each.startswith(f"{NOON:{START_FORMAT}}"))
        book(office, NOON, contact=make_contact())
        assert mover.post(form_of(times), slot=slot).status_code == 409

    def test_kept_longer_and_kept_again(self, mover: Mover, office: Office, clock: FakeClock) -> None:
        review = mover.review(NOON)
        clock.advance(timedelta(minutes=9))
        longer = mover.client.get(mover.press(review, "Keep it longer").location)
        assert "Kept for you until 9:19 AM MST" in words_of(longer)
        clock.advance(timedelta(minutes=10))
        over = mover.client.get(longer.request.full_path)
        assert "This time is no longer kept for you." in words_of(over)
        again = mover.client.get(mover.press(over, "Keep it again").location)
        assert "Kept for you until 9:29 AM MST" in words_of(again)
        clock.advance(timedelta(minutes=11))
        book(office, NOON, contact=make_contact(), now=clock.instant)
        assert mover.press(again, "Keep it longer").status_code == 409

    def test_a_form_without_its_token_is_asked_for_anew(self, mover: Mover, database: Any) -> None:
        review = mover.review(NOON)
        answer = mover.press(review, "Move the appointment", csrf_token="stale")
        again = mover.client.get(answer.location)
        assert "we renewed it" in words_of(again)
        assert mover.press(again, "Move the appointment").location == mover.moved
        undone = mover.client.post(f"{mover.manage}/undo", data={"csrf_token": "stale"})
        assert undone.location == mover.manage
        assert current(database, mover.appointment).starts_at == NOON

    def test_a_couple_moves_together_and_is_told_so(self, client: FlaskClient, addresses: Addresses) -> None:
        office = make_office(service={"modes": ["virtual"], "kind": ServiceKind.COUPLE, "capacity": 2})
        mover = Mover(client, addresses, book(office, TEN, now=DAY_BEFORE, others=(make_contact(name="Alex Roe"),)))
        review = mover.review(NOON)
        assert "It moves for everybody who comes, and we tell them." in words_of(review)
        assert "Alex" not in review.text


class TestHow:
    @pytest.fixture
    def office(self, client: FlaskClient) -> Office:
        made = make_office()
        make_therapist(made.practice, made.service, name="Sam Okafor", location=made.location, licences=["CO", "WY"])
        return made

    def test_is_asked_first_where_there_is_a_choice(self, mover: Mover) -> None:
        page = mover.get(mover.move)
        words = words_of(page)
        assert "First, how and with whom. Nothing changes until you confirm." in words
        assert "Stay with Dana Rivera" in words
        fields = form_of(page, "get").fields
        assert fields == {"mode": "virtual", "state": "CO", "therapist": "keep"}

    def test_from_video_to_a_room_and_back(self, mover: Mover, office: Office, database: Any) -> None:
        review = mover.review(NOON, mode="in_person", state="CO", therapist="keep")
        assert (
            "New When Tuesday, November 24, 2026, 12:00 PM Mountain Time (MST), 50 minutes How In person Where Main"
            in (words_of(review))
        )
        mover.press(review, "Move the appointment")
        moved = current(database, mover.appointment)
        assert (moved.mode, moved.room_id) == (Mode.IN_PERSON, office.room.id)
        mover.press(mover.get(mover.moved), "Undo: back to the old time")
        moved = current(database, mover.appointment)
        assert (moved.mode, moved.room_id, moved.starts_at) == (Mode.VIRTUAL, None, TEN)

    def test_who_came_in_person_is_asked_for_the_state(
        self, client: FlaskClient, addresses: Addresses, office: Office, database: Any
    ) -> None:
        mover = Mover(client, addresses, book(office, TEN, mode=Mode.IN_PERSON, now=DAY_BEFORE))
        asked = mover.get(mover.move, mode="virtual", state="", therapist="keep")
        assert "Please choose the state you will be in." in problem_of(asked)
        mover.go(NOON, mode="virtual", state="CO", therapist="keep")
        assert current(database, mover.appointment).attendees[0].jurisdiction == "CO"

    def test_where_only_a_colleague_may_treat_the_colleague_is_offered(self, mover: Mover) -> None:
        times = mover.get(mover.move, mode="virtual", state="WY", therapist="keep")
        assert "with whoever is free" in words_of(times) or "with Sam Okafor" in words_of(times)
        assert "With Sam Okafor" in words_of(mover.review(NOON, mode="virtual", state="WY", therapist="keep"))

    def test_where_nobody_may_treat(self, mover: Mover) -> None:
        asked = mover.get(mover.move, mode="virtual", state="TX", therapist="any")
        assert "Nobody here can see you in Texas." in problem_of(asked)
        form = form_of(mover.get(mover.move, mode="virtual", state="CO"))
        answer = mover.client.post(form.action.replace("state=CO", "state=TX"), data=form.fields)
        assert "Nobody here can see you in Texas." in problem_of(answer)

    def test_whoever_is_free_is_named_before_it_is_confirmed(self, mover: Mover, office: Office, database: Any) -> None:
        book(office, NOON, contact=make_contact())
        review = mover.review(NOON, mode="virtual", state="CO", therapist="any")
        assert "With Sam Okafor" in words_of(review)
        mover.press(review, "Move the appointment")
        assert current(database, mover.appointment).therapist.name == "Sam Okafor"

    def test_whoever_is_free_is_ones_own_as_long_as_possible(self, mover: Mover) -> None:
        review = mover.review(NOON, mode="virtual", state="CO", therapist="any")
        assert (
            "New When Tuesday, November 24, 2026, 12:00 PM Mountain Time (MST), 50 minutes How By video With Dana"
            in (words_of(review))
        )

    def test_with_two_places_one_is_chosen(self, mover: Mover, office: Office) -> None:
        lake = make_location(office.practice, name="Lake office")
        assert "Place, if you meet in person" in words_of(mover.get(mover.move))
        asked = mover.get(mover.move, mode="in_person", therapist="keep")
        assert "Please choose where you would like to meet." in problem_of(asked)
        times = mover.get(mover.move, mode="in_person", therapist="keep", location=str(lake.public_id))
        assert "Lake office" in words_of(times)

    def test_by_phone_asks_for_a_number_where_there_is_none(
        self, client: FlaskClient, addresses: Addresses, office: Office, database: Any
    ) -> None:
        contact = make_contact(phone=None, wants_texts=False)
        mover = Mover(client, addresses, book(office, TEN, contact=contact, now=DAY_BEFORE))
        review = mover.review(NOON, mode="phone", state="CO", therapist="keep")
        assert "We call you at this number." in words_of(review)
        wrong = mover.press(review, "Move the appointment", phone="12")
        assert wrong.status_code == 422
        assert "Please check the number" in problem_of(wrong)
        assert form_of(wrong).fields["phone"] == "12"
        mover.press(wrong, "Move the appointment", phone="(303) 555-0199")
        moved = current(database, mover.appointment)
        assert (moved.mode, moved.attendees[0].phone) == (Mode.PHONE, "+13035550199")

    @pytest.mark.parametrize("junk", ["", "x", "a\0b", "ü" * 500, "<script>alert(1)</script>"])
    @pytest.mark.parametrize("name", ["mode", "state", "location", "therapist", "week", "slot", "hold", "service"])
    def test_junk_in_the_address(self, mover: Mover, name: str, junk: str) -> None:
        answer = mover.get(mover.move, **{"mode": "virtual", "state": "CO", name: junk})
        assert answer.status_code in {200, 409}
        assert "<script>alert" not in answer.text


class TestWhenItCannotBe:
    def test_inside_the_window_it_is_left_to_a_call(
        self, client: FlaskClient, addresses: Addresses, office: Office
    ) -> None:
        set_terms(office)
        mover = Mover(client, addresses, book(office, at(15, days=0), now=DAY_BEFORE))
        page = mover.get(mover.manage)
        words = words_of(page)
        assert "Please call us The start is less than 24 hours away" in words
        assert "Move" not in read(page).links
        assert "Cancel this appointment" not in read(page).links
        assert mover.get(mover.move).location == mover.manage

    def test_a_window_that_closes_while_choosing(
        self, client: FlaskClient, addresses: Addresses, office: Office, clock: FakeClock, database: Any
    ) -> None:
        set_terms(office)
        mover = Mover(client, addresses, book(office, TEN, now=DAY_BEFORE))
        times, review = mover.get(mover.move), mover.review(at(12, days=3))
        clock.instant = at(10, days=0)
        assert mover.press(review, "Move the appointment").location == mover.manage
        assert mover.post(form_of(times), slot=slots_of(times)[-1]).location == mover.manage
        assert current(database, mover.appointment).starts_at == TEN

    def test_a_seat_in_a_group(self, client: FlaskClient, addresses: Addresses) -> None:
        office = make_office(service={"kind": ServiceKind.GROUP, "capacity": 3})
        mover = Mover(client, addresses, book(office, TEN, now=DAY_BEFORE))
        words = words_of(mover.get(mover.manage))
        assert "For another date, cancel this one and book again" in words
        assert "Move to another time" not in words
        assert mover.get(mover.move).location == mover.manage

    def test_once_it_has_begun_or_is_cancelled(self, mover: Mover, clock: FakeClock, database: Any) -> None:
        review = mover.review(NOON)
        cancel(current(database, mover.appointment))
        assert mover.press(review, "Move the appointment").location == mover.manage
        assert current(database, mover.appointment).status == AppointmentStatus.CANCELLED
        clock.instant = TEN
        assert mover.get(mover.move).location == mover.manage

    def test_a_service_that_ended(self, mover: Mover, office: Office, database: Any) -> None:
        review = mover.review(NOON)
        times = mover.get(mover.move)
        with transaction() as session:
            session.get_one(Service, office.service.id).ended_at = NOW
        assert mover.post(form_of(times), slot=slots_of(times)[-1]).status_code == 303
        assert slots_of(mover.get(mover.move)) == slots_of(times), "what is booked can still be moved"
        assert mover.press(review, "Move the appointment").location == mover.moved
        assert current(database, mover.appointment).starts_at == NOON

    def test_a_service_that_lasts_longer_by_now_says_so_before(
        self, mover: Mover, office: Office, database: Any
    ) -> None:
        with transaction() as session:
            session.get_one(Service, office.service.id).duration_minutes = 80
        assert "80 minutes" in mover.get(mover.move).text
        review = mover.review(NOON)
        words = words_of(review)
        assert "It now lasts 80 minutes." in words
        now, _, new = words.partition("New When")
        assert "50 minutes" in now
        assert "80 minutes" in new.partition("Move the appointment")[0]
        mover.press(review, "Move the appointment")
        assert current(database, mover.appointment).ends_at == at(13, 20)

    def test_another_service_of_the_practice_changes_nothing(self, mover: Mover, office: Office) -> None:
        make_service(office.practice, name="Couples session")
        assert "Choose another time" in words_of(mover.get(mover.move))


class TestTwoTherapists:
    """Two who give it together stay together, and are both named, whatever happens."""

    @pytest.fixture
    def pair(self, office: Office) -> Therapist:
        with transaction() as session:
            session.get_one(Service, office.service.id).therapists_needed = 2
        colleague = make_therapist(office.practice, office.service, name="Sam Okafor")
        make_therapist(office.practice, office.service, name="Lee Third")
        return colleague

    @pytest.fixture
    def mover(self, client: FlaskClient, addresses: Addresses, office: Office, pair: Therapist) -> Mover:
        appointment = book(office, TEN, co_therapist=pair.public_id, now=DAY_BEFORE)
        return Mover(client, addresses, appointment)

    def test_every_page_names_both(self, mover: Mover) -> None:
        both = "Dana Rivera and Sam Okafor"
        assert f"With {both}" in words_of(mover.get(mover.manage))
        assert f"Stay with {both}" in words_of(mover.get(mover.move))
        assert f"with {both}" in words_of(mover.get(mover.move, mode="virtual", therapist="keep"))
        review = mover.review(NOON, mode="virtual", therapist="keep")
        assert words_of(review).count(both) == 2
        assert mover.press(review, "Move the appointment").location == mover.moved
        assert words_of(mover.get(mover.moved)).count(both) == 2

    def test_where_only_one_of_them_has_time_nothing_is_offered(
        self, mover: Mover, pair: Therapist, office: Office
    ) -> None:
        add_time_off(pair, NOON.astimezone(DENVER).replace(tzinfo=None), at(17).astimezone(DENVER).replace(tzinfo=None))
        starts = {slot.partition(".")[0] for slot in slots_of(mover.get(mover.move, mode="virtual", therapist="keep"))}
        assert f"{at(13):{START_FORMAT}}" not in starts
        assert f"{at(11):{START_FORMAT}}" in starts

    def test_undoing_a_move_brings_both_back(
        self, mover: Mover, office: Office, pair: Therapist, database: Any
    ) -> None:
        mover.go(NOON, mode="virtual", therapist="keep")
        mover.press(mover.get(mover.moved), "Undo: back to the old time")
        back = current(database, mover.appointment)
        assert back.starts_at == TEN
        assert [each.id for each in back.therapists] == [office.therapist.id, pair.id]


class TestTheYesAgain:
    """Where the practice always has to say yes, it has to say so to another time, too."""

    @pytest.fixture
    def office(self, client: FlaskClient) -> Office:
        return make_office(service={"modes": ["virtual"], "approval": Approval.ALWAYS, "approval_minutes": 24 * 60})

    @pytest.fixture
    def mover(self, client: FlaskClient, addresses: Addresses, office: Office) -> Mover:
        made = book(office, TEN, now=DAY_BEFORE)
        approve_request(practice_id=made.practice_id, appointment_id=made.id, by=BY_STAFF, now=DAY_BEFORE)
        return Mover(client, addresses, made)

    def test_it_is_said_before_and_after(self, mover: Mover, database: Any) -> None:
        review = mover.review(NOON)
        words = words_of(review)
        assert "The practice has to say yes to the new time, within 24 hours." in words
        assert "Move the appointment" not in words
        assert mover.press(review, "Ask for this time").location == mover.moved
        moved = words_of(mover.get(mover.moved))
        assert "We have your request The new time is kept for you. We say yes or no by" in moved
        assert current(database, mover.appointment).status == AppointmentStatus.PENDING

    def test_undone_it_is_agreed_as_before(self, mover: Mover, database: Any) -> None:
        mover.press(mover.review(NOON), "Ask for this time")
        mover.press(mover.get(mover.moved), "Undo: back to the old time")
        back = current(database, mover.appointment)
        assert (back.status, back.starts_at) == (AppointmentStatus.BOOKED, TEN)
        assert "Your appointment is back where it was." in words_of(mover.get(mover.manage))


def test_when_the_moves_are_used_up_the_page_says_whom_to_call(mover: Mover, office: Office, database: Any) -> None:
    with transaction() as session:
        session.get_one(Practice, office.practice.id).most_moves = 1
    review = mover.review(at(14))
    mover.go(NOON)
    words = words_of(mover.get(mover.manage))
    assert "You can no longer move it here. For another time, please call us at" in words
    assert "Move to another time" not in words
    assert "Cancel this appointment" in words
    assert mover.get(mover.move).location == mover.manage
    assert mover.press(review, "Move the appointment").location == mover.manage
    assert current(database, mover.appointment).starts_at == NOON
    mover.press(mover.get(mover.moved), "Undo: back to the old time")
    assert current(database, mover.appointment).starts_at == TEN, "that is no further move"


class TestAskedTo:
    """The practice cannot keep the time, and asks for another one."""

    @pytest.fixture
    def asked(self, client: FlaskClient, addresses: Addresses, office: Office) -> Mover:
        set_terms(office)
        made = book(office, TEN)  # Inside the window of its terms: nothing could be changed online.
        ask_to_move(practice_id=office.practice.id, appointment_id=made.id, by=BY_STAFF, now=NOW)
        return Mover(client, addresses, made)

    def test_the_page_says_so_and_leads_to_the_times(self, asked: Mover) -> None:
        page = asked.get(asked.manage)
        words = words_of(page)
        assert "Please choose another time We are sorry" in words
        assert "I will come" not in words
        assert "Google Calendar" not in words
        assert "The video room opens" not in words
        assert f'href="{asked.move}"' in page.text

    def test_times_at_once_without_the_one_that_cannot_be_kept(self, asked: Mover, office: Office) -> None:
        make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")
        times = asked.get(asked.move)
        words = words_of(times)
        assert "We are sorry: we cannot keep Tuesday, November 24, 10:00 AM" in words
        assert "See the times of others, too" in words
        starts = [slot.partition(".")[0] for slot in slots_of(times)]
        assert f"{at(10):{START_FORMAT}}" not in starts
        assert f"{at(10, 30):{START_FORMAT}}" not in starts
        others = asked.get(asked.move, therapist="any")
        assert "with whoever is free" in words_of(others)
        assert len(slots_of(others)) >= len(slots_of(times))

    def test_in_one_go_and_free_again_by_the_terms(self, database: Any, asked: Mover) -> None:
        done = asked.client.get(asked.go(at(12, days=8), week="2026-12-01").location)
        assert "It is moved" in words_of(done)
        assert "Undo" not in words_of(done)
        found = current(database, asked.appointment)
        assert (found.starts_at, found.asked_to_move_at) == (at(12, days=8), None)
        assert "Please choose another time" not in words_of(asked.get(asked.manage))

    def test_how_and_with_whom_can_be_asked_for(self, asked: Mover, office: Office) -> None:
        make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")
        assert "With whom?" in words_of(asked.get(asked.move, how="1"))

    def test_cancelling_is_free(self, database: Any, asked: Mover) -> None:
        assert "late" not in words_of(asked.get(f"{asked.manage}/cancel"))
        fields = form_of(asked.get(f"{asked.manage}/cancel")).fields
        asked.client.post(f"{asked.manage}/cancel", data=fields)
        found = current(database, asked.appointment)
        assert (found.status, found.attendees[0].late_cancel) == (AppointmentStatus.CANCELLED, False)

    def test_nobody_joins_what_does_not_take_place(self, asked: Mover, clock: FakeClock) -> None:
        clock.advance(at(10, 5) - NOW)
        words = words_of(asked.get(asked.manage))
        assert "This appointment does not take place" in words
        assert "Join by video" not in words
