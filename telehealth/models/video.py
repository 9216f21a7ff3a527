"""Calls in our own virtual room: who is in them, and what their browsers have to tell each other; and the video
services elsewhere that practices use.
"""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.ports import VideoFailure
from telehealth.domain.video.calls import PRESENT, CallerRole, CallerState, GuestKind
from telehealth.domain.video.rooms import RoomState
from telehealth.domain.video.whereabouts import LicenceDecision
from telehealth.domain.words import VideoKind
from telehealth.models.appointments import Appointment, Attendee
from telehealth.models.columns import (
    Address,
    Digest,
    Id,
    Instant,
    LeasedColumns,
    Line,
    LinkColumns,
    PracticeId,
    Prose,
    PublicId,
    Short,
    one_of,
)

IS_PRESENT = text("state IN ('waiting', 'admitted')")


class VideoCall(Base):
    """What goes on in the virtual room of one appointment, from when the first one came.

    ``is_locked``: nobody new is let in. ``note`` is what whoever waits reads from the therapist ("five minutes,
    please"), since ``noted_at``. ``timer_ends_at`` is up to when a therapist's timer runs; the others see it where it
    ``is_timer_shared``. A therapist ended it for everybody at ``ended_at``.
    """

    __tablename__ = "video_call"

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    appointment_id: Mapped[int] = mapped_column(BigId, ForeignKey("appointment.id"), unique=True)
    is_locked: Mapped[bool] = mapped_column(default=False)
    note: Mapped[Prose] = mapped_column(default="")
    noted_at: Mapped[Instant | None]
    timer_ends_at: Mapped[Instant | None]
    is_timer_shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]

    appointment: Mapped[Appointment] = relationship()
    callers: Mapped[list[Caller]] = relationship(back_populates="call", order_by="Caller.id")

    @property
    def leaves_alone(self) -> bool:
        """Whether somebody is at its door or inside, and no therapist is."""
        present = [each.role for each in self.callers if each.state in PRESENT]
        return bool(present) and CallerRole.THERAPIST not in present


