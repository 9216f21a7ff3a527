"""Somebody has looked at what waits, or has taken it upon themselves: then nobody else is told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from telehealth.database import RowValues, db, transaction
from telehealth.domain.inbox.alerting import WATCHED, AlertReason, reason_of_task
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Alert, Appointment, Task
from telehealth.services.audit import ActedBy
from telehealth.services.inbox.alerting import open_alerts


def see_tasks(tasks: Collection[Task], *, by: ActedBy, now: datetime) -> bool:
    """Keep that somebody of the staff has opened tasks, or the list of them; whether that was the first time. Then what
    was read before is to be read again, as after every transaction.
    """
    waiting = {each.id: each for each in tasks if each.done_at is None and each.opened_at > now - WATCHED}
    if not waiting:
        return False
    known = select(Alert.task_id).where(Alert.task_id.in_(waiting), Alert.seen_at.is_not(None))
    unseen = waiting.keys() - set(db.session.scalars(known))
    if not unseen:
        return False
    rows = [_row_of(waiting[each]) for each in sorted(unseen)]  # Read now: a transaction reads everything again.
    with transaction() as session:
        open_alerts(session, rows)
        _see(session, Alert.task_id.in_(unseen), by=by, now=now)
    return True


def see_appointments(appointments: Collection[Appointment], *, by: ActedBy, now: datetime) -> bool:
    """The same of appointments: requests that wait, and clients who do."""
    requests = {each.id: each for each in appointments if each.status == AppointmentStatus.PENDING}
    ids = [each.id for each in appointments]
    alerts = db.session.execute(
        select(Alert.appointment_id, Alert.reason, Alert.version, Alert.seen_at).where(Alert.appointment_id.in_(ids))
    ).all() if ids else []  # fmt: skip
    asked = {(each.appointment_id, each.version) for each in alerts if each.reason == AlertReason.REQUEST}
    new = [each for each in requests.values() if (each.id, each.sequence) not in asked]
    if not new and all(each.seen_at is not None for each in alerts):
        return False
    rows = [_row_of_request(each) for each in new]
    with transaction() as session:
        open_alerts(session, rows)
        _see(session, Alert.appointment_id.in_(ids), by=by, now=now)
    return True


def see_alerts(alerts: Collection[Alert], *, by: ActedBy, now: datetime) -> bool:
    """The same of what an alert led to."""
    unseen = [each.id for each in alerts if each.seen_at is None]
    if unseen:
        with transaction() as session:
            _see(session, Alert.id.in_(unseen), by=by, now=now)
    return bool(unseen)


def take_alerts(*, practice_id: int, alert_ids: Collection[int], by: ActedBy, now: datetime) -> None:
    """Say that one has them. Who said so first stays. Staff only. Raises NotAllowed."""
    by.require_staff()
    with transaction() as session:
        _take(session, Alert.practice_id == practice_id, Alert.id.in_(alert_ids), by=by, now=now)


def take_task(*, task: Task, by: ActedBy, now: datetime) -> None:
    """The same of a task, of which nobody may have been told yet. Staff only. Raises NotAllowed."""
    by.require_staff()
    row = _row_of(task)
    with transaction() as session:
        open_alerts(session, [row])
        _take(session, Alert.task_id == row["task_id"], by=by, now=now)


def _row_of(task: Task) -> RowValues:
    """A task may be looked at before a round has found it."""
    reason = reason_of_task(task.kind)
    return {"practice_id": task.practice_id, "reason": reason, "task_id": task.id, "began_at": task.opened_at}


def _row_of_request(each: Appointment) -> RowValues:
    about = {"practice_id": each.practice_id, "reason": AlertReason.REQUEST, "appointment_id": each.id}
    return {**about, "version": each.sequence, "began_at": each.changed_at}


def _take(session: Session, *which: ColumnElement[bool], by: ActedBy, now: datetime) -> None:
    taking = update(Alert).where(*which, Alert.taken_at.is_(None)).values(taken_at=now, taken_by_id=by.user_id)
    session.connection().execute(taking)
    _see(session, *which, by=by, now=now)


def _see(session: Session, *which: ColumnElement[bool], by: ActedBy, now: datetime) -> None:
    seeing = update(Alert).where(*which, Alert.seen_at.is_(None)).values(seen_at=now, seen_by_id=by.user_id)
    session.connection().execute(seeing)
