"""A practice, where it works, and what can be taken in it."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.appointments.joining import USUAL, RoomHours
from telehealth.domain.audit_words import AuditSubject
from telehealth.domain.calendar_words import WhenUnread
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.inbox.alerting import StaffAlerts
from telehealth.domain.messages.discretion import Discretion
from telehealth.domain.words import LateChange, VideoKind
from telehealth.models.columns import (
    Address,
    Digest,
    EventColumns,
    Id,
    Instant,
    Line,
    PracticeId,
    Prose,
    PublicId,
    Short,
    Words,
    ZoneName,
    one_of,
)


class Practice(Base):
    """The tenant: a solo office, clinic, school or hospital department. Every row belongs to one.

    ``sender_name`` is what texts, e-mails and calendar entries show; it may be more neutral than ``name``, because a
    practice's name can itself reveal what kind of care somebody gets. ``about``, ``web_links`` (addresses) and
    ``languages`` (their names) are for its own page; ``logo`` is the digest of its picture, and
    ``accent`` the colour (#rrggbb) of its pages. ``window_minutes``, ``when_late`` and ``terms`` are those of services
    that have none of their own (see Policy).

    ``grace_minutes`` is how long nothing is said after a change, so that move-and-undo tells nobody. ``hold_minutes``
    is how long a chosen slot is kept while somebody types, ``offer_minutes`` how long one is kept for somebody from
    the waitlist, ``quiet_minutes`` how long a freed time rests before it is offered. ``series_weeks`` is how far ahead
    the appointments of standing slots are made. ``no_show_minutes`` is how long after its start a client who has not
    come to our video room is waited for, before it is proposed to mark that.

    ``texts_from`` and ``texts_until`` are minutes after midnight on the client's wall: nobody is texted outside them.
    ``text_countries`` are codes of the countries whose numbers are texted; empty: its own (``domain.consent.texting``).
    ``texts_a_day`` is how many texts one number gets in 24 hours at most. ``names_988``: our answers name
    the crisis line to everybody who texts. ``text_sender`` is the practice's own number
    (E.164) or Messaging Service (``MG…``), when it does not share the installation's. ``takes_phone_only``: staff may
    enter clients without an e-mail address, and ``books_phone_only``: so may whoever books online, with a number that
    they prove. ``when_minor`` says whether a minor for whom somebody has to act is booked by, or with, whoever does.
    ``most_moves`` is how often a client may move one appointment online (None: no limit), and
    ``moves_ask_again`` whether one of a service that always needs a yes needs it again when its client moves it.
    ``video_kind`` is where people meet by video (None: as the installation says; ``domain.video.kinds``). Their room
    opens ``room_opens_minutes`` before the start, and stays open for ``room_stays_minutes`` after the end.
    ``waiting_words`` and ``waiting_words_spanish`` are read before its video room; empty: a calm page.
    ``plan_version`` grows with every change of a message rule; an appointment that was planned under an older one is
    planned anew.

    ``second_step_since`` is from when everybody has to sign in with two steps; None: whoever wants to.
    Records of clients are kept ``kept_years`` after the last contact, and ``kept_years_of_minors`` after they came of
    age (``domain.keeping``).
    A sign-in of staff ends ``idle_minutes`` after the last click, and ``sign_in_hours`` after it began.

    ``busy_before_minutes`` and ``busy_after_minutes`` are kept free around what is taken in therapists' own calendars,
    where what they have only half accepted takes time, too, if ``tentative_is_busy``. When one was not read for
    ``unread_hours``, ``when_unread`` says what holds (``services.calendars.syncing``).

    ``alerts`` says which texts of clients' are told to staff at once, ``alert_phone`` (E.164) is a number of the
    practice's that hears of all of them. ``crisis_phone`` (E.164) is a number that clients in a crisis may call, and
    ``crisis_about`` says who answers it when. ``asks_telehealth_consent``: clients agree to a text before they meet by
    video (``domain.consent.telehealth``). ``zone_data`` is the
    release of the zone data by which the times of what is booked were last looked through. The list of first steps is
    shown until it is put away (``domain.first_steps``).
    """

    __tablename__ = "practice"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[Line]
    sender_name: Mapped[Line]
    email: Mapped[Address]
    phone: Mapped[Short]
    timezone: Mapped[ZoneName]
    about: Mapped[Prose] = mapped_column(default="")
    web_links: Mapped[Words] = mapped_column(default=list)
    languages: Mapped[Words] = mapped_column(default=list)
    logo: Mapped[Digest | None]
    accent: Mapped[str | None] = mapped_column(String(7))
    window_minutes: Mapped[int] = mapped_column(default=24 * 60)
    when_late: Mapped[LateChange] = mapped_column(one_of(LateChange), default=LateChange.MARK)
    terms: Mapped[Prose] = mapped_column(default="")
    grace_minutes: Mapped[int] = mapped_column(default=3)
    no_show_minutes: Mapped[int] = mapped_column(default=15)
    hold_minutes: Mapped[int] = mapped_column(default=10)
    offer_minutes: Mapped[int] = mapped_column(default=120)
    quiet_minutes: Mapped[int] = mapped_column(default=5)
    series_weeks: Mapped[int] = mapped_column(default=10)
    texts_from: Mapped[int] = mapped_column(default=8 * 60)
    texts_until: Mapped[int] = mapped_column(default=21 * 60)
    texts_a_day: Mapped[int] = mapped_column(default=6)
    text_countries: Mapped[Words] = mapped_column(default=list)
    text_sender: Mapped[Short | None]
    discretion: Mapped[Discretion] = mapped_column(one_of(Discretion), default=Discretion.DISCREET)
    names_988: Mapped[bool] = mapped_column(default=False)
    most_moves: Mapped[int | None]
    moves_ask_again: Mapped[bool] = mapped_column(default=True)
    busy_before_minutes: Mapped[int] = mapped_column(default=0)
    busy_after_minutes: Mapped[int] = mapped_column(default=0)
    tentative_is_busy: Mapped[bool] = mapped_column(default=True)
    unread_hours: Mapped[int] = mapped_column(default=24)
    when_unread: Mapped[WhenUnread] = mapped_column(one_of(WhenUnread), default=WhenUnread.GO_ON)
    takes_phone_only: Mapped[bool] = mapped_column(default=False)
    books_phone_only: Mapped[bool] = mapped_column(default=False)
    when_minor: Mapped[WhenMinor] = mapped_column(one_of(WhenMinor), default=WhenMinor.TELL)
    alerts: Mapped[StaffAlerts] = mapped_column(one_of(StaffAlerts), default=StaffAlerts.NEAR)
    alert_phone: Mapped[Short | None]
    asks_telehealth_consent: Mapped[bool] = mapped_column(default=True)
    crisis_phone: Mapped[Short | None]
    crisis_about: Mapped[Line] = mapped_column(default="")
    second_step_since: Mapped[Instant | None]
    idle_minutes: Mapped[int] = mapped_column(default=60)
    sign_in_hours: Mapped[int] = mapped_column(default=12)
    kept_years: Mapped[int] = mapped_column(default=7)
    kept_years_of_minors: Mapped[int] = mapped_column(default=3)
    video_kind: Mapped[VideoKind | None] = mapped_column(one_of(VideoKind))
    room_opens_minutes: Mapped[int] = mapped_column(default=USUAL.opens_minutes)
    room_stays_minutes: Mapped[int] = mapped_column(default=USUAL.stays_minutes)
    waiting_words: Mapped[Prose] = mapped_column(default="")
    waiting_words_spanish: Mapped[Prose] = mapped_column(default="")
    plan_version: Mapped[int] = mapped_column(default=0)
    zone_data: Mapped[str] = mapped_column(String(10), default="")
    first_steps_put_away_at: Mapped[Instant | None]
    created_at: Mapped[Instant]

    locations: Mapped[list[Location]] = relationship(back_populates="practice", order_by="Location.id")

    @property
    def room_hours(self) -> RoomHours:
        """When its virtual rooms can be entered."""
        return RoomHours(self.room_opens_minutes, self.room_stays_minutes)


class Picture(Base):
    """A picture as everybody gets it (``domain.pictures``), named by the digest of its bytes. What shows it holds the
    digest, so that a page costs no look at this table.
    """

    __tablename__ = "picture"
    __table_args__ = (UniqueConstraint("digest", "practice_id"),)

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    digest: Mapped[Digest]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Instant]


class Location(Base):
    """A place where people meet in person, in its own zone. ``jurisdiction`` is the state it stands in ("CO").

    ``directions`` say how it is found, ``map_url`` is an address on the web. ``ended_at`` closes it, and its rooms with
    it: nothing new takes place there.
    """

    __tablename__ = "location"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    name: Mapped[Line]
    address: Mapped[Line]
    jurisdiction: Mapped[Short]
    timezone: Mapped[ZoneName]
    directions: Mapped[Prose] = mapped_column(default="")
    map_url: Mapped[Address] = mapped_column(default="")
    ended_at: Mapped[Instant | None]

    practice: Mapped[Practice] = relationship(back_populates="locations")
    rooms: Mapped[list[Room]] = relationship(back_populates="location", order_by="Room.id")

    @property
    def open_rooms(self) -> list[Room]:
        """Where something new can take place."""
        return [each for each in self.rooms if each.ended_at is None]


class ResourceKind(StrEnum):
    """What can be taken by an appointment."""

    THERAPIST = "therapist"
    ROOM = "room"
    CLIENT = "client"


class Resource(Base):
    """Anything that an appointment takes: a therapist, a room or a client. One number space, so one guard."""

    __tablename__ = "resource"

    id: Mapped[Id]
    practice_id: Mapped[PracticeId]
    kind: Mapped[ResourceKind] = mapped_column(one_of(ResourceKind))


class Room(Base):
    """A room of a location. ``kind`` is a word of the practice's own ("playroom"); a service may ask for it.
    ``ended_at`` closes it.
    """

    __tablename__ = "room"

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    location_id: Mapped[int] = mapped_column(BigId, ForeignKey("location.id"), index=True)
    resource_id: Mapped[int] = mapped_column(BigId, ForeignKey("resource.id"), unique=True)
    name: Mapped[Line]
    kind: Mapped[Short] = mapped_column(default="")
    ended_at: Mapped[Instant | None]

    location: Mapped[Location] = relationship(back_populates="rooms")
    resource: Mapped[Resource] = relationship()


class PracticeEvent(EventColumns, Base):
    """One line of the audit of what a practice sets: its services, people, places, hours, rules, words, logins.

    ``subject_public_id`` names the row, where it has such an id, and ``name`` is what it was called then.
    """

    __tablename__ = "practice_event"
    __table_args__ = (Index(None, "practice_id", "at"),)

    id: Mapped[Id]
    practice_id: Mapped[int] = mapped_column(BigId, ForeignKey("practice.id"))
    subject: Mapped[AuditSubject] = mapped_column(one_of(AuditSubject, length=40))
    subject_public_id: Mapped[Short | None]
    name: Mapped[Line]
