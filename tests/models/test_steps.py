"""Steps of the schema that fill in what earlier rows did not know."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.words import Mode, OccurrenceStatus
from telehealth.models import Occupancy, Occurrence
from tests import databases
from tests.factories import make_contact, make_group_office, make_office, make_series


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_dates_of_standing_slots_learn_for_how_long_they_are_kept(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        office, group, shorter = make_office(), make_group_office(buffer_after_minutes=10), make_group_office()
        make_series(office, mode=Mode.IN_PERSON, contacts=[make_contact(jurisdiction=None)], count=20)
        for each in (group, shorter):
            make_series(each, contacts=[], count=20)
        for each, minutes in ((office, 80), (group, 80), (shorter, 30)):
            each.service.duration_minutes = minutes
        db.session.commit()
        db.session.remove()
        flask_migrate.downgrade(revision="0015")
        flask_migrate.upgrade()
        planned = select(Occurrence).where(Occurrence.status == OccurrenceStatus.PLANNED).order_by(Occurrence.id)
        rows = db.session.scalars(planned).all()
        # Clients and rooms say it. Where there is neither, it is what the service says, within what is kept.
        assert [row.duration_minutes for row in rows] == [50] * 11 + [60] * 11 + [30] * 11
        kept = select(Occupancy).where(Occupancy.occurrence_id.is_not(None), Occupancy.core_starts_at.is_not(None))
        ends = {row.occurrence_id: row.core_ends_at for row in db.session.scalars(kept)}
        assert ends == {row.id: row.starts_at + timedelta(minutes=row.duration_minutes) for row in rows}
