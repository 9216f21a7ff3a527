"""What people text to us, and what waits for somebody at the front desk."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.calendar_words import CalendarAnswer
from telehealth.domain.message_words import ReplyMeaning, TaskKind
from telehealth.models.appointments import Attendee
from telehealth.models.clients import Client
from telehealth.models.columns import Digest, Id, Instant, Line, PracticeId, Prose, PublicId, Short, one_of
from telehealth.models.practices import Practice

IS_OPEN = text("done_at IS NULL")

Ids = Annotated[list[int], mapped_column(JSON)]


class InboundText(Base):
    """A text that somebody sent to us, as it came; a repeated delivery of it is stored once.

    ``client`` is who has this number, when that is one person; ``attendee`` is the seat that it is about. ``choices``
    are the ids of the seats that we asked "which one?" about in answer to it.
    """

    __tablename__ = "inbound_text"
    __table_args__ = (UniqueConstraint("provider_id"), Index(None, "practice_id", "sender", "received_at"))

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    provider_id: Mapped[str] = mapped_column(String(120))
    sender: Mapped[Short]
    recipient: Mapped[Short]
    body: Mapped[Prose]
    meaning: Mapped[ReplyMeaning] = mapped_column(one_of(ReplyMeaning))
    client_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("client.id"), index=True)
    attendee_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("attendee.id"))
    choices: Mapped[Ids] = mapped_column(default=list)
    received_at: Mapped[Instant]

    practice: Mapped[Practice] = relationship()
    client: Mapped[Client | None] = relationship()
    attendee: Mapped[Attendee | None] = relationship()


class InviteAnswer(Base):
    """What a calendar answered to the invite of one seat, as it came by e-mail; a repeated delivery is stored once.

    ``companion_id`` is who answered for the client, if somebody did. ``sequence`` and ``stamped_at`` are the invite's
    SEQUENCE that it answers and when it was answered there (RFC 5546 section 2.1.5). ``proposed_start`` and
    ``proposed_end`` are another time that they would like, if they named one. Anybody can write such a mail: one
    that is not ``is_proved`` changes nothing and is shown to nobody. ``digest`` is of all that tells two answers apart.
    """

    __tablename__ = "invite_answer"
    __table_args__ = (UniqueConstraint("attendee_id", "digest"),)

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    attendee_id: Mapped[int] = mapped_column(BigId, ForeignKey("attendee.id"))
    companion_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("companion.id"), index=True)
    answer: Mapped[CalendarAnswer] = mapped_column(one_of(CalendarAnswer))
    sequence: Mapped[int]
    stamped_at: Mapped[Instant]
    proposed_start: Mapped[Instant | None]
    proposed_end: Mapped[Instant | None]
    is_proved: Mapped[bool]
    digest: Mapped[Digest]
    received_at: Mapped[Instant]


class Task(Base):
    """Something that waits for somebody at the front desk. ``note`` says what was done so far, in plain words."""

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("kind", "inbound_id"),
        UniqueConstraint("kind", "message_id"),
        Index("ix_task_open", "practice_id", "opened_at", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    kind: Mapped[TaskKind] = mapped_column(one_of(TaskKind))
    is_urgent: Mapped[bool] = mapped_column(default=False)
    inbound_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("inbound_text.id"))
    message_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("message.id"))
    client_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("client.id"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("appointment.id"), index=True)
    note: Mapped[Line] = mapped_column(default="")
    opened_at: Mapped[Instant]
    done_at: Mapped[Instant | None]
    done_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))

    inbound: Mapped[InboundText | None] = relationship()
    client: Mapped[Client | None] = relationship()
