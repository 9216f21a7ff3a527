"""Reading calendars elsewhere as time passes: which are due, going there, and what comes of it.

A few connections at a time are claimed in one short transaction, read with no transaction open, and written down one by
one. What a source that fails said last stays as it is: no answer is no empty calendar. One that fails is tried again,
less and less often; one that lets us in no more waits for somebody to sign in anew.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.calendar_ports import (
    Bookmark,
    CalendarFailed,
    CalendarGateway,
    ReadingWindow,
)
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind, ConnectionState
from telehealth.domain.sealing import KeyRing
from telehealth.domain.waits import wait_before_next
from telehealth.models import (
    CalendarConnection,
    ConnectedCalendar,
    Practice,
    Service,
    Therapist,
    TherapistService,
)
from telehealth.queries.calendars.written import find_known
from telehealth.queries.hours.busy_intervals import list_untaken
from telehealth.services.audit import SYSTEM, Setting, record_setting
from telehealth.services.calendars.coming_back import note_what_came_back
from telehealth.services.calendars.looking import DueCalendar, DueConnection, Outcome, read_in_steps
from telehealth.services.calendars.sealed_access import seal_secrets, try_to_open
from telehealth.services.calendars.storing import (
    Stored,
    bookmark_of,
    read_versions,
    store_reading,
)
from telehealth.services.hours.freed_times import note_freed
from telehealth.services.leasing import claim_due, find_held, give_back, name_worker
from telehealth.services.locking import lock_holder

log = logging.getLogger(__name__)

AT_ONCE: Final = 8
"""So many servers are spoken with at the same time."""
CLAIMED: Final = 40
"""So many connections are claimed together."""
LEASE: Final = timedelta(minutes=10)
"""One calendar on a slow server may take half of it; what a killed worker held waits for it."""
KEPT_EVERY: Final = timedelta(minutes=1)
"""Between two calendars, and so long after it was ended an account is let alone."""
IS_READ: Final = object()
EVERY: Final = {
    CalendarKind.ICS: timedelta(minutes=15),
    CalendarKind.CALDAV: timedelta(minutes=5),
    CalendarKind.GOOGLE: timedelta(minutes=5),
    CalendarKind.MICROSOFT: timedelta(minutes=5),
}
"""How often each kind is asked what is new. Google and Microsoft also tell us, where they can reach us."""
WHOLE_EVERY: Final = timedelta(days=1)
"""All of a calendar is read so often: the horizon moves on, and what repeats must be counted further."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=2)
LOOK_BACK, MARGIN = timedelta(days=1), timedelta(days=8)
SHORTEST_HORIZON, LONGEST_HORIZON = timedelta(days=90), timedelta(days=400)
"""Standing slots are made, and staff book, further ahead than some services are offered."""

IS_TRIED = CalendarConnection.state.in_((ConnectionState.NEW, ConnectionState.WORKING, ConnectionState.FAILING))


def sync_due_calendars(
    *,
    gateways: Mapping[CalendarKind, CalendarGateway],
    ring: KeyRing,
    now: datetime,
    clock: Callable[[], datetime] | None = None,
    limit: int = CLAIMED,
) -> int:
    """Read up to ``limit`` connections that are due, and keep what is new in them; how many were due. ``clock`` says
    what time it is by then; without it, no time passes.
    """
    worker = name_worker()
    claimed = _claim(gateways.keys(), ring, worker=worker, limit=limit, now=now)
    if not claimed:
        return 0
    hold = _Hold(worker, [each.connection_id for each in claimed], kept_at=now)
    for finished in _read_all(gateways, claimed, hold, now=now, clock=clock or (lambda: now)):
        _record_quiet([each for each in finished if each.is_quiet], worker=worker, now=now)
        for outcome in finished:
            if not outcome.is_quiet:
                _record_guarded(outcome, ring, worker=worker, now=now)
    return len(claimed)


# --- Claiming --------------------------------------------------------------------------------------------------------


