"""What every implementation of a port does, whether it is a fake, the local outbox or the real thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from telehealth.adapters.local import LocalOutbox
from telehealth.adapters.smtp import SmtpEmails
from telehealth.adapters.twilio import TwilioTexts
from telehealth.adapters.video import ChosenRooms, FixedLinks, JitsiRooms, JitsiServer
from telehealth.domain.ports import (
    DeliveryFailed,
    DeliveryStatus,
    Email,
    EmailGateway,
    Guest,
    Remedy,
    Text,
    TextGateway,
    VideoRooms,
)
from tests.adapters.mail_server import Mailbox, running
from tests.adapters.test_video import ROOM
from tests.fake_twilio import FakeTwilio
from tests.fakes import FakeClock, FakeEmails, FakeTexts, FakeVideo


@dataclass(frozen=True)
class Texts:
    """A gateway, and a way to count the texts on its other side."""

    gateway: TextGateway
    count: Callable[[], int]


@dataclass(frozen=True)
class Emails:
    """A gateway, and a way to read the subjects on its other side."""

    gateway: EmailGateway
    subjects: Callable[[], list[str]]


@pytest.fixture(params=["fake", "local", "twilio"])
def texts(
    request: pytest.FixtureRequest,
    clock: FakeClock,
    tmp_path: Path,
    twilio: FakeTwilio,
    make_texts: Callable[..., TwilioTexts],
) -> Texts:
    match request.param:
        case "fake":
            fake = FakeTexts(now=clock)
            return Texts(fake, lambda: len(fake.sent))
        case "local":
            outbox = LocalOutbox(tmp_path, now=clock)
            return Texts(outbox, lambda: len(outbox.read(100)))
        case _:
            return Texts(make_texts(), lambda: len(twilio.messages))


@pytest.fixture(params=["fake", "local", "smtp"])
def emails(
    request: pytest.FixtureRequest,
    clock: FakeClock,
    tmp_path: Path,
    mailbox: Mailbox,
    make_emails: Callable[..., SmtpEmails],
) -> Iterator[Emails]:
    match request.param:
        case "fake":
            fake = FakeEmails()
            yield Emails(fake, lambda: [email.letter.subject for email in fake.sent])
        case "local":
            outbox = LocalOutbox(tmp_path, now=clock)
            yield Emails(outbox, lambda: [entry.subject for entry in outbox.read(100)])
        case _:
            with running(mailbox) as port:
                yield Emails(make_emails(port), lambda: [str(message["Subject"]) for message in mailbox.messages])


class TestTextGateways:
    def test_take_a_text_and_name_it(self, texts: Texts, text: Text) -> None:
        assert texts.gateway.send(text).provider_id
        assert texts.count() == 1

    def test_name_every_text_differently(self, texts: Texts, text: Text) -> None:
        others = [replace(text, reference=f"text-{number}", body=f"Text {number}") for number in range(3)]
        assert len({texts.gateway.send(each).provider_id for each in others}) == 3
        assert texts.count() == 3

    def test_find_what_they_took(self, texts: Texts, text: Text, clock: FakeClock) -> None:
        receipt = texts.gateway.send(text)
        assert texts.gateway.find(text, since=clock()) == receipt

    def test_find_nothing_before_anything_was_sent(self, texts: Texts, text: Text, clock: FakeClock) -> None:
        assert texts.gateway.find(text, since=clock()) is None

    def test_find_only_what_is_asked_for(self, texts: Texts, text: Text, clock: FakeClock) -> None:
        texts.gateway.send(replace(text, reference="another", body="Other words"))
        assert texts.gateway.find(text, since=clock()) is None

    def test_find_nothing_from_before_the_asked_instant(self, texts: Texts, text: Text, clock: FakeClock) -> None:
        texts.gateway.send(text)
        assert texts.gateway.find(text, since=clock() + timedelta(hours=1)) is None

    def test_look_up_what_they_took(self, texts: Texts, text: Text) -> None:
        receipt = texts.gateway.send(text)
        assert texts.gateway.look_up(receipt.provider_id) == receipt
        assert texts.count() == 1

    @pytest.mark.parametrize("provider_id", ["", "SM1", "../../etc/passwd", "20260302T150000.000000Z-x.json"])
    def test_know_nothing_of_what_they_never_took(self, texts: Texts, text: Text, provider_id: str) -> None:
        texts.gateway.send(text)
        assert texts.gateway.look_up(provider_id) is None

    def test_asking_sends_nothing(self, texts: Texts, text: Text, clock: FakeClock) -> None:
        texts.gateway.find(text, since=clock())
        assert texts.count() == 0

    def test_start_with_a_status_that_is_no_failure(self, texts: Texts, text: Text) -> None:
        assert texts.gateway.send(text).status not in {DeliveryStatus.FAILED, DeliveryStatus.UNDELIVERED}

    def test_refuse_what_has_expired(self, texts: Texts, text: Text, clock: FakeClock) -> None:
        with pytest.raises(DeliveryFailed) as caught:
            texts.gateway.send(replace(text, expires_at=clock() - timedelta(seconds=1)))
        assert caught.value.remedy is Remedy.GIVE_UP
        assert texts.count() == 0


class TestEmailGateways:
    def test_take_an_email_and_name_it(self, emails: Emails, email: Email) -> None:
        assert emails.gateway.send(email).provider_id
        assert emails.subjects() == [email.letter.subject]

    def test_take_an_email_without_an_invite(self, emails: Emails, email: Email) -> None:
        emails.gateway.send(replace(email, invite=None))
        assert len(emails.subjects()) == 1

    def test_give_a_second_copy_the_name_of_the_first(self, emails: Emails, email: Email) -> None:
        assert emails.gateway.send(email).provider_id == emails.gateway.send(email).provider_id

    def test_report_all_they_will_ever_know(self, emails: Emails, email: Email) -> None:
        assert emails.gateway.send(email).status in {DeliveryStatus.SENT, DeliveryStatus.DELIVERED}

    @pytest.mark.parametrize(
        "address", ["", "ana", "ana@example.org, bea@example.org", "ana@example.org\r\nBcc: x@y.z"]
    )
    def test_refuse_what_cannot_be_an_address(self, emails: Emails, email: Email, address: str) -> None:
        with pytest.raises(DeliveryFailed) as caught:
            emails.gateway.send(replace(email, to=address))
        assert caught.value.remedy is Remedy.BAD_ADDRESS
        assert emails.subjects() == []


@pytest.mark.parametrize(
    "rooms",
    [
        FakeVideo(),
        FixedLinks(),
        JitsiRooms(JitsiServer(base_url="https://meet.example.org")),
        ChosenRooms(JitsiServer(base_url="https://meet.example.org")),
    ],
    ids=lambda rooms: type(rooms).__name__,
)
class TestVideoRooms:
    room = replace(ROOM, fixed_link="https://video.example.com/dr-silva")

    def test_make_an_address_of_the_web(self, rooms: VideoRooms) -> None:
        assert rooms.join_url(self.room, Guest("Ana S.", is_therapist=False)).startswith("https://")

    def test_make_the_same_address_every_time(self, rooms: VideoRooms) -> None:
        guest = Guest("Dr. Silva", is_therapist=True)
        assert rooms.join_url(self.room, guest) == rooms.join_url(self.room, guest)


class TestFailuresOnDemand:
    """The fakes fail as the real ones do, when they are told to."""

    def test_a_text_that_was_refused_is_not_sent(self, text: Text) -> None:
        texts = FakeTexts()
        texts.fail_next(Remedy.RETRY, retry_after=30)
        with pytest.raises(DeliveryFailed) as caught:
            texts.send(text)
        assert caught.value.retry_after == 30
        assert texts.sent == []
        assert texts.send(text).provider_id

    def test_a_text_whose_answer_was_lost_is_found(self, text: Text, clock: FakeClock) -> None:
        texts = FakeTexts()
        texts.fail_next(Remedy.ASK, taken=True)
        with pytest.raises(DeliveryFailed):
            texts.send(text)
        assert texts.find(text, since=clock()) is not None

    def test_asking_may_fail(self, text: Text, clock: FakeClock) -> None:
        texts = FakeTexts()
        texts.fail_next(Remedy.ASK)
        texts.fail_next(Remedy.ASK)
        with pytest.raises(DeliveryFailed):
            texts.find(text, since=clock())
        with pytest.raises(DeliveryFailed):
            texts.look_up("text-1")

    def test_there_may_be_news(self, text: Text) -> None:
        texts = FakeTexts()
        receipt = texts.send(text)
        texts.news[receipt.provider_id] = replace(receipt, status=DeliveryStatus.DELIVERED)
        found = texts.look_up(receipt.provider_id)
        assert found is not None
        assert found.status is DeliveryStatus.DELIVERED

    @pytest.mark.parametrize("taken", [True, False])
    def test_an_email_may_fail_before_or_after(self, email: Email, taken: bool) -> None:
        emails = FakeEmails()
        emails.fail_next(Remedy.ASK, taken=taken)
        with pytest.raises(DeliveryFailed):
            emails.send(email)
        assert len(emails.sent) == taken
