"""Deciding who is told of what waits, and who is on duty when."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.consent.texting import clean_staff_phone
from telehealth.domain.errors import InvalidInput
from telehealth.domain.inbox.alert_steps import DAY_MINUTES, EVERY_DAY, RULED_AS, AlertStep, AlertTo, AlertWay
from telehealth.domain.inbox.alerting import AlertReason
from telehealth.models import AlertRule, DutyTurn, User
from telehealth.queries.inbox.alert_readers import list_staff
from telehealth.queries.inbox.alerts import list_own_steps
from telehealth.services.audit import ActedBy, Setting, record_change, record_setting
from telehealth.services.inbox.own_numbers import put_own_number
from telehealth.services.locking import lock_own

MOST_STEPS, LONGEST_WAIT = 8, 2 * DAY_MINUTES
MOST_TURNS = 100
NOBODY_SUCH = "Please choose somebody who can sign in here."


@dataclass(frozen=True, slots=True)
class Duty:
    """Who (public id of a login) is on duty on a day of the week (0: Monday), between two minutes after midnight on the
    practice's wall; an end at or before the start is on the next day.
    """

    person: str
    weekday: int
    starts: int
    ends: int


def set_alert_steps(
    *, practice_id: int, reason: AlertReason, steps: Sequence[AlertStep], by: ActedBy, now: datetime
) -> None:
    """Tell of a kind by these steps alone; by the usual ones when there are none. Raises InvalidInput, by field
    (``steps``, or a field of a step with its place: ``minutes_0``).
    """
    if reason in RULED_AS:
        raise InvalidInput({"steps": f"This is told as {RULED_AS[reason].value} is."})
    if len(steps) > MOST_STEPS:
        raise InvalidInput({"steps": f"Please choose {MOST_STEPS} steps at most."})
    with transaction() as session:
        people = {each.public_id: each for each in list_staff(practice_id)}
        if problems := dict(_problems(steps, people.keys())):
            raise InvalidInput(problems)
        before = {"steps": [_short(each) for each in list_own_steps(practice_id, reason)]}
        session.execute(delete(AlertRule).where(AlertRule.practice_id == practice_id, AlertRule.reason == reason))
        session.add_all(_rule(practice_id, reason, each, people.get(each.person or "")) for each in steps)
        after, about = {"steps": [_short(each) for each in steps]}, Setting(AuditSubject.ALERTS, name=reason.value)
        record_change(session, practice_id, about, by, before=before, after=after, now=now)


def add_duty(*, practice_id: int, duty: Duty, by: ActedBy, now: datetime) -> DutyTurn:
    """Put somebody on duty, every week. Raises InvalidInput by field."""
    with transaction() as session:
        person = next((each for each in list_staff(practice_id) if each.public_id == duty.person), None)
        if problems := dict(_problems_of_turn(duty, person)):
            raise InvalidInput(problems)
        assert person is not None  # noqa: S101 -- refused above
        times = {"weekday": duty.weekday, "starts": duty.starts, "ends": duty.ends}
        turn = DutyTurn(practice_id=practice_id, user_id=person.id, **times)
        session.add(turn)
        session.flush()
        _record_turn(session, turn, person, AuditAction.ADDED, by, now=now)
        return turn


def remove_duty(*, practice_id: int, public_id: str, by: ActedBy, now: datetime) -> None:
    """Take a turn off the roster. Raises NotFound."""
    with transaction() as session:
        turn = lock_own(session, DutyTurn, practice_id, public_id=public_id)
        _record_turn(session, turn, session.get_one(User, turn.user_id), AuditAction.REMOVED, by, now=now)
        session.delete(turn)


def set_own_alerts(*, user_id: int, phone: str, way: AlertWay | None, by: ActedBy, now: datetime) -> None:
    """Where somebody is texted when something waits (empty: nowhere), and how they want to be told; None: as the
    practice's rules say. Another number is one that they still have to prove (``own_numbers``). Raises InvalidInput
    (fields ``phone``, ``way``).
    """
    try:
        kept = clean_staff_phone(phone)
    except ValueError as problem:
        raise InvalidInput({"phone": str(problem)}) from problem
    with transaction() as session:
        user = session.get_one(User, user_id, with_for_update=True)
        if way == AlertWay.TEXT and not kept:
            raise InvalidInput({"way": "Please give a number first."})
        before = {"alert_phone": user.alerted_at, "alert_way": user.alert_way}
        user.alert_way = way
        if kept != user.alerted_at:
            put_own_number(user, kept, proved_at=None)
        after, about = {"alert_phone": kept, "alert_way": way}, Setting(AuditSubject.ALERTS, name=user.name)
        record_change(session, user.practice_id, about, by, before=before, after=after, now=now)


def _problems(steps: Sequence[AlertStep], people: Collection[str]) -> Iterator[tuple[str, str]]:
    if len(steps) > 1 and any(each.to == AlertTo.NOBODY for each in steps):
        yield "steps", "Nobody is told, or somebody is: please choose one of both."
    for place, each in enumerate(steps):
        if not 0 <= each.minutes <= LONGEST_WAIT:
            yield f"minutes_{place}", f"Please choose from 0 to {LONGEST_WAIT:,} minutes."
        if each.to == AlertTo.PERSON and each.person not in people:
            yield f"who_{place}", NOBODY_SUCH
        if not each.days or not set(each.days) <= set(EVERY_DAY):
            yield f"days_{place}", "Please choose at least one day."
        if not _is_span(each.starts, each.ends):
            yield f"starts_{place}", "Please choose two times of one day."


def _problems_of_turn(duty: Duty, person: User | None) -> Iterator[tuple[str, str]]:
    if person is None:
        yield "person", NOBODY_SUCH
    if duty.weekday not in EVERY_DAY:
        yield "weekday", "Please choose a day of the week."
    if not _is_span(duty.starts, duty.ends):
        yield "starts", "Please choose two times of one day."


def _is_span(starts: int, ends: int) -> bool:
    return 0 <= starts < DAY_MINUTES and 0 <= ends <= DAY_MINUTES


def _rule(practice_id: int, reason: AlertReason, step: AlertStep, person: User | None) -> AlertRule:
    return AlertRule(
        practice_id=practice_id,
        reason=reason,
        to=step.to,
        user_id=person.id if person is not None and step.to == AlertTo.PERSON else None,
        way=step.way,
        minutes=step.minutes,
        days=list(step.days),
        starts=step.starts,
        ends=step.ends,
    )


def _short(step: AlertStep) -> str:
    return f"{step.to.replace('_', ' ')} ({step.way}) after {step.minutes} min"


def _record_turn(
    session: Session, turn: DutyTurn, person: User, action: AuditAction, by: ActedBy, *, now: datetime
) -> None:
    said = {"weekday": turn.weekday, "starts": turn.starts, "ends": turn.ends}
    side = "after" if action == AuditAction.ADDED else "before"
    about = Setting(AuditSubject.ALERTS, turn.public_id, f"On duty: {person.name}")
    record_setting(session, turn.practice_id, about, action, by, now=now, **{side: said})
