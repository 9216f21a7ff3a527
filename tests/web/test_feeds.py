"""The private calendar, as calendar programs poll it."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import datetime, time, timedelta

import icalendar
import pytest
from flask.testing import FlaskClient

from telehealth.database import transaction
from telehealth.domain import walltime
from telehealth.domain.hours.absences import AbsenceKind
from telehealth.domain.icalendar import FeedDetail
from telehealth.domain.words import Approval, Mode, Role
from telehealth.models import Appointment, Practice, Service, Therapist, User
from telehealth.services.appointments.approving import approve_request
from telehealth.services.calendars.feed_addresses import rotate_feed, set_feed_detail
from tests.discretion import NUMBERS
from tests.factories import (
    BY_STAFF,
    Office,
    book,
    cancel,
    make_contact,
    make_office,
    make_therapist,
    make_user,
)
from tests.factories.rows import change
from tests.factories.series import make_group_office, make_series
from tests.factories.therapists import add_time_off
from tests.fakes import FakeClock
from tests.moments import DENVER, NOW, at

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


def test_gzip_is_the_same_calendar(client: FlaskClient, office: Office, appointment: Appointment) -> None:
    address = make_feed(office)
    plain, small = (client.get(address, headers={"Accept-Encoding": each}) for each in ("identity", "gzip, br"))
    assert gzip.decompress(small.data) == plain.data
    assert (small.headers["Content-Encoding"], "Content-Encoding" in plain.headers) == ("gzip", False)
    assert small.headers["ETag"] == f"W/{plain.headers['ETag']}", "other bytes, the same calendar"
    assert "Accept-Encoding" in plain.headers["Vary"]
    known = {"If-None-Match": small.headers["ETag"]}
    assert client.get(address, headers={**known, "Accept-Encoding": "gzip"}).status_code == 304


@pytest.mark.parametrize("what", ["book", "cancel", "detail", "sender_name", "phone"])
def test_every_change_is_noticed(
    client: FlaskClient, office: Office, appointment: Appointment, clock: FakeClock, what: str
) -> None:
    address = make_feed(office)
    tag = client.get(address).headers["ETag"]
    clock.advance(timedelta(minutes=1))
    if what == "book":
        book(office, at(13), now=clock())
    elif what == "cancel":
        cancel(appointment, now=clock())
    elif what in {"sender_name", "phone"}:
        with transaction() as session:
            setattr(session.get_one(Practice, office.practice.id), what, "Another")
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


def test_a_code_name_reaches_a_feed_that_was_fetched(
    client: FlaskClient, office: Office, appointment: Appointment
) -> None:
    address = make_feed(office, FeedDetail.FULL)
    first = client.get(address)
    assert "SUMMARY:Ana Rivera" in unfolded(first.data)
    change(appointment.attendees[0].client, code_name="Heron")
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, "SUMMARY:Heron" in unfolded(again.data)) == (200, True)
    assert "Ana" not in unfolded(again.data)


def test_code_names_are_for_those_who_have_one(client: FlaskClient, office: Office, appointment: Appointment) -> None:
    address = make_feed(office, FeedDetail.CODE_NAME)
    assert "SUMMARY:A. R." in unfolded(client.get(address).data)
    change(appointment.attendees[0].client, code_name="Heron")
    assert "SUMMARY:Heron" in unfolded(client.get(address).data)


def test_a_seat_that_was_given_up_loses_its_name(client: FlaskClient) -> None:
    office = make_group_office()
    for name in ("Ana Rivera", "Ben Ito"):
        group = book(office, at(10), contact=make_contact(name=name))
    address = make_feed(office, FeedDetail.FULL)
    first = client.get(address)
    assert "SUMMARY:Ana Rivera\\, Ben Ito" in unfolded(first.data)
    ben = next(each for each in group.attendees if each.name == "Ben Ito")
    cancel(group, attendee_id=ben.id)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert "SUMMARY:Ana Rivera\r\n" in unfolded(again.data)
    ana = next(each for each in group.attendees if each.name == "Ana Rivera")
    cancel(group, attendee_id=ana.id, now=NOW + timedelta(minutes=1))
    event = events_of(client.get(address).data)[0]
    assert (event["STATUS"], event["SUMMARY"]) == ("CANCELLED", "Ana Rivera"), "who would have come"


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        (FeedDetail.BUSY, "Busy"),
        (FeedDetail.INITIALS, "Request: A. R."),
        (FeedDetail.CODE_NAME, "Request: A. R."),
        (FeedDetail.FULL, "Request: A. R."),
    ],
)
def test_a_request_is_tentative_and_names_nobody(
    client: FlaskClient, office: Office, detail: FeedDetail, said: str
) -> None:
    change(office.service, approval=Approval.ALWAYS)
    asked = book(office, at(10), contact=make_contact(name="Ana Rivera"))
    address = make_feed(office, detail)
    event = events_of(client.get(address).data)[0]
    assert (event["STATUS"], event["SUMMARY"], event["TRANSP"]) == ("TENTATIVE", said, "OPAQUE")
    approve_request(practice_id=office.practice.id, appointment_id=asked.id, by=BY_STAFF, now=NOW)
    assert events_of(client.get(address).data)[0]["STATUS"] == "CONFIRMED"


def test_standing_slots_are_there_for_all_the_time_they_keep(client: FlaskClient, office: Office) -> None:
    slot = make_series(office, contacts=[make_contact(name="Ana Rivera")])
    events = events_of(client.get(make_feed(office, FeedDetail.FULL)).data)
    kept = {each.starts_at for each in slot.occurrences}
    assert {each["DTSTART"].dt for each in events} == kept
    assert max(kept) - NOW > timedelta(days=390)
    assert {each["SUMMARY"] for each in events} == {"Ana Rivera"}
    assert len({each["UID"] for each in events}) == len(kept)
    hours = {walltime.wall(each, DENVER).time() for each in kept}
    assert hours == {time(15)}, "whatever the clocks do"


def test_a_member_of_a_standing_slot_is_named_for_their_own_dates(client: FlaskClient) -> None:
    office = make_group_office()
    slot = make_series(office, contacts=[make_contact(name="Ana Rivera"), make_contact(name="Ben Ito")])
    last = slot.occurrences[20].day
    change(next(each for each in slot.members if each.name == "Ben Ito"), left_on=last)
    events = events_of(client.get(make_feed(office, FeedDetail.FULL)).data)
    named = {walltime.wall(each["DTSTART"].dt, DENVER).date(): each["SUMMARY"] for each in events}
    assert (named[last], named[slot.occurrences[21].day]) == ("Ana Rivera, Ben Ito", "Ana Rivera")


def test_time_off_is_in_it_and_never_says_why(client: FlaskClient, office: Office) -> None:
    sick = {"kind": AbsenceKind.SICK, "note": "Broken leg"}
    away = add_time_off(office.therapist, datetime(2026, 12, 7), datetime(2026, 12, 12), **sick)
    for detail, said in ((FeedDetail.BUSY, "Busy"), (FeedDetail.FULL, "Away")):
        address = make_feed(office, detail)
        content = client.get(address)
        (event,) = events_of(content.data)
        assert (event["SUMMARY"], event["DTSTART"].dt, event["DTEND"].dt) == (said, away.starts_at, away.ends_at)
        assert "sick" not in content.text.lower()
        assert "leg" not in content.text
    change(away, ends_local=datetime(2026, 12, 14))
    assert client.get(address, headers={"If-None-Match": content.headers["ETag"]}).status_code == 200


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
