"""Clients from a file: it is read and looked at first, then imported a portion at a time, and forgotten soon."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from telehealth.database import RowValues, retry_on_conflict, transaction
from telehealth.domain import walltime
from telehealth.domain.audit_words import Actor, AuditAction, AuditSubject, Via
from telehealth.domain.contact import clean_line
from telehealth.domain.errors import InvalidInput
from telehealth.domain.importing.files import read_client_file
from telehealth.domain.importing.lines import (
    UNNAMED,
    ClientColumn,
    ImportStatus,
    LineOutcome,
    Matching,
    ReadClient,
    ReadLine,
    guess_matching,
    read_client_line,
    sort_lines,
)
from telehealth.domain.importing.tables import TableLine
from telehealth.models import Client, ClientImport, ImportLine, Practice
from telehealth.queries.practice.client_imports import find_known_keys, list_clients_like
from telehealth.services.audit import ActedBy, Setting, record_setting
from telehealth.services.idempotency import claim_key, fingerprint_of, settle_key
from telehealth.services.locking import lock_own
from telehealth.services.practice.client_files import find_clients, make_clients, named_client

LOOKED_AT_FOR, KEPT_FOR = timedelta(days=1), timedelta(days=7)
"""For so long a file waits for somebody to import it; and for so long the lines that were refused can be had."""
PORTION = 250
"""Lines that are written in one transaction: nobody else waits for long."""
MOST_FILES = 20
SEVERAL = f"{MOST_FILES} files are waiting already. Please import them, or throw some away."
NOBODY_NAMED = "Please say which column holds the name: either the whole name, or first and last name."
NO_ADDRESSES = "Please say which column holds the e-mail address."
LONGEST_FILE_NAME = 100
SAID_TWICE = "Please choose each thing once."


def take_client_file(
    *, practice_id: int, file_name: str, data: bytes, by: ActedBy, now: datetime, idempotency_key: str | None = None
) -> ClientImport:
    """Read a file and note what would become of each of its lines, guessing what its columns hold. No client is made.
    Staff only. Raises NotAllowed, IdempotencyMismatch, and InvalidInput (field ``file``).
    """
    by.require_staff()
    table = read_client_file(data)
    asked = fingerprint_of("client file", hashlib.sha256(data).hexdigest())
    with transaction() as session:
        if earlier := claim_key(session, practice_id, idempotency_key, asked, now=now):
            return _lock_import(session, practice_id, earlier)
        waiting = select(ClientImport.id).filter_by(practice_id=practice_id, status=ImportStatus.READY)
        if len(session.scalars(waiting).all()) >= MOST_FILES:
            raise InvalidInput({"file": SEVERAL})
        found = ClientImport(
            practice_id=practice_id,
            user_id=by.user_id,
            file_name=_clean_file_name(file_name),
            titles=list(table.columns),
            created_at=now,
            ends_at=now + LOOKED_AT_FOR,
        )
        _set_matching(found, guess_matching(table))
        session.add(found)
        session.flush()
        settle_key(session, practice_id, idempotency_key, found.public_id)
        session.connection().execute(insert(ImportLine), [_line_values(found.id, each) for each in table.lines])
        _look_ahead(session, found, now=now)
        record_setting(session, practice_id, _named(found), AuditAction.ADDED, by, now=now, lines=len(table.lines))
        return found


def match_columns(*, practice_id: int, public_id: str, matching: Matching, by: ActedBy, now: datetime) -> ClientImport:
    """Read a file anew with these columns; what runs already is left as it is. Staff only. Raises NotAllowed, NotFound,
    and InvalidInput (field ``columns``) when something is missing, or said of two columns.
    """
    by.require_staff()
    with transaction() as session:
        found = _lock_import(session, practice_id, public_id)
        if found.status == ImportStatus.READY:
            _require_usable(session, found, matching)
            _set_matching(found, matching)
            _look_ahead(session, found, now=now)
        return found


def begin_import(*, practice_id: int, public_id: str, adds_alike: bool, by: ActedBy, now: datetime) -> ClientImport:
    """Make clients of the lines that are new, and with ``adds_alike`` of those that look like somebody; a tick does it,
    a portion at a time. Asked twice it is begun once. Staff only. Raises NotAllowed, NotFound, and InvalidInput (field
    ``columns``) when it was not said what they hold.
    """
    by.require_staff()
    with transaction() as session:
        found = _lock_import(session, practice_id, public_id)
        if found.status == ImportStatus.READY:
            _require_usable(session, found, found.matching)
            found.status, found.adds_alike, found.user_id = ImportStatus.RUNNING, adds_alike, by.user_id
            found.ends_at = now + KEPT_FOR
            _leave_out(session, found)
            record_setting(session, practice_id, _named(found), AuditAction.CHANGED, by, now=now, adds_alike=adds_alike)
        return found


@retry_on_conflict
def import_portion(*, now: datetime) -> int:
    """Make clients of some more lines of a file that is being imported; how many lines were looked at, and 0 when no
    file is left.
    """
    with transaction() as session:
        running = select(ClientImport).filter_by(status=ImportStatus.RUNNING).order_by(ClientImport.id).limit(1)
        found = session.scalar(running.with_for_update(skip_locked=True))
        if found is None:
            return 0
        # Whoever imports another file at the same moment waits: each finds the clients that the other has made.
        session.get_one(Practice, found.practice_id, with_for_update={"key_share": True})
        waiting = select(ImportLine).filter_by(import_id=found.id, is_done=False).order_by(ImportLine.number)
        lines = session.scalars(waiting.limit(PORTION)).all()
        _import_lines(session, found, lines, now=now)
        if len(lines) < PORTION:
            found.status = ImportStatus.DONE
        return len(lines)


def discard_import(*, practice_id: int, public_id: str, by: ActedBy, now: datetime) -> None:
    """Forget a file, unless it is being imported just now. Clients who were made of it stay. Staff only. Raises
    NotAllowed, NotFound.
    """
    by.require_staff()
    with transaction() as session:
        found = _lock_import(session, practice_id, public_id)
        if found.status != ImportStatus.RUNNING:
            record_setting(session, practice_id, _named(found), AuditAction.REMOVED, by, now=now)
            _forget(session, [found.id])


def forget_imports(*, now: datetime) -> int:
    """Forget the files whose time is over; how many."""
    with transaction() as session:
        over = select(ClientImport.id).where(ClientImport.ends_at <= now, ClientImport.status != ImportStatus.RUNNING)
        ids = session.scalars(over.with_for_update(skip_locked=True)).all()
        _forget(session, ids)
        return len(ids)


def _look_ahead(session: Session, found: ClientImport, *, now: datetime) -> None:
    """Note what would become of the lines of a file if it was imported now. Nothing is asked about those that cannot be
    read, whatever the columns hold.
    """
    waiting = select(ImportLine).filter_by(import_id=found.id, is_done=False).order_by(ImportLine.number)
    lines = session.scalars(waiting.execution_options(populate_existing=True)).all()
    read = _read_lines(session, found, lines, now=now)
    people = [each.client for each in read if each.client is not None]
    outcomes = sort_lines(
        read,
        known_keys=find_known_keys(found.practice_id, people),
        known_marks={mark for _, marks in list_clients_like(found.practice_id, people) for mark in marks},
    )
    for line, each, outcome in zip(lines, read, outcomes, strict=True):
        line.outcome, line.problem = outcome, each.problem


def _import_lines(session: Session, found: ClientImport, lines: Sequence[ImportLine], *, now: datetime) -> None:
    """Make clients of these lines. Whom somebody else has entered meanwhile, or who cannot be read any more, is not."""
    by = ActedBy(Actor.STAFF, user_id=found.user_id, via=Via.JOBS)
    read = _read_lines(session, found, lines, now=now)
    known = find_known_keys(found.practice_id, [each.client for each in read if each.client is not None])
    new: dict[str, ReadClient] = {}
    for line, each in zip(lines, read, strict=True):
        line.is_done, line.problem = True, each.problem
        if each.client is None:
            line.outcome = LineOutcome.REFUSED
        elif each.client.contact.match_key in known:
            line.outcome, line.cells = LineOutcome.KNOWN, []
        else:
            line.outcome, line.cells = LineOutcome.NEW, []
            new[each.client.contact.match_key] = each.client
    _make_clients(session, found, new, by, now=now)


def _make_clients(
    session: Session, found: ClientImport, new: dict[str, ReadClient], by: ActedBy, *, now: datetime
) -> None:
    contacts = [each.contact for each in new.values()]
    files = find_clients(session, found.practice_id, contacts, by=by, now=now)
    made = make_clients(session, found.practice_id, contacts, files, by=by, now=now).by_key
    for key, each in new.items():
        client = session.get_one(Client, made[key].id)
        for name, value in {**asdict(each.facts), "tags": list(each.facts.tags)}.items():
            setattr(client, name, value)
        about = named_client(client)
        record_setting(session, found.practice_id, about, AuditAction.ADDED, by, now=now, from_file=True)


def _read_lines(session: Session, found: ClientImport, lines: Sequence[ImportLine], *, now: datetime) -> list[ReadLine]:
    practice = session.get_one(Practice, found.practice_id)
    zone, needs_email = practice.timezone, not practice.takes_phone_only
    today = walltime.wall(now, walltime.zone(zone)).date()
    typed = (TableLine(each.number, tuple(each.cells)) for each in lines)
    return [
        read_client_line(each, found.matching, timezone=zone, today=today, needs_email=needs_email) for each in typed
    ]


def _require_usable(session: Session, found: ClientImport, matching: Matching) -> None:
    """Raises InvalidInput (field ``columns``)."""
    width, takes_phone_only = len(found.titles), session.get_one(Practice, found.practice_id).takes_phone_only
    chosen = [each for each in matching.columns if each is not None]
    if len(matching.columns) != width or len(set(chosen)) < len(chosen):
        raise InvalidInput({"columns": SAID_TWICE})
    if not {ClientColumn.NAME, ClientColumn.FIRST_NAME, ClientColumn.LAST_NAME} & set(chosen):
        raise InvalidInput({"columns": NOBODY_NAMED})
    needed = {ClientColumn.EMAIL, ClientColumn.PHONE} if takes_phone_only else {ClientColumn.EMAIL}
    if not needed & set(chosen):
        raise InvalidInput({"columns": NO_ADDRESSES})


def _leave_out(session: Session, found: ClientImport) -> None:
    """Be done with the lines that make no clients. Those that nobody has to look at are emptied."""
    of_file = update(ImportLine).filter_by(import_id=found.id, is_done=False)
    there = (LineOutcome.KNOWN, LineOutcome.TWICE)
    session.execute(of_file.where(ImportLine.outcome.in_(there)).values(is_done=True, cells=[]))
    decided = (LineOutcome.REFUSED,) if found.adds_alike else (LineOutcome.REFUSED, LineOutcome.ALIKE)
    session.execute(of_file.where(ImportLine.outcome.in_(decided)).values(is_done=True))


def _set_matching(found: ClientImport, matching: Matching) -> None:
    found.columns, found.day_first = [each or "" for each in matching.columns], matching.day_first


def _line_values(import_id: int, line: TableLine) -> RowValues:
    """What cannot be read, whatever the columns hold, is decided."""
    about = {"problem": line.problem, "is_done": bool(line.problem)}
    return {
        "import_id": import_id,
        "number": line.number,
        "cells": list(line.cells),
        **about,
        "outcome": LineOutcome.REFUSED,
    }


def _lock_import(session: Session, practice_id: int, public_id: str) -> ClientImport:
    return lock_own(session, ClientImport, practice_id, public_id=public_id)


def _forget(session: Session, import_ids: Sequence[int]) -> None:
    session.execute(delete(ImportLine).where(ImportLine.import_id.in_(import_ids)))
    session.execute(delete(ClientImport).where(ClientImport.id.in_(import_ids)))


def _clean_file_name(typed: str) -> str:
    """The last part of a path, as far as it can stand on a page."""
    name = typed.replace("\\", "/").rpartition("/")[2]
    try:
        return clean_line(name, longest=LONGEST_FILE_NAME) or UNNAMED
    except ValueError:
        return UNNAMED


def _named(found: ClientImport) -> Setting:
    """Without the name of the file: a telephone names a contact's after the person, and the audit stays."""
    return Setting(AuditSubject.CLIENT_IMPORT, found.public_id, UNNAMED)
