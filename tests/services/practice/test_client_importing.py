"""Clients from a file: looked at first, written a portion at a time, and forgotten."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from telehealth.database import db
from telehealth.domain.audit_words import AuditAction, AuditSubject, Via
from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound
from telehealth.domain.importing.lines import ClientColumn, ImportStatus, LineOutcome, Matching
from telehealth.domain.importing.tables import LONGEST_CELL
from telehealth.jobs import ticks
from telehealth.models import Client, ClientImport, Consent, ImportLine, Message, PracticeEvent
from telehealth.queries.practice.client_imports import count_import_lines
from telehealth.queries.practice.clients import search_clients
from telehealth.services.practice import client_importing
from telehealth.services.practice.client_importing import (
    KEPT_FOR,
    LOOKED_AT_FOR,
    MOST_FILES,
    NO_ADDRESSES,
    NOBODY_NAMED,
    PORTION,
    SAID_TWICE,
    begin_import,
    discard_import,
    forget_imports,
    import_portion,
    match_columns,
    take_client_file,
)
from tests.factories import BY_CLIENT, BY_STAFF, Office, make_client, make_office
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW

FILE = (
    "Name,E-mail,Phone,Date of birth,Tags\n"
    "José Peña,jose@example.com,303 555 0123,5/12/1990,school\n"
    "Ben Ito,ben@example.com,,,\n"
    "Ben Ito,BEN@example.com,,,\n"
    "Jose Pena,other@example.com,3035550123,,\n"
    "Nobody,,,,\n"
)


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


def take(office: Office, text: str = FILE) -> ClientImport:
    return take_client_file(
        practice_id=office.practice.id, file_name="old.csv", data=text.encode(), by=BY_STAFF, now=NOW
    )


def begin(found: ClientImport, *, adds_alike: bool = False) -> ClientImport:
    about = {"practice_id": found.practice_id, "public_id": found.public_id}
    return begin_import(**about, adds_alike=adds_alike, by=BY_STAFF, now=NOW)


def run(found: ClientImport, *, adds_alike: bool = False) -> None:
    begin(found, adds_alike=adds_alike)
    while import_portion(now=NOW):
        pass
    db.session.expire_all()


def outcomes(found: ClientImport) -> dict[LineOutcome, int]:
    counted = count_import_lines([found.id])
    return {outcome: counted[found.id, outcome, False] + counted[found.id, outcome, True] for outcome in LineOutcome}


def names(office: Office) -> list[str]:
    return [each.name for each in search_clients(office.practice.id)]


def test_nothing_is_written_before_it_is_begun(office: Office) -> None:
    found = take(office)
    expected = {LineOutcome.NEW: 2, LineOutcome.TWICE: 1, LineOutcome.ALIKE: 1, LineOutcome.REFUSED: 1}
    assert outcomes(found) == {**dict.fromkeys(LineOutcome, 0), **expected}
    assert import_portion(now=NOW) == 0
    assert names(office) == []


def test_what_is_imported_is_a_client_like_any_other(office: Office) -> None:
    found = take(office)
    run(found)
    assert names(office) == ["Ben Ito", "José Peña"]
    (jose,) = search_clients(office.practice.id, "pena 0123")
    assert (jose.email, jose.phone, jose.timezone) == ("jose@example.com", "+13035550123", office.practice.timezone)
    assert (jose.born_on, jose.tags, jose.known_at) == (date(1990, 5, 12), ["school"], NOW)
    # A yes to texts does not come in a file, and nobody is written to.
    assert db.session.scalar(select(func.count()).select_from(Consent)) == 0
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0
    assert found.status == ImportStatus.DONE


def test_each_step_leaves_a_line(office: Office) -> None:
    """Without the name of the file, which may be the name of a client."""
    run(take(office))
    lines = db.session.scalars(select(PracticeEvent).order_by(PracticeEvent.id)).all()
    assert [(each.subject, each.action, each.name) for each in lines] == [
        (AuditSubject.CLIENT_IMPORT, AuditAction.ADDED, "a file"),
        (AuditSubject.CLIENT_IMPORT, AuditAction.CHANGED, "a file"),
        (AuditSubject.CLIENT, AuditAction.ADDED, "José Peña"),
        (AuditSubject.CLIENT, AuditAction.ADDED, "Ben Ito"),
    ]
    assert (lines[2].via, lines[2].details) == (Via.JOBS, {"from_file": True})


def test_those_who_look_like_somebody_are_added_only_when_asked(office: Office) -> None:
    run(take(office), adds_alike=True)
    assert names(office) == ["Ben Ito", "José Peña", "Jose Pena"]


def test_the_same_file_again_adds_nobody(office: Office) -> None:
    run(take(office))
    again = take(office)
    assert (outcomes(again)[LineOutcome.NEW], outcomes(again)[LineOutcome.KNOWN]) == (0, 3)
    run(again)
    assert len(names(office)) == 2


def test_two_looks_at_one_file_import_it_once(office: Office) -> None:
    first, second = take(office), take(office)
    run(first)
    run(second)
    assert len(names(office)) == 2
    assert outcomes(second)[LineOutcome.NEW] == 0


def test_who_is_there_already_is_left_as_they_are(office: Office) -> None:
    change(make_client(office.practice, name="José Peña", email="jose@example.com", phone=None), desk_note="Ours")
    run(take(office))
    (jose,) = search_clients(office.practice.id, "jose@example.com")
    assert (jose.desk_note, jose.phone, jose.born_on) == ("Ours", None, None)


def test_another_practice_is_nobody_to_compare_with(office: Office) -> None:
    make_client(make_office().practice, name="José Peña", email="jose@example.com")
    assert outcomes(take(office))[LineOutcome.KNOWN] == 0


def test_it_goes_on_a_portion_at_a_time(app: Flask, office: Office, clock: FakeClock) -> None:
    lines = "".join(f"Client {number},c{number}@example.com\n" for number in range(PORTION + 1))
    found = begin(take(office, f"Name,E-mail\n{lines}"))
    assert import_portion(now=NOW) == PORTION
    assert found.status == ImportStatus.RUNNING
    assert ticks.import_clients(app) == 1
    assert (found.status, len(search_clients(office.practice.id, limit=1_000))) == (ImportStatus.DONE, PORTION + 1)


def test_begun_twice_it_is_begun_once(office: Office) -> None:
    found = take(office)
    begin(found)
    begin(found, adds_alike=True)
    assert found.adds_alike is False


def test_a_full_last_portion_ends_it_too(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_importing, "PORTION", 2)
    found = take(office)
    run(found)
    assert found.status == ImportStatus.DONE


def test_other_columns_make_other_clients(office: Office) -> None:
    found = take(office, "A,B,C\nAna,Rivera,ana@example.com\n")
    assert outcomes(found)[LineOutcome.REFUSED] == 1
    columns = (ClientColumn.FIRST_NAME, ClientColumn.LAST_NAME, ClientColumn.EMAIL)
    about = {"practice_id": found.practice_id, "public_id": found.public_id, "by": BY_STAFF, "now": NOW}
    match_columns(**about, matching=Matching(columns))
    run(found)
    assert names(office) == ["Ana Rivera"]
    match_columns(**about, matching=Matching((None, None, None)))
    assert found.columns == list(columns)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ((ClientColumn.EMAIL, ClientColumn.EMAIL), SAID_TWICE),
        ((ClientColumn.EMAIL, None), NOBODY_NAMED),
        ((ClientColumn.NAME, None), NO_ADDRESSES),
        ((ClientColumn.NAME,), SAID_TWICE),
    ],
)
def test_columns_that_name_nobody_are_refused(
    office: Office, columns: tuple[ClientColumn | None, ...], sentence: str
) -> None:
    found = take(office, "A,B\nx,y\n")
    about = {"practice_id": found.practice_id, "public_id": found.public_id, "by": BY_STAFF, "now": NOW}
    with pytest.raises(InvalidInput) as refused:
        match_columns(**about, matching=Matching(columns))
    assert refused.value.fields == {"columns": sentence}


def test_a_file_without_columns_that_we_know_is_not_begun(office: Office) -> None:
    found = take(office, "A,B\nx,y\n")
    with pytest.raises(InvalidInput):
        begin(found)
    assert found.status == ImportStatus.READY


def test_what_cannot_be_read_stays_so_whatever_the_columns_are(office: Office) -> None:
    found = take(office, f"Name,E-mail,Note\nAna,ana@example.com,{'x' * (LONGEST_CELL + 1)}\n")
    columns = (ClientColumn.NAME, ClientColumn.EMAIL, None)
    match_columns(
        practice_id=found.practice_id, public_id=found.public_id, matching=Matching(columns), by=BY_STAFF, now=NOW
    )
    assert outcomes(found)[LineOutcome.REFUSED] == 1


def test_what_is_needed_no_more_is_forgotten(office: Office) -> None:
    """Of a file that was imported only the lines that somebody has to look at are kept, for a week."""
    take(office, "Name,E-mail\nAna,ana@example.com\n")
    imported = take(office)
    run(imported)
    lines = db.session.scalars(select(ImportLine).filter_by(import_id=imported.id).order_by(ImportLine.number)).all()
    assert [bool(each.cells) for each in lines] == [False, False, False, True, True]
    assert forget_imports(now=NOW + LOOKED_AT_FOR - timedelta(seconds=1)) == 0
    assert forget_imports(now=NOW + LOOKED_AT_FOR) == 1
    assert db.session.scalars(select(ClientImport.file_name)).all() == ["old.csv"]
    assert forget_imports(now=NOW + KEPT_FOR) == 1
    assert db.session.scalar(select(func.count()).select_from(ImportLine)) == 0


def test_what_runs_is_never_thrown_away(office: Office) -> None:
    found = begin(take(office))
    about = {"practice_id": found.practice_id, "public_id": found.public_id, "by": BY_STAFF}
    discard_import(**about, now=NOW)
    assert forget_imports(now=NOW + KEPT_FOR) == 0
    while import_portion(now=NOW):
        pass
    discard_import(**about, now=NOW)
    assert db.session.scalars(select(ClientImport)).all() == []
    assert len(names(office)) == 2


def test_it_is_for_staff_and_of_one_practice(office: Office) -> None:
    with pytest.raises(NotAllowed):
        take_client_file(practice_id=office.practice.id, file_name="x", data=b"", by=BY_CLIENT, now=NOW)
    found = take(office)
    with pytest.raises(NotFound):
        begin_import(
            practice_id=make_office().practice.id, public_id=found.public_id, adds_alike=False, by=BY_STAFF, now=NOW
        )


def test_files_do_not_pile_up(office: Office) -> None:
    for _ in range(MOST_FILES):
        take(office, "Name,E-mail\nAna,ana@example.com\n")
    with pytest.raises(InvalidInput):
        take(office)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("C:\\Users\\me\\old.csv", "old.csv"), ("../../x.vcf", "x.vcf"), ("a\u202egpj.csv", "a file"), ("", "a file")],
)
def test_the_name_of_a_file_is_no_structure(office: Office, given: str, kept: str) -> None:
    found = take_client_file(practice_id=office.practice.id, file_name=given, data=FILE.encode(), by=BY_STAFF, now=NOW)
    assert found.file_name == kept


def test_a_client_who_came_meanwhile_is_left_alone(office: Office) -> None:
    begin(take(office))
    change(make_client(office.practice, name="Ben Ito", email="ben@example.com"), desk_note="Ours")
    while import_portion(now=NOW):
        pass
    (ben,) = search_clients(office.practice.id, "ben@example.com")
    assert ben.desk_note == "Ours"
    assert db.session.scalar(select(func.count()).select_from(Client)) == 2
