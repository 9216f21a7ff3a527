"""What comes by mail, in the manner of the programs that people answer with."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.adapters import dsn
from telehealth.adapters.inbound_mail import LARGEST_CALENDAR, LONGEST_HEADER, read_mail
from telehealth.domain.calendar_words import CalendarAnswer
from telehealth.domain.inbox.inbound_mail import InboundMail, MailKind
from tests.read_samples import MAILED, MAILS, read_sample

DATA = Path(__file__).resolve().parents[1] / "data"
OURS = "mx.riverside.example"
A = CalendarAnswer


def read(name: str, *changes: tuple[str, str]) -> InboundMail:
    return read_mail(read_sample(name, *changes), trusted=OURS)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("gmail_accepted", A.ACCEPTED),
        ("outlook_declined", A.DECLINED),
        ("outlook_countered", A.COUNTERED),
        ("apple_tentative", A.TENTATIVE),
        ("exchange_accepted", A.ACCEPTED),
        ("yahoo_accepted", A.ACCEPTED),
        ("thunderbird_declined", A.DECLINED),
    ],
)
def test_answers(name: str, answer: CalendarAnswer) -> None:
    found = read(name)
    assert (found.kind, found.is_proved) == (MailKind.ANSWER, True)
    assert found.reply is not None
    assert (found.reply.answer, found.reply.uid, found.reply.sequence) == (answer, MAILED.uid, 0)
    assert (found.sender.lower(), found.reply.attendee.lower()) == ("jane@example.com", "jane@example.com")
    assert found.reply.stamped_at.date() == datetime(2026, 3, 3, tzinfo=UTC).date()


def test_another_time_in_a_zone_of_windows() -> None:
    reply = read("outlook_countered").reply
    assert reply is not None
    assert (reply.proposed_start, reply.proposed_end) == (
        datetime(2026, 3, 11, 17, 0, tzinfo=UTC), datetime(2026, 3, 11, 17, 50, tzinfo=UTC),
    )  # fmt: skip


def test_what_an_answer_says_of_the_time_is_no_proposal() -> None:
    reply = read("outlook_declined").reply
    assert reply is not None
    assert (reply.proposed_start, reply.proposed_end) == (None, None)


@pytest.mark.parametrize("name", ["away_exchange", "away_gmail", "away_old", "away_yahoo"])
def test_machines(name: str) -> None:
    found = read(name)
    assert (found.kind, found.reply, found.references) == (MailKind.AUTOMATIC, None, (MAILED.message,))


@pytest.mark.parametrize("name", ["out_of_office", "read_receipt", "postfix_delayed"])
def test_reports_that_are_no_failures(name: str) -> None:
    assert read_mail((DATA / "bounces" / f"{name}.eml").read_bytes()).kind == MailKind.AUTOMATIC


@pytest.mark.parametrize("name", ["postfix", "gmail", "exchange", "exim_old"])
def test_mail_that_came_back(name: str) -> None:
    found = read_mail((DATA / "bounces" / f"{name}.eml").read_bytes())
    assert (found.kind, len(found.bounces)) == (MailKind.BOUNCE, 1)


@pytest.mark.parametrize("name", ["letter", "letter_tnef"])
def test_letters(name: str) -> None:
    found = read(name)
    assert (found.kind, found.sender, found.references) == (MailKind.LETTER, "jane@example.com", (MAILED.message,))


def test_an_answer_that_somebody_forwards_is_not_theirs() -> None:
    assert read("forwarded_reply").kind == MailKind.LETTER


@pytest.mark.parametrize(
    "finding",
    [
        "dmarc=fail header.from=example.com",
        "dmarc=none header.from=example.com",
        "dkim=fail header.d=example.com",
        "dkim=pass header.d=elsewhere.example",
        "dkim=pass header.d=com",
        "dkim=pass header.d=notexample.com",
        "dmarc=pass header.from=elsewhere.example",
        "dmarc=fail header.from=example.com; dkim=pass header.d=example.com",
        "spf=pass smtp.mailfrom=jane@example.com",
        "none",
        "x=y (dmarc=pass header.from=example.com)",
        "dmarc=pass header.from=example.com; dmarc=fail header.from=example.com",
        "dmarc=pass header.from=example.com header.from=evil.example",
        "dmarc=pass (dmarc=pass; header.from=example.com",
        'dmarc=pass header.from=example.com; "spf=none',
        "dmarc=pass header.from=example.com " + "a=b " * 500 + '"',
    ],
)
def test_what_proves_nothing(finding: str) -> None:
    assert not read("plain_accepted", ("{found}", f"{OURS}; {finding}")).is_proved


@pytest.mark.parametrize(
    "finding",
    [
        "spf=pass smtp.mailfrom=dmarc=pass/header.from=example.com@evil.example; dmarc=fail header.from=example.com",
        'spf=pass smtp.mailfrom="x;dmarc=pass header.from=example.com"@evil.example; spf=none',
        'spf=pass smtp.mailfrom="x;dmarc=pass header.from=example.com"@evil.example; dmarc=fail',
        'spf=pass smtp.mailfrom="\\";dmarc=pass header.from=example.com;x=\\""@evil.example',
        'spf=pass (domain of "x);dmarc=pass header.from=example.com("@evil.example) smtp.mailfrom=evil.example',
        "spf=none smtp.helo=(; dkim=pass header.d=evil.example header.i=);dmarc=pass/header.from=example.com@x.example",
        "dkim=pass header.d=evil.example header.i=dkim=pass/header.d=example.com@evil.example",
        "dkim=pass header.i=dmarc=pass/header.from=example.com@evil.example header.d=evil.example",
        "dkim=pass header.d=evil.example header.i=header.d=example.com@evil.example; spf=none",
        "dkim=pass header.d=evil.example header.i=@example.com",
        'dkim=pass header.d=evil.example reason="x header.d=example.com"',
    ],
)
def test_what_a_stranger_chose_is_no_finding(finding: str) -> None:
    """The envelope's sender, the name that a server greets with, whom a signature is for: all of it is theirs."""
    assert not read("plain_accepted", ("{found}", f"{OURS}; {finding}")).is_proved


