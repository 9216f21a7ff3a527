"""Processes that change appointments are killed at random moments; nothing half done stays behind."""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import select

from telehealth import clock
from telehealth.database import db
from telehealth.models import Appointment
from tests.concurrency import invariants
from tests.concurrency.conftest import Place
from tests.concurrency.racing import FORKS, PATIENCE
from tests.concurrency.walk import BEGINNING, Walk
from tests.concurrency.worker import walk_on

pytestmark = pytest.mark.concurrency

ROUNDS = int(os.environ.get("KILL_ROUNDS", "2"))
WORKERS = 2


class Worker:
    """A process that walks on the database from ``seed``."""

    def __init__(self, place: Place, seed: int) -> None:
        self.errors = place.folder / f"errors-{seed}.txt"
        self.has_begun = FORKS.Event()
        given = (place.url, place.folder, seed, self.has_begun, self.errors)
        self.process = FORKS.Process(target=walk_on, args=given, daemon=True)
        self.process.start()

    def begin(self) -> None:
        """Wait until it stands where its walk begins."""
        assert self.has_begun.wait(PATIENCE), self.errors.read_text()

    def kill(self, *, after: float) -> None:
        """SIGKILL it after so many seconds. It must not have ended by itself before."""
        self.process.join(after)
        assert self.process.is_alive(), self.errors.read_text()
        self.process.kill()
        self.process.join()
        assert "Traceback" not in self.errors.read_text(), self.errors.read_text()[-2000:]


def test_killed_at_any_moment(committed: Flask, place: Place) -> None:
    chance = random.Random(7)
    with clock.running_on(lambda: BEGINNING):
        Walk(committed, 7)
    for number in range(ROUNDS):
        workers = [Worker(place, seed=100 * number + each) for each in range(WORKERS)]
        for worker in workers:
            worker.begin()
        for worker in workers:
            worker.kill(after=chance.uniform(0.5, 2.0))
        with clock.running_on(lambda: BEGINNING):
            invariants.require_all(now=BEGINNING)
    statuses = Counter(db.session.scalars(select(Appointment.status)))
    assert sum(statuses.values()) > WORKERS * ROUNDS, "they did nothing, so nothing was tested"
