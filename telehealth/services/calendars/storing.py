"""Keeping what was read in a calendar elsewhere: when it takes time, by entry, and how far it was read.

Only what is otherwise now is written. All of it runs inside the caller's transaction, which holds the connection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, NamedTuple

from sqlalchemy import Executable, Row, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from telehealth.database import RowValues
from telehealth.domain.calendar_ports import Bookmark, CalendarEntry, CalendarReading, OwnEvent
from telehealth.domain.hours.busy_spans import BusySpan, join_spans
from telehealth.models import BusyInterval, ConnectedCalendar, RemoteEntry
from telehealth.services.inserting import insert_those_free

FEW: Final = 500
"""Up to so many entries are looked up by name; of more, the whole calendar is."""

_ENTRIES = select(
    RemoteEntry.id, RemoteEntry.remote_id, RemoteEntry.remote_digest, RemoteEntry.version, RemoteEntry.unread_events
)
_BUSY = select(BusyInterval.id, BusyInterval.entry_id, BusyInterval.starts_at, BusyInterval.ends_at)
_DELETE_BUSY = delete(BusyInterval).where(BusyInterval.id == bindparam("which"))
_DELETE_ENTRY = delete(RemoteEntry).where(RemoteEntry.id == bindparam("which"))
_UPDATE_ENTRY = (
    update(RemoteEntry)
    .where(RemoteEntry.id == bindparam("which"))
    .values(version=bindparam("new_version"), unread_events=bindparam("new_unread"))
)

EntryRow = Row[*tuple[Any, ...]]  # The columns of ``_ENTRIES``.
BusyRow = Row[*tuple[Any, ...]]  # The columns of ``_BUSY``.


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarNews:
    """What one reading tells of our own events, for whoever compares it with what was written there.

    ``seen`` are the remote ids of the entries that were read now: new or changed ones, or all that there are when
    ``is_whole``. ``own`` are those among them that hold events of ours, with these. ``removed`` are entries that are
    gone, also such as were written there and never read. A calendar that could not be read tells nothing, so nothing of
    it is ever "removed".
    """

    calendar_id: int
    is_whole: bool
    seen: frozenset[str]
    own: Mapping[str, Sequence[OwnEvent]]
    removed: Sequence[str]


class Stored(NamedTuple):
    """What of somebody's time changed: what is taken now and was not, and what is not any more; and the news."""

    added: Sequence[BusySpan]
    dropped: Sequence[BusySpan]
    news: CalendarNews


def digest_of(remote_id: str) -> str:
    """By what a remote id of any length is found."""
    return sha256(remote_id.encode()).hexdigest()


