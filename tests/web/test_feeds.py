"""The private calendar, as calendar programs poll it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import icalendar
import pytest
from flask.testing import FlaskClient

from telehealth.database import transaction
from telehealth.domain.icalendar import FeedDetail
from telehealth.domain.words import Mode, Role
from telehealth.models import Appointment, Practice, Service, Therapist, User
from telehealth.services.calendars.feed_addresses import rotate_feed, set_feed_detail
from tests.discretion import NUMBERS
from tests.factories import BY_STAFF, Office, book, cancel, make_contact, make_office, make_therapist, make_user
from tests.fakes import FakeClock
from tests.moments import NOW, at

DAY = timedelta(days=1)
REVEALING = (
    "Ana",
    "Rivera",
    "A. R.",
    "ana@",
    *NUMBERS,
    "Individual",
    "therapy",
    "LPC",
    "Dana",
    "http",
    "/desk/",
    "Main Street",
    "video",
)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office(therapist={"name": "Dana Keller"})


@pytest.fixture
def appointment(office: Office) -> Appointment:
    return book(office, at(10), contact=make_contact(name="Ana Rivera", email="ana@example.com"))


def make_feed(office: Office, detail: FeedDetail = FeedDetail.BUSY) -> str:
    """Its address."""
    whose = {"practice_id": office.practice.id, "therapist_id": office.therapist.id}
    secret = rotate_feed(**whose, by=BY_STAFF, now=NOW)
    set_feed_detail(**whose, detail=detail, by=BY_STAFF, now=NOW)
    return f"/calendar/{secret}.ics"


def events_of(content: bytes) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))


def unfolded(content: bytes) -> str:
    return content.replace(b"\r\n ", b"").decode()


def test_a_calendar_program_needs_no_password(client: FlaskClient, office: Office, appointment: Appointment) -> None:
    answer = client.get(make_feed(office))
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    event = events_of(answer.data)[0]
    assert event["DTSTART"].dt == appointment.starts_at
    assert event["UID"] == appointment.uid


def test_a_session_of_two_therapists_is_in_both_calendars(client: FlaskClient, office: Office) -> None:
    colleague = make_therapist(office.practice, office.service, name="Sam Okafor")
    with transaction() as session:
        session.get_one(Service, office.service.id).therapists_needed = 2
    made = book(office, at(14), co_therapist=colleague.public_id)
    for each in (office.therapist, colleague):
        feed = make_feed(replace(office, therapist=each))
        assert [event["UID"] for event in events_of(client.get(feed).data)] == [made.uid]
    before = client.get(feed).headers["ETag"]
    cancel(made)
    assert client.get(feed).headers["ETag"] != before


def test_headers_keep_it_private(client: FlaskClient, office: Office) -> None:
    headers = client.get(make_feed(office)).headers
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "private" in headers["Cache-Control"]
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    "path", ["/calendar/x.ics", "/calendar/.ics", "/calendar/%00.ics", f"/calendar/{'a' * 3000}.ics"]
)
def test_a_wrong_address_is_not_found(client: FlaskClient, office: Office, path: str) -> None:
    make_feed(office)
    assert client.get(path).status_code == 404


def test_busy_says_nothing_but_busy(client: FlaskClient, office: Office, appointment: Appointment) -> None:
    content = unfolded(client.get(make_feed(office)).data)
    assert "SUMMARY:Busy" in content
    assert [word for word in REVEALING if word in content] == []


def test_initials_say_initials_and_a_link_behind_the_password(
    client: FlaskClient, office: Office, appointment: Appointment
) -> None:
    content = unfolded(client.get(make_feed(office, FeedDetail.INITIALS)).data)
    assert "SUMMARY:A. R." in content
    allowed = {"A. R.", "http", "/desk/"}
    assert {word for word in REVEALING if word in content} == allowed


def test_full_says_names_and_place_and_still_nothing_clinical(client: FlaskClient, office: Office) -> None:
    book(office, at(10), mode=Mode.IN_PERSON, contact=make_contact(name="Ana Rivera", email="ana@example.com"))
    content = unfolded(client.get(make_feed(office, FeedDetail.FULL)).data)
    assert "SUMMARY:Ana Rivera" in content
    assert "LOCATION:Main Street office" in content
    for word in ("Individual", "therapy", "LPC", "ana@", *NUMBERS):
        assert word not in content


def test_the_links_of_clients_are_never_in_it(client: FlaskClient, office: Office, appointment: Appointment) -> None:
    content = unfolded(client.get(make_feed(office, FeedDetail.FULL)).data)
    assert "/m/" not in content
    assert "/j/" not in content


def test_the_same_rows_give_the_same_bytes(client: FlaskClient, office: Office, clock: FakeClock) -> None:
    for hour in (9, 11, 14):
        book(office, at(hour))
    address = make_feed(office)
    first = client.get(address)
    clock.advance(timedelta(hours=3))
    second = client.get(address)
    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]


def test_what_is_known_is_not_sent_again(client: FlaskClient, office: Office, appointment: Appointment) -> None:
    address = make_feed(office)
    tag = client.get(address).headers["ETag"]
    for given in (tag, f"W/{tag}", f'"other", {tag}'):
        answer = client.get(address, headers={"If-None-Match": given})
        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["X-Robots-Tag"] == "noindex"
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("change", ["book", "cancel", "detail", "sender_name", "phone"])
def test_every_change_is_noticed(
    client: FlaskClient, office: Office, appointment: Appointment, clock: FakeClock, change: str
) -> None:
    address = make_feed(office)
    tag = client.get(address).headers["ETag"]
    clock.advance(timedelta(minutes=1))
    if change == "book":
        book(office, at(13), now=clock())
    elif change == "cancel":
        cancel(appointment, now=clock())
    elif change in {"sender_name", "phone"}:
        with transaction() as session:
            setattr(session.get_one(Practice, office.practice.id), change, "Another")
    else:
        whose = {"practice_id": office.practice.id, "therapist_id": office.therapist.id}
        set_feed_detail(**whose, detail=FeedDetail.INITIALS, by=BY_STAFF, now=clock())
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_cancelled_ones_stay_a_week_and_say_so(
    client: FlaskClient, office: Office, appointment: Appointment, clock: FakeClock
) -> None:
    address = make_feed(office)
    cancel(appointment)
    event = events_of(client.get(address).data)[0]
    assert event["STATUS"] == "CANCELLED"
    assert event["SEQUENCE"] == 1
    clock.advance(7 * DAY)
    assert len(events_of(client.get(address).data)) == 1
    clock.advance(DAY)
    assert events_of(client.get(address).data) == []


def test_it_reaches_a_month_back_and_half_a_year_ahead(client: FlaskClient, office: Office, clock: FakeClock) -> None:
    book(office, at(10))
    address = make_feed(office)
    clock.advance(31 * DAY)
    assert len(events_of(client.get(address).data)) == 1
    clock.advance(DAY)
    assert events_of(client.get(address).data) == []


def test_only_the_therapists_own_appointments(client: FlaskClient, office: Office) -> None:
    colleague = make_therapist(office.practice, office.service)
    book(office, at(10), therapist=colleague.public_id)
    book(make_office(), at(10))
    assert events_of(client.get(make_feed(office)).data) == []


def test_it_closes_when_the_therapist_leaves(client: FlaskClient, office: Office) -> None:
    address = make_feed(office)
    with transaction() as session:
        session.get_one(Therapist, office.therapist.id).ended_at = NOW
    assert client.get(address).status_code == 404


def test_it_closes_with_the_login(client: FlaskClient, office: Office) -> None:
    address = make_feed(office)
    user = make_user(office.practice, Role.THERAPIST)
    with transaction() as session:
        session.get_one(Therapist, office.therapist.id).user_id = user.id
    assert client.get(address).status_code == 200
    with transaction() as session:
        session.get_one(User, user.id).active = False
    assert client.get(address).status_code == 404


def test_programs_may_ask_for_the_headers_alone(client: FlaskClient, office: Office) -> None:
    answer = client.head(make_feed(office))
    assert answer.status_code == 200
    assert answer.data == b""
