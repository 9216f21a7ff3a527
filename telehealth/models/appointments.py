"""Booked hours, the seats in them, what they take, and what happened to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.appointments.ending import CancelledBy
from telehealth.domain.appointments.moves import Place, places_left_behind
from telehealth.domain.appointments.policies import Freedom, freedom_to_change
from telehealth.domain.appointments.states import ACTIVE
from telehealth.domain.audit_words import Actor, AuditAction
from telehealth.domain.calendar_words import CalendarAnswer
from telehealth.domain.words import AppointmentStatus, Approval, Mode, VideoKind
from telehealth.models.clients import Client, Companion
from telehealth.models.columns import (
    Address,
    ContactColumns,
    EventColumns,
    Id,
    Instant,
    LinkColumns,
    PracticeId,
    Prose,
    PublicId,
    Short,
    Words,
    ZoneName,
    one_of,
)
from telehealth.models.practices import Location, Practice, Room
from telehealth.models.services import Policy, Service
from telehealth.models.therapists import Therapist

PENDING = text("status = 'pending'")
ASKED = text("desk_goes_on_at IS NOT NULL")
PROPOSED = text("absence_proposed_at IS NOT NULL AND absence_answered_at IS NULL")


class Appointment(Base):
    """One booked hour (FHIR Appointment).

    It knows its instant (``starts_at``, ``ends_at``) and the wish behind it (``local_start`` in ``timezone``): if a
    state changes its clocks, the wish is what was agreed. ``uid`` and ``sequence`` are the iCalendar UID and
    SEQUENCE; the uid never changes and the sequence only grows. ``organizer_email`` is what the first invite said,
    and empty before: calendars refuse an update from another organiser. ``video_name`` is the unguessable name of its
    virtual room, and ``video_kind`` where it is, if that was said for this one (None: as its service says).

    ``policy`` is the version of the terms that the client agreed to. A pending one waits for a yes until
    ``expires_at``; ``answer`` is what staff wrote to the client with their no. ``overrides`` are the obstacles that
    staff set aside knowingly (``domain.words.Obstacle``), and ``override_reason`` is why. ``plan_version`` is the
    practice's at the last planning of its messages. ``asked_to_move_at`` says since when its clients are asked to
    choose another time, and ``desk_goes_on_at`` when somebody calls them if they have not: it is empty
    again from then on. ``therapist_entered_at`` is when a therapist of it first went
    into its virtual room, by our door.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        Index(None, "therapist_id", "starts_at"),
        Index(None, "practice_id", "starts_at"),
        Index("ix_appointment_pending", "expires_at", sqlite_where=PENDING, postgresql_where=PENDING),
        Index("ix_appointment_desk_goes_on", "desk_goes_on_at", sqlite_where=ASKED, postgresql_where=ASKED),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[int] = mapped_column(BigId, ForeignKey("practice.id"))
    service_id: Mapped[int] = mapped_column(BigId, ForeignKey("service.id"))
    therapist_id: Mapped[int] = mapped_column(BigId, ForeignKey("therapist.id"))
    co_therapist_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("therapist.id"), index=True)
    location_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("location.id"))
    room_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("room.id"))
    mode: Mapped[Mode] = mapped_column(one_of(Mode))
    status: Mapped[AppointmentStatus] = mapped_column(one_of(AppointmentStatus))
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    timezone: Mapped[ZoneName]
    local_start: Mapped[datetime] = mapped_column(DateTime)
    uid: Mapped[PublicId]
    sequence: Mapped[int] = mapped_column(default=0)
    organizer_email: Mapped[Address] = mapped_column(default="")
    video_name: Mapped[str] = mapped_column(String(60), unique=True)
    video_kind: Mapped[VideoKind | None] = mapped_column(one_of(VideoKind))
    policy_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("policy.id"))
    plan_version: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[Instant | None]
    asked_to_move_at: Mapped[Instant | None]
    desk_goes_on_at: Mapped[Instant | None]
    therapist_entered_at: Mapped[Instant | None]
    answer: Mapped[Prose] = mapped_column(default="")
    overrides: Mapped[Words] = mapped_column(default=list)
    override_reason: Mapped[Prose] = mapped_column(default="")
    cancel_reason: Mapped[Prose] = mapped_column(default="")
    cancelled_at: Mapped[Instant | None]
    created_at: Mapped[Instant]
    changed_at: Mapped[Instant]

    practice: Mapped[Practice] = relationship()
    service: Mapped[Service] = relationship()
    therapist: Mapped[Therapist] = relationship(foreign_keys=therapist_id)
    co_therapist: Mapped[Therapist | None] = relationship(foreign_keys=co_therapist_id)
    policy: Mapped[Policy | None] = relationship()
    location: Mapped[Location | None] = relationship()
    room: Mapped[Room | None] = relationship()
    attendees: Mapped[list[Attendee]] = relationship(back_populates="appointment", order_by="Attendee.id")
    events: Mapped[list[AppointmentEvent]] = relationship(order_by="AppointmentEvent.id")
    # Of ``CallGuest``, which knows us, and so is named here by its name alone.
    guests: Mapped[list[Any]] = relationship("CallGuest", order_by="CallGuest.id", viewonly=True)

    def is_ahead(self, *, now: datetime) -> bool:
        """Whether it is still to take place: until then it can be moved and cancelled."""
        return self.status in ACTIVE and now < self.starts_at

    def awaits_answer(self, *, now: datetime) -> bool:
        """Whether it is a request that can still be answered; one that nobody answered in time is over."""
        in_time = self.expires_at is None or now < self.expires_at
        return self.status == AppointmentStatus.PENDING and in_time

    @property
    def is_asked_to_move(self) -> bool:
        """Whether its clients are asked to choose another time, and have not."""
        return self.asked_to_move_at is not None and self.status in ACTIVE

    def freedom(self, *, now: datetime) -> Freedom:
        """What its clients may still change by the terms they agreed to. A request that nobody has answered is free,
        and so is what they are asked to move.

        The grace begins with the booking and again with each move, so that a move can be undone. In a group it begins
        with the booking alone: others who join must not renew it.
        """
        return freedom_to_change(
            self.policy if self.status != AppointmentStatus.PENDING and not self.is_asked_to_move else None,
            starts_at=self.starts_at,
            changed_at=self.created_at if self.service.is_group else self.changed_at,
            grace_minutes=self.practice.grace_minutes,
            now=now,
        )

    @property
    def places_left_behind(self) -> list[Place]:
        """Where its clients have moved it away from, as the audit has it, without what they took back, and without what
        they were asked for.
        """
        moved = [each for each in self.events if each.action == AuditAction.MOVED and each.actor == Actor.CLIENT]
        moves = [each for each in moved if not each.details.get("asked")]
        return places_left_behind((each.details["before"], each.details["after"]) for each in moves)

    @property
    def has_moves_left(self) -> bool:
        """Whether its clients may move it once more by themselves."""
        most = self.practice.most_moves if not self.is_asked_to_move else None
        return most is None or len(self.places_left_behind) < most

    def may_be_moved_online(self, *, now: datetime) -> bool:
        """Whether its clients can move it by themselves now. A seat in a group cannot be moved, and a request is taken
        back instead.
        """
        is_fixed = self.service.is_group or self.status == AppointmentStatus.PENDING
        return not is_fixed and self.is_ahead(now=now) and self.freedom(now=now) == Freedom.FREE and self.has_moves_left

    def needs_a_yes_to_move(self) -> bool:
        """Whether the practice has to agree when its clients move it: it always asks first, and has said so. Where they
        were asked to, it has agreed.
        """
        return not self.is_asked_to_move and self.practice.moves_ask_again and self.service.approval == Approval.ALWAYS

    @property
    def was_agreed_elsewhere(self) -> bool:
        """Whether its clients have moved it since the practice's yes: calendars have it where it is no more."""
        return any(each.get("status") == AppointmentStatus.BOOKED for each in self.places_left_behind)

    @property
    def room_opens_at(self) -> datetime:
        """When its virtual room opens."""
        return self.practice.room_hours.opens_at(self.starts_at)

    @property
    def room_closes_at(self) -> datetime:
        """When its virtual room closes, unless it is in use (``queries.video.doors``)."""
        return self.practice.room_hours.closes_at(self.ends_at)

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def therapists(self) -> list[Therapist]:
        """Who gives it: one, or two together."""
        return [self.therapist] if self.co_therapist is None else [self.therapist, self.co_therapist]

    @property
    def seats(self) -> list[Attendee]:
        """The attendees who have not cancelled."""
        return [each for each in self.attendees if each.status != AppointmentStatus.CANCELLED]


