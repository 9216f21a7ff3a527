"""What video appointments know of clients, for who is erased."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from telehealth.domain.keeping import ERASED_NAME
from telehealth.models import Attendee, Caller, Whereabouts


def erase_from_calls(session: Session, client_ids: Collection[int]) -> None:
    """Where they were, the numbers they gave, and as whom they came, inside the caller's transaction. When they were
    there, and that something was decided about a licence, stays.
    """
    seats = select(Attendee.id).where(Attendee.client_id.in_(client_ids))
    nowhere = {"place": "", "phone": "", "decision_reason": ""}
    for statement in (
        update(Whereabouts).where(Whereabouts.attendee_id.in_(seats)).values(nowhere),
        update(Caller).where(Caller.attendee_id.in_(seats)).values(name=ERASED_NAME),
    ):
        session.execute(statement, execution_options={"synchronize_session": False})
