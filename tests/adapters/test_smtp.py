"""SmtpEmails against a real mail server, and against one that misbehaves on purpose."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from telehealth.adapters.smtp import MailServer, SmtpEmails
from telehealth.domain.ports import DeliveryFailed, DeliveryStatus, Email, Remedy
from tests.adapters.mail_server import CLOSE, HANG, USERNAME, Mailbox, free_port, running, scripted, server_tls

MakeEmails = Callable[..., SmtpEmails]
Certificate = tuple[Path, Path]

# A server's side of a conversation, up to the mail itself.
GREETING, HELLO, OK, GO_ON = "220 hello", "250 hello", "250 OK", "354 go on"
UP_TO_DATA = (GREETING, HELLO, OK, OK)
UP_TO_THE_MAIL = (*UP_TO_DATA, GO_ON)


def failure_of(emails: SmtpEmails, email: Email) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        emails.send(email)
    return caught.value


class TestDelivery:
    def test_a_mail_arrives(self, mailbox: Mailbox, make_emails: MakeEmails, email: Email) -> None:
        with running(mailbox) as port:
            receipt = make_emails(port).send(email)
        (message,) = mailbox.messages
        assert mailbox.recipients == ["ana@example.org"]
        assert message["Subject"] == "Your appointment on Tuesday, March 10"
        assert receipt.provider_id == message["Message-ID"] == "<8c1f-mail@riverside.example>"
        assert receipt.status is DeliveryStatus.SENT

    def test_the_invite_arrives_byte_for_byte(self, mailbox: Mailbox, make_emails: MakeEmails, email: Email) -> None:
        with running(mailbox) as port:
            make_emails(port).send(email)
        assert email.invite is not None
        (calendar,) = (part for part in mailbox.messages[0].walk() if part.get_content_type() == "text/calendar")
        assert calendar.get_payload(decode=True) == email.invite.content

    def test_lines_that_start_with_a_dot_arrive(self, mailbox: Mailbox, make_emails: MakeEmails, email: Email) -> None:
        letter = replace(email.letter, paragraphs=(".\n.\n..two\n.hidden",))
        with running(mailbox) as port:
            make_emails(port).send(replace(email, letter=letter))
        plain = mailbox.messages[0].get_body(("plain",))
        assert plain is not None
        assert plain.get_content().splitlines()[1:7] == ["", ".", ".", "..two", ".hidden", ""]

    def test_signs_in(self, mailbox: Mailbox, make_emails: MakeEmails, email: Email) -> None:
        with running(mailbox) as port:
            make_emails(port, username=USERNAME, password="secret").send(email)
        assert mailbox.was_signed_in

    def test_starttls_encrypts_before_signing_in(
        self, mailbox: Mailbox, make_emails: MakeEmails, email: Email, certificate: Certificate, trust: ssl.SSLContext
    ) -> None:
        settings = {"tls_context": server_tls(*certificate), "require_starttls": True}
        with running(mailbox, **settings) as port:
            make_emails(port, security="starttls", trust=trust, username=USERNAME, password="secret").send(email)
        assert mailbox.was_encrypted
        assert mailbox.was_signed_in

    def test_tls_from_the_first_byte(
        self, mailbox: Mailbox, make_emails: MakeEmails, email: Email, certificate: Certificate, trust: ssl.SSLContext
    ) -> None:
        with running(mailbox, ssl_context=server_tls(*certificate)) as port:
            make_emails(port, security="tls", trust=trust).send(email)
        assert len(mailbox.messages) == 1


class TestRefusals:
    @pytest.mark.parametrize(
        ("answer", "remedy"),
        [
            ("550 5.1.1 No such user", Remedy.BAD_ADDRESS),
            ("553 Not a mailbox", Remedy.BAD_ADDRESS),
            ("450 4.2.1 Greylisted", Remedy.RETRY),
            ("452 4.2.2 Mailbox full", Remedy.RETRY),
            ("550 5.7.1 Relaying denied", Remedy.ALERT),
            ("530 Authentication required", Remedy.ALERT),
        ],
    )
    def test_of_the_recipient(
        self, mailbox: Mailbox, make_emails: MakeEmails, email: Email, answer: str, remedy: Remedy
    ) -> None:
        mailbox.rcpt = answer
        with running(mailbox) as port:
            failure = failure_of(make_emails(port), email)
        assert failure.remedy is remedy
        assert failure.code == f"smtp {answer[:3]}"

    @pytest.mark.parametrize(
        ("answer", "remedy"), [("451 Try later", Remedy.RETRY), ("554 5.6.0 Looks like spam", Remedy.GIVE_UP)]
    )
    def test_of_the_mail(
        self, mailbox: Mailbox, make_emails: MakeEmails, email: Email, answer: str, remedy: Remedy
    ) -> None:
        mailbox.data = answer
        with running(mailbox) as port:
            assert failure_of(make_emails(port), email).remedy is remedy

    def test_of_our_password(self, mailbox: Mailbox, make_emails: MakeEmails, email: Email) -> None:
        with running(mailbox) as port:
            failure = failure_of(make_emails(port, username=USERNAME, password="wrong"), email)
        assert failure.remedy is Remedy.ALERT

    def test_a_password_that_cannot_be_sent(self, mailbox: Mailbox, make_emails: MakeEmails, email: Email) -> None:
        with running(mailbox) as port:
            failure = failure_of(make_emails(port, username=USERNAME, password="pässword"), email)
        assert failure.remedy is Remedy.ALERT

    def test_a_server_without_encryption(self, mailbox: Mailbox, make_emails: MakeEmails, email: Email) -> None:
        with running(mailbox) as port:
            failure = failure_of(make_emails(port, security="starttls"), email)
        assert failure.remedy is Remedy.ALERT
        assert mailbox.messages == []

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
    def test_a_certificate_nobody_vouches_for(
        self, mailbox: Mailbox, make_emails: MakeEmails, email: Email, certificate: Certificate
    ) -> None:
        with running(mailbox, tls_context=server_tls(*certificate)) as port:
            failure = failure_of(make_emails(port, security="starttls"), email)
        assert (failure.code, failure.remedy) == ("certificate not trusted", Remedy.ALERT)
        assert mailbox.messages == []


class TestTrouble:
    def test_nobody_there(self, make_emails: MakeEmails, email: Email) -> None:
        failure = failure_of(make_emails(free_port()), email)
        assert (failure.code, failure.remedy) == ("unreachable", Remedy.RETRY)

    @pytest.mark.parametrize(
        ("answers", "remedy"),
        [
            ((CLOSE,), Remedy.RETRY),
            ((HANG,), Remedy.RETRY),
            (("421 too busy",), Remedy.RETRY),
            (("554 not you",), Remedy.ALERT),
            ((GREETING, CLOSE), Remedy.RETRY),
            ((GREETING, HANG), Remedy.RETRY),
            ((GREETING, HELLO, CLOSE), Remedy.RETRY),
            ((GREETING, HELLO, "421 closing"), Remedy.RETRY),
            ((GREETING, HELLO, "550 not from you"), Remedy.ALERT),
            ((GREETING, HELLO, OK, CLOSE), Remedy.RETRY),
            ((*UP_TO_DATA, CLOSE), Remedy.RETRY),
            ((*UP_TO_DATA, HANG), Remedy.RETRY),
            ((*UP_TO_DATA, "451 not now"), Remedy.RETRY),
            ((*UP_TO_DATA, "554 no valid recipients"), Remedy.GIVE_UP),
            ((*UP_TO_THE_MAIL, CLOSE), Remedy.ASK),
            ((*UP_TO_THE_MAIL, HANG), Remedy.ASK),
            ((*UP_TO_THE_MAIL, "451 not now"), Remedy.RETRY),
            ((*UP_TO_THE_MAIL, "552 too large"), Remedy.GIVE_UP),
        ],
    )
    def test_the_step_decides(
        self, make_emails: MakeEmails, email: Email, answers: Sequence[object], remedy: Remedy
    ) -> None:
        with scripted(answers) as port:
            assert failure_of(make_emails(port, timeout=0.2), email).remedy is remedy

    @pytest.mark.parametrize("goodbye", [CLOSE, HANG, "500 no"])
    def test_a_bad_goodbye_does_not_matter(self, make_emails: MakeEmails, email: Email, goodbye: object) -> None:
        with scripted((*UP_TO_THE_MAIL, OK, goodbye)) as port:
            assert make_emails(port, timeout=0.2).send(email).status is DeliveryStatus.SENT

    def test_addresses_and_words_stay_out_of_logs_and_exceptions(
        self, mailbox: Mailbox, make_emails: MakeEmails, email: Email, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG, logger="telehealth")
        mailbox.rcpt = "550 5.1.1 <ana@example.org> is unknown here"
        with running(mailbox) as port:
            failure = failure_of(make_emails(port), email)
        said = f"{caplog.text}{failure!r}{failure.__cause__!r}{failure.__context__!r}"
        assert "ana@" not in said
        assert "appointment" not in said


def test_a_mail_server_does_not_show_its_password() -> None:
    server = MailServer(host="h", sender_address="a@b.example", password="hush")
    assert "hush" not in repr(server)
