"""Which messages an appointment needs, and when. Pure: rows in, plans out.

Nobody writes down "send this now". After every change, what each reader was last told is compared with how things are,
and what follows is planned, a few minutes ahead: so what is undone in time is never said at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from telehealth.domain.words import AppointmentStatus, Channel, MessageKind, MessageStatus, Mode

SHORTLY_AFTER_NEWS = timedelta(minutes=30)
USEFUL_AFTER_CANCELLING = timedelta(days=1)
_WRITTEN = "%Y-%m-%dT%H:%MZ"


class Rule(Protocol):
    """A practice's reminder rule."""

    @property
    def kind(self) -> MessageKind: ...
    @property
    def channel(self) -> Channel: ...
    @property
    def minutes_before(self) -> int: ...
    @property
    def modes(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Default:
    """A rule that a new practice starts with."""

    kind: MessageKind
    channel: Channel
    minutes_before: int
    modes: list[str]


_ALL = [mode.value for mode in Mode]
DEFAULT_RULES = (
    # Two reminders, three days and one day ahead, missed fewer appointments than either alone (AJMC 2018;24(8):377,
    # n=54,066). The first stands before the usual cancellation deadline, so that it can still be acted on.
    Default(MessageKind.REMINDER, Channel.EMAIL, 72 * 60, _ALL),
    Default(MessageKind.REMINDER, Channel.TEXT, 72 * 60, _ALL),
    Default(MessageKind.REMINDER, Channel.EMAIL, 24 * 60, _ALL),
    Default(MessageKind.REMINDER, Channel.TEXT, 24 * 60, _ALL),
    Default(MessageKind.JOIN_LINK, Channel.TEXT, 15, [Mode.VIRTUAL.value]),
)


class Standing(StrEnum):
    """How an appointment stands for one reader. Who came and who did not is news to nobody."""

    PENDING = "pending"
    BOOKED = "booked"
    OFF = "cancelled"


def standing(status: AppointmentStatus) -> Standing:
    """How an appointment, or a seat, of this status stands."""
    by_status = {AppointmentStatus.PENDING: Standing.PENDING, AppointmentStatus.CANCELLED: Standing.OFF}
    return by_status.get(status, Standing.BOOKED)


NEWS: Mapping[MessageKind, Standing] = {
    MessageKind.CONFIRMATION: Standing.BOOKED,
    MessageKind.MOVED: Standing.BOOKED,
    MessageKind.REQUEST: Standing.PENDING,
    MessageKind.CANCELLATION: Standing.OFF,
    MessageKind.DECLINED: Standing.OFF,
}
"""The kinds that tell how things are, and what a reader believes after reading one."""


def says(now_is: Standing, starts_at: datetime, mode: Mode, *rest: object) -> str:
    """What a message says, short enough to compare: how it stands, the start to the minute, how people meet, and a
    digest of the ``rest`` that matters to its reader (the place, with whom).
    """
    digest = hashlib.sha256(repr(rest).encode()).hexdigest()[:16]
    return f"{now_is} {starts_at.astimezone(UTC).strftime(_WRITTEN)} {mode} {digest}"


def slot_said(said: str) -> tuple[datetime, Mode] | None:
    """The start and the mode in what ``says`` wrote; None when it is empty."""
    if not said:
        return None
    _, start, mode, *_ = said.split()
    return datetime.strptime(start, _WRITTEN).replace(tzinfo=UTC), Mode(mode)


def words_off(told: str) -> str:
    """What is said about the end of something: the slot that the reader was told of, wherever it has moved since."""
    return " ".join([Standing.OFF, *told.split()[1:3]])


class Key(NamedTuple):
    """What makes a message of one version of an appointment different from the others."""

    kind: MessageKind
    channel: Channel
    recipient: str
    minutes_before: int = 0


@dataclass(frozen=True, slots=True)
class Reader:
    """Who may have to be told: the recipient's key, how things are for them, and what a message about it says.

    ``is_reminded`` is for clients. ``is_surprised`` is a client who booked by themselves and did not end it: they know
    of it from the page, so its end is news even when no message has told them of its beginning.
    """

    recipient: str
    standing: Standing
    says: str
    takes_texts: bool = False
    is_reminded: bool = False
    is_surprised: bool = False

    @property
    def channels(self) -> list[Channel]:
        """The channels they may be reached on."""
        return [Channel.EMAIL, Channel.TEXT] if self.takes_texts else [Channel.EMAIL]


@dataclass(frozen=True, slots=True)
class Row:
    """A message that is planned, on its way, or was handed over."""

    id: int
    key: Key
    version: int
    status: MessageStatus
    unsure: bool
    says: str

    @property
    def may_have_gone(self) -> bool:
        """Whether its reader may know what it says."""
        return self.unsure or self.status != MessageStatus.PLANNED

    @property
    def is_on_its_way(self) -> bool:
        """Whether it is being sent, or may have to be sent once more."""
        return self.status == MessageStatus.SENDING or (self.unsure and self.status == MessageStatus.PLANNED)

    def is_true_for(self, reader: Reader) -> bool:
        """Whether it says how things are."""
        if NEWS.get(self.key.kind) == Standing.OFF:
            return reader.standing == Standing.OFF
        return self.says == reader.says


@dataclass(frozen=True, slots=True)
class Planned:
    """One message to be. Instants are aware."""

    key: Key
    says: str
    due_at: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """What has to happen to the rows of one appointment: ids to take back, ids that stay true under its new version,
    and what is new.
    """

    void: list[int] = field(default_factory=list)
    keep: list[int] = field(default_factory=list)
    new: list[Planned] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is planned for: the start, how people meet, the practice's rules and grace, and the instant of the change.

    ``answer_by`` is the end of a request that waits for a yes.
    """

    starts_at: datetime
    mode: Mode
    rules: Collection[Rule]
    grace: timedelta
    now: datetime
    answer_by: datetime | None = None

    def due(self, *, before: datetime) -> datetime:
        """When news is said: after the grace, or at once when it would come too late then."""
        return self.now + self.grace if self.now + self.grace < before else self.now


def plan(readers: Iterable[Reader], rows: Collection[Row], occasion: Occasion) -> Change:
    """What follows for these readers, given the rows they have so far. Rows of other recipients are left alone."""
    change = Change()
    for reader in readers:
        theirs = [row for row in rows if row.key.recipient == reader.recipient]
        gone = [row for row in theirs if row.may_have_gone]
        waiting = [row for row in theirs if not row.may_have_gone]
        wanted = {each.key: each for each in _wanted(reader, gone, waiting, occasion)}
        # What is being sent and still true must not be taken for obsolete by its sender.
        under_way = [row for row in gone if row.is_on_its_way and row.is_true_for(reader)]
        staying = [row for row in waiting if row.key in wanted and row.is_true_for(reader)]
        stay = {row.id for row in [*under_way, *staying]}
        change.keep.extend(stay)
        change.void.extend(row.id for row in waiting if row.id not in stay)
        there = {row.key for row in [*under_way, *staying]}
        change.new.extend(each for key, each in wanted.items() if key not in there)
    return change


def news(told: Row | None, waiting: Iterable[Row], reader: Reader) -> MessageKind | None:
    """What a reader has to be told, by what they were last told: nothing, when that is how things are."""
    if reader.standing == Standing.PENDING:
        return None if told is not None and told.is_true_for(reader) else MessageKind.REQUEST
    believed = NEWS[told.key.kind] if told is not None else None
    if reader.standing == Standing.OFF:
        if believed is None and reader.is_surprised:
            believed = next((NEWS[row.key.kind] for row in waiting if row.key.kind in NEWS), None)
        return ENDINGS.get(believed) if believed is not None else None
    if believed != Standing.BOOKED:
        return MessageKind.CONFIRMATION
    return None if told is not None and told.is_true_for(reader) else MessageKind.MOVED


ENDINGS: Mapping[Standing, MessageKind] = {
    Standing.PENDING: MessageKind.DECLINED,
    Standing.BOOKED: MessageKind.CANCELLATION,
}
"""How something ends for whoever believes that it stands so."""


def _wanted(reader: Reader, gone: Iterable[Row], waiting: list[Row], occasion: Occasion) -> Iterator[Planned]:
    told = max((row for row in gone if row.key.kind in NEWS), key=lambda row: (row.version, row.id), default=None)
    kind = news(told, waiting, reader)
    if kind is not None:
        yield from _news(kind, told or next((row for row in waiting if row.key.kind in NEWS), None), reader, occasion)
    elif told is not None:
        # They have read it on one channel, and it still waits on the other.
        yield from _said_again(waiting, reader, occasion)
    if reader.is_reminded and reader.standing == Standing.BOOKED:
        yield from _reminders(reader, {row.key for row in waiting}, occasion, is_told=kind is not None)


def _news(kind: MessageKind, told: Row | None, reader: Reader, occasion: Occasion) -> Iterator[Planned]:
    if reader.standing == Standing.OFF:
        due_at = occasion.due(before=occasion.starts_at)
        # Still worth knowing for a day; after that it would only confuse.
        said, not_after = words_off(told.says if told else reader.says), due_at + USEFUL_AFTER_CANCELLING
    else:
        waits = reader.standing == Standing.PENDING and occasion.answer_by is not None
        not_after = occasion.answer_by if waits and occasion.answer_by else occasion.starts_at
        due_at, said = occasion.due(before=not_after), reader.says
    if due_at < not_after:
        for channel in reader.channels:
            yield Planned(Key(kind, channel, reader.recipient), said, due_at, not_after)


def _said_again(waiting: Iterable[Row], reader: Reader, occasion: Occasion) -> Iterator[Planned]:
    for row in waiting:
        if row.key.kind in NEWS and row.key.channel in reader.channels and row.is_true_for(reader):
            yield Planned(row.key, row.says, occasion.now, occasion.starts_at)


def _reminders(reader: Reader, waiting: Collection[Key], occasion: Occasion, *, is_told: bool) -> Iterator[Planned]:
    for rule in occasion.rules:
        due_at = occasion.starts_at - timedelta(minutes=rule.minutes_before)
        not_after = _useful_until(rule, due_at)
        key = Key(rule.kind, rule.channel, reader.recipient, rule.minutes_before)
        # Whoever is told inside the lead time needs no reminder of it. The way into the room is needed however late.
        since = occasion.now + SHORTLY_AFTER_NEWS if is_told and rule.kind != MessageKind.JOIN_LINK else occasion.now
        is_ahead = due_at >= since and due_at > occasion.now
        is_waiting = not is_told and key in waiting and not_after > occasion.now
        if occasion.mode in rule.modes and rule.channel in reader.channels and (is_ahead or is_waiting):
            yield Planned(key, reader.says, due_at, not_after)


def _useful_until(rule: Rule, due_at: datetime) -> datetime:
    """A reminder helps until half of its lead is gone; the way into the room helps until the start."""
    lead = timedelta(minutes=rule.minutes_before)
    return due_at + (lead if rule.kind == MessageKind.JOIN_LINK else lead / 2)
