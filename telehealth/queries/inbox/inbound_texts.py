"""Texts that people sent to us: whose number it is, what they may be about, and what was said before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from telehealth.database import db
from telehealth.domain.addresses import without_keys
from telehealth.domain.appointments.states import EXPECTED
from telehealth.domain.companions import MessagesTo
from telehealth.domain.delivery.states import LOST, OPEN
from telehealth.domain.errors import NotFound
from telehealth.domain.message_words import Channel, MessageKind, ReplyMeaning
from telehealth.domain.messages.rules import ANSWERS
from telehealth.models import (
    Appointment,
    Attendee,
    Client,
    Companion,
    InboundText,
    Message,
    Occurrence,
    Practice,
    Task,
    WaitlistEntry,
)
from telehealth.queries.consent.reaching import is_companion_at, is_reached_at, reached_by_text

LONGEST_THREAD = 50
ENOUGH = 10
"""Clients with one number, to be told apart by a person; more than that is a mistake in the numbers."""

_SHARES_OURS = or_(Practice.text_sender.is_(None), Practice.text_sender.not_like("+%"))
"""Practices without a number of their own: what they say does not come from somebody else's."""


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """One text of a thread: theirs, or ours with what became of it. The keys of clients' own links are taken out."""

    at: datetime
    body: str
    theirs: InboundText | None = None
    ours: Message | None = None


def find_practice_texted(*, sender: str, recipient: str) -> int | None:
    """The practice that a text is meant for, or None when that cannot be told.

    Whose own number it came to; else, of those that share the number, who texted the sender last, or got to know the
    sender's number last, or is the only one there is.
    """
    owners = _owners_of(recipient)
    if len(owners) == 1:
        return owners[0]
    among = _sharing(recipient, is_owned=bool(owners))
    return _last_to_text(sender, among) or _last_to_know(sender, among) or _only_one(among)


def list_practices_at(recipient: str) -> Sequence[int]:
    """Every practice that may be meant by a text to this number, in order."""
    sharing = _sharing(recipient, is_owned=bool(_owners_of(recipient)))
    return db.session.scalars(sharing.order_by(Practice.id)).all()


def find_text_by_provider_id(provider_id: str) -> InboundText | None:
    """A text by the provider's id for it; None when it is new."""
    return db.session.scalar(select(InboundText).where(InboundText.provider_id == provider_id))


def find_text(practice_id: int, public_id: str) -> InboundText:
    """A text to this practice. Raises NotFound."""
    found = db.session.scalar(
        select(InboundText)
        .where(InboundText.practice_id == practice_id, InboundText.public_id == public_id)
        .options(joinedload(InboundText.client))
    )
    if found is None:
        raise NotFound
    return found


def list_latest_texts(practice_id: int, *, limit: int, before: datetime | None = None) -> Sequence[InboundText]:
    """What came in, the newest first; only before an instant when one is given."""
    statement = select(InboundText).where(InboundText.practice_id == practice_id)
    if before is not None:
        statement = statement.where(InboundText.received_at < before)
    ordered = statement.order_by(InboundText.received_at.desc(), InboundText.id.desc()).limit(limit)
    return db.session.scalars(ordered.options(joinedload(InboundText.client))).unique().all()


def list_clients_with_number(practice_id: int, number: str) -> Sequence[Client]:
    """Whose number it is: on file, or typed for an appointment or a wait, unless they named a safe one, or that of who
    acts for them; in order of their ids.
    """
    leads_to = func.coalesce(Client.merged_into_id, Client.id)
    theirs = select(leads_to).where(Client.practice_id == practice_id, _is_theirs(number, practice_id))
    statement = select(Client).where(Client.id.in_(theirs))
    return db.session.scalars(statement.order_by(Client.id).limit(ENOUGH)).all()


def list_seats_ahead(practice_id: int, number: str, *, now: datetime, until: datetime) -> Sequence[Attendee]:
    """Seats that are texted at this number, or that somebody with it acts for, in appointments that start in
    (now, until); cancelled ones too.
    """
    return (
        db.session.scalars(
            select(Attendee)
            .join(Attendee.appointment)
            .join(Attendee.client)
            .where(
                Appointment.practice_id == practice_id,
                Appointment.starts_at > now,
                Appointment.starts_at < until,
                _acts_with(number),
            )
            .options(
                contains_eager(Attendee.client),
                contains_eager(Attendee.appointment).options(
                    joinedload(Appointment.practice), joinedload(Appointment.service), joinedload(Appointment.policy)
                ),
            )
            .order_by(Appointment.starts_at, Appointment.id, Attendee.id)
            .execution_options(populate_existing=True)
        )
        .unique()
        .all()
    )


