"""Which messages an appointment needs, and when. Pure: rows in, plans out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from telehealth.domain.words import Channel, MessageKind, Mode

THERAPIST = "therapist"
SHORTLY_AFTER_BOOKING = timedelta(minutes=30)
USEFUL_AFTER_CANCELLING = timedelta(days=1)


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
class Seat:
    """Who is told: the recipient's key and the channels they may be reached on."""

    recipient: str
    takes_texts: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """One message to be: aware instants; ``minutes_before`` is 0 for what is not a reminder."""

    kind: MessageKind
    channel: Channel
    recipient: str
    minutes_before: int
    due_at: datetime
    not_after: datetime


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


def for_booking(
    seats: Iterable[Seat], rules: Iterable[Rule], *, mode: Mode, starts_at: datetime, now: datetime
) -> Iterator[Planned]:
    """The confirmation for everybody, and the reminders for the clients."""
    rules = list(rules)
    yield _at_once(MessageKind.CONFIRMATION, Channel.EMAIL, THERAPIST, now, starts_at)
    for seat in seats:
        for channel in _channels(seat):
            yield _at_once(MessageKind.CONFIRMATION, channel, seat.recipient, now, starts_at)
        yield from _reminders(seat, rules, mode=mode, starts_at=starts_at, now=now)


def for_cancelling(seats: Iterable[Seat], *, now: datetime) -> Iterator[Planned]:
    """Tell everybody that it is off. Still worth knowing for a day; after that it would only confuse."""
    until = now + USEFUL_AFTER_CANCELLING
    yield _at_once(MessageKind.CANCELLATION, Channel.EMAIL, THERAPIST, now, until)
    for seat in seats:
        for channel in _channels(seat):
            yield _at_once(MessageKind.CANCELLATION, channel, seat.recipient, now, until)


def _channels(seat: Seat) -> list[Channel]:
    return [Channel.EMAIL, Channel.TEXT] if seat.takes_texts else [Channel.EMAIL]


def _at_once(kind: MessageKind, channel: Channel, recipient: str, now: datetime, not_after: datetime) -> Planned:
    return Planned(kind, channel, recipient, 0, now, not_after)


def _reminders(
    seat: Seat, rules: Iterable[Rule], *, mode: Mode, starts_at: datetime, now: datetime
) -> Iterator[Planned]:
    for rule in rules:
        due_at = starts_at - timedelta(minutes=rule.minutes_before)
        # Whoever books inside the lead time has just been told by the confirmation.
        is_news = due_at >= now + SHORTLY_AFTER_BOOKING or (rule.kind == MessageKind.JOIN_LINK and due_at > now)
        if mode in rule.modes and rule.channel in _channels(seat) and is_news:
            yield Planned(
                rule.kind,
                rule.channel,
                seat.recipient,
                rule.minutes_before,
                due_at,
                _useful_until(rule, due_at),
            )


def _useful_until(rule: Rule, due_at: datetime) -> datetime:
    """A reminder helps until half of its lead is gone; the way into the room helps until the start."""
    lead = timedelta(minutes=rule.minutes_before)
    return due_at + (lead if rule.kind == MessageKind.JOIN_LINK else lead / 2)
