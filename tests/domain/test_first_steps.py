"""What is left to do before people can book."""

from __future__ import annotations

from dataclasses import replace

import pytest

from telehealth.domain.first_steps import FirstStep, GivenService, GiverSetup, Mismatch, PracticeSetup, find_mismatches
from telehealth.domain.words import Mode

VIDEO, PERSON = frozenset({Mode.VIRTUAL}), frozenset({Mode.IN_PERSON})
TALK = GivenService("Talk", VIDEO)
VISIT = GivenService("Visit", PERSON)
DANA = GiverSetup("Dana", [TALK], VIDEO, is_licensed=True, has_own_video=True)
DONE = PracticeSetup([DANA], [TALK], has_place=False, has_own_video=False, has_words=True, has_appointment=True)
EMPTY = PracticeSetup([], [], has_place=False, has_own_video=False, has_words=False, has_appointment=False)
S = FirstStep


def test_of_an_empty_practice_nothing_is_done() -> None:
    assert not EMPTY.done
    assert replace(EMPTY, has_own_video=True).done == frozenset(), "nobody meets anywhere yet"


def test_of_one_that_works_everything_is() -> None:
    assert DONE.done == frozenset(FirstStep)


@pytest.mark.parametrize(
    ("setup", "missing"),
    [
        (replace(DONE, givers=[]), {S.THERAPIST, S.HOURS, S.LICENCES, S.MEETING}),
        (replace(DONE, givers=[replace(DANA, services=[])]), {S.SERVICE}),
        (replace(DONE, services=[TALK, VISIT]), {S.PLACE}),
        (replace(DONE, services=[TALK, VISIT], has_place=True), set()),
        (replace(DONE, givers=[DANA, replace(DANA, hours=frozenset())]), {S.HOURS}),
        (replace(DONE, givers=[replace(DANA, services=[VISIT])]), {S.HOURS}),
        (replace(DONE, givers=[replace(DANA, hours=PERSON)]), {S.HOURS}),
        (replace(DONE, givers=[replace(DANA, is_licensed=False)]), {S.LICENCES}),
        (replace(DONE, givers=[replace(DANA, has_own_video=False)]), {S.MEETING}),
        (replace(DONE, givers=[replace(DANA, has_own_video=False)], has_own_video=True), set()),
        (replace(DONE, has_words=False), {S.PAGE}),
        (replace(DONE, has_appointment=False), {S.TRIAL}),
    ],
)
def test_what_is_missing(setup: PracticeSetup, missing: set[FirstStep]) -> None:
    assert frozenset(FirstStep) - setup.done == missing


def test_services_that_no_hours_allow() -> None:
    both = GivenService("Either", VIDEO | PERSON)
    assert find_mismatches(replace(DANA, services=[TALK, VISIT, both])) == [Mismatch("Dana", VISIT, VIDEO)]
    assert find_mismatches(replace(DANA, services=[TALK, VISIT, both], hours=PERSON)) == [
        Mismatch("Dana", TALK, PERSON)
    ]
    assert find_mismatches(replace(DANA, services=[VISIT], hours=frozenset())) == [], "there are none yet"
