"""A therapist's day, sent in the morning: planned the evening before, and as long as there is something to tell.

One row for each therapist and date, like every other message: its words are made when it is sent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from telehealth.database import RowValues, transaction
from telehealth.domain import walltime
from telehealth.domain.message_words import MessageKind, MessageStatus, Reason
from telehealth.domain.messages.plans import Key, Planned
from telehealth.domain.messages.rules import ON_THE_DAY, Rule, resolve_rules
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Message, MessageRule, Therapist
from telehealth.models.users import GIVES_CARE
from telehealth.services.messages.outbox import ABOUT_DAY, count_inserted, message_values, take_back_messages
from telehealth.services.messages.recipients import THERAPIST

NOT_TOLD = (AppointmentStatus.CANCELLED, AppointmentStatus.NOSHOW)
LOOK_AHEAD = timedelta(days=3)
"""Every zone's tomorrow is over by then."""

_THERAPISTS = select(Therapist.id, Therapist.public_id, Therapist.practice_id, Therapist.timezone).where(GIVES_CARE)
_RULES = select(
    MessageRule.practice_id,
    MessageRule.kind,
    MessageRule.channel,
    MessageRule.minutes,
    MessageRule.modes,
    MessageRule.is_on,
    MessageRule.template,
).where(MessageRule.kind.in_(ON_THE_DAY), MessageRule.service_id.is_(None), MessageRule.client_id.is_(None))
_AHEAD = select(Appointment.therapist_id, Appointment.co_therapist_id, Appointment.starts_at).where(
    Appointment.starts_at >= bindparam("since"),
    Appointment.starts_at < bindparam("until"),
    Appointment.status.not_in(NOT_TOLD),
)
_WAITING = select(Message.id, Message.therapist_id, Message.day, Message.channel, Message.planned_for).where(
    Message.kind == MessageKind.AGENDA, Message.status == MessageStatus.PLANNED, Message.unsure.is_(False)
)


class _Agenda(NamedTuple):
    """What makes one agenda different from the others."""

    therapist_id: int
    day: date
    channel: str


def plan_agendas(*, now: datetime) -> int:
    """Plan the agendas of today and tomorrow (on each therapist's wall) that are still to come, for everybody who has
    at least one appointment then, and take back those that nobody wants any more; how many are new.
    """
    with transaction() as session:
        to_be = {_key(each): each for each in list_wanted_agendas(session, now=now)}
        waiting = session.connection().execute(_WAITING).all()
        _take_back(session, waiting, to_be, now=now)
        there = {(each.therapist_id, each.day, each.channel) for each in waiting}
        new = [each for key, each in to_be.items() if key not in there]
        return count_inserted(session, new, reviving=ABOUT_DAY)


def _key(row: RowValues) -> _Agenda:
    return _Agenda(row["therapist_id"], row["day"], row["channel"])


def list_wanted_agendas(session: Session, *, now: datetime, practice_id: int | None = None) -> list[RowValues]:
    """The columns of every agenda of today and tomorrow that is still to come, of one practice or of all."""
    rules = _rules(session)
    busy = _busy(session, now=now)
    found = []
    for therapist in session.connection().execute(_THERAPISTS):
        if practice_id not in {None, therapist.practice_id}:
            continue
        zone = walltime.zone(therapist.timezone)
        today = walltime.wall(now, zone).date()
        days = {walltime.wall(each, zone).date() for each in busy.get(therapist.id, ())}
        for day in sorted(days & {today, today + timedelta(days=1)}):
            for rule in rules.get(therapist.practice_id, _USUAL):
                due_at = walltime.resolve(datetime.combine(day, time()) + timedelta(minutes=rule.minutes), zone)
                if due_at > now:
                    ends = walltime.resolve(datetime.combine(day + timedelta(days=1), time()), zone)
                    found.append(_row(therapist, day, rule, due_at, ends, now=now))
    return found


_USUAL = tuple(rule for rule in resolve_rules(()) if rule.kind in ON_THE_DAY)


def _rules(session: Session) -> dict[int, Sequence[Rule]]:
    """The agenda's rules of practices that have some of their own."""
    rows: defaultdict[int, list[Any]] = defaultdict(list)
    for row in session.connection().execute(_RULES):
        rows[row.practice_id].append(row)
    return {
        practice: [rule for rule in resolve_rules(theirs) if rule.kind in ON_THE_DAY]
        for practice, theirs in rows.items()
    }


def _busy(session: Session, *, now: datetime) -> dict[int, list[datetime]]:
    """When appointments start, by therapist."""
    found: defaultdict[int, list[datetime]] = defaultdict(list)
    given = {"since": now - timedelta(days=1), "until": now + LOOK_AHEAD}
    for row in session.connection().execute(_AHEAD, given):
        for therapist_id in (row.therapist_id, row.co_therapist_id):
            if therapist_id is not None:
                found[therapist_id].append(row.starts_at)
    return found


def _row(
    therapist: Row[*tuple[Any, ...]],  # The columns of ``_THERAPISTS``.
    day: date,
    rule: Rule,
    due_at: datetime,
    ends: datetime,
    *,
    now: datetime,
) -> RowValues:
    key = Key(rule.kind, rule.channel, THERAPIST + therapist.public_id, rule.minutes)
    planned = Planned(key, "", due_at, ends, rule.template)
    return message_values(planned, now=now, practice_id=therapist.practice_id, therapist_id=therapist.id, day=day)


def _take_back(
    session: Session,
    waiting: Iterable[Row[*tuple[Any, ...]]],  # The columns of ``_WAITING``.
    wanted: Mapping[_Agenda, RowValues],
    *,
    now: datetime,
) -> None:
    """What is due already is left to whoever sends it."""
    for row in waiting:
        if row.planned_for <= now:
            continue
        each = wanted.get(_Agenda(row.therapist_id, row.day, row.channel))
        if each is None:
            take_back_messages(session, Message.id == row.id, reason=Reason.EMPTY_DAY, now=now)
        elif each["planned_for"] != row.planned_for:
            times = {name: each[name] for name in ("minutes", "planned_for", "due_at", "not_after")}
            waits = update(Message).where(Message.id == row.id, Message.status == MessageStatus.PLANNED)
            session.execute(waits.values(**times, changed_at=now))
