"""Connections to calendars that therapists keep elsewhere."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind, ConnectionState
from telehealth.models.columns import (
    Address,
    Digest,
    Id,
    Instant,
    LeasedColumns,
    Line,
    PracticeId,
    Prose,
    PublicId,
    ZoneName,
    one_of,
)
from telehealth.models.therapists import Therapist


class CalendarConnection(LeasedColumns, Base):
    """One account elsewhere, or one private address, of one therapist.

    ``secret`` is JSON sealed for this row (``domain.sealing``, place "calendar_connection.secret:" and the public id):
    what ``CalendarAccess.secrets`` holds. ``address`` is the server's, or the host of a private address; never secret.

    ``synced_at`` is when it was last read well, ``failing_since`` since when it is not, after ``failures`` tries; its
    therapist was told at ``warned_at``.
    """

    __tablename__ = "calendar_connection"
    __table_args__ = (Index("ix_calendar_connection_due", "state", "due_at"),)

    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    therapist_id: Mapped[int] = mapped_column(BigId, ForeignKey("therapist.id"), index=True)
    kind: Mapped[CalendarKind] = mapped_column(one_of(CalendarKind))
    name: Mapped[Line]
    address: Mapped[Line] = mapped_column(default="")
    username: Mapped[Address] = mapped_column(default="")
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[ConnectionState] = mapped_column(one_of(ConnectionState), default=ConnectionState.NEW)
    failure: Mapped[CalendarFailure | None] = mapped_column(one_of(CalendarFailure))
    created_at: Mapped[Instant]
    tried_at: Mapped[Instant | None]
    synced_at: Mapped[Instant | None]
    failing_since: Mapped[Instant | None]
    failures: Mapped[int] = mapped_column(default=0)
    warned_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]

    therapist: Mapped[Therapist] = relationship()
    calendars: Mapped[list[ConnectedCalendar]] = relationship(
        back_populates="connection", order_by="ConnectedCalendar.id"
    )


class ConnectedCalendar(Base):
    """One calendar of a connection: whether what stands in it takes time here (``blocks``), and whether appointments
    are written into it (``is_written``; one for each therapist at most).

    ``token``, ``version`` and ``modified`` are how far it was read (``domain.calendar_ports.Bookmark``), and
    ``read_whole_at`` when all of it was read last: what comes back for ever is counted up to a horizon, which moves on.
    """

    __tablename__ = "connected_calendar"
    __table_args__ = (UniqueConstraint("connection_id", "remote_digest"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    connection_id: Mapped[int] = mapped_column(BigId, ForeignKey("calendar_connection.id"), index=True)
    remote_id: Mapped[Prose]
    remote_digest: Mapped[Digest]
    name: Mapped[Line]
    zone: Mapped[ZoneName | None]
    can_write: Mapped[bool] = mapped_column(default=False)
    blocks: Mapped[bool] = mapped_column(default=True)
    is_written: Mapped[bool] = mapped_column(default=False)
    token: Mapped[Prose | None]
    version: Mapped[Prose | None]
    modified: Mapped[Line | None]
    read_whole_at: Mapped[Instant | None]

    connection: Mapped[CalendarConnection] = relationship(back_populates="calendars")


class RemoteEntry(Base):
    """One resource of a connected calendar as it was last read, so that only what is new has to be read again. What it
    takes are ``BusyInterval`` rows; nothing else of it is kept.
    """

    __tablename__ = "remote_entry"
    __table_args__ = (UniqueConstraint("calendar_id", "remote_digest"),)

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    calendar_id: Mapped[int] = mapped_column(BigId, ForeignKey("connected_calendar.id"), index=True)
    remote_id: Mapped[Prose]
    remote_digest: Mapped[Digest]
    version: Mapped[Prose]
