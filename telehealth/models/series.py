"""Standing slots: "Tuesdays at three with Dr A, until further notice"."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.series.patterns import MonthWeek
from telehealth.domain.words import Mode, OccurrenceStatus
from telehealth.models.appointments import Appointment
from telehealth.models.clients import Client
from telehealth.models.columns import (
    ContactColumns,
    EventColumns,
    Id,
    Instant,
    Line,
    PracticeId,
    PublicId,
    ZoneName,
    one_of,
)
from telehealth.models.practices import Location, Practice
from telehealth.models.services import Service
from telehealth.models.therapists import Therapist

PLANNED = text("status = 'planned'")


class Series(Base):
    """A standing slot in wall time: every ``every_weeks`` weeks, or once a month on that one of its dates which is the
    ``week_of_month`` ("the second Tuesday"), on the weekday of ``starts_on`` at ``local_time`` in ``timezone``, until
    ``until`` (inclusive; None is "until further notice"). Its dates last ``duration_minutes``, as long as its service
    allows that; None is as long as the service usually does.

    Its dates are rows (``Occurrence``), known up to ``known_until``: they keep the time long before the appointments
    are made.
    """

    __tablename__ = "series"
    __table_args__ = (CheckConstraint("every_weeks >= 1", name="every_weeks_positive"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    service_id: Mapped[int] = mapped_column(BigId, ForeignKey("service.id"))
    therapist_id: Mapped[int] = mapped_column(BigId, ForeignKey("therapist.id"), index=True)
    co_therapist_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("therapist.id"), index=True)
    location_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("location.id"))
    mode: Mapped[Mode] = mapped_column(one_of(Mode))
    timezone: Mapped[ZoneName]
    local_time: Mapped[time]
    duration_minutes: Mapped[int | None]
    every_weeks: Mapped[int] = mapped_column(default=1)
    week_of_month: Mapped[MonthWeek | None] = mapped_column(one_of(MonthWeek))
    starts_on: Mapped[date]
    until: Mapped[date | None]
    known_until: Mapped[date | None]
    created_at: Mapped[Instant]
    changed_at: Mapped[Instant]

    practice: Mapped[Practice] = relationship()
    service: Mapped[Service] = relationship()
    therapist: Mapped[Therapist] = relationship(foreign_keys=therapist_id)
    co_therapist: Mapped[Therapist | None] = relationship(foreign_keys=co_therapist_id)
    location: Mapped[Location | None] = relationship()
    members: Mapped[list[SeriesMember]] = relationship(back_populates="series", order_by="SeriesMember.id")
    occurrences: Mapped[list[Occurrence]] = relationship(back_populates="series", order_by="Occurrence.day")
    events: Mapped[list[SeriesEvent]] = relationship(order_by="SeriesEvent.id")

    @property
    def minutes(self) -> int:
        """How long its dates last, as its service is now."""
        return self.service.keep_length(self.duration_minutes or self.service.duration_minutes)


class SeriesMember(ContactColumns, Base):
    """Who the slot belongs to: one client, a couple, or the standing members of a group. The dates are inclusive."""

    __tablename__ = "series_member"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    series_id: Mapped[int] = mapped_column(BigId, ForeignKey("series.id"), index=True)
    joined_on: Mapped[date]
    left_on: Mapped[date | None]

    series: Mapped[Series] = relationship(back_populates="members")
    client: Mapped[Client] = relationship()

    def stays(self, day: date) -> bool:
        """Whether they have not left before that date; they may not have joined yet."""
        return self.left_on is None or day <= self.left_on

    def comes_on(self, day: date) -> bool:
        """Whether that date is theirs."""
        return self.joined_on <= day and self.stays(day)


class Occurrence(Base):
    """One date of a series: ``day`` is the date it was meant for, and unique, so no two workers make it twice.

    It lasts as long as its service did when its time was taken, whatever becomes of the service: what is kept for it is
    what its appointment gets.

    PLANNED keeps its time by occupancy rows; BOOKED has an appointment, which may have been moved since; SKIPPED and
    CONFLICT keep nothing, and ``reason`` says why.
    """

    __tablename__ = "occurrence"
    __table_args__ = (
        UniqueConstraint("series_id", "day"),
        Index("ix_occurrence_planned", "starts_at", sqlite_where=PLANNED, postgresql_where=PLANNED),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    series_id: Mapped[int] = mapped_column(BigId, ForeignKey("series.id"))
    day: Mapped[date]
    starts_at: Mapped[Instant]
    duration_minutes: Mapped[int]
    status: Mapped[OccurrenceStatus] = mapped_column(one_of(OccurrenceStatus))
    reason: Mapped[Line] = mapped_column(default="")
    appointment_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("appointment.id"), unique=True)

    series: Mapped[Series] = relationship(back_populates="occurrences")
    appointment: Mapped[Appointment | None] = relationship()

    @property
    def ends_at(self) -> datetime:
        """When it is over, without buffers."""
        return self.starts_at + timedelta(minutes=self.duration_minutes)


class SeriesEvent(EventColumns, Base):
    """One line of the audit of a standing slot as a whole; what was done to its appointments is in theirs."""

    __tablename__ = "series_event"

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    series_id: Mapped[int] = mapped_column(BigId, ForeignKey("series.id"), index=True)
