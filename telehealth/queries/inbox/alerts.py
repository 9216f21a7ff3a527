"""What waits and is told of, and what was told of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, literal, or_, select
from sqlalchemy.orm import joinedload, selectinload

from telehealth.database import db
from telehealth.domain.errors import NotFound
from telehealth.domain.inbox.alert_steps import DEFAULTS, RULED_AS, AlertStep
from telehealth.domain.inbox.alerting import WATCHED, AlertReason, is_told
from telehealth.domain.message_words import MessageKind
from telehealth.models import Alert, AlertRule, Appointment, Message, Practice, Task, Therapist, User
from telehealth.queries.inbox.alert_readers import THERAPIST, USER
from telehealth.queries.inbox.tasks import whose_tasks
from telehealth.queries.loading import is_given_by

MOST_AT_ONCE = 500
_ABOUT = (joinedload(Alert.task), joinedload(Alert.appointment))
_SHOWN = (
    joinedload(Alert.task).joinedload(Task.client),
    joinedload(Alert.appointment).options(
        joinedload(Appointment.therapist), joinedload(Appointment.co_therapist), selectinload(Appointment.attendees)
    ),
)


def list_steps(practice: Practice, reason: AlertReason) -> Sequence[AlertStep]:
    """Who is told of a kind in a practice: by its own rules, else by the usual ones."""
    if not is_told(practice.alerts, reason):
        return ()
    return list_own_steps(practice.id, reason) or DEFAULTS[reason]


def list_own_steps(practice_id: int, reason: AlertReason) -> Sequence[AlertStep]:
    """The same by the practice's own rules alone."""
    return list_steps_by_reason(practice_id).get(RULED_AS.get(reason, reason), ())


def list_steps_by_reason(practice_id: int) -> Mapping[AlertReason, Sequence[AlertStep]]:
    """All rules of a practice's own, by kind, the first step first."""
    found = (
        select(AlertRule, User.public_id)
        .outerjoin(User, User.id == AlertRule.user_id)
        .where(AlertRule.practice_id == practice_id)
        .order_by(AlertRule.minutes, AlertRule.id)
    )
    steps: defaultdict[AlertReason, list[AlertStep]] = defaultdict(list)
    for row, person in db.session.execute(found):
        step = AlertStep(row.to, row.way, row.minutes, tuple(row.days), row.starts, row.ends, person)
        steps[row.reason].append(step)
    return steps


def list_unseen(practice_id: int, *, now: datetime) -> list[Alert]:
    """What nobody has looked at and still waits, the oldest first."""
    found = (
        select(Alert)
        .where(Alert.practice_id == practice_id, Alert.seen_at.is_(None), Alert.began_at > now - WATCHED)
        .options(*_ABOUT)
        .order_by(Alert.began_at, Alert.id)
        .limit(MOST_AT_ONCE)
        .execution_options(populate_existing=True)
    )
    return [each for each in db.session.scalars(found) if each.waits(now=now)]


def list_practices_unseen(*, now: datetime) -> Sequence[int]:
    """Where something waits that nobody has looked at."""
    theirs = select(Alert.practice_id).where(Alert.seen_at.is_(None), Alert.began_at > now - WATCHED)
    return db.session.scalars(theirs.distinct().order_by(Alert.practice_id)).all()


def list_told(alerts: Collection[Alert]) -> Sequence[Any]:
    """Of some alerts, whom they were told, on which channel, at which step: rows of (alert, recipient, channel,
    minutes).
    """
    told = select(Message.alert_id, Message.recipient, Message.channel, Message.minutes).where(
        Message.alert_id.in_([each.id for each in alerts]), Message.kind == MessageKind.ALERT
    )
    return db.session.execute(told).all() if alerts else []


def list_lately_told(practice_id: int, *, since: datetime) -> Sequence[Any]:
    """Whom alerts of a practice were given to since an instant: rows of (reason, recipient, channel, last)."""
    told = (
        select(Alert.reason, Message.recipient, Message.channel, func.max(Message.created_at))
        .join(Alert, Alert.id == Message.alert_id)
        .where(Alert.practice_id == practice_id, Alert.began_at > since - WATCHED, Message.created_at > since)
        .group_by(Alert.reason, Message.recipient, Message.channel)
    )
    return db.session.execute(told).all()


