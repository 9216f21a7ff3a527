"""A long random walk in which the invariants are looked at after every step."""

from __future__ import annotations

import os

import pytest
from flask import Flask

from telehealth import clock
from tests.concurrency.walk import BEGINNING, Walk

pytestmark = pytest.mark.concurrency

STEPS = int(os.environ.get("WALK_STEPS", "300"))
"""More of them with ``make soak``."""


@pytest.mark.parametrize("seed", [2, 4])  # On these ways enough is booked and moved to say something.
def test_every_step_keeps_every_promise(committed: Flask, seed: int) -> None:
    with clock.running_on(lambda: BEGINNING):
        walk = Walk(committed, seed)
        walk.steps(STEPS, check_every=8)
    assert walk.done["book"] > STEPS / 60, walk.done
    assert walk.done["move"] + walk.done["move far"] > STEPS / 60, walk.done