@pytest.mark.parametrize(
    "finding",
    [
        "dmarc=pass (p=NONE) header.from=example.com",
        "spf=pass (of a@b (c\\) d) so; yes) smtp.mailfrom=a=b/c@x.example;dmarc=pass(p=N) header.from=example.com;",
        "dmarc=pass action=none header.from=example.com",
        'spf=pass smtp.mailfrom="a;b"@example.com; dmarc/1 = pass reason="good; so" header.from = "example.com"',
        "spf=pass smtp.mailfrom=; dkim=pass header.i=@example.com header.s=x header.b=AbC/d=",
        "dkim=pass header.d=example.com",
        "dkim=pass header.i=@mail.example.com; dkim=pass header.i=@example.com",
        "DKIM=Pass header.d=EXAMPLE.com; spf=fail",
    ],
)
def test_what_proves_the_sender(finding: str) -> None:
    assert read("plain_accepted", ("{found}", f"{OURS} 1; {finding}")).is_proved


def test_only_our_own_server_is_believed() -> None:
    stranger = ("{found}", "mx.elsewhere.example; dmarc=pass header.from=example.com")
    assert not read("plain_accepted", stranger).is_proved
    trusted = ("{found}", f"{OURS}; dmarc=pass header.from=example.com")
    assert not read_mail(read_sample("plain_accepted", trusted)).is_proved, "without the setting nobody is believed"


def test_the_topmost_finding_counts() -> None:
    """Whatever a stranger puts into a mail stands below what our server wrote above it."""
    about = "header.from=example.com"
    forged = f"{OURS}; dmarc=fail {about}\r\nAuthentication-Results: {OURS}; dmarc=pass {about}"
    assert not read("plain_accepted", ("{found}", forged)).is_proved
    below = f"{OURS}; spf=none\r\nAuthentication-Results: {OURS}; dmarc=pass {about}"
    assert not read("plain_accepted", ("{found}", below)).is_proved