def _claim(
    kinds: Collection[CalendarKind], ring: KeyRing, *, worker: str, limit: int, now: datetime
) -> list[DueConnection]:
    with transaction() as session:
        which = (IS_TRIED, CalendarConnection.kind.in_(list(kinds)))
        ids = claim_due(session, CalendarConnection, *which, worker=worker, limit=limit, now=now, lease=LEASE)
        if not ids:
            return []
        rows = session.scalars(
            select(CalendarConnection)
            .where(CalendarConnection.id.in_(ids))
            .order_by(CalendarConnection.due_at, CalendarConnection.id)
            .options(
                joinedload(CalendarConnection.therapist).joinedload(Therapist.practice),
                selectinload(CalendarConnection.calendars),
            )
            .execution_options(populate_existing=True)
        ).all()
        windows = _find_windows(session, rows, now=now)
        versions = read_versions(session, [each.id for row in rows for each in row.calendars if _is_read(each)])
        return [_due(row, windows[row.id], versions, ring, now=now) for row in rows]


def _is_read(calendar: ConnectedCalendar) -> bool:
    return calendar.blocks or calendar.is_written


def _as_it_is(calendar: ConnectedCalendar) -> tuple[object, ...]:
    """What must be the same when a reading is kept: somebody may choose other calendars while it is under way."""
    return calendar.blocks, calendar.is_written, calendar.token, calendar.version, calendar.modified


def _due(
    connection: CalendarConnection,
    window: ReadingWindow,
    versions: Mapping[int, Mapping[str, str]],
    ring: KeyRing,
    *,
    now: datetime,
) -> DueConnection:
    access = try_to_open(ring, connection)
    read = [each for each in connection.calendars if _is_read(each)]
    calendars = _in_order([_due_calendar(each, window, versions, now=now) for each in read], connection)
    return DueConnection(connection.id, connection.kind, connection.public_id, connection.secret, access, calendars)


def _due_calendar(
    calendar: ConnectedCalendar, window: ReadingWindow, versions: Mapping[int, Mapping[str, str]], *, now: datetime
) -> DueCalendar:
    window = replace(window, zone=calendar.zone or window.zone)
    is_fresh = calendar.read_whole_at is not None and calendar.read_whole_at > now - WHOLE_EVERY
    is_known = is_fresh and calendar.read_by == window.rules
    bookmark = bookmark_of(calendar, versions[calendar.id]) if is_known else Bookmark()
    return DueCalendar(calendar.id, calendar.remote_id, _as_it_is(calendar), bookmark, window)


def _in_order(calendars: Sequence[DueCalendar], connection: CalendarConnection) -> list[DueCalendar]:
    """Quick ones first, and after a failure another one: behind one that takes too long none is asked. Where all of
    them take long each has its turn.
    """
    turned = [calendars[(place + connection.failures) % len(calendars)] for place in range(len(calendars))]
    is_slow = connection.failure == CalendarFailure.TOO_SLOW
    return turned if is_slow else sorted(turned, key=lambda each: each.bookmark == Bookmark())


def _find_windows(
    session: Session, connections: Sequence[CalendarConnection], *, now: datetime
) -> dict[int, ReadingWindow]:
    """What is asked of the calendars of each connection, by its id, in the therapist's own zone."""
    therapist_ids = {each.therapist_id for each in connections}
    horizons = _find_horizons(session, therapist_ids)
    known = find_known(therapist_ids, since=now - LOOK_BACK)
    return {
        each.id: ReadingWindow(
            since=now - LOOK_BACK,
            until=now + horizons.get(each.therapist_id, SHORTEST_HORIZON) + MARGIN,
            zone=each.therapist.timezone,
            owner_addresses=frozenset(said.casefold() for said in (each.username, each.therapist.email) if "@" in said),
            is_tentative_busy=each.therapist.practice.tentative_is_busy,
            known=known.get(each.therapist_id, {}),
        )
        for each in connections
    }


def _find_horizons(session: Session, therapist_ids: Collection[int]) -> dict[int, timedelta]:
    """How far ahead any of their services can be booked."""
    rows = session.execute(
        select(TherapistService.therapist_id, func.max(Service.horizon_days))
        .join(Service, Service.id == TherapistService.service_id)
        .where(TherapistService.therapist_id.in_(therapist_ids))
        .group_by(TherapistService.therapist_id)
    )
    return {
        therapist_id: min(max(timedelta(days=days), SHORTEST_HORIZON), LONGEST_HORIZON) for therapist_id, days in rows
    }


# --- Going there, with no transaction open ---------------------------------------------------------------------------


