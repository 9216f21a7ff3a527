"""The links in a client's messages: manage and join."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import icalendar
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from telehealth.database import transaction
from telehealth.domain.addresses import Addresses, Purpose
from telehealth.domain.ports import Gateways
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models import Appointment, Therapist
from tests.factories import Office, book, cancel, make_contact, make_office
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import words_of
from tests.web.visitor import form_of, problem_of, read

TEN = at(10)
DAY_BEFORE = NOW - timedelta(days=1)
SECRET_WORDS = ("Individual session", "LPC", "Counseling", "therap", "session", "jane-", "303-555-0123", "0123-")


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


class Links:
    """The addresses of one seat on this server."""

    def __init__(self, addresses: Addresses, appointment: Appointment) -> None:
        public_id = appointment.attendees[0].public_id
        self.manage = f"/m/{addresses.token(Purpose.MANAGE, public_id)}"
        self.join = f"/j/{addresses.token(Purpose.JOIN, public_id)}"
        self.cancel, self.file, self.enter = (
            f"{self.manage}/cancel",
            f"{self.manage}/appointment.ics",
            f"{self.join}/enter",
        )


def links_of(addresses: Addresses, office: Office, **given: Any) -> Links:
    """Links to an appointment of tomorrow at ten, booked the day before today."""
    return Links(addresses, book(office, TEN, now=DAY_BEFORE, **given))


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
        assert "Tuesday, November 24, 2026, 6:00 PM Berlin time (CET), 50 minutes" in words
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
        assert parse_qs(urlsplit(found["Outlook Calendar"]).query)["startdt"] == ["2026-11-24T17:00:00Z"]
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
        assert read(page).links["Book another appointment"] == f"/{office.practice.slug}"
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

    @pytest.mark.parametrize("moment", [at(9, 45), TEN, at(10, 49)])
    def test_open_from_a_quarter_of_an_hour_before_until_the_end(
        self, client: FlaskClient, links: Links, clock: FakeClock, gateways: Gateways, moment: Any
    ) -> None:
        clock.instant = moment
        page = client.get(links.join)
        assert gateways.video.asked == []  # type: ignore[attr-defined] -- Looking opens no room.
        assert read(page).links["Join by video"] == links.enter
        assert 'rel="noreferrer nofollow"' in page.text
        answer = client.get(links.enter)
        assert answer.status_code == 302
        assert answer.location.startswith("https://video.test/")
        ((room, guest),) = gateways.video.asked  # type: ignore[attr-defined]
        assert (guest.display_name, guest.is_therapist) == ("J. D.", False)
        assert (room.opens_at, room.closes_at) == (at(9, 45), at(10, 50))

    def test_the_therapists_own_link(self, client: FlaskClient, links: Links, clock: FakeClock, office: Office) -> None:
        with transaction() as session:
            session.get_one(Therapist, office.therapist.id).video_url = "https://meet.example/dana"
        clock.instant = TEN
        assert client.get(links.enter).location == "https://meet.example/dana"

    @pytest.mark.parametrize("moment", [at(9, 44), at(10, 50)])
    def test_outside_that_time_nobody_enters(
        self, client: FlaskClient, links: Links, clock: FakeClock, moment: Any
    ) -> None:
        clock.instant = moment
        assert client.get(links.enter).location == links.join

    def test_after_the_end(self, client: FlaskClient, links: Links, clock: FakeClock, office: Office) -> None:
        clock.instant = at(10, 50)
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
        "token", ["x", "a.b", "\0", "ü", "." * 200, "x" * 10_000, "AAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA"]
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
        assert client.get(f"/m/{addresses.token(Purpose.MANAGE, 'nobody')}").status_code == 404
