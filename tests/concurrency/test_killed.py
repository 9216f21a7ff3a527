"""Processes that change appointments are killed at random moments; nothing half done stays behind."""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import UTC, datetime

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
        self._latest = FORKS.Value("d", BEGINNING.timestamp(), lock=False)
        given = (place.url, place.folder, seed, self.has_begun, self._latest, self.errors)
        self.process = FORKS.Process(target=walk_on, args=given, daemon=True)
        self.process.start()

    def begin(self) -> None:
        """Wait until it stands where its walk begins."""
        assert self.has_begun.wait(PATIENCE), self.errors.read_text()

    @property
    def latest(self) -> datetime:
        """The latest instant for which it did anything: it goes through weeks in a second."""
        return datetime.fromtimestamp(self._latest.value, UTC)

    def kill(self, *, after: float) -> None:
        """SIGKILL it after so many seconds. It must not have ended by itself before."""
        self.process.join(after)
        assert self.process.is_alive(), self.errors.read_text()
        self.process.kill()
        self.process.join(PATIENCE)
        assert "Traceback" not in self.errors.read_text(), self.errors.read_text()[-2000:]


def test_killed_at_any_moment(committed: Flask, place: Place) -> None:
    chance = random.Random(7)
    latest = BEGINNING
    with clock.running_on(lambda: BEGINNING):
        Walk(committed, 7)
    for number in range(ROUNDS):
        workers = [Worker(place, seed=100 * number + each) for each in range(WORKERS)]
        for worker in workers:
            worker.begin()
        for worker in workers:
            worker.kill(after=chance.uniform(0.5, 2.0))
        # What was over for one of them may have been swept.
        latest = max([latest, *(worker.latest for worker in workers)])
        with clock.running_on(lambda: BEGINNING):
            invariants.require_all(now=latest)
    statuses = Counter(db.session.scalars(select(Appointment.status)))
    assert sum(statuses.values()) > WORKERS * ROUNDS, "they did nothing, so nothing was tested"
