"""What waits for somebody, and is no alert yet: in all practices, as rows that alerts are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, func, or_, select
from sqlalchemy.orm import aliased

from telehealth.database import RowValues, db
from telehealth.domain.audit_words import Actor, AuditAction
from telehealth.domain.inbox.alerting import LEFT_FOR, WATCHED, AlertReason, reason_of_task
from telehealth.domain.message_words import MessageKind
from telehealth.domain.video.calls import GONE_AFTER, PRESENT, CallerRole, CallerState
from telehealth.domain.words import AppointmentStatus, Mode, VideoKind
from telehealth.models import (
    Alert,
    Appointment,
    AppointmentEvent,
    Attendee,
    Caller,
    Message,
    Practice,
    Service,
    Task,
    Therapist,
    VideoCall,
)
from telehealth.queries.appointments.appointments import LONGEST_APPOINTMENT

MOST_AT_ONCE = 500
HERE = (AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED)
LEADS_ELSEWHERE = (
    func.coalesce(
        Appointment.video_kind,
        Service.video_kind,
        Therapist.video_kind,
        case((func.coalesce(Therapist.video_url, "") != "", VideoKind.FIXED.value)),
        Practice.video_kind,
        VideoKind.BUILT_IN.value,
    )
    == VideoKind.FIXED.value
)
"""Whether an appointment (joined with its practice, service and therapist) is to be behind a link that is always the
same: nobody can know who is there.
"""


def list_unwatched(*, now: datetime) -> Iterator[RowValues]:
    """Rows for ``Alert``. Urgent texts and those near a session have theirs already: they are told of at once."""
    practices = db.session.scalars(select(Practice.id)).all()
    yield from _tasks(practices, now)
    for reason, statement in (
        (AlertReason.REQUEST, _requests(practices, now)),
        (AlertReason.ARRIVED, _arrivals(practices, now)),
        (AlertReason.ARRIVED, _waiting(practices, now)),
        (AlertReason.ALONE, _alone(practices, now)),
    ):
        for row in db.session.execute(statement):
            yield {
                "practice_id": row.practice_id,
                "reason": reason,
                "appointment_id": row.id,
                "version": row.sequence,
                "began_at": row.began_at,
            }


def _tasks(practices: Sequence[int], now: datetime) -> Iterator[RowValues]:
    """A lost alert is a task and no alert: it would be lost again."""
    statement = (
        select(Task.id, Task.practice_id, Task.kind, Task.opened_at)
        .outerjoin(Message, Message.id == Task.message_id)
        .where(
            Task.practice_id.in_(practices),
            Task.done_at.is_(None),
            Task.opened_at > now - WATCHED,
            Task.is_urgent.is_(False),
            Message.kind.is_distinct_from(MessageKind.ALERT),
            ~select(Alert.id).where(Alert.task_id == Task.id).exists(),
        )
        .order_by(Task.id)
        .limit(MOST_AT_ONCE)
    )
    for row in db.session.execute(statement):
        reason = reason_of_task(row.kind)
        yield {"practice_id": row.practice_id, "reason": reason, "task_id": row.id, "began_at": row.opened_at}


def _requests(practices: Sequence[int], now: datetime) -> Any:
    """The status is written out word for word, as the partial index has it."""
    waits = Appointment.status == bindparam("waits", AppointmentStatus.PENDING, literal_execute=True)
    still = Appointment.expires_at.is_(None) | (Appointment.expires_at > now)
    began_at = Appointment.changed_at
    return _appointments(AlertReason.REQUEST, practices, began_at).where(waits, still, began_at > now - WATCHED)


def _arrivals(practices: Sequence[int], now: datetime) -> Any:
    """Who was marked as here, but by the therapist who gives it: they know. Of clients who come by video themselves
    ``_waiting`` and ``_alone`` tell.
    """
    by_themselves = (
        select(Therapist.id)
        .where(
            Therapist.user_id == AppointmentEvent.user_id,
            or_(Therapist.id == Appointment.therapist_id, Therapist.id == Appointment.co_therapist_id),
        )
        .exists()
    )
    return (
        _going_on(AlertReason.ARRIVED, practices, func.min(AppointmentEvent.at), now)
        .join(AppointmentEvent, AppointmentEvent.appointment_id == Appointment.id)
        .where(
            Appointment.status == AppointmentStatus.ARRIVED,
            AppointmentEvent.action == AuditAction.ARRIVED,
            AppointmentEvent.actor != Actor.CLIENT,
            AppointmentEvent.at > now - LONGEST_APPOINTMENT,
            ~by_themselves,
        )
        .group_by(Appointment.id, Appointment.practice_id, Appointment.sequence)
    )


def _waiting(practices: Sequence[int], now: datetime) -> Any:
    """Who is at the door of our own video room while no therapist is in."""
    return (
        _going_on(AlertReason.ARRIVED, practices, func.min(Caller.came_at), now)
        .join(VideoCall, VideoCall.appointment_id == Appointment.id)
        .join(Caller, Caller.call_id == VideoCall.id)
        .where(
            Appointment.status.in_(HERE),
            Caller.attendee_id.is_not(None),
            Caller.state == CallerState.WAITING,
            Caller.seen_at > now - GONE_AFTER,
            ~_has_in_call(is_therapist=True),
        )
        .group_by(Appointment.id, Appointment.practice_id, Appointment.sequence)
    )


def _has_in_call(*, is_therapist: bool) -> ColumnElement[bool]:
    """Whether therapists, or others, are at the door of our own room or inside."""
    present, call = aliased(Caller), aliased(VideoCall)
    of_role = (present.role == CallerRole.THERAPIST) if is_therapist else (present.role != CallerRole.THERAPIST)
    there = present.state.in_(PRESENT)
    of_call = select(present.id).join(call, present.call_id == call.id).where(call.appointment_id == Appointment.id)
    return of_call.where(of_role, there).exists()


def _therapist_left_at() -> Any:
    """When a therapist last left our own room."""
    gone, call = aliased(Caller), aliased(VideoCall)
    of_call = select(func.max(gone.left_at)).join(call, gone.call_id == call.id)
    return (
        of_call.where(call.appointment_id == Appointment.id, gone.role == CallerRole.THERAPIST)
        .correlate(Appointment)
        .scalar_subquery()
    )


def _alone(practices: Sequence[int], now: datetime) -> Any:
    """Clients in a virtual room to which their therapist has not come by our door, from the start on, or who are alone
    in our own since the therapist left it. Behind a link that is always the same nobody knows whether they are there.
    """
    is_late = Attendee.entered_at > Appointment.starts_at
    left_at = _therapist_left_at()
    opened = func.min(
        case((left_at > Appointment.starts_at, left_at), (is_late, Attendee.entered_at), else_=Appointment.starts_at)
    )
    is_left = (left_at <= now - LEFT_FOR) & _has_in_call(is_therapist=False) & ~_has_in_call(is_therapist=True)
    return (
        _going_on(AlertReason.ALONE, practices, opened, now)
        .join(Attendee, Attendee.appointment_id == Appointment.id)
        .join(Therapist, Therapist.id == Appointment.therapist_id)
        .join(Service, Service.id == Appointment.service_id)
        .join(Practice, Practice.id == Appointment.practice_id)
        .where(
            Appointment.mode == Mode.VIRTUAL,
            Appointment.status.in_(HERE),
            Attendee.status.in_(HERE),
            Attendee.entered_at > now - LONGEST_APPOINTMENT,
            or_(
                Appointment.therapist_entered_at.is_(None),
                Appointment.therapist_entered_at <= now - LONGEST_APPOINTMENT,
                is_left,
            ),
            Appointment.starts_at <= now,
            ~LEADS_ELSEWHERE,
        )
        .group_by(Appointment.id, Appointment.practice_id, Appointment.sequence)
    )


def _going_on(reason: AlertReason, practices: Sequence[int], began_at: Any, now: datetime) -> Any:
    lately = Appointment.starts_at > now - LONGEST_APPOINTMENT
    return _appointments(reason, practices, began_at).where(lately, Appointment.ends_at > now)


def _appointments(reason: AlertReason, practices: Sequence[int], began_at: Any) -> Any:  # A column, or made of some.
    known = select(Alert.id).where(
        Alert.appointment_id == Appointment.id, Alert.reason == reason, Alert.version == Appointment.sequence
    )
    return (
        select(Appointment.id, Appointment.practice_id, Appointment.sequence, began_at.label("began_at"))
        .where(Appointment.practice_id.in_(practices), ~known.exists())
        .order_by(Appointment.id)
        .limit(MOST_AT_ONCE)
    )
