"""The step of the schema about asking to be called when video does not work."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.inbox.alerting import AlertReason
from telehealth.domain.message_words import TaskKind
from telehealth.models import Alert, AppointmentEvent, Attendee, Task
from telehealth.services.video.calling_instead import ask_for_call
from tests import databases
from tests.factories import BY_CLIENT, book, make_office
from tests.moments import at

BEFORE = "0088"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_older_code_reads_what_was_asked(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"calls_instead_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        seat = book(make_office(), at(10)).attendees[0]
        ask_for_call(attendee_public_id=seat.public_id, phone="+13035550171", by=BY_CLIENT, now=at(10))
        db.session.remove()
        flask_migrate.downgrade(revision=BEFORE)
        flask_migrate.upgrade()
        assert db.session.scalars(select(Task.kind)).all() == [TaskKind.CALL]
        assert db.session.scalars(select(Alert.reason)).all() == [AlertReason.TO_DO]
        assert db.session.scalars(select(Attendee.call_phone)).all() == [None]
        assert "call_asked" not in {str(each) for each in db.session.scalars(select(AppointmentEvent.action))}
