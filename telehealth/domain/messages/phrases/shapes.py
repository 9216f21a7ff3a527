"""What a language has to bring along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from telehealth.domain.message_words import MessageKind
from telehealth.domain.series.patterns import MonthWeek
from telehealth.domain.words import Mode


class Ending(StrEnum):
    """How something ended for a reader, where it takes other words."""

    EXPIRED = "expired"  # Nobody answered the request in time.
    WITHDRAWN = "withdrawn"  # The client took the request back.
    BY_CLIENT = "by_client"  # The client cancelled.
    BY_ANOTHER = "by_another"  # Another client of it did.
    BY_PRACTICE = "by_practice"
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
    length: str
    minutes: str
    your_own_time: str
    other_zone: str
    before: str
    cancelled_by: str
    how: str
    where: str
    way_there: str
    map: str
    whom: str
    about_whom: str
    for_whom: str
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


CANCELLED = frozenset({Ending.BY_CLIENT, Ending.BY_ANOTHER, Ending.BY_PRACTICE})
"""Who cancelled it: a practice's own words about that may stand in place of ours."""


@dataclass(frozen=True, slots=True)
class Lines:
    """One line for each of several appointments, by how it stands now."""

    booked: str
    off: str
    pending: str
    asked: str
    free: str
    before: str


@dataclass(frozen=True, slots=True)
class SlotWords:
    """About several dates of a standing slot in one message. ``{rhythm}`` is "every Tuesday at 3:00 PM Mountain Time",
    ``{first}`` the first date and ``{last}`` " until …" or nothing, ``{count}`` how many dates, ``{days}`` the dates,
    ``{how}``, ``{phone}`` and ``{manage}`` as everywhere. ``text`` is empty where nobody is texted.
    """

    subject: str
    opening: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Rhythms:
    """How often: ``{day}`` is a weekday as it stands there, ``{weeks}`` how many, ``{time}`` the time and its zone.
    Those with ``_at`` do without the weekday, for texts that cannot spell it. ``until`` is put behind, with the last
    day.
    """

    weekly: str
    every_weeks: str
    weekly_at: str
    every_weeks_at: str
    monthly: str
    monthly_at: str
    which: Mapping[MonthWeek, str]
    until: str


@dataclass(frozen=True, slots=True)
class Language:
    """All words of one language."""

    to_clients: Mapping[MessageKind, Phrase]
    endings: Mapping[Ending, Phrase]
    cancellers: Mapping[Ending, str]
    how: Mapping[Mode, str]
    how_in_short: Mapping[Mode, str]
    around: Around
    lines: Lines
    slots: Mapping[MessageKind, SlotWords]
    rhythms: Rhythms
