"""Columns that many tables share."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import JSON, Dialect, Enum, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from telehealth.database import BigId, UTCDateTime
from telehealth.domain.audit_words import Actor, AuditAction, Via
from telehealth.domain.zone_places import present_name


def new_uuid() -> str:
    """A random identifier for URLs and calendars: it tells nothing about the row, its neighbours or the machine."""
    return str(uuid.uuid4())


def one_of(words: type[StrEnum], length: int = 20) -> Any:
    """A column type that holds one word of a vocabulary, as text with no database enum to migrate."""
    return Enum(
        words,
        native_enum=False,
        length=length,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )


class PresentName(TypeDecorator[str]):
    """The name of an IANA time zone, stored and read as the one that is in use today: "Asia/Calcutta", which browsers
    say, "Asia/Kolkata", and what older rows hold are one zone.
    """

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- its signature
        """Python to database."""
        return None if value is None else present_name(value)

    process_result_value = process_bind_param


Id = Annotated[int, mapped_column(BigId, primary_key=True)]
PublicId = Annotated[str, mapped_column(String(36), unique=True, default=new_uuid)]
PracticeId = Annotated[int, mapped_column(BigId, ForeignKey("practice.id"), index=True)]
Instant = Annotated[datetime, mapped_column(UTCDateTime)]
Short = Annotated[str, mapped_column(String(40))]
ZoneName = Annotated[str, mapped_column(PresentName)]
Line = Annotated[str, mapped_column(String(200))]
Address = Annotated[str, mapped_column(String(320))]
Prose = Annotated[str, mapped_column(Text)]
Folded = Annotated[str, mapped_column(Text().with_variant(Text(collation="C"), "postgresql"))]
"""Text that is compared sign by sign, and so in the same order on every database."""
Digest = Annotated[str, mapped_column(String(64))]
"""SHA-256 in hexadecimal digits."""
Words = Annotated[list[str], mapped_column(JSON)]
Numbers = Annotated[list[int], mapped_column(JSON)]


class ContactColumns:
    """How one client is reached about one thing, as typed for it: what is on file with the client stays as it was.

    ``text_consent_wording`` is exactly what the client agreed to, and ``text_consent_at`` when.
    """

    @declared_attr
    def client_id(cls) -> Mapped[int]:  # noqa: N805 -- SQLAlchemy hands over the class.
        """Whose contact it is."""
        return mapped_column(BigId, ForeignKey("client.id"), index=True)

    name: Mapped[Line]
    email: Mapped[Address]
    phone: Mapped[Short | None]
    timezone: Mapped[ZoneName]
    jurisdiction: Mapped[Short | None]
    text_consent_at: Mapped[Instant | None]
    text_consent_wording: Mapped[Prose | None]


class LeasedColumns:
    """What is carried outside the house by one worker at a time (``services.leasing``): from ``due_at`` on, by the
    ``worker`` who has it in hand until ``leased_until``.
    """

    id: Mapped[Id]
    due_at: Mapped[Instant]
    worker: Mapped[Short | None]
    leased_until: Mapped[Instant | None]


class LinkColumns:
    """What has links that are sent to people: how often they were ended. A link carries the number it was made with
    (``domain.links``), and opens nothing any more once there is a higher one.
    """

    links_version: Mapped[int] = mapped_column(default=0)


class EventColumns:
    """One line of an audit: what was done, by whom, when, from where. Never changed or deleted."""

    at: Mapped[Instant]
    action: Mapped[AuditAction] = mapped_column(one_of(AuditAction, length=40))
    actor: Mapped[Actor] = mapped_column(one_of(Actor))
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    via: Mapped[Via | None] = mapped_column(one_of(Via))
    remote_address: Mapped[Short | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
