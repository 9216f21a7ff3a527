"""What people agreed to, and which numbers and addresses are not written to."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.audit_words import Actor
from telehealth.domain.message_words import Channel, ConsentSource, Purpose, SuppressionReason
from telehealth.models.clients import Client
from telehealth.models.columns import Address, Id, Instant, Line, PracticeId, Prose, PublicId, one_of

IN_FORCE = text("ended_at IS NULL")


class Consent(Base):
    """One yes or no of a client's, as it was said; the latest one for a channel and purpose holds, and none is changed.

    ``wording`` is exactly what was shown or said, ``address`` the number or address that it was about.
    """

    __tablename__ = "consent"
    __table_args__ = (Index(None, "client_id", "channel", "purpose", "id"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    client_id: Mapped[int] = mapped_column(BigId, ForeignKey("client.id"))
    channel: Mapped[Channel] = mapped_column(one_of(Channel))
    purpose: Mapped[Purpose] = mapped_column(one_of(Purpose))
    is_given: Mapped[bool]
    source: Mapped[ConsentSource] = mapped_column(one_of(ConsentSource))
    wording: Mapped[Prose] = mapped_column(default="")
    address: Mapped[Address] = mapped_column(default="")
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    at: Mapped[Instant]

    client: Mapped[Client] = relationship()


class Suppression(Base):
    """A number or address that a practice does not write to on a channel, since when and why; until it has an end.

    Reasons stand side by side: START ends what STOP began, and not what staff were asked for. ``user_id`` is who was
    asked to begin it, ``ended_by`` who ended it: staff (``ended_by_id``, who said ``why_ended``), or the client with
    START.
    """

    __tablename__ = "suppression"
    __table_args__ = (
        Index(
            "uq_suppression_in_force",
            "practice_id",
            "channel",
            "address",
            "reason",
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    channel: Mapped[Channel] = mapped_column(one_of(Channel))
    address: Mapped[Address]
    reason: Mapped[SuppressionReason] = mapped_column(one_of(SuppressionReason))
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    since: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    ended_by: Mapped[Actor | None] = mapped_column(one_of(Actor))
    ended_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    why_ended: Mapped[Line] = mapped_column(default="")
