"""What a language has to bring along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from telehealth.domain.words import MessageKind, Mode


class Ending(StrEnum):
    """How something ended for a reader, where it takes other words."""

    EXPIRED = "expired"  # Nobody answered the request in time.
    WITHDRAWN = "withdrawn"  # The client took the request back.
    LEFT = "left"  # One client is not coming, and the others are.
    HANDED_ON = "handed_on"  # Another therapist gives it.


@dataclass(frozen=True, slots=True)
class Phrase:
    """``subject`` and ``opening`` of an e-mail; ``text`` is what a text says between the sender's name and the line
    about STOP, and empty where nobody is texted. All of them are Jinja sources (``domain.messages.templates``).
    """

    subject: str
    opening: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the sentences of every message. ``{…}`` is filled with what the name says."""

    hello: str
    hello_nobody: str
    when: str
    your_own_time: str
    other_zone: str
    how: str
    where: str
    whom: str
    room_opens: str
    see: str
    see_or_change: str
    join: str
    answer_offer: str
    find_another: str
    questions: str
    button_fails: str
    opens_itself: str
    answers_itself: str
    entry: str
    entry_questions: str
    reply: str
    reply_when_confirmed: str
    reply_where_it_stays: str
    stop: str
    first_stop: str
    no_more: str


@dataclass(frozen=True, slots=True)
class Lines:
    """One line for each of several appointments, by how it stands now."""

    booked: str
    off: str
    pending: str
    free: str


@dataclass(frozen=True, slots=True)
class Language:
    """All words of one language."""

    to_clients: Mapping[MessageKind, Phrase]
    endings: Mapping[Ending, Phrase]
    how: Mapping[Mode, str]
    how_in_short: Mapping[Mode, str]
    around: Around
    lines: Lines
