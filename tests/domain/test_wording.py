"""Every word that leaves the house, as files that a reviewer reads: tests/data/messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.adapters.letters import plain_text
from telehealth.domain.icalendar import EntryStatus
from telehealth.domain.phrases import (
    ENDINGS_TO_CLIENTS,
    ENDINGS_TO_THERAPISTS,
    HOW,
    HOW_IN_SHORT,
    TO_CLIENTS,
    TO_THERAPISTS,
    Ending,
)
from telehealth.domain.wording import Facts, entry, initials, letter, text
from telehealth.domain.words import MessageKind, Mode
from tests.discretion import outside_gsm, revealed
from tests.golden import assert_golden

START = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
DENVER, BERLIN = ZoneInfo("America/Denver"), ZoneInfo("Europe/Berlin")
SIGNED = "Zm9vYmFyYmF6.0123456789abcdefABCD_-"

CLIENT, THERAPIST = "client", "therapist"
K = MessageKind
TOLD = [
    *product([K.CONFIRMATION, K.CANCELLATION, K.MOVED, K.REQUEST], [CLIENT, THERAPIST], Mode),
    *product([K.REMINDER, K.OFFER], [CLIENT], Mode),
    (K.JOIN_LINK, CLIENT, Mode.VIRTUAL),
    *product([K.DECLINED], [CLIENT, THERAPIST], [Mode.VIRTUAL]),
]
CASES = [(kind, reader, mode, zone) for (kind, reader, mode), zone in product(TOLD, [DENVER, BERLIN])]
ENDINGS = [
    (K.DECLINED, CLIENT, Ending.EXPIRED),
    (K.DECLINED, CLIENT, Ending.WITHDRAWN),
    (K.CANCELLATION, CLIENT, Ending.LEFT),
    (K.DECLINED, THERAPIST, Ending.EXPIRED),
    (K.DECLINED, THERAPIST, Ending.WITHDRAWN),
    (K.CANCELLATION, THERAPIST, Ending.HANDED_ON),
]


def facts(kind: MessageKind, reader: str, mode: Mode, zone: ZoneInfo, **given: Any) -> Facts:
    """Jane's appointment in Denver; whoever reads about it sits in ``zone``."""
    base = "https://riverside.example"
    desk = f"{base}/desk/appointments/6f0d2d1e"
    is_cancelled = kind in {K.CANCELLATION, K.DECLINED}
    is_pending = kind in {K.REQUEST, K.OFFER}
    page = "o" if kind == K.OFFER else "m"
    usual: dict[str, Any] = {
        "kind": kind,
        "for_therapist": reader == THERAPIST,
        "sender_name": "Riverside Office",
        "practice_phone": "(303) 555-0100",
        "reader_name": "Jane Doe" if reader == CLIENT else "Dana Rivera",
        "therapist_name": "Dana Rivera",
        "client_initials": "J. D.",
        "mode": mode,
        "starts_at": START,
        "ends_at": START + timedelta(minutes=50),
        "reader_zone": zone,
        "appointment_zone": DENVER,
        "place": "Main Street office, 1 Main Street, Denver, CO 80202" if mode == Mode.IN_PERSON else "",
        "uid": "8d1f6c1e-0000-4000-8000-000000000001",
        "sequence": int(is_cancelled or kind == K.MOVED),
        "changed_at": START - timedelta(days=1),
        "is_cancelled": is_cancelled,
        "is_pending": is_pending,
        "manage_url": f"{base}/{page}/{SIGNED}" if reader == CLIENT else desk,
        "join_url": f"{base}/j/{SIGNED}" if reader == CLIENT else f"{desk}/join",
        "until": START - timedelta(hours=20) if is_pending else None,
        "answer": "On Tuesdays we close early. Would Wednesday suit you?" if kind == K.DECLINED else "",
        "answer_url": f"{base}/a/{SIGNED}" if reader == THERAPIST else "",
    }
    return Facts(**{**usual, **given})


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


@pytest.mark.parametrize(("kind", "reader", "ending"), ENDINGS)
def test_the_words_of_endings(kind: MessageKind, reader: str, ending: Ending) -> None:
    said = everything(facts(kind, reader, Mode.VIRTUAL, DENVER, ending=ending))
    assert_golden(f"messages/{kind}-{reader}-{ending}.txt", said.encode())
    assert revealed(said) == []


