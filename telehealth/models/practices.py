"""A practice, where it works, and what can be taken in it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.words import ResourceKind
from telehealth.models.columns import Address, Id, Instant, Line, PracticeId, Prose, PublicId, Short, one_of


class Practice(Base):
    """The tenant: a solo office, clinic, school or hospital department. Every row belongs to one.

    ``sender_name`` is what texts, e-mails and calendar entries show; it may be more neutral than ``name``, because a
    practice's name can itself reveal what kind of care somebody gets.
    """

    __tablename__ = "practice"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[Line]
    sender_name: Mapped[Line]
    email: Mapped[Address]
    phone: Mapped[Short]
    timezone: Mapped[Short]
    about: Mapped[Prose] = mapped_column(default="")
    created_at: Mapped[Instant]

    locations: Mapped[list[Location]] = relationship(back_populates="practice", order_by="Location.id")


class Location(Base):
    """A place where people meet in person, in its own zone. ``jurisdiction`` is the state it stands in ("CO")."""

    __tablename__ = "location"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    name: Mapped[Line]
    address: Mapped[Line]
    jurisdiction: Mapped[Short]
    timezone: Mapped[Short]

    practice: Mapped[Practice] = relationship(back_populates="locations")
    rooms: Mapped[list[Room]] = relationship(back_populates="location", order_by="Room.id")


class Resource(Base):
    """Anything that an appointment takes: a therapist, a room or a client. One number space, so one guard."""

    __tablename__ = "resource"

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    kind: Mapped[ResourceKind] = mapped_column(one_of(ResourceKind))


class Room(Base):
    """A room of a location."""

    __tablename__ = "room"

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    location_id: Mapped[int] = mapped_column(BigId, ForeignKey("location.id"), index=True)
    resource_id: Mapped[int] = mapped_column(BigId, ForeignKey("resource.id"), unique=True)
    name: Mapped[Line]

    location: Mapped[Location] = relationship(back_populates="rooms")
    resource: Mapped[Resource] = relationship()
