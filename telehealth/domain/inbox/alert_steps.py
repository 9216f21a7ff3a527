"""Who is told of what waits, how, and after how many minutes in which nobody has looked at it. Pure.

What a practice has not chosen is told by ``DEFAULTS``. Hours and days are those on the practice's wall.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from telehealth.domain.inbox.alerting import AlertReason
from telehealth.domain.message_words import Channel

DAY_MINUTES = 24 * 60
EVERY_DAY = tuple(range(7))
"""As ``date.weekday`` counts them: Monday is 0."""


class AlertTo(StrEnum):
    """Who is told."""

    THERAPIST = "therapist"  # Whose client it is.
    ON_DUTY = "on_duty"  # By the practice's roster; its owners while nobody is on duty.
    FRONT_DESK = "front_desk"  # All of them.
    OWNERS = "owners"
    PRACTICE = "practice"  # The practice's own number for alerts, and its mailbox.
    PERSON = "person"
    NOBODY = "nobody"  # Of this kind nobody is told.


class AlertWay(StrEnum):
    """How somebody is told. Where they have no number, or it does not work, they are e-mailed."""

    EMAIL = "email"
    TEXT = "text"
    BOTH = "both"


CHANNELS: Mapping[AlertWay, tuple[Channel, ...]] = MappingProxyType(
    {
        AlertWay.EMAIL: (Channel.EMAIL,),
        AlertWay.TEXT: (Channel.TEXT,),
        AlertWay.BOTH: (Channel.TEXT, Channel.EMAIL),
    }
)


@dataclass(frozen=True, slots=True)
class AlertStep:
    """Tell somebody once something has waited for ``minutes`` and nobody has looked; on some days, between two minutes
    after midnight. An end at or before the start is on the next day. What falls due outside waits for these hours.
    ``person`` is the public id of a login, of a step that names one.
    """

    to: AlertTo
    way: AlertWay = AlertWay.BOTH
    minutes: int = 0
    days: tuple[int, ...] = EVERY_DAY
    starts: int = 0
    ends: int = DAY_MINUTES
    person: str | None = None

    @property
    def is_always(self) -> bool:
        """Whether it has no hours."""
        return len(self.days) == len(EVERY_DAY) and (self.starts, self.ends) == (0, DAY_MINUTES)


def _by_day(to: AlertTo, minutes: int) -> AlertStep:
    return AlertStep(to, AlertWay.EMAIL, minutes, starts=8 * 60, ends=20 * 60)


_AT_ONCE = (
    AlertStep(AlertTo.THERAPIST),
    AlertStep(AlertTo.PRACTICE, AlertWay.TEXT),
    AlertStep(AlertTo.FRONT_DESK),
    AlertStep(AlertTo.OWNERS),
)
_URGENT = (*_AT_ONCE, AlertStep(AlertTo.ON_DUTY, minutes=5), AlertStep(AlertTo.OWNERS, minutes=15))
DEFAULTS: Mapping[AlertReason, Sequence[AlertStep]] = MappingProxyType(
    {
        AlertReason.URGENT: _URGENT,
        AlertReason.UNANSWERED: _URGENT,
        AlertReason.NEAR: (*_AT_ONCE, AlertStep(AlertTo.ON_DUTY, minutes=10)),
        AlertReason.TEXT: (_by_day(AlertTo.FRONT_DESK, 4 * 60),),
        AlertReason.REQUEST: (
            _by_day(AlertTo.FRONT_DESK, 2 * 60),
            _by_day(AlertTo.OWNERS, 8 * 60),
        ),
        AlertReason.TO_DO: (
            _by_day(AlertTo.FRONT_DESK, 30),
            _by_day(AlertTo.OWNERS, 4 * 60),
        ),
        AlertReason.ARRIVED: (AlertStep(AlertTo.THERAPIST),),
        AlertReason.ALONE: (
            AlertStep(AlertTo.THERAPIST, minutes=3),
            AlertStep(AlertTo.FRONT_DESK, minutes=8),
            AlertStep(AlertTo.ON_DUTY, minutes=8),
        ),
        AlertReason.CALL_BACK: (
            AlertStep(AlertTo.THERAPIST),
            AlertStep(AlertTo.PRACTICE, AlertWay.TEXT),
            AlertStep(AlertTo.FRONT_DESK),
            AlertStep(AlertTo.ON_DUTY, minutes=3),
            AlertStep(AlertTo.OWNERS, minutes=5),
        ),
    }
)
RULED_AS: Mapping[AlertReason, AlertReason] = MappingProxyType({AlertReason.UNANSWERED: AlertReason.URGENT})
"""What a practice does not choose by itself."""
CHOSEN = tuple(each for each in AlertReason if each not in RULED_AS)

_QUIET_FOR = timedelta(minutes=30)
RESTS: Mapping[AlertReason, timedelta] = MappingProxyType(
    {
        **dict.fromkeys(AlertReason, _QUIET_FOR),
        **dict.fromkeys((AlertReason.URGENT, AlertReason.UNANSWERED, AlertReason.NEAR), timedelta(minutes=5)),
        **dict.fromkeys((AlertReason.ARRIVED, AlertReason.ALONE, AlertReason.CALL_BACK), timedelta(minutes=2)),
    }
)
"""How long nobody is told again of the same kind on the same channel: what comes meanwhile is in the next alert. Each
text that must not wait is told by itself the first time (``alerting.MOST``).
"""


def is_on(days: Collection[int], starts: int, ends: int, *, at: datetime) -> bool:
    """Whether a wall time lies within these hours, which may reach past midnight."""
    minute, day = at.hour * 60 + at.minute, at.weekday()
    if starts < ends:
        return day in days and starts <= minute < ends
    return (day in days and minute >= starts) or ((day - 1) % 7 in days and minute < ends)


def steps_due(steps: Iterable[AlertStep], *, waited: timedelta, at: datetime) -> list[AlertStep]:
    """What is to be told by now, the latest step first; ``at`` is the time on the practice's wall."""
    due = [
        each
        for each in steps
        if each.to != AlertTo.NOBODY
        and waited >= timedelta(minutes=each.minutes)
        and is_on(each.days, each.starts, each.ends, at=at)
    ]
    return sorted(due, key=lambda each: -each.minutes)
