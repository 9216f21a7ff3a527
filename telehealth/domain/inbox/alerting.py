"""What staff are told of by message because a page is not enough (invariant 13), and in which words. Pure.

An alert names nobody and quotes nothing: it lights up on a locked phone. Who it is about stands at the desk, behind the
login. Staff read the desk in English, and so they do this. Who is told, and when: ``alert_steps``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from telehealth.domain.message_words import TaskKind
from telehealth.domain.messages.segments import plain_words, text_name
from telehealth.domain.ports import Letter


class StaffAlerts(StrEnum):
    """Which texts of clients' are told to staff at once, besides being on their page."""

    OFF = "off"
    URGENT = "urgent"  # Those that must not wait.
    NEAR = "near"  # These, and whatever needs a person while a session is near.


class AlertReason(StrEnum):
    """What waits, and staff are told of."""

    URGENT = "urgent"  # A text with words that must not wait.
    NEAR = "near"  # A text while a session begins soon, or has begun.
    UNANSWERED = "unanswered"  # What we answered to an urgent text did not arrive.
    TEXT = "text"  # Any other text that needs a person.
    REQUEST = "request"  # An appointment that waits for the practice's yes.
    TO_DO = "to_do"  # A message did not arrive, or something else is to be done by a person.
    ARRIVED = "arrived"  # A client is here: the desk says so, or they wait in our video room.
    ALONE = "alone"  # A client is in the video room, and nobody else is.
    CALL_BACK = "call_back"  # Video does not work for a client who is there.


NEAR = timedelta(hours=2)
"""Before the start, and as long as it goes on: whoever is late, or finds no way in, writes then."""
LEFT_FOR = timedelta(minutes=2)
"""A therapist who is out of a call for so long, while others are in it, does not just load the page anew."""
USEFUL_FOR = timedelta(hours=12)
MOST, MOST_IN = 5, timedelta(hours=1)
"""Texts of one number that are told at once: a machine that repeats an urgent word must not ring all night. Each of
them is still a task.
"""

OF_TEXTS_AT_ONCE = frozenset({AlertReason.URGENT, AlertReason.NEAR, AlertReason.UNANSWERED})
"""What is told in the moment in which it happens; of all else a tick tells."""
WATCHED = timedelta(days=3)
"""What has waited for longer is not told any more: everybody who could be was."""
_TOLD: Mapping[StaffAlerts, frozenset[AlertReason]] = MappingProxyType(
    {
        StaffAlerts.OFF: frozenset(),
        StaffAlerts.URGENT: frozenset({AlertReason.URGENT, AlertReason.UNANSWERED}),
        StaffAlerts.NEAR: frozenset(AlertReason),
    }
)
_HAPPENED: Mapping[AlertReason, str] = MappingProxyType(
    {
        AlertReason.URGENT: "an urgent text came in",
        AlertReason.NEAR: "a text came in about an appointment that is near",
        AlertReason.UNANSWERED: "our answer to an urgent text did not arrive",
        AlertReason.TEXT: "a text waits for an answer",
        AlertReason.REQUEST: "somebody who asked for a time waits for an answer",
        AlertReason.TO_DO: "a message did not arrive, or something else is to be done",
        AlertReason.ARRIVED: "somebody is here for their appointment",
        AlertReason.ALONE: "somebody waits in the video room, and nobody else is there",
        AlertReason.CALL_BACK: "video does not work for somebody, who asks to be called now",
    }
)
_SUBJECTS: Mapping[AlertReason, str] = MappingProxyType(
    {
        AlertReason.URGENT: "Please look now: an urgent text",
        AlertReason.NEAR: "Please look now: a text about an appointment that is near",
        AlertReason.UNANSWERED: "Please look now: an urgent text needs a call",
        AlertReason.TEXT: "A text waits for an answer",
        AlertReason.REQUEST: "Somebody who asked for a time waits",
        AlertReason.TO_DO: "Something is to be done at the desk",
        AlertReason.ARRIVED: "Somebody is here for their appointment",
        AlertReason.ALONE: "Please look now: somebody waits in the video room",
        AlertReason.CALL_BACK: "Please look now: somebody asks to be called",
    }
)
_OF_TASKS: Mapping[TaskKind, AlertReason] = MappingProxyType(
    {
        TaskKind.TEXT: AlertReason.TEXT,
        TaskKind.CRISIS: AlertReason.URGENT,
        TaskKind.CALL_BACK: AlertReason.CALL_BACK,
    }
)
NOT_LOOKED_AT = "nobody has looked at it yet"


def is_told(rule: StaffAlerts, why: AlertReason) -> bool:
    """Whether the practice wants staff to be told: of texts that must not wait it decides as of nothing else."""
    return why not in OF_TEXTS_AT_ONCE or why in _TOLD[rule]


def reason_of_task(kind: TaskKind) -> AlertReason:
    """What waits, when a task does."""
    return _OF_TASKS.get(kind, AlertReason.TO_DO)


def alert_text(sender: str, why: AlertReason, url: str, *, others: int = 0, minutes: int = 0) -> str:
    """The words of a text to staff; ``sender`` is the practice's name in messages, ``others`` how many more of the same
    it stands for. With ``minutes``, nobody has looked for so long.
    """
    return plain_words(f"{text_name(sender)}: {_say(why, others, minutes)}. Please look at it now: {url}")


def alert_letter(
    sender: str, why: AlertReason, url: str, *, taking_url: str = "", others: int = 0, minutes: int = 0
) -> Letter:
    """The same as an e-mail; ``taking_url`` is where its reader says that they have it."""
    happened = _say(why, others, minutes)
    return Letter(
        subject=_SUBJECTS[why],
        greeting="Hello,",
        paragraphs=(f"{happened[0].upper()}{happened[1:]}. Please look at it now; it stands at the desk.",),
        actions=(("Open it at the desk", url), *([("I have it", taking_url)] if taking_url else [])),
        closing=("You get this because you are on duty here. The practice's settings say when.", sender),
    )


def _say(why: AlertReason, others: int, minutes: int) -> str:
    more = f", and {others} more like it" if others else ""
    return f"{_HAPPENED[why]}{more}{f'; {NOT_LOOKED_AT}' if minutes else ''}"
