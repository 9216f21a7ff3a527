"""The outbox: what is to be said, to whom, when, and what became of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from telehealth.database import Base, BigId
from telehealth.domain.delivery.states import OPEN
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.models.alerts import Alert
from telehealth.models.appointments import Appointment, Attendee
from telehealth.models.clients import Companion
from telehealth.models.columns import Address, Id, Instant, Line, PracticeId, Prose, PublicId, Short, Words, one_of
from telehealth.models.consent import NumberCode
from telehealth.models.inbox import InboundText
from telehealth.models.therapists import Therapist
from telehealth.models.users import LoginLetter
from telehealth.models.waitlist import Offer

STILL_OPEN = text(f"status IN ({', '.join(repr(each.value) for each in OPEN)})")
TOLD = text("told_by_id IS NOT NULL")
ABOUT_ONE = " + ".join(
    f"CASE WHEN {thing} IS NULL THEN 0 ELSE 1 END"
    for thing in ("appointment_id", "offer_id", "inbound_id", "day", "login_letter_id", "alert_id", "number_code_id")
)
ABOUT_ONE = f"{ABOUT_ONE} = 1"


class MessageRule(Base):
    """When something is said, on which channel, and in which words.

    A rule belongs to the practice, or to one service, or to one client: whoever is named most narrowly and says
    anything about a kind decides all about that kind; where nobody does, ``domain.messages.rules.DEFAULTS`` decide.
    ``minutes`` counts from the start backwards for reminders and links, from the end onwards for a follow-up, from
    midnight on the therapist's wall for an agenda, and is 0 for news, which is said when the grace is over.
    ``template`` names words of the practice's own; empty for the usual ones. One that is not ``is_on`` only says that
    nothing is said.
    """

    __tablename__ = "message_rule"
    __table_args__ = (CheckConstraint("minutes >= 0", name="not_negative"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    service_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("service.id"), index=True)
    client_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("client.id"), index=True)
    kind: Mapped[MessageKind] = mapped_column(one_of(MessageKind))
    channel: Mapped[Channel] = mapped_column(one_of(Channel))
    minutes: Mapped[int] = mapped_column(default=0)
    modes: Mapped[Words]
    is_on: Mapped[bool] = mapped_column(default=True)
    template: Mapped[Short] = mapped_column(default="")


class MessageTemplate(Base):
    """Words of a practice's own for one kind of message to clients, in one language ("en", "es").

    ``name`` tells two templates of a kind apart; the empty one replaces the usual words. ``subject`` is for e-mails.
    Both are Jinja (``domain.messages.templates``) and were checked when they were saved.
    """

    __tablename__ = "message_template"
    __table_args__ = (UniqueConstraint("practice_id", "kind", "channel", "locale", "name"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    kind: Mapped[MessageKind] = mapped_column(one_of(MessageKind))
    channel: Mapped[Channel] = mapped_column(one_of(Channel))
    locale: Mapped[str] = mapped_column(String(10))
    name: Mapped[Short] = mapped_column(default="")
    subject: Mapped[Line] = mapped_column(default="")
    body: Mapped[Prose]
    changed_at: Mapped[Instant]


class Message(Base):
    """One text or e-mail to one person, a row before it is ever sent.

    Unique by what it is about, kind, channel, recipient, version and copy, so that it cannot be planned twice. It
    holds no words until it is sent (except what staff typed): they are made from the rows of that moment, and then
    kept as ``subject`` and ``body``. It is about one thing: an appointment, an offer to somebody who waits, a text
    that we got, a therapist's ``day``, a letter about a login, something that waits and staff are told
    of (``Alert``), or a code (``NumberCode``). ``recipient`` is "therapist:", "attendee:",
    "companion:", "entry:", "phone:", "user:" or "practice:" and what names them. What a companion gets is about a seat
    of the client's (``attendee_id``), or about an offer to them. ``says`` is the state of the appointment that the
    words told, so that the next change knows what its reader knows; of an alert, why it was given (``AlertReason``).
    ``minutes`` is that of the rule (``MessageRule``, ``AlertRule``) and tells two reminders of one appointment apart.
    ``copy`` is 0, and more for what replaces a message that failed: ``instead_of_id`` is the one that it replaces.
    ``told_by_id`` is the catch-up, or the alert about several things, that said what this one would have said.

    ``reason`` is why it waits, ended or goes otherwise than usual; ``domain.reasons`` has the words. Of an e-mail that
    goes instead of a text, ``text_reason`` is why the text did not. ``reason_detail`` is what only this case knows: how
    many texts a number had, or what an older version wrote in words of its own.

    ``says`` is what it says, short enough to compare (``domain.messages.told``); of a move ``told_before`` is the same
    of what its reader knew before.

    ``due_at`` is when to send, later after a failed attempt; ``not_after`` is when it stops being useful. ``unsure``
    says that an attempt ended without an answer, so the provider must be asked before the next one. ``sent_to`` is
    the number or address it went to (of an alert, it goes to), ``segments`` what a text cost.

    ``first_mail`` is only there when it is asked for (``queries.delivery.first_mails``).
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("appointment_id", "kind", "minutes", "channel", "recipient", "version", "copy"),
        UniqueConstraint("offer_id", "kind", "channel", "recipient", "version", "copy"),
        UniqueConstraint("inbound_id", "kind", "copy"),
        UniqueConstraint("therapist_id", "day", "kind", "channel", "copy"),
        UniqueConstraint("login_letter_id", "copy"),
        UniqueConstraint("number_code_id", "copy"),
        UniqueConstraint("alert_id", "kind", "minutes", "channel", "recipient", "copy"),
        CheckConstraint(ABOUT_ONE, name="about_one_thing"),
        # Only what still has to be sent is in this index: its size is the work to do, not the history.
        Index("ix_message_due", "due_at", sqlite_where=STILL_OPEN, postgresql_where=STILL_OPEN),
        Index("ix_message_sent_to", "sent_to", "sent_at"),
        Index("ix_message_log", "practice_id", "due_at"),
        Index("ix_message_told_by", "told_by_id", sqlite_where=TOLD, postgresql_where=TOLD),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[int] = mapped_column(BigId, ForeignKey("practice.id"))
    appointment_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("appointment.id"))
    offer_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("offer.id"))
    inbound_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("inbound_text.id"))
    day: Mapped[date | None]
    login_letter_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("login_letter.id"))
    alert_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("alert.id"))
    number_code_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("number_code.id"))
    attendee_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("attendee.id"), index=True)
    companion_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("companion.id"), index=True)
    therapist_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("therapist.id"))
    recipient: Mapped[str] = mapped_column(String(60))
    kind: Mapped[MessageKind] = mapped_column(one_of(MessageKind))
    channel: Mapped[Channel] = mapped_column(one_of(Channel))
    minutes: Mapped[int] = mapped_column(default=0)
    template: Mapped[Short] = mapped_column(default="")
    version: Mapped[int]
    copy: Mapped[int] = mapped_column(default=0)
    instead_of_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("message.id"))
    told_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("message.id"))
    status: Mapped[MessageStatus] = mapped_column(one_of(MessageStatus), default=MessageStatus.PLANNED)
    reason: Mapped[Reason | None] = mapped_column(one_of(Reason, 40))
    text_reason: Mapped[Reason | None] = mapped_column(one_of(Reason, 40))
    reason_detail: Mapped[Line] = mapped_column(default="")
    planned_for: Mapped[Instant]
    due_at: Mapped[Instant]
    not_after: Mapped[Instant]
    attempts: Mapped[int] = mapped_column(default=0)
    unsure: Mapped[bool] = mapped_column(default=False)
    worker: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[Instant | None]
    provider_id: Mapped[str | None] = mapped_column(String(120))
    error_code: Mapped[Short | None]
    says: Mapped[Line] = mapped_column(default="")
    told_before: Mapped[Line] = mapped_column(default="")
    sent_to: Mapped[Address] = mapped_column(default="")
    segments: Mapped[int | None]
    subject: Mapped[Line] = mapped_column(default="")
    body: Mapped[Prose] = mapped_column(default="")
    first_tried_at: Mapped[Instant | None]
    sent_at: Mapped[Instant | None]
    created_at: Mapped[Instant]
    changed_at: Mapped[Instant]

    first_mail: Mapped[str | None] = query_expression()
    appointment: Mapped[Appointment | None] = relationship()
    offer: Mapped[Offer | None] = relationship()
    inbound: Mapped[InboundText | None] = relationship()
    attendee: Mapped[Attendee | None] = relationship()
    companion: Mapped[Companion | None] = relationship()
    therapist: Mapped[Therapist | None] = relationship()
    login_letter: Mapped[LoginLetter | None] = relationship()
    alert: Mapped[Alert | None] = relationship()
    number_code: Mapped[NumberCode | None] = relationship()
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


class SenderBudget(Base):
    """How much one sender may still send now, shared by all workers: a token bucket, and a count of the last day.

    ``sender`` is the number or Messaging Service, the same for all practices that send from it.
    """

    __tablename__ = "sender_budget"

    sender: Mapped[str] = mapped_column(String(60), primary_key=True)
    tokens: Mapped[float] = mapped_column(default=0.0)
    refilled_at: Mapped[Instant]
    day_began_at: Mapped[Instant]
    sent_today: Mapped[int] = mapped_column(default=0)
