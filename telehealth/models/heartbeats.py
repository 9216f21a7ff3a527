"""Who was alive when, and how far a mailbox was read: what belongs to the service, and to no practice."""

from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from telehealth.database import Base
from telehealth.models.columns import Id, Instant, Line, Short


class Heartbeat(Base):
    """When a part of the service last said that it lives: the jobs at each beat, and whoever asks whether the database
    can be written to.
    """

    __tablename__ = "heartbeat"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(40), unique=True)
    beat_at: Mapped[Instant]


class MailboxBookmark(Base):
    """How far the mailbox that answers come to was read: mails that its ``validity`` numbers, up to ``number``; and
    whose it is until ``leased_until``.
    """

    __tablename__ = "mailbox_bookmark"

    id: Mapped[Id]
    name: Mapped[Line] = mapped_column(unique=True)
    validity: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(BigInteger)
    worker: Mapped[Short | None]
    leased_until: Mapped[Instant | None]
