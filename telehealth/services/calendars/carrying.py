"""Carrying into calendars elsewhere what is to be written there, and taking out what is not to stand there any more.

As with messages: a short transaction claims and fixes the words, the calendar is spoken with while none is open, and a
second one writes down what came of it. Before each one it is looked whether it is still to be done: whoever ended the
connection or chose otherwise meanwhile has nothing more written there. A worker that dies in between loses nothing:
what it may have written has the same UID when another writes it again, and is written over only where it stands as we
left it. So no appointment stands there twice, and what its therapist changed there meanwhile is never lost: it becomes
a question.

When only the title, the colour or an alarm were changed there, they stay until something of the appointment changes,
and are then written over.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.calendar_ports import (
    CalendarAccess,
    CalendarFailed,
    CalendarGateway,
    OwnEvent,
    Written,
)
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind, SeenChange, WrittenState
from telehealth.domain.calendar_writing import Times, judge_seen
from telehealth.domain.sealing import KeyRing
from telehealth.domain.waits import wait_before_next
from telehealth.models import CalendarConnection, ConnectedCalendar, WrittenAppointment
from telehealth.services.calendars.claims import (
    Carried,
    claim_written,
    forget_tries,
    give_back_written,
    keep_if_wanted,
    keep_written_claims,
)
from telehealth.services.calendars.comparing import begin_anew
from telehealth.services.calendars.question_tasks import keep_question_tasks
from telehealth.services.calendars.sealed_access import open_access, seal_secrets
from telehealth.services.calendars.seen_changes import ask_about
from telehealth.services.calendars.storing import free_entries
from telehealth.services.leasing import find_held

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
SHUT_OUT_WAIT, LONGEST_SHUT_OUT = timedelta(hours=1), timedelta(days=1)
SHUT_OUT = frozenset({CalendarFailure.REFUSED, CalendarFailure.FORBIDDEN_ADDRESS, CalendarFailure.NOT_A_CALENDAR})
"""What does not mend itself within minutes: it is looked at again, but seldom."""


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
    _entered: dict[int, CalendarAccess] = field(default_factory=dict)

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
        self._entered.clear()
        tried = 0
        for place, each in enumerate(hand):
            self._keep_rest(hand[place + 1 :])
            if each.calendar_id in self._shut or not keep_if_wanted(each, now=self.now()):
                give_back_written(each)
                continue
            outcome = self._carry_one(each)
            tried += 1
            if outcome is None:
                give_back_written(each)
                continue
            if outcome.failed is not None:
                self._shut.add(each.calendar_id)
            record_carried(outcome, now=self.now())
        return tried

    def _keep_rest(self, rest: Sequence[Carried]) -> None:
        """What waits in hand stays in hand."""
        if rest and self.now() > rest[0].lease.begin_by:
            keep_written_claims(rest, now=self.now())

    def _carry_one(self, carried: Carried) -> CarryingOutcome | None:
        """None when it took so long to get in that it might be another's before an answer has come."""
        try:
            ready = replace(carried, access=self._enter(carried))
        except CalendarFailed as failed:
            return CarryingOutcome(carried, failed=failed)
        if self.now() > carried.lease.begin_by:
            return None
        return carry(ready, gateway=self.gateways[carried.kind])

    def _enter(self, carried: Carried) -> CalendarAccess:
        """Get in, once for all that is in hand, and keep what opens it from now on."""
        known = self._entered.get(carried.connection_id)
        if known is None:
            known = _refresh(self.gateways[carried.kind], carried.access, now=self.now())
            if known is not carried.access:
                _keep_secrets(carried, known, self.ring)
            self._entered[carried.connection_id] = known
        return known


def _refresh(gateway: CalendarGateway, access: CalendarAccess, *, now: datetime) -> CalendarAccess:
    """Raises CalendarFailed, and nothing else."""
    try:
        return gateway.refresh(access, now=now)
    except CalendarFailed:
        raise
    except Exception as fault:  # noqa: BLE001 -- as in ``carry``
        raise _note_fault(fault) from None


def _note_fault(fault: Exception) -> CalendarFailed:
    """A fault in a gateway must not hold up what is behind it."""
    log.error("cannot be written", extra={"problem": type(fault).__name__})  # A trace may hold names.
    return CalendarFailed(CalendarFailure.BROKEN)


def carry(carried: Carried, *, gateway: CalendarGateway) -> CarryingOutcome:
    """Write it, or take it out. Speaks with the calendar, and never with the database.

    Where something else stands there than was written, it is looked at first: what its therapist changed is asked
    about, and anything else is written over.
    """
    try:
        if carried.before is not None and not carried.before.version:  # It was taken up where its therapist put it.
            return _look_and_put(carried, gateway, carried.before)
        try:
            return _put(carried, gateway, carried.before)
        except CalendarFailed as failed:
            if failed.failure != CalendarFailure.CHANGED_MEANWHILE or carried.before is None:
                raise
            return _look_and_put(carried, gateway, carried.before)
    except CalendarFailed as failed:
        return CarryingOutcome(carried, failed=failed)
    except Exception as fault:  # noqa: BLE001 -- whatever it is, it is noted
        return CarryingOutcome(carried, failed=_note_fault(fault))


