"""What somebody types to connect a calendar."""

from __future__ import annotations

import pytest

from telehealth.domain.calendar_accounts import TypedAccount, read_account
from telehealth.domain.calendar_words import CalendarKind
from telehealth.domain.errors import InvalidInput


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://calendar.google.com/calendar/ical/x/private-1/basic.ics", None),
        (" webcal://p01-caldav.icloud.com/published/2/abc ", "https://p01-caldav.icloud.com/published/2/abc"),
        ("https://host.example:8443/x.ics?token=a%20b#top", "https://host.example:8443/x.ics?token=a%20b"),
    ],
)
def test_a_private_address_keeps_its_host_beside_it(typed: str, url: str | None) -> None:
    access = read_account(TypedAccount(kind=CalendarKind.ICS, private_address=typed))
    assert access.secrets == {"url": url or typed}
    assert access.address in (url or typed)
    assert "/" not in access.address
    assert "private" not in repr(access)


@pytest.mark.parametrize(
    "typed",
    [
        "", "http://host.example/x.ics", "ftp://host.example/x.ics", "host.example/x.ics", "https://", "https:///x.ics",
        "https://dana:pw@host.example/x.ics", "https://host.example/a b.ics", "https://host.example:99999/x.ics",
        "https://host.example:0/x.ics", "https://[::1/x.ics", "https://host.example/" + "x" * 2_000, "file:///etc/passwd",
        "https://host.example/x\r\nHost: other",
    ],
)  # fmt: skip
def test_other_addresses_are_refused(typed: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_account(TypedAccount(kind=CalendarKind.ICS, private_address=typed))
    assert refusal.value.fields.keys() == {"private_address"}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("https://calendar.google.com/calendar/embed?src=dana%40example.com&ctz=America%2FDenver", "Secret address"),
        ('<iframe src="https://calendar.google.com/calendar/embed?src=x" width="800"></iframe>', "Secret address"),
        ("https://calendar.google.com/calendar/u/0?cid=ZGFuYUBleGFtcGxl", "Secret address"),
        ("https://outlook.office365.com/owa/calendar/x@example.com/y/calendar.html", "the ICS link"),
        ("https://www.icloud.com/calendar/", "for calendar programs"),
        ("http://host.example/x.ics", "over http:// anybody on the way could read"),
    ],
)
def test_what_is_often_copied_instead_is_known(typed: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_account(TypedAccount(kind=CalendarKind.ICS, private_address=typed))
    assert said in refusal.value.fields["private_address"]


@pytest.mark.parametrize(
    "typed",
    [
        "https://calendar.google.com/calendar/ical/x/public/basic.ics",
        "https://outlook.office365.com/owa/calendar/x@example.com/y/calendar.ics",
        "webcal://outlook.live.com/owa/calendar/x/y/Calendar.ICS",
    ],
)
def test_and_calendars_at_the_same_hosts_are_none_of_it(typed: str) -> None:
    assert read_account(TypedAccount(kind=CalendarKind.ICS, private_address=typed)).secrets["url"]


def test_a_password_is_sent_over_https_only() -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_account(TypedAccount(kind=CalendarKind.CALDAV, address="HTTP://cloud.example.com"))
    assert "over http:// anybody on the way could read your password" in refusal.value.fields["address"]


def test_a_server_and_an_app_password() -> None:
    typed = TypedAccount(
        kind=CalendarKind.CALDAV, address="cloud.example.com", username=" dana ", password=" kept as it is "
    )
    access = read_account(typed)
    assert (access.address, access.username) == ("https://cloud.example.com", "dana")
    assert access.secrets == {"password": " kept as it is "}
    assert "kept" not in f"{typed!r}{access!r}"


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_account(TypedAccount(kind=CalendarKind.CALDAV, address="http://cloud.example.com"))
    assert refusal.value.fields.keys() == {"address", "username", "password"}


@pytest.mark.parametrize("kind", [CalendarKind.GOOGLE, CalendarKind.MICROSOFT])
def test_whoever_signs_in_types_nothing(kind: CalendarKind) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_account(TypedAccount(kind=kind))
    assert refusal.value.fields.keys() == {"kind"}
