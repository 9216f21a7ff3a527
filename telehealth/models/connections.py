"""Connections to calendars that therapists keep elsewhere."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.calendar_words import (
    CalendarFailure,
    CalendarKind,
    ConnectionState,
    SeenChange,
    WrittenState,
)
from telehealth.domain.icalendar import FeedDetail
from telehealth.models.appointments import Appointment
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
    Short,
    ZoneName,
    new_uuid,
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
    ``read_by`` is by which rules that was (``ReadingWindow.rules``): by others all of it is read anew.

    What is written says as much as ``writes_detail`` of who comes, the place and the way into the room where that is
    wanted, under ``writes_category``; requests stand there as tentative, or not at all. All of it was last compared
    with what is booked at ``compared_at``. After ``write_failures`` in a row, the last of which was ``write_failure``,
    nothing is written before ``write_after``. Nothing is written either while somebody is asked whether all that is
    missing there, since ``missing_since``, was taken out on purpose.
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
    read_by: Mapped[Digest | None]
    writes_detail: Mapped[FeedDetail] = mapped_column(one_of(FeedDetail), default=FeedDetail.BUSY)
    writes_place: Mapped[bool] = mapped_column(default=False)
    writes_link: Mapped[bool] = mapped_column(default=False)
    writes_requests: Mapped[bool] = mapped_column(default=True)
    writes_category: Mapped[Short] = mapped_column(default="")
    compared_at: Mapped[Instant | None]
    write_failure: Mapped[CalendarFailure | None] = mapped_column(one_of(CalendarFailure))
    write_failures: Mapped[int] = mapped_column(default=0)
    write_after: Mapped[Instant | None]
    missing_since: Mapped[Instant | None]

    connection: Mapped[CalendarConnection] = relationship(back_populates="calendars")


class RemoteEntry(Base):
    """One resource of a connected calendar as it was last read, so that only what is new has to be read again. What it
    takes are ``BusyInterval`` rows; nothing else of it is kept but how many of its events could not be read, or not
    wholly (``unread_events``): they may take time that is not known here.
    """

    __tablename__ = "remote_entry"
    __table_args__ = (UniqueConstraint("calendar_id", "remote_digest"),)

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    calendar_id: Mapped[int] = mapped_column(BigId, ForeignKey("connected_calendar.id"), index=True)
    remote_id: Mapped[Prose]
    remote_digest: Mapped[Digest]
    version: Mapped[Prose]
    unread_events: Mapped[int] = mapped_column(default=0)


class WrittenAppointment(LeasedColumns, Base):
    """An appointment as it is written into a calendar elsewhere, from when it is to be, for good.

    Its public id is the key by which it is known again there, whatever its ``uid``; ``remote_id`` and ``version`` are
    what the calendar knows it by (``domain.calendar_ports.Written``). ``wanted`` is the digest of what it is to say,
    ``digest`` of what it was last written as, from ``starts_at`` to ``ends_at``, at ``written_at`` (``writes`` times so
    far). ``tried`` are times [start, end] that it may have there as well: of attempts whose answer was lost, and (with
    "ours" after them) the last few that we gave it before.

    ``seen`` is what its therapist did to it there (WrittenState.ASKED), and the times that it has there since; it was
    found out at ``asked_at`` and told at ``told_at``. ``copied_to`` is where another copy of it stands, and
    ``is_adopted`` that its therapist moved it into this calendar, where it stays.
    """

    __tablename__ = "written_appointment"
    __table_args__ = (
        UniqueConstraint("appointment_id", "calendar_id"),
        Index("ix_written_appointment_due", "state", "due_at"),
    )

    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    appointment_id: Mapped[int] = mapped_column(BigId, ForeignKey("appointment.id"))
    calendar_id: Mapped[int] = mapped_column(BigId, ForeignKey("connected_calendar.id"), index=True)
    uid: Mapped[str] = mapped_column(String(255), unique=True, default=new_uuid)
    state: Mapped[WrittenState] = mapped_column(one_of(WrittenState), default=WrittenState.WAITING)
    remote_id: Mapped[Prose | None]
    version: Mapped[Prose | None]
    wanted: Mapped[Digest | None]
    digest: Mapped[Digest | None]
    starts_at: Mapped[Instant | None]
    ends_at: Mapped[Instant | None]
    tried: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    tries: Mapped[int] = mapped_column(default=0)
    failure: Mapped[CalendarFailure | None] = mapped_column(one_of(CalendarFailure))
    writes: Mapped[int] = mapped_column(default=0)
    written_at: Mapped[Instant | None]
    seen: Mapped[SeenChange | None] = mapped_column(one_of(SeenChange))
    seen_starts_at: Mapped[Instant | None]
    seen_ends_at: Mapped[Instant | None]
    asked_at: Mapped[Instant | None]
    told_at: Mapped[Instant | None]
    copied_to: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    is_adopted: Mapped[bool] = mapped_column(default=False)

    appointment: Mapped[Appointment] = relationship()
    calendar: Mapped[ConnectedCalendar] = relationship()


class CalendarChannel(LeasedColumns, Base):
    """A way by which a provider tells us that something in a calendar is new. It posts ``public_id`` and a token, of
    which ``token_digest`` is kept; ``remote_name`` and ``resource`` are what it is known by there, until ``ends_at``.

    It is made, renewed or stopped from ``due_at`` on, later and later after ``failures``.
    """

    __tablename__ = "calendar_channel"

    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    calendar_id: Mapped[int] = mapped_column(BigId, ForeignKey("connected_calendar.id"), unique=True)
    token_digest: Mapped[Digest | None]
    remote_name: Mapped[Line | None]
    resource: Mapped[Line | None]
    ends_at: Mapped[Instant | None]
    failures: Mapped[int] = mapped_column(default=0)

    calendar: Mapped[ConnectedCalendar] = relationship()
