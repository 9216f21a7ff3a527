"""The round of a tick: what waits becomes an alert, and whoever is next is told of what nobody has looked at.

Rows are the schedule: a round that was missed or comes late does no harm, and any number of workers may make it.
Whoever holds the practice's row tells for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.inbox.alert_steps import RESTS, steps_due
from telehealth.domain.inbox.alerting import AlertReason
from telehealth.domain.message_words import Channel
from telehealth.domain.walltime import wall, zone
from telehealth.models import Alert, Practice
from telehealth.queries.inbox.alert_readers import AlertReader, AlertReaders, list_therapists_concerned
from telehealth.queries.inbox.alerts import (
    list_lately_told,
    list_practices_unseen,
    list_steps,
    list_told,
    list_unseen,
)
from telehealth.queries.inbox.unwatched import list_unwatched
from telehealth.services.inbox.alerting import list_ways, open_alerts, plan_alert


class Wanted(NamedTuple):
    """One message to be: of a kind, to somebody on a channel, at a step."""

    reason: AlertReason
    reader: AlertReader
    channel: Channel
    minutes: int


def tell_of_what_waits(*, now: datetime) -> int:
    """Make alerts of what waits, and tell whoever is to be told by now; how many messages that are."""
    found = list(list_unwatched(now=now))
    if found:
        with transaction() as session:
            open_alerts(session, found)
    return sum(_tell_for(practice_id, now=now) for practice_id in list_practices_unseen(now=now))


def _tell_for(practice_id: int, *, now: datetime) -> int:
    with transaction() as session:
        held = select(Practice).where(Practice.id == practice_id).with_for_update(key_share=True, skip_locked=True)
        practice = session.scalar(held.execution_options(populate_existing=True))
        if practice is None:
            return 0  # Another worker is at it.
        groups = _group(practice, list_unseen(practice_id, now=now), now=now)
        for wanted, alerts in groups:
            _tell(session, wanted, alerts, now=now)
        return len(groups)


def _group(practice: Practice, unseen: Sequence[Alert], *, now: datetime) -> list[tuple[Wanted, list[Alert]]]:
    """What goes into one message: the same kind, reader, channel and step. Who was told of that kind a moment ago is
    not told again yet.
    """
    told = _last_steps(unseen)
    groups: defaultdict[Wanted, list[Alert]] = defaultdict(list)
    for wanted, alert in _due(practice, unseen, now=now):
        where = (alert.id, wanted.reader.key, wanted.channel)
        if told.get(where, -1) < wanted.minutes:
            told[where] = wanted.minutes
            groups[wanted].append(alert)
    lately = list_lately_told(practice.id, since=now - max(RESTS.values()))
    last = {(reason, recipient, channel): at for reason, recipient, channel, at in lately}
    return [(wanted, alerts) for wanted, alerts in groups.items() if _has_rested(wanted, last, now=now)]


def _due(practice: Practice, unseen: Iterable[Alert], *, now: datetime) -> Iterator[tuple[Wanted, Alert]]:
    """Of each alert whom it is to be told by now, the latest step first: who was told by that needs no earlier one."""
    readers, at = AlertReaders(practice, now=now), wall(now, zone(practice.timezone))
    steps = {reason: list_steps(practice, reason) for reason in {each.reason for each in unseen}}
    for alert in unseen:
        due = steps_due(steps[alert.reason], waited=now - alert.began_at, at=at)
        therapists = list_therapists_concerned(alert, now=now) if due else ()
        for minutes, together in groupby(due, key=lambda each: each.minutes):
            for reader, channel in list_ways(readers, together, therapists):
                yield Wanted(alert.reason, reader, channel, minutes), alert


def _last_steps(alerts: Sequence[Alert]) -> dict[tuple[int, str, Channel], int]:
    """The last step at which each alert was told, by whom it was told to and how."""
    last: dict[tuple[int, str, Channel], int] = {}
    for alert_id, recipient, channel, minutes in list_told(alerts):
        where = (alert_id, recipient, channel)
        last[where] = max(minutes, last.get(where, minutes))
    return last


def _has_rested(wanted: Wanted, last: Mapping[tuple[AlertReason, str, Channel], datetime], *, now: datetime) -> bool:
    """Whether its reader was left in peace for a while about this kind."""
    at = last.get((wanted.reason, wanted.reader.key, wanted.channel))
    return at is None or now - at >= RESTS[wanted.reason]


def _tell(session: Session, wanted: Wanted, alerts: Sequence[Alert], *, now: datetime) -> None:
    """One message about the one that waits longest; it stands for the others, too."""
    _, reader, channel, minutes = wanted
    made: int | None = None
    for each in alerts:
        planned = plan_alert(session, each, reader, channel, minutes=minutes, now=now, told_by_id=made)
        made = made or planned
