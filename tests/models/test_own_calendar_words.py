"""The step of the schema about an own calendar that was emptied, and one of somebody who cannot sign in."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import select

from telehealth.database import db, transaction
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.domain.message_words import TaskKind
from telehealth.models import LoginLetter, Task
from telehealth.services.logins.letters import send_login_letter
from telehealth.services.task_opening import open_task
from tests import databases
from tests.factories import make_practice, make_user
from tests.moments import NOW


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_older_code_reads_what_was_opened_and_sent(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"own_calendar_words_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        user = make_user(make_practice())
        with transaction() as session:
            open_task(session, practice_id=user.practice_id, kind=TaskKind.EMPTIED, now=NOW)
            send_login_letter(session, user, LoginLetterKind.CALENDAR_OF_OTHER, now=NOW)
        db.session.remove()
        flask_migrate.downgrade(revision="0085")
        flask_migrate.upgrade()
        assert db.session.scalars(select(Task.kind)).all() == [TaskKind.CALENDAR]
        assert db.session.scalars(select(LoginLetter.kind)).all() == [LoginLetterKind.CALENDAR_SILENT]
