"""What clients of the demo practice have answered by text, and what became of it: yeses, questions and their answers,
an end of texts, a number that gets none, a conversation in Spanish, and somebody who is late.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from itertools import count

from flask import current_app
from sqlalchemy import select

from telehealth.cli import demo_life, demo_people
from telehealth.database import db
from telehealth.domain import walltime
from telehealth.domain.contact import clean_phone
from telehealth.domain.messages.rules import DAY, HOUR, Rule
from telehealth.domain.ports import DeliveryFailed, Remedy, Text
from telehealth.domain.words import Actor, Channel, MessageKind, Mode, ServiceKind, Via
from telehealth.models import Appointment, Attendee, InboundText, Practice, Service, Task, User
from telehealth.services.appointments.attending import TO_COME
from telehealth.services.audit import ActedBy
from telehealth.services.delivery.leases import Claimed
from telehealth.services.inbox.receiving import answer_text, receive_text
from telehealth.services.inbox.task_list import finish_task
from telehealth.services.messages.rule_setting import RuleScope, RulesWish, save_rules

Moment = tuple[datetime, Callable[[], object]]
"""When something happened, and what."""

TEXTS_COME_TO = "+13035550199"
SAY_YES = 0.4
"""The share of the texts that remind to which somebody answers."""
ANSWERS_AFTER = timedelta(minutes=20)
INDIVIDUAL = demo_people.SERVICES[1].name
QUESTION = "Do I have to install anything for the video?"
_number = count(1)


def begin(practice: Practice, *, now: datetime) -> None:
    """Couples have rules of their own: three days before by e-mail, two hours before by text."""
    couples = select(Service.public_id).where(Service.practice_id == practice.id, Service.kind == ServiceKind.COUPLE)
    reminder = MessageKind.REMINDER
    rules = (Rule(reminder, Channel.EMAIL, 3 * DAY), Rule(reminder, Channel.TEXT, 2 * HOUR))
    wish = RulesWish(reminder, rules, RuleScope(service=db.session.scalars(couples).one()))
    save_rules(practice_id=practice.id, wish=wish, by=demo_life.BY_STAFF, now=now)


def moments(practice: Practice, *, now: datetime) -> Iterator[Moment]:
    """The last days, at hours at which people are awake."""
    zone = walltime.zone(practice.timezone)
    today = walltime.wall(now, zone).date()

    def ago(days: int, hour: int, minute: int = 0) -> datetime:
        return walltime.resolve(datetime.combine(today - timedelta(days=days), time(hour, minute)), zone)

    def booking(who: demo_people.Visitor, therapist: str, days: int, at: datetime) -> Moment:
        return at, lambda: _booked(practice, who, therapist, days=days, at=at)

    def text(who: demo_people.Visitor, body: str, at: datetime) -> Moment:
        return at, lambda: say(who, body, at=at)

    yield booking(demo_people.HAS_A_QUESTION, "Maya", 4, ago(9, 10))
    yield text(demo_people.HAS_A_QUESTION, QUESTION, ago(8, 12))
    answered = ago(8, 12, 25)
    yield answered, lambda: _answered(practice, "No, the link opens in your browser. See you soon! Sam", at=answered)
    yield booking(demo_people.ENDS_TEXTS, "Daniel", 3, ago(6, 11))
    yield text(demo_people.ENDS_TEXTS, "STOP", ago(5, 17, 30))
    yield booking(demo_people.SPEAKS_SPANISH, "Daniel", 4, ago(5, 10))
    yield text(demo_people.SPEAKS_SPANISH, "¿Puede estar mi hermana en la llamada?", ago(1, 16, 40))
    yield booking(demo_people.GAVE_A_LANDLINE, "Leila", 4, ago(1, 11))


def say(who: demo_people.Visitor, body: str, *, at: datetime) -> InboundText | None:
    """They text us."""
    return _received(clean_phone(who.phone, needed=True) or "", body, at=at)


def say_yes(claimed: Claimed, *, at: datetime) -> None:
    """Some of those who are reminded by text answer that they come, and say which one when they are asked."""
    if claimed.kind != MessageKind.REMINDER or not isinstance(claimed.content, Text):
        return
    if random.Random(claimed.message_id).random() >= SAY_YES:  # noqa: S311 -- the same ones on every machine
        return
    kept = _received(claimed.content.to, "C", at=at)
    if kept is not None and kept.choices:
        _received(claimed.content.to, "A", at=at + timedelta(minutes=2))


def run_late(practice: Practice, *, now: datetime) -> None:
    """The last one who had an appointment until now was late, and nobody at the desk has looked at it yet."""
    last = (
        select(Attendee.phone, Appointment.starts_at)
        .join(Attendee.appointment)
        .where(
            Appointment.practice_id == practice.id,
            Appointment.starts_at <= now,
            Appointment.mode != Mode.PHONE,
            Attendee.status.in_(TO_COME),
            Attendee.text_consent_at.is_not(None),
        )
        .order_by(Appointment.starts_at.desc(), Attendee.id)
    )
    found = db.session.execute(last.limit(1)).one()
    _received(found.phone, "Running ten minutes late, sorry", at=found.starts_at - timedelta(minutes=8))


def refuse_landline(text: Text) -> None:
    """What the provider says about a number that gets no texts. Raises DeliveryFailed."""
    if text.to == clean_phone(demo_people.GAVE_A_LANDLINE.phone, needed=True):
        raise DeliveryFailed("30006", Remedy.BAD_ADDRESS)


def _received(number: str, body: str, *, at: datetime) -> InboundText | None:
    return receive_text(
        provider_id=f"demo-{next(_number)}",
        sender=number,
        recipient=TEXTS_COME_TO,
        body=body,
        addresses=current_app.extensions["addresses"],
        now=at,
    )


def _booked(practice: Practice, who: demo_people.Visitor, therapist: str, *, days: int, at: datetime) -> None:
    wanted = demo_life.therapist_named(practice, therapist)
    after = timedelta(days=days)
    state = wanted.licences[0].jurisdiction
    demo_life.book_first(practice, INDIVIDUAL, wanted, [who], now=at, after=after, by=demo_life.BY_CLIENT, state=state)


def _answered(practice: Practice, body: str, *, at: datetime) -> None:
    """Somebody at the front desk answers the question, and is done with it."""
    desk = db.session.scalars(
        select(User).where(User.practice_id == practice.id, User.name == demo_people.AT_THE_DESK)
    ).one()
    by = ActedBy(Actor.STAFF, user_id=desk.id, via=Via.COMMAND)
    asked = select(InboundText).where(InboundText.practice_id == practice.id, InboundText.body == QUESTION)
    text = db.session.scalars(asked).one()
    answer_text(practice_id=practice.id, inbound=text.public_id, body=body, by=by, now=at)
    task = db.session.scalars(select(Task.public_id).where(Task.inbound_id == text.id)).one()
    finish_task(practice_id=practice.id, task=task, by=by, now=at)
