"""What video appointments know of clients, for who is erased."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from telehealth.domain.keeping import ERASED_NAME
from telehealth.models import Attendee, Caller, CallSignal, Whereabouts


def erase_from_calls(session: Session, client_ids: Collection[int]) -> None:
    """Where they were, the numbers they gave, as whom they came, and what was not fetched of what their browsers told,
    inside the caller's transaction. When they were there, and that something was decided about a licence, stays.
    """
    seats = select(Attendee.id).where(Attendee.client_id.in_(client_ids))
    callers = select(Caller.id).where(Caller.attendee_id.in_(seats))
    told = or_(CallSignal.sender_id.in_(callers), CallSignal.recipient_id.in_(callers))
    nowhere = {"place": "", "phone": "", "decision_reason": ""}
    for statement in (
        update(Whereabouts).where(Whereabouts.attendee_id.in_(seats)).values(nowhere),
        update(Caller).where(Caller.attendee_id.in_(seats)).values(name=ERASED_NAME, key_digest=""),
        delete(CallSignal).where(told),
    ):
        session.execute(statement, execution_options={"synchronize_session": False})
