"""Planning messages and taking plans back. These run inside the caller's transaction: a slot and what is said about it
are one decision.

Locks, on PostgreSQL: whoever changes an appointment holds its row and then waits for its messages, in the order of
their ids. Nobody who holds a message ever waits for an appointment or for a second message (see ``delivery``), so the
two cannot wait for each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from telehealth.database import RowValues
from telehealth.domain.audit_words import Actor
from telehealth.domain.delivery.states import OPEN, REACHES, UNTRIED, require_step
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, Reason, TaskKind
from telehealth.domain.messages.planning import plan_messages, plan_offer_message
from telehealth.domain.messages.plans import Key, MessageRow, Occasion, PlanChange, Planned, Recipient
from telehealth.domain.messages.rules import ANSWERS, IN_ONE
from telehealth.domain.messages.told import NEWS, slot_told, tell_start
from telehealth.models import Appointment, Attendee, Companion, Message, Offer, Practice
from telehealth.queries.consent.client_files import ClientFiles
from telehealth.services.messages.outbox import (
    ABOUT_APPOINTMENT,
    insert_messages,
    message_values,
    take_back_messages,
)
from telehealth.services.messages.recipients import (
    ATTENDEE,
    doers_of_appointments,
    files_of_appointments,
    files_of_seats,
    ids_of_readers,
    recipients_of_appointment,
)
from telehealth.services.task_opening import open_task

SAYS_NOTHING = (*UNTRIED, MessageStatus.FAILED)
NOT_OURS = (*IN_ONE, *ANSWERS)
"""What others plan; its words are made of how things are when it is sent, so a change leaves it alone."""
CALLS: Mapping[MessageKind, str] = {
    MessageKind.CANCELLATION: "The practice cancelled this so late that a message may not be read in time. "
    "Please call them.",
    MessageKind.MOVED: "The practice changed this so late that a message may not be read in time. Please call them.",
    MessageKind.CHOOSE_AGAIN: "They were asked for another time so late that a message may not be read in time. "
    "Please call them.",
}
CALL_THEM = "They have no e-mail address and take no texts, so nobody tells them what changed. Please call them."
SAY_THE_SLOT = (MessageKind.CONFIRMATION, MessageKind.MOVED, *IN_ONE)
COUNT_AS_TOLD = (Reason.SWITCHED_OFF, Reason.SAID_BEFORE, Reason.BY_A_PERSON, Reason.TOLD_OTHERWISE)
"""What was not said for one of these is as good as said; what another message said, as long as that one may have."""

# Built once: building a statement takes longer than running it. Rows and not objects: nobody changes them here.
# What says nothing is left out, unless its reader counts as told all the same.
_TELLER = aliased(Message)
_SO_FAR = (
    select(
        Message.id,
        Message.appointment_id,
        Message.kind,
        Message.channel,
        Message.recipient,
        Message.minutes,
        Message.version,
        Message.status,
        Message.unsure,
        Message.says,
        Message.planned_for,
        Message.not_after,
        Message.template,
        Message.instead_of_id,
        Message.therapist_id,
    )
    .outerjoin(_TELLER, _TELLER.id == Message.told_by_id)
    .where(
        Message.appointment_id.in_(bindparam("appointments", expanding=True)),
        or_(
            Message.status.not_in(SAYS_NOTHING),
            and_(
                Message.status == MessageStatus.VOID,
                or_(
                    and_(Message.told_by_id.is_not(None), or_(_TELLER.status.not_in(SAYS_NOTHING), _TELLER.unsure)),
                    and_(Message.told_by_id.is_(None), Message.reason.in_(COUNT_AS_TOLD)),
                ),
            ),
        ),
    )
    .order_by(Message.id)
    .with_for_update(of=Message)
)


def replan_appointment(
    session: Session,
    appointment: Appointment,
    *,
    now: datetime,
    only: Collection[Attendee] | None = None,
    files: ClientFiles | None = None,
    doers: Sequence[Actor] | None = None,
    is_quiet: bool = False,
) -> None:
    """Make what is planned fit how things are now, and plan to tell whoever believes something else.

    Called after every change, with the appointment's row locked; calling it twice changes nothing. ``only`` names the
    seats that may have changed, when not all have; therapists are always looked at. Whoever has the clients' ``files``
    in hand, or knows the ``doers`` (who has had a hand in it, in order), spares us reading them. ``is_quiet``: somebody
    else tells the clients of this change.
    """
    if only is None:
        _follow_rules(appointment)
    found = session.connection().execute(_SO_FAR, {"appointments": [appointment.id]}).all()
    former = _former(found)
    reading = recipients_of_appointment(session, appointment, only, former, files, doers)
    new = _change_plan(session, appointment, found, reading, now=now)
    if is_quiet:
        new = list(_leave_to_others(new, found))
    insert_messages(session, _rows(appointment, new, reading, former, now=now), reviving=ABOUT_APPOINTMENT)
    _have_called(session, appointment, new, now=now)


def replan_appointments(session: Session, appointments: Sequence[Appointment], *, now: datetime) -> None:
    """The same for several whose rows are locked: what was said about them, who reads and under which rules is asked
    once, and what is new is written in one go.
    """
    if not appointments:
        return
    found: defaultdict[int, list[Row[*tuple[Any, ...]]]] = defaultdict(list)  # The columns of ``_SO_FAR``.
    for row in session.connection().execute(_SO_FAR, {"appointments": [each.id for each in appointments]}):
        found[row.appointment_id].append(row)
    files, doers = files_of_appointments(session, appointments), doers_of_appointments(session, appointments)
    new: dict[int, Sequence[Planned]] = {}
    rows: list[RowValues] = []
    for each in appointments:
        _follow_rules(each)
        former = _former(found[each.id])
        reading = recipients_of_appointment(session, each, None, former, files.get(each.service_id), doers[each.id])
        new[each.id] = _change_plan(session, each, found[each.id], reading, now=now)
        rows += _rows(each, new[each.id], reading, former, now=now)
    insert_messages(session, rows, reviving=ABOUT_APPOINTMENT)
    for each in appointments:
        _have_called(session, each, new[each.id], now=now)


def plan_new_appointments(
    session: Session,
    appointments: Sequence[Appointment],
    *,
    files: ClientFiles | None = None,
    earlier: ColumnElement[bool] | None = None,
    now: datetime,
) -> None:
    """Plan what is said about appointments of one service that have just been made: nothing was said of them before.

    Whoever has the clients' ``files`` in hand spares us reading them. ``earlier`` are the messages about the other
    appointments of a standing slot: whoever had a text about the whole of it is spared those that say the same of each
    of its dates. E-mails stay: each invites to its own date.
    """
    seats = [seat for each in appointments for seat in each.attendees]
    if files is None and seats:
        files = files_of_seats(session, appointments[0], seats)
    rows: list[RowValues] = []
    for each in appointments:
        readers = recipients_of_appointment(session, each, None, (), files)
        change = plan_messages(readers, (), occasion_of(each, now=now))
        rows += _rows(each, change.new, readers, {}, now=now)
    if earlier is not None:
        _spare_known(session, rows, {each.id: each.client_id for each in seats}, earlier)
    insert_messages(session, rows)


def _spare_known(
    session: Session, rows: Iterable[RowValues], clients: Mapping[int, int], earlier: ColumnElement[bool]
) -> None:
    """Take back the texts among these rows that tell nobody anything. ``clients`` are those on the seats, by id."""
    about: RowValues = {"kind": MessageKind.CONFIRMATION, "channel": Channel.TEXT, "status": MessageStatus.PLANNED}
    about["companion_id"] = None
    texts = [row for row in rows if row["attendee_id"] is not None and about.items() <= row.items()]
    if not texts:
        return
    known = (
        select(Attendee.client_id, func.max(Message.id))
        .join(Attendee, Attendee.id == Message.attendee_id)
        .where(
            Attendee.client_id.in_({clients[row["attendee_id"]] for row in texts}),
            earlier,
            Message.companion_id.is_(None),
            Message.channel == Channel.TEXT,
            Message.kind.in_(SAY_THE_SLOT),
            Message.status.in_(REACHES - set(OPEN)),
        )
    )
    tellers = {row[0]: row[1] for row in session.execute(known.group_by(Attendee.client_id))}
    for row in texts:
        teller = tellers.get(clients[row["attendee_id"]])
        if teller is not None:
            row.update(
                status=require_step(MessageStatus.PLANNED, MessageStatus.VOID),
                reason=Reason.SAID_BEFORE,
                told_by_id=teller,
            )


def bump_plans(session: Session, practice_id: int) -> None:
    """What a practice has planned was planned under other rules, inside the caller's transaction: the tick plans it
    anew, and nothing of it is sent before.
    """
    newer = update(Practice).where(Practice.id == practice_id).values(plan_version=Practice.plan_version + 1)
    session.execute(newer, execution_options={"synchronize_session": "fetch"})


def correct_told_start(session: Session, appointment: Appointment, told: datetime) -> None:
    """Everybody who was told of the appointment's instant read a wall time, and by the clock's new rules that is the
    instant ``told``: so planning anew has news for them. Inside the caller's transaction.
    """
    found = session.execute(
        select(Message.id, Message.says).where(Message.appointment_id == appointment.id, Message.kind.in_(NEWS))
    )
    for message_id, says in found.all():
        known = slot_told(says)
        if known is not None and known[0] == appointment.starts_at:
            session.execute(update(Message).where(Message.id == message_id).values(says=tell_start(says, told)))


def plan_offer(session: Session, offer: Offer, readers: Iterable[Recipient], *, now: datetime) -> None:
    """Tell those who hear of it that a time is kept for somebody: at once, for it is kept for a short while."""
    rows = []
    for reader in readers:
        about = {"practice_id": offer.practice_id, "offer_id": offer.id, "companion_id": reader.companion_id}
        planned = plan_offer_message(reader, mode=offer.mode, now=now, not_after=offer.expires_at)
        rows += [message_values(each, now=now, **about) for each in planned]
    insert_messages(session, rows)


def void_offer(session: Session, offer: Offer, *, reason: Reason, now: datetime) -> None:
    """Take an offer's messages back, as far as they have not been handed to a provider."""
    take_back_messages(session, Message.offer_id == offer.id, reason=reason, now=now)


