from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.adapters import dsn
from telehealth.domain.consent.bounces import bounce_status
from telehealth.domain.ports import Remedy

SAMPLES = Path(__file__).resolve().parents[1] / "data" / "bounces"
OURS = "5f0c2b9e-4a64-4c0e-9a57-2f5f1c7d8e01"


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.eml").read_bytes()


@pytest.mark.parametrize(
    ("name", "status", "remedy"),
    [
        ("postfix", "5.1.1", Remedy.BAD_ADDRESS),
        ("exim", "5.1.1", Remedy.BAD_ADDRESS),  # The report says 5.0.0, and the server behind it more.
        ("exim_old", "5.1.1", Remedy.BAD_ADDRESS),
        ("exchange", "5.1.10", Remedy.BAD_ADDRESS),
        ("exchange_access_denied", "5.4.1", Remedy.BAD_ADDRESS),
        ("gmail", "5.1.1", Remedy.BAD_ADDRESS),
        ("gmail_full", "4.2.2", Remedy.GIVE_UP),  # It did not arrive, and the address is right.
    ],
)
def test_what_comes_back(name: str, status: str, remedy: Remedy) -> None:
    (bounce,) = dsn.read_bounces(sample(name))
    assert (bounce.references, bounce.status, bounce.remedy) == ((OURS,), status, remedy)
    assert "jane@example.com" in bounce.recipients


def test_line_ends_of_a_pipe() -> None:
    assert dsn.read_bounces(sample("postfix").replace(b"\r\n", b"\n")) == dsn.read_bounces(sample("postfix"))


@pytest.mark.parametrize("name", ["postfix_delayed", "out_of_office", "read_receipt"])
def test_what_is_no_failure(name: str) -> None:
    assert dsn.read_bounces(sample(name)) == []


def test_where_it_was_forwarded_to_is_another_address() -> None:
    forwarded = sample("postfix").replace(b"Final-Recipient: rfc822; jane@", b"Final-Recipient: rfc822; elsewhere@")
    (bounce,) = dsn.read_bounces(forwarded)
    assert bounce.recipients == ("Jane@Example.com", "elsewhere@example.com")


def test_each_recipient_is_one() -> None:
    second = b"\r\n\r\nFinal-Recipient: rfc822; alex@example.com\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n--4XyZ1Z6wP"
    at = sample("postfix").index(b"\r\n\r\n--4XyZ1Z6wP", sample("postfix").index(b"Diagnostic-Code"))
    both = sample("postfix")[:at] + second + sample("postfix")[at + len(b"\r\n\r\n--4XyZ1Z6wP") :]
    assert [(each.recipients[-1], each.status) for each in dsn.read_bounces(both)] == [
        ("jane@example.com", "5.1.1"),
        ("alex@example.com", "5.2.2"),
    ]


def test_the_returned_mail_decides_and_not_what_the_report_answers() -> None:
    elsewhere = (
        sample("gmail")
        .replace(b"In-Reply-To: <5f0c", b"In-Reply-To: <aaaa")
        .replace(b"References: <5f0c", b"References: <aaaa")
    )
    assert dsn.read_bounces(elsewhere)[0].references == (OURS,)


def test_without_the_returned_mail_the_answered_one_is_taken() -> None:
    lines = sample("exchange").split(b"--f2f1a0d3-7f7a-4b52-9f5e-9d1c5b0e1a77")
    without = b"--f2f1a0d3-7f7a-4b52-9f5e-9d1c5b0e1a77".join([*lines[:-2], lines[-1]])
    assert dsn.read_bounces(without)[0].references == (OURS,)


def test_a_report_within_the_returned_mail_is_not_read() -> None:
    inner = sample("postfix").replace(b"\r\n", b"\n")
    outer = (
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=outer\n\n--outer\n"
        b"Content-Type: message/rfc822\n\n" + inner + b"\n--outer--\n"
    )
    assert dsn.read_bounces(outer) == []


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        ("5.1.1 (bad mailbox)", "", "5.1.1"),
        ("5.0.0", "smtp; 554 5.7.1 blocked", "5.7.1"),
        ("5.0.0", "smtp; 550 User unknown", "5.1.1"),
        ("5.0.0", "smtp; 550 go away", "5.0.0"),
        ("", "", "5.0.0"),
        ("nonsense", "host mx [192.5.1.1] said: 550-5.2.1 closed", "5.2.1"),
    ],
)
def test_the_code_that_tells_most(status: str, said: str, code: str) -> None:
    assert bounce_status(status, said) == code


@given(st.binary(max_size=600))
def test_nothing_breaks_it(noise: bytes) -> None:
    head = b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\n"
    part = b"Content-Type: message/delivery-status\r\n\r\n"
    for mail in (noise, head + noise, head + part + noise, head + part + b"Action: failed\r\n" + noise + b"\r\n--x--"):
        assert isinstance(dsn.read_bounces(mail), list)


def test_a_mail_of_many_layers() -> None:
    deep = b"".join(b"Content-Type: multipart/report; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000))
    assert dsn.read_bounces(deep) == []


def test_a_mail_of_some_layers_within_others() -> None:
    """A report that was forwarded is still read; a mail of parts in parts without end is not."""

    def wrapped(layers: int) -> bytes:
        parts = (b"--part%d\nContent-Type: multipart/mixed; boundary=part%d\n\n" % (n, n + 1) for n in range(layers))
        inner = sample("postfix").replace(b"\r\n", b"\n")
        head, _, rest = inner.partition(b"\n\n")
        return head + b"\n\n" + b"".join(parts) + rest

    assert len(dsn.read_bounces(wrapped(3))) == 1
    assert dsn.read_bounces(wrapped(dsn.MOST_IN_ANOTHER + 1)) == []


def test_a_list_of_readers_is_read_with_one_look_at_the_mail_that_came_back() -> None:
    many = ", ".join(f"reader{number}@example.com" for number in range(500)).encode()
    bounces = dsn.read_bounces(
        sample("exim_old").replace(b"X-Failed-Recipients: jane@example.com", b"X-Failed-Recipients: " + many)
    )
    assert len(bounces) == 500
    assert {each.references for each in bounces} == {(OURS,)}
    assert len({id(each.references) for each in bounces}) == 1