def series_by_appointment(appointment_ids: Collection[int]) -> dict[int, int]:
    """The standing slot of each of these appointments that belongs to one, by the appointment's id."""
    if not appointment_ids:
        return {}
    found = select(Occurrence.appointment_id, Occurrence.series_id).where(
        Occurrence.appointment_id.in_(appointment_ids)
    )
    return {appointment_id: series_id for appointment_id, series_id in db.session.execute(found) if appointment_id}


def list_seats_near(practice_id: int, number: str, *, now: datetime, until: datetime) -> Sequence[Attendee]:
    """Seats that are texted at this number, in what goes on, or starts before an instant, in order."""
    return db.session.scalars(
        select(Attendee)
        .join(Attendee.appointment)
        .join(Attendee.client)
        .where(
            Appointment.practice_id == practice_id,
            Appointment.starts_at < until,
            Appointment.ends_at > now,
            Attendee.status.in_(EXPECTED),
            _acts_with(number),
        )
        .options(contains_eager(Attendee.client), contains_eager(Attendee.appointment))
        .order_by(Appointment.starts_at, Appointment.id, Attendee.id)
    ).all()


def list_seats_told(practice_id: int, number: str, *, since: datetime) -> set[int]:
    """The seats that texts to this number were about since an instant."""
    found = _texts_to(practice_id, number).with_only_columns(Message.attendee_id)
    return {each for each in db.session.scalars(found.where(Message.sent_at >= since)) if each is not None}


def find_last_text(practice_id: int, number: str, *, since: datetime) -> Message | None:
    """The last text to this number since an instant, as far as we know that it arrives. An answer counts from when it
    was written: it goes at once.
    """
    sent = _texts_to(practice_id, number).where(Message.sent_at >= since, Message.status.not_in(LOST))
    answers = (
        select(Message)
        .join(Message.inbound)
        .where(
            InboundText.practice_id == practice_id,
            InboundText.sender == number,
            Message.kind.in_(ANSWERS),
            Message.created_at >= since,
            Message.status.in_(OPEN),
        )
        .order_by(Message.id.desc())
    )
    last = (
        db.session.scalar(sent.order_by(Message.sent_at.desc(), Message.id.desc()).limit(1)),
        db.session.scalar(answers.limit(1)),
    )
    found = [each for each in last if each is not None]
    return max(found, key=lambda each: (each.sent_at or each.created_at, each.id), default=None)


def list_seats_told_with(last: Message, kinds: Collection[MessageKind], *, since: datetime) -> set[int]:
    """The seats that a text was about, and those that texts of these kinds to the same number were about since an
    instant; of a catch-up, all that it told.
    """
    told = _texts_to(last.practice_id, last.sent_to).with_only_columns(Message.id, Message.attendee_id)
    rows = db.session.execute(told.where(Message.kind.in_(kinds), Message.sent_at >= since)).all()
    ids = [last.id, *(row.id for row in rows)]
    within = db.session.scalars(select(Message.attendee_id).where(Message.told_by_id.in_(ids)))
    return {each for each in (last.attendee_id, *(row.attendee_id for row in rows), *within) if each is not None}


def has_open_task(practice_id: int, number: str, *, besides: int) -> bool:
    """Whether something that this number texted waits for a person, other than one text (its id)."""
    waits = (
        select(Task.id)
        .join(Task.inbound)
        .where(
            InboundText.practice_id == practice_id,
            InboundText.sender == number,
            InboundText.id != besides,
            Task.done_at.is_(None),
        )
    )
    return db.session.scalar(waits.limit(1)) is not None


def find_open_question(practice_id: int, number: str, *, since: datetime) -> InboundText | None:
    """The text that we answered last with "which one?", since an instant."""
    rows = _from(practice_id, number, since=since).order_by(InboundText.received_at.desc(), InboundText.id.desc())
    return next((each for each in db.session.scalars(rows.limit(LONGEST_THREAD)) if each.choices), None)


def count_replies(
    practice_id: int, number: str, *, since: datetime, to: Iterable[ReplyMeaning] = tuple(ReplyMeaning)
) -> int:
    """How many of our own answers this number got to texts of some meanings that came since an instant."""
    answered = (
        select(func.count())
        .select_from(InboundText)
        .join(Message, Message.inbound_id == InboundText.id)
        .where(
            InboundText.practice_id == practice_id,
            InboundText.sender == number,
            InboundText.received_at >= since,
            InboundText.meaning.in_(to),
            Message.kind == MessageKind.REPLY,
        )
    )
    return db.session.scalar(answered) or 0


