"""Who was alive when."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from telehealth.database import Base
from telehealth.models.columns import Id, Instant


class Heartbeat(Base):
    """When a part of the service last said that it lives: the jobs at each beat, and whoever asks whether the database
    can be written to.
    """

    __tablename__ = "heartbeat"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(40), unique=True)
    beat_at: Mapped[Instant]