def _put(carried: Carried, gateway: CalendarGateway, before: Written | None) -> CarryingOutcome:
    where = carried.access, carried.remote_calendar
    if carried.said is not None:
        return CarryingOutcome(carried, written=gateway.write(*where, carried.event, before))
    gateway.remove(*where, before or gateway.write(*where, carried.event, None))
    return CarryingOutcome(carried, is_out=True)


def _look_and_put(carried: Carried, gateway: CalendarGateway, before: Written) -> CarryingOutcome:
    found = gateway.find(carried.access, carried.remote_calendar, before.remote_id)
    version, own = found if found is not None else ("", None)
    times = (own.starts_at, own.ends_at) if isinstance(own, OwnEvent) else None
    if carried.said is None:  # Whatever was done to it there: it is not to stand there.
        return (
            _put(carried, gateway, replace(before, version=version)) if own else CarryingOutcome(carried, is_out=True)
        )
    seen = judge_seen(times, carried.ours)
    if seen is not None:
        return CarryingOutcome(carried, seen=seen, times=times, version=version)
    return _put(carried, gateway, replace(before, version=version))


@retry_on_conflict
def record_carried(outcome: CarryingOutcome, *, now: datetime) -> bool:
    """Write down what came of it; whether it was still in this worker's hands. What was wanted otherwise meanwhile is
    carried again.
    """
    carried = outcome.carried
    with transaction() as session:
        calendar = session.get_one(ConnectedCalendar, carried.calendar_id, with_for_update=True, populate_existing=True)
        held = find_held(session, WrittenAppointment, [carried.row_id], worker=carried.worker)
        for row in held:
            row.worker = row.leased_until = None
            if outcome.failed is not None:
                _record_failure(row, calendar, outcome.failed, now=now)
            else:
                calendar.write_failure, calendar.write_failures, calendar.write_after = None, 0, None
                row.failure, row.tries = None, 0
                _record_done(row, outcome, now=now)
                if outcome.written is not None:  # It may have been read before anybody knew where it stands.
                    free_entries(session, calendar.id, [outcome.written.remote_id])
        if outcome.seen is not None or calendar.missing_since == now:
            keep_question_tasks(session, practice_id=calendar.practice_id, now=now)
        return bool(held)


def _record_done(row: WrittenAppointment, outcome: CarryingOutcome, *, now: datetime) -> None:
    said, written = outcome.carried.said, outcome.written
    if outcome.seen is not None:
        row.version = outcome.version
        if row.state == WrittenState.WAITING:
            ask_about(row, outcome.seen, outcome.times, now=now)
    elif said is not None and written is not None:
        row.remote_id, row.version, row.digest = written.remote_id, written.version, said.digest
        row.starts_at, row.ends_at = said.starts_at, said.ends_at
        forget_tries(row)
        row.writes, row.written_at = row.writes + 1, now
        if row.state == WrittenState.WAITING and row.wanted == row.digest:
            row.state = WrittenState.STANDS
    elif row.state == WrittenState.LEAVING:
        row.state, row.remote_id, row.version, row.tried = WrittenState.GONE, None, None, []
    else:  # It is wanted again by now.
        begin_anew(row, now=now)


def _record_failure(
    row: WrittenAppointment, calendar: ConnectedCalendar, failed: CalendarFailed, *, now: datetime
) -> None:
    """The calendar is left in peace for a while, and this appointment a little longer: others may do better."""
    spread = random.uniform(1.0, 1.1)  # noqa: S311 -- it spreads load, it guards nothing
    is_shut = failed.failure in SHUT_OUT
    first, longest = (SHUT_OUT_WAIT, LONGEST_SHUT_OUT) if is_shut else (FIRST_WAIT, LONGEST_WAIT)
    calendar.write_failures += 1
    calendar.write_failure = row.failure = failed.failure
    calendar.write_after = now + wait_before_next(
        calendar.write_failures, first=first, longest=longest, asked=failed.retry_after, spread=spread
    )
    row.due_at = now + wait_before_next(row.tries, first=first, longest=longest, spread=spread)
    if failed.failure == CalendarFailure.GONE and calendar.missing_since is None:
        calendar.missing_since = now


def _keep_secrets(carried: Carried, access: CalendarAccess, ring: KeyRing) -> None:
    """What opens it from now on, unless somebody has signed in anew meanwhile."""
    with transaction() as session:
        connection = session.get_one(
            CalendarConnection, carried.connection_id, with_for_update=True, populate_existing=True
        )
        if connection.secret is not None and dict(open_access(ring, connection).secrets) == dict(
            carried.access.secrets
        ):
            connection.secret = seal_secrets(ring, connection.public_id, access.secrets)
