"""Booked hours, the seats in them, what they take, and what happened to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, DateTime, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.words import Actor, AppointmentStatus, Mode
from telehealth.models.clients import Client
from telehealth.models.columns import Address, Id, Instant, Line, PracticeId, Prose, PublicId, Short, one_of
from telehealth.models.practices import Location, Practice, Room
from telehealth.models.services import Service
from telehealth.models.therapists import Therapist


class Appointment(Base):
    """One booked hour (FHIR Appointment).

    It knows its instant (``starts_at``, ``ends_at``) and the wish behind it (``local_start`` in ``timezone``): if a
    state changes its clocks, the wish is what was agreed. ``uid`` and ``sequence`` are the iCalendar UID and
    SEQUENCE; the uid never changes and the sequence only grows. ``organizer_email`` stays what the first invite said,
    because calendars refuse an update from another organiser. ``video_name`` is the unguessable name of its virtual
    room.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        Index(None, "therapist_id", "starts_at"),
        Index(None, "practice_id", "starts_at"),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[int] = mapped_column(BigId, ForeignKey("practice.id"))
    service_id: Mapped[int] = mapped_column(BigId, ForeignKey("service.id"))
    therapist_id: Mapped[int] = mapped_column(BigId, ForeignKey("therapist.id"))
    location_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("location.id"))
    room_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("room.id"))
    mode: Mapped[Mode] = mapped_column(one_of(Mode))
    status: Mapped[AppointmentStatus] = mapped_column(one_of(AppointmentStatus))
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    timezone: Mapped[Short]
    local_start: Mapped[datetime] = mapped_column(DateTime)
    uid: Mapped[PublicId]
    sequence: Mapped[int] = mapped_column(default=0)
    organizer_email: Mapped[Address]
    video_name: Mapped[str] = mapped_column(String(60), unique=True)
    cancel_reason: Mapped[Prose] = mapped_column(default="")
    cancelled_at: Mapped[Instant | None]
    created_at: Mapped[Instant]
    changed_at: Mapped[Instant]

    practice: Mapped[Practice] = relationship()
    service: Mapped[Service] = relationship()
    therapist: Mapped[Therapist] = relationship()
    location: Mapped[Location | None] = relationship()
    room: Mapped[Room | None] = relationship()
    attendees: Mapped[list[Attendee]] = relationship(back_populates="appointment", order_by="Attendee.id")
    events: Mapped[list[AppointmentEvent]] = relationship(order_by="AppointmentEvent.id")


class Attendee(Base):
    """One client's seat in one appointment, with its own contact, consent, manage link and join link.

    ``public_id`` is the part of the links that names the seat; the other part is a signature, so that no secret is
    stored. ``text_consent_wording`` is exactly what the client agreed to, and ``text_consent_at`` when.
    """

    __tablename__ = "attendee"

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    practice_id: Mapped[PracticeId]
    appointment_id: Mapped[int] = mapped_column(BigId, ForeignKey("appointment.id"), index=True)
    client_id: Mapped[int] = mapped_column(BigId, ForeignKey("client.id"), index=True)
    name: Mapped[Line]
    email: Mapped[Address]
    phone: Mapped[Short | None]
    timezone: Mapped[Short]
    jurisdiction: Mapped[Short | None]
    text_consent_at: Mapped[Instant | None]
    text_consent_wording: Mapped[Prose | None]

    appointment: Mapped[Appointment] = relationship(back_populates="attendees")
    client: Mapped[Client] = relationship()


class Occupancy(Base):
    """One resource taken for one half-open interval. The database refuses overlaps; see the migration that made it.

    A therapist's interval contains the buffers. ``overlap_allowed`` marks a deliberate overlap by staff.
    """

    __tablename__ = "occupancy"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        # The end comes first: what matters is always later than now, so the past costs nothing however long it grows.
        Index(None, "resource_id", "ends_at", "starts_at"),
    )

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    resource_id: Mapped[int] = mapped_column(BigId, ForeignKey("resource.id"))
    appointment_id: Mapped[int] = mapped_column(BigId, ForeignKey("appointment.id"), index=True)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    overlap_allowed: Mapped[bool] = mapped_column(default=False)


class AppointmentEvent(Base):
    """One line of the audit: what was done to an appointment, by whom, when. Never changed, never deleted."""

    __tablename__ = "appointment_event"

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    appointment_id: Mapped[int] = mapped_column(BigId, ForeignKey("appointment.id"), index=True)
    at: Mapped[Instant]
    action: Mapped[Short]
    actor: Mapped[Actor] = mapped_column(one_of(Actor))
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
