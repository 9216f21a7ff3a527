"""Taking appointments that are to be written into calendars elsewhere into one worker's hands, with the words they are
written in; and giving them back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.calendar_ports import (
    CalendarAccess,
    Written,
    WrittenEvent,
)
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind, WrittenState
from telehealth.domain.calendar_writing import SaidEvent, Times
from telehealth.domain.sealing import KeyRing
from telehealth.models import CalendarConnection, ConnectedCalendar, WrittenAppointment
from telehealth.queries.calendars.written import IS_REACHED, list_times_given, read_wanted
from telehealth.services.calendars.comparing import take_out
from telehealth.services.calendars.sealed_access import try_to_open
from telehealth.services.leasing import Lease, claim_due, find_held, give_back, keep_claim, name_worker

log = logging.getLogger(__name__)

AT_ONCE = 20
"""So many are in hand at a time: a calendar may take some seconds over each."""
CARRIED_FOR = timedelta(minutes=2)
"""How long one is ours after a renewal: to sign in, to look and to write may each run into a time-out."""
UNOPENED_WAIT = timedelta(days=1)
OURS = "ours"
TIMES_KEPT = 5
IS_DUE = WrittenAppointment.state.in_([WrittenState.WAITING, WrittenState.LEAVING])


@dataclass(frozen=True, slots=True)
class Carried:
    """One appointment in the hands of one worker, on its way into a calendar; or out of it (``said`` is None), for
    which ``event`` finds out where it stands when that is not known. ``ours`` are the times that we may have given it.
    """

    row_id: int
    worker: str
    lease: Lease
    connection_id: int
    calendar_id: int
    kind: CalendarKind
    access: CalendarAccess
    remote_calendar: str
    event: WrittenEvent
    said: SaidEvent | None
    before: Written | None
    ours: frozenset[Times]


@retry_on_conflict
def claim_written(
    *, ring: KeyRing, addresses: Addresses, kinds: Sequence[CalendarKind], now: datetime, limit: int = AT_ONCE
) -> list[Carried]:
    """Take up to ``limit`` appointments that are to be written or taken out, of the calendars that can be reached."""
    worker, lease = name_worker(), Lease(now + CARRIED_FOR, CARRIED_FOR)
    while True:
        with transaction() as session:
            which = IS_DUE, WrittenAppointment.calendar_id.in_(_open_calendars(kinds, now))
            ids = claim_due(session, WrittenAppointment, *which, worker=worker, limit=limit, now=now, lease=CARRIED_FOR)
            rows = find_held(session, WrittenAppointment, ids, worker=worker)
            claimed, shut = _prepare(session, rows, worker, lease, ring, addresses, now=now)
        _note_unopened(shut, now=now)
        if claimed or not ids:
            return claimed
        # All of it had become obsolete; what is behind it must not wait for that.


def _open_calendars(kinds: Sequence[CalendarKind], now: datetime) -> Select[int]:
    return (
        select(ConnectedCalendar.id)
        .join(ConnectedCalendar.connection)
        .where(
            IS_REACHED,
            CalendarConnection.kind.in_(kinds),
            ConnectedCalendar.missing_since.is_(None),
            or_(ConnectedCalendar.write_after.is_(None), ConnectedCalendar.write_after <= now),
        )
    )


def _prepare(
    session: Session,
    rows: Sequence[WrittenAppointment],
    worker: str,
    lease: Lease,
    ring: KeyRing,
    addresses: Addresses,
    *,
    now: datetime,
) -> tuple[list[Carried], list[int]]:
    """What is carried, and the calendars (ids) that our own key does not open."""
    claimed, shut = list[Carried](), list[int]()
    for calendar in _calendars_of(session, rows):
        theirs = [each for each in rows if each.calendar_id == calendar.id]
        access = try_to_open(ring, calendar.connection)
        if access is None:
            shut.append(calendar.id)
        wanted = read_wanted(
            session, calendar, addresses=addresses, now=now, only=[each.appointment_id for each in theirs]
        )
        for row in theirs:
            is_meant = calendar.is_written or row.is_adopted
            found = wanted.get(row.appointment_id) if is_meant else None
            said = found.said if found is not None and row.state == WrittenState.WAITING else None
            if access is None or not _is_still_due(row, said, now=now):
                row.worker = row.leased_until = None
                continue
            claimed.append(_take(row, calendar, access, said, Lease(lease.until, lease.length), worker))
    return claimed, shut


def _calendars_of(session: Session, rows: Sequence[WrittenAppointment]) -> Sequence[ConnectedCalendar]:
    whose = joinedload(ConnectedCalendar.connection).joinedload(CalendarConnection.therapist)
    found = select(ConnectedCalendar).where(ConnectedCalendar.id.in_({each.calendar_id for each in rows}))
    return session.scalars(found.options(whose).execution_options(populate_existing=True)).all()


def _note_unopened(calendar_ids: Iterable[int], *, now: datetime) -> None:
    """Our own key is missing: the page of their therapist says so, and the log. In a transaction of its own, because a
    calendar is locked before what is written into it.
    """
    for calendar_id in sorted(calendar_ids):
        with transaction() as session:
            calendar = session.get_one(ConnectedCalendar, calendar_id, with_for_update=True, populate_existing=True)
            calendar.write_failure = CalendarFailure.BROKEN
            calendar.write_after = now + UNOPENED_WAIT


def _is_still_due(row: WrittenAppointment, said: SaidEvent | None, *, now: datetime) -> bool:
    """Whether it is to be carried by now: what is over stays as it is, and what is wanted no more is taken out."""
    if row.appointment.ends_at <= now:
        row.state = WrittenState.STANDS if row.remote_id is not None else WrittenState.GONE
    elif row.state == WrittenState.WAITING and said is None:
        take_out(row, now=now)
    elif said is not None:
        row.wanted = said.digest
    return row.state in {WrittenState.WAITING, WrittenState.LEAVING}


def _take(
    row: WrittenAppointment,
    calendar: ConnectedCalendar,
    access: CalendarAccess,
    said: SaidEvent | None,
    lease: Lease,
    worker: str,
) -> Carried:
    """From now on nobody knows what stands there, until an answer is written down."""
    event = (said or _placeholder(row)).write(uid=row.uid, key=row.public_id)
    if said is not None:
        _note_try(row, (event.starts_at, event.ends_at))
    row.tries += 1
    return Carried(
        row_id=row.id,
        worker=worker,
        lease=lease,
        connection_id=calendar.connection_id,
        calendar_id=calendar.id,
        kind=calendar.connection.kind,
        access=access,
        remote_calendar=calendar.remote_id,
        event=event,
        said=said,
        before=Written(row.remote_id, row.version or "") if row.remote_id is not None else None,
        ours=frozenset(list_times_given(row)),
    )


def _placeholder(row: WrittenAppointment) -> SaidEvent:
    """What is written once more, to learn where an attempt without an answer has put it, and taken out at once."""
    about = row.appointment
    return SaidEvent(
        starts_at=about.starts_at,
        ends_at=about.ends_at,
        zone=about.timezone,
        summary="Busy",
        description="",
        location="",
        is_tentative=False,
        category="",
        changed_at=about.changed_at,
        sequence=about.sequence,
    )


def _note_try(row: WrittenAppointment, times: Times) -> None:
    """What is written by us stays known as that, also when another writing was faster than this one."""
    said = [*(each.isoformat() for each in times), OURS]
    row.tried = [*(each for each in row.tried if each != said), said]


def forget_tries(row: WrittenAppointment) -> None:
    """It stands there as it was written last. Of the times before, those that we gave it are kept, the last few."""
    row.tried = [each for each in row.tried if OURS in each][-TIMES_KEPT:]


def keep_if_wanted(carried: Carried, *, now: datetime) -> bool:
    """Keep it for a whole lease from ``now`` on, if it is still this worker's and still to be done in these words:
    since it was claimed, the connection may have been ended, its therapist have chosen otherwise, the appointment been
    changed, or another worker have taken it.
    """
    row = WrittenAppointment
    which = [
        row.state == (WrittenState.LEAVING if carried.said is None else WrittenState.WAITING),
        row.calendar_id.in_(_open_calendars([carried.kind], now)),
    ]
    if carried.said is not None:
        chosen = select(ConnectedCalendar.id).where(ConnectedCalendar.is_written)
        which += [row.is_adopted | row.calendar_id.in_(chosen), row.wanted == carried.said.digest]
    with transaction() as session:
        ids, worker = [carried.row_id], carried.worker
        kept = keep_claim(session, row, ids, *which, worker=worker, now=now, lease=CARRIED_FOR)
    carried.lease.until = now + CARRIED_FOR
    return kept > 0


def give_back_written(carried: Carried) -> None:
    """Give it back untried, so that anybody may take it."""
    with transaction() as session:
        for row in find_held(session, WrittenAppointment, [carried.row_id], worker=carried.worker):
            row.tries -= 1
            if row.tries == 0 and row.remote_id is None:
                row.tried = []  # Nothing can stand there.
        give_back(session, WrittenAppointment, [carried.row_id], worker=carried.worker)


def keep_written_claims(hand: Sequence[Carried], *, now: datetime) -> None:
    """Keep what one claim has in hand for another while, from ``now`` on."""
    ids = [each.row_id for each in hand]
    with transaction() as session:
        keep_claim(session, WrittenAppointment, ids, worker=hand[0].worker, now=now, lease=CARRIED_FOR)
    for each in hand:
        each.lease.until = now + CARRIED_FOR
