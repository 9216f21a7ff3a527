"""Whatever a stranger types, a mail that leaves has our headers, our one recipient and our parts, and nothing else.

Looked at where it counts: the bytes that a mail server takes, read by a reader that forgives nothing.
"""

from __future__ import annotations

import quopri
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from telehealth.adapters.smtp import SmtpEmails
from telehealth.domain import icalendar
from telehealth.domain.ports import DeliveryFailed, Email, Invite, Letter, Remedy
from tests.adapters.mail_server import Mailbox, running
from tests.adapters.strict_mail import Part, read_mail, read_mailbox, read_words
from tests.moments import NOW

MakeEmails = Callable[..., SmtpEmails]

WAY_OUT = "https://riverside.example/u/abc.def"
OURS = [
    *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"),
]
SHAPE = {
    "multipart/mixed": [{"multipart/alternative": ["text/plain", "text/html", "text/calendar"]}, "application/ics"]
}
CALENDAR = [
    *("BEGIN:VCALENDAR", "PRODID", "VERSION", "CALSCALE", "METHOD", "BEGIN:VEVENT", "UID", "SEQUENCE", "DTSTAMP"),
    *("DTSTART", "DTEND", "SUMMARY", "STATUS", "TRANSP", "CLASS", "ORGANIZER", "ATTENDEE"),
    *("END:VEVENT", "END:VCALENDAR"),
]
BCC = "=?utf-8?q?=0d=0aBcc:_x=40y.z?="
BODY = "=?utf-8?q?=0d=0aSubject:_Hi=0d=0a=0d=0aSee_http://evil.example?="
TRICKS = [
    *(BCC, BODY, "=?utf-8?b?DQpCY2M6IHhAeS56?=", "=?UTF-8?Q?=0AX:_y?=", "=?us-ascii?q?=00?=", "=?utf-7?q?+AA0ACg-?="),
    *("=?", "?=", "=", "?", "==??", "=\x00?", "\r\n", "\r", "\n", "\x00", "\x0b", "\x85", "\u2028", "\u202e", "\ud800"),
    *('"', "\\", '\\"', "<x@y.z>", ",", ";", ":", "(", ")", "@", ".", "..", "\r\n.\r\n", "--=_", "--", "{{ name }}"),
    *("Bcc: x@y.z", "\r\n\r\n", "\r\nBcc: x@y.z", "ATTENDEE:mailto:x@y.z", "\r\nEND:VEVENT\r\n", "^n", "\\n"),
    *("é", "ñ", "👩‍👩‍👧", "مريم", "王小明", "x" * 90, "Ana", "'Ali 'Umar", " ", "\t", "\xa0"),
]
words = st.text(max_size=60) | st.lists(st.sampled_from(TRICKS), max_size=12).map("".join)


def an_email(typed: str, other: str) -> Email:
    """One with a stranger's words wherever words of people can be."""
    organizer = icalendar.Party(other, "desk@riverside.example")
    entry = icalendar.Entry(
        uid="1", sequence=0, starts_at=NOW, ends_at=NOW + timedelta(hours=1), updated_at=NOW, summary=typed
    )
    invite = icalendar.invite(
        entry, organizer=organizer, attendee=icalendar.Party(typed, "a@b.example"), stamped_at=NOW
    )
    letter = Letter(typed, typed, (other, typed), ((typed, other),), ((other, typed),), (typed,))
    return Email("one", "ana@example.org", typed, other, "desk@b.example", letter, Invite(invite, "REQUEST"), WAY_OUT)


def assert_ours(mail: Part) -> None:
    assert mail.names == OURS
    assert mail.shape == SHAPE
    assert [read_mailbox(mail[name])[1] for name in ("From", "To", "Reply-To")] == [
        "appointments@riverside.example",
        "ana@example.org",
        "desk@b.example",
    ]
    read_words(mail["Subject"])
    assert mail["List-Unsubscribe"] == f"<{WAY_OUT}>"
    for leaf in mail.leaves():
        assert set(leaf.names) <= {"Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "MIME-Version"}


def assert_one_event(part: Part) -> None:
    said = b64decode("".join(part.lines), validate=True).decode()
    assert said.count("\r") == said.count("\n") == said.count("\r\n")
    lines = said.replace("\r\n ", "").split("\r\n")[:-1]
    heads = [line if line.startswith(("BEGIN", "END")) else line.partition(":")[0].partition(";")[0] for line in lines]
    assert heads == CALENDAR
    assert not any("=?" in line.partition("CN=")[2] for line in lines if line.startswith(("ATTENDEE", "ORGANIZER")))


def test_whatever_is_typed(make_emails: MakeEmails) -> None:
    mailbox = Mailbox()

    @settings(max_examples=150, deadline=None)
    @given(words, words)
    @example(BCC, BODY)
    @example(BODY, "é" + BCC)
    def leaves_as_ours(typed: str, other: str) -> None:
        mailbox.raw, mailbox.recipients = [], []
        emails.send(an_email(typed, other))
        (raw,) = mailbox.raw
        mail = read_mail(raw)
        assert_ours(mail)
        assert_one_event(mail.leaves()[2])
        assert_one_event(mail.leaves()[3])
        assert mailbox.recipients == ["ana@example.org"]

    with running(mailbox) as port:
        emails = make_emails(port)
        leaves_as_ours()


@pytest.mark.parametrize(
    "name",
    [
        *("Ana Souza", "D'Angelo St.John/Smith", "J.R.Smith", "O'Brien-Lopez", "'Ali 'Umar", "María José", "王小明"),
        *("مريم", "Smith, John (Jack)", "back\\slash", "👩‍👩‍👧", "é" * 80),
    ],
)
def test_a_name_arrives_as_it_is(make_emails: MakeEmails, name: str) -> None:
    mailbox = Mailbox()
    with running(mailbox) as port:
        make_emails(port).send(an_email(name, name))
    mail = read_mail(mailbox.raw[0])
    assert read_mailbox(mail["To"]) == (name, "ana@example.org")
    assert read_words(mail["Subject"]) == name


def test_the_words_themselves_arrive(make_emails: MakeEmails) -> None:
    """Nothing is lost from a body: there, it is only words."""
    mailbox = Mailbox()
    with running(mailbox) as port:
        make_emails(port).send(an_email(BCC, BODY))
    plain = read_mail(mailbox.raw[0]).leaves()[0]
    body = "\n".join(plain.lines)
    said = quopri.decodestring(body).decode() if "quoted" in plain["Content-Transfer-Encoding"] else body
    assert f"{BCC}\n\n{BODY}\n\n{BCC}" in said


@pytest.mark.parametrize("address", ["=?utf-8?q?=0d=0aBcc=3a_x=40y.z?=@example.org", "a=?b@example.org"])
def test_an_address_that_programs_decode_is_refused(make_emails: MakeEmails, address: str) -> None:
    mailbox = Mailbox()
    with running(mailbox) as port, pytest.raises(DeliveryFailed) as caught:
        make_emails(port).send(Email("one", address, "Ana", "R", None, Letter("s", "g", ())))
    assert caught.value.remedy is Remedy.BAD_ADDRESS
    assert mailbox.raw == []