def take_back_texts(session: Session, appointment: Appointment, companion: Companion | None, *, now: datetime) -> None:
    """Say by e-mail alone that it is booked, because our answer to a text of theirs, or of the client's, says so.
    Reminders stay.
    """
    take_back_messages(
        session,
        Message.appointment_id == appointment.id,
        Message.kind == MessageKind.CONFIRMATION,
        Message.channel == Channel.TEXT,
        Message.companion_id.is_not_distinct_from(companion.id if companion is not None else None),
        reason=Reason.SAID_BEFORE,
        now=now,
    )


def _row(row: Row[*tuple[Any, ...]]) -> MessageRow:  # The columns of ``_SO_FAR``.
    return MessageRow(
        row.id,
        Key(row.kind, row.channel, row.recipient, row.minutes),
        row.version,
        row.status,
        row.unsure,
        row.says,
        row.planned_for,
        row.not_after,
        row.template,
        row.instead_of_id is not None,
    )


def occasion_of(appointment: Appointment, *, now: datetime) -> Occasion:
    """An appointment as planning sees it."""
    return Occasion(
        starts_at=appointment.starts_at,
        ends_at=appointment.ends_at,
        mode=appointment.mode,
        grace=timedelta(minutes=appointment.practice.grace_minutes),
        now=now,
        answer_by=appointment.expires_at,
    )


