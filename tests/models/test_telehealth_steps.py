"""The steps of the schema about crisis lines and consent to video: they go back, and come again."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.words import TelehealthAnswer, TelehealthWay
from telehealth.models import Practice, TelehealthConsent, TelehealthText
from telehealth.services.consent.telehealth import Noted, note_telehealth
from telehealth.services.practice.crisis_lines import set_crisis_line
from tests import databases
from tests.factories import BY_STAFF, book, make_office
from tests.moments import NOW, at

BEFORE = "0093"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_everybody_is_asked_again_after_older_code_ran(kind: str, tmp_path: Path, worker_id: str) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"telehealth_steps_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        made = book(make_office(), at(10))
        practice_id, client = made.practice_id, made.attendees[0].client.public_id
        set_crisis_line(practice_id=practice_id, phone="(303) 555-0142", about="Always", by=BY_STAFF, now=NOW)
        said = Noted(TelehealthAnswer.AGREED, TelehealthWay.VOICE, "Jane Doe", NOW)
        note_telehealth(practice_id=practice_id, client_public_id=client, noted=said, by=BY_STAFF, now=NOW)
        db.session.remove()
        flask_migrate.downgrade(revision=BEFORE)
        flask_migrate.upgrade()
        practice = db.session.get_one(Practice, practice_id)
        assert (practice.crisis_phone, practice.crisis_about) == (None, "")
        assert practice.asks_telehealth_consent
        assert db.session.scalars(select(TelehealthConsent)).all() == []
        assert db.session.scalars(select(TelehealthText)).all() == []