def count_told_with(message: Message) -> int:
    """How many more things an alert stands for."""
    return db.session.scalar(select(func.count()).where(Message.told_by_id == message.id)) or 0


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody at the desk who sees alerts: what is about their clients where they are one ``therapist_id`` alone, and
    what they were told of, whosever client it is about: whoever is on duty looks after anybody.
    """

    user_id: int
    practice_id: int
    therapist_id: int | None = None

    def owns(self) -> ColumnElement[bool]:
        """What is about their own clients, as a condition on ``Alert``."""
        ours = Alert.practice_id == self.practice_id
        if self.therapist_id is None:
            return ours
        tasks = select(Task.id).where(*whose_tasks(self.practice_id, self.therapist_id))
        given = select(Appointment.id).where(is_given_by(self.therapist_id))
        return ours & or_(Alert.task_id.in_(tasks), Alert.appointment_id.in_(given))

    def sees(self) -> ColumnElement[bool]:
        """The same, and what they were told of."""
        owns = self.owns()
        if self.therapist_id is None:
            return owns
        return owns | ((Alert.practice_id == self.practice_id) & Alert.id.in_(self.told()))

    def told(self) -> Select[int | None]:
        """The alerts that they were given: ids."""
        theirs = select(literal(THERAPIST) + Therapist.public_id).where(Therapist.user_id == self.user_id)
        readers = or_(Message.recipient == f"{USER}{self.user_id}", Message.recipient.in_(theirs))
        ours = (Message.practice_id == self.practice_id, Message.alert_id.is_not(None))
        return select(Message.alert_id).where(*ours, readers)


def find_alert(public_id: str, viewer: Viewer, *, now: datetime) -> Alert:
    """One alert that somebody may see: what is not their own only as long as it is watched. Raises NotFound."""
    may_be_seen = viewer.owns() | ((Alert.began_at > now - WATCHED) & viewer.sees())
    found = select(Alert).where(Alert.public_id == public_id, may_be_seen).options(*_ABOUT)
    alert = db.session.scalar(found.execution_options(populate_existing=True))
    if alert is None:
        raise NotFound
    return alert


def list_like(alert: Alert, viewer: Viewer, *, now: datetime) -> list[Alert]:
    """What waits of the same kind and nobody has taken yet; this one first, whoever has it."""
    found = (
        select(Alert)
        .where(
            Alert.reason == alert.reason,
            or_(Alert.id == alert.id, Alert.taken_at.is_(None)),
            Alert.began_at > now - WATCHED,
            viewer.sees(),
        )
        .options(*_SHOWN)
        .order_by(Alert.id != alert.id, Alert.began_at, Alert.id)
        .limit(MOST_AT_ONCE)
    )
    return [each for each in db.session.scalars(found).unique() if each.waits(now=now)]


def list_own(alerts: Collection[Alert], viewer: Viewer) -> frozenset[int]:
    """Which of them are about the viewer's own clients: ids."""
    ids = [each.id for each in alerts]
    return frozenset(db.session.scalars(select(Alert.id).where(Alert.id.in_(ids), viewer.owns())) if ids else ())


class Taken(NamedTuple):
    """Who has something, and since when."""

    name: str
    at: datetime


def who_has_tasks(task_ids: Collection[int]) -> dict[int, Taken]:
    """Of tasks that somebody has taken upon themselves, who and when."""
    return _who_has(Alert.task_id, task_ids)


def who_has_appointments(appointment_ids: Collection[int]) -> dict[int, Taken]:
    """The same of appointments: of their last alert."""
    return _who_has(Alert.appointment_id, appointment_ids)


def _who_has(about: Any, ids: Collection[int]) -> dict[int, Taken]:
    if not ids:
        return {}
    found = select(about, User.name, Alert.taken_at).join(User, User.id == Alert.taken_by_id)
    rows = db.session.execute(found.where(about.in_(ids)).order_by(Alert.id)).all()
    return {each[0]: Taken(each.name, each.taken_at) for each in rows}


def is_told_of(task: Task, viewer: Viewer, *, now: datetime) -> bool:
    """Whether somebody was alerted to a task that still waits. They may look at it then, whosever client it is about;
    once it is done, or nobody is told of it any more, it is their therapist's again.
    """
    if task.done_at is not None:
        return False
    told = select(Alert.id).where(Alert.task_id == task.id, Alert.began_at > now - WATCHED, Alert.id.in_(viewer.told()))
    return db.session.scalar(told.limit(1)) is not None


def list_alerts(viewer: Viewer, *, now: datetime) -> list[Alert]:
    """What waits now and somebody may see, looked at or not, the oldest first."""
    found = select(Alert).where(Alert.began_at > now - WATCHED, viewer.sees()).options(*_ABOUT)
    ordered = found.order_by(Alert.began_at, Alert.id).limit(MOST_AT_ONCE)
    return [each for each in db.session.scalars(ordered).unique() if each.waits(now=now)]