def list_thread(practice_id: int, number: str, *, limit: int = LONGEST_THREAD) -> Sequence[ThreadLine]:
    """The last texts from and to a number, the oldest first. What was planned or given up before it was sent is not
    among them, but what staff wrote and what we answered is, from the moment it was written.
    """
    received = select(InboundText).where(InboundText.practice_id == practice_id, InboundText.sender == number)
    theirs = db.session.scalars(received.order_by(InboundText.received_at.desc(), InboundText.id.desc()).limit(limit))
    sent = _texts_to(practice_id, number).order_by(Message.sent_at.desc(), Message.id.desc()).limit(limit)
    answers = (
        select(Message)
        .join(Message.inbound)
        .where(InboundText.practice_id == practice_id, InboundText.sender == number, Message.kind.in_(ANSWERS))
        .order_by(Message.id.desc())
        .limit(limit)
    )
    ours = {each.id: each for statement in (sent, answers) for each in db.session.scalars(statement)}
    said = [
        *(ThreadLine(each.received_at, without_keys(each.body), theirs=each) for each in theirs),
        *(ThreadLine(each.sent_at or each.created_at, without_keys(each.body), ours=each) for each in ours.values()),
    ]
    return sorted(said, key=lambda each: (each.at, each.ours.id if each.ours is not None else 0))[-limit:]


def _owners_of(recipient: str) -> Sequence[int]:
    """Whose own number it is; two are as good as many."""
    return db.session.scalars(select(Practice.id).where(Practice.text_sender == recipient).limit(2)).all()


def _sharing(recipient: str, *, is_owned: bool) -> Select[int]:
    return select(Practice.id).where(Practice.text_sender == recipient if is_owned else _SHARES_OURS)


def _last_to_text(number: str, among: Select[int]) -> int | None:
    return db.session.scalar(
        select(Message.practice_id)
        .where(
            Message.sent_to == number,
            Message.channel == Channel.TEXT,
            Message.sent_at.is_not(None),
            Message.practice_id.in_(among),
        )
        .order_by(Message.sent_at.desc(), Message.id.desc())
        .limit(1)
    )


def _last_to_know(number: str, among: Select[int]) -> int | None:
    """The practice that somebody with this number came to last: what they write must not be lost between two."""
    found = select(Client.practice_id).where(_is_theirs(number), Client.practice_id.in_(among))
    return db.session.scalar(found.order_by(Client.id.desc()).limit(1))


def _only_one(among: Select[int]) -> int | None:
    found = db.session.scalars(among.limit(2)).all()
    return found[0] if len(found) == 1 else None


def list_companions_with_number(practice_id: int, number: str) -> Sequence[Companion]:
    """Who acts for clients of a practice now, and gets messages there."""
    theirs = select(Companion).where(
        Companion.practice_id == practice_id,
        Companion.phone == number,
        Companion.messages_to != MessagesTo.CLIENT,
        Companion.ended_at.is_(None),
    )
    return db.session.scalars(theirs.order_by(Companion.id)).all()


def _acts_with(number: str) -> ColumnElement[bool]:
    """Whether what is written from a number counts for a seat: its client's, or that of whoever may change it."""
    has_to_do = or_(Companion.known_at.is_not(None), Companion.id == Attendee.booked_by_id)
    may = Companion.may_change.is_(True), has_to_do
    return or_(reached_by_text(Attendee) == number, is_companion_at(Channel.TEXT, number, *may))


def _is_theirs(number: str, practice_id: int | None = None) -> ColumnElement[bool]:
    typed = [
        select(contact.client_id).where(contact.phone == number, *_of(contact, practice_id))
        for contact in (Attendee, WaitlistEntry)
    ]
    on_file = or_(Client.phone == number, *(Client.id.in_(each) for each in typed))
    return or_(is_reached_at(Channel.TEXT, number, on_file), is_companion_at(Channel.TEXT, number))


def _of(contact: type[Attendee | WaitlistEntry], practice_id: int | None) -> Iterable[ColumnElement[bool]]:
    return () if practice_id is None else (contact.practice_id == practice_id,)


def _from(practice_id: int, number: str, *, since: datetime) -> Select[InboundText]:
    return select(InboundText).where(
        InboundText.practice_id == practice_id, InboundText.sender == number, InboundText.received_at >= since
    )


def _texts_to(practice_id: int, number: str) -> Select[Message]:
    return select(Message).where(
        Message.sent_to == number,
        Message.practice_id == practice_id,
        Message.channel == Channel.TEXT,
        Message.sent_at.is_not(None),
    )
