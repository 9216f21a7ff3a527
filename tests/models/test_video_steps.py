"""The steps of the schema about video: what they brought to the audit goes with them."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import insert, select

from telehealth.database import db, transaction
from telehealth.domain.audit_words import Actor, AuditAction, AuditSubject
from telehealth.models import AppointmentEvent, PracticeEvent
from tests import databases
from tests.factories import book, make_office
from tests.moments import NOW, at

BEFORE = "0083"
OF_APPOINTMENTS = {
    AuditAction.LET_IN, AuditAction.PUT_OUT, AuditAction.LOCKED, AuditAction.UNLOCKED, AuditAction.CALL_ENDED,
    AuditAction.VIDEO_CHANGED, AuditAction.WHERE_SAID, AuditAction.LICENCE_DECIDED, AuditAction.MET_SAID,
}  # fmt: skip


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_older_code_finds_no_line_that_it_cannot_read(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"video_steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        made = book(make_office(), at(10))
        line = {"practice_id": made.practice_id, "at": NOW, "actor": Actor.STAFF, "details": {}}
        with transaction() as session:
            for action in OF_APPOINTMENTS:
                session.execute(insert(AppointmentEvent), {**line, "appointment_id": made.id, "action": action})
            about = {"subject": AuditSubject.VIDEO_CONNECTION, "name": "Jitsi", "action": AuditAction.ADDED}
            session.execute(insert(PracticeEvent), {**line, **about})
        db.session.remove()
        flask_migrate.downgrade(revision=BEFORE)
        flask_migrate.upgrade()
        kept = set(db.session.scalars(select(AppointmentEvent.action)))
        assert AuditAction.BOOKED in kept
        assert not kept & OF_APPOINTMENTS
        assert AuditSubject.VIDEO_CONNECTION not in set(db.session.scalars(select(PracticeEvent.subject)))
