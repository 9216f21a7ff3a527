"""Waiting for a time: the wish, the place in line, the offer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from telehealth.database import transaction
from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.words import AppointmentStatus, LateChange, Mode, OfferStatus, WaitlistStatus
from telehealth.models import Appointment, Offer, Service, WaitlistEntry
from telehealth.services.practice.policies import NewTerms, change_terms
from telehealth.services.waitlist.waiting import expire_waits, offer_freed_times
from tests.discretion import NUMBERS
from tests.factories import (
    BY_STAFF,
    Office,
    book,
    cancel,
    make_contact,
    make_location,
    make_office,
    make_service,
    make_therapist,
)
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import words_of
from tests.web.visitor import TYPED, Visitor, form_of, problem_of, read

TEN = at(10)
DAY_BEFORE = NOW - timedelta(days=1)
QUIET = timedelta(minutes=6)
SECRET_WORDS = ("Individual session", "LPC", "Counseling", "therapist", "session")


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def visitor(client: FlaskClient, office: Office) -> Visitor:
    return Visitor(client, office)


def send(client: FlaskClient, page: TestResponse, **typed: Any) -> TestResponse:
    """Fill a form in. A list ticks several boxes of one name."""
    form = form_of(page)
    data = MultiDict({**form.fields, **typed})
    for name, value in typed.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return client.post(form.action or page.request.full_path.rstrip("?"), data=data)


def form_page(visitor: Visitor, **query: str) -> TestResponse:
    return visitor.browser.get(f"/{visitor.office.practice.slug}/wait", query_string={**visitor.choices, **query})


def entries(database: Any) -> list[WaitlistEntry]:
    database.rollback()
    return list(database.scalars(select(WaitlistEntry).execution_options(populate_existing=True)))


def an_offer(database: Any) -> Offer:
    database.rollback()
    found: Offer = database.scalars(select(Offer).execution_options(populate_existing=True)).one()
    return found


class TestJoining:
    def test_the_times_lead_to_it_with_all_that_was_chosen(self, visitor: Visitor) -> None:
        link = read(visitor.times()).links["Tell us when you could come"]
        page = visitor.browser.get(link)
        assert "Tell us when you could come" in words_of(page)
        assert "For: Individual session , 50 minutes" in words_of(page)
        fields = form_of(page).fields
        assert (fields["modes"], fields["state"], fields["until"]) == ("virtual", "CO", "2026-12-21")

    def test_without_a_service_that_comes_first(self, visitor: Visitor, office: Office) -> None:
        make_service(office.practice, name="Couples session")
        page = form_page(visitor, service="")
        assert page.status_code == 302
        assert "What would you like to book?" in words_of(visitor.browser.get(page.location))
        posted = visitor.browser.post(f"/{office.practice.slug}/wait", data=form_of(form_page(visitor)).fields)
        assert posted.status_code == 303

    def test_any_time_with_anybody(self, visitor: Visitor, database: Any) -> None:
        answer = send(visitor.browser, form_page(visitor), **TYPED, wants_texts="y")
        assert answer.status_code == 303
        (entry,) = entries(database)
        assert (entry.windows, entry.therapist_ids, entry.modes) == ([], [], ["virtual"])
        assert (entry.name, entry.phone, entry.jurisdiction) == ("Jane Doe", "+13035550123", "CO")
        assert (entry.until, entry.text_consent_at) == (date(2026, 12, 21), NOW)
        words = words_of(visitor.browser.get(answer.location))
        assert "You are on the list Your place in line: 1 ." in words
        assert "How By video With Anybody When Any time" in words
        assert "Until Monday, December 21, 2026" in words

    def test_where_minors_come_with_a_parent_their_age_is_asked(
        self, visitor: Visitor, office: Office, database: Any
    ) -> None:
        assert "date of birth" not in form_page(visitor).text
        change(office.practice, when_minor=WhenMinor.REQUIRE)
        for born_on in ("", "2018-05-04"):
            page = send(visitor.browser, form_page(visitor), **TYPED, born_on=born_on)
            assert page.status_code == 422
            assert form_of(page).fields["born_on"] == born_on, "nothing that was typed is lost"
            assert form_of(page).fields["name"] == "Jane Doe"
        assert "Please ask them to call us" in words_of(page)
        assert entries(database) == []
        assert send(visitor.browser, form_page(visitor), **TYPED, born_on="1990-05-04").status_code == 303
        (entry,) = entries(database)
        assert entry.client.born_on == date(1990, 5, 4)

    def test_days_and_parts_of_the_day(self, visitor: Visitor, database: Any) -> None:
        wish = {"weekdays": ["0", "3"], "parts": ["morning", "evening"]}
        answer = send(visitor.browser, form_page(visitor), **TYPED, **wish)
        (entry,) = entries(database)
        assert {"weekday": 0, "starts": "00:00", "ends": "12:00"} in entry.windows
        assert {"weekday": 3, "starts": "17:00", "ends": "00:00"} in entry.windows
        assert len(entry.windows) == 4
        words = words_of(visitor.browser.get(answer.location))
        assert "Monday: mornings, until noon and evenings, from 5:00 PM" in words

    @pytest.mark.parametrize(
        ("wish", "count", "said"),
        [
            ({"weekdays": ["2"]}, 1, "Wednesday: all day"),
            ({"parts": ["afternoon"]}, 7, "Every day: afternoons, noon to 5:00 PM"),
            ({"weekdays": ["4"], "starts": "16:00", "ends": "19:30"}, 1, "Friday: 4:00 PM to 7:30 PM"),
            ({"starts": "09:00", "ends": "11:00", "parts": ["evening"]}, 7, "Every day: 9:00 AM to 11:00 AM"),
        ],
    )
    def test_windows(self, visitor: Visitor, database: Any, wish: dict[str, Any], count: int, said: str) -> None:
        answer = send(visitor.browser, form_page(visitor), **TYPED, **wish)
        assert len(entries(database)[0].windows) == count
        assert said in words_of(visitor.browser.get(answer.location))

    def test_certain_therapists_and_several_ways(self, visitor: Visitor, office: Office, database: Any) -> None:
        sam = make_therapist(office.practice, office.service, name="Sam Okafor")
        make_therapist(office.practice, office.service, name="Li Na")
        wish = {"therapists": [sam.public_id, "x"], "modes": ["virtual", "in_person", "x"]}
        answer = send(visitor.browser, form_page(visitor), **TYPED, **wish)
        (entry,) = entries(database)
        assert (entry.therapist_ids, entry.modes) == ([sam.id], ["virtual", "in_person"])
        assert entry.location_id == office.location.id
        words = words_of(visitor.browser.get(answer.location))
        assert "How By video or in person Where Main Street office With Sam Okafor" in words

    def test_one_way_and_one_place_are_not_asked(self, client: FlaskClient, database: Any) -> None:
        visitor = Visitor(client, make_office(service={"modes": ["in_person"]}))
        page = form_page(visitor, mode="in_person", state="")
        assert "How could you meet?" not in words_of(page)
        assert "Where will you be?" not in words_of(page)
        send(client, page, **TYPED)
        assert entries(database)[0].modes == ["in_person"]

    @pytest.mark.parametrize(
        ("typed", "field", "sentence"),
        [
            ({"name": " "}, "name", "Please enter your name."),
            ({"name": "Win at evil.com now"}, "name", "Please enter a name only"),
            ({"name": "=?utf-8?q?=0d=0aBcc:_x=40y.z?="}, "name", "Please use ordinary letters"),
            ({"email": "ana@"}, "email", "Please check the e-mail address"),
            ({"phone": "", "wants_texts": "y"}, "phone", "Please enter a mobile number."),
            ({"phone": "", "modes": ["phone"]}, "phone", "Please enter a mobile number."),
            ({"modes": []}, "modes-0", "Please choose at least one way to meet."),
            ({"state": ""}, "state", "Please choose the state"),
            ({"until": "soon"}, "until", "Please enter a date, for example 2026-12-31."),
            ({"until": "2026-11-22"}, "until", "Please choose a date from today on"),
            ({"until": "2028-01-01"}, "until", "within a year"),
            ({"starts": "16:00"}, "starts", "Please enter both hours"),
            ({"starts": "late", "ends": "later"}, "starts", "Please enter both hours"),
            ({"starts": "16:00", "ends": "09:00"}, "starts", "The second hour must be later"),
        ],
    )
    def test_what_cannot_be_used_is_said_at_its_field_and_nothing_is_emptied(
        self, visitor: Visitor, database: Any, typed: dict[str, Any], field: str, sentence: str
    ) -> None:
        wish = {**TYPED, "weekdays": ["1"], "parts": ["evening"], **typed}
        answer = send(visitor.browser, form_page(visitor), **wish)
        assert answer.status_code == 422
        assert sentence in problem_of(answer)
        assert f'href="#{field}"' in answer.text
        assert entries(database) == []
        fields = form_of(answer).fields
        assert (fields["weekdays"], fields["parts"]) == ("1", "evening")
        assert all(fields.get(name, "") == value for name, value in typed.items() if isinstance(value, str))

    def test_with_two_places_one_is_chosen(self, visitor: Visitor, office: Office, database: Any) -> None:
        lake = make_location(office.practice, name="Lake office")
        page = form_page(visitor, mode="in_person", state="")
        answer = send(visitor.browser, page, **TYPED)
        assert "Please choose where you would like to meet." in problem_of(answer)
        send(visitor.browser, answer, location=str(lake.public_id))
        assert entries(database)[0].location_id == lake.id

    def test_a_form_sent_twice_waits_once(self, visitor: Visitor, database: Any) -> None:
        for _ in range(2):
            send(visitor.browser, form_page(visitor), **TYPED, parts=["evening"], weekdays=["0"])
        (entry,) = entries(database)
        assert [window["starts"] for window in entry.windows] == ["17:00"]

    def test_a_service_closed_meanwhile(self, visitor: Visitor, office: Office, database: Any) -> None:
        make_service(office.practice, name="Couples session")
        page = form_page(visitor)
        with transaction() as session:
            session.get_one(Service, office.service.id).ended_at = NOW
        answer = send(visitor.browser, page, **TYPED)
        assert answer.status_code == 303
        assert "This service can no longer be booked online." in words_of(visitor.browser.get(answer.location))
        assert entries(database) == []

    def test_a_form_without_its_token_comes_back(self, visitor: Visitor, database: Any) -> None:
        answer = send(visitor.browser, form_page(visitor), **TYPED, weekdays=["1"], csrf_token="stale")
        assert answer.status_code == 422
        assert form_of(answer).fields["weekdays"] == "1"
        assert send(visitor.browser, answer).status_code == 303

    def test_unknown_practices(self, client: FlaskClient, office: Office) -> None:
        for slug in ("nobody-here", "UPPER"):
            assert client.get(f"/{slug}/wait").status_code == 404
            assert client.post(f"/{slug}/wait").status_code == 404


class TestEarlier:
    """From an appointment: something earlier, and the later one is given up for it."""

    @pytest.fixture
    def manage(self, office: Office, addresses: Addresses) -> str:
        appointment = book(office, at(10, days=4), now=DAY_BEFORE)
        return f"/m/{addresses.token(LinkPurpose.MANAGE, appointment.attendees[0])}"

    def test_the_appointment_leads_to_it(self, client: FlaskClient, manage: str) -> None:
        link = read(client.get(manage)).links["Tell us when you could"]
        page = client.get(link)
        words = words_of(page)
        assert "Now you come on Friday, November 27, 10:00 AM Mountain Time (MST) , and you keep that time." in words
        for word in SECRET_WORDS:
            assert word not in page.text

    def test_waits_with_the_contact_it_has_until_the_day_itself(
        self, client: FlaskClient, manage: str, database: Any
    ) -> None:
        answer = send(client, client.get(f"{manage}/earlier"), weekdays=["1", "2"])
        assert answer.status_code == 303
        (entry,) = entries(database)
        assert (entry.name, entry.phone, entry.until) == ("Jane Doe", "+13035550123", date(2026, 11, 27))
        assert entry.replaces is not None
        words = words_of(client.get(answer.location))
        assert "Until then you keep your appointment on Fri, Nov 27 at 10:00 AM MST ." in words

    def test_mistakes_come_back(self, client: FlaskClient, manage: str, database: Any) -> None:
        answer = send(client, client.get(f"{manage}/earlier"), modes=[], weekdays=["1"])
        assert answer.status_code == 422
        assert "Please choose at least one way to meet." in problem_of(answer)
        stale = send(client, client.get(f"{manage}/earlier"), weekdays=["1"], csrf_token="stale")
        assert "Nothing you typed was lost." in problem_of(stale)
        assert form_of(stale).fields["weekdays"] == "1"
        assert entries(database) == []

    def test_without_a_number_there_is_no_call(self, client: FlaskClient, office: Office, addresses: Addresses) -> None:
        contact = make_contact(phone=None, wants_texts=False)
        appointment = book(office, at(14, days=4), now=DAY_BEFORE, contact=contact)
        path = f"/m/{addresses.token(LinkPurpose.MANAGE, appointment.attendees[0])}/earlier"
        answer = send(client, client.get(path), modes=["phone"])
        assert "please leave the phone out" in words_of(answer)

    def test_what_cannot_be_moved_waits_for_nothing(self, client: FlaskClient, manage: str, clock: FakeClock) -> None:
        page = client.get(f"{manage}/earlier")
        clock.instant = at(10, days=4)
        assert client.get(f"{manage}/earlier").location == manage
        assert send(client, page).location == manage
        assert client.post("/m/x/earlier").status_code == 404


@pytest.fixture
def entry(visitor: Visitor, database: Any) -> WaitlistEntry:
    send(visitor.browser, form_page(visitor), **TYPED)
    return entries(database)[0]


@pytest.fixture
def wait_path(entry: WaitlistEntry, addresses: Addresses) -> str:
    return addresses.wait(entry).removeprefix(addresses.base_url)


class TestPlace:
    def test_is_discreet(self, client: FlaskClient, wait_path: str) -> None:
        answer = client.get(wait_path)
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        for word in (*SECRET_WORDS, "jane", "Jane", *NUMBERS):
            assert word not in answer.text

    def test_counts_those_before(self, client: FlaskClient, visitor: Visitor, wait_path: str, clock: FakeClock) -> None:
        clock.advance(timedelta(minutes=1))
        second = send(client, form_page(visitor), **{**TYPED, "email": "second@example.com"})
        assert "Your place in line: 2 ." in words_of(client.get(second.location))
        assert "Your place in line: 1 ." in words_of(client.get(wait_path))

    def test_leaving(self, client: FlaskClient, wait_path: str, database: Any) -> None:
        page = client.get(wait_path)
        assert send(client, page).location == wait_path, "only the button leaves"
        assert entries(database)[0].status == WaitlistStatus.WAITING
        for _ in range(2):
            assert send(client, page, do="leave").location == wait_path
        assert "You left the list" in words_of(client.get(wait_path))
        assert entries(database)[0].status == WaitlistStatus.LEFT

    def test_a_form_without_its_token(self, client: FlaskClient, wait_path: str, database: Any) -> None:
        assert client.post(wait_path, data={"do": "leave"}).location == wait_path
        assert entries(database)[0].status == WaitlistStatus.WAITING

    def test_when_the_date_has_passed(self, client: FlaskClient, wait_path: str, clock: FakeClock) -> None:
        clock.advance(timedelta(days=40))
        expire_waits(now=clock.instant)
        assert "We have stopped looking" in words_of(client.get(wait_path))

    @pytest.mark.parametrize("token", ["x", "a.b", "ü", "AAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA"])
    def test_guessed_links(self, client: FlaskClient, wait_path: str, token: str) -> None:
        for path in (f"/w/{token}", f"/o/{token}"):
            assert client.get(path).status_code == 404
            answer = client.post(path, follow_redirects=True)
            assert answer.status_code == 404


class TestOffer:
    @pytest.fixture
    def offer(self, office: Office, entry: WaitlistEntry, clock: FakeClock, database: Any) -> Offer:
        """Somebody cancelled tomorrow at ten."""
        cancel(book(office, TEN, contact=make_contact(name="Somebody Else")))
        clock.advance(QUIET)
        offer_freed_times(now=clock.instant)
        return an_offer(database)

    @pytest.fixture
    def path(self, offer: Offer, addresses: Addresses) -> str:
        return addresses.offer(offer).removeprefix(addresses.base_url)

    def test_says_what_and_until_when(self, client: FlaskClient, path: str) -> None:
        answer = client.get(path)
        words = words_of(answer)
        assert "A time for you It became free, and we keep it for you until Mon, Nov 23 at 11:06 AM MST ." in words
        assert "When Tuesday, November 24, 2026, 10:00 AM Mountain Time (MST), 50 minutes" in words
        assert "You can move or cancel it online until it starts." in words
        for word in (*SECRET_WORDS, "Jane", "Somebody"):
            assert word not in answer.text

    def test_what_is_over_already_is_not_promised(self, client: FlaskClient, office: Office, path: str) -> None:
        terms = NewTerms(48 * 60, LateChange.CALL)
        change_terms(
            practice_id=office.practice.id,
            service_public_id=office.service.public_id,
            terms=terms,
            by=BY_STAFF,
            now=NOW,
        )
        words = words_of(client.get(path))
        assert "48 hours away, so to move or cancel it you would have to call us." in words
        assert "online until" not in words

    def test_the_place_leads_to_it(self, client: FlaskClient, path: str, wait_path: str) -> None:
        page = client.get(wait_path)
        assert "We have a time for you" in words_of(page)
        assert read(page).links["See the offer"] == path

    def test_one_tap_takes_it(self, client: FlaskClient, path: str, wait_path: str, database: Any) -> None:
        answer = send(client, client.get(path), do="accept")
        assert answer.status_code == 303
        assert "You’re booked Thank you, Jane Doe." in words_of(client.get(answer.location))
        booked = select(Appointment).where(Appointment.status == AppointmentStatus.BOOKED)
        assert database.scalars(booked).one().starts_at == TEN
        page = client.get(path)
        assert "It is yours" in words_of(page)
        assert read(page).links["See the appointment"] == answer.location
        assert "You have a time now" in words_of(client.get(wait_path))

    def test_twice_takes_one(self, client: FlaskClient, path: str) -> None:
        page = client.get(path)
        send(client, page, do="accept")
        assert send(client, page, do="accept").location == path
        assert "It is yours" in words_of(client.get(path))

    def test_no_thank_you(self, client: FlaskClient, path: str, wait_path: str, database: Any) -> None:
        page = client.get(path)
        for _ in range(2):
            assert send(client, page, do="decline").location == path
        assert "You let it go Somebody else may have it. You keep your place on the list." in words_of(client.get(path))
        assert "You are on the list" in words_of(client.get(wait_path))
        assert an_offer(database).status == OfferStatus.DECLINED

    def test_another_button_and_a_stale_form_answer_nothing(
        self, client: FlaskClient, path: str, database: Any
    ) -> None:
        assert send(client, client.get(path)).location == path
        assert client.post(path, data={"do": "accept"}).location == path
        assert an_offer(database).status == OfferStatus.OPEN

    def test_when_it_is_over(self, client: FlaskClient, path: str, clock: FakeClock, wait_path: str) -> None:
        page = client.get(path)
        clock.advance(timedelta(hours=2))
        late = send(client, page, do="accept")
        assert late.location == path
        words = words_of(client.get(path))
        assert "This offer is over We could keep it only until Mon, Nov 23 at 11:06 AM MST" in words
        assert "See the offer" not in read(client.get(wait_path)).links

    def test_what_stands_in_the_way_is_said_and_the_offer_stays(
        self, client: FlaskClient, path: str, office: Office, database: Any
    ) -> None:
        # The client has meanwhile taken the same hour elsewhere in the practice.
        sam = make_therapist(office.practice, office.service, name="Sam Okafor")
        contact = make_contact(name=TYPED["name"], email=TYPED["email"])
        book(office, TEN, therapist=sam.public_id, contact=contact)
        answer = send(client, client.get(path), do="accept")
        assert answer.status_code == 409
        assert "overlaps another of your appointments" in problem_of(answer)
        assert an_offer(database).status == OfferStatus.OPEN


def test_an_offer_that_replaces_a_later_appointment(
    client: FlaskClient, office: Office, addresses: Addresses, clock: FakeClock, database: Any
) -> None:
    later = book(office, at(10, days=4), now=DAY_BEFORE, mode=Mode.IN_PERSON)
    manage = f"/m/{addresses.token(LinkPurpose.MANAGE, later.attendees[0])}"
    send(client, client.get(f"{manage}/earlier"), modes=["in_person"])
    cancel(book(office, TEN, contact=make_contact()))
    clock.advance(QUIET)
    offer_freed_times(now=clock.instant)
    path = addresses.offer(an_offer(database)).removeprefix(addresses.base_url)
    words = words_of(client.get(path))
    assert "If you take it, your appointment on Fri, Nov 27 at 10:00 AM MST is given up in the same moment." in words
    assert "Where Main Street office, 1 Main Street" in words
    assert send(client, client.get(path), do="accept").location == manage
    booked = select(Appointment).where(Appointment.status == AppointmentStatus.BOOKED)
    database.rollback()
    assert database.scalars(booked).one().starts_at == TEN


def test_a_number_alone_is_not_enough_and_nothing_typed_is_lost(visitor: Visitor, office: Office) -> None:
    """Also where people book by phone only: no code is asked here, and offers are texted."""
    change(office.practice, takes_phone_only=True, books_phone_only=True)
    page = visitor.browser.get(f"/{office.practice.slug}/wait?service={office.service.public_id}&mode=virtual&state=CO")
    typed = {**TYPED, "modes": "virtual", "email": "", "phone": "(303) 555-0177"}
    refused = send(visitor.browser, page, **typed)
    assert refused.status_code == 422
    assert "Please enter your e-mail address." in words_of(refused)
    kept = form_of(refused).fields
    assert (kept["name"], kept["phone"]) == (TYPED["name"], "(303) 555-0177")
