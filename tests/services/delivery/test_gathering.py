"""What is due to somebody at the same moment is one message."""

from __future__ import annotations

from datetime import timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.domain.ports import Email, Gateways
from telehealth.domain.series.patterns import SeriesChange, SeriesScope
from telehealth.models import Message, Series
from telehealth.services.delivery.gathering import gather_messages
from telehealth.services.series.changing import change_series
from telehealth.services.series.ending import end_series, pause_series
from telehealth.services.series.materialising import materialise_series
from tests.delivering import Carrier
from tests.factories import BY_STAFF, Office, book, cancel, make_contact, make_office, make_series
from tests.factories.rows import change
from tests.fakes import FakeClock, FakeEmails, FakeTexts
from tests.moments import NOW, at

K, S = MessageKind, MessageStatus
GRACE = timedelta(minutes=3)
JANE = make_contact(name="Jane Doe", email="jane@example.com")


class Post(Carrier):
    """What came since the last look."""

    def later(self, by: timedelta = GRACE) -> tuple[list[Email], list[str]]:
        emails, texts = self.carry(by)
        return emails, [each.body for each in texts]


@pytest.fixture
def post(addresses: Addresses, gateways: Gateways, clock: FakeClock, emails: FakeEmails, texts: FakeTexts) -> Post:
    return Post(addresses, gateways, clock, emails, texts)


@pytest.fixture
def office(database: Session) -> Office:
    return make_office(with_rules=False)


def events(email: Email) -> list[dict[str, object]]:
    assert email.invite is not None
    return [dict(each) for each in Calendar.from_ical(email.invite.content).walk("VEVENT")]


def given(made: Series, post: Post) -> dict[str, object]:
    return {"practice_id": made.practice_id, "series_public_id": made.public_id, "by": BY_STAFF, "now": post.clock()}


def test_a_new_standing_slot_is_one_message_for_all_its_dates(office: Office, post: Post) -> None:
    made = make_series(office, contacts=[JANE])
    emails, texts = post.later()
    assert {each.to for each in emails} == {"jane@example.com", office.therapist.email}
    assert (len(emails), len(texts)) == (2, 1)
    assert (
        "your appointment is booked every Tuesday at 3:00 PM Mountain Time, by video, first on Tue, Dec 1" in texts[0]
    )
    for email in emails:
        assert email.letter.subject == "Confirmed: appointments every Tuesday at 3:00 PM Mountain Time"
        assert len([each for each in email.letter.paragraphs if "booked." in each]) == 9
        assert email.invite is not None
        assert (email.invite.method, len({str(each["UID"]) for each in events(email)})) == ("PUBLISH", 9)
    assert made.every_weeks == 1


def test_every_second_week_until_a_day_says_so(office: Office, post: Post) -> None:
    make_series(office, contacts=[JANE], every_weeks=2, count=4)
    _, (text,) = post.later()
    assert "booked every 2 weeks on Tuesday at 3:00 PM Mountain Time until Tue, Jan 12" in text


def test_what_is_called_off_within_the_grace_is_never_said(office: Office, post: Post) -> None:
    made = make_series(office, contacts=[JANE])
    end_series(**given(made, post), scope=SeriesScope.ALL, day=None)  # type: ignore[arg-type]
    assert post.later() == ([], [])


def test_what_is_changed_within_the_grace_is_said_once_as_it_is_now(office: Office, post: Post) -> None:
    made = make_series(office, contacts=[JANE])
    change_series(**given(made, post), scope=SeriesScope.ALL, to=SeriesChange(weekday=3))  # type: ignore[arg-type]
    emails, texts = post.later()
    assert (len(emails), len(texts)) == (2, 1)
    assert "is booked every Thursday at 3:00 PM" in texts[0]
    assert {each.letter.subject.partition(":")[0] for each in emails} == {"Confirmed"}


def test_a_later_change_is_one_message_with_the_old_times(office: Office, post: Post) -> None:
    made = make_series(office, contacts=[JANE])
    post.later()
    change_series(**given(made, post), scope=SeriesScope.ALL, to=SeriesChange(weekday=3))  # type: ignore[arg-type]
    emails, texts = post.later()
    assert (len(emails), len(texts)) == (2, 1)
    assert "your standing appointment has changed. It is now every Thursday at 3:00 PM" in texts[0]
    lines = [each for each in emails[0].letter.paragraphs if "Before:" in each]
    assert len(lines) == 9
    assert lines[0].startswith("Thu, Dec 3 at 3:00 PM MST, by video: booked. Before: Tue, Dec 1 at 3:00 PM MST")
    assert {int(str(each["SEQUENCE"])) for each in events(emails[0])} == {1}


