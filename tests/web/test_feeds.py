"""The private calendar, as calendar programs poll it."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import datetime, time, timedelta

import icalendar
import pytest
import vobject
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.http import http_date

from telehealth.database import transaction
from telehealth.domain import walltime
from telehealth.domain.feeds import write_shown
from telehealth.domain.hours.absences import AbsenceKind
from telehealth.domain.icalendar import FeedDetail
from telehealth.domain.words import AppointmentStatus, Approval, Mode, Role
from telehealth.models import Appointment, Practice, SeriesMember, Service, Therapist, User
from telehealth.models.feeds import Owner
from telehealth.queries.calendars.feeds import list_feeds
from telehealth.services.appointments.approving import approve_request
from telehealth.services.calendars.feed_addresses import FeedWish, change_feed
from tests.adapters.node import read_calendars
from tests.discretion import NUMBERS
from tests.factories import (
    BY_STAFF,
    Office,
    book,
    cancel,
    feeds,
    make_client,
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
    """Its path. What tells names says where, too."""
    return feeds.make_feed(office.practice, office.therapist, detail, shows_place=detail == FeedDetail.FULL)[1]


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


def test_the_order_in_which_rows_are_found_makes_no_news(client: FlaskClient) -> None:
    office = make_group_office()
    for hour in (10, 14):
        for name in ("Ana Rivera", "Ben Ito", "Cleo Diaz"):
            group = book(office, at(hour), contact=make_contact(name=name))
    make_series(office, contacts=[make_contact(name="Ben Ito"), make_contact(name="Ana Rivera")])
    address = make_feed(office, FeedDetail.FULL)
    before = client.get(address)
    with transaction() as session:  # PostgreSQL finds what was written last at the end.
        for row in (group, *group.attendees):
            session.execute(update(type(row)).where(type(row).id == row.id).values(id=row.id))
        session.execute(update(SeriesMember).where(SeriesMember.name == "Ben Ito").values(name="Ben Ito"))
    again = client.get(address)
    assert (again.headers["ETag"], again.data) == (before.headers["ETag"], before.data)


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
        (feed,) = list_feeds(office.practice.id)
        which = {"practice_id": office.practice.id, "feed_public_id": feed.public_id}
        change_feed(**which, wish=FeedWish(name="Phone", detail=FeedDetail.INITIALS), by=BY_STAFF, now=clock())
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


def test_it_says_since_when_it_is_so(client: FlaskClient, office: Office, clock: FakeClock) -> None:
    book(office, at(10))
    address = make_feed(office)
    first = client.get(address).headers["Last-Modified"]
    assert first == http_date(NOW)
    clock.advance(timedelta(hours=2))
    assert client.get(address).headers["Last-Modified"] == first
    answer = client.get(address, headers={"If-Modified-Since": first})
    assert (answer.status_code, answer.data) == (304, b"")
    book(office, at(13), now=clock())
    answer = client.get(address, headers={"If-Modified-Since": first})
    assert (answer.status_code, answer.headers["Last-Modified"]) == (200, http_date(clock()))


def test_a_change_within_the_second_is_news_too(client: FlaskClient, office: Office, appointment: Appointment) -> None:
    address = make_feed(office, FeedDetail.FULL)
    first = client.get(address).headers["Last-Modified"]
    change(appointment.attendees[0].client, code_name="Heron")
    assert client.get(address, headers={"If-Modified-Since": first}).status_code == 200


def test_reading_is_noted_every_few_minutes_and_for_each_program(
    client: FlaskClient, office: Office, clock: FakeClock
) -> None:
    address, google = make_feed(office), {"User-Agent": "Google-Calendar-Importer"}
    (feed,) = list_feeds(office.practice.id)
    client.get(address, headers=google)
    assert (feed.read_at, feed.read_by) == (NOW, "Google Calendar")
    clock.advance(timedelta(minutes=4))
    client.get(address, headers=google)
    assert feed.read_at == NOW
    client.get(address, headers={"User-Agent": "vdirsyncer/0.19.3"})
    assert (feed.read_at, feed.read_by) == (clock(), "vdirsyncer")
    clock.advance(timedelta(minutes=5))
    client.get(address, headers={"User-Agent": "vdirsyncer/0.19.3", "If-None-Match": "*"})
    assert feed.read_at == clock()


def shared(office: Office, owner: Owner | None, detail: FeedDetail = FeedDetail.INITIALS, **given: bool) -> str:
    return feeds.make_feed(office.practice, owner, detail, **given)[1]


def test_a_room_a_place_and_the_practice_show_who_is_there_with_whom(client: FlaskClient, office: Office) -> None:
    ana = make_contact(name="Ana Rivera", jurisdiction=None)
    there = book(office, at(10), mode=Mode.IN_PERSON, contact=ana)
    online = book(office, at(14), contact=make_contact(name="Ben Ito"))
    book(make_office(), at(10))
    said = {there.uid: "Dana Keller: A. R.", online.uid: "Dana Keller: B. I."}
    for owner, shown in ((office.room, {there}), (office.location, {there}), (None, {there, online})):
        events = events_of(client.get(shared(office, owner)).data)
        assert {each["UID"]: each["SUMMARY"] for each in events} == {each.uid: said[each.uid] for each in shown}
        busy = events_of(client.get(shared(office, owner, FeedDetail.BUSY)).data)
        assert {each["SUMMARY"] for each in busy} == {"Busy"}


def test_calendars_are_called_after_what_they_show(client: FlaskClient, office: Office) -> None:
    names = {
        icalendar.Calendar.from_ical(client.get(shared(office, each)).data)["X-WR-CALNAME"]
        for each in (office.room, office.location, None)
    }
    usual = ("appointments", office.room.name, office.location.name)
    assert names == {f"Riverside Office: {each}" for each in usual}


def test_rooms_and_places_show_the_dates_that_standing_slots_keep(client: FlaskClient, office: Office) -> None:
    slot = make_series(office, mode=Mode.IN_PERSON, contacts=[make_contact(jurisdiction=None)])
    for owner in (office.room, office.location, None):
        starts = [each["DTSTART"].dt for each in events_of(client.get(shared(office, owner)).data)]
        assert sorted(starts) == sorted(each.starts_at for each in slot.occurrences)
    booked = [each.starts_at for each in slot.occurrences if each.appointment_id is not None]
    without = events_of(client.get(shared(office, office.room, shows_standing=False)).data)
    assert sorted(each["DTSTART"].dt for each in without) == booked


def test_the_practice_shows_time_off_and_a_room_does_not(client: FlaskClient, office: Office) -> None:
    add_time_off(office.therapist, datetime(2026, 12, 7), datetime(2026, 12, 12))
    (event,) = events_of(client.get(shared(office, None)).data)
    assert event["SUMMARY"] == "Dana Keller: away"
    assert events_of(client.get(shared(office, None, shows_time_off=False)).data) == []
    assert events_of(client.get(shared(office, office.room)).data) == []


def test_a_clients_own_calendar_is_neutral_and_only_theirs(client: FlaskClient, office: Office) -> None:
    made = book(office, at(10), mode=Mode.IN_PERSON, contact=make_contact(name="Ana Rivera", jurisdiction=None))
    book(office, at(14), contact=make_contact(name="Ben Ito"))
    ana = made.attendees[0].client
    content = client.get(shared(office, ana, FeedDetail.FULL))
    (event,) = events_of(content.data)
    assert (event["UID"], event["SUMMARY"]) == (made.uid, "Appointment with Riverside Office")
    for word in ("Ana", "Rivera", "Keller", "Individual", "therapy", "http", "/m/", "/j/", "Main Street"):
        assert word not in unfolded(content.data)
    assert "Main Street" in unfolded(client.get(shared(office, ana, shows_place=True)).data)
    change(ana, locale="es")
    assert "SUMMARY:Cita con Riverside Office" in unfolded(client.get(shared(office, ana)).data)


def test_a_client_who_gives_up_a_seat_sees_it_cancelled_while_the_group_goes_on(client: FlaskClient) -> None:
    office = make_group_office()
    for name in ("Ana Rivera", "Ben Ito"):
        group = book(office, at(10), contact=make_contact(name=name))
    paths = {each.name: shared(office, each.client) for each in group.attendees}
    cancel(group, attendee_id=next(each.id for each in group.attendees if each.name == "Ben Ito"))
    stands = {name: events_of(client.get(path).data)[0]["STATUS"] for name, path in paths.items()}
    assert stands == {"Ana Rivera": "CONFIRMED", "Ben Ito": "CANCELLED"}


def test_a_clients_calendar_goes_on_with_the_record_it_was_merged_into(client: FlaskClient, office: Office) -> None:
    made = book(office, at(10), contact=make_contact(name="Ana Rivera"))
    other = make_client(office.practice, name="Ana Rivera", email="ana@elsewhere.example")
    path = shared(office, other)
    assert events_of(client.get(path).data) == []
    change(other, merged_into_id=made.attendees[0].client_id)
    assert [each["UID"] for each in events_of(client.get(path).data)] == [made.uid]
    change(made.attendees[0].client, erased_at=NOW)
    assert client.get(path).status_code == 404


def test_places_are_said_where_that_was_chosen(client: FlaskClient, office: Office) -> None:
    book(office, at(10), mode=Mode.IN_PERSON, contact=make_contact(jurisdiction=None))
    for shows_place in (False, True):
        content = unfolded(client.get(shared(office, office.therapist, shows_place=shows_place)).data)
        assert ("LOCATION:Main Street office" in content) == shows_place


def test_nothing_is_written_for_whoever_has_the_newest_copy(
    client: FlaskClient, office: Office, appointment: Appointment
) -> None:
    address = make_feed(office)
    tag = client.get(address).headers["ETag"]
    write_shown.cache_clear()
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert write_shown.cache_info().misses == 0


def test_one_change_in_many_writes_one_event(client: FlaskClient, office: Office) -> None:
    for hour in (9, 11, 14):
        made = book(office, at(hour))
    address = make_feed(office)
    client.get(address)
    before = write_shown.cache_info().misses
    cancel(made)
    client.get(address)
    assert write_shown.cache_info().misses == before + 1


def test_no_log_line_has_an_address_in_it(
    client: FlaskClient, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    address = make_feed(office)
    with caplog.at_level("DEBUG"):
        assert client.get(address).status_code == 200
        assert client.get(address.replace(".ics", "x.ics")).status_code == 404
    secret = address.removeprefix("/calendar/").removesuffix(".ics")
    assert [each for each in caplog.messages if secret in each] == []
    assert [each for each in map(str, (each.__dict__ for each in caplog.records)) if secret in each] == []


@pytest.mark.parametrize("detail", [FeedDetail.BUSY, FeedDetail.FULL])
def test_other_readers_see_the_same(client: FlaskClient, detail: FeedDetail) -> None:
    """What ical.js (Thunderbird, Nextcloud) and vobject read of all kinds of events, over two changes of clocks."""
    office = make_group_office()
    names = ('Zoë "Q; R" O\\Neil, Jr.', "王 Ana", "👩‍👩‍👧 Rivera")
    for name in names:
        group = book(office, at(10), contact=make_contact(name=name))
    cancel(group, attendee_id=group.attendees[0].id)
    cancel(book(office, at(14)))
    change(book(office, at(9, days=2)), status=AppointmentStatus.PENDING)
    make_series(office, contacts=[make_contact(name="Ben Ito")])
    add_time_off(office.therapist, datetime(2027, 3, 13), datetime(2027, 3, 15))
    content = client.get(make_feed(office, detail)).data
    ours = {str(each["UID"]): each for each in events_of(content)}
    (theirs,) = read_calendars([content])
    assert (theirs["others"], theirs["method"], theirs["name"]) == (0, "PUBLISH", "Riverside Office: appointments")
    read = {each["uid"]: each for each in theirs["events"]}
    also = {each.uid.value: each for each in vobject.readOne(content.decode()).vevent_list}
    assert read.keys() == also.keys() == ours.keys()
    assert {each["status"] for each in theirs["events"]} == {"CONFIRMED", "TENTATIVE", "CANCELLED"}
    for uid, event in ours.items():
        assert read[uid]["summary"] == also[uid].summary.value == event["SUMMARY"]
        assert read[uid]["zone"] == "UTC"
        for field, name in (("starts_at", "dtstart"), ("ends_at", "dtend")):
            assert datetime.fromisoformat(read[uid][field]) == event[name].dt == getattr(also[uid], name).value
    away = next(each for each in theirs["events"] if each["starts_at"] == "2027-03-13T07:00:00.000Z")
    assert away["ends_at"] == "2027-03-15T06:00:00.000Z", "a weekend of 47 hours in Denver"
