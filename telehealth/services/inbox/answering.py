"""What follows from the fate of our own answers: nobody is said to have been given help who was not.

All of it runs in the transaction of whoever records that fate, and holds the message.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from telehealth.domain.inbox.alerting import AlertReason
from telehealth.domain.message_words import MessageKind, ReplyMeaning, TaskKind
from telehealth.models import InboundText, Message, Task
from telehealth.services.inbox.alerting import alert_staff, therapists_concerned
from telehealth.services.task_opening import LONGEST_NOTE, open_task

CALL_THEM = "Please call them now."
ON_THEIR_WAY = "988 and 911 are being texted to them."
WERE_GIVEN = "They were given 988 and 911."
NOT_GIVEN = "Our text with 988 and 911 did not reach them."


def after_answer_lost(session: Session, message: Message, *, now: datetime) -> bool:
    """What follows when an answer was not sent, or did not arrive; whether nothing else has to follow.

    Somebody in a crisis has no other number from us: staff are told at once. That an end of texts was not confirmed is
    nothing that anybody has to do anything about.
    """
    if message.kind != MessageKind.REPLY:
        return False
    inbound = session.get_one(InboundText, message.inbound_id)
    if inbound.meaning == ReplyMeaning.CRISIS:
        _set_note(session, inbound, f"{CALL_THEM} {NOT_GIVEN}")
        open_task(
            session,
            practice_id=message.practice_id,
            kind=TaskKind.UNDELIVERED,
            now=now,
            message=message,
            client_id=inbound.client_id,
            note=f"{NOT_GIVEN} {CALL_THEM}",
            is_urgent=True,
        )
        therapists = therapists_concerned(inbound, now=now)
        alert_staff(session, inbound, AlertReason.UNANSWERED, therapists=therapists, now=now)
        return True
    return inbound.meaning == ReplyMeaning.STOP


def after_answer_arrived(session: Session, message: Message) -> None:
    """Say on the task that somebody in a crisis was told where help is: only now it is known."""
    if message.kind != MessageKind.REPLY:
        return
    inbound = session.get_one(InboundText, message.inbound_id)
    if inbound.meaning == ReplyMeaning.CRISIS:
        _set_note(session, inbound, f"{CALL_THEM} {WERE_GIVEN}")


def _set_note(session: Session, inbound: InboundText, note: str) -> None:
    """What else the task says stays behind it."""
    task = session.scalar(
        select(Task)
        .where(Task.inbound_id == inbound.id, Task.kind == TaskKind.CRISIS)
        .execution_options(populate_existing=True)
    )
    if task is None:
        return
    rest = task.note
    for each in (CALL_THEM, ON_THEIR_WAY, WERE_GIVEN, NOT_GIVEN):
        rest = rest.replace(each, "")
    said = " ".join(f"{note} {rest}".split())[:LONGEST_NOTE]
    session.execute(update(Task).where(Task.id == task.id).values(note=said))
