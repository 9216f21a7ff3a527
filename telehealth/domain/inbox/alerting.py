"""What staff are told when a text must not wait (invariant 13), and which texts that are. Pure.

An alert names nobody and quotes nothing: it lights up on a locked phone. What was written stands at the desk, behind
the login. Staff read the desk in English, and so they do this.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from telehealth.domain.messages.segments import plain_words, text_name
from telehealth.domain.ports import Letter


class StaffAlerts(StrEnum):
    """Which texts of clients' are told to staff at once, besides being on their page."""

    OFF = "off"
    URGENT = "urgent"  # Those that must not wait.
    NEAR = "near"  # These, and whatever needs a person while a session is near.


class AlertReason(StrEnum):
    """Why staff are told at once."""

    URGENT = "urgent"
    NEAR = "near"  # A session begins soon, or has begun.
    UNANSWERED = "unanswered"  # What we answered to an urgent text did not arrive.


NEAR = timedelta(hours=2)
"""Before the start, and as long as it goes on: whoever is late, or finds no way in, writes then."""
USEFUL_FOR = timedelta(hours=12)
MOST, MOST_IN = 5, timedelta(hours=1)
"""Texts of one number that are told at once: a machine that repeats an urgent word must not ring all night. Each of
them is still a task.
"""

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
    }
)
_SUBJECTS: Mapping[AlertReason, str] = MappingProxyType(
    {
        AlertReason.URGENT: "Please look now: an urgent text",
        AlertReason.NEAR: "Please look now: a text about an appointment that is near",
        AlertReason.UNANSWERED: "Please look now: an urgent text needs a call",
    }
)


def is_told(rule: StaffAlerts, why: AlertReason) -> bool:
    """Whether the practice wants staff to be told."""
    return why in _TOLD[rule]


def alert_text(sender: str, why: AlertReason, task_url: str) -> str:
    """The words of a text to staff; ``sender`` is the practice's name in messages."""
    return plain_words(f"{text_name(sender)}: {_HAPPENED[why]}. Please look at it now: {task_url}")


def alert_letter(sender: str, why: AlertReason, task_url: str) -> Letter:
    """The same as an e-mail."""
    happened = _HAPPENED[why]
    return Letter(
        subject=_SUBJECTS[why],
        greeting="Hello,",
        paragraphs=(f"{happened[0].upper()}{happened[1:]}. Please look at it now; it stands at the desk.",),
        actions=(("Open it at the desk", task_url),),
        closing=("You get this because you are on duty here. The practice's settings say when.", sender),
    )
