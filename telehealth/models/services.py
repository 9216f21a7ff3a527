"""What can be booked, and with whom."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from telehealth.database import Base, BigId
from telehealth.domain.words import ServiceKind
from telehealth.models.columns import Id, Instant, Line, PracticeId, Prose, PublicId, Words, one_of


class Service(Base):
    """What can be booked (FHIR HealthcareService). Durations are minutes, the horizon is days.

    ``ended_at`` closes a service without touching what was booked before.
    """

    __tablename__ = "service"
    __table_args__ = (
        CheckConstraint("duration_minutes > 0", name="duration_positive"),
        CheckConstraint("step_minutes > 0", name="step_positive"),
        CheckConstraint("buffer_before_minutes >= 0 AND buffer_after_minutes >= 0", name="buffers_not_negative"),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    kind: Mapped[ServiceKind] = mapped_column(one_of(ServiceKind))
    name: Mapped[Line]
    description: Mapped[Prose] = mapped_column(default="")
    duration_minutes: Mapped[int]
    buffer_before_minutes: Mapped[int] = mapped_column(default=0)
    buffer_after_minutes: Mapped[int] = mapped_column(default=0)
    step_minutes: Mapped[int] = mapped_column(default=15)
    notice_minutes: Mapped[int] = mapped_column(default=0)
    horizon_days: Mapped[int] = mapped_column(default=60)
    modes: Mapped[Words]
    position: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[Instant | None]


class TherapistService(Base):
    """A therapist gives a service."""

    __tablename__ = "therapist_service"

    therapist_id: Mapped[int] = mapped_column(BigId, ForeignKey("therapist.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(BigId, ForeignKey("service.id"), primary_key=True, index=True)
