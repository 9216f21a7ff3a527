"""Every word that leaves the house, as files that a reviewer reads: tests/data/messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.adapters.letters import plain_text
from telehealth.domain import wording
from telehealth.domain.icalendar import EntryStatus
from telehealth.domain.wording import Facts, entry, initials, letter, text
from telehealth.domain.words import MessageKind, Mode
from tests.discretion import outside_gsm, revealed
from tests.golden import assert_golden

START = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
DENVER, BERLIN = ZoneInfo("America/Denver"), ZoneInfo("Europe/Berlin")
SIGNED = "Zm9vYmFyYmF6.0123456789abcdefABCD_-"

CLIENT, THERAPIST = "client", "therapist"
TOLD = [
    *product([MessageKind.CONFIRMATION, MessageKind.CANCELLATION], [CLIENT, THERAPIST], Mode),
    *product([MessageKind.REMINDER], [CLIENT], Mode),
    (MessageKind.JOIN_LINK, CLIENT, Mode.VIRTUAL),
]
CASES = [(kind, reader, mode, zone) for (kind, reader, mode), zone in product(TOLD, [DENVER, BERLIN])]


def facts(kind: MessageKind, reader: str, mode: Mode, zone: ZoneInfo) -> Facts:
    """Jane's appointment in Denver; whoever reads about it sits in ``zone``."""
    base = "https://riverside.example"
    desk = f"{base}/desk/appointments/6f0d2d1e"
    is_cancelled = kind == MessageKind.CANCELLATION
    return Facts(
        kind=kind,
        for_therapist=reader == THERAPIST,
        sender_name="Riverside Office",
        practice_phone="(303) 555-0100",
        reader_name="Jane Doe" if reader == CLIENT else "Dana Rivera",
        therapist_name="Dana Rivera",
        client_initials="J. D.",
        mode=mode,
        starts_at=START,
        ends_at=START + timedelta(minutes=50),
        reader_zone=zone,
        appointment_zone=DENVER,
        place="Main Street office, 1 Main Street, Denver, CO 80202" if mode == Mode.IN_PERSON else "",
        uid="8d1f6c1e-0000-4000-8000-000000000001",
        sequence=int(is_cancelled),
        changed_at=START - timedelta(days=1),
        is_cancelled=is_cancelled,
        manage_url=f"{base}/m/{SIGNED}" if reader == CLIENT else desk,
        join_url=f"{base}/j/{SIGNED}" if reader == CLIENT else f"{desk}/join",
    )


def everything(about: Facts) -> str:
    """All that one message can say: the text, the e-mail and the calendar entry."""
    words, kept = letter(about), entry(about)
    parts = [
        *(["TEXT", text(about), ""] if not about.for_therapist else []),
        "E-MAIL",
        f"Subject: {words.subject}",
        "",
        plain_text(words),
        "CALENDAR",
        f"{kept.uid} sequence {kept.sequence} {kept.status}",
        kept.summary,
        f"at: {kept.location}",
        kept.description,
    ]
    return "\n".join(parts) + "\n"


@pytest.mark.parametrize(("kind", "reader", "mode", "zone"), CASES)
def test_the_words(kind: MessageKind, reader: str, mode: Mode, zone: ZoneInfo) -> None:
    said = everything(facts(kind, reader, mode, zone))
    where = "same-zone" if zone == DENVER else "other-zone"
    assert_golden(f"messages/{kind}-{reader}-{mode}-{where}.txt", said.encode())


@pytest.mark.parametrize(("kind", "reader", "mode", "zone"), CASES)
def test_the_words_are_discreet(kind: MessageKind, reader: str, mode: Mode, zone: ZoneInfo) -> None:
    assert revealed(everything(facts(kind, reader, mode, zone))) == []


def test_the_list_of_revealing_words_works() -> None:
    assert revealed("Your couples therapy with Dr. Rivera, LMFT") == ["couples", "therap", "LMFT"]
    assert revealed("https://therapy.example/") == []


