"""When a therapist works, as wishes in wall time: instants are computed from the zone's rules when they are needed."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain import walltime
from telehealth.models.columns import Id, Instant, Line, PracticeId, PublicId, Words
from telehealth.models.practices import Location

if TYPE_CHECKING:
    from telehealth.models.therapists import Therapist  # noqa: TC004 -- SQLAlchemy finds it by its name; it imports us


class WeeklyHours(Base):
    """Hours that come back every week, or every ``every_weeks`` weeks counted from the week of ``anchor``.

    Wall time in the therapist's zone; ``weekday`` 0 is Monday; ``ends`` at or before ``starts`` runs into the next day;
    the validity dates are inclusive. ``location_id`` says where the therapist can be met in person during these hours.
    """

    __tablename__ = "weekly_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_of_a_week"),
        CheckConstraint("every_weeks >= 1", name="every_weeks_positive"),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    therapist_id: Mapped[int] = mapped_column(BigId, ForeignKey("therapist.id"), index=True)
    weekday: Mapped[int]
    starts: Mapped[time]
    ends: Mapped[time]
    modes: Mapped[Words]
    location_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("location.id"))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    every_weeks: Mapped[int] = mapped_column(default=1)
    anchor: Mapped[date | None]

    therapist: Mapped[Therapist] = relationship(back_populates="weekly_hours")
    location: Mapped[Location | None] = relationship()


class HoursOverride(Base):
    """Other hours on one date, instead of the weekly ones; no hours at all when ``starts`` is empty."""

    __tablename__ = "hours_override"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    therapist_id: Mapped[int] = mapped_column(BigId, ForeignKey("therapist.id"), index=True)
    day: Mapped[date]
    starts: Mapped[time | None]
    ends: Mapped[time | None]
    modes: Mapped[Words] = mapped_column(default=list)
    location_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("location.id"))

    therapist: Mapped[Therapist] = relationship(back_populates="overrides")
    location: Mapped[Location | None] = relationship()


class TimeOff(Base):
    """A stretch in which the therapist is away, in wall time of the therapist's zone. The note is for staff only."""

    __tablename__ = "time_off"
    __table_args__ = (CheckConstraint("starts_local < ends_local", name="starts_before_it_ends"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    therapist_id: Mapped[int] = mapped_column(BigId, ForeignKey("therapist.id"), index=True)
    starts_local: Mapped[datetime] = mapped_column(DateTime)
    ends_local: Mapped[datetime] = mapped_column(DateTime)
    note: Mapped[Line] = mapped_column(default="")

    therapist: Mapped[Therapist] = relationship(back_populates="time_off")

    @property
    def starts_at(self) -> datetime:
        """From when on the therapist is away, as an instant."""
        return walltime.resolve(self.starts_local, walltime.zone(self.therapist.timezone))

    @property
    def ends_at(self) -> datetime:
        """Until when the therapist is away, as an instant."""
        return walltime.resolve(self.ends_local, walltime.zone(self.therapist.timezone))


class BusyInterval(Base):
    """Time taken in a therapist's own calendar, as a calendar program reported it. No titles, ever."""

    __tablename__ = "busy_interval"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        Index(None, "therapist_id", "ends_at", "starts_at"),
    )

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    therapist_id: Mapped[int] = mapped_column(BigId, ForeignKey("therapist.id"))
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]


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
