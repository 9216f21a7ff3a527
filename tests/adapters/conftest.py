"""Peers of the adapters: a clock, a Twilio, a mail server and its certificate. All on loopback."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from telehealth.adapters.smtp import MailServer, SmtpEmails
from telehealth.adapters.twilio import TwilioAccount, TwilioTexts
from telehealth.domain.ports import Email, Invite, Letter, Text
from tests.adapters import mail_server
from tests.adapters.mail_server import Mailbox
from tests.caldav_fixtures import caldav_owner, caldav_servers  # noqa: F401 -- fixtures
from tests.fake_twilio import ACCOUNT_SID, AUTH_TOKEN, FakeTwilio
from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def twilio(clock: FakeClock) -> Iterator[FakeTwilio]:
    with FakeTwilio(now=clock) as server:
        yield server


@pytest.fixture
def make_texts(twilio: FakeTwilio, clock: FakeClock) -> Callable[..., TwilioTexts]:
    """TwilioTexts on the fake, with other settings where a test wants them."""

    def make(**settings: Any) -> TwilioTexts:
        usual: dict[str, Any] = {
            "account_sid": ACCOUNT_SID,
            "auth_token": AUTH_TOKEN,
            "sender": "+15550009999",
            "status_callback_base": "https://practice.example/webhooks/twilio/status",
            "base_url": twilio.url,
            "timeout": 5.0,
        }
        return TwilioTexts(TwilioAccount(**{**usual, **settings}), now=clock)

    return make


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return mail_server.make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trust(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate[0]))


@pytest.fixture
def make_emails(clock: FakeClock) -> Callable[..., SmtpEmails]:
    """SmtpEmails for a server on loopback, with other settings where a test wants them."""

    def make(port: int, **settings: Any) -> SmtpEmails:
        usual: dict[str, Any] = {
            "host": mail_server.HOST,
            "port": port,
            "security": "none",
            "timeout": 5.0,
            "sender_address": "appointments@riverside.example",
        }
        return SmtpEmails(MailServer(**{**usual, **settings}), now=clock)

    return make


@pytest.fixture
def text(clock: FakeClock) -> Text:
    return Text(
        reference="8c1f-text",
        to="+15550001111",
        body="Riverside: your appointment is Tue, Mar 10, 3:00 PM EDT. Reply C to confirm.",
        expires_at=clock() + timedelta(hours=2),
    )


@pytest.fixture
def letter() -> Letter:
    return Letter(
        subject="Your appointment on Tuesday, March 10",
        greeting="Hello Ana,",
        paragraphs=("Your appointment is booked.", "You can change or cancel it until the day before."),
        facts=(("When", "Tuesday, March 10, 2026, 3:00 PM (EDT)"), ("Where", "Online")),
        actions=(
            ("See your appointment", "https://riverside.example/m/abcdefghijkl.0123456789012345678901"),
            ("Enter the virtual room", "https://riverside.example/j/abcdefghijkl.0123456789012345678901"),
        ),
        closing=("Riverside Practice, 1 Main Street", "Questions? Call 555 0100."),
    )


@pytest.fixture
def email(letter: Letter) -> Email:
    content = (Path(__file__).parent.parent / "data" / "invite_request.ics").read_bytes()
    return Email(
        reference="8c1f-mail",
        to="ana@example.org",
        to_name="Ana Souza",
        sender_name="Riverside Practice",
        reply_to="desk@riverside.example",
        letter=letter,
        invite=Invite(content, "REQUEST"),
    )
