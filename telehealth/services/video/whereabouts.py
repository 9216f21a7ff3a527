"""Keeping where clients say they are before a video appointment, and what a therapist decides who has no licence
there.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import NotAllowed, NotFound
from telehealth.domain.video.calls import CallerRole, say_whom
from telehealth.domain.video.whereabouts import LicenceDecision, Whereabout, clean_decision
from telehealth.models import Attendee, Caller, Companion, Whereabouts
from telehealth.services.audit import ActedBy, record_event
from telehealth.services.locking import lock_own
from telehealth.services.video.coming import require_open

NOT_YOURS = "Only a therapist of this appointment can decide that. Nothing was changed."


@retry_on_conflict
def say_whereabouts(
    *, attendee_id: int, companion_id: int | None, answer: Whereabout, by: ActedBy, now: datetime
) -> Whereabouts:
    """Keep where a client is now, said by them or by whoever acts for them, while the room of their appointment is
    open. Whatever was decided about the same state goes on to hold. Raises NotFound, RoomClosed.
    """
    with transaction() as session:
        seat = session.get(Attendee, attendee_id, with_for_update={"of": Attendee}, populate_existing=True)
        if seat is None:
            raise NotFound
        require_open(seat.appointment, now=now)
        said = Whereabouts(
            practice_id=seat.practice_id,
            attendee_id=seat.id,
            companion_id=companion_id,
            jurisdiction=answer.jurisdiction,
            place=answer.place,
            phone=answer.phone,
            cannot_speak=answer.cannot_speak,
            said_at=now,
        )
        _keep_decision(session, said)
        session.add(said)
        session.flush()
        _mark_caller(session, said)
        where = {"attendee": seat.public_id, "state": answer.jurisdiction}
        record_event(session, seat.appointment, AuditAction.WHERE_SAID, by, now=now, **where)
        return said


@retry_on_conflict
def decide_about_licence(
    *,
    practice_id: int,
    appointment_id: int,
    whereabouts_public_id: str,
    decision: LicenceDecision,
    reason: str = "",
    by: ActedBy,
    now: datetime,
) -> Whereabouts:
    """Keep what a therapist of the appointment does who has no licence where the client said they are; said again, the
    latest holds. Raises NotFound, NotAllowed, and InvalidInput for ``reason``.
    """
    by.require_staff()
    kept = clean_decision(decision, reason)
    with transaction() as session:
        said = lock_own(session, Whereabouts, practice_id, public_id=whereabouts_public_id)
        appointment = said.attendee.appointment
        if appointment.id != appointment_id:
            raise NotFound
        if by.user_id is None or by.user_id not in {each.user_id for each in appointment.therapists}:
            raise NotAllowed(NOT_YOURS)
        said.decision, said.decision_reason = decision, kept
        said.decided_by_id, said.decided_at = by.user_id, now
        session.flush()
        about = {"attendee": said.attendee.public_id, "state": said.jurisdiction, "decision": decision.value}
        record_event(session, appointment, AuditAction.LICENCE_DECIDED, by, now=now, reason=kept or None, **about)
        return said


def _keep_decision(session: Session, said: Whereabouts) -> None:
    """They came back, and are where they were: nobody decides twice."""
    earlier = select(Whereabouts).where(Whereabouts.attendee_id == said.attendee_id)
    last = session.scalar(earlier.order_by(Whereabouts.id.desc()).limit(1))
    if last is not None and last.jurisdiction == said.jurisdiction:
        said.decision, said.decision_reason = last.decision, last.decision_reason
        said.decided_by_id, said.decided_at = last.decided_by_id, last.decided_at


def _mark_caller(session: Session, said: Whereabouts) -> None:
    """Whoever said it may be in the room already, on another device."""
    companion = session.get(Companion, said.companion_id) if said.companion_id is not None else None
    named = said.attendee if companion is None else companion
    role = CallerRole.CLIENT if companion is None else CallerRole.COMPANION
    theirs = select(Caller).where(
        Caller.attendee_id == said.attendee_id, Caller.whom == say_whom(role, named.public_id)
    )
    for each in session.scalars(theirs.with_for_update(of=Caller)):
        each.cannot_speak = said.cannot_speak
