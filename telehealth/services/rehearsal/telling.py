"""Judging one message after the other, as sending will, and putting it into words."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.addresses import Addresses, without_keys
from telehealth.domain.consent.contactability import NO_OPT_OUTS, PURPOSE_OF, OptOuts, why_not_contactable
from telehealth.domain.delivery.states import REACHES
from telehealth.domain.delivery.verdicts import contact_of, decide
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason
from telehealth.domain.messages.plans import Key, Planned
from telehealth.domain.reasons import say_why
from telehealth.models import Appointment, Message, Practice
from telehealth.queries.consent.opt_outs import opt_outs_of_messages
from telehealth.queries.delivery.texted_numbers import TextedNumbers, list_texts, number_of, read_texted_numbers
from telehealth.queries.inbox.inbound_texts import series_by_appointment
from telehealth.services.delivery.contents import write_content, write_several
from telehealth.services.delivery.gathering import GATHERED, SAME_MINUTE
from telehealth.services.messages.outbox import message_values

NOTHING, DAY = timedelta(0), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class RehearsedLine:
    """One message that would go out (``goes``) or not, and why (``reason`` and what belongs to it, as with a message;
    it may also say why it goes then). ``by_email``: it goes by e-mail instead. ``is_planned``: it has a row, or will.

    ``at`` is an aware instant, ``zone`` the IANA name of its reader's clock, ``appointment`` a public id, "" for none.
    """

    at: datetime
    zone: str
    to: str
    kind: MessageKind
    channel: Channel
    minutes: int
    goes: bool
    reason: Reason | None = None
    text_reason: Reason | None = None
    reason_detail: str = ""
    by_email: bool = False
    is_planned: bool = True
    subject: str = ""
    body: str = ""
    appointment: str = ""

    @property
    def why(self) -> str:
        """The reason in words for staff."""
        words = say_why(self) + (" It goes by e-mail instead." if self.by_email else "")
        return words if self.is_planned else words.rstrip(".")


class _Why(NamedTuple):
    """A reason with what belongs to it."""

    reason: Reason | None = None
    text_reason: Reason | None = None
    detail: str = ""


def _why_of(row: Message) -> _Why:
    return _Why(row.reason, row.text_reason, row.reason_detail or "")


class Telling:
    """Judges one message after the other from ``since`` on, and remembers whom it would have texted."""

    def __init__(self, practice: Practice, addresses: Addresses, *, since: datetime, now: datetime) -> None:
        self._practice, self._addresses, self._since, self._now = practice, addresses, since, now
        self._texted: deque[tuple[datetime, str]] = deque()
        self._never = TextedNumbers()

    def all(self, rows: Iterable[Message]) -> Iterator[RehearsedLine]:
        """A line for each, those that wait for the morning in their new place."""
        listed = list(rows)
        self._by_email = {_about(each) for each in listed if each.channel == Channel.EMAIL and each.status in REACHES}
        self._by_email |= _list_by_email(listed)
        self._never = read_texted_numbers([each for each in listed if each.id is not None], now=self._now)
        self._remember({number for each in listed if (number := number_of(each))})
        withheld = opt_outs_of_messages(listed).get(self._practice.id, NO_OPT_OUTS)
        together = {id(each): group for group in _gather(listed) for each in group}
        for row in listed:
            group = together.get(id(row), [])
            if len(group) > 1:
                yield _line(row, row.due_at, _Why(Reason.SAID_IN_ONE), goes=False)
                if row is group[0]:
                    yield self._several(group, withheld)
            elif row.status == MessageStatus.PLANNED:
                yield (line := self._judged(row, withheld))
                if line.by_email and (instead := self._instead(row, line.at, withheld)) is not None:
                    yield instead
            else:
                yield _line(row, row.due_at, _why_of(row), goes=False)

    def _remember(self, numbers: Collection[str]) -> None:
        """What these numbers will have been texted by then: what is said at one moment counts once."""
        last: dict[str, datetime] = {}
        for at, number in list_texts(self._practice.id, numbers, min(self._now, self._since) - DAY, self._since):
            is_alone = number not in last or at > last[number] + SAME_MINUTE
            if is_alone and self._had(at).get(number, 0) < self._practice.texts_a_day:
                last[number] = at
                self._texted.append((at, number))
                self._never.note(self._practice.id, number)

    def _judged(self, row: Message, withheld: OptOuts) -> RehearsedLine:
        at = max(row.due_at, self._now)
        if row.appointment is not None and row.appointment.plan_version < self._practice.plan_version:
            row.appointment.plan_version = self._practice.plan_version  # Planned anew before it is sent; here, too.
        said = decide(row, withheld=withheld, now=at, texted=self._had(at))
        if said.wait_until is not None:
            at = said.wait_until
        elif not said.send:
            return _line(row, at, _Why(said.reason, None, said.detail), goes=False, by_email=said.by_email)
        return self._written(row, at, _why_of(row) if said.reason is None else _Why(said.reason))

    def _several(self, group: Sequence[Message], withheld: OptOuts) -> RehearsedLine:
        """The one message that stands for these."""
        first, at = group[0], max(group[0].due_at, self._now)
        until = max(each.not_after for each in group)
        values = message_values(
            Planned(Key(MessageKind.SEVERAL, first.channel, first.recipient), "", at, until),
            now=at,
            practice_id=first.practice_id,
            appointment=first.appointment,
            attendee=first.attendee,
            companion=first.companion,
            therapist=first.therapist,
            version=first.version,
        )
        row = Message(**values, unsure=False, body="", public_id="rehearsal")
        said = decide(row, withheld=withheld, now=at, texted=self._had(at))
        if not said.send:
            return _line(row, said.wait_until or at, _Why(said.reason), goes=said.wait_until is not None)
        write_several(row, group, self._addresses, now=at, is_first_text=self._never.is_first(row))
        if row.channel == Channel.TEXT:
            self._texted.append((at, row.sent_to))
            self._never.note(row.practice_id, row.sent_to)
        return _line(row, at, _Why(), goes=True)

    def _instead(self, row: Message, at: datetime, withheld: OptOuts) -> RehearsedLine | None:
        """The e-mail that goes in place of a text, unless one says the same anyway, or none can be written to them."""
        contact = contact_of(row)
        if contact is None or _about(row) in self._by_email:
            return None
        if why_not_contactable(contact, contact.client, Channel.EMAIL, PURPOSE_OF[row.kind], withheld) is not None:
            return None
        planned = Planned(
            Key(row.kind, Channel.EMAIL, row.recipient, row.minutes or 0),
            row.says or "",
            at,
            row.not_after,
            reason=Reason.INSTEAD_OF_TEXT,
        )
        values = message_values(
            planned,
            now=at,
            practice_id=row.practice_id,
            appointment=row.appointment,
            attendee=row.attendee,
            companion=row.companion,
            offer=row.offer,
            version=row.version,
        )
        return self._written(Message(**values, unsure=False, body="", public_id="rehearsal"), at, _Why())

    def _written(self, row: Message, at: datetime, why: _Why) -> RehearsedLine:
        try:
            write_content(row, self._addresses, now=at, is_first_text=self._never.is_first(row))
        except ValueError as problem:
            return _line(row, at, _Why(Reason.OTHER, None, str(problem)), goes=False)
        if row.channel == Channel.TEXT:
            self._texted.append((at, row.sent_to))
            self._never.note(row.practice_id, row.sent_to)
        return _line(row, at, why, goes=True)

    def _had(self, at: datetime) -> Mapping[str, int]:
        while self._texted and self._texted[0][0] <= at - DAY:
            self._texted.popleft()
        return Counter(number for _, number in self._texted)


def _gather(rows: Iterable[Message]) -> list[list[Message]]:
    """What is due together, as ``delivery.gathering`` has it: texts to one number within a minute, e-mails about one
    standing slot at the same moment.
    """
    planned = [each for each in rows if each.status == MessageStatus.PLANNED and each.kind in GATHERED[each.channel]]
    slots = series_by_appointment([each.appointment_id for each in planned if each.appointment_id is not None])
    open_groups: dict[tuple[object, ...], list[Message]] = {}
    groups: list[list[Message]] = []
    for row in planned:
        key = _together_key(row, slots)
        group = open_groups.get(key, [])
        if not group or row.due_at > group[0].due_at + (SAME_MINUTE if row.channel == Channel.TEXT else NOTHING):
            groups.append(group := [])
            open_groups[key] = group
        group.append(row)
    return groups


def _together_key(row: Message, slots: Mapping[int, int]) -> tuple[object, ...]:
    if row.channel == Channel.TEXT and (number := number_of(row)):
        return (number,)
    slot = slots.get(row.appointment_id or 0)
    if row.channel == Channel.EMAIL and slot is not None:
        client_id = row.attendee.client_id if row.attendee is not None else None
        return (slot, row.kind, client_id, row.companion.id if row.companion is not None else None, row.therapist_id)
    return (id(row),)


def _list_by_email(rows: Iterable[Message]) -> set[tuple[object, ...]]:
    """What e-mails say, or have said, of the appointments that these texts are about."""
    ids = {each.appointment_id for each in rows if each.channel == Channel.TEXT and each.appointment_id is not None}
    columns = (Appointment.public_id, Message.recipient, Message.kind, Message.minutes)
    is_email = (Message.channel == Channel.EMAIL, Message.status.in_(REACHES), Message.appointment_id.in_(ids))
    said = db.session.execute(select(*columns).join(Message.appointment).where(*is_email)) if ids else ()
    return {(*about, minutes or 0) for *about, minutes in said}


def _about(row: Message) -> tuple[object, ...]:
    about = row.appointment.public_id if row.appointment is not None else row.offer_id
    return (about, row.recipient, row.kind, row.minutes or 0)


def _line(row: Message, at: datetime, why: _Why, *, goes: bool, by_email: bool = False) -> RehearsedLine:
    to, zone = _reader(row)
    return RehearsedLine(
        at=at,
        zone=zone,
        to=to,
        kind=row.kind,
        channel=row.channel,
        minutes=row.minutes or 0,
        goes=goes,
        reason=why.reason,
        text_reason=why.text_reason,
        reason_detail=why.detail,
        by_email=by_email,
        subject=row.subject or "" if goes else "",
        body=without_keys(row.body or "") if goes else "",
        appointment=(row.appointment.public_id or "") if row.appointment is not None else "",
    )


def _reader(row: Message) -> tuple[str, str]:
    contact = contact_of(row)
    if contact is not None:
        return contact.name, contact.timezone
    if row.therapist is not None:
        return row.therapist.name, row.therapist.timezone
    return (row.inbound.sender if row.inbound is not None else ""), "UTC"
