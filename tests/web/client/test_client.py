"""The links in a client's messages: manage and join."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import icalendar
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import db, transaction
from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.audit_words import Actor
from telehealth.domain.links import Signed
from telehealth.domain.ports import Gateways
from telehealth.domain.words import (
    AppointmentStatus,
    Approval,
    LateChange,
    Mode,
    OccurrenceStatus,
    ServiceKind,
    WhenOneCancels,
)
from telehealth.models import (
    Appointment,
    AppointmentEvent,
    Attendee,
    Client,
    Consent,
    Occurrence,
    Policy,
    Series,
    SeriesMember,
    Service,
    Therapist,
)
from telehealth.services.appointments.approving import approve_request, decline_request, expire_requests
from telehealth.services.audit import ActedBy
from telehealth.services.consent.contact_preferences import ContactPreferences, change_contact_preferences
from telehealth.services.consent.suppressions import stop_texts
from tests.factories import Office, book, cancel, make_contact, make_office
from tests.factories.rows import keep
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import words_of
from tests.web.visitor import form_of, problem_of, read

TEN = at(10)
BY_STAFF = ActedBy(Actor.STAFF)
DAY_BEFORE = NOW - timedelta(days=1)
SECRET_WORDS = ("Individual session", "LPC", "Counseling", "therap", "session", "jane-", "303-555-0123", "0123-")


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


class Links:
    """The addresses of one seat on this server."""

    def __init__(self, addresses: Addresses, appointment: Appointment, seat: int = 0) -> None:
        public_id = appointment.attendees[seat].public_id
        self.manage = f"/m/{addresses.token(LinkPurpose.MANAGE, Signed(public_id))}"
        self.join = f"/j/{addresses.token(LinkPurpose.JOIN, Signed(public_id))}"
        self.texts = f"{self.manage}/texts"
        self.cancel, self.file, self.enter = (
            f"{self.manage}/cancel",
            f"{self.manage}/appointment.ics",
            f"{self.join}/enter",
        )


def links_of(addresses: Addresses, office: Office, **given: Any) -> Links:
    """Links to an appointment of tomorrow at ten, booked the day before today."""
    return Links(addresses, book(office, **{"starts_at": TEN, "now": DAY_BEFORE, **given}))


def set_terms(office: Office, **given: Any) -> None:
    """From now on; whoever has booked before keeps the terms of then."""
    usual = {"version": 1, "window_minutes": 24 * 60, "when_late": LateChange.CALL, "created_at": NOW}
    policy = keep(Policy(practice_id=office.practice.id, **{**usual, **given}))
    with transaction() as session:
        session.get_one(Service, office.service.id).policy_id = policy.id


def make_standing(office: Office, appointment: Appointment, **given: Any) -> None:
    """Let the appointment be one date of a standing time that belongs to its first client."""
    first = appointment.attendees[0]
    member = SeriesMember(
        practice_id=office.practice.id,
        client_id=first.client_id,
        name=first.name,
        email=first.email,
        timezone=first.timezone,
        joined_on=date(2026, 11, 24),
    )
    series = Series(
        members=[member],
        practice_id=office.practice.id,
        service_id=office.service.id,
        therapist_id=office.therapist.id,
        mode=Mode.VIRTUAL,
        timezone="America/Denver",
        local_time=time(10),
        starts_on=date(2026, 11, 24),
        created_at=NOW,
        changed_at=NOW,
        **given,
    )
    keep(
        Occurrence(
            practice_id=office.practice.id,
            series=series,
            day=date(2026, 11, 24),
            starts_at=TEN,
            duration_minutes=50,
            status=OccurrenceStatus.BOOKED,
            appointment_id=appointment.id,
        )
    )


def of(appointment: Appointment) -> dict[str, int]:
    return {"practice_id": appointment.practice_id, "appointment_id": appointment.id}


@pytest.fixture
def links(office: Office, addresses: Addresses) -> Links:
    return links_of(addresses, office)


def press_cancel(client: FlaskClient, links: Links, **typed: str) -> Any:
    fields = form_of(client.get(links.cancel)).fields
    return client.post(links.cancel, data={**fields, **typed})


def status_of(database: Any) -> AppointmentStatus:
    database.rollback()
    status: AppointmentStatus = database.scalar(select(Appointment.status))
    return status


class TestManage:
    def test_shows_the_facts(self, client: FlaskClient, links: Links) -> None:
        words = words_of(client.get(links.manage))
        assert "Your appointment When Tuesday, November 24, 2026, 10:00 AM Mountain Time (MST), 50 minutes" in words
        assert "How By video With Dana Rivera" in words
        assert "The video room opens on Tue, Nov 24 at 9:45 AM MST , 15 minutes before the start." in words

    def test_right_after_booking_it_greets(self, client: FlaskClient, office: Office, addresses: Addresses) -> None:
        words = words_of(client.get(Links(addresses, book(office, TEN)).manage))
        assert "You’re booked Thank you, Jane Doe." in words
        assert "on its way to your e-mail and your phone" in words

    def test_both_zones_where_they_differ(self, client: FlaskClient, office: Office, addresses: Addresses) -> None:
        links = links_of(addresses, office, contact=make_contact(timezone="Europe/Berlin"))
        words = words_of(client.get(links.manage))
        assert "Tuesday, November 24, 2026, 18:00 Berlin time, 50 minutes" in words
        assert "That is Tuesday, November 24, 10:00 AM Mountain Time (MST)" in words

    def test_in_person_the_venues_zone_comes_first(
        self, client: FlaskClient, office: Office, addresses: Addresses
    ) -> None:
        contact = make_contact(timezone="America/New_York", jurisdiction=None)
        words = words_of(client.get(links_of(addresses, office, mode=Mode.IN_PERSON, contact=contact).manage))
        assert "10:00 AM Mountain Time (MST), 50 minutes That is Tuesday, November 24, 12:00 PM Eastern Time" in words
        assert "Where Main Street office, 1 Main Street, Denver, CO 80202" in words
        assert "video" not in words

    def test_by_phone_only_the_end_of_the_number(
        self, client: FlaskClient, office: Office, addresses: Addresses
    ) -> None:
        words = words_of(client.get(links_of(addresses, office, mode=Mode.PHONE).manage))
        assert "By phone: we call you at the number ending in 0123" in words

    def test_is_discreet(self, client: FlaskClient, links: Links) -> None:
        for path in (links.manage, links.cancel, links.join, links.file):
            text = client.get(path).text
            assert "Riverside Office" in text
            for word in SECRET_WORDS:
                assert word not in text.replace(client.get(links.manage).request.url, ""), (path, word)

    def test_is_kept_out_of_search_engines_and_caches(self, client: FlaskClient, links: Links) -> None:
        for path in (links.manage, links.cancel, links.join):
            headers = client.get(path).headers
            assert headers["X-Robots-Tag"] == "noindex, nofollow"
            assert headers["Cache-Control"] == "no-store"

    def test_adds_to_calendars(self, client: FlaskClient, links: Links) -> None:
        found = read(client.get(links.manage)).links
        google = parse_qs(urlsplit(found["Google Calendar"]).query)
        assert google["dates"] == ["20261124T170000Z/20261124T175000Z"]
        assert google["text"] == ["Appointment with Riverside Office"]
        for name, host in (("Outlook.com", "outlook.live.com"), ("Microsoft 365", "outlook.office.com")):
            parts = urlsplit(found[name])
            assert (parts.hostname, parse_qs(parts.query)["startdt"]) == (host, ["2026-11-24T17:00:00Z"])
        yahoo = parse_qs(urlsplit(found["Yahoo Calendar"]).query)
        assert (yahoo["st"], yahoo["title"]) == (["20261124T170000Z"], google["text"])
        assert found["Apple and others (.ics)"] == links.file

    def test_the_calendar_file(self, client: FlaskClient, links: Links) -> None:
        answer = client.get(links.file)
        assert answer.mimetype == "text/calendar"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="appointment.ics"'
        (event,) = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
        assert event["DTSTART"].dt == TEN
        assert event["STATUS"] == "CONFIRMED"

    @pytest.mark.parametrize(
        ("moment", "heading"),
        [(TEN, "Your appointment has begun"), (at(10, 49), "has begun"), (at(10, 50), "This appointment is over")],
    )
    def test_once_begun_it_cannot_be_cancelled_here(
        self, client: FlaskClient, links: Links, clock: FakeClock, office: Office, moment: Any, heading: str
    ) -> None:
        clock.instant = moment
        words = words_of(client.get(links.manage))
        assert heading in words
        assert "Cancel" not in words
        assert office.practice.phone in words
        assert client.get(links.cancel).location == links.manage

    def test_while_the_room_is_open_it_leads_there(self, client: FlaskClient, links: Links, clock: FakeClock) -> None:
        clock.instant = at(9, 45)
        assert read(client.get(links.manage)).links["Join by video"] == links.join


class TestCancel:
    def test_asks_first(self, client: FlaskClient, links: Links, database: Any) -> None:
        words = words_of(client.get(links.cancel))
        assert "Cancel this appointment? When Tuesday, November 24, 2026, 10:00 AM" in words
        assert status_of(database) == AppointmentStatus.BOOKED

    def test_cancels_and_says_so(self, client: FlaskClient, links: Links, office: Office, database: Any) -> None:
        answer = press_cancel(client, links, reason="On a trip\r\nuntil Friday")
        assert (answer.status_code, answer.location) == (303, links.manage)
        assert status_of(database) == AppointmentStatus.CANCELLED
        assert database.scalar(select(Appointment.cancel_reason)) == "On a trip until Friday"
        page = client.get(links.manage)
        assert "This appointment is cancelled" in words_of(page)
        assert read(page).links["Book another appointment"] == f"{links.manage}/again"  # It knows who they are.
        assert b"STATUS:CANCELLED" in client.get(links.file).data

    def test_twice_is_harmless(self, client: FlaskClient, links: Links) -> None:
        fields = form_of(client.get(links.cancel)).fields
        for _ in range(2):
            assert client.post(links.cancel, data=fields).location == links.manage
        assert client.get(links.cancel).location == links.manage

    def test_too_late_changes_nothing(self, client: FlaskClient, links: Links, clock: FakeClock, database: Any) -> None:
        fields = form_of(client.get(links.cancel)).fields
        clock.instant = TEN
        assert client.post(links.cancel, data=fields).location == links.manage
        assert status_of(database) == AppointmentStatus.BOOKED

    @pytest.mark.parametrize("reason", ["x" * 501, "a\0b"])
    def test_a_reason_that_cannot_be_kept_comes_back(
        self, client: FlaskClient, links: Links, database: Any, reason: str
    ) -> None:
        answer = press_cancel(client, links, reason=reason)
        assert answer.status_code == 422
        assert "Please use" in problem_of(answer) or "please use" in problem_of(answer)
        assert reason in answer.text
        assert status_of(database) == AppointmentStatus.BOOKED

    def test_a_form_without_its_token_comes_back(self, client: FlaskClient, links: Links, database: Any) -> None:
        answer = client.post(links.cancel, data={"reason": "On a trip"})
        assert answer.status_code == 422
        assert "Nothing is cancelled yet." in problem_of(answer)
        assert "On a trip" in answer.text
        assert status_of(database) == AppointmentStatus.BOOKED


class TestTerms:
    """What may be changed until when, by the version agreed to."""

    def test_the_terms_agreed_to_are_shown(self, client: FlaskClient, office: Office, addresses: Addresses) -> None:
        set_terms(office, when_late=LateChange.MARK, terms="A late cancellation costs $50.")
        links = links_of(addresses, office)
        set_terms(office, version=2, window_minutes=72 * 60)
        words = words_of(client.get(links.manage))
        assert "until 24 hours before the start." in words
        assert "A late cancellation costs $50." in words

    def test_inside_the_window_it_counts_as_late_and_says_so(
        self, client: FlaskClient, office: Office, addresses: Addresses, clock: FakeClock, database: Any
    ) -> None:
        set_terms(office, when_late=LateChange.MARK, terms="A late cancellation costs $50.")
        links = links_of(addresses, office)
        clock.instant = at(10, 1, days=0)
        page = client.get(links.manage)
        assert "To move the appointment, please call us" in words_of(page)
        assert "Move to another time" not in read(page).links
        asked = words_of(client.get(links.cancel))
        assert "This counts as a late cancellation The start is less than 24 hours away. A late cancellation" in asked
        press_cancel(client, links)
        assert "It counts as a late cancellation, as the terms say." in words_of(client.get(links.manage))
        database.rollback()
        assert database.scalar(select(Attendee.late_cancel)) is True

    def test_outside_the_window_nothing_is_late(
        self, client: FlaskClient, office: Office, addresses: Addresses, database: Any
    ) -> None:
        set_terms(office, when_late=LateChange.MARK)
        links = links_of(addresses, office, starts_at=at(10, days=3))
        assert "late cancellation" not in words_of(client.get(links.cancel))
        press_cancel(client, links)
        assert "late" not in words_of(client.get(links.manage))

    def test_or_it_is_left_to_a_call(
        self, client: FlaskClient, office: Office, addresses: Addresses, clock: FakeClock, database: Any
    ) -> None:
        set_terms(office)
        links = links_of(addresses, office)
        fields = form_of(client.get(links.cancel)).fields
        clock.instant = at(10, 1, days=0)
        words = words_of(client.get(links.manage))
        assert "Please call us The start is less than 24 hours away, so it cannot be changed here any more." in words
        assert client.get(links.cancel).location == links.manage
        assert client.post(links.cancel, data=fields).location == links.manage
        assert status_of(database) == AppointmentStatus.BOOKED

    def test_whoever_has_just_booked_may_change_their_mind(
        self, client: FlaskClient, office: Office, addresses: Addresses, database: Any
    ) -> None:
        set_terms(office)
        links = Links(addresses, book(office, at(15, days=0)))
        press_cancel(client, links)
        assert status_of(database) == AppointmentStatus.CANCELLED


class TestCompany:
    """Couples and families: one appointment, and each with a page of their own."""

    def test_when_one_cannot_come_it_may_be_off_for_all(self, client: FlaskClient, addresses: Addresses) -> None:
        jane, alex = self._couple(addresses)
        assert "This cancels the appointment for everybody who comes, and we tell them." in words_of(
            client.get(jane.cancel)
        )
        press_cancel(client, jane)
        for links in (jane, alex):
            assert "This appointment is cancelled" in words_of(client.get(links.manage))

    def test_or_it_goes_on_for_the_others(self, client: FlaskClient, addresses: Addresses) -> None:
        jane, alex = self._couple(addresses, when_one_cancels=WhenOneCancels.GOES_ON)
        assert "Only you are taken off. The appointment goes on for the others." in words_of(client.get(jane.cancel))
        press_cancel(client, jane)
        words = words_of(client.get(jane.manage))
        assert "This appointment is cancelled" in words
        assert "The appointment goes on for the others." in words
        assert "Can’t come?" in words_of(client.get(alex.manage))
        assert "There is no room to join." in words_of(client.get(jane.join))

    def test_nobody_sees_the_other(self, client: FlaskClient, addresses: Addresses) -> None:
        jane, alex = self._couple(addresses)
        for path in (jane.manage, jane.cancel, jane.join, jane.file):
            assert "Alex" not in client.get(path).text
        for path in (alex.manage, alex.cancel, alex.join, alex.file):
            assert "Jane" not in client.get(path).text

    def _couple(self, addresses: Addresses, **given: Any) -> tuple[Links, Links]:
        office = make_office(service={"kind": ServiceKind.COUPLE, "capacity": 2, **given})
        other = make_contact(name="Alex Roe", email="alex@example.com", wants_texts=False)
        appointment = book(office, TEN, now=DAY_BEFORE, others=(other,))
        return Links(addresses, appointment), Links(addresses, appointment, seat=1)


class TestGroup:
    @pytest.fixture
    def office(self, client: FlaskClient) -> Office:
        return make_office(service={"kind": ServiceKind.GROUP, "capacity": 4})

    def test_a_seat_is_given_up_and_the_group_goes_on(
        self, client: FlaskClient, office: Office, addresses: Addresses, database: Any
    ) -> None:
        book(office, TEN, now=DAY_BEFORE, contact=make_contact(name="Somebody Private"))
        links = Links(addresses, book(office, TEN, now=DAY_BEFORE), seat=1)
        assert "This gives up your seat. The group goes on without you." in words_of(client.get(links.cancel))
        press_cancel(client, links)
        page = client.get(links.manage)
        assert "This appointment is cancelled" in words_of(page)
        assert "Private" not in page.text
        assert status_of(database) == AppointmentStatus.BOOKED

    def test_of_a_standing_group_only_the_date(self, client: FlaskClient, office: Office, addresses: Addresses) -> None:
        appointment = book(office, TEN, now=DAY_BEFORE)
        once = book(office, TEN, now=DAY_BEFORE, contact=make_contact(name="Only Once"))
        make_standing(office, appointment)
        for_once = Links(addresses, once, seat=1)
        assert "your weekly time" not in words_of(client.get(for_once.manage))
        assert "This gives up your seat." in words_of(client.get(for_once.cancel))
        links = Links(addresses, appointment)
        assert "Only this date. Your place in the group stays." in words_of(client.get(links.cancel))
        press_cancel(client, links)
        assert "Only this date is cancelled. Your place in the group stays." in words_of(client.get(links.manage))


class TestStandingTime:
    def test_the_page_says_so_and_whom_to_call_about_the_rest(
        self, client: FlaskClient, office: Office, addresses: Addresses
    ) -> None:
        appointment = book(office, TEN, now=DAY_BEFORE)
        make_standing(office, appointment)
        links = Links(addresses, appointment)
        words = words_of(client.get(links.manage))
        assert "This is one date of your weekly time. What you change here is only this date." in words
        assert "Only this date. Your weekly time stays." in words_of(client.get(links.cancel))
        press_cancel(client, links)
        assert "Only this date is cancelled. Your weekly time stays." in words_of(client.get(links.manage))

    def test_every_other_week(self, client: FlaskClient, office: Office, addresses: Addresses) -> None:
        appointment = book(office, TEN, now=DAY_BEFORE)
        make_standing(office, appointment, every_weeks=2)
        assert "one date of your regular time" in words_of(client.get(Links(addresses, appointment).manage))


class TestRequest:
    @pytest.fixture
    def office(self, client: FlaskClient) -> Office:
        return make_office(service={"approval": Approval.ALWAYS})

    def test_says_that_it_waits_and_until_when(self, client: FlaskClient, links: Links) -> None:
        page = client.get(links.manage)
        words = words_of(page)
        assert "We have your request Thank you, Jane Doe. The time is kept for you." in words
        assert "by Tue, Nov 24 at 9:00 AM MST , and write to you." in words
        for link in ("Google Calendar", "Move to another time", "Go to the waiting page"):
            assert link not in read(page).links

    def test_can_be_taken_back(self, client: FlaskClient, links: Links, database: Any) -> None:
        assert "Take your request back?" in words_of(client.get(links.cancel))
        press_cancel(client, links)
        assert status_of(database) == AppointmentStatus.CANCELLED
        assert "This appointment is cancelled" in words_of(client.get(links.manage))

    def test_after_a_yes_it_is_an_appointment(self, client: FlaskClient, office: Office, addresses: Addresses) -> None:
        appointment = book(office, TEN, now=DAY_BEFORE)
        approve_request(**of(appointment), by=BY_STAFF, now=NOW)
        assert "Your appointment When Tuesday" in words_of(client.get(Links(addresses, appointment).manage))

    def test_after_a_no_the_words_are_passed_on(
        self, client: FlaskClient, office: Office, addresses: Addresses
    ) -> None:
        appointment = book(office, TEN, now=DAY_BEFORE)
        decline_request(**of(appointment), by=BY_STAFF, message="We are full until <May>.", now=NOW)
        page = client.get(Links(addresses, appointment).manage)
        assert "This time did not work out We are sorry: we cannot say yes to this time." in words_of(page)
        assert "We are full until &lt;May&gt;." in page.text
        assert read(page).links["Ask for another time"] == f"/{office.practice.slug}"

    def test_when_nobody_answered(
        self, client: FlaskClient, office: Office, addresses: Addresses, clock: FakeClock
    ) -> None:
        links = links_of(addresses, office)
        clock.instant = at(9, 30)
        expire_requests(now=clock.instant)
        assert "nobody could answer in time, so we let the time go" in words_of(client.get(links.manage))

    def test_close_to_the_start_the_terms_count(
        self, client: FlaskClient, office: Office, addresses: Addresses, clock: FakeClock
    ) -> None:
        set_terms(office, window_minutes=48 * 60)
        links = links_of(addresses, office, starts_at=at(10, days=3))
        clock.instant = at(10, 30, days=0)
        assert "Take the request back" in read(client.get(links.manage)).links
        clock.advance(timedelta(hours=24))
        words = words_of(client.get(links.manage))
        assert "take it back here. Please call us" in words or "Take the request back" in words


class TestTexts:
    """Everybody says for themselves whether they want texts."""

    @pytest.fixture
    def links(self, office: Office, addresses: Addresses) -> Links:
        return links_of(addresses, office, contact=make_contact(phone=None, wants_texts=False))

    def test_the_page_says_how_it_is(self, client: FlaskClient, office: Office, addresses: Addresses) -> None:
        on = links_of(addresses, office, starts_at=at(14))
        assert "You get texts at the number ending in 0123." in words_of(client.get(on.manage))
        off = links_of(addresses, office, contact=make_contact(wants_texts=False))
        page = client.get(off.manage)
        assert "You get e-mails only." in words_of(page)
        assert read(page).links["Get texts too"] == off.texts

    def test_on_with_a_number_and_with_consent(self, client: FlaskClient, links: Links, database: Any) -> None:
        answer = self._send(client, links, do="on", phone="(303) 555-0199", wants_texts="y")
        assert answer.location == links.manage
        attendee = self._attendee(database)
        assert (attendee.phone, attendee.text_consent_at) == ("+13035550199", NOW)
        assert attendee.text_consent_wording.startswith("Send me texts about my appointments from Riverside Office")
        assert self._actions(database)[-1] == ("texts_on", "client", "link")
        assert "You get texts at the number ending in 0199." in words_of(client.get(links.manage))

    def test_off_again(self, client: FlaskClient, links: Links, database: Any) -> None:
        self._send(client, links, do="on", phone="(303) 555-0199", wants_texts="y")
        page = client.get(links.texts)
        assert "We text the number ending in 0199." in words_of(page)
        self._send(client, links, do="off")
        attendee = self._attendee(database)
        assert (attendee.phone, attendee.text_consent_at) == ("+13035550199", None)
        assert self._actions(database)[-1] == ("texts_off", "client", "link")
        # The number is still there, so it need not be typed again.
        assert "Leave it empty to use the number ending in 0199." in words_of(client.get(links.texts))
        self._send(client, links, do="on", wants_texts="y")
        assert self._attendee(database).text_consent_at == NOW

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"phone": "(303) 555-0199"}, "Please tick the box"),
            ({"phone": "12", "wants_texts": "y"}, "Please check the number"),
            ({"phone": "", "wants_texts": "y"}, "Please enter a mobile number."),
        ],
    )
    def test_without_consent_or_number_nothing_is_sent(
        self, client: FlaskClient, links: Links, database: Any, typed: dict[str, str], sentence: str
    ) -> None:
        answer = self._send(client, links, do="on", **typed)
        assert answer.status_code == 422
        assert sentence in problem_of(answer)
        assert form_of(answer).fields["phone"] == typed["phone"]
        assert self._attendee(database).text_consent_at is None

    def test_one_of_a_couple_says_nothing_for_the_other(
        self, client: FlaskClient, addresses: Addresses, database: Any
    ) -> None:
        office = make_office(service={"kind": ServiceKind.COUPLE, "capacity": 2})
        other = make_contact(name="Alex Roe", wants_texts=False)
        appointment = book(office, TEN, now=DAY_BEFORE, others=(other,), contact=make_contact(wants_texts=False))
        self._send(client, Links(addresses, appointment, seat=1), do="on", wants_texts="y")
        database.rollback()
        consents = database.execute(select(Attendee.name, Attendee.text_consent_at).order_by(Attendee.id)).all()
        assert [(name, at is not None) for name, at in consents] == [("Jane Doe", False), ("Alex Roe", True)]

    def test_a_form_without_its_token_comes_back(self, client: FlaskClient, links: Links) -> None:
        answer = client.post(links.texts, data={"phone": "(303) 555-0199", "wants_texts": "y", "do": "on"})
        assert answer.status_code == 422
        assert form_of(answer).fields["phone"] == "(303) 555-0199"
        assert form_of(answer).fields["wants_texts"] == "y"

    def test_once_it_has_begun_there_is_nothing_to_text_about(
        self, client: FlaskClient, links: Links, clock: FakeClock
    ) -> None:
        fields = form_of(client.get(links.texts)).fields
        clock.instant = TEN
        assert client.get(links.texts).location == links.manage
        assert client.post(links.texts, data={**fields, "do": "on"}).location == links.manage
        assert client.post(links.texts, data={"do": "on"}).location == links.manage

    def test_other_messages_can_be_ended_one_by_one(self, client: FlaskClient, links: Links, database: Any) -> None:
        page = client.get(links.texts)
        assert "E-mails about times that became free You get them, when there are any." in words_of(page)
        fields = form_of(page).fields
        wish = links.texts.replace("/texts", "/wishes")
        answer = client.post(wish, data={"csrf_token": fields["csrf_token"], "about": "offers email", "do": "off"})
        assert answer.location == f"{links.texts}#wishes"
        assert "E-mails about times that became free Ended. You get none." in words_of(client.get(links.texts))
        said = database.scalars(select(Consent)).one()
        assert (said.is_given, said.source, said.wording) == (
            False,
            "link",
            "Send me no e-mails about times that became free.",
        )
        nonsense = client.post(wish, data={"csrf_token": fields["csrf_token"], "about": "appointments email"})
        assert nonsense.status_code == 404

    def test_other_messages_begin_again_only_while_it_is_ahead(
        self, client: FlaskClient, links: Links, clock: FakeClock, database: Any
    ) -> None:
        fields = form_of(client.get(links.texts)).fields
        wish = {"csrf_token": fields["csrf_token"], "about": "offers email"}
        clock.instant = TEN
        path = links.texts.replace("/texts", "/wishes")
        assert client.post(path, data={**wish, "do": "on"}).location == links.manage
        assert database.scalars(select(Consent)).all() == []
        client.post(path, data={**wish, "do": "off"})
        assert not database.scalars(select(Consent)).one().is_given

    def test_after_stop_the_page_says_what_helps(
        self, client: FlaskClient, office: Office, addresses: Addresses
    ) -> None:
        links = links_of(addresses, office)
        stop_texts(phone="+13035550123", now=NOW)
        assert "Texts to your phone were ended with STOP. Text START to us" in words_of(client.get(links.texts))
        assert "You get e-mails only." in words_of(client.get(links.manage))

    def test_a_safe_number_is_on_no_page(
        self, client: FlaskClient, office: Office, addresses: Addresses, database: Any
    ) -> None:
        links_of(addresses, office)
        known = database.scalars(select(Client)).one()
        wish = ContactPreferences(locale="en", safe_phone="(303) 555-0199")
        change_contact_preferences(
            practice_id=office.practice.id, client_public_id=known.public_id, wish=wish, by=BY_STAFF, now=NOW
        )
        manage = addresses.manage(database.scalars(select(Attendee)).one()).removeprefix(addresses.base_url)
        for path in (manage, f"{manage}/texts"):
            words = words_of(client.get(path))
            assert "You get texts." in words
            assert "0199" not in words

    def _send(self, client: FlaskClient, links: Links, **typed: str) -> Any:
        fields = form_of(client.get(links.texts)).fields
        return client.post(links.texts, data={**fields, **typed})

    def _attendee(self, database: Any) -> Any:
        database.rollback()
        return database.scalar(select(Attendee).execution_options(populate_existing=True))

    def _actions(self, database: Any) -> list[tuple[Any, ...]]:
        events = select(AppointmentEvent.action, AppointmentEvent.actor, AppointmentEvent.via)
        return [tuple(row) for row in database.execute(events.order_by(AppointmentEvent.id))]


class TestJoin:
    def test_before_it_waits(self, client: FlaskClient, links: Links, clock: FakeClock) -> None:
        clock.instant = at(9, 30)
        answer = client.get(links.join)
        words = words_of(answer)
        assert "The room is not open yet Opens at 9:45 AM MST" in words
        assert 'data-reload-at="2026-11-24T16:45:00+00:00"' in answer.text
        assert 'data-now="2026-11-24T16:30:00+00:00"' in answer.text
        assert read(answer).links["Check again"] == links.join

    def test_days_before_there_is_nothing_to_count_down(self, client: FlaskClient, links: Links) -> None:
        answer = client.get(links.join)
        assert "The room opens on Tue, Nov 24 at 9:45 AM MST" in words_of(answer)
        assert "data-reload-at" not in answer.text

    @pytest.mark.parametrize("moment", [at(9, 45), TEN, at(10, 50), at(11, 19)])
    def test_open_from_a_quarter_of_an_hour_before_until_half_an_hour_after_the_end(
        self, client: FlaskClient, links: Links, clock: FakeClock, gateways: Gateways, moment: Any
    ) -> None:
        clock.instant = moment
        page = client.get(links.join)
        assert gateways.video.asked == []  # type: ignore[attr-defined] -- Looking opens no room.
        assert read(page).links["Join by video"] == f"{links.join}/before"
        assert read(client.get(f"{links.join}/before")).links["Go in without answering"] == links.enter
        assert 'rel="noreferrer nofollow"' in page.text
        answer = client.get(links.enter)
        assert answer.status_code == 302
        assert answer.location.startswith("https://video.test/")
        ((room, guest),) = gateways.video.asked  # type: ignore[attr-defined]
        assert (guest.display_name, guest.is_therapist) == ("J. D.", False)
        assert (room.opens_at, room.closes_at) == (at(9, 45), at(11, 20))

    def test_the_therapists_own_link(self, client: FlaskClient, links: Links, clock: FakeClock, office: Office) -> None:
        with transaction() as session:
            session.get_one(Therapist, office.therapist.id).video_url = "https://meet.example/dana"
        clock.instant = TEN
        assert client.get(links.enter).location == "https://meet.example/dana"

    def test_whatever_follows_the_way_into_a_room_elsewhere_has_not_arrived(
        self, client: FlaskClient, links: Links, clock: FakeClock
    ) -> None:
        clock.instant = TEN
        client.get(links.enter)
        db.session.rollback()
        (seat,) = db.session.scalars(select(Attendee)).all()
        assert (seat.entered_at, seat.status) == (TEN, AppointmentStatus.BOOKED)

    @pytest.mark.parametrize("moment", [at(9, 44), at(11, 20)])
    def test_outside_that_time_nobody_enters(
        self, client: FlaskClient, links: Links, clock: FakeClock, moment: Any
    ) -> None:
        clock.instant = moment
        assert client.get(links.enter).location == links.join

    def test_after_the_end(self, client: FlaskClient, links: Links, clock: FakeClock, office: Office) -> None:
        clock.instant = at(10, 50)
        assert "The time is over, but you can go back in for a while." in words_of(client.get(links.join))
        assert "Join by video" in words_of(client.get(links.manage))
        clock.instant = at(11, 20)
        words = words_of(client.get(links.join))
        assert "This appointment is over The room is closed." in words
        assert office.practice.phone in words

    def test_after_cancelling(
        self, client: FlaskClient, office: Office, addresses: Addresses, clock: FakeClock
    ) -> None:
        links = Links(addresses, cancel(book(office, TEN)))
        clock.instant = TEN
        assert "This appointment is cancelled There is no room to join." in words_of(client.get(links.join))
        assert client.get(links.enter).location == links.join

    @pytest.mark.parametrize(
        ("mode", "sentence"),
        [
            (Mode.IN_PERSON, "You meet in person There is no video for this appointment. Please come to the address"),
            (Mode.PHONE, "Please keep your phone near you: we call the number ending in 0123"),
        ],
    )
    def test_without_video(
        self, client: FlaskClient, office: Office, addresses: Addresses, clock: FakeClock, mode: Mode, sentence: str
    ) -> None:
        links = links_of(addresses, office, mode=mode)
        clock.instant = TEN
        assert sentence in words_of(client.get(links.join))
        assert client.get(links.enter).location == links.join

    def test_the_way_in_is_no_way_to_cancel(self, client: FlaskClient, links: Links, clock: FakeClock) -> None:
        for moment in (NOW, TEN):
            clock.instant = moment
            assert "/m/" not in client.get(links.join).text


class TestLinks:
    """Only the very link that was sent opens anything."""

    @pytest.mark.parametrize(
        "token", ["x", "a.b", "\0", "ü", "." * 200, "x" * 3_000, "AAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA"]
    )
    def test_guessed(self, client: FlaskClient, links: Links, token: str) -> None:
        for path in (
            f"/m/{token}",
            f"/m/{token}/cancel",
            f"/m/{token}/appointment.ics",
            f"/j/{token}",
            f"/j/{token}/enter",
        ):
            answer = client.get(path)
            assert answer.status_code == 404, path
            assert "Traceback" not in answer.text
        assert client.post(f"/m/{token}/cancel").status_code == 404

    def test_one_purpose_does_not_open_the_other(self, client: FlaskClient, links: Links) -> None:
        assert client.get(links.join.replace("/j/", "/m/")).status_code == 404
        assert client.get(links.manage.replace("/m/", "/j/")).status_code == 404

    def test_a_changed_letter(self, client: FlaskClient, links: Links) -> None:
        changed = links.manage[:-1] + ("A" if links.manage[-1] != "A" else "B")
        assert client.get(changed).status_code == 404

    def test_a_signed_link_to_nobody(self, client: FlaskClient, links: Links, addresses: Addresses) -> None:
        assert client.get(f"/m/{addresses.token(LinkPurpose.MANAGE, Signed('nobody'))}").status_code == 404
