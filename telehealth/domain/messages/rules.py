"""What is said when, on which channel and in which words: the usual rules, and how a practice's own replace them.

A rule is about one kind of message on one channel. Whoever is named most narrowly (client, service, practice) and says
anything about a kind decides all about that kind; where nobody does, ``DEFAULTS`` decide. So a practice needs no rules,
and one that changes a single reminder writes down all of its reminders.

Rules are about what clients get. Therapists always get the news of their appointments by e-mail; the one rule about
them is the agenda's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Protocol

from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.words import Mode

HOUR, DAY = 60, 24 * 60
"""Minutes."""
EVERY_MODE = tuple(mode.value for mode in Mode)


class RuleRow(Protocol):
    """A rule as it is kept; see ``models.MessageRule``."""

    @property
    def kind(self) -> MessageKind: ...
    @property
    def channel(self) -> Channel: ...
    @property
    def minutes(self) -> int: ...
    @property
    def modes(self) -> Iterable[str]: ...
    @property
    def is_on(self) -> bool: ...
    @property
    def template(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Rule:
    """Say this, by this channel, so many minutes before or after (see ``BEFORE`` and its sisters), to people who meet
    in one of these ways. ``template`` names words of the practice's own; empty for the usual ones.
    """

    kind: MessageKind
    channel: Channel
    minutes: int = 0
    modes: tuple[str, ...] = EVERY_MODE
    is_on: bool = True
    template: str = ""


BEFORE = (MessageKind.REMINDER, MessageKind.JOIN_LINK)
"""Counted backwards from the start."""
AFTER = (MessageKind.FOLLOW_UP,)
"""Counted onwards from the end of a session that was missed."""
ON_THE_DAY = (MessageKind.AGENDA,)
"""Counted from midnight on the therapist's wall: 420 is when it shows 7:00."""
AT_ONCE = (
    MessageKind.CONFIRMATION,
    MessageKind.MOVED,
    MessageKind.CANCELLATION,
    MessageKind.REQUEST,
    MessageKind.DECLINED,
    MessageKind.CHOOSE_AGAIN,
    MessageKind.OFFER,
)
"""News: said when the grace is over, and at least by e-mail unless a rule turns that off."""
FOR_THERAPISTS = ON_THE_DAY
IN_ONE = (MessageKind.CATCH_UP, MessageKind.SEVERAL)
"""One message that stands for several: its words are made of how things are when it is sent."""
ANSWERS = (MessageKind.REPLY, MessageKind.NOTE)
"""What is said to a phone that texted us. Whose it is may be unknown, so it is not said anywhere else."""

SPAN: Mapping[MessageKind, tuple[int, int]] = MappingProxyType(
    {
        MessageKind.REMINDER: (1, 14 * DAY),
        MessageKind.JOIN_LINK: (1, 14 * DAY),
        MessageKind.FOLLOW_UP: (0, 2 * DAY),
        MessageKind.AGENDA: (0, DAY - 1),
        **dict.fromkeys(AT_ONCE, (0, 0)),
    }
)
"""The fewest and the most minutes of a rule about each kind that there can be rules about, both allowed."""

_BOTH = (Channel.EMAIL, Channel.TEXT)

DEFAULTS: tuple[Rule, ...] = (
    *(Rule(kind, channel) for kind in AT_ONCE for channel in _BOTH),
    # Two reminders, three days and one day ahead, missed fewer appointments than either alone (AJMC 2018;24(8):377,
    # n=54,066). The first stands before the usual cancellation deadline, so that it can still be acted on.
    *(Rule(MessageKind.REMINDER, channel, hours * HOUR) for hours in (72, 24) for channel in _BOTH),
    Rule(MessageKind.JOIN_LINK, Channel.TEXT, 15, (Mode.VIRTUAL.value,)),
    *(Rule(MessageKind.FOLLOW_UP, channel, 3 * HOUR) for channel in _BOTH),
    Rule(MessageKind.AGENDA, Channel.EMAIL, 7 * HOUR),
)

_USUAL: Mapping[MessageKind, tuple[Rule, ...]] = MappingProxyType(
    {kind: tuple(rules) for kind, rules in groupby(DEFAULTS, key=lambda rule: rule.kind)}
)


def usual_rules(kind: MessageKind) -> tuple[Rule, ...]:
    """What holds for a kind where nobody says anything about it."""
    return _USUAL.get(kind, ())


def resolve_rules(
    practice: Iterable[RuleRow], service: Iterable[RuleRow] = (), client: Iterable[RuleRow] = ()
) -> tuple[Rule, ...]:
    """The rules in force, those that are off left out; the rows of one practice, one service and one client decide."""
    decided: dict[MessageKind, list[RuleRow]] = {}
    for rows in (practice, service, client):
        said: dict[MessageKind, list[RuleRow]] = {}
        for row in rows:
            said.setdefault(row.kind, []).append(row)
        decided.update(said)
    if not decided:
        return DEFAULTS
    return tuple(rule for kind in _USUAL for rule in _in_force(kind, decided.get(kind)))


def _in_force(kind: MessageKind, rows: list[RuleRow] | None) -> tuple[Rule, ...]:
    if rows is None:
        return _USUAL[kind]
    found = [Rule(kind, row.channel, row.minutes, tuple(row.modes), template=row.template) for row in rows if row.is_on]
    if kind in AT_ONCE and all(row.channel != Channel.EMAIL for row in rows):
        found.append(Rule(kind, Channel.EMAIL))
    return tuple(found)