class Attendee(ContactColumns, LinkColumns, Base):
    """One client's seat in one appointment, with its own contact, consent, manage link and join link.

    ``public_id`` is the part of the links that names the seat; the other part is a signature, so that no secret is
    stored. ``status`` is the appointment's, unless this client cancelled or missed it alone; ``late_cancel`` marks one
    that came inside the cancellation window. ``confirmed_at`` is
    when the client first said that they will come, since it last changed, ``calendar_answer`` what their calendar last
    answered to the invite since then (some do that by themselves, so it confirms nothing), ``entered_at`` when they
    first went into the virtual room. ``met_from`` and ``met_until`` are what staff said of when they met, which counts
    before what our own room counted. ``absence_proposed_at`` is since when it is proposed that they did not come, until
    staff put that away (``absence_answered_at``) or the status says more. ``call_phone`` is where
    they last asked to be called because video does not work, at ``call_asked_at``. ``cancel_reason`` is for the
    practice alone, ``cancel_message`` what it wrote to the client. ``text_network`` is where a stranger asked for texts
    from, for counting (``domain.networks``). ``booked_by`` is who booked it online for its client. ``booked_from_id``
    is the seat with which a row of them began, each booked by the link of the one before; None for that one itself.
    """

    __tablename__ = "attendee"
    __table_args__ = (
        Index(None, "phone"),  # Who texts us is known by the number alone.
        Index(None, "text_network", "text_consent_at"),
        # Every page of the desk counts the few that wait.
        Index("ix_attendee_absence", "practice_id", sqlite_where=PROPOSED, postgresql_where=PROPOSED),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(String(36), unique=True)
    practice_id: Mapped[PracticeId]
    appointment_id: Mapped[int] = mapped_column(BigId, ForeignKey("appointment.id"), index=True)
    status: Mapped[AppointmentStatus] = mapped_column(one_of(AppointmentStatus))
    confirmed_at: Mapped[Instant | None]
    calendar_answer: Mapped[CalendarAnswer | None] = mapped_column(one_of(CalendarAnswer))
    entered_at: Mapped[Instant | None]
    met_from: Mapped[Instant | None]
    met_until: Mapped[Instant | None]
    absence_proposed_at: Mapped[Instant | None]
    absence_answered_at: Mapped[Instant | None]
    call_phone: Mapped[Short | None]
    call_asked_at: Mapped[Instant | None]
    late_cancel: Mapped[bool] = mapped_column(default=False)
    cancelled_by: Mapped[CancelledBy | None] = mapped_column(one_of(CancelledBy))
    text_network: Mapped[Short | None]
    booked_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("companion.id"), index=True)
    booked_from_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("attendee.id"), index=True)
    cancel_reason: Mapped[Prose] = mapped_column(default="")
    cancel_message: Mapped[Prose] = mapped_column(default="")
    cancelled_at: Mapped[Instant | None]

    appointment: Mapped[Appointment] = relationship(back_populates="attendees")
    client: Mapped[Client] = relationship()
    booked_by: Mapped[Companion | None] = relationship(lazy="selectin")

    @property
    def first_id(self) -> int:
        """The seat with which it began: this one, or the one by whose link, and so on, it was booked."""
        return self.booked_from_id or self.id

    @property
    def is_by_stranger(self) -> bool:
        """Whether somebody booked it of whom the practice does not know that they act for the client."""
        return self.booked_by is not None and not self.booked_by.is_known


