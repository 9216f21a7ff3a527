"""One file is imported twice at once: each client is there once."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest
from sqlalchemy import func, select

from telehealth.database import db
from telehealth.domain.importing.lines import ImportStatus, LineOutcome
from telehealth.models import Client, ClientImport, ImportLine
from telehealth.services.practice.client_importing import begin_import, import_portion, take_client_file
from tests.concurrency.conftest import Race
from tests.factories import BY_STAFF, make_office
from tests.moments import NOW

pytestmark = pytest.mark.concurrency

LINES = 300
FILE = "Name,E-mail\n" + "".join(f"Client {number},c{number}@example.com\n" for number in range(LINES))


def import_all(practice_id: int, public_id: str) -> None:
    begin_import(practice_id=practice_id, public_id=public_id, adds_alike=False, by=BY_STAFF, now=NOW)
    while import_portion(now=NOW):
        pass


def test_one_file_imported_twice_at_once(race: Race) -> None:
    practice = make_office().practice
    about = {"practice_id": practice.id, "file_name": "a.csv", "data": FILE.encode(), "by": BY_STAFF, "now": NOW}
    files = [take_client_file(**about) for _ in range(2)]
    calls = [partial(import_all, practice.id, each.public_id) for each in files for _ in range(2)]
    outcomes = race(calls)
    assert {each.error for each in outcomes} == {""}
    while import_portion(now=NOW):  # Whoever found a file in other hands went home.
        pass
    db.session.rollback()
    db.session.expire_all()
    assert db.session.scalar(select(func.count()).select_from(Client)) == LINES
    assert set(db.session.scalars(select(ClientImport.status))) == {ImportStatus.DONE}
    came_to = db.session.scalars(select(ImportLine.outcome)).all()
    assert Counter(came_to) == {LineOutcome.NEW: LINES, LineOutcome.KNOWN: LINES}