def test_a_pause_is_one_message(office: Office, post: Post) -> None:
    made = make_series(office, contacts=[JANE])
    post.later()
    pause_series(**given(made, post), first=at(0, days=20).date(), last=at(0, days=40).date())  # type: ignore[arg-type]
    emails, texts = post.later()
    assert (len(emails), len(texts)) == (2, 1)
    assert "we have cancelled 3 of your appointments: Tue, Dec 15; Tue, Dec 22; Tue, Dec 29." in texts[0]
    assert {str(each["STATUS"]) for each in events(emails[0])} == {"CANCELLED"}
    assert len(events(emails[0])) == 3


def test_the_date_of_a_later_week_is_an_e_mail_with_its_invite(office: Office, post: Post) -> None:
    made = make_series(office, contacts=[JANE])
    post.later()
    post.clock.advance(timedelta(weeks=1))
    assert materialise_series(now=post.clock()) == 1
    emails, texts = post.later()
    assert ([each.invite.method for each in emails if each.invite], texts) == (["REQUEST", "REQUEST"], [])
    spared = db.session.scalars(select(Message).where(Message.reason == Reason.SAID_BEFORE)).one()
    teller = db.session.get_one(Message, spared.told_by_id)
    assert (teller.kind, teller.channel, made.every_weeks) == (K.SEVERAL, Channel.TEXT, 1)


def test_whoever_never_had_the_text_about_the_slot_gets_one_about_its_next_date(office: Office, post: Post) -> None:
    make_series(office, contacts=[JANE])
    post.later()
    for row in db.session.scalars(select(Message).where(Message.kind == K.SEVERAL, Message.channel == Channel.TEXT)):
        row.status = S.FAILED
    db.session.commit()
    post.clock.advance(timedelta(weeks=1))
    materialise_series(now=post.clock())
    _, texts = post.later()
    assert len(texts) == 1


def test_nobody_hears_of_the_end_of_what_was_never_said(office: Office, post: Post) -> None:
    """The one text about all of them failed, and no e-mail says it."""
    change(office.practice, takes_phone_only=True)
    made = make_series(office, contacts=[make_contact(email="")])
    post.later()
    for row in db.session.scalars(select(Message).where(Message.kind == K.SEVERAL, Message.attendee_id.is_not(None))):
        row.status = S.EXPIRED
    db.session.commit()
    end_series(**given(made, post), scope=SeriesScope.ALL, day=None)  # type: ignore[arg-type]
    _, texts = post.later()
    assert texts == []


def test_one_phone_of_a_family_gets_one_text_a_minute(database: Session, post: Post) -> None:
    office = make_office(with_rules=False, practice={"texts_a_day": 1})
    for hour, name in ((10, "Ben Doe"), (12, "Ana Doe")):
        book(office, at(hour, days=7), contact=make_contact(name=name, phone="+13035550166"), now=NOW)
    _, texts = post.later()
    assert len(texts) == 1
    assert "your appointments:\nMon, Nov 30 at 10:00 AM MST, by video: booked." in texts[0]
    assert texts[0].count("https://") + texts[0].count("http://") == 2


def test_what_is_off_by_the_time_it_is_sent_is_said_to_be_off(database: Session, post: Post) -> None:
    office = make_office(with_rules=False)
    first, _ = (
        book(office, at(hour, days=7), contact=make_contact(name=name, phone="+13035550166"), now=NOW)
        for hour, name in ((10, "Ben Doe"), (12, "Ana Doe"))
    )
    assert gather_messages(now=NOW + GRACE) == 2
    cancel(first, by=BY_STAFF, now=NOW + GRACE)
    _, texts = post.later()
    (said,) = [each for each in texts if "your appointments:" in each]
    assert "Mon, Nov 30 at 10:00 AM MST: cancelled." in said
    assert "Mon, Nov 30 at 12:00 PM MST, by video: booked." in said


def test_two_phones_get_their_own(database: Session, post: Post, office: Office) -> None:
    for hour, phone in ((10, "+13035550166"), (12, "+13035550167")):
        book(office, at(hour, days=7), contact=make_contact(phone=phone), now=NOW)
    _, texts = post.later()
    assert (len(texts), [each for each in texts if "your appointments:" in each]) == (2, [])


def test_of_one_nothing_is_made(office: Office) -> None:
    book(office, at(10, days=7))
    assert gather_messages(now=NOW + GRACE) == 0