def read_versions(session: Session, calendar_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """The version of each entry that is known, by calendar and remote id."""
    found: dict[int, dict[str, str]] = {each: {} for each in calendar_ids}
    rows = session.execute(
        select(RemoteEntry.calendar_id, RemoteEntry.remote_id, RemoteEntry.version).where(
            RemoteEntry.calendar_id.in_(calendar_ids)
        )
    )
    for calendar_id, remote_id, version in rows:
        found[calendar_id][remote_id] = version
    return found


def store_reading(session: Session, calendar: ConnectedCalendar, reading: CalendarReading, *, now: datetime) -> Stored:
    """Keep what a reading found. A calendar that takes no time here is read for our own events in it; an entry that
    could not be read takes what it took before.
    """
    fresh = {digest_of(entry.remote_id): entry for entry in reading.entries}
    named = None if reading.is_whole else [*fresh, *map(digest_of, reading.removed)]
    known = {row.remote_digest: row for row in _find_entries(session, calendar.id, named)}
    gone = [row for digest, row in known.items() if digest not in fresh]
    ids = _write_entries(session, calendar, fresh, known)
    wanted = {
        ids[digest]: set(_spans_of(entry)) if calendar.blocks else set()
        for digest, entry in fresh.items()
        if entry.is_read or not calendar.blocks
    }
    added, dropped = _write_busy(session, calendar, wanted, {*wanted, *(row.id for row in gone)})
    _execute_each(session, _DELETE_ENTRY, [{"which": row.id} for row in gone])
    keep_bookmark(calendar, reading, now=now)
    news = CalendarNews(
        calendar_id=calendar.id,
        is_whole=reading.is_whole,
        seen=frozenset(entry.remote_id for entry in reading.entries),
        own={entry.remote_id: entry.own for entry in reading.entries if entry.own},
        removed=sorted({*reading.removed, *(row.remote_id for row in gone)}),
    )
    return Stored(
        [each for each in added if each.ends_at > now], [each for each in dropped if each.ends_at > now], news
    )


def free_entries(session: Session, calendar_id: int, remote_ids: Collection[str]) -> None:
    """Let entries take no time: they are ours, and came to be known as that only after they were read."""
    if not remote_ids:
        return
    ours = select(RemoteEntry.id).where(
        RemoteEntry.calendar_id == calendar_id, RemoteEntry.remote_digest.in_(map(digest_of, remote_ids))
    )
    session.execute(delete(BusyInterval).where(BusyInterval.entry_id.in_(ours)))


def bookmark_of(calendar: ConnectedCalendar, versions: Mapping[str, str]) -> Bookmark:
    """How far a calendar was read last time."""
    return Bookmark(calendar.token, calendar.version, calendar.modified, versions)


def keep_bookmark(calendar: ConnectedCalendar, reading: CalendarReading, *, now: datetime) -> None:
    """Remember how far it was read."""
    mark = reading.bookmark
    calendar.token, calendar.version, calendar.modified = mark.token, mark.version, mark.modified
    if reading.is_whole:
        calendar.read_whole_at = now


def _spans_of(entry: CalendarEntry) -> Iterator[BusySpan]:
    return join_spans(span for span in entry.spans if span.starts_at < span.ends_at)


def _find_entries(session: Session, calendar_id: int, digests: Collection[str] | None) -> Sequence[EntryRow]:
    statement = _ENTRIES.where(RemoteEntry.calendar_id == calendar_id)
    if digests is not None and len(digests) <= FEW:
        return session.execute(statement.where(RemoteEntry.remote_digest.in_(digests))).all()
    found = session.execute(statement).all()
    return found if digests is None else [row for row in found if row.remote_digest in set(digests)]


def _write_entries(
    session: Session, calendar: ConnectedCalendar, fresh: Mapping[str, CalendarEntry], known: Mapping[str, EntryRow]
) -> dict[str, int]:
    """The ids of these entries, by digest."""
    changed = [
        {"which": known[digest].id, "new_version": entry.version, "new_unread": entry.unread}
        for digest, entry in fresh.items()
        if digest in known and (known[digest].version, known[digest].unread_events) != (entry.version, entry.unread)
    ]
    _execute_each(session, _UPDATE_ENTRY, changed)
    whose = {"practice_id": calendar.practice_id, "calendar_id": calendar.id}
    new = [
        {
            **whose,
            "remote_id": entry.remote_id,
            "remote_digest": digest,
            "version": entry.version,
            "unread_events": entry.unread,
        }
        for digest, entry in fresh.items()
        if digest not in known
    ]
    made = insert_those_free(session, RemoteEntry, new, "remote_digest")
    return {
        **{digest: row.id for digest, row in known.items()},
        **{str(digest): which for (digest,), which in made.items()},
    }


def _write_busy(
    session: Session, calendar: ConnectedCalendar, wanted: Mapping[int, set[BusySpan]], entry_ids: Collection[int]
) -> tuple[list[BusySpan], list[BusySpan]]:
    """Have these entries take these spans and no others; what is new of them, and what is no more."""
    left, dropped = {entry_id: set(spans) for entry_id, spans in wanted.items()}, []
    for row in _find_busy(session, calendar.id, entry_ids):
        span = BusySpan(row.starts_at, row.ends_at)
        if span in left.get(row.entry_id, ()):
            left[row.entry_id].remove(span)
        else:
            dropped.append((row.id, span))
    _execute_each(session, _DELETE_BUSY, [{"which": which} for which, _ in dropped])
    therapist_id = calendar.connection.therapist_id
    whose = {"practice_id": calendar.practice_id, "therapist_id": therapist_id, "calendar_id": calendar.id}
    new = [
        {**whose, "entry_id": entry_id, **span._asdict()} for entry_id, spans in left.items() for span in sorted(spans)
    ]
    _execute_each(session, insert(BusyInterval), new)
    return [span for spans in left.values() for span in spans], [span for _, span in dropped]


def _find_busy(session: Session, calendar_id: int, entry_ids: Collection[int]) -> Sequence[BusyRow]:
    if len(entry_ids) <= FEW:
        return session.execute(_BUSY.where(BusyInterval.entry_id.in_(entry_ids))).all()
    rows = session.execute(_BUSY.where(BusyInterval.calendar_id == calendar_id)).all()
    return [row for row in rows if row.entry_id in entry_ids]


def _execute_each(session: Session, statement: Executable, rows: Sequence[RowValues]) -> None:
    if rows:
        session.connection().execute(statement, rows)
