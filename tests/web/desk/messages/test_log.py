"""What was said and what will be said, as staff read it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select

from telehealth.database import db, transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Attendee, Message
from telehealth.services.rehearsal.rehearsing import IN_A_PART, rehearse_practice
from telehealth.web.desk.messages import log
from tests.factories import Office, book, cancel, make_contact, make_office, make_therapist
from tests.fakes import FakeClock
from tests.moments import NOW, at
from tests.web.staff import Staff, as_owner, as_therapist, filled_in, words_of

TEN = at(10)


@pytest.fixture
def office(database: Any, clock: FakeClock) -> Office:
    return make_office()


@pytest.fixture
def owner(app: Flask, office: Office) -> Staff:
    return as_owner(app, office)


def said(database: Any, **given: Any) -> Message:
    """Change one message of the only appointment as sending it would, and return it."""
    database.expire_all()
    row = database.scalars(
        select(Message).where(Message.kind == given.pop("kind", MessageKind.CONFIRMATION)).order_by(Message.id)
    ).first()
    with transaction() as session:
        found = session.get_one(Message, row.id)
        usual = {"status": MessageStatus.DELIVERED, "sent_at": NOW, "body": "We see you at ten.", "attempts": 1}
        for name, value in {**usual, **given}.items():
            setattr(found, name, value)
    return found


def test_the_log_is_empty_at_first_and_says_so(owner: Staff) -> None:
    assert "No messages here" in words_of(owner.get("/desk/messages"))


def test_the_log_shows_the_words_as_they_went_out_without_the_secret(
    owner: Staff, office: Office, database: Any
) -> None:
    book(office, TEN)
    row = said(database, body=f"See https://host/m/abcDEF.{'x' * 22} now.", subject="Confirmed")
    page = owner.get("/desk/messages")
    assert "Confirmation" in words_of(page)
    one = owner.get(f"/desk/messages/{row.public_id}")
    assert "See https://host/m/… now." in words_of(one)
    assert "abcDEF" not in page.text + one.text
    assert "Taken by the provider" in words_of(one)


def test_what_still_waits_stands_under_what_will_be_sent(owner: Staff, office: Office) -> None:
    book(office, at(10, days=4))
    assert "No messages here" in words_of(owner.get("/desk/messages"))
    days = words_of(owner.get("/desk/messages/outgoing"))
    assert "Reminder, 24 hours before" in days
    assert "Mountain Time" in days
    assert "Nothing is planned" in words_of(owner.get("/desk/messages/outgoing?first=2027-05-01"))


def test_the_days_ahead_say_how_much_each_holds_and_show_some_at_a_time(owner: Staff, office: Office) -> None:
    for hour in (9, 10, 11, 13, 14, 15):
        book(office, at(hour, days=4), contact=make_contact(name=f"Kim {hour}", email=f"kim{hour}@example.com"))
    total = db.session.scalar(select(func.count()).where(Message.status == MessageStatus.PLANNED)) or 0
    assert 40 < total <= 60
    first = owner.get("/desk/messages/outgoing")
    assert f": {total} messages." in words_of(first)
    assert f"1 to {log.AT_A_TIME} of {total}" in words_of(first)
    assert first.text.count('class="message"') == log.AT_A_TIME
    rest = owner.get("/desk/messages/outgoing?skip=40")
    assert f"41 to {total} of {total} No more" in words_of(rest)
    assert rest.text.count('class="message"') == total - 40
    one = words_of(owner.get("/desk/messages/outgoing?first=2026-11-26&days=1"))
    assert "A week from here" in one
    for odd in ("-5", "x", "99999999999999999999"):
        assert owner.get(f"/desk/messages/outgoing?skip={odd}").status_code == 200


def test_what_will_never_be_said_does_not_stand_before_what_was(owner: Staff, office: Office) -> None:
    appointment = book(office, at(10, days=4))
    cancel(appointment)
    assert "24 hours before" not in words_of(owner.get("/desk/messages"))
    assert "Reminder, 24 hours before No longer needed" in words_of(owner.get("/desk/messages?state=ended"))


def test_filters_narrow_the_log_and_stay_in_the_form(owner: Staff, office: Office, database: Any) -> None:
    appointment = book(office, TEN, contact=make_contact(name="Jane Doe"))
    row = said(database, status=MessageStatus.FAILED, reason=Reason.REFUSED)
    client = appointment.attendees[0].client.public_id
    for query, is_there in {
        "state=failed": True,
        "state=delivered": False,
        f"channel={row.channel.value}": True,
        "kind=reminder": False,
        f"client={client}": True,
        f"appointment={appointment.public_id}": True,
        "state=nonsense&channel=pigeon": True,
    }.items():
        page = owner.get(f"/desk/messages?{query}")
        assert ("Why: the provider refused it." in words_of(page)) is is_there, query
    assert 'value="failed" selected' in owner.get("/desk/messages?state=failed").text
    assert owner.get("/desk/messages?client=somebody-else").status_code == 404


def test_long_logs_are_turned_over_page_by_page(owner: Staff, office: Office, database: Any) -> None:
    for number in range(10):
        contact = make_contact(name=f"Client {number}", email=f"c{number}@example.com")
        book(office, at(10 + number % 5, days=3 + number // 5), contact=contact)
    with transaction() as session:
        for row in session.scalars(select(Message)):
            row.status, row.due_at = MessageStatus.DELIVERED, min(row.due_at, NOW)
    total = len(database.scalars(select(Message.id)).all())
    address, seen = "/desk/messages", 0
    while address:
        page = owner.get(address)
        seen += page.text.count('<li class="message">')
        part = page.text.partition("Earlier messages")[0].rpartition('href="')[2].partition('"')[0]
        address = part.replace("&amp;", "&") if "Earlier messages" in page.text else ""
    assert seen == total > 50


def test_a_therapist_reads_their_own_and_nobody_elses(app: Flask, office: Office, database: Any) -> None:
    client = as_therapist(app, office, make_therapist(office.practice, office.service, name="Sam Okafor"))
    book(office, TEN)
    row = said(database)
    assert "No messages here" in words_of(client.get("/desk/messages"))
    assert client.get(f"/desk/messages/{row.public_id}").status_code == 404
    assert client.post(f"/desk/messages/{row.public_id}/resend").status_code == 404
    assert client.get("/desk/messages/report").status_code == 403


def test_it_can_be_sent_again_and_the_new_one_is_linked(owner: Staff, office: Office, database: Any) -> None:
    book(office, at(10, days=4))
    row = said(database, channel=Channel.EMAIL, sent_to="jane@example.com")
    answer = owner.post(f"/desk/messages/{row.public_id}/resend")
    assert answer.status_code == 302
    again = owner.get(answer.location)
    assert "It goes out again within a minute" in again.text
    assert "Sent instead" in words_of(again)


def test_what_is_out_of_date_is_not_sent_again(owner: Staff, office: Office, database: Any) -> None:
    book(office, TEN)
    row = said(database, version=7)
    answer = owner.post(f"/desk/messages/{row.public_id}/resend", follow_redirects=True)
    assert "Nothing was sent." in words_of(answer)


def test_the_report_counts_who_came_after_which_reminders(owner: Staff, office: Office, database: Any) -> None:
    book(office, at(10, days=4))
    book(office, at(12, days=4))
    with transaction() as session:
        for number, appointment in enumerate(session.scalars(select(Appointment).order_by(Appointment.id))):
            seat = session.scalars(select(Attendee).where(Attendee.appointment_id == appointment.id)).one()
            seat.status = AppointmentStatus.NOSHOW if number else AppointmentStatus.FULFILLED
            seat.confirmed_at = None if number else NOW
        for row in session.scalars(select(Message).where(Message.kind == MessageKind.REMINDER)):
            row.status, row.sent_at = MessageStatus.DELIVERED, NOW
    page = words_of(owner.get("/desk/messages/report?until=2026-12-01"))
    assert "1 of 2" in page
    assert "50%" in page
    assert "9% to 91%" in page  # Wilson's interval of one of two.
    assert "Reminded by Text and e-mail" in page
    assert "About a day" in page
    assert "Confirmed Came 1 of 1" in page


def test_a_rehearsal_shows_the_days_to_come_and_sends_nothing(owner: Staff, office: Office, database: Any) -> None:
    book(office, at(10, days=4))
    page = owner.read("/desk/messages/rehearsal?days=7")
    assert "Reminder, 24 hours before" in page
    assert "Goes out" in page
    assert "Nothing is sent." in page
    assert not database.scalars(select(Message.id).where(Message.sent_at.is_not(None))).all()
    assert "Nothing would be said in these days" in owner.read("/desk/messages/rehearsal?first=2027-06-01&days=7")


def test_a_long_rehearsal_is_folded_by_day_with_how_much_each_holds(owner: Staff, office: Office) -> None:
    for days in (2, 3):
        for hour in (9, 10, 11, 13, 14, 15):
            book(office, at(hour, days=days), contact=make_contact(name=f"K {days} {hour}", email=f"{hour}@x.example"))
    page = owner.get("/desk/messages/rehearsal?days=7").text
    assert page.count('<details class="fold" open>') < page.count('<details class="fold"')
    assert re.search(r"Wed, Nov 25, 2026 \d+ messages out", words_of(owner.get("/desk/messages/rehearsal?days=7")))


def test_a_rehearsal_shows_a_day_at_a_time_unless_more_are_asked_for(owner: Staff) -> None:
    """A week of a busy practice takes a second or two."""
    page = owner.get("/desk/messages/rehearsal")
    assert filled_in(page.text)["days"] == ["1"]
    assert "/desk/messages/rehearsal?first=2026-11-23&amp;days=7" in page.text
    assert "A week from here" not in owner.read("/desk/messages/rehearsal?days=7")


def test_a_rehearsal_of_more_than_a_page_goes_on_with_the_next_one(owner: Staff, office: Office) -> None:
    for days in range(1, 5):
        for hour in (9, 10, 11, 13, 14, 15):
            book(office, at(hour, days=days), contact=make_contact(name=f"K {days} {hour}", email=f"{hour}@x.example"))
    whole = rehearse_practice(
        practice_id=office.practice.id,
        since=at(0, days=0),
        until=at(0, days=7),
        addresses=Addresses("https://practice.test", ["a key that nobody knows at all, for tests"]),
        now=NOW,
    )
    asked, shown, pages = {"first": "2026-11-23", "days": "7"}, 0, 0
    while asked:
        page = owner.get("/desk/messages/rehearsal?" + urlencode(asked)).text
        shown, pages = shown + page.count('<li class="message">'), pages + 1
        assert page.count('<li class="message">') <= IN_A_PART + 20
        assert ("From the beginning" in page) == (pages > 1)
        further = re.search(r'href="[^"?]+\?([^"]+)" rel="next">From ', page)
        assert bool(further) == ("There are more than one page holds" in page)
        asked = dict(parse_qsl(unescape(further[1]))) if further else {}
    assert (shown, pages) == (len(whole), -(-len(whole) // IN_A_PART))
    assert "Tue, Nov 24: " in owner.read("/desk/messages/rehearsal?first=2026-11-23&days=7")
    outside = owner.read("/desk/messages/rehearsal?first=2026-11-23&days=7&since=20271123T0000Z")
    assert "From the beginning" not in outside


def test_a_rehearsal_says_when_the_clocks_change(owner: Staff) -> None:
    assert "Clocks change on Sun, Mar 14, 2027." in owner.read("/desk/messages/rehearsal?first=2027-03-10&days=7")
    assert "Clocks change" not in owner.read("/desk/messages/rehearsal?first=2027-03-16&days=7")


def test_a_rehearsal_is_for_who_sees_the_whole_practice(app: Flask, office: Office) -> None:
    assert as_therapist(app, office).get("/desk/messages/rehearsal").status_code == 403


@pytest.mark.parametrize("page", ["outgoing?first={}&days=7", "rehearsal?first={}&days=31", "report?since={}&until={}"])
@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-20", "0001-01-01", "2101-01-01"])
def test_a_day_in_a_year_that_nobody_means_is_taken_for_the_usual_one(owner: Staff, page: str, day: str) -> None:
    assert owner.get(f"/desk/messages/{page.format(day, day)}").status_code == 200
