"""Every word that leaves the house, as files that a reviewer reads: tests/data/messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from telehealth.adapters.letters import plain_text
from telehealth.domain import walltime
from telehealth.domain.icalendar import EntryStatus
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.discretion import Discretion
from telehealth.domain.messages.phrases import ENDINGS_TO_THERAPISTS, IN, TO_THERAPISTS, Ending, Phrase
from telehealth.domain.messages.segments import measure_text, plain_words
from telehealth.domain.messages.wording import Facts, entry, letter, text, values
from telehealth.domain.naming import form_of_address, natural_name
from telehealth.domain.words import Mode
from tests.discretion import outside_gsm, revealed
from tests.golden import assert_golden

START = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
DENVER, BERLIN = walltime.zone("America/Denver"), walltime.zone("Europe/Berlin")
SIGNED = "Zm9vYmFyYmF6.0123456789abcdefABCD_-"

CLIENT, THERAPIST = "client", "therapist"
K = MessageKind
TOLD = [
    *product([K.CONFIRMATION, K.CANCELLATION, K.MOVED, K.REQUEST], [CLIENT, THERAPIST], Mode),
    *product([K.REMINDER, K.CHOOSE_AGAIN, K.OFFER, K.FOLLOW_UP], [CLIENT], Mode),
    (K.JOIN_LINK, CLIENT, Mode.VIRTUAL),
    *product([K.INVITE_DECLINED, K.INVITE_COUNTERED], [CLIENT], [Mode.VIRTUAL]),
    *product([K.DECLINED], [CLIENT, THERAPIST], [Mode.VIRTUAL]),
]
ENGLISH, SPANISH = "en", "es"
CASES = [
    (kind, reader, mode, zone, locale)
    for (kind, reader, mode), zone, locale in product(TOLD, [DENVER, BERLIN], [ENGLISH, SPANISH])
    if locale == ENGLISH or reader == CLIENT
]
TEXTS = [case for case in CASES if case[1] == CLIENT]
ENDINGS = [
    (K.DECLINED, CLIENT, Ending.EXPIRED, ENGLISH),
    (K.DECLINED, CLIENT, Ending.WITHDRAWN, ENGLISH),
    *(
        (K.CANCELLATION, CLIENT, ending, ENGLISH)
        for ending in (Ending.BY_CLIENT, Ending.BY_ANOTHER, Ending.BY_PRACTICE)
    ),
    (K.DECLINED, CLIENT, Ending.EXPIRED, SPANISH),
    (K.DECLINED, CLIENT, Ending.WITHDRAWN, SPANISH),
    *(
        (K.CANCELLATION, CLIENT, ending, SPANISH)
        for ending in (Ending.BY_CLIENT, Ending.BY_ANOTHER, Ending.BY_PRACTICE)
    ),
    (K.DECLINED, THERAPIST, Ending.EXPIRED, ENGLISH),
    (K.DECLINED, THERAPIST, Ending.WITHDRAWN, ENGLISH),
    (K.CANCELLATION, THERAPIST, Ending.HANDED_ON, ENGLISH),
    (K.CANCELLATION, THERAPIST, Ending.BY_CLIENT, ENGLISH),
    (K.CANCELLATION, THERAPIST, Ending.BY_PRACTICE, ENGLISH),
]


def facts(kind: MessageKind, reader: str, mode: Mode, zone: ZoneInfo, **given: Any) -> Facts:
    """Jane's appointment in Denver; whoever reads about it sits in ``zone``."""
    base = "https://riverside.example"
    desk = f"{base}/desk/appointments/6f0d2d1e"
    is_cancelled = kind in {K.CANCELLATION, K.DECLINED}
    is_pending = kind in {K.REQUEST, K.OFFER}
    page = "o" if kind == K.OFFER else "m"
    further = "/move" if kind == K.CHOOSE_AGAIN else ""
    usual: dict[str, Any] = {
        "kind": kind,
        "for_therapist": reader == THERAPIST,
        "sender_name": "Riverside Office",
        "practice_phone": "(303) 555-0100",
        "reader_name": "Jane Doe" if reader == CLIENT else "Dana Rivera",
        "first_name": "Jane" if reader == CLIENT else "",
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
        "is_asked_to_move": kind == K.CHOOSE_AGAIN,
        "manage_url": f"{base}/{page}/{SIGNED}{further}" if reader == CLIENT else desk,
        "join_url": f"{base}/j/{SIGNED}" if reader == CLIENT else f"{desk}/join",
        "until": START - timedelta(hours=20) if is_pending else None,
        "answer": "On Tuesdays we close early. Would Wednesday suit you?" if kind == K.DECLINED else "",
        "was_at": START - timedelta(days=1, hours=5) if kind == K.MOVED else None,
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


def named(*parts: str, locale: str) -> str:
    """The file of a message: in English without a word about that."""
    return f"messages/{'-'.join([*parts, *([locale] if locale != ENGLISH else [])])}.txt"


@pytest.mark.parametrize(("kind", "reader", "mode", "zone", "locale"), CASES)
def test_the_words(kind: MessageKind, reader: str, mode: Mode, zone: ZoneInfo, locale: str) -> None:
    said = everything(facts(kind, reader, mode, zone, locale=locale))
    where = "same-zone" if zone == DENVER else "other-zone"
    assert_golden(named(kind, reader, mode, where, locale=locale), said.encode())
    assert revealed(said) == []


@pytest.mark.parametrize(("kind", "reader", "ending", "locale"), ENDINGS)
def test_the_words_of_endings(kind: MessageKind, reader: str, ending: Ending, locale: str) -> None:
    said = everything(facts(kind, reader, Mode.VIRTUAL, DENVER, ending=ending, locale=locale))
    assert_golden(named(kind, reader, ending, locale=locale), said.encode())
    assert revealed(said) == []


@pytest.mark.parametrize("locale", [ENGLISH, SPANISH])
@pytest.mark.parametrize("discretion", [Discretion.BARE, Discretion.NAMED])
def test_the_words_of_other_discretion(discretion: Discretion, locale: str) -> None:
    said = everything(facts(K.REMINDER, CLIENT, Mode.IN_PERSON, BERLIN, discretion=discretion, locale=locale))
    assert_golden(named(K.REMINDER, CLIENT, discretion, locale=locale), said.encode())
    assert revealed(said) == []


@pytest.mark.parametrize("locale", [ENGLISH, SPANISH])
def test_the_way_in_names_the_day_when_it_is_sent_before_it(locale: str) -> None:
    """Quiet hours may send it the evening before."""
    evening = START - timedelta(days=1)
    about = facts(K.JOIN_LINK, CLIENT, Mode.VIRTUAL, DENVER, said_at=evening, locale=locale)
    assert_golden(named(K.JOIN_LINK, CLIENT, "evening-before", locale=locale), everything(about).encode())
    on_the_day = replace(about, said_at=START - timedelta(hours=9))
    assert values(about, Channel.TEXT)["day"] in text(about)
    assert values(about, Channel.TEXT)["day"] not in text(on_the_day)


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


def test_the_list_of_revealing_words_works() -> None:
    assert revealed("Your couples therapy with Dr. Rivera, LMFT") == ["couples", "therap", "LMFT"]
    assert revealed("https://therapy.example/") == []


@pytest.mark.parametrize(("kind", "reader", "mode", "zone", "locale"), TEXTS)
def test_texts_stay_in_the_cheap_alphabet_and_short(
    kind: MessageKind, reader: str, mode: Mode, zone: ZoneInfo, locale: str
) -> None:
    for discretion in Discretion:
        said = text(facts(kind, CLIENT, mode, zone, locale=locale, discretion=discretion))
        assert outside_gsm(said) == set()
        assert measure_text(said).segments <= 2


def test_what_every_usual_text_costs() -> None:
    """In pieces, as a table: whoever changes words sees what it costs. The practice's name has 16 letters here."""
    rows = ["kind         how        zone  lang  usual  first"]
    for kind, _, mode, zone, locale in TEXTS:
        about = facts(kind, CLIENT, mode, zone, locale=locale)
        usual, first = (measure_text(text(replace(about, is_first_text=each))) for each in (False, True))
        where = "same " if zone == DENVER else "other"
        assert {usual.encoding, first.encoding} == {"GSM-7"}
        cost = f"{usual.units:3} {usual.segments}  {first.units:3} {first.segments}"
        rows.append(f"{kind:12} {mode:9}  {where} {locale}    {cost}")
    assert_golden("messages/segments.txt", ("\n".join(rows) + "\n").encode())


@pytest.mark.parametrize("locale", [ENGLISH, SPANISH])
def test_the_first_text_to_a_number_says_what_it_costs_and_how_to_get_help(locale: str) -> None:
    for kind in IN[locale].to_clients:
        about = facts(kind, CLIENT, Mode.VIRTUAL, DENVER, locale=locale)
        first, later = text(replace(about, is_first_text=True)), text(about)
        assert first.endswith(IN[locale].around.first_stop)
        assert [each in first for each in ("HELP", "STOP")] == [True, True]
        assert ("Msg & data rates may apply" in first) == (locale == ENGLISH)
        assert "HELP" not in later


@pytest.mark.parametrize("month", range(1, 13))
def test_every_month_and_weekday_is_cheap_in_spanish(month: int) -> None:
    for day in range(1, 8):
        about = facts(K.REMINDER, CLIENT, Mode.VIRTUAL, DENVER, locale=SPANISH, starts_at=START.replace(month=month))
        about = replace(about, starts_at=about.starts_at + timedelta(days=day))
        assert measure_text(text(about)).encoding == "GSM-7"


@pytest.mark.parametrize("locale", [ENGLISH, SPANISH])
def test_every_text_says_who_sends_it_and_how_to_end_them(locale: str) -> None:
    said = {kind: text(facts(kind, CLIENT, Mode.VIRTUAL, DENVER, locale=locale)) for kind in IN[locale].to_clients}
    assert all(each.startswith("Riverside Office: ") for each in said.values())
    first = (K.CONFIRMATION, K.REMINDER, K.MOVED, K.REQUEST, K.OFFER, K.FOLLOW_UP)
    assert all("STOP" in said[kind] for kind in first)


@pytest.mark.parametrize("locale", [ENGLISH, SPANISH])
@pytest.mark.parametrize(
    "ending", [Ending.EXPIRED, Ending.WITHDRAWN, Ending.BY_CLIENT, Ending.BY_ANOTHER, Ending.BY_PRACTICE]
)
def test_texts_about_endings_are_cheap_and_short(ending: Ending, locale: str) -> None:
    said = text(facts(K.DECLINED, CLIENT, Mode.VIRTUAL, DENVER, ending=ending, locale=locale))
    assert said.startswith("Riverside Office: ")
    assert (outside_gsm(said), measure_text(said).segments <= 2) == (set(), True)


def test_a_text_asks_for_an_answer_that_carriers_leave_alone() -> None:
    for kind in (K.CONFIRMATION, K.REMINDER):
        about = facts(kind, CLIENT, Mode.VIRTUAL, DENVER)
        assert "Reply C to confirm, R to reschedule." in text(about)
        assert "Responda C para confirmar, R para cambiar." in text(replace(about, locale=SPANISH))
        assert "C to confirm" not in text(replace(about, is_confirmed=True))
        assert "R to reschedule" not in text(replace(about, can_move=False))
        assert "Reply C to confirm." in text(replace(about, can_move=False))
        assert "Responda C para confirmar." in text(replace(about, can_move=False, locale=SPANISH))
        assert "Reply C" not in text(replace(about, can_move=False, is_confirmed=True))


def test_curly_quotes_do_not_make_a_text_dearer() -> None:
    about = facts(K.REMINDER, CLIENT, Mode.VIRTUAL, DENVER, sender_name="Jane’s Office – Denver")
    assert text(about).startswith("Jane's Office - Denver: ")
    about = replace(about, sender_name="Clínica Peña")
    assert text(about).startswith("Clinica Peña: ")
    assert measure_text(text(about)).encoding == "GSM-7"


def test_words_of_the_practices_own() -> None:
    about = facts(K.REMINDER, CLIENT, Mode.IN_PERSON, DENVER)
    own = Phrase("On {{ day }}", "See you at {{ where }}.\n\nBring  {{ name }}.", "see you {{ when }}{{ name }}.")
    assert text(about, own) == "Riverside Office: see you Tue, Nov 24 at 3:00 PM MST. Reply STOP to end texts."
    said = letter(about, own)
    assert said.subject == "On Tue, Nov 24"
    assert said.paragraphs == (f"See you at {about.place}.", "Bring Jane Doe.")
    assert letter(about, replace(own, subject="")).subject == letter(about).subject


def test_own_words_do_not_get_around_the_practices_discretion() -> None:
    own = Phrase("", "{{ name }}{{ therapist }}{{ where }}.", "{{ name }}{{ therapist }}{{ where }}.")
    about = facts(K.REMINDER, CLIENT, Mode.IN_PERSON, DENVER)
    assert text(about, own).startswith("Riverside Office: . ")
    assert letter(replace(about, discretion=Discretion.BARE), own).paragraphs == (".",)


def test_bare_names_nobody_and_nowhere() -> None:
    bare = facts(K.CONFIRMATION, CLIENT, Mode.IN_PERSON, DENVER, discretion=Discretion.BARE)
    said = everything(bare)
    assert not [word for word in ("Jane", "Rivera", "Main Street") if word in said]
    to_therapist = facts(K.CONFIRMATION, THERAPIST, Mode.IN_PERSON, DENVER, discretion=Discretion.BARE)
    assert "Main Street" in everything(to_therapist)


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
    assert [words in said[mode] for mode, words in IN[ENGLISH].how_in_short.items()] == [True] * 3
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
    for locale in IN:
        for kind in IN[locale].to_clients:
            said = text(facts(kind, CLIENT, Mode.VIRTUAL, DENVER, locale=locale)).lower()
            asked = [f"{verb} {word}" for verb in ("reply", "responda") for word in ("cancel", "end", "quit", "yes")]
            assert not any(each in said for each in asked)


def test_in_person_the_venues_time_comes_first() -> None:
    rows = dict(letter(facts(MessageKind.REMINDER, CLIENT, Mode.IN_PERSON, BERLIN)).facts)
    assert "3:00 PM MST" in rows["When"]
    assert "23:00 Berlin time" in rows["Your own time"]


def test_by_video_the_readers_time_comes_first() -> None:
    rows = dict(letter(facts(MessageKind.REMINDER, CLIENT, Mode.VIRTUAL, BERLIN)).facts)
    assert "23:00 Berlin time" in rows["When"]
    assert "3:00 PM MST" in rows["Other time zone"]


def test_zones_with_the_same_clock_are_said_once() -> None:
    about = replace(
        facts(MessageKind.REMINDER, CLIENT, Mode.VIRTUAL, DENVER), reader_zone=walltime.zone("America/Phoenix")
    )
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


def test_every_kind_has_its_words() -> None:
    ours_already = {K.AGENDA, K.REPLY, K.NOTE, K.ALERT, K.LOGIN, K.CODE}
    for language in IN.values():
        assert set(language.to_clients) == set(MessageKind) - ours_already
        assert all(each.text for each in (*language.to_clients.values(), *language.endings.values()))
        assert set(language.endings) | set(ENDINGS_TO_THERAPISTS) == set(Ending)
        assert set(language.how) == set(language.how_in_short) == set(Mode)
    assert set(TO_THERAPISTS) == {K.CONFIRMATION, K.MOVED, K.CANCELLATION, K.REQUEST, K.DECLINED}


CALLED = [
    *(("Jane Doe", "Jane"), ("Dr. Jane Doe", "Jane"), ("Smith, John", "John"), ("Smith,, John", "John")),
    *(("Cher", "Cher"), ("Dr.", "Dr.")),
    *(("de la Cruz", "de la Cruz"), ("Sra. Ana María López", "Ana"), ("'Ali 'Umar", "'Ali"), ("J. Smith", "J. Smith")),
]


@pytest.mark.parametrize("locale", [ENGLISH, SPANISH])
@pytest.mark.parametrize(("name", "shown"), CALLED)
def test_whoever_is_named_is_named_by_a_form_of_address(name: str, shown: str, locale: str) -> None:
    given = {"reader_name": natural_name(name), "first_name": form_of_address(name), "locale": locale}
    about = facts(K.REMINDER, CLIENT, Mode.VIRTUAL, DENVER, discretion=Discretion.NAMED, **given)
    assert text(about).startswith(f"Riverside Office: {plain_words(shown)}, ")
    assert letter(about).greeting == about.language.around.hello.format(name=natural_name(name))


@pytest.mark.parametrize("locale", [ENGLISH, SPANISH])
def test_whoever_is_not_known_is_not_named(locale: str) -> None:
    about = facts(K.REMINDER, CLIENT, Mode.VIRTUAL, DENVER, discretion=Discretion.NAMED, locale=locale)
    about = replace(about, reader_name="", first_name="")
    assert letter(about).greeting == about.language.around.hello_nobody
    assert "Jane" not in everything(about)
    assert ": ," not in text(about)


def where_it_is(kind: MessageKind, reader: str = CLIENT, **given: Any) -> Facts:
    found = {"directions": "Ring the\n\nupper bell.", "map_url": "https://maps.example/1"}
    return replace(facts(kind, reader, Mode.IN_PERSON, DENVER), **{**found, **given})


def test_whoever_comes_reads_how_to_find_it() -> None:
    for kind in (MessageKind.CONFIRMATION, MessageKind.REMINDER, MessageKind.MOVED):
        rows = dict(letter(where_it_is(kind)).facts)
        assert (rows["How to find it"], rows["Map"]) == ("Ring the upper bell.", "https://maps.example/1")
    spanish = dict(letter(where_it_is(MessageKind.REMINDER, locale="es")).facts)
    assert (spanish["Cómo llegar"], spanish["Mapa"]) == ("Ring the upper bell.", "https://maps.example/1")
    only = dict(letter(where_it_is(MessageKind.REMINDER, directions="")).facts)
    assert "How to find it" not in only


@pytest.mark.parametrize(
    "given",
    [{"is_cancelled": True}, {"discretion": Discretion.BARE}, {"is_asked_to_move": True}, {"for_therapist": True}],
    ids=["cancelled", "bare", "another time", "therapist"],
)
def test_nobody_else_reads_how_to_find_it(given: dict[str, Any]) -> None:
    about = where_it_is(MessageKind.CONFIRMATION, **given)
    assert not {"How to find it", "Map"} & set(dict(letter(about).facts))
    assert "upper bell" not in text(where_it_is(MessageKind.REMINDER)), "texts are short"