def _have_called(session: Session, appointment: Appointment, new: Iterable[Planned], *, now: datetime) -> None:
    """Somebody calls those whom a message may not reach in time: one task for each of them; but one for a client and
    who acts for them when neither can be written to.
    """
    by_recipient = {each.key.recipient: each for each in new if each.needs_call}
    unwritten: set[int | None] = set()
    for recipient, planned in by_recipient.items():
        said = select(Message).where(
            Message.appointment_id == appointment.id,
            Message.recipient == recipient,
            Message.kind == planned.key.kind,
            Message.version == appointment.sequence,
        )
        message = session.scalars(said.order_by(Message.id)).first()
        by_a_person = planned.reason == Reason.BY_A_PERSON
        if message is not None and not (by_a_person and message.attendee_id in unwritten):
            unwritten |= {message.attendee_id} if by_a_person else set()
            open_task(
                session,
                practice_id=appointment.practice_id,
                kind=TaskKind.CALL,
                now=now,
                message=message,
                client_id=message.attendee.client_id if message.attendee is not None else None,
                appointment_id=appointment.id,
                note=CALL_THEM if by_a_person else CALLS[planned.key.kind],
                is_urgent=not by_a_person,
            )


def _follow_rules(appointment: Appointment) -> None:
    """It is planned by the rules of this version. Read before the rules are: what comes later makes a version of which
    this plan knows nothing.
    """
    if appointment.plan_version != appointment.practice.plan_version:
        appointment.plan_version = appointment.practice.plan_version


