"""The step of the schema about people who book for others."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.companions import CompanionFacts, MessagesTo, Relationship
from telehealth.domain.message_words import TaskKind
from telehealth.models import Attendee, Companion, Task
from tests import databases
from tests.factories import book, make_companion, make_contact, make_office
from tests.moments import at

JANE = CompanionFacts("Jane Doe", Relationship.CHILD, email="jane@example.com", messages_to=MessagesTo.COMPANION)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_strangers_are_told_of_nothing_by_older_code_and_staff_are_known(
    kind: str, tmp_path: Path, worker_id: str
) -> None:
    url = databases.new_url(kind, folder=tmp_path, name=f"bookers_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        office, jack = make_office(), make_contact(name="Jack Doe", email="jack@example.com")
        own = book(office, at(9, days=2), contact=jack).attendees[0]
        known = make_companion(own.client, messages_to=MessagesTo.BOTH).public_id
        book(office, at(10, days=3), contact=jack, booker=JANE)
        assert db.session.scalars(select(Task)).one().kind == TaskKind.BOOKER
        db.session.remove()
        flask_migrate.downgrade(revision="0074")
        flask_migrate.upgrade()
        found = {each.public_id: each for each in db.session.scalars(select(Companion))}
        assert found.pop(known).messages_to == MessagesTo.BOTH
        (jane,) = found.values()
        assert (jane.messages_to, jane.relationship) == (MessagesTo.CLIENT, Relationship.OTHER)
        assert jane.is_known
        assert [each.booked_by for each in db.session.scalars(select(Attendee))] == [None, None]
        assert db.session.scalars(select(Task)).one().kind == TaskKind.CALL
