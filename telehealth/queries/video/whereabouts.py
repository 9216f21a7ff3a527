"""Where clients said they are before video appointments, and who of the therapists has no licence there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, literal, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from telehealth.database import db
from telehealth.domain.appointments.joining import Door
from telehealth.domain.appointments.states import ACTIVE
from telehealth.domain.companions import contact_for_seat
from telehealth.domain.consent.contactability import reached_at
from telehealth.domain.message_words import Channel
from telehealth.domain.video.calls import CallerRole, say_whom
from telehealth.domain.video.crisis import CrisisHelp, find_crisis_help
from telehealth.domain.video.whereabouts import say_state, say_where
from telehealth.domain.words import Mode
from telehealth.models import Appointment, Attendee, Companion, Whereabouts
from telehealth.queries.appointments.licences import find_unlicensed
from telehealth.queries.video.doors import find_door


@dataclass(frozen=True, slots=True)
class SaidWhere:
    """The latest answer of one client about an appointment, and the therapists of it who have no licence there."""

    said: Whereabouts
    unlicensed: Sequence[str]

    @property
    def where(self) -> str:
        """All of it: "12 Main Street, Utah"."""
        return say_where(self.said.jurisdiction, self.said.place)

    @property
    def state(self) -> str:
        """The state alone: "Utah"."""
        return say_state(self.said.jurisdiction)

    @property
    def help(self) -> CrisisHelp:
        """Whom one calls there."""
        return find_crisis_help(self.said.jurisdiction, self.said.place)

    @property
    def awaits_decision(self) -> bool:
        """Whether a therapist has to decide, and has not."""
        return bool(self.unlicensed) and self.said.decision is None


def find_last_said(seat: Attendee, companion: Companion | None) -> Whereabouts | None:
    """What the same reader said last of the client, about whichever appointment; what others said is not theirs to
    read.
    """
    statement = (
        select(Whereabouts)
        .join(Whereabouts.attendee)
        .where(
            Attendee.client_id == seat.client_id,
            Whereabouts.companion_id == (companion.id if companion is not None else None),
            Whereabouts.place != "",
        )
    )
    return db.session.scalar(statement.order_by(Whereabouts.id.desc()).limit(1))


def is_said_for(said: Whereabouts | None, seat: Attendee) -> bool:
    """Whether that was said for this very appointment, since its room opened: it is asked every time."""
    return said is not None and said.attendee_id == seat.id and said.said_at >= seat.appointment.room_opens_at


def find_known_phone(seat: Attendee, companion: Companion | None, last: Whereabouts | None) -> str:
    """The number (E.164) that the reader is called at unless they give another one; empty where none is known."""
    if last is not None and last.phone:
        return last.phone
    if companion is not None:
        return contact_for_seat(companion, seat).phone or ""
    return reached_at(seat, seat.client, Channel.TEXT) or ""


def find_said_by(session: Session, attendee_id: int | None, whom: str) -> Whereabouts | None:
    """What a caller (``Caller.whom``) said last of this appointment."""
    by_whom = case(
        (Whereabouts.companion_id.is_(None), literal(say_whom(CallerRole.CLIENT, "")) + Attendee.public_id),
        else_=literal(say_whom(CallerRole.COMPANION, "")) + Companion.public_id,
    )
    statement = (
        select(Whereabouts)
        .join(Whereabouts.attendee)
        .outerjoin(Companion, Companion.id == Whereabouts.companion_id)
        .where(Whereabouts.attendee_id == attendee_id, by_whom == whom)
    )
    return session.scalar(statement.order_by(Whereabouts.id.desc()).limit(1))


def list_said(appointment: Appointment) -> list[SaidWhere]:
    """The latest answer of each client of an appointment who gave one, in the order of their seats."""
    ids = [each.id for each in appointment.attendees]
    statement = select(Whereabouts).where(Whereabouts.attendee_id.in_(ids)).options(joinedload(Whereabouts.attendee))
    said = _latest(db.session.scalars(statement.order_by(Whereabouts.id)))
    return [_judged(appointment, each) for each in sorted(said, key=lambda each: each.attendee_id)]


def list_undecided(appointments: Iterable[Appointment], *, now: datetime) -> list[SaidWhere]:
    """Answers about those of the appointments whose room is open to which a therapist without a licence there has not
    said what follows. The database is asked only while there is one.
    """
    opened = {each.id: each for each in appointments if _is_open(each, now=now)}
    if not opened:
        return []
    statement = (
        select(Whereabouts)
        .join(Whereabouts.attendee)
        .where(Attendee.appointment_id.in_(opened))
        .options(contains_eager(Whereabouts.attendee))
    )
    said = _latest(db.session.scalars(statement.order_by(Whereabouts.id)))
    judged = [_judged(opened[each.attendee.appointment_id], each) for each in said]
    return [each for each in judged if each.awaits_decision]


def _is_open(appointment: Appointment, *, now: datetime) -> bool:
    is_held = appointment.mode == Mode.VIRTUAL and appointment.status in ACTIVE
    return is_held and find_door(appointment, now=now) == Door.OPEN


def _latest(said: Iterable[Whereabouts]) -> list[Whereabouts]:
    """The last one of each seat, of those that stand in their order."""
    return list({each.attendee_id: each for each in said}.values())


def _judged(appointment: Appointment, said: Whereabouts) -> SaidWhere:
    unfit = find_unlicensed(appointment, said.jurisdiction)
    return SaidWhere(said, [each.name for each in unfit])
