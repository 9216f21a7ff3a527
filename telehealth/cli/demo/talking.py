"""What the demo practice has sent in the past, each at its own time, what clients have texted, and who answered."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import repeat

from flask import current_app
from sqlalchemy import func, select

from telehealth.cli.demo.reading import Demo, Facts
from telehealth.database import db
from telehealth.domain.audit_words import Actor, Via
from telehealth.domain.contact import clean_phone
from telehealth.domain.message_words import MessageKind, MessageStatus
from telehealth.domain.ports import DeliveryFailed, DeliveryStatus, Email, Gateways, Receipt, Remedy, Text
from telehealth.domain.words import Mode
from telehealth.models import Appointment, Attendee, InboundText, Login, Message, Task, User
from telehealth.services.appointments.attending import TO_COME
from telehealth.services.audit import ActedBy
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.delivery.leases import Claimed
from telehealth.services.delivery.sending import record_outcomes, send_message
from telehealth.services.inbox.receiving import answer_text, receive_text
from telehealth.services.inbox.task_list import finish_task


def text_the_practice(demo: Demo, told: Facts) -> None:
    """A client texts us."""
    _receive(demo, _number(demo.client(told["who"])), told["says"], at=demo.moment(told))


def answer_question(demo: Demo, told: Facts) -> None:
    """Somebody at the front desk answers what a client has asked, and is done with it."""
    now, number = demo.moment(told), _number(demo.client(told["who"]))
    address = demo.facts["front_desk"]["email"]
    desk = db.session.scalars(select(User.id).join(User.login).where(Login.email == address)).one()
    by = ActedBy(Actor.STAFF, user_id=desk, via=Via.COMMAND)
    asked = (
        select(InboundText.public_id, Task.public_id)
        .join(Task, Task.inbound_id == InboundText.id)
        .where(Task.practice_id == demo.practice_id, Task.done_at.is_(None), InboundText.sender == number)
    )
    question, task = db.session.execute(asked).one()
    answer_text(practice_id=demo.practice_id, inbound_public_id=question, body=told["says"], by=by, now=now)
    finish_task(practice_id=demo.practice_id, task_public_id=task, by=by, now=now)


def run_late(demo: Demo) -> None:
    """The last one who had an appointment until now was late, and nobody at the desk has looked at it yet."""
    last = (
        select(Attendee.phone, Appointment.starts_at)
        .join(Attendee.appointment)
        .where(
            Appointment.practice_id == demo.practice_id,
            Appointment.starts_at <= demo.now,
            Appointment.mode != Mode.PHONE,
            Attendee.status.in_(TO_COME),
            Attendee.text_consent_at.is_not(None),
        )
        .order_by(Appointment.starts_at.desc(), Attendee.id)
    )
    found, late = db.session.execute(last.limit(1)).one(), demo.facts["late"]
    _receive(demo, found.phone, late["says"], at=found.starts_at - timedelta(minutes=late["minutes_before"]))


def deliver_until(demo: Demo, moment: datetime) -> None:
    """Send what was due up to a moment of the past; some answer a while later, unless that is after the moment."""
    past = _Delivered(demo)
    gateways = Gateways(texts=past, emails=past, video=current_app.extensions["gateways"].video)
    later = timedelta(minutes=demo.facts["chance"]["confirm_minutes"])
    waiting = select(func.min(Message.due_at)).where(Message.status == MessageStatus.PLANNED, Message.due_at <= moment)
    while (due := db.session.scalar(waiting)) is not None:
        batch = claim_messages(worker="demo", addresses=current_app.extensions["addresses"], limit=100, now=due)
        clock = repeat(due).__next__  # It stands still.
        record_outcomes([send_message(each, gateways=gateways, now=clock) for each in batch])
        for each in batch if due + later <= moment else ():
            _confirm(demo, each, at=due + later)


class _Delivered:
    """Gateways of the past: everything arrived, but for texts to a landline."""

    def __init__(self, demo: Demo) -> None:
        self.landlines = {_number(each) for each in demo.facts["clients"]["others"] if each.get("landline")}

    def send(self, message: Text | Email, /) -> Receipt:
        if isinstance(message, Text) and message.to in self.landlines:
            raise DeliveryFailed("30006", Remedy.BAD_ADDRESS)
        return Receipt(f"demo-{message.reference}", DeliveryStatus.DELIVERED)

    def find(self, text: Text, /, *, since: datetime) -> Receipt | None:  # noqa: ARG002
        return None

    def look_up(self, provider_id: str, /) -> Receipt | None:
        return Receipt(provider_id, DeliveryStatus.DELIVERED)


def _confirm(demo: Demo, claimed: Claimed, *, at: datetime) -> None:
    """Some of those who are reminded by text answer that they come, and say which one when they are asked."""
    if claimed.kind != MessageKind.REMINDER or not isinstance(claimed.content, Text):
        return
    dice = random.Random(claimed.message_id)  # noqa: S311 -- the same ones on every machine
    if dice.random() < demo.facts["chance"]["confirm"]:
        kept = _receive(demo, claimed.content.to, "C", at=at)
        if kept is not None and kept.choices:
            _receive(demo, claimed.content.to, "A", at=at + timedelta(minutes=2))


def _receive(demo: Demo, number: str, body: str, *, at: datetime) -> InboundText | None:
    known = db.session.scalar(select(func.count(InboundText.id))) or 0
    return receive_text(
        provider_id=f"demo-{known + 1}",
        sender=number,
        recipient=demo.facts["texts_come_to"],
        body=body,
        addresses=current_app.extensions["addresses"],
        now=at,
    )


def _number(client: Facts) -> str:
    return clean_phone(client["phone"], needed=True) or ""
