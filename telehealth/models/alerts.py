"""What waits so that staff are told of it by message: each thing once, who is told of what, and who is on duty."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.inbox.alert_steps import DAY_MINUTES, AlertTo, AlertWay
from telehealth.domain.inbox.alerting import AlertReason
from telehealth.domain.words import AppointmentStatus, Mode
from telehealth.models.appointments import Appointment
from telehealth.models.columns import Id, Instant, PracticeId, PublicId, one_of
from telehealth.models.inbox import Task
from telehealth.models.video import VideoCall

UNSEEN = text("seen_at IS NULL")
Days = Annotated[list[int], mapped_column(JSON)]


class Alert(Base):
    """One thing that waits for somebody: a task, or an appointment (of which ``version`` is its SEQUENCE).

    ``began_at`` is since when. ``seen_at`` is when somebody first opened it, or the list that it stands in, and
    ``taken_at`` when somebody said that they have it. Its task has no foreign key: a task may be about a message, and a
    message about an alert, so that keys would go round in a circle.
    """

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("task_id"),
        UniqueConstraint("appointment_id", "reason", "version"),
        CheckConstraint("(task_id IS NULL) <> (appointment_id IS NULL)", name="about_one_thing"),
        Index("ix_alert_unseen", "practice_id", "began_at", sqlite_where=UNSEEN, postgresql_where=UNSEEN),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[int] = mapped_column(BigId, ForeignKey("practice.id"))
    reason: Mapped[AlertReason] = mapped_column(one_of(AlertReason))
    task_id: Mapped[int | None] = mapped_column(BigId)
    appointment_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("appointment.id"))
    version: Mapped[int] = mapped_column(default=0)
    began_at: Mapped[Instant]
    seen_at: Mapped[Instant | None]
    seen_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    taken_at: Mapped[Instant | None]
    taken_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))

    task: Mapped[Task | None] = relationship(primaryjoin=lambda: foreign(Alert.task_id) == Task.id, viewonly=True)
    appointment: Mapped[Appointment | None] = relationship()
    call: Mapped[VideoCall | None] = relationship(
        primaryjoin=lambda: foreign(VideoCall.appointment_id) == Alert.appointment_id, viewonly=True, uselist=False
    )

    def waits(self, *, now: datetime) -> bool:
        """Whether what it is about still waits for somebody, looked at or not."""
        if self.task is not None:
            return self.task.done_at is None
        about = self.appointment
        if about is None or about.sequence != self.version:
            return False
        if self.reason == AlertReason.REQUEST:
            return about.awaits_answer(now=now)
        if now >= about.ends_at:
            return False
        if self.reason == AlertReason.ARRIVED:
            in_video = about.mode == Mode.VIRTUAL
            is_here = any(each.status == AppointmentStatus.ARRIVED for each in about.seats)
            return is_here and not (in_video and about.therapist_entered_at is not None)
        entered_at = about.therapist_entered_at
        never_came = entered_at is None or entered_at < about.room_opens_at
        is_alone = never_came or (self.call is not None and self.call.leaves_alone)
        return is_alone and about.status in {AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED}


class AlertRule(Base):
    """One step of who is told of a kind, see ``domain.inbox.alert_steps.AlertStep``. Where a practice has any of a
    kind, these alone count; where it has none, the usual ones.
    """

    __tablename__ = "alert_rule"
    __table_args__ = (CheckConstraint("minutes >= 0", name="not_negative"),)

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    reason: Mapped[AlertReason] = mapped_column(one_of(AlertReason))
    to: Mapped[AlertTo] = mapped_column(one_of(AlertTo))
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    way: Mapped[AlertWay] = mapped_column(one_of(AlertWay))
    minutes: Mapped[int]
    days: Mapped[Days]
    starts: Mapped[int] = mapped_column(default=0)
    ends: Mapped[int] = mapped_column(default=DAY_MINUTES)


class DutyTurn(Base):
    """When somebody is on duty every week: from a minute after midnight on the practice's wall to another; an end at or
    before the start is on the next day.
    """

    __tablename__ = "duty_turn"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"))
    weekday: Mapped[int]
    starts: Mapped[int]
    ends: Mapped[int]
