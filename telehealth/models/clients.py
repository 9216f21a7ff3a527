"""Who receives care."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import relationship as orm_relationship

from telehealth.database import Base, BigId
from telehealth.domain.client_facts import Booking
from telehealth.domain.companions import MessagesTo, Relationship, find_turning_away
from telehealth.domain.links import new_public_id
from telehealth.models.columns import (
    Address,
    Folded,
    Id,
    Instant,
    Line,
    LinkColumns,
    PracticeId,
    Prose,
    PublicId,
    Short,
    Words,
    ZoneName,
    one_of,
)
from telehealth.models.practices import Resource

IS_MERGED = text("merged_into_id IS NOT NULL")


class Client(LinkColumns, Base):
    """Who receives care (FHIR Patient), known to one practice; may or may not have a login.

    ``match_key`` is the e-mail address and the name, both folded: partners who share an address stay two clients, and
    a client who types a capital letter stays one.

    ``known_at`` is since when the practice knows that this name belongs to this address: staff entered it, said yes to
    its request, or saw its owner come. Until then messages do not name them: anybody can type a name and an address.

    ``locale`` is the language of messages ("en", "es"). ``code_name`` is what messages call them instead of their
    name; ``safe_email`` and ``safe_phone`` are where messages go, whatever was typed for an appointment;
    ``contact_note`` is for staff only ("call before five"). The links of its own are those that end e-mails.

    From ``born_on`` to ``may_book`` it is what staff keep of them (``ClientFacts``): clients read nothing of it.
    ``erased_at`` is when all that tells who they are was erased; what counts for statistics stays.
    ``merged_into_id`` is the record that this one leads to: it was of the same person, and is not shown any more.
    ``search_text`` is what staff find them by (``make_search_text``). Every search reads it of all clients of a
    practice: that grows with their number, and needs no extension of any database.
    """

    __tablename__ = "client"
    __table_args__ = (
        Index(None, "practice_id", "match_key", unique=True),
        Index("ix_client_merged", "merged_into_id", sqlite_where=IS_MERGED, postgresql_where=IS_MERGED),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    resource_id: Mapped[int] = mapped_column(BigId, ForeignKey("resource.id"), unique=True)
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"), unique=True)
    match_key: Mapped[str] = mapped_column(String(64))
    name: Mapped[Line]
    email: Mapped[Address]
    phone: Mapped[Short | None] = mapped_column(index=True)
    timezone: Mapped[ZoneName]
    locale: Mapped[str] = mapped_column(String(10), default="en")
    code_name: Mapped[Line] = mapped_column(default="")
    safe_email: Mapped[Address | None]
    safe_phone: Mapped[Short | None] = mapped_column(index=True)
    contact_note: Mapped[Prose] = mapped_column(default="")
    known_at: Mapped[Instant | None]
    created_at: Mapped[Instant]
    born_on: Mapped[date | None]
    pronouns: Mapped[Short] = mapped_column(default="")
    tags: Mapped[Words] = mapped_column(default=list)
    emergency_contact: Mapped[Line] = mapped_column(default="")
    desk_note: Mapped[Prose] = mapped_column(default="")
    may_book: Mapped[Booking] = mapped_column(one_of(Booking), default=Booking.ONLINE)
    search_text: Mapped[Folded] = mapped_column(default="")
    merged_into_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("client.id"))
    erased_at: Mapped[Instant | None]

    resource: Mapped[Resource] = orm_relationship()
    companions: Mapped[list[Companion]] = orm_relationship(back_populates="client", order_by="Companion.id")


class Companion(LinkColumns, Base):
    """Somebody who acts for a client (FHIR RelatedPerson): a parent, a guardian, a partner, a case manager.

    ``email`` or ``phone`` may be empty, not both. ``locale`` is the language they read. ``messages_to`` says whether
    they get the messages about the client's appointments, ``may_change`` whether they may confirm, move and cancel.
    ``text_consent_at`` is when they agreed to texts, to exactly ``text_consent_wording``. ``known_at`` is since when
    the practice knows that they act for the client: staff wrote it down. Until then they have to do with nothing but
    what they booked themselves (``Attendee.booked_by``), and messages do not name them: anybody can type a name.
    Whoever does not act for the client any more has an ``ended_at``, and the row stays. Their links are those of the
    client's seats with their own id in it, and end with either's.
    """

    __tablename__ = "companion"

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(String(36), unique=True, default=new_public_id)
    practice_id: Mapped[PracticeId]
    client_id: Mapped[int] = mapped_column(BigId, ForeignKey("client.id"), index=True)
    name: Mapped[Line]
    relationship: Mapped[Relationship] = mapped_column(one_of(Relationship))
    email: Mapped[Address] = mapped_column(default="")
    phone: Mapped[Short | None] = mapped_column(index=True)
    locale: Mapped[str] = mapped_column(String(10), default="en")
    messages_to: Mapped[MessagesTo] = mapped_column(one_of(MessagesTo), default=MessagesTo.CLIENT)
    may_change: Mapped[bool] = mapped_column(default=True)
    text_consent_at: Mapped[Instant | None]
    text_consent_wording: Mapped[Prose | None]
    known_at: Mapped[Instant | None]
    created_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]

    client: Mapped[Client] = orm_relationship(back_populates="companions")

    @property
    def is_known(self) -> bool:
        """Whether the practice knows that they act for the client."""
        return self.known_at is not None

    @property
    def turned_away_at(self) -> datetime | None:
        """When staff ended somebody at their address or number as not known, while they are not known themselves."""
        return None if self.is_known else find_turning_away(self, self.client.companions)

    @property
    def wants_texts(self) -> bool:
        """Whether they agreed to texts."""
        return self.text_consent_at is not None


class ClientMerge(Base):
    """Two records of one client that were made into one, so that it can be undone for a while.

    ``moved`` are the ids of the rows that changed hands, by table. ``before`` and ``after`` are the values of the kept
    record that changed, as JSON has them; ``is_told`` until they are emptied, and it cannot be undone. ``refusals``
    are the ids of the noes that were written down again, because the stricter one holds.
    """

    __tablename__ = "client_merge"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    kept_id: Mapped[int] = mapped_column(BigId, ForeignKey("client.id"), index=True)
    merged_id: Mapped[int] = mapped_column(BigId, ForeignKey("client.id"), index=True)
    moved: Mapped[dict[str, list[int]]] = mapped_column(JSON)
    refusals: Mapped[list[int]] = mapped_column(JSON)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_told: Mapped[bool] = mapped_column(default=True)
    at: Mapped[Instant]
    undone_at: Mapped[Instant | None]

    kept: Mapped[Client] = orm_relationship(foreign_keys=kept_id)
    merged: Mapped[Client] = orm_relationship(foreign_keys=merged_id)


class ClientErasure(Base):
    """That somebody wants a client's record erased, and what became of it. ``reason`` is why before its time; it is
    emptied when the record is. It ends with ``erased_at`` or ``withdrawn_at``, or lapses.
    """

    __tablename__ = "client_erasure"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    client_id: Mapped[int] = mapped_column(BigId, ForeignKey("client.id"), index=True)
    asked_by_id: Mapped[int] = mapped_column(BigId, ForeignKey("user.id"))
    agreed_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    reason: Mapped[Prose] = mapped_column(default="")
    asked_at: Mapped[Instant]
    erased_at: Mapped[Instant | None]
    withdrawn_at: Mapped[Instant | None]

    client: Mapped[Client] = orm_relationship()
