"""How far a mailbox was read, and by whom at this moment: a restart reads on, and two workers never read at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, update

from telehealth.database import transaction
from telehealth.models import MailboxBookmark
from telehealth.services.inserting import insert_unless_taken

LEASE = timedelta(minutes=5)
"""For so long nobody else reads what a killed worker was reading."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """The last mail that was read, of those that the mailbox's ``validity`` numbers."""

    name: str
    worker: str
    validity: int
    number: int


def claim_mailbox(*, name: str, worker: str, now: datetime) -> Bookmark | None:
    """Take a mailbox for a while, and say how far it was read; None while somebody else has it."""
    with transaction() as session:
        insert_unless_taken(session, MailboxBookmark, {"name": name, "validity": 0, "number": 0})
        free = or_(MailboxBookmark.leased_until.is_(None), MailboxBookmark.leased_until <= now)
        row = session.execute(
            update(MailboxBookmark)
            .where(MailboxBookmark.name == name, free)
            .values(worker=worker, leased_until=now + LEASE)
            .returning(MailboxBookmark.validity, MailboxBookmark.number)
        ).one_or_none()
        return Bookmark(name, worker, row.validity, row.number) if row is not None else None


def note_read(*, bookmark: Bookmark, validity: int, number: int, now: datetime) -> bool:
    """Keep how far it is read, and the mailbox for another while; whether it still was this worker's."""
    values = {"validity": validity, "number": number, "leased_until": now + LEASE}
    return _write(bookmark, values)


def release_mailbox(*, bookmark: Bookmark) -> None:
    """Let others have it at once."""
    _write(bookmark, {"worker": None, "leased_until": None})


def _write(bookmark: Bookmark, values: dict[str, object]) -> bool:
    ours = MailboxBookmark.name == bookmark.name, MailboxBookmark.worker == bookmark.worker
    with transaction() as session:
        written = update(MailboxBookmark).where(*ours).values(values).returning(MailboxBookmark.id)
        return session.execute(written).one_or_none() is not None
