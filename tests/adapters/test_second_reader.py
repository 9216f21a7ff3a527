"""Invites and feeds as a second library reads them: what only our own one understands helps nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from telehealth.domain.icalendar import Entry, EntryStatus, Party, download, feed, invite, publication, resource
from tests.adapters.node import read_calendars
from tests.moments import NOW

DATA = Path(__file__).resolve().parents[1] / "data"
DESK, JANE = Party('Riverside, Office; "East"', "desk@riverside.example"), Party("Zoë 'Ali 王", "jane@example.com")
TRICKY = 'Line one\nLine; two, with \\ and: "quotes"\n\nEND:VEVENT\r\nATTENDEE:mailto:x@y.z é 👩‍👩‍👧 ' + "long " * 40


def an_entry(number: int = 0, **changed: object) -> Entry:
    starts_at = datetime(2026, 10, 30, 23, 30, tzinfo=UTC) + timedelta(days=number)
    usual = {
        "uid": f"8d1f6c1e-0000-4000-8000-{number:012}",
        "sequence": number,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=50),
        "updated_at": NOW,
        "summary": "Appointment with Riverside, Office; \\ East",
        "description": TRICKY,
        "location": "1 Main Street, Denver; CO",
        "url": "https://riverside.example/j/abc.def",
    }
    return Entry(**{**usual, **changed})  # type: ignore[arg-type]


def test_what_we_keep_as_samples_is_read() -> None:
    names = ("invite_request.ics", "invite_cancel.ics", "feed.ics")
    request, cancel, published = read_calendars([(DATA / name).read_bytes() for name in names])
    assert [each["method"] for each in (request, cancel, published)] == ["REQUEST", "CANCEL", "PUBLISH"]
    assert cancel["events"][0]["status"] == "CANCELLED"
    assert {each["zone"] for each in published["events"]} == {"UTC"}
    assert [each["others"] for each in (request, cancel, published)] == [0, 0, 0]


def test_an_invite_says_what_we_meant() -> None:
    asked = an_entry(3)
    (found,) = read_calendars([invite(asked, organizer=DESK, attendee=JANE, stamped_at=NOW)])
    (event,) = found["events"]
    assert (event["uid"], event["sequence"], event["summary"]) == (asked.uid, 3, asked.summary)
    assert (event["starts_at"], event["ends_at"]) == ("2026-11-02T23:30:00.000Z", "2026-11-03T00:20:00.000Z")
    assert event["description"] == TRICKY.replace("\r\n", "\n")
    assert (event["location"], event["url"]) == (asked.location, asked.url)
    assert event["organizer"] == {"address": "mailto:desk@riverside.example", "name": "Riverside, Office; East"}
    assert event["attendees"] == [{"address": "mailto:jane@example.com", "name": JANE.name, "answers": "TRUE"}]


def test_every_shape_is_read() -> None:
    off = an_entry(1, status=EntryStatus.CANCELLED)
    cancel = invite(an_entry(1), organizer=DESK, attendee=JANE, stamped_at=NOW, method="CANCEL")
    own, gone = (publication(each, organizer=DESK, stamped_at=NOW) for each in (an_entry(2), off))
    shapes = read_calendars([cancel, own, gone, download(an_entry(4)), feed(map(an_entry, range(60)), name="Büro")])
    assert [each["method"] for each in shapes] == ["CANCEL", "PUBLISH", "PUBLISH", "PUBLISH", "PUBLISH"]
    statuses = [each["events"][0]["status"] for each in shapes]
    assert statuses == ["CANCELLED", "CONFIRMED", "CANCELLED", "CONFIRMED", "CONFIRMED"]
    assert [len(each["events"][0]["attendees"]) for each in shapes] == [1, 0, 0, 0, 0]
    assert (len(shapes[-1]["events"]), shapes[-1]["name"]) == (60, "Büro")
    assert [each["sequence"] for each in shapes[-1]["events"]] == list(range(60))


def test_what_is_put_into_a_calendar_is_read() -> None:
    (found,) = read_calendars([resource(an_entry(3), marks={"X-TELEHEALTH-KEY": "8c1f"}, category="Sessions")])
    (event,) = found["events"]
    assert (found["method"], found["others"], event["attendees"]) == (None, 0, [])
    assert (event["starts_at"], event["ends_at"]) == ("2026-11-02T23:30:00.000Z", "2026-11-03T00:20:00.000Z")
    assert event["description"] == TRICKY.replace("\r\n", "\n")


@settings(max_examples=4, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=30, max_size=60))
def test_no_words_change_what_is_in_an_entry(typed: list[str]) -> None:
    invites = [
        invite(
            an_entry(summary=words, description=words, location=words),
            organizer=Party(words, DESK.address),
            attendee=Party(words, JANE.address),
            stamped_at=NOW,
        )
        for words in typed
    ]
    for found in read_calendars(invites):
        (event,) = found["events"]
        assert found["others"] == 0
        assert [each["address"] for each in event["attendees"]] == ["mailto:jane@example.com"]
        assert event["organizer"]["address"] == "mailto:desk@riverside.example"
        assert len(set(event["properties"])) == len(event["properties"])
