"""What can be booked, with whom, and under which terms."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from telehealth.database import Base, BigId
from telehealth.domain.appointments.openness import ASKED_FIRST, OpenTo
from telehealth.domain.colours import ServiceColour
from telehealth.domain.money import Price
from telehealth.domain.words import Approval, LateChange, ServiceKind, VideoKind, WhenOneCancels
from telehealth.models.columns import Id, Instant, Line, Numbers, PracticeId, Prose, PublicId, Short, Words, one_of


class Policy(Base):
    """The terms for changing one's mind, as a client agrees to them when booking. Never changed: a new version replaces
    it for new appointments, and those booked before keep theirs.

    Inside ``window_minutes`` before the start, ``when_late`` says what a client who cancels finds. ``terms`` is the
    practice's own sentence about it.
    """

    __tablename__ = "policy"
    __table_args__ = (CheckConstraint("window_minutes >= 0", name="window_not_negative"),)

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    version: Mapped[int]
    window_minutes: Mapped[int]
    when_late: Mapped[LateChange] = mapped_column(one_of(LateChange))
    terms: Mapped[Prose] = mapped_column(default="")
    created_at: Mapped[Instant]


class Service(Base):
    """What can be booked (FHIR HealthcareService). Durations are minutes, the horizon is days.

    It usually lasts ``duration_minutes``; staff may choose one of the ``other_lengths`` for an appointment.
    ``capacity`` is how many clients one appointment takes. In a group they book their seats one by one
    (``opened_by_staff``: only in groups that staff have set up); otherwise they come together, and ``when_one_cancels``
    says what becomes of the others. ``load_percent`` is how much it weighs against a therapist's caps (100: an ordinary
    appointment). ``approval`` says whose bookings wait for a yes, ``approval_minutes`` how long. ``room_kind`` is the
    kind of room it needs in person, and ``therapists_needed`` is 2 for co-therapy and supervision in pairs.
    ``price_minor`` is what it costs in the smallest unit of its currency; clients read it if it is shown, and the
    ``fee_note`` in any case. Without a ``colour`` the schedule chooses one.
    ``open_to`` says who may ask for it without staff; one that is open by its link has a ``link_word`` in its address.
    ``policy`` are the terms in use; with ``has_practice_terms`` they follow the practice's.
    ``video_kind`` is where people meet by video for it (None: as their therapist does).
    ``ended_at`` closes a service without touching what was booked before.
    """

    __tablename__ = "service"
    __table_args__ = (
        CheckConstraint("duration_minutes > 0", name="duration_positive"),
        CheckConstraint("step_minutes > 0", name="step_positive"),
        CheckConstraint("buffer_before_minutes >= 0 AND buffer_after_minutes >= 0", name="buffers_not_negative"),
        CheckConstraint("capacity >= 1 AND load_percent >= 0", name="capacity_positive"),
        CheckConstraint("therapists_needed BETWEEN 1 AND 2", name="one_therapist_or_two"),
        CheckConstraint("horizon_days <= 366", name="horizon_within_a_year"),
    )

    id: Mapped[Id]
    public_id: Mapped[PublicId]
    practice_id: Mapped[PracticeId]
    kind: Mapped[ServiceKind] = mapped_column(one_of(ServiceKind))
    name: Mapped[Line]
    description: Mapped[Prose] = mapped_column(default="")
    duration_minutes: Mapped[int]
    other_lengths: Mapped[Numbers] = mapped_column(default=list)
    buffer_before_minutes: Mapped[int] = mapped_column(default=0)
    buffer_after_minutes: Mapped[int] = mapped_column(default=0)
    step_minutes: Mapped[int] = mapped_column(default=15)
    notice_minutes: Mapped[int] = mapped_column(default=0)
    horizon_days: Mapped[int] = mapped_column(default=60)
    modes: Mapped[Words]
    position: Mapped[int] = mapped_column(default=0)
    capacity: Mapped[int] = mapped_column(default=1)
    opened_by_staff: Mapped[bool] = mapped_column(default=False)
    when_one_cancels: Mapped[WhenOneCancels] = mapped_column(one_of(WhenOneCancels), default=WhenOneCancels.ALL_OFF)
    load_percent: Mapped[int] = mapped_column(default=100)
    approval: Mapped[Approval] = mapped_column(one_of(Approval), default=Approval.NEVER)
    approval_minutes: Mapped[int] = mapped_column(default=48 * 60)
    room_kind: Mapped[Short | None]
    therapists_needed: Mapped[int] = mapped_column(default=1)
    open_to: Mapped[OpenTo] = mapped_column(one_of(OpenTo), default=OpenTo.EVERYBODY)
    link_word: Mapped[Short | None] = mapped_column(index=True, unique=True)
    price_minor: Mapped[int | None] = mapped_column(BigInteger)
    price_currency: Mapped[str | None] = mapped_column(String(3))
    price_shown: Mapped[bool] = mapped_column(default=True)
    fee_note: Mapped[Line] = mapped_column(default="")
    colour: Mapped[ServiceColour | None] = mapped_column(one_of(ServiceColour))
    video_kind: Mapped[VideoKind | None] = mapped_column(one_of(VideoKind))
    policy_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("policy.id"))
    has_practice_terms: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[Instant | None]

    policy: Mapped[Policy | None] = relationship()

    @property
    def is_group(self) -> bool:
        """Whether clients who do not know each other share the appointment."""
        return self.kind == ServiceKind.GROUP

    @property
    def lengths(self) -> list[int]:
        """Every length that it allows, in minutes, the shortest first."""
        return sorted({self.duration_minutes, *self.other_lengths})

    def keep_length(self, minutes: int) -> int:
        """How long an appointment that has lasted so many minutes lasts from now on: as long, where that is allowed."""
        return minutes if minutes in self.lengths else self.duration_minutes

    @property
    def price(self) -> Price | None:
        """What it costs, as far as the practice says so here."""
        if self.price_minor is None or self.price_currency is None:
            return None
        return Price(self.price_minor, self.price_currency)

    @property
    def shown_price(self) -> Price | None:
        """The same, if everybody may read it."""
        return self.price if self.price_shown else None

    @property
    def asking_word(self) -> str | None:
        """What names it where somebody asks for it who is not of the staff; None when only staff book it."""
        words = {OpenTo.LINK: self.link_word, OpenTo.STAFF: None}
        return words.get(self.open_to, self.public_id) if self.ended_at is None else None

    @property
    def needs_yes_of(self) -> Approval:
        """Whose bookings wait for a yes, with what ``open_to`` means for it."""
        return Approval.ALWAYS if self.open_to in ASKED_FIRST else self.approval


class TherapistService(Base):
    """A therapist gives a service."""

    __tablename__ = "therapist_service"

    therapist_id: Mapped[int] = mapped_column(BigId, ForeignKey("therapist.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(BigId, ForeignKey("service.id"), primary_key=True, index=True)
