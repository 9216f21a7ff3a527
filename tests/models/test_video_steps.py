"""The steps of the schema about video: what they brought to the audit goes with them."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import insert, inspect, select

from telehealth.database import db, transaction
from telehealth.domain.audit_words import Actor, AuditAction, AuditSubject
from telehealth.domain.message_words import TaskKind
from telehealth.domain.video.rooms import RoomState
from telehealth.domain.words import VideoKind
from telehealth.models import AppointmentEvent, Practice, PracticeEvent, RoomElsewhere, Task, VideoConnection
from telehealth.services.task_opening import open_task
from tests import databases
from tests.factories import book, make_office
from tests.moments import NOW, at

BEFORE = "0083"
OF_APPOINTMENTS = {
    AuditAction.LET_IN, AuditAction.PUT_OUT, AuditAction.LOCKED, AuditAction.UNLOCKED, AuditAction.CALL_ENDED,
    AuditAction.VIDEO_CHANGED, AuditAction.WHERE_SAID, AuditAction.LICENCE_DECIDED, AuditAction.MET_SAID,
    AuditAction.ABSENCE_PROPOSED, AuditAction.ABSENCE_PUT_AWAY,
    AuditAction.GUEST_INVITED, AuditAction.GUEST_ENDED,
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


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_rooms_elsewhere_go_with_their_step(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"room_steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        made = book(make_office(), at(10))
        with transaction() as session:
            whose = {"practice_id": made.practice_id}
            connection = VideoConnection(**whose, kind=VideoKind.DAILY, created_at=NOW)
            session.add(connection)
            session.flush()
            about = {"appointment_id": made.id, "connection_id": connection.id, "state": RoomState.STANDS}
            when = {"opens_at": NOW, "closes_at": NOW, "wanted_at": NOW, "due_at": NOW}
            session.add(RoomElsewhere(**whose, **about, **when))
            session.get_one(Practice, made.practice_id).video_kind = VideoKind.DAILY
            open_task(session, **whose, kind=TaskKind.VIDEO_ROOM, now=NOW)
        db.session.remove()
        flask_migrate.downgrade(revision="0091")
        assert not inspect(db.engine).has_table("room_elsewhere")
        flask_migrate.upgrade()
        assert db.session.scalars(select(Practice.video_kind)).one() == VideoKind.BUILT_IN
        assert list(db.session.scalars(select(VideoConnection))) == []
        assert db.session.scalars(select(Task.kind)).one() == TaskKind.CALL
