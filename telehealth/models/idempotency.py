"""Requests that must not count twice."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from telehealth.database import Base, BigId
from telehealth.models.columns import Id, Instant


class IdempotencyKey(Base):
    """A key that came with a booking, what was asked with it, and the appointment it made.

    Written in the booking's own transaction: a booking that failed leaves no key behind, so the client may try again.
    """

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("practice_id", "key"),)

    id: Mapped[Id]
    practice_id: Mapped[int] = mapped_column(BigId, ForeignKey("practice.id"))
    key: Mapped[str] = mapped_column(String(255))
    fingerprint: Mapped[str] = mapped_column(String(64))
    appointment_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("appointment.id"))
    created_at: Mapped[Instant] = mapped_column(index=True)
