"""The shapes of planning: who reads, what there is, what is wished for, and what has to happen. Pure data, and what it
says of itself; ``planning`` decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from telehealth.domain import walltime
from telehealth.domain.consent.contactability import PURPOSE_OF
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Purpose, Reason
from telehealth.domain.messages.quiet_hours import HoursOf, every_hour
from telehealth.domain.messages.rules import Rule
from telehealth.domain.messages.told import NEWS, Standing
from telehealth.domain.words import Mode


class Key(NamedTuple):
    """What makes a message of one version of an appointment different from the others."""

    kind: MessageKind
    channel: Channel
    recipient: str
    minutes: int = 0


NEWS_BY_EMAIL = tuple(Rule(kind, Channel.EMAIL) for kind in NEWS)
"""What therapists get, whatever the rules about clients say."""
EMAIL_ONLY: Mapping[Purpose, frozenset[Channel]] = MappingProxyType(dict.fromkeys(Purpose, frozenset({Channel.EMAIL})))
_UTC = walltime.zone("UTC")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who may have to be told: the recipient's key, how things are for them, and what a message about it says.

    ``rules`` are those in force for them, and ``channels`` those on which they may be written to. ``zone`` and
    ``hours_of`` say when they may be texted. ``is_surprised`` is a client who booked by themselves and did not end it:
    they know of it from the page, so its end is news even when no message has told them of its beginning.
    ``has_missed`` is one who did not come. ``is_by_practice``: no client changed it last. ``has_email`` is
    whether they have an address at all. ``seat`` is the key of the seat that a companion reads about, with their id.
    ``is_left_out``: somebody else reads it for them now. What waits for them is taken back; they count as told of
    nothing, so that they hear how things are when nobody reads it for them any more.
    """

    recipient: str
    standing: Standing
    says: str
    rules: tuple[Rule, ...] = NEWS_BY_EMAIL
    channels: Mapping[Purpose, frozenset[Channel]] = field(default_factory=lambda: EMAIL_ONLY)
    zone: ZoneInfo = _UTC
    hours_of: HoursOf = every_hour
    is_surprised: bool = False
    has_missed: bool = False
    is_by_practice: bool = False
    has_email: bool = True
    seat: str = ""
    companion_id: int | None = None
    is_left_out: bool = False

    def reachable(self, kind: MessageKind) -> frozenset[Channel]:
        """The channels on which they may be told something of this kind."""
        return self.channels.get(PURPOSE_OF[kind], frozenset())


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message that is planned, on its way, or was handed over; or one that was not sent, but whose reader counts as
    told: another one told it, or the practice does not send such.

    ``is_instead`` is one that replaces a message that failed.
    """

    id: int
    key: Key
    version: int
    status: MessageStatus
    unsure: bool
    says: str
    planned_for: datetime
    not_after: datetime
    template: str = ""
    is_instead: bool = False

    @property
    def may_have_gone(self) -> bool:
        """Whether its reader may know what it says."""
        return self.unsure or self.status != MessageStatus.PLANNED

    @property
    def is_on_its_way(self) -> bool:
        """Whether it is being sent, or may have to be sent once more."""
        return self.status == MessageStatus.SENDING or (self.unsure and self.status == MessageStatus.PLANNED)

    def is_true_for(self, reader: Recipient) -> bool:
        """Whether it says how things are."""
        if NEWS.get(self.key.kind) == Standing.OFF:
            return reader.standing == Standing.OFF
        return self.says == reader.says


@dataclass(frozen=True, slots=True)
class Planned:
    """One message to be, or one that is not to be (``status``), and why. Instants are aware. ``needs_call``: it comes
    so late that somebody had better call. ``told_before`` is what its reader knew before a move.
    """

    key: Key
    says: str
    due_at: datetime
    not_after: datetime
    template: str = ""
    status: MessageStatus = MessageStatus.PLANNED
    reason: Reason | None = None
    needs_call: bool = False
    told_before: str = ""


class Wish(NamedTuple):
    """A message as it is wished for. A text may be sent sooner, but not before ``earliest``; None: as it is."""

    planned: Planned
    earliest: datetime | None


@dataclass(frozen=True, slots=True)
class PlanChange:
    """What has to happen to the rows of one appointment: ids to take back, ids that stay true under its new version,
    those of them that change their time or their template, and what is new.
    """

    void: list[int] = field(default_factory=list)
    keep: list[int] = field(default_factory=list)
    retimed: list[tuple[int, Planned]] = field(default_factory=list)
    reworded: list[tuple[int, str]] = field(default_factory=list)
    new: list[Planned] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is planned for: start and end, how people meet, the practice's grace, and the instant of the change.

    ``answer_by`` is the end of a request that waits for a yes.
    """

    starts_at: datetime
    ends_at: datetime
    mode: Mode
    grace: timedelta
    now: datetime
    answer_by: datetime | None = None

    def due(self, *, before: datetime) -> datetime:
        """When news is said: after the grace, or at once when it would come too late then."""
        return self.now + self.grace if self.now + self.grace < before else self.now
