"""Where a client is during a video appointment, as it is typed."""

from __future__ import annotations

import pytest

from telehealth.domain.errors import InvalidInput
from telehealth.domain.video.whereabouts import (
    ABROAD,
    LONGEST_PLACE,
    LicenceDecision,
    Whereabout,
    clean_decision,
    read_whereabout,
    say_where,
)

KNOWN = "+13035550123"


def test_an_answer() -> None:
    read = read_whereabout("UT", "  12 Main\nStreet ", "(303) 555-0188", known_phone=KNOWN, cannot_speak=True)
    assert read == Whereabout("UT", "12 Main Street", "+13035550188", cannot_speak=True)


def test_the_number_that_is_known_stands_where_no_other_is_given() -> None:
    assert read_whereabout("UT", "Home", " ", known_phone=KNOWN, cannot_speak=False).phone == KNOWN


def test_outside_every_state() -> None:
    read = read_whereabout(ABROAD, "Banff, Canada", "", known_phone=KNOWN, cannot_speak=False)
    assert read.jurisdiction is None
    assert say_where(read.jurisdiction, read.place) == "Banff, Canada, Outside the United States"


@pytest.mark.parametrize("state", ["", "XX", "ut", "Utah"])
def test_everything_that_is_wrong_is_said_at_once(state: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_whereabout(state, " ", "", known_phone="", cannot_speak=False)
    assert set(refusal.value.fields) == {"state", "place", "phone"}


def test_a_wrong_number_is_not_replaced_by_the_known_one() -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_whereabout("UT", "x" * (LONGEST_PLACE + 1), "12", known_phone=KNOWN, cannot_speak=False)
    assert set(refusal.value.fields) == {"place", "phone"}


def test_a_reason_is_said_where_there_is_to_be_one() -> None:
    assert clean_decision(LicenceDecision.NEXT_STEPS, "not kept") == ""
    assert clean_decision(LicenceDecision.REASON, " 30 days \n a year ") == "30 days a year"
    with pytest.raises(InvalidInput):
        clean_decision(LicenceDecision.REASON, "  ")