def test_a_header_that_is_cut_proves_nothing() -> None:
    """What is left of a name may be somebody else's."""
    end = "dkim=pass header.d=example.com"
    start = f"{OURS}; spf=pass smtp.mailfrom="
    long = f"{start}{'a' * (LONGEST_HEADER - len(start) - len(end) - 2)}; {end}"
    assert len(long) == LONGEST_HEADER
    assert not read("plain_accepted", ("{found}", f"{long}.evil.example")).is_proved


def test_of_two_senders_nobody_knows_which_was_checked() -> None:
    good = ("{found}", f"{OURS}; dmarc=pass header.from=example.com")
    for two in ("From: jane@example.com, eve@evil.example", "From: jane@example.com\r\nFrom: eve@evil.example"):
        found = read("plain_accepted", good, ("From: jane@example.com", two))
        assert (found.sender, found.is_proved) == ("", False)


def test_a_provider_that_checks_signatures() -> None:
    raw = read_sample("plain_accepted", ("{found}", "x"))
    assert read_mail(raw, signed_by=["example.com"]).is_proved
    assert not read_mail(raw, signed_by=["evil.example", "com"]).is_proved


@pytest.mark.parametrize(
    "change",
    [
        ("METHOD:REPLY", "METHOD:REQUEST"),
        ("PARTSTAT=ACCEPTED", "PARTSTAT=NEEDS-ACTION"),
        ("PARTSTAT=ACCEPTED", "PARTSTAT=DELEGATED"),
        ("UID:", "X-UID:"),
        ("DTSTAMP:", "X-DTSTAMP:"),
        ("ATTENDEE;", "X-ATTENDEE;"),
        ("SEQUENCE:0", "RECURRENCE-ID:20260310T150000Z"),
        ("mailto:jane@example.com", "urn:uuid:1"),
        ("VEVENT", "VTODO"),
    ],
)
def test_what_is_no_answer(change: tuple[str, str]) -> None:
    assert read("plain_accepted", change).kind == MailKind.LETTER


def test_a_calendar_that_is_too_large_is_not_read() -> None:
    raw = read_sample("plain_accepted", ("SUMMARY:", "DESCRIPTION:" + "a" * LARGEST_CALENDAR + "\r\nSUMMARY:"))
    assert read_mail(raw).kind == MailKind.LETTER


@given(st.binary(max_size=500))
def test_nothing_breaks_it(noise: bytes) -> None:
    calendar = b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n" + noise + b"\r\nEND:VEVENT\r\nEND:VCALENDAR"
    head = b"From: a@b.example\r\nContent-Type: text/calendar\r\n\r\n"
    encoded = b"From: a@b.example\r\nContent-Type: text/calendar\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    for raw in (noise, head + calendar, b"From: " + noise, encoded + base64.b64encode(calendar), b"Subject: " + noise):
        assert isinstance(read_mail(raw, trusted=OURS), InboundMail)


@pytest.mark.parametrize("name", MAILS)
@given(st.data())
def test_no_damage_breaks_it(name: str, data: st.DataObject) -> None:
    raw = read_sample(name)
    cut = data.draw(st.integers(0, len(raw)))
    more = data.draw(st.binary(max_size=40))
    found = read_mail(raw[:cut] + more + raw[cut + len(more) :], trusted=OURS)
    assert found.reply is None or found.kind == MailKind.ANSWER


def test_parts_without_end() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))
    assert read_mail(deep).kind == MailKind.LETTER
    wide = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: text/calendar\n\nx\n" * 20_000
    assert read_mail(wide).kind == MailKind.LETTER
    assert read_mail(b"a" * (dsn.LARGEST + 10)).kind == MailKind.LETTER
