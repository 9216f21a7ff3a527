"""Time that is taken in a therapist's own calendar, and time that became free."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from telehealth.database import Base, BigId
from telehealth.models.columns import Id, Instant, Line, PracticeId, PublicId


class BusyInterval(Base):
    """Time taken in a therapist's own calendar: as a program reported it, or as it was read in ``entry_id`` of
    ``calendar_id``. No titles, ever. What was read in several calendars may overlap. Those near some time are read with
    ``select_busy`` of ``queries.hours.busy_intervals``, from these two indexes.
    """

    __tablename__ = "busy_interval"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        Index(None, "therapist_id", "ends_at", "starts_at"),
        Index(
            "ix_busy_interval_long",
            "therapist_id",
            "ends_at",
            "starts_at",
            sqlite_where=text("ends_at - starts_at > 86400000000"),
            postgresql_where=text("ends_at - starts_at > INTERVAL '24 hours'"),
        ),
    )

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    therapist_id: Mapped[int] = mapped_column(BigId, ForeignKey("therapist.id"))
    calendar_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("connected_calendar.id"), index=True)
    entry_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("remote_entry.id"), index=True)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]


class Closure(Base):
    """Dates on which the whole practice is closed, both inclusive, of each therapist's own calendar: nothing is offered
    on them. ``yields_to_hours``: whoever has set other hours for one of them works then. The note is for staff.
    """

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="first_day_before_last"),
        Index(None, "practice_id", "last_day"),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[int] = mapped_column(BigId, ForeignKey("practice.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    note: Mapped[Line] = mapped_column(default="")
    yields_to_hours: Mapped[bool] = mapped_column(default=False)


class FreedTime(Base):
    """Time of a therapist that became free, written down with what freed it. A tick looks at it from ``look_at`` on,
    offers it to whoever waits for it, and forgets it when nobody does.
    """

    __tablename__ = "freed_time"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),)

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    therapist_id: Mapped[int] = mapped_column(BigId, ForeignKey("therapist.id"), index=True)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    look_at: Mapped[Instant] = mapped_column(index=True)
