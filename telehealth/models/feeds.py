"""Calendars to subscribe to."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.icalendar import FeedDetail, FeedSubject
from telehealth.models.appointments import Attendee
from telehealth.models.clients import Client
from telehealth.models.columns import Id, Instant, Line, LinkColumns, PracticeId, PublicId, Short, one_of
from telehealth.models.practices import Location, Practice, Room
from telehealth.models.therapists import Therapist
from telehealth.models.users import User

OWNERS = ("therapist_id", "client_id", "room_id", "location_id")
ABOUT_ONE = " + ".join(f"CASE WHEN {each} IS NULL THEN 0 ELSE 1 END" for each in OWNERS) + " <= 1"

Owner = Therapist | Client | Room | Location
"""Whose days an address shows, where it is not the practice."""


class CalendarFeed(LinkColumns, Base):
    """One private .ics address, for one calendar: the phone's, the spouse's. It shows the days of a therapist, a
    client, a room or a place, or of the whole practice where none of these is named. Only the digest of its secret is
    kept: a new address replaces the old one.

    ``made_by_id`` made the address. It was last asked for at ``read_at`` by ``read_by``, the family of a program,
    noted every few minutes at most. ``version`` is what was shown last, and ``version_since`` from when on.

    One that nobody of the practice made is a client's own (``is_own``), made by the link of a seat. Where that did not
    show who they are, ``attendee_id`` is the first of the seats that were booked by that link: these alone are shown,
    for as long as none of them shows it.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (CheckConstraint(ABOUT_ONE, name="about_one"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    therapist_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("therapist.id"), index=True)
    client_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("client.id"), index=True)
    room_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("room.id"), index=True)
    location_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("location.id"), index=True)
    name: Mapped[Line] = mapped_column(default="")
    secret_digest: Mapped[str] = mapped_column(String(64), unique=True)
    detail: Mapped[FeedDetail] = mapped_column(one_of(FeedDetail), default=FeedDetail.BUSY)
    shows_place: Mapped[bool] = mapped_column(default=False)
    shows_time_off: Mapped[bool] = mapped_column(default=True)
    shows_standing: Mapped[bool] = mapped_column(default=True)
    attendee_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("attendee.id"), index=True)
    made_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("user.id"))
    created_at: Mapped[Instant]
    changed_at: Mapped[Instant]
    read_at: Mapped[Instant | None]
    read_by: Mapped[Short | None]
    version: Mapped[Short | None]
    version_since: Mapped[Instant | None]

    practice: Mapped[Practice] = relationship()
    therapist: Mapped[Therapist | None] = relationship()
    client: Mapped[Client | None] = relationship()
    room: Mapped[Room | None] = relationship()
    location: Mapped[Location | None] = relationship()
    attendee: Mapped[Attendee | None] = relationship()
    made_by: Mapped[User | None] = relationship()

    @property
    def subject(self) -> FeedSubject:
        """Whose days it shows."""
        if self.therapist_id is not None:
            return FeedSubject.THERAPIST
        if self.client_id is not None:
            return FeedSubject.CLIENT
        if self.room_id is not None:
            return FeedSubject.ROOM
        return FeedSubject.PLACE if self.location_id is not None else FeedSubject.PRACTICE

    @property
    def is_own(self) -> bool:
        """Whether a client made it for themselves."""
        return self.client_id is not None and self.made_by_id is None

    @property
    def owner(self) -> Owner | None:
        """Whoever or whatever that is; None for the practice."""
        return self.therapist or self.client or self.room or self.location
