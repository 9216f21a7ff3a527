"""Who gives care, where they may, when they work (wishes in wall time: instants are computed from the zone's rules when
they are needed), and the calendar they subscribe to.
"""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain import walltime
from telehealth.domain.appointments.licences import covered_on
from telehealth.domain.appointments.openness import NewClients, find_time_for_known
from telehealth.domain.hours.absences import AbsenceKind
from telehealth.domain.words import VideoKind
from telehealth.models.columns import (
    Address,
    Digest,
    Id,
    Instant,
    Line,
    PracticeId,
    Prose,
    PublicId,
    Short,
    Words,
    ZoneName,
    one_of,
)
from telehealth.models.practices import Location, Practice, Resource
from telehealth.models.services import Service


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
    """A stretch in which the therapist is away, in wall time of the therapist's zone. The kind and the note are for
    staff only; ``is_shown``: the practice's page says meanwhile until when.
    """

    __tablename__ = "time_off"
    __table_args__ = (CheckConstraint("starts_local < ends_local", name="starts_before_it_ends"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    therapist_id: Mapped[int] = mapped_column(BigId, ForeignKey("therapist.id"), index=True)
    starts_local: Mapped[datetime] = mapped_column(DateTime)
    ends_local: Mapped[datetime] = mapped_column(DateTime)
    kind: Mapped[AbsenceKind] = mapped_column(one_of(AbsenceKind), default=AbsenceKind.TIME_OFF)
    note: Mapped[Line] = mapped_column(default="")
    is_shown: Mapped[bool] = mapped_column(default=False)

    therapist: Mapped[Therapist] = relationship(back_populates="time_off")

    @property
    def starts_at(self) -> datetime:
        """From when on the therapist is away, as an instant."""
        return walltime.resolve(self.starts_local, walltime.zone(self.therapist.timezone))

    @property
    def ends_at(self) -> datetime:
        """Until when the therapist is away, as an instant."""
        return walltime.resolve(self.ends_local, walltime.zone(self.therapist.timezone))


class Therapist(Base):
    """Who gives care (FHIR Practitioner). ``video_url`` is a fixed link of their own, if they keep one, and
    ``video_kind`` where people meet them by video (None: behind that link, or as in their practice). ``phone``
    (E.164) gets the alerts about their clients' texts, once they have proved that it is theirs (``phone_proved_at``),
    and is shown to nobody.

    ``ended_at`` takes a therapist out of booking and leaves history alone; ``leaves_on`` is the first date, of their
    own calendar, on which they are not with the practice any more. ``new_clients`` says whether people whom they have
    not met are offered their time, with ``new_clients_from`` the first date for those. ``daily_cap`` and
    ``weekly_cap`` are the most appointments on one date and in one week (from Monday) of the therapist's own calendar,
    counted by the weight of their services. ``longest_run`` is the most in a row without ``break_minutes`` between
    them. ``note_minutes`` are kept free after each for notes, if the service's own buffer is not longer. ``position``
    says where they stand on the practice's page, by name among equals; ``is_hidden``: not there, nor in lists of whom
    to choose, but with a link of their own and as the first who is free. ``photo`` is the digest of their picture.
    """

    __tablename__ = "therapist"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    resource_id: Mapped[int] = mapped_column(BigId, ForeignKey("resource.id"), unique=True)
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), unique=True)
    name: Mapped[Line]
    credential: Mapped[Short]
    email: Mapped[Address]
    phone: Mapped[Short | None]
    phone_proved_at: Mapped[Instant | None]
    timezone: Mapped[ZoneName]
    about: Mapped[Prose] = mapped_column(default="")
    modalities: Mapped[Words] = mapped_column(default=list)
    specialties: Mapped[Words] = mapped_column(default=list)
    languages: Mapped[Words] = mapped_column(default=list)
    pronouns: Mapped[Short] = mapped_column(default="")
    ages: Mapped[Words] = mapped_column(default=list)
    position: Mapped[int] = mapped_column(default=0)
    is_hidden: Mapped[bool] = mapped_column(default=False)
    photo: Mapped[Digest | None]
    video_url: Mapped[str | None] = mapped_column(String(500))
    video_kind: Mapped[VideoKind | None] = mapped_column(one_of(VideoKind))
    daily_cap: Mapped[int | None]
    weekly_cap: Mapped[int | None]
    longest_run: Mapped[int | None]
    break_minutes: Mapped[int] = mapped_column(default=15)
    note_minutes: Mapped[int] = mapped_column(default=0)
    leaves_on: Mapped[date | None]
    new_clients: Mapped[NewClients] = mapped_column(one_of(NewClients), default=NewClients.YES)
    new_clients_from: Mapped[date | None]
    ended_at: Mapped[Instant | None]

    practice: Mapped[Practice] = relationship()
    resource: Mapped[Resource] = relationship()
    services: Mapped[list[Service]] = relationship(secondary="therapist_service", order_by=Service.position)
    licences: Mapped[list[Licence]] = relationship(back_populates="therapist", order_by="Licence.jurisdiction")
    weekly_hours: Mapped[list[WeeklyHours]] = relationship(
        back_populates="therapist", order_by=(WeeklyHours.weekday, WeeklyHours.starts)
    )
    overrides: Mapped[list[HoursOverride]] = relationship(
        back_populates="therapist", order_by=(HoursOverride.day, HoursOverride.starts)
    )
    time_off: Mapped[list[TimeOff]] = relationship(back_populates="therapist", order_by=TimeOff.starts_local)

    def takes_newcomers_at(self, instant: datetime) -> bool:
        """Whether people whom they have not met are offered their time then."""
        only_known = find_time_for_known(self.new_clients, self.new_clients_from, walltime.zone(self.timezone))
        return all(not starts <= instant.timestamp() < ends for starts, ends in only_known)

    def has_left_by(self, instant: datetime) -> bool:
        """Whether they are not with the practice any more then."""
        return self.leaves_on is not None and instant > walltime.midnight(self.leaves_on, walltime.zone(self.timezone))

    def states(self, *, now: datetime) -> frozenset[str]:
        """Where they may treat today, by their own calendar: codes. The date of an appointment decides again."""
        return covered_on(self.licences, walltime.wall(now, walltime.zone(self.timezone)).date())


class Licence(Base):
    """An authority to practise in one jurisdiction, with its basis and its dates (both inclusive)."""

    __tablename__ = "licence"

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    therapist_id: Mapped[int] = mapped_column(BigId, ForeignKey("therapist.id"), index=True)
    jurisdiction: Mapped[Short]
    basis: Mapped[Short] = mapped_column(default="licence")
    number: Mapped[Line] = mapped_column(default="")
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]

    therapist: Mapped[Therapist] = relationship(back_populates="licences")
