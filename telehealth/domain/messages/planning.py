"""Which messages an appointment needs, and when. Pure: rows in, plans out.

Nobody writes down "send this now". After every change, what each reader was last told is compared with how things are,
and what follows is planned, a few minutes ahead: so what is undone in time is never said at all. The rules in force say
what is said and on which channel; texts keep out of the reader's night; and whatever is not said is written down with
the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from telehealth.domain import walltime
from telehealth.domain.consent.contactability import PURPOSE_OF
from telehealth.domain.messages.quiet_hours import HoursOf, every_hour, fit_into_hours
from telehealth.domain.messages.rules import BEFORE, Rule
from telehealth.domain.messages.told import NEWS, Standing, tell_end
from telehealth.domain.words import Channel, MessageKind, MessageStatus, Mode, Purpose, Reason

SHORTLY_AFTER_NEWS = timedelta(minutes=30)
USEFUL_AFTER_CANCELLING = timedelta(days=1)
USEFUL_AFTER_MISSING = timedelta(days=2)


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
    ``has_missed`` is one who did not come.
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
    """One message to be, or one that is not to be (``status``), and why. Instants are aware."""

    key: Key
    says: str
    due_at: datetime
    not_after: datetime
    template: str = ""
    status: MessageStatus = MessageStatus.PLANNED
    reason: Reason | None = None


class _Wish(NamedTuple):
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


def plan_messages(readers: Iterable[Recipient], rows: Collection[MessageRow], occasion: Occasion) -> PlanChange:
    """What follows for these readers, given the rows they have so far. Rows of other recipients are left alone."""
    change = PlanChange()
    for reader in readers:
        theirs = [row for row in rows if row.key.recipient == reader.recipient]
        gone = [row for row in theirs if row.may_have_gone]
        waiting = [row for row in theirs if not row.may_have_gone]
        wanted = {each.key: each for each in _timed(_wanted(reader, gone, waiting, occasion), reader)}
        _compare(change, reader, gone, waiting, wanted)
    return change


def _compare(
    change: PlanChange,
    reader: Recipient,
    gone: Collection[MessageRow],
    waiting: Collection[MessageRow],
    wanted: dict[Key, Planned],
) -> None:
    true = [row for row in waiting if row.is_true_for(reader)]
    # What is being sent and still true must not be taken for obsolete by its sender.
    under_way = [row for row in gone if row.is_on_its_way and row.is_true_for(reader)]
    instead = [row for row in true if row.is_instead and _stands_for_a_rule(row, reader)]
    replaced = {_about(row.key) for row in instead}
    to_be = {key for key, each in wanted.items() if each.status == MessageStatus.PLANNED}
    staying = [row for row in true if row.key in to_be and not row.is_instead]
    stay = {row.id for row in [*under_way, *instead, *staying]}
    change.keep.extend(stay)
    change.void.extend(row.id for row in waiting if row.id not in stay)
    for row in staying:
        _adjust(change, row, wanted[row.key])
    there = {row.key for row in [*under_way, *staying]}
    # A reminder that came early, because of the night, is not said again at its usual time.
    said = {row.key for row in gone if row.key.kind not in NEWS and row.is_true_for(reader)}
    change.new.extend(each for key, each in wanted.items() if key not in there | said and _about(key) not in replaced)


def _adjust(change: PlanChange, row: MessageRow, wanted: Planned) -> None:
    """Another rule, or another window for texts, holds for what has not been sent. News keeps the time it has."""
    if row.key.kind in NEWS:
        if row.template != wanted.template:
            change.reworded.append((row.id, wanted.template))
    elif (row.planned_for, row.not_after, row.template) != (wanted.due_at, wanted.not_after, wanted.template):
        change.retimed.append((row.id, wanted))


def _about(key: Key) -> tuple[MessageKind, int]:
    return key.kind, key.minutes


def _stands_for_a_rule(row: MessageRow, reader: Recipient) -> bool:
    is_ruled = any((rule.kind, rule.minutes) == _about(row.key) for rule in reader.rules)
    return is_ruled and row.key.channel in reader.reachable(row.key.kind)


def find_news(told: MessageRow | None, waiting: Iterable[MessageRow], reader: Recipient) -> MessageKind | None:
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


def plan_offer_message(reader: Recipient, *, mode: Mode, now: datetime, not_after: datetime) -> list[Planned]:
    """What tells somebody who waits that a time is kept for them: at once, for it is kept for a short while."""
    said = Planned(Key(MessageKind.OFFER, Channel.EMAIL, reader.recipient), "", now, not_after)
    return list(_timed(_said(said, reader, mode, earliest=now), reader))


def _wanted(
    reader: Recipient, gone: Iterable[MessageRow], waiting: list[MessageRow], occasion: Occasion
) -> Iterator[_Wish]:
    told = max((row for row in gone if row.key.kind in NEWS), key=lambda row: (row.version, row.id), default=None)
    kind = find_news(told, waiting, reader)
    if kind is not None:
        yield from _news(kind, told or next((row for row in waiting if row.key.kind in NEWS), None), reader, occasion)
    elif told is not None:
        # They have read it on one channel, and it still waits on the other.
        yield from _said_again(waiting, reader, occasion)
    if reader.standing == Standing.BOOKED:
        yield from _reminders(reader, waiting, occasion, is_told=kind is not None)
    if reader.has_missed:
        yield from _follow_ups(reader, waiting, occasion)


def _news(kind: MessageKind, told: MessageRow | None, reader: Recipient, occasion: Occasion) -> Iterator[_Wish]:
    if reader.standing == Standing.OFF:
        due_at = occasion.due(before=occasion.starts_at)
        # Still worth knowing for a day; after that it would only confuse.
        said, not_after = tell_end(told.says if told else reader.says), due_at + USEFUL_AFTER_CANCELLING
    else:
        waits = reader.standing == Standing.PENDING and occasion.answer_by is not None
        not_after = occasion.answer_by if waits and occasion.answer_by else occasion.starts_at
        due_at, said = occasion.due(before=not_after), reader.says
    if due_at < not_after:
        planned = Planned(Key(kind, Channel.EMAIL, reader.recipient), said, due_at, not_after)
        # Not sooner: within the grace it may still be undone.
        yield from _said(planned, reader, occasion.mode, earliest=due_at)


def _said(planned: Planned, reader: Recipient, mode: Mode, *, earliest: datetime) -> Iterator[_Wish]:
    """News on the channels of its rules. Where it goes nowhere, a row says why, and for the next change its reader
    counts as told when that was the practice's own wish.
    """
    kind = planned.key.kind
    ways = list(_ways(kind, reader, mode))
    for rule in ways:
        yield _Wish(_by(rule, planned), earliest)
    if not ways:
        is_off = not _rules_about(kind, reader, mode)
        reason = Reason.SWITCHED_OFF if is_off else Reason.UNREACHABLE
        yield _Wish(replace(planned, status=MessageStatus.VOID, reason=reason), None)


def _by(rule: Rule, planned: Planned) -> Planned:
    kind, _, recipient, _ = planned.key
    key = Key(kind, rule.channel, recipient, rule.minutes)
    return replace(planned, key=key, template=rule.template)


def _rules_about(kind: MessageKind, reader: Recipient, mode: Mode) -> list[Rule]:
    return [rule for rule in reader.rules if rule.kind == kind and mode in rule.modes]


def _ways(kind: MessageKind, reader: Recipient, mode: Mode) -> Iterator[Rule]:
    """The rules about a kind that can be kept. Who may not be texted gets an e-mail, unless one comes anyway."""
    reachable, about = reader.reachable(kind), _rules_about(kind, reader, mode)
    by_email = {rule.minutes for rule in about if rule.channel == Channel.EMAIL}
    for rule in about:
        if rule.channel in reachable:
            yield rule
        elif rule.channel == Channel.TEXT and Channel.EMAIL in reachable and rule.minutes not in by_email:
            yield replace(rule, channel=Channel.EMAIL)


def _said_again(waiting: Iterable[MessageRow], reader: Recipient, occasion: Occasion) -> Iterator[_Wish]:
    for row in waiting:
        if row.key.kind not in NEWS or not row.is_true_for(reader):
            continue
        for rule in _ways(row.key.kind, reader, occasion.mode):
            if rule.channel == row.key.channel:
                yield _as_it_waits(row, rule)


def _as_it_waits(row: MessageRow, rule: Rule) -> _Wish:
    return _Wish(Planned(row.key, row.says, row.planned_for, row.not_after, rule.template), None)


def _reminders(
    reader: Recipient, waiting: Collection[MessageRow], occasion: Occasion, *, is_told: bool
) -> Iterator[_Wish]:
    shortly = occasion.now + SHORTLY_AFTER_NEWS if is_told else occasion.now
    for kind in BEFORE:
        for rule in _ways(kind, reader, occasion.mode):
            due_at = occasion.starts_at - timedelta(minutes=rule.minutes)
            # Whoever is told inside the lead time needs no reminder of it. The way in is needed however late.
            since = occasion.now if kind == MessageKind.JOIN_LINK else shortly
            if due_at >= since and due_at > occasion.now:
                key = Key(kind, rule.channel, reader.recipient, rule.minutes)
                yield _Wish(Planned(key, reader.says, due_at, _useful_until(rule, due_at), rule.template), shortly)
            elif not is_told:
                yield from _still_waiting(rule, reader, waiting, occasion)


def _follow_ups(reader: Recipient, waiting: Collection[MessageRow], occasion: Occasion) -> Iterator[_Wish]:
    after = occasion.now + occasion.grace
    for rule in _ways(MessageKind.FOLLOW_UP, reader, occasion.mode):
        usual = occasion.ends_at + timedelta(minutes=rule.minutes)
        not_after = usual + USEFUL_AFTER_MISSING
        if usual > occasion.now or not any(_is_for(rule, row, reader) for row in waiting):
            due_at = max(usual, after)
            if due_at < not_after:
                key = Key(rule.kind, rule.channel, reader.recipient, rule.minutes)
                # Not sooner: what was noted by mistake can be put right until then.
                yield _Wish(Planned(key, reader.says, due_at, not_after, rule.template), max(after, occasion.ends_at))
        else:
            yield from _still_waiting(rule, reader, waiting, occasion)


def _still_waiting(
    rule: Rule, reader: Recipient, waiting: Collection[MessageRow], occasion: Occasion
) -> Iterator[_Wish]:
    """What was planned in time and comes a little late still goes; by e-mail when texts have ended meanwhile."""
    for row in waiting:
        if row.not_after <= occasion.now:
            continue
        if _is_for(rule, row, reader):
            yield _as_it_waits(row, rule)
        elif _about(row.key) == (rule.kind, rule.minutes) and rule.channel == Channel.EMAIL != row.key.channel:
            key = row.key._replace(channel=Channel.EMAIL)
            yield _Wish(Planned(key, reader.says, occasion.now, row.not_after, rule.template), None)


def _is_for(rule: Rule, row: MessageRow, reader: Recipient) -> bool:
    """Whether a row is what a rule asks for; an e-mail may stand for a text that would come at night."""
    is_there = row.key.channel in {rule.channel, Channel.EMAIL} and row.key.channel in reader.reachable(rule.kind)
    return is_there and _about(row.key) == (rule.kind, rule.minutes)


def _useful_until(rule: Rule, due_at: datetime) -> datetime:
    """A reminder helps until half of its lead is gone; the way into the room helps until the start."""
    lead = timedelta(minutes=rule.minutes)
    return due_at + (lead if rule.kind == MessageKind.JOIN_LINK else lead / 2)


def _timed(wishes: Iterable[_Wish], reader: Recipient) -> Iterator[Planned]:
    """The wishes with texts kept out of the night. One that finds no time goes by e-mail instead, unless an e-mail
    says the same anyway: then it is written down as lost, with the reason.
    """
    found = list(wishes)
    by_email = {_about(each.planned.key) for each in found if each.planned.key.channel == Channel.EMAIL}
    for planned, earliest in found:
        if planned.key.channel != Channel.TEXT or earliest is None:
            yield planned
            continue
        at = fit_into_hours(
            planned.due_at, reader.zone, reader.hours_of, earliest=earliest, not_after=planned.not_after
        )
        if at is not None:
            moved = Reason.EARLIER if at < planned.due_at else Reason.LATER
            yield planned if at == planned.due_at else replace(planned, due_at=at, reason=moved)
        elif _about(planned.key) not in by_email and Channel.EMAIL in reader.reachable(planned.key.kind):
            yield replace(planned, key=planned.key._replace(channel=Channel.EMAIL), reason=Reason.EMAIL_AT_NIGHT)
        else:
            yield replace(planned, status=MessageStatus.EXPIRED, reason=Reason.QUIET_HOURS)
