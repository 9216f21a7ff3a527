"""What video appointments know of clients, for who is erased."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from telehealth.domain.keeping import ERASED_NAME
from telehealth.domain.video.calls import CallerRole
from telehealth.models import Attendee, Caller, CallGuest, CallSignal, TelehealthConsent, VideoCall, Whereabouts


def erase_from_calls(session: Session, client_ids: Collection[int]) -> None:
    """Where they were, the numbers they gave, as whom they came, who answered for them whether they meet by video, and
    what was not fetched of what their browsers told, inside the caller's transaction; and who was invited to their
    appointments, because an interpreter or somebody from a school tells who they are. When they were there, which
    version was agreed to, that somebody was invited and as what, and that something was decided about a licence, stays.
    """
    seats = select(Attendee.id).where(Attendee.client_id.in_(client_ids))
    booked = select(Attendee.appointment_id).where(Attendee.client_id.in_(client_ids))
    theirs = select(VideoCall.id).where(VideoCall.appointment_id.in_(booked))
    is_invited = and_(Caller.role == CallerRole.GUEST, Caller.call_id.in_(theirs))
    callers = select(Caller.id).where(or_(Caller.attendee_id.in_(seats), is_invited))
    told = or_(CallSignal.sender_id.in_(callers), CallSignal.recipient_id.in_(callers))
    nowhere = {"place": "", "phone": "", "decision_reason": ""}
    for statement in (
        update(Whereabouts).where(Whereabouts.attendee_id.in_(seats)).values(nowhere),
        update(Caller).where(Caller.id.in_(callers)).values(name=ERASED_NAME, key_digest=""),
        update(CallGuest)
        .where(CallGuest.appointment_id.in_(booked))
        .values(name=ERASED_NAME, email="", links_version=CallGuest.links_version + 1),
        update(TelehealthConsent).where(TelehealthConsent.client_id.in_(client_ids)).values(signature=""),
        delete(CallSignal).where(told),
    ):
        session.execute(statement, execution_options={"synchronize_session": False})
