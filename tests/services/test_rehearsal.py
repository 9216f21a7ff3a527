"""Rehearsing: the days to come as if they had come."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from telehealth.database import transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason, ReplyMeaning
from telehealth.domain.words import Mode
from telehealth.jobs import ticks
from telehealth.models import InboundText, Message, MessageTemplate, Practice
from telehealth.services.consent.suppressions import leave_address_alone, stop_texts
from telehealth.services.inbox.receiving import answer_text
from telehealth.services.rehearsal.rehearsing import end_of_rehearsal, rehearse_practice
from telehealth.services.rehearsal.telling import RehearsedLine
from tests.factories import BY_STAFF, Office, book, make_contact, make_office, make_therapist
from tests.factories.rows import keep
from tests.factories.series import make_series
from tests.fakes import FakeClock
from tests.moments import DENVER, NOW, at
from tests.statements import listening

WEEK, DAY = timedelta(days=7), timedelta(days=1)


@pytest.fixture
def office(database: Any, clock: FakeClock) -> Office:
    return make_office()


def rehearsed(
    office: Office, *, since: datetime = NOW, until: datetime | None = None, **given: Any
) -> list[RehearsedLine]:
    until = until or since + WEEK
    addresses = Addresses("https://practice.test", ["a key that nobody knows at all, for tests"])
    return list(
        rehearse_practice(
            practice_id=office.practice.id, since=since, until=until, addresses=addresses, now=NOW, **given
        )
    )


def of(lines: list[RehearsedLine], kind: MessageKind, channel: Channel = Channel.EMAIL) -> list[RehearsedLine]:
    return [line for line in lines if (line.kind, line.channel) == (kind, channel)]


def test_everything_planned_is_told_with_its_words_and_nothing_is_kept(office: Office, database: Any) -> None:
    book(office, at(10, days=4))
    before = database.execute(select(Message.id, Message.status, Message.body, Message.sent_to)).all()
    lines = rehearsed(office)
    reminders = of(lines, MessageKind.REMINDER)
    assert [(line.at, line.goes) for line in reminders] == [
        (at(10, days=4) - timedelta(hours=72), True),
        (at(10, days=4) - timedelta(hours=24), True),
    ]
    assert "10:00 AM MST" in reminders[0].body
    database.expire_all()
    assert database.execute(select(Message.id, Message.status, Message.body, Message.sent_to)).all() == before


def test_what_the_rules_ask_for_and_nobody_gets_is_told_with_the_reason(office: Office) -> None:
    book(office, at(10, days=2), contact=make_contact(wants_texts=False))
    lines = rehearsed(office)
    texts = of(lines, MessageKind.REMINDER, Channel.TEXT)
    assert texts
    assert {(line.goes, line.why) for line in texts} == {(False, "They did not agree to texts")}
    assert all(line.at >= NOW for line in lines)


def test_what_one_answer_cannot_tell_ends_sooner(office: Office) -> None:
    for days in (4, 7, 8):
        book(office, at(10, days=days), contact=make_contact(email=f"c{days}@example.com"))
    everything = rehearsed(office, since=NOW, until=NOW + 10 * DAY)
    most = len([line for line in everything if line.at < NOW + 4 * DAY])
    days = {"since": NOW, "until": NOW + 10 * DAY}
    end = end_of_rehearsal(practice_id=office.practice.id, **days, most_rows=most)
    assert NOW + DAY < end < NOW + 10 * DAY
    assert end in [line.at for line in everything]
    told = rehearsed(office, since=NOW, until=end)
    assert told == [line for line in everything if line.at < end]
    assert end_of_rehearsal(practice_id=office.practice.id, **days) == NOW + 10 * DAY
    far = end_of_rehearsal(practice_id=office.practice.id, since=NOW, until=NOW + 400 * DAY)
    assert far == NOW + 62 * DAY


def test_dates_that_are_made_later_count_too_and_the_first_day_is_always_told(office: Office) -> None:
    make_series(office)
    book(office, at(10, days=4))
    later = NOW + 140 * DAY
    days = {"practice_id": office.practice.id, "since": later, "until": later + 60 * DAY}
    assert end_of_rehearsal(**days, most_dates=20) == later + 60 * DAY
    assert later + DAY < end_of_rehearsal(**days, most_dates=5) < later + 60 * DAY
    assert end_of_rehearsal(**days, most_dates=0) == later + DAY
    assert end_of_rehearsal(practice_id=office.practice.id, since=NOW, until=NOW + WEEK, most_rows=0) == NOW + DAY


def test_words_that_cannot_be_used_are_the_usual_ones_here_too(office: Office) -> None:
    dear = {
        "kind": MessageKind.REMINDER,
        "channel": Channel.EMAIL,
        "locale": "en",
        "body": "{{ day" + "|trim" * 250 + " }}",
    }
    keep(MessageTemplate(practice_id=office.practice.id, changed_at=NOW, **dear))
    book(office, at(10, days=4))
    assert ["10:00 AM MST" in line.body for line in of(rehearsed(office), MessageKind.REMINDER)] == [True, True]


def test_an_address_that_is_left_alone_is_the_reason(office: Office) -> None:
    email = "ana@example.com"
    leave_address_alone(practice_id=office.practice.id, channel=Channel.EMAIL, address=email, by=BY_STAFF, now=NOW)
    book(office, at(10, days=4), contact=make_contact(email=email))
    reminders = of(rehearsed(office), MessageKind.REMINDER)
    assert {(line.goes, line.why) for line in reminders} == {
        (False, "The practice was asked not to e-mail this address")
    }


def test_an_answer_to_a_number_that_ended_texts_stays(office: Office, database: Any) -> None:
    row = {"practice_id": office.practice.id, "provider_id": "SM1", "received_at": NOW, "sender": "+13035550123"}
    text = keep(InboundText(**row, recipient="", body="Hello", meaning=ReplyMeaning.OTHER))
    answer_text(practice_id=office.practice.id, inbound_public_id=text.public_id, body="Hi!", by=BY_STAFF, now=NOW)
    assert [line.goes for line in of(rehearsed(office), MessageKind.NOTE, Channel.TEXT)] == [True]
    stop_texts(phone="+13035550123", now=NOW)
    (line,) = of(rehearsed(office), MessageKind.NOTE, Channel.TEXT)
    assert (line.goes, line.why) == (False, "They ended texts with STOP; only START from their phone begins again.")


def test_a_reminder_that_was_due_before_the_booking_says_so(office: Office, clock: FakeClock) -> None:
    book(office, at(10, days=2))
    early = [line for line in rehearsed(office, since=NOW - timedelta(days=2)) if line.minutes == 72 * 60]
    assert early
    assert {line.why for line in early if line.channel == Channel.EMAIL} == {"it was booked after that time"}


def test_what_it_tells_is_what_is_sent(app: Any, office: Office, gateways: Any, clock: FakeClock) -> None:
    book(office, at(10, days=4), contact=make_contact(wants_texts=True, phone="+13035550123"))
    told = {
        (line.kind, line.channel) for line in rehearsed(office, until=NOW + timedelta(days=3, hours=12)) if line.goes
    }
    sent = []
    while clock() < NOW + timedelta(days=3, hours=12):
        ticks.plan_agendas(app)
        ticks.send_due_messages(app)
        clock.advance(timedelta(minutes=30))
    with transaction() as session:
        gone = Message.status.in_([MessageStatus.ACCEPTED, MessageStatus.SENT, MessageStatus.DELIVERED])
        sent = [(row.kind, row.channel) for row in session.execute(select(Message.kind, Message.channel).where(gone))]
    assert told == set(sent)


def test_texts_at_night_show_where_they_went(office: Office, database: Any) -> None:
    with transaction() as session:
        session.get_one(Practice, office.practice.id).texts_from = 12 * 60
        session.get_one(Practice, office.practice.id).texts_until = 13 * 60
    database.expire_all()
    book(office, at(10, days=4), contact=make_contact(wants_texts=True, phone="+13035550123"))
    texts = of(rehearsed(office), MessageKind.REMINDER, Channel.TEXT)
    assert texts
    for line in texts:
        assert line.at.astimezone(DENVER).hour == 12 or not line.goes
        assert line.reason


def test_the_agendas_of_days_nobody_has_planned_yet(office: Office) -> None:
    book(office, at(10, days=4), mode=Mode.VIRTUAL)
    (agenda,) = of(rehearsed(office), MessageKind.AGENDA)
    assert agenda.at.astimezone(DENVER).strftime("%H:%M %d") == "07:00 27"
    assert agenda.to == office.therapist.name
    assert agenda.goes


def test_dates_of_standing_slots_that_nobody_has_made_yet_keep_their_hour_when_the_clocks_change(
    office: Office, database: Any
) -> None:
    series = make_series(office)
    since, until = (datetime(2027, 3, day, tzinfo=DENVER) for day in (8, 22))
    lines = rehearsed(office, since=since, until=until)
    reminders = of(lines, MessageKind.REMINDER)
    walls = {f"{line.at.astimezone(DENVER):%b %d %H:%M}": line for line in reminders}
    # 72 hours before Tuesday the 16th lies on the other side of the change, where clocks showed an hour less.
    assert list(walls) == ["Mar 08 15:00", "Mar 13 14:00", "Mar 15 15:00", "Mar 20 15:00"]
    assert "3:00 PM MST" in walls["Mar 08 15:00"].body
    assert all("3:00 PM MDT" in line.body for line in reminders[1:])
    assert all(line.goes and "its appointment is made later" in line.why for line in reminders)
    assert series.public_id
    assert not database.new


def test_it_asks_the_database_no_more_when_there_is_more_to_be_said(office: Office) -> None:
    """Of appointments, of what is missing, and of dates that are made later."""
    other = make_therapist(office.practice, office.service, location=office.location, name="Sam Okafor")
    counts = []
    for turn in range(2):
        for hour in range(9 + turn, 16, 2):
            who = make_contact(name=f"Who {turn}", email=f"who{hour}@example.com", wants_texts=False)
            book(office, at(hour, days=4), contact=who, therapist=office.therapist.public_id)
            make_series(office, contacts=[who], therapist=other.public_id, local_time=time(hour))
        with listening() as said:
            lines = [*rehearsed(office, since=NOW + DAY), *rehearsed(office, since=NOW + 140 * DAY)]
        counts.append((len(said), len(lines)))
    assert {line.reason for line in lines} >= {Reason.DID_NOT_AGREE, Reason.NOT_MADE}
    (few, some), (many, more) = counts
    assert many == few
    assert more > some