@dataclass(slots=True)
class _Hold:
    """What one claim still has in hand. Threads that read see what the one that waits for them writes."""

    worker: str
    ids: Collection[int]
    kept_at: datetime

    @retry_on_conflict
    def keep(self, *, now: datetime) -> None:
        """Keep it for another lease, unless that was done just now; let go of what is somebody else's, or ended."""
        if timedelta(0) <= now - self.kept_at < KEPT_EVERY:
            return
        with transaction() as session:
            held = find_held(session, CalendarConnection, self.ids, worker=self.worker)
            for connection in held:
                connection.leased_until = now + LEASE
        self.ids, self.kept_at = frozenset(each.id for each in held), now

    def go_on(self, connection_id: int, steps: Iterator[None]) -> bool:
        """One calendar more, if its account is still ours; whether others are to follow."""
        return connection_id in self.ids and next(steps, IS_READ) is not IS_READ


def _read_all(
    gateways: Mapping[CalendarKind, CalendarGateway],
    claimed: Sequence[DueConnection],
    hold: _Hold,
    *,
    now: datetime,
    clock: Callable[[], datetime],
) -> Iterator[list[Outcome]]:
    """What came of the accounts, as soon as it is known. Whenever a calendar was read, all that is in hand is kept: an
    account may take longer than a lease, and others wait behind it.
    """
    under_way: dict[Future[bool], tuple[Outcome, Iterator[None]]] = {}
    with ThreadPoolExecutor(min(len(claimed), AT_ONCE)) as pool:

        def go_on(outcome: Outcome, steps: Iterator[None]) -> None:
            under_way[pool.submit(hold.go_on, outcome.due.connection_id, steps)] = outcome, steps

        for due in claimed:
            outcome = Outcome(due, due.access)
            go_on(outcome, read_in_steps(gateways[due.kind], outcome, now=now))
        while under_way:
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            hold.keep(now=clock())
            finished = []
            for future in done:
                outcome, steps = under_way.pop(future)
                if future.result():
                    go_on(outcome, steps)
                else:
                    finished.append(outcome)
            yield finished


# --- What comes of it ------------------------------------------------------------------------------------------------


def _record_quiet(outcomes: Sequence[Outcome], *, worker: str, now: datetime) -> None:
    """Nothing is new in any of these: they are looked at again in a while."""
    if not outcomes:
        return
    by_id = {each.due.connection_id: each for each in outcomes}
    with transaction() as session:
        held = find_held(session, CalendarConnection, by_id, worker=worker)
        theirs = _read_calendars(session, [each.id for each in held])
        for connection in held:
            due = by_id[connection.id].due
            if connection.secret == due.sealed and _is_all_read(theirs[connection.id], due):
                _note_success(connection, now=now)
        give_back(session, CalendarConnection, by_id, worker=worker)


def _record_guarded(outcome: Outcome, ring: KeyRing, *, worker: str, now: datetime) -> None:
    """One account that cannot be written down must not hold up the others."""
    try:
        _record(outcome, ring, worker=worker, now=now)
    except Exception as error:  # noqa: BLE001
        about = {"connection": outcome.due.reference, "problem": type(error).__name__}
        log.error("what a calendar said could not be kept", extra=about)  # noqa: TRY400 -- a trace could hold addresses
        outcome.readings, outcome.failed = {}, CalendarFailed(CalendarFailure.BROKEN)
        _record(outcome, ring, worker=worker, now=now)


@retry_on_conflict  # An API call about the same therapist's time may stand in the way.
def _record(outcome: Outcome, ring: KeyRing, *, worker: str, now: datetime) -> None:
    with transaction() as session:
        lock_holder(session, id=outcome.due.connection_id)
        for connection in find_held(session, CalendarConnection, [outcome.due.connection_id], worker=worker):
            connection.worker = connection.leased_until = None
            if connection.secret != outcome.due.sealed:
                return  # Somebody has signed in anew meanwhile: what was found out with the old secret counts no more.
            _keep_secrets(connection, outcome, ring)
            is_all_read = _is_all_read(_read_calendars(session, [connection.id])[connection.id], outcome.due)
            stored = _keep_readings(session, connection, outcome, now=now)
            windows = {each.calendar_id: each.window for each in outcome.due.calendars}
            note_what_came_back(session, connection, [each.news for each in stored], windows, now=now)
            _note_changes(session, connection, stored, now=now)
            if outcome.failed is None and is_all_read:
                _note_success(connection, now=now)
            elif outcome.failed is not None:
                _note_failure(connection, outcome.failed, is_partly_read=bool(outcome.readings), now=now)


