"""Who receives care."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.models.columns import Address, Id, Instant, Line, PracticeId, PublicId, Short
from telehealth.models.practices import Resource


class Client(Base):
    """Who receives care (FHIR Patient), known to one practice; may or may not have a login.

    ``match_key`` is the e-mail address and the name, both folded: partners who share an address stay two clients, and a
    client who types a capital letter stays one.
    """

    __tablename__ = "client"
    __table_args__ = (Index(None, "practice_id", "match_key", unique=True),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    resource_id: Mapped[int] = mapped_column(BigId, ForeignKey("resource.id"), unique=True)
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), unique=True)
    match_key: Mapped[str] = mapped_column(String(64))
    name: Mapped[Line]
    email: Mapped[Address]
    phone: Mapped[Short | None]
    timezone: Mapped[Short]
    created_at: Mapped[Instant]

    resource: Mapped[Resource] = relationship()
