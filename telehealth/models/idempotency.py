"""Requests that must not count twice."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from telehealth.database import Base, BigId
from telehealth.models.columns import Id, Instant


class IdempotencyKey(Base):
    """A key that came with a request, what was asked with it, and the public id of what it makes: an appointment, a
    hold, a standing slot, a file of clients.

    An appointment is named before it exists, so that one statement claims the key and keeps the answer.

    Written in the request's own transaction: one that failed leaves no key behind, so the client may try again.
    """

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("practice_id", "key"),)

    id: Mapped[Id]
    practice_id: Mapped[int] = mapped_column(BigId, ForeignKey("practice.id"))
    key: Mapped[str] = mapped_column(String(255))
    fingerprint: Mapped[str] = mapped_column(String(64))
    made_public_id: Mapped[str] = mapped_column("appointment_public_id", String(36), key="made_public_id")
    created_at: Mapped[Instant] = mapped_column(index=True)