def _read_calendars(session: Session, connection_ids: Collection[int]) -> dict[int, list[ConnectedCalendar]]:
    """The calendars of these accounts, which are locked, as somebody may have chosen them meanwhile."""
    found: dict[int, list[ConnectedCalendar]] = {each: [] for each in connection_ids}
    theirs = select(ConnectedCalendar).where(ConnectedCalendar.connection_id.in_(connection_ids))
    for calendar in session.scalars(theirs.execution_options(populate_existing=True)):
        found[calendar.connection_id].append(calendar)
    return found


def _is_all_read(calendars: Iterable[ConnectedCalendar], due: DueConnection) -> bool:
    """Whether all that is to be read of an account is what was asked; else it stays due, and is as old as it was."""
    as_it_was = {each.calendar_id: each.as_it_was for each in due.calendars}
    return all(_as_it_is(each) == as_it_was.get(each.id) for each in calendars if _is_read(each))


def _keep_secrets(connection: CalendarConnection, outcome: Outcome, ring: KeyRing) -> None:
    if outcome.access is not None and outcome.access is not outcome.due.access:
        connection.secret = seal_secrets(ring, connection.public_id, outcome.access.secrets)


def _keep_readings(
    session: Session, connection: CalendarConnection, outcome: Outcome, *, now: datetime
) -> list[Stored]:
    """What changed, of those calendars that are as they were when they were read."""
    asked = {each.calendar_id: each for each in outcome.due.calendars}
    stored = []
    for calendar in connection.calendars:
        reading = outcome.readings.get(calendar.id)
        if reading is None or reading.is_unchanged or _as_it_is(calendar) != asked[calendar.id].as_it_was:
            continue
        stored.append(store_reading(session, calendar, reading, now=now))
        if reading.is_whole:
            calendar.read_by = asked[calendar.id].window.rules
    return stored


def _note_changes(session: Session, connection: CalendarConnection, stored: Iterable[Stored], *, now: datetime) -> None:
    """One line with how many times came and went, and what is free now is told to those who wait."""
    added = [span for each in stored for span in each.added]
    dropped = [span for each in stored for span in each.dropped]
    if not added and not dropped:
        return
    therapist = connection.therapist
    about = Setting(AuditSubject.BUSY_TIME, therapist.public_id, therapist.name)
    counts = {"kind": connection.kind, "added": len(added), "removed": len(dropped)}
    record_setting(session, connection.practice_id, about, AuditAction.CHANGED, SYSTEM, now=now, **counts)
    practice = session.get_one(Practice, connection.practice_id)
    note_freed(session, practice, therapist.id, list_untaken(therapist.id, dropped), now=now)


def _note_success(connection: CalendarConnection, *, now: datetime) -> None:
    connection.state, connection.failure = ConnectionState.WORKING, None
    connection.tried_at = connection.synced_at = now
    connection.failing_since = None
    connection.failures = 0
    if connection.due_at <= now:  # Else its provider said meanwhile that something is new.
        connection.due_at = now + EVERY[connection.kind]


def _note_failure(
    connection: CalendarConnection, failed: CalendarFailed, *, is_partly_read: bool, now: datetime
) -> None:
    connection.state = ConnectionState.REFUSED if failed.needs_sign_in else ConnectionState.FAILING
    if failed.needs_sign_in:
        connection.warned_at = None  # Whatever its therapist was told of it so far, this is something else.
    connection.failure, connection.tried_at = failed.failure, now
    connection.failing_since = connection.failing_since or now
    connection.failures += 1
    asked = failed.retry_after
    spread = random.uniform(1.0, 1.1)  # noqa: S311 -- nobody gains by guessing it
    # One calendar of several that fails keeps the others as fresh as ever; who is slow comes less and less often.
    is_slow = failed.failure == CalendarFailure.TOO_SLOW
    tries = 1 if is_partly_read and not is_slow else connection.failures
    connection.due_at = now + wait_before_next(
        tries, first=max(FIRST_WAIT, EVERY[connection.kind]), longest=LONGEST_WAIT, asked=asked, spread=spread
    )
    about = {"connection": connection.public_id, "kind": connection.kind.value, "failure": failed.failure.value}
    log.warning("a calendar cannot be read", extra={**about, "failures": connection.failures})
