"""The outbox: what is to be said, to whom, when, and what became of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.words import Channel, MessageKind, MessageStatus
from telehealth.models.appointments import Appointment, Attendee
from telehealth.models.columns import Id, Instant, Line, PracticeId, Prose, PublicId, Short, Words, one_of
from telehealth.models.therapists import Therapist
from telehealth.models.waitlist import Offer

STILL_OPEN = text("status IN ('planned', 'sending')")


class ReminderRule(Base):
    """When a practice reminds: so many minutes before the start, on one channel, for some modes."""

    __tablename__ = "reminder_rule"
    __table_args__ = (
        UniqueConstraint("practice_id", "kind", "channel", "minutes_before"),
        CheckConstraint("minutes_before > 0", name="before_the_start"),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    kind: Mapped[MessageKind] = mapped_column(one_of(MessageKind))
    channel: Mapped[Channel] = mapped_column(one_of(Channel))
    minutes_before: Mapped[int]
    modes: Mapped[Words]


class Message(Base):
    """One text or e-mail to one person, a row before it is ever sent.

    Unique by what it is about, kind, channel, recipient and version, so that it cannot be planned twice. It holds no
    words until it is sent: they are made from the rows of that moment, and then kept as ``subject`` and ``body``.
    It is about an appointment, or about an offer to somebody who waits. ``recipient`` is "therapist:" or "attendee:"
    and a public id, or "client" for an offer. ``says`` is the state of the appointment that the words told, so that the
    next change knows what its reader knows. ``minutes_before`` tells two reminders of
    one appointment apart (0 for everything that is not a reminder). ``due_at`` is when to send, later after a failed
    attempt; ``not_after`` is when it stops being useful. ``unsure`` says that an attempt ended without an answer, so
    the provider must be asked before the next one.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("appointment_id", "kind", "minutes_before", "channel", "recipient", "version"),
        UniqueConstraint("offer_id", "kind", "channel", "version"),
        CheckConstraint("(appointment_id IS NULL) <> (offer_id IS NULL)", name="about_one_thing"),
        # Only what still has to be sent is in this index: its size is the work to do, not the history.
        Index("ix_message_due", "due_at", sqlite_where=STILL_OPEN, postgresql_where=STILL_OPEN),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    appointment_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("appointment.id"))
    offer_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("offer.id"))
    attendee_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("attendee.id"))
    therapist_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("therapist.id"))
    recipient: Mapped[str] = mapped_column(String(60))
    kind: Mapped[MessageKind] = mapped_column(one_of(MessageKind))
    channel: Mapped[Channel] = mapped_column(one_of(Channel))
    minutes_before: Mapped[int] = mapped_column(default=0)
    version: Mapped[int]
    status: Mapped[MessageStatus] = mapped_column(one_of(MessageStatus), default=MessageStatus.PLANNED)
    reason: Mapped[Line] = mapped_column(default="")
    planned_for: Mapped[Instant]
    due_at: Mapped[Instant]
    not_after: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(default=0)
    unsure: Mapped[bool] = mapped_column(default=False)
    worker: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[Instant | None]
    provider_id: Mapped[str | None] = mapped_column(String(120), index=True)
    error_code: Mapped[Short | None]
    says: Mapped[Line] = mapped_column(default="")
    subject: Mapped[Line] = mapped_column(default="")
    body: Mapped[Prose] = mapped_column(default="")
    first_tried_at: Mapped[Instant | None]
    sent_at: Mapped[Instant | None]
    created_at: Mapped[Instant]
    changed_at: Mapped[Instant]

    appointment: Mapped[Appointment | None] = relationship()
    offer: Mapped[Offer | None] = relationship()
    attendee: Mapped[Attendee | None] = relationship()
    therapist: Mapped[Therapist | None] = relationship()
    events: Mapped[list[MessageEvent]] = relationship(order_by="MessageEvent.id")


class MessageEvent(Base):
    """What a provider reported about a message, as it came. A repeated report is stored once."""

    __tablename__ = "message_event"
    __table_args__ = (UniqueConstraint("message_id", "provider_id", "provider_status"),)

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    message_id: Mapped[int] = mapped_column(BigId, ForeignKey("message.id"))
    provider_id: Mapped[str] = mapped_column(String(120))
    provider_status: Mapped[Short]
    error_code: Mapped[Short | None]
    received_at: Mapped[Instant]
    raw: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
