"""Calendar objects, read back with the library and looked at as octets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from telehealth.domain import walltime
from telehealth.domain.icalendar import (
    Entry,
    EntryStatus,
    Method,
    Party,
    clean_party_name,
    download,
    feed,
    google_url,
    invite,
    outlook_url,
    resource,
    yahoo_url,
)
from tests.golden import assert_golden

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
PRACTICE = Party("Riverside Practice", "calendar@riverside.example")
ANA = Party("Ana Souza", "ana@example.org")

ENTRY = Entry(
    uid="3f0c1d52-8a52-4a65-9b7c-0d9f1f9f4d11",
    sequence=2,
    starts_at=datetime(2026, 3, 10, 15, 0, tzinfo=walltime.zone("America/New_York")),
    ends_at=datetime(2026, 3, 10, 15, 50, tzinfo=walltime.zone("America/New_York")),
    updated_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    summary="Appointment",
    description=(
        "Join: https://riverside.example/j/abcdefghijkl.0123456789012345678901\n"
        "Change or cancel: https://riverside.example/m/abcdefghijkl.0123456789012345678901"
    ),
    location="Online",
    url="https://riverside.example/m/abcdefghijkl.0123456789012345678901",
)

# What people type, and what strangers type to see what happens.
HOSTILE = [
    'Ana "The Boss" Souza',
    "Ana\r\nATTENDEE:mailto:evil@example.org",
    "Ana\nBEGIN:VALARM",
    "Ana\u2028ATTENDEE:mailto:evil@example.org",
    "Ana;ROLE=CHAIR",
    "Ana,Bea:Cleo^n\\n",
    "\x00\x07\x1b[31mAna",
    "\u202egnp.exe",
    "\ud800Ana",
    "نیلوفر\u200cحسینی",
    "田中花子" * 40,
    "👩‍👩‍👧" * 60,
    "x" * 10_000,
    "",
    " ",
]


def invitation(entry: Entry = ENTRY, *, attendee: Party = ANA, method: Method = "REQUEST") -> bytes:
    return invite(entry, organizer=PRACTICE, attendee=attendee, stamped_at=NOW, method=method)


def only_event(content: bytes) -> Event:
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert isinstance(event, Event)
    return event


def assert_well_formed(content: bytes) -> None:
    """RFC 5545 section 3.1: CRLF line ends, at most 75 octets in a line, UTF-8 that is not cut in two."""
    assert content.endswith(b"\r\n")
    lines = content.split(b"\r\n")[:-1]
    assert all(b"\n" not in line and b"\r" not in line for line in lines)
    assert max(map(len, lines)) <= 75
    for line in lines:
        line.decode()


class TestInvite:
    def test_the_golden_request(self) -> None:
        assert_golden("invite_request.ics", invitation())

    def test_the_golden_cancel(self) -> None:
        assert_golden("invite_cancel.ics", invitation(replace(ENTRY, sequence=3), method="CANCEL"))

    def test_says_when_in_utc_and_needs_no_time_zone(self) -> None:
        event = only_event(invitation())
        assert event.start == datetime(2026, 3, 10, 19, 0, tzinfo=UTC)
        assert event.end == datetime(2026, 3, 10, 19, 50, tzinfo=UTC)
        assert b"VTIMEZONE" not in invitation()
        assert b"TZID" not in invitation()

    def test_asks_exactly_one_person(self) -> None:
        event = only_event(invitation())
        (attendee,) = event.attendees
        assert attendee == "mailto:ana@example.org"
        assert dict(attendee.params) == {
            "CN": "Ana Souza",
            "CUTYPE": "INDIVIDUAL",
            "ROLE": "REQ-PARTICIPANT",
            "PARTSTAT": "NEEDS-ACTION",
            "RSVP": "TRUE",
        }

    def test_carries_what_orders_it(self) -> None:
        event = only_event(invitation())
        assert event.uid == ENTRY.uid
        assert event.sequence == 2
        assert event.DTSTAMP == NOW

    def test_blocks_the_time_and_is_private(self) -> None:
        event = only_event(invitation())
        assert event["TRANSP"] == "OPAQUE"
        assert event["CLASS"] == "PRIVATE"
        assert event["STATUS"] == "CONFIRMED"

    def test_cancel_cancels_and_asks_for_nothing(self) -> None:
        content = invitation(method="CANCEL")
        event = only_event(content)
        assert Calendar.from_ical(content)["METHOD"] == "CANCEL"
        assert event["STATUS"] == "CANCELLED"
        assert event.attendees[0].params["RSVP"] == "FALSE"
        assert event.uid == ENTRY.uid

    def test_a_cancelled_entry_is_never_requested(self) -> None:
        with pytest.raises(ValueError, match="CANCEL"):
            invitation(replace(ENTRY, status=EntryStatus.CANCELLED))

    @pytest.mark.parametrize("name", HOSTILE)
    def test_a_name_cannot_add_a_line(self, name: str) -> None:
        content = invitation(
            replace(ENTRY, summary=name, description=name, location=name), attendee=Party(name, ANA.address)
        )
        assert_well_formed(content)
        event = only_event(content)
        assert [str(attendee) for attendee in event.attendees] == ["mailto:ana@example.org"]
        assert event.subcomponents == []
        assert event.attendees[0].params["ROLE"] == "REQ-PARTICIPANT"
        assert set(event) == set(only_event(invitation())) - (set() if name else {"DESCRIPTION", "LOCATION"})

    @given(st.text(max_size=300), st.text(max_size=300))
    def test_any_text_survives_the_journey(self, name: str, words: str) -> None:
        content = invitation(replace(ENTRY, summary=words), attendee=Party(name, ANA.address))
        assert_well_formed(content)
        event = only_event(content)
        assert len(event.attendees) == 1
        if words.isprintable():
            assert str(event["SUMMARY"]) == words

    @pytest.mark.parametrize(
        "address", ["", "ana", "a na@example.org", "ana@example.org\r\nX:y", "ana@\x00example.org"]
    )
    def test_an_unusable_address_is_refused(self, address: str) -> None:
        with pytest.raises(ValueError, match="address"):
            invitation(attendee=Party("Ana", address))

    def test_an_unusable_link_is_refused(self) -> None:
        with pytest.raises(ValueError, match="address"):
            invitation(replace(ENTRY, url="https://example.org/\r\nATTENDEE:mailto:evil@example.org"))

    def test_naive_instants_are_refused(self) -> None:
        naive = datetime(2026, 3, 2)
        with pytest.raises(ValueError, match="aware"):
            invite(ENTRY, organizer=PRACTICE, attendee=ANA, stamped_at=naive)
        with pytest.raises(ValueError, match="aware"):
            replace(ENTRY, updated_at=naive)

    def test_an_entry_ends_after_it_starts(self) -> None:
        with pytest.raises(ValueError, match="ends after"):
            replace(ENTRY, ends_at=ENTRY.starts_at)


class TestFeed:
    entries = (
        ENTRY,
        replace(ENTRY, uid="earlier", starts_at=ENTRY.starts_at - timedelta(days=1), summary="Busy", description=""),
        replace(ENTRY, uid="gone", status=EntryStatus.CANCELLED, sequence=3),
    )

    def test_the_golden_feed(self) -> None:
        assert_golden("feed.ics", feed(self.entries, name="Riverside Practice"))

    def test_the_same_entries_in_any_order_give_the_same_bytes(self) -> None:
        assert feed(self.entries, name="A") == feed(reversed(self.entries), name="A")

    def test_says_when_each_entry_last_changed(self) -> None:
        events = Calendar.from_ical(feed(self.entries, name="A")).walk("VEVENT")
        assert {event.DTSTAMP for event in events} == {ENTRY.updated_at}

    def test_is_published_and_names_itself(self) -> None:
        calendar = Calendar.from_ical(feed(self.entries, name="Riverside\r\nX-EVIL:1"))
        assert calendar["METHOD"] == "PUBLISH"
        assert calendar["NAME"] == calendar["X-WR-CALNAME"] == "Riverside X-EVIL:1"
        assert "X-EVIL" not in calendar
        assert calendar.decoded("REFRESH-INTERVAL") == timedelta(hours=1)
        assert calendar["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
        assert calendar["X-PUBLISHED-TTL"] in ("PT1H", b"PT1H")

    def test_names_nobody(self) -> None:
        content = feed(self.entries, name="A")
        assert b"ATTENDEE" not in content
        assert b"ORGANIZER" not in content

    def test_keeps_cancelled_entries_for_slow_readers(self) -> None:
        (event,) = Calendar.from_ical(feed(self.entries, name="A")).with_uid("gone")
        assert event["STATUS"] == "CANCELLED"
        assert event["TRANSP"] == "TRANSPARENT"

    def test_may_be_empty(self) -> None:
        content = feed([], name="A")
        assert_well_formed(content)
        assert Calendar.from_ical(content).walk("VEVENT") == []

    def test_many_entries_are_well_formed(self) -> None:
        many = [replace(ENTRY, uid=f"{number}", summary="Ü" * (number % 90)) for number in range(200)]
        content = feed(many, name="A")
        assert_well_formed(content)
        assert len(Calendar.from_ical(content).walk("VEVENT")) == 200

    def test_is_what_the_library_would_write(self) -> None:
        calendar = Calendar.from_ical(feed(self.entries, name="A"))
        assert calendar.to_ical(sorted=False) == feed(self.entries, name="A")


class TestDownload:
    def test_is_published_and_invites_nobody(self) -> None:
        content = download(ENTRY)
        assert_well_formed(content)
        assert Calendar.from_ical(content)["METHOD"] == "PUBLISH"
        assert only_event(content).attendees == []


class TestResource:
    marks = {"X-TELEHEALTH-KEY": "8c1f"}  # noqa: RUF012 -- read only

    def test_asks_nobody_and_rings_nowhere(self) -> None:
        content = resource(ENTRY, marks=self.marks, category="Sessions, all")
        assert_well_formed(content)
        assert b"METHOD" not in content
        event = only_event(content)
        assert not {"ATTENDEE", "ORGANIZER"} & set(event)
        assert (event["TRANSP"], event["CLASS"], event["STATUS"]) == ("OPAQUE", "PRIVATE", "CONFIRMED")
        assert event["X-TELEHEALTH-KEY"] == "8c1f"
        assert [str(alarm["ACTION"]) for alarm in event.walk("VALARM")] == ["NONE"]
        assert b"CATEGORIES:Sessions\\, all\r\n" in content

    @pytest.mark.parametrize("words", HOSTILE)
    def test_no_words_become_a_line(self, words: str) -> None:
        plain = resource(replace(ENTRY, description="x"), marks=self.marks, category="x")
        typed = replace(ENTRY, summary=words, description=words or "x", location=words or "x")
        content = resource(typed, marks={"X-TELEHEALTH-KEY": words}, category=words or "x")
        assert_well_formed(content)
        assert list(only_event(content)) == list(only_event(plain))


class TestForms:
    entry = replace(ENTRY, summary="Appointment & more + 100%", location="Main St 1, 2nd floor")

    def test_google_gets_the_times_and_the_words(self) -> None:
        fields = parse_qs(urlsplit(google_url(self.entry)).query)
        assert fields == {
            "action": ["TEMPLATE"],
            "text": [self.entry.summary],
            "dates": ["20260310T190000Z/20260310T195000Z"],
            "details": [self.entry.description],
            "location": [self.entry.location],
        }

    @pytest.mark.parametrize(("work_account", "host"), [(False, "outlook.live.com"), (True, "outlook.office.com")])
    def test_outlook_gets_the_times_and_the_words(self, work_account: bool, host: str) -> None:
        parts = urlsplit(outlook_url(self.entry, work_account=work_account))
        fields = parse_qs(parts.query)
        assert parts.hostname == host
        assert fields["startdt"] == ["2026-03-10T19:00:00Z"]
        assert fields["enddt"] == ["2026-03-10T19:50:00Z"]
        assert fields["subject"] == [self.entry.summary]
        assert fields["body"] == [self.entry.description]

    def test_yahoo_gets_the_times_and_the_words(self) -> None:
        fields = parse_qs(urlsplit(yahoo_url(self.entry)).query)
        assert fields == {
            "v": ["60"],
            "title": [self.entry.summary],
            "st": ["20260310T190000Z"],
            "et": ["20260310T195000Z"],
            "desc": [self.entry.description],
            "in_loc": [self.entry.location],
        }

    @pytest.mark.parametrize("form", [google_url, outlook_url, yahoo_url])
    def test_spaces_are_not_written_as_plus_signs(self, form: Callable[[Entry], str]) -> None:
        assert "+" not in form(self.entry)

    def test_a_form_without_words_has_no_empty_fields(self) -> None:
        assert "details" not in google_url(replace(ENTRY, description=""))


class TestCleanName:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_is_one_short_line(self, name: str) -> None:
        cleaned = clean_party_name(name)
        assert len(cleaned) <= 80
        assert cleaned == " ".join(cleaned.split())
        assert '"' not in cleaned
        cleaned.encode()

    def test_keeps_names_as_people_write_them(self) -> None:
        for name in ("Zoë O’Neil-Łuczak", "नेहा शर्मा", "نیلوفر\u200cحسینی", "D'Angelo, Jr."):
            assert clean_party_name(name) == name
