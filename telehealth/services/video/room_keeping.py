"""Having rooms made at video services elsewhere and given back, each in the hands of one worker at a time.

What a service makes is found again by its name, so a worker that dies between its answer and our writing that down has
done no harm. Whoever meets there never waits for this: while a room does not stand, they meet in our own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from telehealth.database import transaction
from telehealth.domain.message_words import TaskKind
from telehealth.domain.ports import MadeRoom, RoomWish, VideoAccess, VideoFailed, VideoFailure
from telehealth.domain.sealing import KeyRing
from telehealth.domain.video.rooms import (
    FIRST_WAIT,
    GIVEN_BACK_FOR,
    LONGEST_WAIT,
    NEEDS_SOMEBODY,
    TO_DO,
    TOLD_AFTER,
    UNMADE,
    RoomServices,
    RoomState,
    gives_up_at,
)
from telehealth.domain.waits import wait_before_next
from telehealth.domain.words import VideoKind
from telehealth.models import Appointment, RoomElsewhere, Task, VideoConnection
from telehealth.services.leasing import claim_due, find_held, name_worker
from telehealth.services.task_opening import open_task
from telehealth.services.video.connecting import NAMES, try_to_open_video

log = logging.getLogger(__name__)

AT_ONCE: Final = 4
LEASE: Final = timedelta(minutes=5)
"""Longer than so many rooms take that all run into their time limits."""
SECRET_KEPT_FOR: Final = timedelta(days=2)
"""After a connection has ended, at most, for giving back what it made."""
WHY: Final = {
    VideoFailure.REFUSED: "it does not take the key any more",
    VideoFailure.NOT_ALLOWED: "the key may not make rooms, or the plan does not allow it",
    VideoFailure.NO_HOST: "it does not know the user who is to host it",
    VideoFailure.UNREACHABLE: "it cannot be reached",
    VideoFailure.TIMED_OUT: "it does not answer in time",
    VideoFailure.OVERLOADED: "it takes no more requests for now",
    VideoFailure.BROKEN: "it answers with an error",
}
"""Why a service did not do it, in words for the desk that go on after its name."""


@dataclass(frozen=True, slots=True)
class _Due:
    """One room in the hands of a worker."""

    row_id: int
    kind: VideoKind
    is_leaving: bool
    wish: RoomWish
    access: VideoAccess | None
    before: MadeRoom | None = field(repr=False)


def keep_rooms(*, services: RoomServices, ring: KeyRing, clock: Callable[[], datetime]) -> int:
    """Have the rooms made, changed and given back that are due, some at a time; how many were tried. ``clock`` is asked
    again for each, because a service may take its time.
    """
    worker, now = name_worker(), clock()
    with transaction() as session:
        due = _claim(session, ring, worker=worker, now=now)
    for each in due:
        _carry(services, each, worker=worker, clock=clock)
    return len(due)


def forget_ended_secrets(*, now: datetime) -> int:
    """Forget the secrets of connections that have ended, once all that they made is given back; of how many."""
    is_left = exists().where(RoomElsewhere.connection_id == VideoConnection.id, RoomElsewhere.state != RoomState.GONE)
    ended = select(VideoConnection).where(VideoConnection.ended_at.is_not(None), VideoConnection.secret.is_not(None))
    over = ended.where(~is_left | (VideoConnection.ended_at <= now - SECRET_KEPT_FOR))
    with transaction() as session:
        found = session.scalars(over.with_for_update(of=VideoConnection)).all()
        for each in found:
            each.secret = None
        return len(found)


def _claim(session: Session, ring: KeyRing, *, worker: str, now: datetime) -> list[_Due]:
    is_due = RoomElsewhere.state.in_(TO_DO)
    ids = claim_due(session, RoomElsewhere, is_due, worker=worker, limit=AT_ONCE, now=now, lease=LEASE)
    whose = joinedload(RoomElsewhere.appointment).joinedload(Appointment.therapist)
    loaded = select(RoomElsewhere).options(whose, joinedload(RoomElsewhere.connection))
    of = loaded.where(RoomElsewhere.id.in_(ids)).order_by(RoomElsewhere.due_at, RoomElsewhere.id)
    rows = session.scalars(of.execution_options(populate_existing=True)).all()
    return [_take(row, ring) for row in rows if not _is_given_up(session, row, now=now)]


def _is_given_up(session: Session, row: RoomElsewhere, *, now: datetime) -> bool:
    """Whether the door has opened without a room: they meet in our own room then, and go on doing so."""
    if row.state not in UNMADE or now < _gives_up_at(row):
        return False
    row.state, row.worker, row.leased_until = RoomState.GIVEN_UP, None, None
    _tell(session, row, now=now)
    return True


def _take(row: RoomElsewhere, ring: KeyRing) -> _Due:
    row.tries += 1
    appointment = row.appointment
    wish = RoomWish(
        name=appointment.video_name,
        opens_at=row.opens_at,
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        closes_at=row.closes_at,
        host=appointment.therapist.email,
    )
    before = MadeRoom(row.remote_id, row.facts) if row.remote_id is not None else None
    access = try_to_open_video(ring, row.connection)
    return _Due(row.id, row.connection.kind, row.state == RoomState.LEAVING, wish, access, before)


def _carry(services: RoomServices, due: _Due, *, worker: str, clock: Callable[[], datetime]) -> None:
    """Speak with the service, with no transaction open, and write down what came of it."""
    made: MadeRoom | None = None
    failed: VideoFailed | None = None
    try:
        made = _ask(services, due)
    except Exception as error:  # noqa: BLE001 -- whatever a service makes of it, the other rooms are kept
        failed = error if isinstance(error, VideoFailed) else VideoFailed(VideoFailure.BROKEN)
        about = {"kind": due.kind.value, "code": failed.failure.value, "problem": type(error).__name__}
        log.warning("a room at a video service could not be kept", extra=about)  # Its trace could hold a secret.
    now = clock()
    with transaction() as session:
        for row in find_held(session, RoomElsewhere, [due.row_id], worker=worker):
            row.worker = row.leased_until = None
            if failed is not None:
                _record_failed(session, row, failed, now=now)
            elif due.is_leaving:
                _record_given_back(row, now=now)
            elif made is not None:
                _record_made(session, row, due, made, now=now)


def _ask(services: RoomServices, due: _Due) -> MadeRoom | None:
    """The room that stands now; None for one that was given back. Raises VideoFailed."""
    service = services[due.kind]
    if due.access is None:
        if due.is_leaving:
            return None  # What would open it is forgotten: it ends by itself.
        raise VideoFailed(VideoFailure.REFUSED)
    if not due.is_leaving:
        return service.make(due.access, due.wish, before=due.before)
    there = due.before or service.find(due.access, due.wish)
    if there is not None:
        service.remove(due.access, there)
    return None


def _record_made(session: Session, row: RoomElsewhere, due: _Due, made: MadeRoom, *, now: datetime) -> None:
    row.remote_id, row.facts = made.remote_id, dict(made.facts)
    if row.state not in UNMADE:
        return  # It is not wanted any more, and goes when it is due.
    row.tries, row.failure = 0, None
    if (row.opens_at, row.closes_at) != (due.wish.opens_at, due.wish.closes_at):
        row.due_at = now  # It was moved meanwhile.
    elif now >= _gives_up_at(row):
        row.state = RoomState.GIVEN_UP  # Somebody may be in our own room by now.
    else:
        row.state = RoomState.STANDS
        _finish_tasks(session, row, now=now)


def _record_given_back(row: RoomElsewhere, *, now: datetime) -> None:
    row.remote_id, row.facts, row.tries = None, {}, 0
    if row.state == RoomState.LEAVING:
        row.state = RoomState.GONE
    else:
        row.due_at = now  # It is wanted again.


def _record_failed(session: Session, row: RoomElsewhere, failed: VideoFailed, *, now: datetime) -> None:
    row.failure = failed.failure
    wait = wait_before_next(row.tries, first=FIRST_WAIT, longest=LONGEST_WAIT, asked=failed.retry_after)
    row.due_at = now + wait
    if row.state == RoomState.LEAVING and row.tries >= GIVEN_BACK_FOR:
        row.state = RoomState.GONE
    elif row.state in UNMADE:
        row.state = RoomState.FAILING
        row.due_at = max(now, min(row.due_at, _gives_up_at(row)))
        if row.tries >= TOLD_AFTER or failed.failure in NEEDS_SOMEBODY:
            _tell(session, row, now=now)


def _gives_up_at(row: RoomElsewhere) -> datetime:
    return gives_up_at(opens_at=row.opens_at, wanted_at=row.wanted_at)


def _tell(session: Session, row: RoomElsewhere, *, now: datetime) -> None:
    """Put it on the desk's list, once for an appointment, and once for all that fail for one reason."""
    if row.told_at is not None:
        return
    row.told_at = now
    why = WHY[row.failure or VideoFailure.TIMED_OUT]
    note = f"{NAMES[row.connection.kind]} made no room for it: {why}. It meets in our own room; the links stay."
    waits = select(Task.id).filter_by(practice_id=row.practice_id, kind=TaskKind.VIDEO_ROOM, done_at=None, note=note)
    if session.scalar(waits.limit(1)) is None:
        open_task(
            session,
            practice_id=row.practice_id,
            kind=TaskKind.VIDEO_ROOM,
            appointment_id=row.appointment_id,
            note=note,
            now=now,
        )


def _finish_tasks(session: Session, row: RoomElsewhere, *, now: datetime) -> None:
    """What was asked of staff is done by itself."""
    about = select(Task).filter_by(appointment_id=row.appointment_id, kind=TaskKind.VIDEO_ROOM, done_at=None)
    for task in session.scalars(about.with_for_update(of=Task)):
        task.done_at = now
    row.told_at = None
