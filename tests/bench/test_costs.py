"""What is counted of a request, and that both of what is compared say the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from bench import pages
from bench.costs import counted
from bench.counts import BOUNDS, counts
from bench.databases import service
from bench.figures import Place, half_full
from bench.server import answer_here
from telehealth.database import db, transaction
from telehealth.models import Heartbeat
from tests import databases
from tests.moments import NOW


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return half_full(tmp_path_factory.mktemp("place"), 2)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_statements_flushes_and_rows_are_counted(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"costs_{worker_id}")
    beats = [{"name": name, "beat_at": NOW} for name in ("one", "two", "three")]
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        with counted() as costs, transaction() as session:
            session.execute(insert(Heartbeat).returning(Heartbeat.name), beats)
            session.execute(update(Heartbeat).where(Heartbeat.name != "one").values(beat_at=NOW))
            session.add(Heartbeat(name="four", beat_at=NOW))
            session.flush()
            assert len(session.scalars(select(Heartbeat)).all()) == 4
        db.session.execute(update(Heartbeat).values(beat_at=NOW))  # Nobody counts any more.
        assert (costs.statements, costs.flushes, costs.rows) == (4, 1, 6)


@pytest.mark.parametrize("therapist", ["therapist-1", ""])
def test_the_page_shows_what_our_api_tells(place: Place, therapist: str) -> None:
    app = service(place.url, place.folder)
    page, api = pages.page_of_times(place, therapist), pages.times(place, therapist)
    shown = pages.list_shown(answer_here(app, page))
    assert shown == pages.list_told(answer_here(app, api))
    assert len(shown) > 10


def test_nothing_costs_more_than_its_bound(tmp_path: Path) -> None:
    figures = list(counts(tmp_path, "sqlite"))
    assert len(figures) == 3 * len(BOUNDS)
    too_dear = {figure.name for figure in figures if figure.value > float(figure.aim.removeprefix("<= "))}
    assert too_dear == set()
