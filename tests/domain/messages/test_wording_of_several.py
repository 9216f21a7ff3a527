"""Several appointments in one message, as files that a reviewer reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from telehealth.adapters.letters import plain_text
from telehealth.domain import walltime
from telehealth.domain.message_words import MessageKind
from telehealth.domain.messages.digests import (
    Agenda,
    Meeting,
    StandingSlot,
    agenda_letter,
    catch_up_letter,
    catch_up_text,
    slot_letter,
    slot_text,
)
from telehealth.domain.messages.segments import measure_text
from telehealth.domain.messages.wording import Facts
from telehealth.domain.series.patterns import MonthWeek
from telehealth.domain.words import Mode
from tests.discretion import revealed
from tests.domain.messages.test_wording import BERLIN, CLIENT, DENVER, START, THERAPIST, facts, named
from tests.golden import assert_golden

K = MessageKind


def several(locale: str) -> list[Facts]:
    """One booked, one off, one asked for, and one that is free: in no order."""
    booked = facts(K.CATCH_UP, CLIENT, Mode.VIRTUAL, BERLIN, locale=locale)
    off = facts(K.CATCH_UP, CLIENT, Mode.IN_PERSON, BERLIN, locale=locale, is_cancelled=True)
    asked = facts(K.CATCH_UP, CLIENT, Mode.PHONE, BERLIN, locale=locale, is_pending=True, until=START)
    free = facts(K.OFFER, CLIENT, Mode.VIRTUAL, BERLIN, locale=locale)
    days = {3: off, 0: booked, 9: asked, 12: free}
    return [replace(each, starts_at=each.starts_at + timedelta(days=later)) for later, each in days.items()]


@pytest.mark.parametrize("locale", ["en", "es"])
def test_what_an_outage_held_up(locale: str) -> None:
    found = several(locale)
    said = "\n".join(["TEXT", catch_up_text(found), "", "E-MAIL", plain_text(catch_up_letter(found))])
    assert_golden(named(K.CATCH_UP, CLIENT, locale=locale), said.encode())
    assert revealed(said) == []
    assert measure_text(catch_up_text(found)).encoding == "GSM-7"


@pytest.mark.parametrize("locale", ["en", "es"])
def test_few_appointments_have_their_links_in_the_text(locale: str) -> None:
    one, two, three, _ = several(locale)
    assert catch_up_text([two]).count("https://") == 1
    assert catch_up_text([two, three]).count("https://") == 2
    assert catch_up_text([one, two, three]).count("https://") == 0
    assert measure_text(catch_up_text([two])).segments <= 2


def test_a_therapists_day_in_initials() -> None:
    meetings = [
        Meeting(START + timedelta(hours=hour), START + timedelta(hours=hour, minutes=50), who, mode, is_request)
        for hour, who, mode, is_request in [
            (-6, "J. D.", Mode.VIRTUAL, False),
            (-4, "A. B., C. D.", Mode.IN_PERSON, False),
            (-1, "E. F.", Mode.PHONE, True),
            (0, "", Mode.VIRTUAL, False),
        ]
    ]
    full = Agenda(date(2026, 11, 24), DENVER, "Dana Rivera", "Riverside Office", meetings, "https://x.example/desk")
    letters = [agenda_letter(full), agenda_letter(replace(full, meetings=[]))]
    said = "\n".join(f"Subject: {each.subject}\n\n{plain_text(each)}" for each in letters)
    assert_golden("messages/agenda-therapist.txt", said.encode())
    assert revealed(said) == []
    assert agenda_letter(replace(full, meetings=meetings[:1])).subject == "Tuesday, November 24: 1 appointment"


def test_both_hours_of_the_night_when_clocks_go_back_are_told_apart() -> None:
    first = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
    zone = walltime.zone("America/New_York")
    meetings = [
        Meeting(first + timedelta(hours=hour), first + timedelta(hours=hour, minutes=50), "J. D.", Mode.VIRTUAL, False)
        for hour in (0, 1)
    ]
    said = agenda_letter(Agenda(date(2026, 11, 1), zone, "Dana", "Office", meetings, "https://x.example/desk"))
    assert [label for label, _ in said.facts] == ["1:00 AM to 1:50 AM EDT", "1:00 AM to 1:50 AM EST"]


def dates(kind: MessageKind, reader: str, locale: str) -> list[Facts]:
    """Ten Tuesdays, in no order."""
    usual = [facts(kind, reader, Mode.VIRTUAL, DENVER, locale=locale) for _ in range(10)]
    found = [
        replace(
            each,
            starts_at=each.starts_at + timedelta(weeks=week),
            was_at=each.was_at + timedelta(weeks=week) if each.was_at else None,
        )
        for week, each in enumerate(usual)
    ]
    return [*found[3:], *found[:3]]


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("reader", [CLIENT, THERAPIST])
@pytest.mark.parametrize("kind", [K.CONFIRMATION, K.MOVED, K.CANCELLATION])
def test_the_dates_of_a_standing_slot(kind: MessageKind, reader: str, locale: str) -> None:
    if reader == THERAPIST and locale != "en":
        return
    found = dates(kind, reader, locale)
    slot = StandingSlot(kind, START, DENVER, every_weeks=2, until=date(2027, 1, 26))
    parts = ["TEXT", slot_text(slot, found), ""] if reader == CLIENT else []
    written = slot_letter(slot, found)
    said = "\n".join([*parts, "E-MAIL", f"Subject: {written.subject}", "", plain_text(written)])
    assert_golden(named(K.SEVERAL, kind, reader, locale=locale), said.encode())
    assert revealed(said) == []
    if reader == CLIENT:
        assert (measure_text(slot_text(slot, found)).encoding, "Jane" in slot_text(slot, found)) == ("GSM-7", False)
        assert measure_text(slot_text(slot, found)).segments <= 3


@pytest.mark.parametrize(
    ("days", "every_weeks", "said"),
    [
        (0, 1, "queda reservada todos los martes a las 3:00 p.m. "),
        (0, 3, "queda reservada cada 3 semanas, los martes a las 3:00 p.m. "),
        (4, 1, "queda reservada cada semana a las 3:00 p.m. "),
        (5, 1, "queda reservada todos los domingos a las 3:00 p.m. "),
    ],
)
def test_a_rhythm_that_cannot_be_spelt_in_a_text_does_without_its_weekday(
    days: int, every_weeks: int, said: str
) -> None:
    found = dates(K.CONFIRMATION, CLIENT, "es")
    slot = StandingSlot(K.CONFIRMATION, START + timedelta(days=days), DENVER, every_weeks)
    assert said in slot_text(slot, found)
    assert measure_text(slot_text(slot, found)).encoding == "GSM-7"
    assert ("los sábados" in slot_letter(slot, found).subject) == (days == 4)


@pytest.mark.parametrize(
    ("locale", "week", "by_text", "by_email"),
    [
        ("en", MonthWeek.SECOND, "on the second Tuesday of every month at 3:00 PM", "on the second Tuesday of every"),
        ("es", MonthWeek.SECOND, "el segundo martes de cada mes a las 3:00 p.m.", "el segundo martes de cada mes"),
        ("es", MonthWeek.LAST, "reservada cada mes a las 3:00 p.m.", "el último martes de cada mes a las 3:00"),
    ],
)
def test_once_a_month(locale: str, week: MonthWeek, by_text: str, by_email: str) -> None:
    found = dates(K.CONFIRMATION, CLIENT, locale)
    slot = StandingSlot(K.CONFIRMATION, START, DENVER, week_of_month=week)
    assert by_text in slot_text(slot, found)
    assert by_email in slot_letter(slot, found).subject


def test_what_goes_to_one_phone_in_one_minute() -> None:
    two = several("en")[:2]
    said = catch_up_text(two, K.SEVERAL)
    assert said.startswith("Riverside Office: your appointments:\n")
    assert said.endswith("Reply STOP to end texts.")
    link = replace(two[1], kind=K.JOIN_LINK)
    assert link.join_url in catch_up_text([link, *two], K.SEVERAL)
