"""A process that walks until it is killed."""

from __future__ import annotations

import os
from multiprocessing.synchronize import Event
from pathlib import Path

from telehealth import clock
from telehealth.database import db
from tests import databases
from tests.concurrency.walk import BEGINNING, Walk


def walk_on(url: str, folder: Path, seed: int, has_begun: Event, errors: Path) -> None:
    """Say when it has begun, and never stop. What goes wrong is written into the file ``errors``."""
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT), 2)
    app = databases.make_app(url, folder=folder, DATABASE_POOL_SIZE=1)
    with app.app_context(), clock.running_on(lambda: BEGINNING):
        walk = Walk(app, seed, is_alone=False)
        has_begun.set()
        while True:
            walk.step()
            db.session.rollback()
