"""The step of the schema about numbers for alerts."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
import pytest

from telehealth.database import db
from telehealth.domain.words import Role
from telehealth.models import Therapist, User
from tests import databases
from tests.factories import make_office, make_user


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_numbers_for_alerts_that_there_are_count_as_proved(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        office = make_office(therapist={"phone": "+13035550140"})
        told, silent = make_user(office.practice, Role.FRONT_DESK), make_user(office.practice, Role.FRONT_DESK)
        told.alert_phone = "+13035550141"
        db.session.commit()
        ids = (office.therapist.id, told.id, silent.id)
        db.session.remove()
        flask_migrate.downgrade(revision="0068")
        flask_migrate.upgrade()
        therapist, told, silent = db.session.get_one(Therapist, ids[0]), *(db.session.get_one(User, i) for i in ids[1:])
        assert therapist.phone_proved_at is not None
        assert told.has_proved_number
        assert not silent.has_proved_number
