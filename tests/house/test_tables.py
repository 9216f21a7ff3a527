"""What the models say is what the migrations make, and every row belongs to a practice."""

from __future__ import annotations

from collections.abc import Iterator

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect

from telehealth import models
from telehealth.database import Base, db
from telehealth.queries.schema import MIGRATIONS, known_versions
from tests import databases

assert models  # They register the tables.
TABLES = Base.metadata.sorted_tables

WITHOUT_PRACTICE = {
    "heartbeat": "belongs to the service",
    "mailbox_bookmark": "belongs to the service",
    "import_line": "belongs to its file",
    "practice": "is the practice",
    "role": "a vocabulary",
    "sender_budget": "belongs to a number that several practices may share",
    "user_role": "belongs to its user",
    "login": "belongs to whoever signs in with it, in one practice or several",
    "passkey": "belongs to its login",
    "recovery_code": "belongs to its login",
    "sign_in": "belongs to its login, and names who is at work",
    "therapist_service": "belongs to its therapist",
}
FORBIDDEN = {
    "org", "tenant", "account", "provider", "host", "patient", "customer", "session", "booking", "participant",
    "reservation", "block", "lock", "recurrence", "notification",
}  # fmt: skip
# The one provider that columns may speak of is the one that carries messages.
ALLOWED = {
    ("message", "provider_id"), ("message_event", "provider_id"), ("message_event", "provider_status"),
    ("inbound_text", "provider_id"),
}  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def migrated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("tables")
    url = databases.new_url(request.param, folder=folder, name=f"tables_{worker_id}")
    with databases.migrated_app(url, folder=folder) as app:
        yield app


def test_models_and_migrations_agree(migrated: Flask) -> None:
    with migrated.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_step_goes_back_and_forth(migrated: Flask) -> None:
    with migrated.app_context():
        flask_migrate.downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        flask_migrate.upgrade()
        assert {table.name for table in TABLES} <= set(inspect(db.engine).get_table_names())


def test_steps_are_known_by_the_numbers_of_their_files() -> None:
    """A web process takes them for the schema's versions, and does without Alembic."""
    steps = reversed(list(ScriptDirectory(str(MIGRATIONS)).walk_revisions()))
    assert [step.revision for step in steps] == known_versions()


def test_every_row_belongs_to_a_practice() -> None:
    without = {table.name for table in TABLES if "practice_id" not in table.columns}
    assert without == set(WITHOUT_PRACTICE)


def test_the_practice_of_a_row_is_never_unknown() -> None:
    unsure = [
        table.name for table in TABLES if "practice_id" in table.columns and table.columns["practice_id"].nullable
    ]
    assert unsure == []


def test_tables_and_columns_use_our_words() -> None:
    names = {(table.name, column.name) for table in TABLES for column in table.columns} - ALLOWED
    assert not {name for name in names if FORBIDDEN & {word for part in name for word in part.split("_")}}


def test_instants_are_aware() -> None:
    """Naive columns hold wishes in wall time, and say so in their names."""
    naive = {
        f"{table.name}.{column.name}"
        for table in TABLES
        for column in table.columns
        if type(column.type).__name__ == "DateTime"
    }
    assert naive == {"appointment.local_start", "time_off.starts_local", "time_off.ends_local"}