def test_the_words_about_several() -> None:
    """Two therapists and several clients: initials for them, and for clients nobody but the therapists."""
    several = {"client_initials": "A. B., J. D.", "therapist_name": "Dana Rivera and Sam Poe"}
    to_one = facts(K.MOVED, THERAPIST, Mode.IN_PERSON, DENVER, colleague_name="Sam Poe", **several)
    assert_golden("messages/moved-therapist-several.txt", everything(to_one).encode())
    to_client = everything(facts(K.MOVED, CLIENT, Mode.IN_PERSON, DENVER, **several))
    assert_golden("messages/moved-client-several.txt", to_client.encode())
    assert "A. B." not in to_client


def test_an_appointment_that_waits_for_its_clients_names_nobody() -> None:
    about = facts(K.CONFIRMATION, THERAPIST, Mode.VIRTUAL, DENVER, client_initials="")
    assert dict(letter(about).facts)["With"] == "Nobody yet"
    assert entry(about).summary == "Appointment"


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
    first = (K.CONFIRMATION, K.REMINDER, K.MOVED, K.REQUEST, K.OFFER)
    assert all("STOP" in said[kind] for kind in first)


@pytest.mark.parametrize("ending", [Ending.EXPIRED, Ending.WITHDRAWN, Ending.LEFT])
def test_texts_about_endings_are_cheap_and_short(ending: Ending) -> None:
    said = text(facts(K.DECLINED, CLIENT, Mode.VIRTUAL, DENVER, ending=ending))
    assert said.startswith("Riverside Office: ")
    assert (outside_gsm(said), len(said) <= 306) == (set(), True)


def test_what_the_practice_wrote_stays_off_the_locked_screen() -> None:
    no = facts(K.DECLINED, CLIENT, Mode.VIRTUAL, DENVER)
    assert no.answer in letter(no).paragraphs
    assert no.answer not in text(no)
    for other in (
        facts(K.DECLINED, THERAPIST, Mode.VIRTUAL, DENVER),
        facts(K.DECLINED, CLIENT, Mode.VIRTUAL, DENVER, ending=Ending.EXPIRED),
    ):
        assert no.answer not in letter(other).paragraphs


def test_a_changed_way_to_meet_is_said() -> None:
    said = {mode: text(facts(K.MOVED, CLIENT, mode, DENVER)) for mode in Mode}
    assert [words in said[mode] for mode, words in HOW_IN_SHORT.items()] == [True] * 3
    by_mode = {mode: dict(letter(facts(K.MOVED, CLIENT, mode, DENVER)).actions) for mode in Mode}
    assert [mode for mode, actions in by_mode.items() if "Join by video" in actions] == [Mode.VIRTUAL]


def test_a_request_is_answered_with_one_click() -> None:
    about = facts(K.REQUEST, THERAPIST, Mode.VIRTUAL, DENVER)
    assert letter(about).actions[0] == ("Say yes or no", about.answer_url)
    assert about.answer_url not in everything(facts(K.CONFIRMATION, THERAPIST, Mode.VIRTUAL, DENVER))


def test_nobody_enters_a_room_before_the_yes() -> None:
    for kind in (K.REQUEST, K.DECLINED):
        about = facts(kind, CLIENT, Mode.VIRTUAL, DENVER)
        assert about.join_url not in everything(about)


def test_a_request_is_tentative_in_calendars() -> None:
    assert entry(facts(K.REQUEST, CLIENT, Mode.VIRTUAL, DENVER)).status == EntryStatus.TENTATIVE


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
    assert set(TO_CLIENTS) == set(MessageKind)
    assert all(each.text for each in (*TO_CLIENTS.values(), *ENDINGS_TO_CLIENTS.values()))
    assert set(TO_THERAPISTS) == set(MessageKind) - {K.REMINDER, K.JOIN_LINK, K.OFFER}
    assert set(ENDINGS_TO_CLIENTS) | set(ENDINGS_TO_THERAPISTS) == set(Ending)
    assert set(HOW) == set(HOW_IN_SHORT) == set(Mode)