TAKEN_BY_ONE = " + ".join(
    f"CASE WHEN {owner}_id IS NULL THEN 0 ELSE 1 END" for owner in ("appointment", "hold", "occurrence")
)
TAKEN_BY_ONE = f"{TAKEN_BY_ONE} = 1"


class Occupancy(Base):
    """One resource taken for one half-open interval. The database refuses overlaps; see the migration that made it.

    It is taken by an appointment, by a hold, or by a date of a standing slot. What a hold takes is free again at
    ``expires_at``, whether or not somebody has swept it away. ``overlap_allowed`` marks a deliberate overlap by staff:
    it may be laid over others, and nothing without the mark over it.

    A therapist's interval contains the buffers, so their rows also say from ``core_starts_at`` to ``core_ends_at`` what
    is in it without them, and the service: limits count these. Rows of clients and rooms have no buffers and leave the
    three empty.
    """

    __tablename__ = "occupancy"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint(TAKEN_BY_ONE, name="taken_by_one"),
        # The end comes first: what matters is always later than now, so the past costs nothing however long it grows.
        # The columns after the start let the index answer alone what is free, and what counts towards limits.
        Index(
            "ix_occupancy_calendar",
            "resource_id",
            "ends_at",
            "starts_at",
            "expires_at",
            "core_starts_at",
            "core_ends_at",
            "service_id",
        ),
        # The guard looks for deliberate overlaps at every insert, and there are hardly any.
        Index(
            "ix_occupancy_flagged",
            "resource_id",
            "ends_at",
            sqlite_where=text("overlap_allowed"),
            postgresql_where=text("overlap_allowed"),
        ),
    )

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    resource_id: Mapped[int] = mapped_column(BigId, ForeignKey("resource.id"))
    appointment_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("appointment.id"), index=True)
    hold_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("hold.id"), index=True)
    occurrence_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("occurrence.id"), index=True)
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    expires_at: Mapped[Instant | None]
    core_starts_at: Mapped[Instant | None]
    core_ends_at: Mapped[Instant | None]
    service_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("service.id"))
    overlap_allowed: Mapped[bool] = mapped_column(default=False)


class AppointmentEvent(EventColumns, Base):
    """One line of the audit of an appointment."""

    __tablename__ = "appointment_event"

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    appointment_id: Mapped[int] = mapped_column(BigId, ForeignKey("appointment.id"), index=True)
