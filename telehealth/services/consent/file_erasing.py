"""Taking somebody out of the files of clients that are kept for some days, and out of what the audit says of those."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.audit_words import AuditSubject
from telehealth.domain.importing.lines import UNNAMED, LineOutcome
from telehealth.domain.importing.seeking import Sought
from telehealth.models import ClientImport, ImportLine, PracticeEvent

AT_A_TIME = 500


def erase_from_files(session: Session, practice_id: int, sought: Sought) -> None:
    """Empty the lines that tell of somebody; nothing is made of them any more. Files, and lines of audit, that are
    called by their name are called so no longer.
    """
    # Whoever imports or looks again at the same moment waits, or is waited for: no line is written back.
    files = select(ClientImport).filter_by(practice_id=practice_id).order_by(ClientImport.id)
    locked = files.with_for_update(key_share=True).execution_options(populate_existing=True)
    for each in session.scalars(locked).all():
        if sought.are_named(each.file_name):
            each.file_name = UNNAMED
        if sought.are_in(each.titles, each.matching):
            each.titles = [f"Column {number}" for number, _ in enumerate(each.titles, 1)]
        _empty_lines(session, each, sought)
    session.flush()
    _rename_in_audit(session, practice_id, sought)


def _empty_lines(session: Session, file: ClientImport, sought: Sought) -> None:
    lines = select(ImportLine.number, ImportLine.cells).filter_by(import_id=file.id)
    told = [
        number
        for number, cells in session.execute(lines.execution_options(yield_per=AT_A_TIME))
        if cells and sought.are_in(cells, file.matching)
    ]
    for number in told:
        line = session.get_one(ImportLine, (file.id, number), populate_existing=True)
        line.cells, line.problem, line.outcome, line.is_done = [], "", LineOutcome.KNOWN, True


def _rename_in_audit(session: Session, practice_id: int, sought: Sought) -> None:
    """Lines that were written while they still kept what a file is called."""
    of_practice = select(PracticeEvent).filter_by(practice_id=practice_id)
    for event in session.scalars(of_practice.filter_by(subject=AuditSubject.CLIENT_IMPORT)):
        if sought.are_named(event.name):
            event.name = UNNAMED
    session.flush()
