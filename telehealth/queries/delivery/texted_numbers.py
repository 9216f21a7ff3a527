"""How many texts the numbers of a batch had from their practice: a day has a cap, and the very first text says more."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, union_all
from sqlalchemy.orm import aliased

from telehealth.database import db
from telehealth.domain.consent.contactability import reached_at
from telehealth.domain.delivery.verdicts import contact_of
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.domain.messages.rules import ANSWERS
from telehealth.models import Attendee, Client, Companion, Message, Offer, WaitlistEntry
from telehealth.queries.consent.reaching import text_goes_to

DAY = timedelta(days=1)
_EARLIER = aliased(Message)
_NUMBER = text_goes_to(Attendee, WaitlistEntry)


def _earlier(*more: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    same = (_EARLIER.sent_to == _NUMBER, _EARLIER.practice_id == Message.practice_id, _EARLIER.id != Message.id)
    # A code says nothing of an appointment: the day has room for what does, and the first of those says more.
    return (*same, _EARLIER.channel == Channel.TEXT, _EARLIER.kind != MessageKind.CODE, *more)


_IS_GOING = and_(_EARLIER.sent_at.is_(None), _EARLIER.status == MessageStatus.SENDING)
_TODAY = select(func.count(_EARLIER.id)).where(*_earlier(or_(_EARLIER.sent_at > bindparam("since"), _IS_GOING)))
# Answers do not count: they are short, and whoever gets one has texted us first.
_EVER = exists().where(*_earlier(_EARLIER.kind.not_in(ANSWERS), or_(_EARLIER.sent_at.is_not(None), _IS_GOING)))


def _with_number(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Of messages to clients, with who they are sent to."""
    return (
        select(*columns, _NUMBER.label("number"))
        .select_from(Message)
        .outerjoin(Offer, Offer.id == Message.offer_id)
        .outerjoin(Attendee, Attendee.id == Message.attendee_id)
        .outerjoin(Companion, Companion.id == Message.companion_id)
        .outerjoin(WaitlistEntry, WaitlistEntry.id == Offer.entry_id)
        .join(Client, Client.id == func.coalesce(Attendee.client_id, WaitlistEntry.client_id))
    )


_TEXTED = _with_number(Message.practice_id, _TODAY.scalar_subquery().label("today"), _EVER.label("had_some")).where(
    Message.id.in_(bindparam("ids", expanding=True))
)


@dataclass(slots=True)
class TextedNumbers:
    """By the id of a practice: how many texts each number had from it in the last 24 hours, and the numbers that never
    had one. Whoever sends one notes it.
    """

    today: defaultdict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    never: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def is_first(self, message: Message) -> bool:
        """Whether it is a text, and the first one of its practice to its number."""
        return number_of(message) in self.never[message.practice_id]

    def note(self, practice_id: int, number: str) -> None:
        """A text goes there."""
        self.today[practice_id][number] += 1
        self.never[practice_id].discard(number)


def read_texted_numbers(messages: Sequence[Message], *, now: datetime) -> TextedNumbers:
    """About the numbers that texts among these messages go to: one statement."""
    found = TextedNumbers()
    ids = sorted(each.id for each in messages if number_of(each))
    if ids:
        for row in db.session.execute(_TEXTED, {"ids": ids, "since": now - DAY}):
            found.today[row.practice_id][row.number] = row.today
            if not row.had_some:
                found.never[row.practice_id].add(row.number)
    return found


def list_texts(
    practice_id: int, numbers: Collection[str], since: datetime, until: datetime
) -> Sequence[tuple[datetime, str]]:
    """The texts to these numbers that went out from ``since`` on, and those that are to go in [since, until), in order
    of time, each with its number.
    """
    if not numbers:
        return []
    sent = select(Message.sent_at.label("at"), Message.sent_to.label("number")).where(
        Message.sent_to.in_(numbers), Message.sent_at >= since
    )
    waits = _with_number(Message.due_at).where(
        Message.due_at >= since,
        Message.due_at < until,
        Message.status == MessageStatus.PLANNED,
        _NUMBER.in_(numbers),
    )
    of_practice = (Message.practice_id == practice_id, Message.channel == Channel.TEXT)
    both = union_all(sent.where(*of_practice), waits.where(*of_practice)).subquery()
    return [(row.at, row.number) for row in db.session.execute(select(both.c.at, both.c.number).order_by(both.c.at))]


def number_of(message: Message) -> str | None:
    """Where a text to a client goes; None for whatever is no such text."""
    contact = contact_of(message) if message.channel == Channel.TEXT and message.kind not in ANSWERS else None
    return reached_at(contact, contact.client, Channel.TEXT) if contact is not None else None