@pytest.mark.parametrize(("kind", "reader", "mode", "zone"), CASES)
def test_texts_stay_in_the_cheap_alphabet_and_short(kind: MessageKind, reader: str, mode: Mode, zone: ZoneInfo) -> None:
    said = text(facts(kind, CLIENT, mode, zone))
    assert outside_gsm(said) == set()
    assert len(said) <= 306, "more than two segments"


def test_every_text_says_who_sends_it_and_how_to_end_them() -> None:
    said = {kind: text(facts(kind, CLIENT, Mode.VIRTUAL, DENVER)) for kind in MessageKind}
    assert all(each.startswith("Riverside Office: ") for each in said.values())
    assert all("STOP" in said[kind] for kind in (MessageKind.CONFIRMATION, MessageKind.REMINDER))


def test_no_text_asks_for_a_word_that_ends_texts_at_the_carrier() -> None:
    """CANCEL, END, QUIT… as replies would unsubscribe the client at the carrier."""
    for kind in MessageKind:
        said = text(facts(kind, CLIENT, Mode.VIRTUAL, DENVER)).lower()
        assert not any(f"reply {word}" in said for word in ("cancel", "end", "quit", "yes", "unsubscribe"))


def test_in_person_the_venues_time_comes_first() -> None:
    rows = dict(letter(facts(MessageKind.REMINDER, CLIENT, Mode.IN_PERSON, BERLIN)).facts)
    assert "3:00 PM MST" in rows["When"]
    assert "11:00 PM CET" in rows["Your own time"]


def test_by_video_the_readers_time_comes_first() -> None:
    rows = dict(letter(facts(MessageKind.REMINDER, CLIENT, Mode.VIRTUAL, BERLIN)).facts)
    assert "11:00 PM CET" in rows["When"]
    assert "3:00 PM MST" in rows["Other time zone"]


def test_zones_with_the_same_clock_are_said_once() -> None:
    about = replace(facts(MessageKind.REMINDER, CLIENT, Mode.VIRTUAL, DENVER), reader_zone=ZoneInfo("America/Phoenix"))
    assert [label for label, _ in letter(about).facts] == ["When", "How", "With"]


def test_whoever_is_told_of_a_cancellation_gets_no_way_in() -> None:
    about = facts(MessageKind.CANCELLATION, CLIENT, Mode.VIRTUAL, DENVER)
    assert about.join_url not in everything(about)


def test_the_therapist_reads_initials_only() -> None:
    for kind in (MessageKind.CONFIRMATION, MessageKind.CANCELLATION):
        said = everything(facts(kind, THERAPIST, Mode.VIRTUAL, DENVER))
        assert "J. D." in said
        assert "Jane" not in said


def test_the_calendar_entry_keeps_its_name_and_grows_its_number() -> None:
    before, after = (
        entry(facts(kind, CLIENT, Mode.VIRTUAL, DENVER))
        for kind in (MessageKind.CONFIRMATION, MessageKind.CANCELLATION)
    )
    assert before.uid == after.uid
    assert (before.sequence, after.sequence) == (0, 1)
    assert (before.status, after.status) == (EntryStatus.CONFIRMED, EntryStatus.CANCELLED)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Jane Doe", "J. D."),
        ("Jane Marie van der Doe", "J. D."),
        ("Cher", "C."),
        ("", ""),
        ("é", "É."),
        ("李 小龙", "李. 小."),
        ("(x) y", "Y."),
    ],
)
def test_initials(name: str, short: str) -> None:
    assert initials(name) == short


@given(name=st.text(max_size=80))
def test_initials_are_never_a_name(name: str) -> None:
    assert len(initials(name)) <= len("ABC. DEF.")  # One letter may grow to three in capitals: "ﬃ".


def test_every_kind_has_its_words() -> None:
    assert set(wording.SUBJECTS) == set(wording.OPENINGS) == set(wording.TEXTS) == set(MessageKind)
    assert set(wording.HOW) == set(Mode)