class Caller(Base):
    """Somebody at the door of a call, or in it: on one device at a time, the ``device``-th that they came with, which
    proves itself with a key of which ``key_digest`` is kept.

    ``whom`` names the row of whoever it is: ``attendee:``, ``companion:``, ``user:`` or ``guest:`` and the public id
    (of a user the id). ``name`` is what the others read. ``came_at`` is when they came last, ``seen_at`` when they were
    last heard of. ``last_number`` is that of the last signal which was taken from the device: what it sends again was
    taken already, and may have been fetched and forgotten since. ``hand_at``: since when they want to speak.
    ``cannot_speak``: somebody is with them. ``guest_kind`` is as what a guest was invited.
    """

    __tablename__ = "caller"
    __table_args__ = (
        UniqueConstraint("call_id", "whom"),
        # Whoever is there is looked for all the time, and is one among all who ever came.
        Index("ix_caller_present", "seen_at", sqlite_where=IS_PRESENT, postgresql_where=IS_PRESENT),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    call_id: Mapped[int] = mapped_column(BigId, ForeignKey("video_call.id"))
    whom: Mapped[Line]
    role: Mapped[CallerRole] = mapped_column(one_of(CallerRole))
    attendee_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("attendee.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    name: Mapped[Line]
    state: Mapped[CallerState] = mapped_column(one_of(CallerState))
    device: Mapped[int] = mapped_column(default=0)
    key_digest: Mapped[Digest] = mapped_column(default="")
    last_number: Mapped[int] = mapped_column(default=0)
    came_at: Mapped[Instant]
    admitted_at: Mapped[Instant | None]
    seen_at: Mapped[Instant]
    left_at: Mapped[Instant | None]
    hand_at: Mapped[Instant | None]
    cannot_speak: Mapped[bool] = mapped_column(default=False)
    guest_kind: Mapped[GuestKind | None] = mapped_column(one_of(GuestKind))

    call: Mapped[VideoCall] = relationship(back_populates="callers")
    attendee: Mapped[Attendee | None] = relationship()


class CallVisit(Base):
    """Somebody inside a call, from ``began_at`` until ``ended_at``: what face-to-face time is counted from."""

    __tablename__ = "call_visit"

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    caller_id: Mapped[int] = mapped_column(BigId, ForeignKey("caller.id"), index=True)
    began_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]

    caller: Mapped[Caller] = relationship()


class CallSignal(Base):
    """What one device has to tell another, until that one has fetched it, or the call is over. ``body`` is JSON that
    only browsers read; ``number`` counts what the sender's device has sent.
    """

    __tablename__ = "call_signal"
    __table_args__ = (
        UniqueConstraint("sender_id", "sender_device", "number"),
        Index(None, "recipient_id", "id"),
        # A number is never used again: a device says up to which one it has fetched, and may say so twice.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    sender_id: Mapped[int] = mapped_column(BigId, ForeignKey("caller.id"))
    sender_device: Mapped[int]
    recipient_id: Mapped[int] = mapped_column(BigId, ForeignKey("caller.id"))
    recipient_device: Mapped[int]
    number: Mapped[int]
    body: Mapped[Prose]
    created_at: Mapped[Instant]


class CallGuest(LinkColumns, Base):
    """Somebody who is invited to the call of one appointment by a link of their own: an interpreter, a school
    counsellor. ``name`` is what everybody reads, ``invited_by_id`` the member of staff who did. ``email`` is empty
    where they were given the link otherwise; ``locale`` is the language they read.
    """

    __tablename__ = "call_guest"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    appointment_id: Mapped[int] = mapped_column(BigId, ForeignKey("appointment.id"), index=True)
    name: Mapped[Line]
    kind: Mapped[GuestKind] = mapped_column(one_of(GuestKind))
    email: Mapped[Address] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(String(10), default="en")
    invited_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    created_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]

    appointment: Mapped[Appointment] = relationship()


class VideoConnection(Base):
    """A video service elsewhere that a practice uses: one of each kind.

    ``settings`` are what it is told by name and everybody of the desk may read; ``secret`` is JSON sealed for this row
    (``domain.sealing``, place "video_connection.secret:" and the public id). With ``ended_at`` it is not used any more,
    and its secret is forgotten.
    """

    __tablename__ = "video_connection"
    __table_args__ = (UniqueConstraint("practice_id", "kind"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    kind: Mapped[VideoKind] = mapped_column(one_of(VideoKind))
    address: Mapped[Prose] = mapped_column(default="")
    settings: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class RoomElsewhere(LeasedColumns, Base):
    """The room of one appointment at a video service where one has to be made (``domain.video.rooms``), from when it is
    wanted until it is given back.

    It can be entered, or is to be, from ``opens_at`` to ``closes_at``, and is wanted so since ``wanted_at``.
    ``remote_id`` and ``facts`` are what the service said when it made the room. ``tries`` counts attempts since the
    last that went well, ``failure`` says why the last one did not, and staff were told of that at ``told_at``.
    """

    __tablename__ = "room_elsewhere"
    __table_args__ = (
        UniqueConstraint("appointment_id", "connection_id"),
        Index(None, "state", "due_at"),
    )

    practice_id: Mapped[PracticeId]
    appointment_id: Mapped[int] = mapped_column(BigId, ForeignKey("appointment.id"))
    connection_id: Mapped[int] = mapped_column(BigId, ForeignKey("video_connection.id"), index=True)
    state: Mapped[RoomState] = mapped_column(one_of(RoomState))
    opens_at: Mapped[Instant]
    closes_at: Mapped[Instant]
    wanted_at: Mapped[Instant]
    remote_id: Mapped[Line | None]
    facts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    tries: Mapped[int] = mapped_column(default=0)
    failure: Mapped[VideoFailure | None] = mapped_column(one_of(VideoFailure))
    told_at: Mapped[Instant | None]

    appointment: Mapped[Appointment] = relationship()
    connection: Mapped[VideoConnection] = relationship()


class Whereabouts(Base):
    """Where a client said they are before a video appointment, and the number to call them back at: as often as they
    say it, and the latest holds.

    ``jurisdiction`` is None outside the United States. ``companion_id`` is who said it for the client. Where a
    therapist has no licence there, ``decision`` is what one decided, with their ``decision_reason``.
    """

    __tablename__ = "whereabouts"
    __table_args__ = (Index(None, "practice_id", "said_at"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[int] = mapped_column(BigId, ForeignKey("practice.id"))
    attendee_id: Mapped[int] = mapped_column(BigId, ForeignKey("attendee.id"), index=True)
    companion_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("companion.id"))
    jurisdiction: Mapped[Short | None]
    place: Mapped[Line]
    phone: Mapped[Short]
    cannot_speak: Mapped[bool] = mapped_column(default=False)
    said_at: Mapped[Instant]
    decision: Mapped[LicenceDecision | None] = mapped_column(one_of(LicenceDecision))
    decision_reason: Mapped[Prose] = mapped_column(default="")
    decided_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    decided_at: Mapped[Instant | None]

    attendee: Mapped[Attendee] = relationship()
