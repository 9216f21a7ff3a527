"""What messages did for a practice: who came after which reminders, who answered, who opted out, what texts cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select

from telehealth.database import db
from telehealth.domain.delivery.states import UNDER_WAY
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, ReplyMeaning
from telehealth.domain.proportions import Share
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Attendee, Consent, InboundText, Message, Suppression

CAME = (AppointmentStatus.FULFILLED, AppointmentStatus.ARRIVED)
MISSED = AppointmentStatus.NOSHOW
REACHED = (*UNDER_WAY, MessageStatus.DELIVERED)
HOUR, DAY = 60, 24 * 60
LEADS = ((None, "none"), (6 * HOUR, "within 6 hours"), (36 * HOUR, "about a day"), (4 * DAY, "about three days"))
LONGER = "longer before"


@dataclass(frozen=True, slots=True)
class MessageReport:
    """A period in figures. ``by_channel`` and ``by_lead`` say how many seats were kept of those whose reminders went
    that way, or whose last reminder went so long before the start; ``confirmed`` and ``unconfirmed`` how many of those
    where the client had said that they come, or had not. ``sent`` counts messages by channel and status.
    """

    attendance: Share
    by_channel: Mapping[str, Share]
    by_lead: Mapping[str, Share]
    confirmed: Share
    unconfirmed: Share
    replies: Mapping[ReplyMeaning, int] = field(default_factory=dict)
    sent: Mapping[tuple[Channel, MessageStatus], int] = field(default_factory=dict)
    opt_outs: Mapping[str, int] = field(default_factory=dict)
    texts: int = 0
    segments: int = 0


def report_of_period(practice_id: int, *, since: datetime, until: datetime) -> MessageReport:
    """The figures of appointments that began, and of messages that were due, in [since, until) (aware instants)."""
    seats = _seats(practice_id, since, until)
    return MessageReport(
        attendance=_share(seats),
        by_channel=_shares(seats, _channels),
        by_lead=_shares(seats, _lead),
        confirmed=_share(each for each in seats if each.is_confirmed),
        unconfirmed=_share(each for each in seats if not each.is_confirmed),
        replies=_replies(practice_id, since, until),
        sent=_sent(practice_id, since, until),
        opt_outs=_opt_outs(practice_id, since, until),
        **_cost(practice_id, since, until),
    )


def _seats(practice_id: int, since: datetime, until: datetime) -> Sequence[Any]:
    """How many seats there are of each kind, among those that were kept or missed: with what reminded of them."""
    reminded = Message.sent_at.is_not(None)
    each = (
        select(
            Attendee.status.label("status"),
            case((Attendee.confirmed_at.is_not(None), 1), else_=0).label("is_confirmed"),
            func.max(case((reminded & (Message.channel == Channel.TEXT), 1), else_=0)).label("by_text"),
            func.max(case((reminded & (Message.channel == Channel.EMAIL), 1), else_=0)).label("by_email"),
            func.min(case((reminded, Message.minutes))).label("minutes"),
        )
        .join(Attendee.appointment)
        .outerjoin(
            Message,
            (Message.attendee_id == Attendee.id) & (Message.kind == MessageKind.REMINDER) & Message.status.in_(REACHED),
        )
        .where(
            Appointment.practice_id == practice_id,
            Appointment.starts_at >= since,
            Appointment.starts_at < until,
            Attendee.status.in_([*CAME, MISSED]),
        )
        .group_by(Attendee.id, Attendee.status, Attendee.confirmed_at)
        .subquery()
    )
    return db.session.execute(select(*each.c, func.count().label("number")).group_by(*each.c)).all()


def _channels(seat: Any) -> str:
    if seat.by_text and seat.by_email:
        return "text and e-mail"
    if seat.by_text:
        return "text only"
    return "e-mail only" if seat.by_email else "none"


def _lead(seat: Any) -> str:
    if seat.minutes is None:
        return "none"
    return next((name for longest, name in LEADS if longest is not None and seat.minutes <= longest), LONGER)


def _share(seats: Iterable[Any]) -> Share:
    listed = list(seats)
    return Share(sum(each.number for each in listed if each.status in CAME), sum(each.number for each in listed))


def _shares(seats: Iterable[Any], group: Any) -> dict[str, Share]:
    groups: dict[str, list[Any]] = {}
    for each in seats:
        groups.setdefault(group(each), []).append(each)
    return {name: _share(rows) for name, rows in sorted(groups.items())}


def _replies(practice_id: int, since: datetime, until: datetime) -> dict[ReplyMeaning, int]:
    rows = db.session.execute(
        select(InboundText.meaning, func.count())
        .where(
            InboundText.practice_id == practice_id, InboundText.received_at >= since, InboundText.received_at < until
        )
        .group_by(InboundText.meaning)
    )
    return {row[0]: row[1] for row in rows}


def _sent(practice_id: int, since: datetime, until: datetime) -> dict[tuple[Channel, MessageStatus], int]:
    rows = db.session.execute(
        select(Message.channel, Message.status, func.count())
        .where(Message.practice_id == practice_id, Message.due_at >= since, Message.due_at < until)
        .group_by(Message.channel, Message.status)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _cost(practice_id: int, since: datetime, until: datetime) -> dict[str, int]:
    row = db.session.execute(
        select(func.count(), func.coalesce(func.sum(func.coalesce(Message.segments, 1)), 0)).where(
            Message.practice_id == practice_id,
            Message.due_at >= since,
            Message.due_at < until,
            Message.channel == Channel.TEXT,
            Message.sent_at.is_not(None),
        )
    ).one()
    return {"texts": row[0], "segments": int(row[1])}


def _opt_outs(practice_id: int, since: datetime, until: datetime) -> dict[str, int]:
    """Numbers and addresses that were given up, by reason, and noes of clients."""
    begun = db.session.execute(
        select(Suppression.reason, func.count())
        .where(Suppression.practice_id == practice_id, Suppression.since >= since, Suppression.since < until)
        .group_by(Suppression.reason)
    )
    noes = db.session.scalar(
        select(func.count(Consent.client_id.distinct())).where(
            Consent.practice_id == practice_id, Consent.is_given.is_(False), Consent.at >= since, Consent.at < until
        )
    )
    found = {str(row[0]): row[1] for row in begun}
    return {**found, "consent": noes} if noes else found
