"""Which messages an appointment needs, and when. Pure: rows in, plans out.

Nobody writes down "send this now". After every change, what each reader was last told is compared with how things are,
and what follows is planned, a few minutes ahead: so what is undone in time is never said at all. The rules in force say
what is said and on which channel; texts keep out of the reader's night; and whatever is not said is written down with
the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.domain.messages.plans import Key, MessageRow, Occasion, PlanChange, Planned, Recipient, Wish
from telehealth.domain.messages.quiet_hours import fit_into_hours, waking_time
from telehealth.domain.messages.rules import BEFORE, Rule
from telehealth.domain.messages.told import NEWS, Standing, slot_told, tell_end
from telehealth.domain.words import Mode

SHORTLY_AFTER_NEWS = timedelta(minutes=30)
TIME_TO_READ = timedelta(hours=2)
"""Of hours in which people are awake: whoever has less before they would set out may have to be called."""
TOLD_BY_A_PERSON = frozenset(
    {MessageKind.CANCELLATION, MessageKind.DECLINED, MessageKind.MOVED, MessageKind.CHOOSE_AGAIN}
)
"""What the practice has to call about when nothing can be written. (Whoever enters a client speaks with them.)"""
HELPS_UNTIL = timedelta(hours=1)
"""Before the start: until then a reminder helps that is the only one."""
USEFUL_AFTER_CANCELLING = timedelta(days=1)
USEFUL_AFTER_MISSING = timedelta(days=2)


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
    if told is not None and told.is_true_for(reader):
        return None
    if reader.standing == Standing.ASKED:
        return MessageKind.CHOOSE_AGAIN
    is_news_of_a_move = believed == Standing.BOOKED or (believed == Standing.ASKED and _is_elsewhere(told, reader))
    return MessageKind.MOVED if is_news_of_a_move else MessageKind.CONFIRMATION


def _is_elsewhere(told: MessageRow | None, reader: Recipient) -> bool:
    return told is not None and slot_told(told.says) != slot_told(reader.says)


ENDINGS: Mapping[Standing, MessageKind] = {
    Standing.PENDING: MessageKind.DECLINED,
    Standing.BOOKED: MessageKind.CANCELLATION,
    Standing.ASKED: MessageKind.CANCELLATION,
}
"""How something ends for whoever believes that it stands so."""


def plan_offer_message(reader: Recipient, *, mode: Mode, now: datetime, not_after: datetime) -> list[Planned]:
    """What tells somebody who waits that a time is kept for them: at once, for it is kept for a short while."""
    said = Planned(Key(MessageKind.OFFER, Channel.EMAIL, reader.recipient), "", now, not_after)
    return list(_timed(_said(said, reader, mode, earliest=now), reader))


def _wanted(
    reader: Recipient, gone: Collection[MessageRow], waiting: list[MessageRow], occasion: Occasion
) -> Iterator[Wish]:
    if reader.is_left_out:
        return
    told = max((row for row in gone if row.key.kind in NEWS), key=lambda row: (row.version, row.id), default=None)
    kind = find_news(told, waiting, reader)
    if kind is not None:
        yield from _news(kind, told or next((row for row in waiting if row.key.kind in NEWS), None), reader, occasion)
    elif told is not None:
        # They have read it on one channel, and it still waits on the other.
        yield from _said_again(waiting, reader, occasion)
    if reader.standing == Standing.BOOKED and kind is not None:
        yield from _reminders_after_news(reader, occasion)
    elif reader.standing == Standing.BOOKED:
        so_far = _SoFar(told.planned_for if told is not None else occasion.now, gone, waiting)
        yield from _reminders(reader, so_far, occasion)
    if reader.has_missed:
        yield from _follow_ups(reader, waiting, occasion)


def _news(kind: MessageKind, told: MessageRow | None, reader: Recipient, occasion: Occasion) -> Iterator[Wish]:
    needs_call = reader.is_by_practice and _comes_late(kind, told, reader, occasion)
    occasion = replace(occasion, grace=timedelta()) if needs_call else occasion
    if reader.standing == Standing.OFF:
        due_at = occasion.due(before=occasion.starts_at)
        # Still worth knowing for a day; after that it would only confuse.
        said, not_after = tell_end(told.says if told else reader.says), due_at + USEFUL_AFTER_CANCELLING
    else:
        waits = reader.standing == Standing.PENDING and occasion.answer_by is not None
        not_after = occasion.answer_by if waits and occasion.answer_by else occasion.starts_at
        due_at, said = occasion.due(before=not_after), reader.says
    if due_at < not_after:
        planned = Planned(
            Key(kind, Channel.EMAIL, reader.recipient),
            said,
            due_at,
            not_after,
            needs_call=needs_call,
            told_before=told.says if told is not None and kind == MessageKind.MOVED else "",
        )
        # Not sooner: within the grace it may still be undone.
        yield from _said(planned, reader, occasion.mode, earliest=due_at)


def _comes_late(kind: MessageKind, told: MessageRow | None, reader: Recipient, occasion: Occasion) -> bool:
    """Whether somebody may set out for what they were told of, or miss what it is now, before they read the news."""
    if kind not in {MessageKind.CANCELLATION, MessageKind.MOVED, MessageKind.CHOOSE_AGAIN}:
        return False
    before = slot_told(told.says) if told is not None else None
    starts = [before[0]] if before is not None else [occasion.starts_at]
    first = min([*starts, occasion.starts_at] if kind == MessageKind.MOVED else starts)
    return occasion.now < first and (waking_time(occasion.now, first, reader.zone, reader.hours_of) < TIME_TO_READ)


def _said(planned: Planned, reader: Recipient, mode: Mode, *, earliest: datetime) -> Iterator[Wish]:
    """News on the channels of its rules. Where it goes nowhere, a row says why, and for the next change its reader
    counts as told when that was the practice's own wish, or when only a person can tell them.
    """
    kind = planned.key.kind
    ways = list(_ways(kind, reader, mode))
    for rule in ways:
        yield Wish(_by(rule, planned), earliest)
    if not ways:
        is_off = not _rules_about(kind, reader, mode)
        reason = Reason.UNREACHABLE if reader.has_email else Reason.BY_A_PERSON
        reason = Reason.SWITCHED_OFF if is_off else reason
        is_news_to_them = reader.is_by_practice and kind in TOLD_BY_A_PERSON
        needs_call = planned.needs_call or (reason == Reason.BY_A_PERSON and is_news_to_them)
        yield Wish(replace(planned, status=MessageStatus.VOID, reason=reason, needs_call=needs_call), None)


def _by(rule: Rule, planned: Planned) -> Planned:
    kind, _, recipient, _ = planned.key
    key = Key(kind, rule.channel, recipient, rule.minutes)
    return replace(planned, key=key, template=rule.template)


def _rules_about(kind: MessageKind, reader: Recipient, mode: Mode) -> list[Rule]:
    return [rule for rule in reader.rules if rule.kind == kind and mode in rule.modes]


def _ways(kind: MessageKind, reader: Recipient, mode: Mode) -> Iterator[Rule]:
    """The rules about a kind that can be kept. Who may not be texted gets an e-mail, and who has no address a text,
    unless one comes anyway.
    """
    reachable, about = reader.reachable(kind), _rules_about(kind, reader, mode)
    by_email, by_text = (
        {rule.minutes for rule in about if rule.channel == channel} for channel in (Channel.EMAIL, Channel.TEXT)
    )
    for rule in about:
        if rule.channel in reachable:
            yield rule
        elif rule.channel == Channel.TEXT and Channel.EMAIL in reachable and rule.minutes not in by_email:
            yield replace(rule, channel=Channel.EMAIL)
        elif not reader.has_email and Channel.TEXT in reachable and rule.minutes not in by_text:
            yield replace(rule, channel=Channel.TEXT)


def _said_again(waiting: Iterable[MessageRow], reader: Recipient, occasion: Occasion) -> Iterator[Wish]:
    for row in waiting:
        if row.key.kind not in NEWS or not row.is_true_for(reader):
            continue
        for rule in _ways(row.key.kind, reader, occasion.mode):
            if rule.channel == row.key.channel:
                yield _as_it_waits(row, rule)


def _as_it_waits(row: MessageRow, rule: Rule) -> Wish:
    return Wish(Planned(row.key, row.says, row.planned_for, row.not_after, rule.template), None)


class _SoFar(NamedTuple):
    """What a reader has been told by now, and what still waits: since ``told_at`` they know how things are."""

    told_at: datetime
    gone: Collection[MessageRow]
    waiting: Collection[MessageRow]


def _reminders_after_news(reader: Recipient, occasion: Occasion) -> Iterator[Wish]:
    """Whoever is told inside the lead time needs no reminder of it. The way in is needed however late."""
    shortly = occasion.now + SHORTLY_AFTER_NEWS
    for kind in BEFORE:
        since = occasion.now if kind == MessageKind.JOIN_LINK else shortly
        for rule in _ways(kind, reader, occasion.mode):
            if _due_before(rule, occasion) >= since and _due_before(rule, occasion) > occasion.now:
                yield _reminder(rule, reader, occasion, earliest=shortly)


def _reminders(reader: Recipient, so_far: _SoFar, occasion: Occasion) -> Iterator[Wish]:
    """What is ahead, what was planned in time and comes a little late, and what would be lost because the rule says
    another time by now.
    """
    for kind in BEFORE:
        ways = list(_ways(kind, reader, occasion.mode))
        passed = [rule.minutes for rule in ways if _due_before(rule, occasion) <= occasion.now]
        is_another_ahead = len(passed) < len(ways)
        for rule in ways:
            if rule.minutes not in passed:
                yield _reminder(rule, reader, occasion, earliest=occasion.now)
                continue
            there = list(_still_waiting(rule, reader, so_far.waiting, occasion))
            yield from there
            if not there and rule.minutes == min(passed) and _is_lost(rule, reader, so_far, occasion):
                yield from _at_once(rule, reader, occasion, is_another_ahead=is_another_ahead)


def _due_before(rule: Rule, occasion: Occasion) -> datetime:
    return occasion.starts_at - timedelta(minutes=rule.minutes)


def _reminder(rule: Rule, reader: Recipient, occasion: Occasion, *, earliest: datetime) -> Wish:
    due_at = _due_before(rule, occasion)
    key = Key(rule.kind, rule.channel, reader.recipient, rule.minutes)
    return Wish(Planned(key, reader.says, due_at, _useful_until(rule, due_at), rule.template), earliest)


def _is_lost(rule: Rule, reader: Recipient, so_far: _SoFar, occasion: Occasion) -> bool:
    """Whether nothing of its kind was said, or waits, though they knew of it by then, or were to be reminded later by a
    rule that is none any more. One that still waits under a rule of its own is no reason: who books late gets that one.
    """
    same = [row for row in so_far.gone if row.key.kind == rule.kind and row.is_true_for(reader)]
    in_force = {each.minutes for each in reader.rules if each.kind == rule.kind}
    was_to_be = any(row.key.kind == rule.kind and row.key.minutes not in in_force for row in so_far.waiting)
    knew = so_far.told_at + (timedelta() if rule.kind == MessageKind.JOIN_LINK else SHORTLY_AFTER_NEWS)
    return not same and (was_to_be or _due_before(rule, occasion) >= knew)


def _at_once(rule: Rule, reader: Recipient, occasion: Occasion, *, is_another_ahead: bool) -> Iterator[Wish]:
    """A reminder whose time has passed, now: while it helps as it was meant to; the only one helps longer."""
    until = _useful_until(rule, _due_before(rule, occasion))
    if not is_another_ahead:
        until = max(until, occasion.starts_at - HELPS_UNTIL)
    if occasion.now < until:
        key = Key(rule.kind, rule.channel, reader.recipient, rule.minutes)
        yield Wish(Planned(key, reader.says, occasion.now, until, rule.template), occasion.now)


def _follow_ups(reader: Recipient, waiting: Collection[MessageRow], occasion: Occasion) -> Iterator[Wish]:
    after = occasion.now + occasion.grace
    for rule in _ways(MessageKind.FOLLOW_UP, reader, occasion.mode):
        usual = occasion.ends_at + timedelta(minutes=rule.minutes)
        not_after = usual + USEFUL_AFTER_MISSING
        if usual > occasion.now or not any(_is_for(rule, row, reader) for row in waiting):
            due_at = max(usual, after)
            if due_at < not_after:
                key = Key(rule.kind, rule.channel, reader.recipient, rule.minutes)
                # Not sooner: what was noted by mistake can be put right until then.
                yield Wish(Planned(key, reader.says, due_at, not_after, rule.template), max(after, occasion.ends_at))
        else:
            yield from _still_waiting(rule, reader, waiting, occasion)


def _still_waiting(
    rule: Rule, reader: Recipient, waiting: Collection[MessageRow], occasion: Occasion
) -> Iterator[Wish]:
    """What was planned in time and comes a little late still goes; by e-mail when texts have ended meanwhile."""
    for row in waiting:
        if row.not_after <= occasion.now:
            continue
        if _is_for(rule, row, reader):
            yield _as_it_waits(row, rule)
        elif _about(row.key) == (rule.kind, rule.minutes) and rule.channel == Channel.EMAIL != row.key.channel:
            key = row.key._replace(channel=Channel.EMAIL)
            yield Wish(Planned(key, reader.says, occasion.now, row.not_after, rule.template), None)


def _is_for(rule: Rule, row: MessageRow, reader: Recipient) -> bool:
    """Whether a row is what a rule asks for; an e-mail may stand for a text that would come at night."""
    is_there = row.key.channel in {rule.channel, Channel.EMAIL} and row.key.channel in reader.reachable(rule.kind)
    return is_there and _about(row.key) == (rule.kind, rule.minutes)


def _useful_until(rule: Rule, due_at: datetime) -> datetime:
    """A reminder helps until half of its lead is gone; the way into the room helps until the start."""
    lead = timedelta(minutes=rule.minutes)
    return due_at + (lead if rule.kind == MessageKind.JOIN_LINK else lead / 2)


def _timed(wishes: Iterable[Wish], reader: Recipient) -> Iterator[Planned]:
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
