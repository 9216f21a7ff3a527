"""A process that walks until it is killed."""

from __future__ import annotations

import os
from datetime import timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from telehealth import clock
from telehealth.database import db
from tests import databases
from tests.concurrency.walk import BEGINNING, Walk


class Watched(Walk):
    """Tells how late it is for it, beforehand, because it may be killed in between: ``latest``, an instant in seconds,
    that another process reads.
    """

    latest: Any

    def pass_time(self, gone: timedelta) -> None:
        self.latest.value = (self.now + gone).timestamp()
        super().pass_time(gone)


def walk_on(url: str, folder: Path, seed: int, has_begun: Event, latest: Any, errors: Path) -> None:
    """Say when it has begun, and never stop. What goes wrong is written into the file ``errors``."""
    os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT), 2)
    app = databases.make_app(url, folder=folder, DATABASE_POOL_SIZE=1)
    with app.app_context(), clock.running_on(lambda: BEGINNING):
        walk = Watched(app, seed, is_alone=False)
        walk.latest = latest
        has_begun.set()
        while True:
            walk.step()
            db.session.rollback()
