"""Why a time cannot be booked, in words."""

from __future__ import annotations

import pytest

from telehealth.domain.appointments.explaining import in_order, may_be_set_aside, say_obstacle, say_overridden
from telehealth.domain.appointments.overriding import NEVER_WAIVED
from telehealth.domain.words import Obstacle


@pytest.mark.parametrize("obstacle", list(Obstacle))
def test_every_obstacle_is_one_sentence(obstacle: Obstacle) -> None:
    said = say_obstacle(obstacle, "Dana Rivera")
    assert said[0].isupper()
    assert said.endswith(".")
    assert "{" not in said
    assert "_" not in said


def test_no_two_obstacles_are_said_alike() -> None:
    assert len({say_obstacle(each, "Dana Rivera") for each in Obstacle}) == len(Obstacle)
    assert len({say_overridden([each]) for each in Obstacle}) == len(Obstacle)


def test_what_is_known_is_named() -> None:
    during = "10:00 AM to 10:50 AM"
    assert say_obstacle(Obstacle.TAKEN, "Dana Rivera", during=during) == (
        "It overlaps another appointment of Dana Rivera, 10:00 AM to 10:50 AM."
    )
    assert say_obstacle(Obstacle.TAKEN, "Dana Rivera") == "It overlaps another appointment of Dana Rivera."
    assert say_obstacle(Obstacle.LICENCE, "Dana Rivera", state="Utah") == (
        "Dana Rivera has no authority to practise in Utah on that date."
    )


def test_braces_in_a_name_are_only_letters() -> None:
    assert "{during}" in say_obstacle(Obstacle.TIME_OFF, "{during}")


def test_what_nobody_can_set_aside_comes_first() -> None:
    assert in_order([Obstacle.TAKEN, Obstacle.OUTSIDE_HOURS, Obstacle.NOT_GIVEN, Obstacle.TAKEN]) == [
        Obstacle.NOT_GIVEN,
        Obstacle.OUTSIDE_HOURS,
        Obstacle.TAKEN,
    ]
    assert {each for each in Obstacle if not may_be_set_aside(each)} == NEVER_WAIVED


def test_what_was_set_aside_ends_a_sentence() -> None:
    assert say_overridden([]) == ""
    assert say_overridden(["taken"]) == "over another appointment"
    assert say_overridden(["past"]) == "when the time had passed"
    assert say_overridden(["notice", "buffer", "taken"]) == (
        "at shorter notice than usual, within a buffer and over another appointment"
    )


def test_a_word_of_older_rows_stays_readable() -> None:
    assert say_overridden(["full moon"]) == "full moon"
