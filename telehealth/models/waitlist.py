"""Who waits for what, and what they were offered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.words import Mode, OfferStatus, WaitlistStatus
from telehealth.models.appointments import Attendee
from telehealth.models.clients import Client
from telehealth.models.columns import ContactColumns, Id, Instant, LinkColumns, PracticeId, PublicId, Words, one_of
from telehealth.models.holds import Hold
from telehealth.models.practices import Location, Practice
from telehealth.models.services import Service
from telehealth.models.therapists import Therapist

STILL_WAITING = text("status = 'waiting'")
STILL_OPEN = text("status = 'open'")

Ids = Annotated[list[int], mapped_column(JSON)]
Windows = Annotated[list[dict[str, Any]], mapped_column(JSON)]


class WaitlistEntry(ContactColumns, LinkColumns, Base):
    """A client who waits for a service until the date ``until`` (inclusive, in their own zone).

    ``therapist_ids`` is empty for "any". ``windows`` are stretches of the week in the client's wall time,
    ``{"weekday": 0, "starts": "09:00", "ends": "12:00"}`` with 0 for Monday; empty for "any time". ``replaces`` is the
    seat in a later appointment that is given up when an offer is accepted.
    """

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        Index(
            "ix_waitlist_entry_waiting",
            "practice_id",
            "service_id",
            "created_at",
            sqlite_where=STILL_WAITING,
            postgresql_where=STILL_WAITING,
        ),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    service_id: Mapped[int] = mapped_column(BigId, ForeignKey("service.id"))
    location_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("location.id"))
    modes: Mapped[Words]
    therapist_ids: Mapped[Ids]
    windows: Mapped[Windows]
    until: Mapped[date]
    replaces_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("attendee.id"))
    status: Mapped[WaitlistStatus] = mapped_column(one_of(WaitlistStatus))
    created_at: Mapped[Instant]
    changed_at: Mapped[Instant]

    practice: Mapped[Practice] = relationship()
    service: Mapped[Service] = relationship()
    location: Mapped[Location | None] = relationship()
    client: Mapped[Client] = relationship()
    replaces: Mapped[Attendee | None] = relationship()
    offers: Mapped[list[Offer]] = relationship(back_populates="entry", order_by="Offer.id")

    @property
    def state_there(self) -> str | None:
        """In which state they would be, as far as one place and no other is meant."""
        in_person = self.location is not None and self.modes == [Mode.IN_PERSON]
        return self.location.jurisdiction if in_person and self.location is not None else self.jurisdiction

    @property
    def waits_in_vain(self) -> bool:
        """Whether they would meet in one place only, and it is closed: nothing can be offered to them."""
        return self.location is not None and self.location.ended_at is not None and self.modes == [Mode.IN_PERSON]


class Offer(Base):
    """A freed slot, kept for one person who waits, until ``expires_at``. Its hold is what keeps it."""

    __tablename__ = "offer"
    __table_args__ = (
        # Nobody is asked to choose between two offers at once.
        Index("uq_offer_open", "entry_id", unique=True, sqlite_where=STILL_OPEN, postgresql_where=STILL_OPEN),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    entry_id: Mapped[int] = mapped_column(BigId, ForeignKey("waitlist_entry.id"), index=True)
    hold_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("hold.id"))
    appointment_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("appointment.id"))
    therapist_id: Mapped[int] = mapped_column(BigId, ForeignKey("therapist.id"))
    mode: Mapped[Mode] = mapped_column(one_of(Mode))
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    status: Mapped[OfferStatus] = mapped_column(one_of(OfferStatus))
    expires_at: Mapped[Instant] = mapped_column(index=True)
    created_at: Mapped[Instant]
    answered_at: Mapped[Instant | None]

    entry: Mapped[WaitlistEntry] = relationship(back_populates="offers")
    hold: Mapped[Hold | None] = relationship()
    therapist: Mapped[Therapist] = relationship()

    @property
    def therapists(self) -> list[Therapist]:
        """Who would give it: one, or two together."""
        return self.hold.therapists if self.hold is not None else [self.therapist]

    @property
    def links_version(self) -> int:
        """Its link is one of those of the wait."""
        return self.entry.links_version

    def is_open(self, *, now: datetime) -> bool:
        """Whether it can still be accepted."""
        return self.status == OfferStatus.OPEN and now < self.expires_at