def _former(found: Iterable[Row[*tuple[Any, ...]]]) -> dict[str, int]:  # The columns of ``_SO_FAR``.
    """Therapists who were told that it is theirs, with the ids of their rows."""
    return {each.recipient: each.therapist_id for each in found if each.therapist_id is not None}


def _change_plan(
    session: Session,
    appointment: Appointment,
    found: Sequence[Row[*tuple[Any, ...]]],  # The columns of ``_SO_FAR``.
    reading: Sequence[Recipient],
    *,
    now: datetime,
) -> Sequence[Planned]:
    """What is to be said that was not planned so far, once what was planned fits how things are now."""
    so_far = [_row(each) for each in found if each.kind not in NOT_OURS]
    change = plan_messages(reading, so_far, occasion_of(appointment, now=now))
    looked_at = {reader.recipient for reader in reading}
    # What is still to be sent and that nobody asked about stays true under the new version.
    stays = {row.id for row in found if row.status in OPEN and (row.recipient not in looked_at or row.kind in NOT_OURS)}
    older = {row.id for row in found if row.version < appointment.sequence}
    _carry_out(session, appointment, change, sorted(older & (stays | set(change.keep))), now=now)
    return change.new


def _leave_to_others(
    new: Iterable[Planned],
    found: Iterable[Row[*tuple[Any, ...]]],  # The columns of ``_SO_FAR``.
) -> Iterator[Planned]:
    """The same, but clients count as told of what changed. Whoever waits for other news still gets all in one."""
    waiting = {row.recipient for row in found if row.status in OPEN and row.kind in NEWS}
    for each in new:
        is_client = each.key.recipient.startswith(ATTENDEE) and each.key.recipient not in waiting
        if is_client and each.key.kind == MessageKind.MOVED:
            yield replace(each, status=MessageStatus.VOID, reason=Reason.TOLD_OTHERWISE, needs_call=False)
        else:
            yield each


def _carry_out(
    session: Session, appointment: Appointment, change: PlanChange, older: Sequence[int], *, now: datetime
) -> None:
    if change.void:
        take_back_messages(session, Message.id.in_(change.void), reason=Reason.APPOINTMENT_CHANGED, now=now)
    if older:
        session.execute(update(Message).where(Message.id.in_(older)).values(version=appointment.sequence))
    for message_id, template in change.reworded:
        _put_right(session, message_id, {"template": template}, now=now)
    for message_id, planned in change.retimed:
        times = {"planned_for": planned.due_at, "due_at": planned.due_at, "not_after": planned.not_after}
        _put_right(session, message_id, {**times, "template": planned.template, "reason": planned.reason}, now=now)


def _put_right(session: Session, message_id: int, values: RowValues, *, now: datetime) -> None:
    waits = update(Message).where(Message.id == message_id, Message.status == MessageStatus.PLANNED)
    session.execute(waits.values(**values, changed_at=now))


def _rows(
    appointment: Appointment,
    planned: Iterable[Planned],
    readers: Iterable[Recipient],
    former: Mapping[str, int],
    *,
    now: datetime,
) -> list[RowValues]:
    ids = ids_of_readers(appointment, readers, former)
    about = {
        "practice_id": appointment.practice_id,
        "appointment_id": appointment.id,
        "version": appointment.sequence,
        "told_by_id": None,  # Rows that go in together have one shape.
    }
    return [message_values(each, now=now, **about, **ids[each.key.recipient]) for each in planned]
