"""A process that walks until it is killed: ``python -m tests.concurrency.worker URL FOLDER SEED``."""

from __future__ import annotations

import sys
from pathlib import Path

from telehealth import clock
from telehealth.database import db
from tests import databases
from tests.concurrency.walk import BEGINNING, Walk


def main(url: str, folder: str, seed: str) -> None:
    """Say when it has begun, and never stop."""
    app = databases.make_app(url, folder=Path(folder), DATABASE_POOL_SIZE=1)
    with app.app_context(), clock.running_on(lambda: BEGINNING):
        walk = Walk(app, int(seed), is_alone=False)
        print("begun", flush=True)  # noqa: T201 -- the test waits for it
        while True:
            walk.step()
            db.session.rollback()


if __name__ == "__main__":
    main(*sys.argv[1:])
