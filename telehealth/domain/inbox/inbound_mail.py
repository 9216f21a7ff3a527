"""What an e-mail to the practice is, once it is read: an answer to an invite, a mail that came back, one that a machine
wrote, or a person's. No words of it are kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from telehealth.domain.calendar_words import CalendarAnswer
from telehealth.domain.consent.bounces import Bounce

CLOCKS_DIFFER = timedelta(minutes=10)
"""So far ahead may the clock be of whoever answers."""
FURTHEST = timedelta(days=2 * 366)
"""So far ahead may another time be that they propose."""


class MailKind(StrEnum):
    """What somebody, or something, wrote."""

    ANSWER = "answer"  # To an invite, by a calendar.
    BOUNCE = "bounce"
    AUTOMATIC = "automatic"  # Out of the office, a receipt, a delay: nobody waits for anything.
    LETTER = "letter"  # By a person, as far as anybody can tell.


class MailFate(StrEnum):
    """What became of a mail."""

    DONE = "done"  # Nobody needs to look at it any more.
    FOR_A_PERSON = "for_a_person"  # It is about something of ours, and somebody has to read it.
    UNPROVED = "unproved"  # It says that it is about something of ours, and nothing proves who wrote it.
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class InviteReply:
    """An iTIP REPLY or COUNTER (RFC 5546 sections 3.2.3 and 3.2.7). Instants are aware. Of another time that is
    proposed the end may be missing, and all of it where it could not be read.
    """

    answer: CalendarAnswer
    uid: str
    attendee: str = field(repr=False)
    sequence: int
    stamped_at: datetime
    proposed_start: datetime | None = None
    proposed_end: datetime | None = None

    def digest(self, *, is_proved: bool) -> str:
        """All that tells two answers apart."""
        times = (self.stamped_at, self.proposed_start, self.proposed_end)
        said = (self.uid, self.attendee, self.answer.value, self.sequence, *times, is_proved)
        return hashlib.sha256(repr([str(each) for each in said]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class InboundMail:
    """An e-mail that was read. ``sender`` is the one address that it says it is from, or nothing; ``is_proved`` whether
    the mail server that took it in found that this is so. ``references`` are the mails of ours that it answers, by
    their public ids, which nobody can guess.
    """

    kind: MailKind
    sender: str = field(default="", repr=False)
    is_proved: bool = False
    references: Sequence[str] = ()
    reply: InviteReply | None = None
    bounces: Sequence[Bounce] = ()


def is_newer(reply: InviteReply, sequence: int, stamped_at: datetime) -> bool:
    """Whether an answer comes after one to this SEQUENCE that was stamped then (RFC 5546 section 2.1.5)."""
    return (reply.sequence, reply.stamped_at) > (sequence, stamped_at)


def bound_reply(reply: InviteReply, *, sequence: int, now: datetime) -> InviteReply:
    """An answer as far as it can be meant: to no later invite than the one of ``sequence``, which is the last there is,
    and given by now. What claims more would be the latest for ever, and no other answer would count. Another time is to
    come, and not in years; else it is none.
    """
    stamped = reply.stamped_at if reply.stamped_at <= now + CLOCKS_DIFFER else now
    start, end = reply.proposed_start, reply.proposed_end
    if start is None or not now < start <= now + FURTHEST:
        start = end = None
    elif end is not None and not start < end <= now + FURTHEST:
        end = None
    return replace(
        reply, sequence=min(reply.sequence, sequence), stamped_at=stamped, proposed_start=start, proposed_end=end
    )
