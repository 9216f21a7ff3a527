"""Carrying into calendars elsewhere what is to be written there, and taking out what is not to stand there any more.

As with messages: a short transaction claims and fixes the words, the calendar is spoken with while none is open, and a
second one writes down what came of it. A worker that dies in between loses nothing: what it may have written has the
same UID when another writes it again, and is written over only where it stands as we left it. So no appointment stands
there twice, and what its therapist changed there meanwhile is never lost: it becomes a question.

When only the title, the colour or an alarm were changed there, they stay until something of the appointment changes,
and are then written over.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.calendar_ports import (
    CalendarAccess,
    CalendarFailed,
    CalendarGateway,
    OwnEvent,
    Written,
    WrittenEvent,
)
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind, SeenChange, WrittenState
from telehealth.domain.calendar_writing import SaidEvent, Times, judge_seen
from telehealth.domain.sealing import KeyRing, SealBroken
from telehealth.domain.waits import wait_before_next
from telehealth.models import CalendarConnection, ConnectedCalendar, WrittenAppointment
from telehealth.queries.calendars.written import IS_REACHED, read_wanted
from telehealth.services.calendars.comparing import begin_anew, take_out
from telehealth.services.calendars.sealed_access import open_access
from telehealth.services.calendars.seen_changes import ask_about
from telehealth.services.leasing import Lease, claim_due, find_held, give_back, keep_claim, name_worker

log = logging.getLogger(__name__)

AT_ONCE = 20
"""So many are in hand at a time: a calendar may take some seconds over each."""
CARRIED_FOR = timedelta(minutes=2)
"""How long one is ours after a renewal: to sign in, to look and to write may each run into a time-out."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
SHUT_OUT_WAIT, LONGEST_SHUT_OUT = timedelta(hours=1), timedelta(days=1)
SHUT_OUT = frozenset({CalendarFailure.REFUSED, CalendarFailure.FORBIDDEN_ADDRESS, CalendarFailure.NOT_A_CALENDAR})
"""What does not mend itself within minutes: it is looked at again, but seldom."""
NOTHING = "", (), None
IS_DUE = WrittenAppointment.state.in_([WrittenState.WAITING, WrittenState.LEAVING])


@dataclass(frozen=True, slots=True)
class Carried:
    """One appointment in the hands of one worker, on its way into a calendar; or out of it (``said`` is None), for
    which ``event`` finds out where it stands when that is not known. ``ours`` are the times that we may have given it.
    """

    row_id: int
    worker: str
    lease: Lease
    calendar_id: int
    kind: CalendarKind
    access: CalendarAccess
    remote_calendar: str
    event: WrittenEvent
    said: SaidEvent | None
    before: Written | None
    ours: frozenset[Times]


@dataclass(frozen=True, slots=True)
class CarryingOutcome:
    """What came of it: where it stands now (``written``), or that it is out (``is_out``), or what its therapist did to
    it there (``seen``, and the times and version that it has since), or why nothing could be done.
    """

    carried: Carried
    written: Written | None = None
    is_out: bool = False
    seen: SeenChange | None = None
    times: Times | None = None
    version: str | None = None
    failed: CalendarFailed | None = None


@dataclass
class CalendarCarrier:
    """Carries what is due until nothing is left or ``most`` were tried."""

    gateways: Mapping[CalendarKind, CalendarGateway]
    ring: KeyRing
    addresses: Addresses
    now: Callable[[], datetime]
    most: int = 500
    _shut: set[int] = field(default_factory=set)

    def run(self) -> int:
        """How many were tried."""
        tried = 0
        while tried < self.most:
            hand = claim_written(ring=self.ring, addresses=self.addresses, kinds=[*self.gateways], now=self.now())
            if not hand:
                break
            tried += self._carry(hand)
        return tried

    def _carry(self, hand: Sequence[Carried]) -> int:
        """One after the other, each recorded at once: what is lost when the worker dies is one answer at most."""
        self._shut.clear()
        tried = 0
        for place, each in enumerate(hand):
            if each.calendar_id in self._shut:
                _give_back(each)
                continue
            if self.now() > each.lease.begin_by:
                _keep(hand[place:], now=self.now())
            outcome = carry(each, gateway=self.gateways[each.kind], now=self.now())
            if outcome.failed is not None:
                self._shut.add(each.calendar_id)
            record_carried(outcome, now=self.now())
            tried += 1
        return tried


@retry_on_conflict
def claim_written(
    *, ring: KeyRing, addresses: Addresses, kinds: Sequence[CalendarKind], now: datetime, limit: int = AT_ONCE
) -> list[Carried]:
    """Take up to ``limit`` appointments that are to be written or taken out, of the calendars that can be reached."""
    worker, lease = name_worker(), Lease(now + CARRIED_FOR, CARRIED_FOR)
    while True:
        with transaction() as session:
            which = IS_DUE, WrittenAppointment.calendar_id.in_(_open_calendars(kinds, now))
            ids = claim_due(
                session, WrittenAppointment, *which, worker=worker, limit=limit, now=now, lease=CARRIED_FOR
            )
            rows = find_held(session, WrittenAppointment, ids, worker=worker)
            claimed = _prepare(session, rows, worker, lease, ring, addresses, now=now)
        if claimed or not ids:
            return claimed
        # All of it had become obsolete; what is behind it must not wait for that.


def _open_calendars(kinds: Sequence[CalendarKind], now: datetime):  # noqa: ANN202
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
) -> list[Carried]:
    claimed: list[Carried] = []
    for calendar in _calendars_of(session, rows):
        theirs = [each for each in rows if each.calendar_id == calendar.id]
        access = _open(ring, calendar, now=now)
        wanted = read_wanted(
            session, calendar, addresses=addresses, now=now, only=[each.appointment_id for each in theirs]
        )
        for row in theirs:
            found = wanted.get(row.appointment_id)
            said = found.said if found is not None and row.state == WrittenState.WAITING else None
            if access is None or not _is_still_due(row, said, now=now):
                row.worker = row.leased_until = None
                continue
            claimed.append(_take(row, calendar, access, said, Lease(lease.until, lease.length), worker))
    return claimed
