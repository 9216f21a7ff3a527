"""Slots that are kept for a short while."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.words import Mode
from telehealth.models.appointments import Appointment
from telehealth.models.columns import Id, Instant, PracticeId, PublicId, Short, one_of
from telehealth.models.practices import Location, Practice
from telehealth.models.services import Service
from telehealth.models.therapists import Therapist


class Hold(Base):
    """A slot kept until ``expires_at`` while somebody fills in a form or considers an offer.

    Its occupancy rows stand in the same guard as those of appointments. ``public_id`` is the secret that consumes it.
    ``appointment_id`` is set when it keeps a seat in a group that already stands; then it takes nothing else.
    ``extensions`` counts how often it was prolonged. ``network`` is the visitor's who keeps it, for counting
    (``domain.networks``); None for an offer to somebody who waits.
    """

    __tablename__ = "hold"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    service_id: Mapped[int] = mapped_column(BigId, ForeignKey("service.id"))
    therapist_id: Mapped[int] = mapped_column(BigId, ForeignKey("therapist.id"))
    co_therapist_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("therapist.id"))
    location_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("location.id"))
    appointment_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("appointment.id"), index=True)
    mode: Mapped[Mode] = mapped_column(one_of(Mode))
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    expires_at: Mapped[Instant] = mapped_column(index=True)
    extensions: Mapped[int] = mapped_column(default=0)
    network: Mapped[Short | None]
    created_at: Mapped[Instant]

    practice: Mapped[Practice] = relationship()
    service: Mapped[Service] = relationship()
    therapist: Mapped[Therapist] = relationship(foreign_keys=therapist_id)
    co_therapist: Mapped[Therapist | None] = relationship(foreign_keys=co_therapist_id)
    location: Mapped[Location | None] = relationship()
    appointment: Mapped[Appointment | None] = relationship()

    @property
    def therapists(self) -> list[Therapist]:
        """Who would give it: one, or two together."""
        return [self.therapist] if self.co_therapist is None else [self.therapist, self.co_therapist]

    def still_keeps(self, *, now: datetime) -> bool:
        """Whether it keeps anything still."""
        return now < self.expires_at
