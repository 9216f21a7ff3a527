"""Whatever names a client says what becomes of it, when two records are made into one and in the file that they get."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Column, text

from telehealth import models
from telehealth.database import Base, db
from telehealth.models import Client
from telehealth.models.client_keys import CLIENT_KEYS, WRITTEN_FOR_CLIENTS, WhenMerged
from telehealth.queries.delivery.client_copies import list_copy_sections
from tests import databases

assert models  # They register the tables.
ROWS = "SELECT event_object_table FROM information_schema.triggers WHERE trigger_name LIKE '%_of_client'"


def names_a_client(column: Column[object]) -> bool:
    return any(key.column is Client.__table__.c.id for key in column.foreign_keys)


def test_every_column_that_names_a_client_is_known() -> None:
    there = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if names_a_client(column)
    }
    assert {(key.name, key.column.key) for key in CLIENT_KEYS} == there


@pytest.mark.parametrize("kind", ["postgresql"])
def test_nobody_writes_for_a_record_that_was_given_up(kind: str, tmp_path: Path, worker_id: str) -> None:
    """On SQLite whoever writes has read within the same lock."""
    url = databases.new_url(kind, folder=tmp_path, name=f"keys_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path) as app, app.app_context():
        guarded = set(db.session.scalars(text(ROWS)))
        assert guarded == {key.name for key in WRITTEN_FOR_CLIENTS} | {"occupancy"}


def test_whatever_moves_with_a_client_is_in_the_file_that_they_get() -> None:
    sections = {each.name for each in list_copy_sections(Client(), with_notes=True)}
    copied = {key.name: key.copied_as for key in CLIENT_KEYS if key.when_merged != WhenMerged.STAYS}
    assert {name: section for name, section in copied.items() if section not in sections} == {}
