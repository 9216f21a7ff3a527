"""Processes that change appointments are killed at random moments; nothing half done stays behind."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack

import pytest
from flask import Flask
from sqlalchemy import select

from telehealth import clock
from telehealth.database import db
from telehealth.models import Appointment
from tests.concurrency import invariants
from tests.concurrency.conftest import Place
from tests.concurrency.walk import BEGINNING, Walk

pytestmark = pytest.mark.concurrency

ROUNDS = int(os.environ.get("KILL_ROUNDS", "2"))
WORKERS = 2


def begun(place: Place, seed: int) -> subprocess.Popen[str]:
    """A worker that has taken its first step."""
    command = [sys.executable, "-m", "tests.concurrency.worker", place.url, str(place.folder), str(seed)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603 -- ours
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n", process.stderr and process.stderr.read()
    return process


def kill(process: subprocess.Popen[str], *, after: float) -> None:
    """SIGKILL it after so many seconds. It must not have ended by itself before."""
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=after)
    process.kill()
    _, errors = process.communicate()
    assert "Traceback" not in errors, errors[-2000:]


def test_killed_at_any_moment(committed: Flask, place: Place) -> None:
    chance = random.Random(7)
    with clock.running_on(lambda: BEGINNING):
        Walk(committed, 7)
    for number in range(ROUNDS):
        with ExitStack() as running:
            workers = [begun(place, seed=100 * number + each) for each in range(WORKERS)]
            for process in workers:
                running.callback(process.kill)
                running.enter_context(process)
            for process in workers:
                kill(process, after=chance.uniform(0.5, 2.0))
        with clock.running_on(lambda: BEGINNING):
            invariants.require_all(now=BEGINNING)
    statuses = Counter(db.session.scalars(select(Appointment.status)))
    assert sum(statuses.values()) > WORKERS * ROUNDS, "they did nothing, so nothing was tested"
