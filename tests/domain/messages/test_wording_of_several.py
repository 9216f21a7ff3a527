"""Several appointments in one message, as files that a reviewer reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from telehealth.adapters.letters import plain_text
from telehealth.domain import walltime
from telehealth.domain.messages.digests import Agenda, Meeting, agenda_letter, catch_up_letter, catch_up_text
from telehealth.domain.messages.segments import measure_text
from telehealth.domain.messages.wording import Facts
from telehealth.domain.words import MessageKind, Mode
from tests.discretion import revealed
from tests.domain.messages.test_wording import BERLIN, CLIENT, DENVER, START, facts, named
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
