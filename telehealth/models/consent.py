"""What people agreed to, which numbers and addresses are not written to, and what clients are told, and answer, before
they meet by video.
"""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.audit_words import Actor
from telehealth.domain.message_words import Channel, ConsentSource, Purpose, SuppressionReason
from telehealth.domain.words import TelehealthAnswer, TelehealthWay
from telehealth.models.clients import Client, Companion
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
    one_of,
)

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


class NumberCode(Base):
    """A code that was texted to a ``phone`` (E.164), to prove that whoever asked for it can read what arrives there.

    The code itself is kept nowhere (``domain.messages.number_codes``). It counts for whoever brings the secret of which
    ``asked_by`` is the digest: the form that they fill in. ``tries`` were wrong so far. ``network`` is where a visitor
    asks from; for staff it is None, and ``user_id`` says who they are.
    """

    __tablename__ = "number_code"
    __table_args__ = (
        Index("ix_number_code_phone", "phone", "created_at"),
        Index("ix_number_code_practice", "practice_id", "created_at"),
        Index("ix_number_code_network", "network", "created_at"),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[int] = mapped_column(BigId, ForeignKey("practice.id"))
    phone: Mapped[Short]
    asked_by: Mapped[Digest]
    locale: Mapped[Short]
    network: Mapped[Short | None]
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[Instant]
    proved_at: Mapped[Instant | None]


class TelehealthText(Base):
    """One version of a practice's text, in each language (``texts``, by code). The latest one holds. Once somebody has
    answered it, it stays as it is, and other words are a new version. A practice without any asks the ready one, which
    becomes version 1 with the first answer.
    """

    __tablename__ = "telehealth_text"
    __table_args__ = (UniqueConstraint("practice_id", "version"),)

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    version: Mapped[int]
    texts: Mapped[dict[str, str]] = mapped_column(JSON)
    created_at: Mapped[Instant]


class TelehealthConsent(Base):
    """One answer to a version; the latest of a client's holds, and none is changed.

    ``signature`` is the name that was typed, or told to staff; ``companion_id`` who answered for the client by their
    own link. ``user_id`` is who noted it, on paper or by voice, and ``answered_at`` when it was said. ``attendee_id``
    is the seat whose link it was answered by.
    """

    __tablename__ = "telehealth_consent"
    __table_args__ = (Index(None, "client_id", "id"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    client_id: Mapped[int] = mapped_column(BigId, ForeignKey("client.id"))
    text_id: Mapped[int] = mapped_column(BigId, ForeignKey("telehealth_text.id"), index=True)
    locale: Mapped[Short]
    answer: Mapped[TelehealthAnswer] = mapped_column(one_of(TelehealthAnswer))
    way: Mapped[TelehealthWay] = mapped_column(one_of(TelehealthWay))
    signature: Mapped[Line]
    companion_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("companion.id"))
    attendee_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("attendee.id"))
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    answered_at: Mapped[Instant]
    created_at: Mapped[Instant]

    client: Mapped[Client] = relationship()
    companion: Mapped[Companion | None] = relationship()
    text: Mapped[TelehealthText] = relationship()
