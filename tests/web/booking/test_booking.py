"""Booking, page by page."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from telehealth.database import transaction
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment, Client, Message, Service, Therapist
from tests import databases
from tests.factories import (
    Office,
    add_hours,
    book,
    cancel,
    make_contact,
    make_location,
    make_office,
    make_practice,
    make_service,
    make_therapist,
)
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import words_of
from tests.web.visitor import TYPED, Visitor, form_of, problem_of, read, slots_of

TEN = at(10)
HOLD = timedelta(minutes=10)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def visitor(client: FlaskClient, office: Office) -> Visitor:
    return Visitor(client, office)


def slot_at(office: Office, instant: Any = TEN) -> str:
    return f"{instant:%Y%m%dT%H%MZ}.{office.therapist.public_id}"


def booked(database: Any) -> list[Appointment]:
    database.rollback()
    return list(database.scalars(select(Appointment).where(Appointment.status == AppointmentStatus.BOOKED)))


class TestPracticePage:
    def test_shows_services_people_and_places(self, client: FlaskClient, office: Office) -> None:
        words = words_of(client.get(f"/{office.practice.slug}"))
        for fact in ("Riverside Counseling", "Individual session", "50 minutes", "Dana Rivera", "LPC", "Colorado"):
            assert fact in words
        assert "Main Street office 1 Main Street, Denver, CO 80202 Times there are in Mountain Time." in words

    def test_what_it_costs_is_read_where_it_is_shown(self, visitor: Visitor, office: Office) -> None:
        priced = {"price_minor": 9_000, "price_currency": "JPY"}
        make_service(office.practice, name="Dear", fee_note="Sliding scale; ask us.", **priced)
        make_service(office.practice, name="Silent", price_shown=False, **priced)
        make_service(office.practice, name="Gift", price_minor=0, price_currency="USD")
        page = words_of(visitor.browser.get(f"/{office.practice.slug}"))
        assert "Dear 50 minutes · video, in person or phone ¥9,000. Sliding scale; ask us." in page
        assert "Gift 50 minutes · video, in person or phone Free of charge." in page
        assert page.count("¥9,000") == 1
        asked = words_of(visitor.ask())
        assert "Dear 50 minutes. ¥9,000. Sliding scale; ask us." in asked
        assert asked.count("¥9,000") == 1

    def test_a_slash_at_the_end_does_no_harm(self, client: FlaskClient, office: Office) -> None:
        assert client.get(f"/{office.practice.slug}/").status_code == 200

    def test_without_services_it_says_whom_to_call(self, client: FlaskClient) -> None:
        closed = make_practice()
        words = words_of(client.get(f"/{closed.slug}"))
        assert "No online booking at the moment" in words
        assert closed.phone in words
        assert "Nothing can be booked online right now" in words_of(client.get(f"/{closed.slug}/book"))

    @pytest.mark.parametrize(
        "slug", ["nobody-here", "UPPER", "a\0b", "x" * 3_000, "ü", "'; drop table practice; --", "."]
    )
    def test_another_address_is_not_found(self, client: FlaskClient, slug: str) -> None:
        assert client.get(f"/{slug}").status_code == 404
        assert client.get(f"/{slug}/book").status_code == 404

    def test_another_practice_shows_nothing_of_this_one(self, client: FlaskClient, office: Office) -> None:
        other = make_office(service={"name": "Something else"}, therapist={"name": "Somebody Else"})
        words = words_of(client.get(f"/{other.practice.slug}"))
        assert "Something else" in words
        assert "Individual session" not in words
        assert "Dana Rivera" not in words


class TestQuestions:
    """One at a time, and only those that have more than one answer."""

    def test_the_service_comes_first(self, visitor: Visitor, office: Office) -> None:
        make_service(office.practice, name="Couples session")
        assert "What would you like to book?" in words_of(visitor.ask())

    def test_then_how_to_meet(self, visitor: Visitor) -> None:
        words = words_of(visitor.ask())
        assert "How would you like to meet?" in words
        assert "Individual session, 50 minutes" in words

    @pytest.mark.parametrize("mode", [Mode.VIRTUAL, Mode.PHONE])
    def test_then_the_state_and_why(self, visitor: Visitor, mode: Mode) -> None:
        words = words_of(visitor.ask(mode=mode))
        assert "Where will you be during the appointment?" in words
        assert "A therapist needs a licence for the state you are in" in words
        assert "Our therapists can see you in Colorado." in words

    def test_in_person_the_place_speaks_for_itself(self, visitor: Visitor) -> None:
        assert "Choose a time" in words_of(visitor.ask(mode=Mode.IN_PERSON))

    def test_with_two_places_one_is_chosen(self, visitor: Visitor, office: Office) -> None:
        make_location(office.practice, name="Lake office")
        assert "Where would you like to meet?" in words_of(visitor.ask(mode=Mode.IN_PERSON))

    def test_in_person_is_not_offered_without_a_place(self, client: FlaskClient) -> None:
        practice = make_practice()
        make_therapist(practice, make_service(practice))
        words = words_of(client.get(f"/{practice.slug}/book"))
        assert "By video" in words
        assert "In person" not in words

    def test_with_two_therapists_one_is_chosen_or_the_first_available(self, visitor: Visitor, office: Office) -> None:
        make_therapist(office.practice, office.service, name="Sam Okafor", languages=["Spanish"])
        words = words_of(visitor.times())
        assert "Who would you like to meet?" in words
        assert "First available" in words
        assert "Sam Okafor, LPC Speaks Spanish" in words

    def test_only_who_may_treat_there_is_offered(self, visitor: Visitor, office: Office) -> None:
        make_therapist(office.practice, office.service, name="Sam Okafor", licences=["WY"])
        assert "With Dana Rivera" in words_of(visitor.times(state="CO"))
        assert "With Sam Okafor" in words_of(visitor.times(state="WY"))

    def test_where_nobody_may_treat_the_page_says_so(self, visitor: Visitor, office: Office) -> None:
        words = words_of(visitor.times(state="TX"))
        assert "None of our therapists can see you in Texas" in words
        assert "Ours can see you while you are in Colorado." in words
        assert office.practice.phone in words

    def test_a_service_that_nobody_gives(self, client: FlaskClient) -> None:
        practice = make_practice()
        make_location(practice)
        make_service(practice)
        words = words_of(client.get(f"/{practice.slug}/book?mode=in_person"))
        assert "Nobody offers this online at the moment" in words

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            ({"asked": "mode"}, "Please choose how you would like to meet."),
            ({"mode": "virtual", "asked": "state", "state": ""}, "Please choose the state you will be in."),
        ],
    )
    def test_going_on_without_an_answer_is_said(self, visitor: Visitor, query: dict[str, str], sentence: str) -> None:
        answer = visitor.ask(**query)
        assert sentence in problem_of(answer)
        assert "<title>Error: " in answer.text

    def test_a_therapist_in_mind_narrows_the_services(self, visitor: Visitor, office: Office) -> None:
        couples = make_service(office.practice, name="Couples session")
        make_service(office.practice, name="Family session")
        sam = make_therapist(office.practice, couples, office.service, name="Sam Okafor")
        words = words_of(visitor.ask(therapist=sam.public_id))
        assert "With Sam Okafor." in words
        assert "Couples session" in words
        assert "Family session" not in words

    @pytest.mark.parametrize(
        "junk", ["", "x", "a\0b", "ü" * 500, "-1", "../../etc/passwd", "<script>alert(1)</script>"]
    )
    @pytest.mark.parametrize(
        "name", ["service", "mode", "state", "location", "therapist", "tz", "week", "slot", "asked"]
    )
    def test_an_answer_that_does_not_exist_is_asked_again(self, visitor: Visitor, name: str, junk: str) -> None:
        answer = visitor.times(**{name: junk})
        assert answer.status_code in {200, 409}
        assert "<script>alert" not in answer.text

    def test_rows_of_another_practice_do_not_exist_here(self, visitor: Visitor) -> None:
        other = make_office()
        words = words_of(visitor.times(service=other.service.public_id, therapist=other.therapist.public_id))
        assert "Individual session" in words
        assert "With Dana Rivera" in words
        assert slots_of(visitor.times(therapist=other.therapist.public_id))[0].endswith(
            visitor.office.therapist.public_id
        )


class TestTimes:
    def test_a_week_in_the_practices_zone_until_a_zone_is_known(self, visitor: Visitor) -> None:
        answer = visitor.times()
        assert "All times are in Mountain Time ." in words_of(answer)
        assert "data-timezone-assumed" in answer.text
        assert "November 23 to 29" in words_of(answer)
        # Monday from now (9:00) on, then four days from nine to half past four.
        assert len(slots_of(answer)) == 4 * 15 + 15

    def test_in_another_zone_with_both_times(self, visitor: Visitor) -> None:
        answer = visitor.times(tz="America/New_York")
        words = words_of(answer)
        assert "All times are in Eastern Time . The small times are your therapist’s." in words
        assert "12:00 PM Eastern Time, 50 minutes, Tuesday, November 24 10:00 AM MST" in words
        assert "data-timezone-assumed" not in answer.text

    def test_a_zone_that_is_asked_for_by_its_old_name_is_shown_by_the_present_one(self, visitor: Visitor) -> None:
        page = visitor.times(tz="Asia/Calcutta").text
        assert '<optgroup label="United States">' in page
        assert '<option value="Asia/Kolkata" selected>Kolkata, India</option>' in page
        assert "All times are in <strong>Kolkata time</strong>" in page
        assert "Calcutta" not in page

    def test_in_person_in_the_venues_zone_whatever_the_clients(self, visitor: Visitor) -> None:
        words = words_of(visitor.ask(mode=Mode.IN_PERSON, tz="America/New_York"))
        assert "All times are in Mountain Time , the time at Main Street office. The small times are yours." in words
        assert "10:00 AM Mountain Time, 50 minutes, Tuesday, November 24 12:00 PM EST" in words

    def test_a_week_later_and_back(self, visitor: Visitor) -> None:
        links = read(visitor.times()).links
        assert "Earlier" not in links
        later = visitor.browser.get(links["Later"])
        assert "November 30 to December 6" in words_of(later)
        assert "November 23 to 29" in words_of(visitor.browser.get(read(later).links["Earlier"]))

    @pytest.mark.parametrize(
        ("week", "shown"),
        [
            ("1971-01-01", "November 23 to 29"),
            ("0001-01-01", "November 23 to 29"),
            ("2026-12-02", "November 30 to December 6"),
            ("9999-12-31", "January 18 to 24"),
            ("2026-13-45", "November 23 to 29"),
        ],
    )
    def test_a_week_is_kept_within_what_can_be_booked(self, visitor: Visitor, week: str, shown: str) -> None:
        assert shown in words_of(visitor.times(week=week))

    def test_nothing_later_than_the_horizon(self, visitor: Visitor) -> None:
        words = words_of(visitor.times(week="9999-12-31"))
        assert "Nothing later" in words
        assert "Friday, January 22" in words  # Sixty days from November 23.
        assert "January 23" not in words.replace("January 18 to 24", "")

    def test_an_empty_week_offers_the_next_free_time(self, visitor: Visitor, office: Office, database: Any) -> None:
        self._close(office, database, until_days=20)
        answer = visitor.times()
        assert "No free times in this week The next free times are on Monday, December 14." in words_of(answer)
        assert slots_of(visitor.browser.get(read(answer).links["Show those times"]))

    def test_nothing_free_at_all(self, visitor: Visitor, office: Office, database: Any) -> None:
        self._close(office, database, until_days=100)
        words = words_of(visitor.times())
        assert "No free times in the next 60 days" in words
        assert office.practice.phone in words

    def _close(self, office: Office, database: Any, *, until_days: int) -> None:
        with transaction() as session:
            for hours in session.get_one(Therapist, office.therapist.id).weekly_hours:
                hours.valid_from = (NOW + timedelta(days=until_days)).date()

    def test_days_without_free_times_are_named(self, visitor: Visitor) -> None:
        assert "No free times on Saturday and Sunday." in words_of(visitor.times())

    def test_what_is_booked_is_not_shown(self, visitor: Visitor, office: Office) -> None:
        book(office, TEN)
        assert slot_at(office) not in slots_of(visitor.times())

    def test_a_day_on_which_clocks_change_says_so(self, visitor: Visitor, office: Office, clock: FakeClock) -> None:
        add_hours(office.therapist, time(0), time(3), weekdays=[6])
        clock.instant = at(9, days=-24)  # Friday before the first Sunday of November, 2026-11-01.
        words = words_of(visitor.times())
        assert "Clocks change on this day." in words
        # The repeated hour is told apart.
        assert "1:00 AM MDT, 50 minutes, Sunday, November 1 MDT" in words
        assert "1:00 AM MST, 50 minutes, Sunday, November 1 MST" in words

    @pytest.mark.parametrize(
        "slot",
        [
            "20261124T1700Z",
            "20261124T1700Z.x",
            "2026",
            "99999999T9999Z.{}",
            "00010101T0000Z.{}",
            "20261124T1707Z.{}",
            "20200101T1700Z.{}",
            "29991231T1700Z.{}",
        ],
    )
    def test_a_slot_that_is_not_offered_leads_to_those_that_are(
        self, visitor: Visitor, office: Office, slot: str
    ) -> None:
        answer = visitor.times(slot=slot.format(office.therapist.public_id))
        assert answer.status_code == 409
        assert "That time is not open for booking." in problem_of(answer)
        assert slots_of(answer)

    def test_the_first_available_takes_whoever_is_free(self, visitor: Visitor, office: Office) -> None:
        sam = make_therapist(office.practice, office.service, name="Sam Okafor")
        book(office, TEN)
        slots = slots_of(visitor.times(therapist="any"))
        assert slot_at(office) not in slots
        assert slot_at(office).replace(office.therapist.public_id, sam.public_id) in slots


class TestDetails:
    def test_the_form_is_empty_and_texts_are_not_agreed_to(self, visitor: Visitor) -> None:
        answer = visitor.details()
        fields = form_of(answer).fields
        assert {name: fields.get(name) for name in ("name", "email", "phone", "wants_texts")} == {
            "name": "", "email": "", "phone": "", "wants_texts": None,
        }  # fmt: skip
        assert "Send me texts about my appointments from Riverside Office:" in words_of(answer)

    def test_texts_are_offered_only_where_somebody_sends_them(self, app: Flask, visitor: Visitor) -> None:
        offered = app.jinja_env.globals["sends_texts"]
        app.jinja_env.globals["sends_texts"] = False
        try:
            answer = visitor.details()
        finally:
            app.jinja_env.globals["sends_texts"] = offered
        assert "Send me texts" not in words_of(answer)
        assert "In case the practice has to reach you." in words_of(answer)

    def test_says_when_how_and_with_whom(self, visitor: Visitor, office: Office) -> None:
        words = words_of(visitor.details(slot_at(office), tz="America/New_York"))
        assert "Tuesday, November 24, 2026, 12:00 PM Eastern Time (EST), 50 minutes" in words
        assert "That is Tuesday, November 24, 10:00 AM Mountain Time (MST)" in words
        assert "By video, you in Colorado" in words
        assert "Dana Rivera" in words

    def test_back_may_find_the_form_as_it_was_left(self, visitor: Visitor) -> None:
        details = visitor.details()
        assert details.headers["Cache-Control"] == "private, no-cache"
        # Once something personal is on the page, nobody keeps it.
        assert visitor.send(details, "Review", **TYPED).headers["Cache-Control"] == "no-store"

    def test_every_mistake_at_once_and_nothing_emptied(self, visitor: Visitor) -> None:
        answer = visitor.send(visitor.details(), "Review", name=" ", email="ana@", phone="12", wants_texts="y")
        assert answer.status_code == 422
        assert problem_of(answer).count("Please") == 4  # The heading and three fields.
        fields = form_of(answer).fields
        assert (fields["email"], fields["phone"], fields["wants_texts"]) == ("ana@", "12", "y")
        assert answer.text.count('aria-invalid="true"') == 3

    @pytest.mark.parametrize("name", ["=?utf-8?q?=0d=0aBcc:_x=40y.z?=", "Win at evil.com now", "call +1 900 555 0199"])
    def test_a_name_that_is_an_advertisement_empties_nothing(self, visitor: Visitor, name: str) -> None:
        answer = visitor.send(visitor.details(), "Review", **{**TYPED, "name": name})
        assert answer.status_code == 422
        assert 'href="#name"' in answer.text
        assert problem_of(answer).count("Please") == 2  # The heading, and the name.
        fields = form_of(answer).fields
        assert (fields["name"], fields["email"], fields["phone"]) == (name, TYPED["email"], TYPED["phone"])

    def test_texts_need_a_number(self, visitor: Visitor) -> None:
        answer = visitor.send(visitor.details(), "Review", **{**TYPED, "phone": "", "wants_texts": "y"})
        assert "Please enter a mobile number." in problem_of(answer)

    def test_by_phone_needs_a_number(self, visitor: Visitor) -> None:
        details = visitor.details(mode=Mode.PHONE)
        assert "Your therapist calls you at this number." in words_of(details)
        assert "Please enter a mobile number." in problem_of(
            visitor.send(details, "Review", name="Jane Doe", email="jane@example.com")
        )

    @pytest.mark.parametrize(
        "name", ["x" * 10_000, "a\0b", "<img src=x onerror=alert(1)>", "Zoë\r\nBcc: x@example.com"]
    )
    def test_strange_names_come_back_as_typed_or_go_on(self, visitor: Visitor, name: str) -> None:
        answer = visitor.review(name=name)
        assert answer.status_code in {200, 422}
        assert form_of(answer).fields["name"].replace("\r\n", "\n") == name.replace("\r\n", "\n")
        assert "<img" not in answer.text

    def test_nothing_personal_is_ever_in_an_address(self, visitor: Visitor) -> None:
        answer = visitor.send(visitor.review(), "Change my details")
        for href in [form_of(answer).action, *read(answer).links.values()]:
            assert "Jane" not in href
            assert "jane" not in href


class TestReview:
    def test_shows_everything_before_anything_happens(self, visitor: Visitor, database: Any) -> None:
        words = words_of(visitor.review(wants_texts="y"))
        for fact in (
            "Individual session",
            "Jane Doe",
            "jane@example.com",
            "(303) 555-0123",
            "Yes, to this number",
            "Colorado",
        ):
            assert fact in words
        assert "Dana Rivera, LPC" in words
        assert booked(database) == []

    def test_details_can_be_changed(self, visitor: Visitor) -> None:
        again = visitor.send(visitor.review(wants_texts="y"), "Change my details")
        assert form_of(again).fields["email"] == "jane@example.com"
        assert "Joan Doe" in words_of(visitor.send(again, "Review", name="Joan Doe"))

    def test_another_time_keeps_what_was_typed(self, visitor: Visitor) -> None:
        times = visitor.send(visitor.review(), "Choose another time")
        assert "What you typed is kept." in words_of(times)
        later = visitor.send(times, "Later")
        assert "November 30 to December 6" in words_of(later)
        review = visitor.send(later, "9:00 AM")
        assert "Is everything right?" in words_of(review)
        assert "Monday, November 30, 2026, 9:00 AM" in words_of(review)
        assert "jane@example.com" in words_of(review)

    def test_another_time_before_anything_was_typed(self, visitor: Visitor) -> None:
        details = visitor.follow(visitor.send(visitor.send(visitor.details(), "Choose another time"), "10:00 AM"))
        assert "Who is the appointment for?" in words_of(details)
        assert problem_of(details) == ""

    def test_another_zone_keeps_what_was_typed(self, visitor: Visitor) -> None:
        times = visitor.send(visitor.send(visitor.review(), "Choose another time"), "Update", tz="America/Chicago")
        assert "All times are in Central Time" in words_of(times)
        review = visitor.send(times, "11:00 AM")
        assert "11:00 AM Central Time (CST)" in words_of(review)
        assert "Jane Doe" in words_of(review)


def test_the_review_says_what_it_costs(visitor: Visitor, office: Office, database: Any) -> None:
    assert "Fee" not in words_of(visitor.review())
    service = database.get_one(Service, office.service.id)
    service.price_minor, service.price_currency = 15_000, "USD"
    database.commit()
    assert "Fee $150.00." in words_of(visitor.review())


class TestConfirm:
    def test_books_and_leads_to_the_appointment(self, visitor: Visitor, office: Office, database: Any) -> None:
        review = visitor.send(visitor.details(slot_at(office)), "Review", **TYPED, wants_texts="y")
        answer = visitor.send(review, "Confirm appointment")
        assert answer.status_code == 303
        (appointment,) = booked(database)
        attendee = appointment.attendees[0]
        assert (attendee.name, attendee.phone, attendee.jurisdiction) == ("Jane Doe", "+13035550123", "CO")
        assert attendee.text_consent_at == NOW
        assert attendee.text_consent_wording.startswith("Send me texts about my appointments from Riverside Office")
        assert database.scalar(select(func.count()).select_from(Message)) > 0
        words = words_of(visitor.browser.get(answer.location))
        assert "You’re booked Thank you, Jane Doe." in words

    def test_without_the_tick_nobody_agreed_to_texts(self, visitor: Visitor, database: Any) -> None:
        visitor.send(visitor.review(), "Confirm appointment")
        assert booked(database)[0].attendees[0].text_consent_at is None

    def test_the_zone_on_the_page_is_the_clients(self, visitor: Visitor, database: Any) -> None:
        details = visitor.details(tz="Europe/Berlin")
        visitor.send(visitor.send(details, "Review", **TYPED), "Confirm appointment")
        assert booked(database)[0].attendees[0].timezone == "Europe/Berlin"

    def test_in_person_takes_a_room(self, visitor: Visitor, office: Office, database: Any) -> None:
        details = visitor.details(slot_at(office), mode=Mode.IN_PERSON, state="")
        visitor.send(visitor.send(details, "Review", **TYPED), "Confirm appointment")
        (appointment,) = booked(database)
        assert (appointment.room_id, appointment.attendees[0].jurisdiction) == (office.room.id, None)

    def test_pressing_twice_books_once(self, visitor: Visitor, database: Any) -> None:
        review = visitor.review()
        first, second = (visitor.send(review, "Confirm appointment") for _ in range(2))
        assert (first.status_code, second.status_code) == (303, 303)
        assert first.location == second.location
        assert len(booked(database)) == 1

    def test_changing_a_sent_form_asks_first(self, visitor: Visitor, database: Any) -> None:
        review = visitor.review()
        visitor.send(review, "Confirm appointment")
        again = visitor.send(review, "Confirm appointment", name="Joan Doe")
        assert again.status_code == 409
        assert "An appointment was already booked with this form" in problem_of(again)
        assert len(booked(database)) == 1

    def test_a_time_taken_meanwhile_is_offered_no_more_and_nothing_typed_is_lost(
        self, visitor: Visitor, office: Office, clock: FakeClock, database: Any
    ) -> None:
        details = visitor.details(slot_at(office))
        review = visitor.send(details, "Review", **TYPED, wants_texts="y")
        clock.advance(HOLD)
        book(office, TEN, contact=make_contact(name="Somebody Faster"), now=clock.instant)
        answer = visitor.send(review, "Confirm appointment")
        assert answer.status_code == 409
        assert "Please choose another time That time has just been taken" in problem_of(answer)
        assert slot_at(office) not in slots_of(answer)
        fields = form_of(answer).fields
        assert {name: fields[name] for name in (*TYPED, "wants_texts")} == {**TYPED, "wants_texts": "y"}
        again = visitor.send(answer, "11:00 AM")
        assert visitor.send(again, "Confirm appointment").status_code == 303
        assert len(booked(database)) == 2

    def test_a_time_taken_before_the_review(self, visitor: Visitor, office: Office, clock: FakeClock) -> None:
        details = visitor.details(slot_at(office))
        clock.advance(HOLD)
        book(office, TEN, now=clock.instant)
        answer = visitor.send(details, "Review", **TYPED)
        assert answer.status_code == 409
        assert form_of(answer).fields["name"] == "Jane Doe"

    def test_a_service_closed_meanwhile(self, visitor: Visitor, office: Office, database: Any) -> None:
        review = visitor.review()
        with transaction() as session:
            session.get_one(Service, office.service.id).ended_at = NOW
        answer = visitor.send(review, "Confirm appointment")
        assert "This service can no longer be booked online." in problem_of(answer)
        assert booked(database) == []

    def test_a_service_closed_meanwhile_does_not_become_the_only_one_left(
        self, visitor: Visitor, office: Office, database: Any
    ) -> None:
        couples = make_service(office.practice, name="Couples session")
        with transaction() as session:
            session.get_one(Therapist, office.therapist.id).services.append(session.get_one(Service, couples.id))
        review = visitor.review()
        with transaction() as session:
            session.get_one(Service, office.service.id).ended_at = NOW
        answer = visitor.send(review, "Confirm appointment")
        assert "This service can no longer be booked online." in problem_of(answer)
        assert booked(database) == []

    def test_a_therapist_who_left_meanwhile(self, visitor: Visitor, office: Office, database: Any) -> None:
        review = visitor.review()
        with transaction() as session:
            session.get_one(Therapist, office.therapist.id).ended_at = NOW
        assert visitor.send(review, "Confirm appointment").status_code == 200
        assert booked(database) == []

    def test_a_form_without_its_token_comes_back_as_it_was(self, visitor: Visitor, database: Any) -> None:
        answer = visitor.send(visitor.review(), "Confirm appointment", csrf_token="stale")
        assert "Nothing you typed was lost." in problem_of(answer)
        assert booked(database) == []
        again = visitor.send(answer, "Review")
        assert visitor.send(again, "Confirm appointment").status_code == 303

    def test_a_made_up_start_is_refused(self, visitor: Visitor, office: Office, database: Any) -> None:
        review = visitor.review()
        form = form_of(review)
        for start in (TEN + timedelta(minutes=7), NOW - timedelta(days=1), at(3)):
            answer = visitor.browser.post(
                form.action, data={**form.fields, "do": "confirm", "slot": slot_at(office, start)}
            )
            assert answer.status_code == 409
            assert form_of(answer).fields["name"] == "Jane Doe"
        assert booked(database) == []

    def test_somebody_elses_practice_books_nothing(self, visitor: Visitor, database: Any) -> None:
        form, other = form_of(visitor.review()), make_office()
        path = form.action.replace(visitor.office.practice.slug, other.practice.slug)
        visitor.browser.post(path, data={**form.fields, "do": "confirm"})
        assert booked(database) == []

    def test_a_key_of_somebodys_own_making_is_replaced(self, visitor: Visitor, database: Any) -> None:
        answer = visitor.send(visitor.review(), "Confirm appointment", key="1' OR '1'='1")
        assert answer.status_code == 303
        assert len(booked(database)) == 1

    def test_back_from_the_confirmation_does_not_deny_it(self, visitor: Visitor) -> None:
        review = visitor.review()
        visitor.send(review, "Confirm appointment")
        answer = visitor.browser.get(review.request.full_path)
        assert "If you have just booked it, all is well" in problem_of(answer)
        assert "Nothing was booked" not in words_of(answer)

    def test_after_cancelling_the_time_is_offered_again(self, visitor: Visitor, office: Office) -> None:
        cancel(book(office, TEN))
        assert slot_at(office) in slots_of(visitor.times())

    def test_one_person_at_one_address_stays_one_client(self, visitor: Visitor, office: Office, database: Any) -> None:
        visitor.send(visitor.review(), "Confirm appointment")
        visitor.send(visitor.review(name="jane doe"), "Confirm appointment")
        assert len(booked(database)) == 2
        assert database.scalar(select(func.count()).select_from(Client)) == 1


def test_sending_forms_is_limited(tmp_path: Path) -> None:
    url = databases.sqlite(tmp_path / "limits.db")
    with databases.migrated_app(url, folder=tmp_path, RATE_LIMITS=True) as app:
        with app.app_context():
            office = make_office()
        visitor = Visitor(app.test_client(), office)
        details = visitor.details()  # Choosing the time counts too: it keeps something.
        refused = [visitor.send(details, "Review").status_code for _ in range(180)]
        assert refused == [422] * 179 + [429], "who is told what is missing may try again, but not for ever"


def test_a_form_without_a_token_for_an_unknown_practice(client: FlaskClient) -> None:
    assert client.post("/nobody-here/book").status_code == 404
