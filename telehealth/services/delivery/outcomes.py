"""What follows when a message did not get through: once more, the number marked, an e-mail instead, a task for staff.

A refusal that comes at once and a report that comes later share one decision, and it does not know any provider: it
goes by the Remedy. All of it runs in the caller's transaction, which holds the message's appointment and then the
message, in this order (see ``messages``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import ColumnElement, func, literal, select, update
from sqlalchemy.orm import Session

from telehealth.database import EPOCH
from telehealth.domain.consent.contactability import PURPOSE_OF, fold_address, reached_at, why_not_contactable
from telehealth.domain.delivery.instead import TOLD_BY_EMAIL, DoneInstead, Instead
from telehealth.domain.delivery.retries import REASONS
from telehealth.domain.delivery.states import LOST, REACHES
from telehealth.domain.delivery.verdicts import contact_of, is_current
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason, SuppressionReason, TaskKind
from telehealth.domain.messages.plans import Key, Planned
from telehealth.domain.messages.rules import ANSWERS, IN_ONE
from telehealth.domain.ports import DeliveryFailed, Remedy
from telehealth.domain.reasons import say_why
from telehealth.models import Alert, Message, Practice, Task
from telehealth.queries.consent.opt_outs import find_opt_outs
from telehealth.queries.inbox.alert_readers import list_mailboxes
from telehealth.services.consent.suppressions import suppress_address
from telehealth.services.inbox.alerting import plan_alert
from telehealth.services.inbox.answering import after_answer_lost
from telehealth.services.messages.outbox import insert_message, message_values
from telehealth.services.task_opening import open_task

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ONCE_MORE_AFTER = timedelta(minutes=30)
FIRST_WAIT = timedelta(minutes=5)
MOST_COPIES = 3
"""How often a text that the provider had, and lost for want of room, is sent again."""
MANY_FILTERED = 5
"""In a day: then it is not this text that is wrong, but our words or links."""
REPEATED: Mapping[Remedy, int] = MappingProxyType({Remedy.DOUBT: 2, Remedy.RETRY_LATER: 6})
"""How many texts in a row a number has lost when it is marked bad. What is out of reach is tried twice each time."""
MARKS: Mapping[Remedy, SuppressionReason] = MappingProxyType(
    {
        Remedy.SUPPRESS: SuppressionReason.STOP,
        Remedy.BLOCKED: SuppressionReason.BLOCKED,
        Remedy.BAD_ADDRESS: SuppressionReason.BAD_ADDRESS,
    }
)

ONCE_MORE = "We try once more."
COPIED = (
    "practice_id",
    "appointment_id",
    "offer_id",
    "inbound_id",
    "day",
    "login_letter_id",
    "alert_id",
    "number_code_id",
    "attendee_id",
    "companion_id",
    "therapist_id",
    "version",
)


def after_refusal(session: Session, message: Message, failure: DeliveryFailed, *, now: datetime) -> None:
    """What follows when a provider did not take a message. Its row says already whether it is tried again (PLANNED) or
    not (FAILED); when it is, only an operator may have to hear of it.
    """
    if message.status in LOST:
        _give_up(session, message, failure.remedy, now=now)
        return
    if failure.remedy == Remedy.ALERT:
        _alert(session, message, _about_us(message, ONCE_MORE, failure.remedy), failure.remedy, now=now)


def after_unwritable(session: Session, message: Message, *, now: datetime) -> None:
    """What follows when a message could not be put into words. Its row says so already (FAILED). An e-mail has words of
    its own, so it may go in place of a text.
    """
    _give_up(session, message, Remedy.GIVE_UP, now=now)


def after_report(session: Session, message: Message, remedy: Remedy | None, *, now: datetime) -> None:
    """What follows when a provider that had taken a message says that it ended badly, and why (``remedy``; None when it
    does not say). The caller has moved the message to where it ended.
    """
    why = remedy or Remedy.GIVE_UP
    message.reason = REASONS[why]
    again_at = _again_at(message, why, now=now)
    if again_at is not None and is_current(message):
        copy_message(session, message, message.channel, due_at=again_at, now=now)
        after_answer_lost(session, message, now=now)  # Somebody in a crisis does not wait for that.
    else:
        _give_up(session, message, why, now=now)


def instead_by_email(session: Session, message: Message, *, now: datetime) -> DoneInstead:
    """Plan to say by e-mail what could not be said by text (its row says why), unless an e-mail says it anyway. What
    was done; asked twice it is done once.
    """
    if message.kind == MessageKind.ALERT:
        return _alert_otherwise(session, message, now=now)
    why_not = _why_no_email(message, now=now)
    if why_not is not None:
        return why_not
    if message.kind in IN_ONE:
        return DoneInstead(_catch_up_by_email(session, message, now=now))
    if _goes_by_email(session, message):
        return DoneInstead(Instead.BY_EMAIL_ANYWAY)
    _copy_as_email(session, message, now=now)
    return DoneInstead(Instead.BY_EMAIL)


def copy_message(
    session: Session,
    message: Message,
    channel: Channel,
    *,
    due_at: datetime,
    now: datetime,
    not_after: datetime | None = None,
    reason: Reason | None = None,
) -> int:
    """Plan the same message again, in place of one that did not get through, and return the new one's id. Its words are
    made when it is sent, except those that somebody typed. The message must be locked, so that nobody else makes copies
    of it.
    """
    template = message.template if channel == message.channel else ""
    key = Key(message.kind, channel, message.recipient, message.minutes)
    values = message_values(
        Planned(
            key,
            message.says,
            due_at,
            not_after or message.not_after,
            template,
            reason=reason,
            told_before=message.told_before,
        ),
        now=now,
        **{name: getattr(message, name) for name in COPIED},
        body=message.body if message.kind in ANSWERS else "",
        sent_to=message.sent_to if message.kind == MessageKind.ALERT else "",
        copy=_next_copy(session, message, channel),
        instead_of_id=message.id,
        text_reason=message.reason if reason == Reason.INSTEAD_OF_TEXT else None,
        reason_detail=message.reason_detail if reason == Reason.INSTEAD_OF_TEXT else "",
    )
    return insert_message(session, values)


def _again_at(message: Message, remedy: Remedy, *, now: datetime) -> datetime | None:
    """When the same text is sent once more, having failed at the provider; None when it is not."""
    if message.channel != Channel.TEXT:
        return None
    if remedy == Remedy.RETRY_LATER and message.instead_of_id is None:
        at = now + ONCE_MORE_AFTER
    elif remedy == Remedy.RETRY and message.copy < MOST_COPIES:
        at = now + FIRST_WAIT * 2**message.copy
    else:
        return None
    return at if at < message.not_after else None


def _give_up(session: Session, message: Message, remedy: Remedy, *, now: datetime) -> None:
    is_bad = _is_marked_bad(session, message, remedy)
    mark = SuppressionReason.BAD_ADDRESS if is_bad else MARKS.get(remedy)
    if mark is not None and message.sent_to:
        suppress_address(
            session,
            practice_id=message.practice_id,
            channel=message.channel,
            address=message.sent_to,
            reason=mark,
            now=now,
        )
    is_seen_to = after_answer_lost(session, message, now=now)
    done = instead_by_email(session, message, now=now)
    if remedy in {Remedy.ALERT, Remedy.UNKNOWN}:
        _alert(session, message, _about_us(message, str(done), remedy), remedy, now=now)
        if done.what in TOLD_BY_EMAIL:
            return  # One task for all of them is enough: each reader is told.
    elif remedy == Remedy.FILTERED and _filtered_today(session, message, now=now) >= MANY_FILTERED:
        note = "Carriers take our texts for spam. Please look at their words and links."
        _alert(session, message, note, remedy, now=now)
    if is_seen_to or message.kind == MessageKind.CODE:
        return  # Whoever waits for a code reads that it did not arrive: a stranger's typing is nobody's task.
    kind = TaskKind.ADDRESS if mark == SuppressionReason.BAD_ADDRESS else TaskKind.UNDELIVERED
    open_about(session, message, kind, f"{_what(message)} did not arrive: {say_why(message)}. {done}", now=now)


def _is_marked_bad(session: Session, message: Message, remedy: Remedy) -> bool:
    """Whether this is the last of so many failures in a row that the number has to be taken for bad."""
    enough = REPEATED.get(remedy)
    if enough is None or not message.sent_to:
        return False
    theirs = (Message.practice_id == message.practice_id, Message.sent_to == message.sent_to)
    last_good = select(func.max(Message.first_tried_at)).where(*theirs, Message.status == MessageStatus.DELIVERED)
    failed = select(func.count()).where(
        *theirs,
        Message.status.in_(LOST),
        Message.error_code == message.error_code,
        Message.id != message.id,
        Message.first_tried_at
        > func.coalesce(last_good.scalar_subquery(), literal(EPOCH, Message.first_tried_at.type)),
    )
    return (session.scalar(failed) or 0) + 1 >= enough


def _filtered_today(session: Session, message: Message, *, now: datetime) -> int:
    return (
        session.scalar(
            select(func.count()).where(
                Message.practice_id == message.practice_id,
                Message.due_at > now - DAY,
                Message.error_code == message.error_code,
                Message.status.in_(LOST),
            )
        )
        or 0
    )


def _why_no_email(message: Message, *, now: datetime) -> DoneInstead | None:
    """What is done when nothing can be said by e-mail instead; None when it can."""
    contact = contact_of(message)
    if message.channel == Channel.EMAIL or message.kind in ANSWERS or contact is None:
        return DoneInstead(Instead.NOTHING)
    if _useful_by_email_until(message) <= now or not is_current(message):
        return DoneInstead(Instead.OUT_OF_DATE)
    where = reached_at(contact, contact.client, Channel.EMAIL)
    withheld = find_opt_outs(message.practice_id, client_ids=[contact.client_id], addresses=[where or ""])
    why = why_not_contactable(contact, contact.client, Channel.EMAIL, PURPOSE_OF[message.kind], withheld)
    return DoneInstead(Instead.NOTHING, why) if why is not None else None


def _alert_otherwise(session: Session, message: Message, *, now: datetime) -> DoneInstead:
    """Somebody on duty was not told there: if they are not on their other channel either, they are e-mailed, and where
    that was tried, the practice's own mailbox is. It is the last way, and is tried once.
    """
    alert = session.get_one(Alert, message.alert_id)
    others = session.execute(
        select(Message.recipient, Message.channel, Message.status, Message.sent_to).where(
            Message.alert_id == alert.id,
            Message.kind == MessageKind.ALERT,
            Message.minutes == message.minutes,
            Message.id != message.id,
        )
    ).all()
    if any(row.recipient == message.recipient and row.status in REACHES for row in others):
        return DoneInstead(Instead.OTHERWISE)
    tried = {fold_address(Channel.EMAIL, row.sent_to) for row in others if row.channel == Channel.EMAIL}
    tried |= {fold_address(Channel.EMAIL, message.sent_to)}
    for reader in list_mailboxes(session.get_one(Practice, message.practice_id), message.recipient):
        if reader.email and fold_address(Channel.EMAIL, reader.email) not in tried:
            made = plan_alert(session, alert, reader, Channel.EMAIL, minutes=message.minutes, now=now)
            session.execute(update(Message).where(Message.told_by_id == message.id).values(told_by_id=made))
            return DoneInstead(Instead.BY_EMAIL)
    return DoneInstead(Instead.NOTHING)


def _useful_by_email_until(message: Message) -> datetime:
    """Whoever is late still needs the way in."""
    is_way_in = message.kind == MessageKind.JOIN_LINK and message.appointment is not None
    return message.appointment.ends_at if is_way_in and message.appointment is not None else message.not_after


def _goes_by_email(session: Session, message: Message) -> bool:
    """Whether an e-mail that says the same went, or waits."""
    same = select(Message.id).where(
        *_about(message),
        Message.channel == Channel.EMAIL,
        Message.minutes == message.minutes,
        Message.recipient == message.recipient,
        Message.version == message.version,
        Message.status.in_(REACHES),
    )
    return session.scalar(same.limit(1)) is not None


def _catch_up_by_email(session: Session, message: Message, *, now: datetime) -> Instead:
    """Say by one e-mail what no e-mail of its own says."""
    told = session.scalars(select(Message).where(Message.told_by_id == message.id)).all()
    untold = [each.id for each in told if is_current(each) and not _goes_by_email(session, each)]
    if not untold:
        return Instead.BY_EMAIL_ANYWAY
    made = _copy_as_email(session, message, now=now)
    session.execute(update(Message).where(Message.id.in_(untold)).values(told_by_id=made))
    return Instead.BY_EMAIL


def _copy_as_email(session: Session, message: Message, *, now: datetime) -> int:
    until = _useful_by_email_until(message)
    return copy_message(
        session, message, Channel.EMAIL, due_at=now, now=now, not_after=until, reason=Reason.INSTEAD_OF_TEXT
    )


def _next_copy(session: Session, message: Message, channel: Channel) -> int:
    there = select(func.max(Message.copy)).where(*_about(message))
    if message.inbound_id is None:  # What is about a text is numbered through, whoever reads it.
        there = there.where(Message.recipient == message.recipient, Message.channel == channel)
    return max(session.scalar(there) or 0, message.copy) + 1


def _about(message: Message) -> tuple[ColumnElement[bool], ...]:
    """The same kind about the same thing. One of the columns is set, and each has an index."""
    things = (
        (Message.appointment_id, message.appointment_id),
        (Message.offer_id, message.offer_id),
        (Message.inbound_id, message.inbound_id),
        (Message.therapist_id, message.therapist_id if message.day is not None else None),
        (Message.day, message.day),
        (Message.login_letter_id, message.login_letter_id),
        (Message.alert_id, message.alert_id),
        (Message.number_code_id, message.number_code_id),
    )
    same = (column == value for column, value in things if value is not None)
    return (*same, Message.kind == message.kind)


def _alert(session: Session, message: Message, note: str, remedy: Remedy, *, now: datetime) -> None:
    """Tell the operator once a day and error; of errors that we do not know once an hour, whichever it was. Whoever
    holds the practice's row does it for everybody else.
    """
    is_unknown = remedy == Remedy.UNKNOWN
    same = Message.channel == message.channel if is_unknown else Message.error_code == message.error_code
    practice = select(Practice.id).where(Practice.id == message.practice_id)
    if session.scalar(practice.with_for_update(key_share=True, skip_locked=True)) is None:
        return
    known = (
        select(Task.id)
        .join(Message, Message.id == Task.message_id)
        .where(
            Task.practice_id == message.practice_id,
            Task.kind == TaskKind.ACCOUNT,
            Task.opened_at > now - (HOUR if is_unknown else DAY),
            same,
        )
    )
    if session.scalar(known.limit(1)) is None:
        open_about(session, message, TaskKind.ACCOUNT, note, now=now)


def open_about(
    session: Session, message: Message, kind: TaskKind, note: str, *, now: datetime, is_urgent: bool = False
) -> None:
    """A task about a message, its client and its appointment."""
    contact = contact_of(message) if message.inbound is None else None
    open_task(
        session,
        practice_id=message.practice_id,
        kind=kind,
        now=now,
        message=message,
        client_id=contact.client_id if contact is not None else None,
        appointment_id=message.appointment_id,
        note=note,
        is_urgent=is_urgent,
    )


def _what(message: Message) -> str:
    return "The text" if message.channel == Channel.TEXT else "The e-mail"


def _about_us(message: Message, done: str, remedy: Remedy) -> str:
    channel = "texts" if message.channel == Channel.TEXT else "e-mails"
    if remedy == Remedy.UNKNOWN:
        return f"The provider refuses {channel} with an error that we do not know ({message.error_code}). {done}"
    return f"The provider refuses our {channel} (error {message.error_code}). Its settings need a look. {done}"
