"""Telling a therapist that a calendar of theirs is not read any more: once, and again each week that it stays so. Of
one whose therapist cannot sign in here, the desk is told.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from telehealth.database import transaction
from telehealth.domain.calendar_words import ConnectionState
from telehealth.domain.login_letters import LoginLetterKind
from telehealth.domain.words import Role
from telehealth.models import CalendarConnection, Therapist, User
from telehealth.queries.inbox.alert_readers import list_staff
from telehealth.services.logins.letters import may_send_again, send_login_letter

SILENT_FOR: Final = timedelta(days=1)
"""A server may be down for a night; who asks to sign in again is told of at once."""
AGAIN_AFTER: Final = timedelta(days=7)
AT_ONCE: Final = 50
RUNS_THE_DESK: Final = (Role.OWNER, Role.FRONT_DESK)
KINDS: Final = {
    ConnectionState.FAILING: LoginLetterKind.CALENDAR_SILENT,
    ConnectionState.REFUSED: LoginLetterKind.CALENDAR_REFUSED,
}


def warn_of_silent_calendars(*, now: datetime) -> int:
    """Write to the therapists whose calendars are not read any more; how many connections were looked at.

    One letter is enough for several that fail together. Whoever has no login, or one that is switched off, could not
    sign in to mend it: owners and the front desk are written to.
    """
    state, since = CalendarConnection.state, CalendarConnection.failing_since
    due = (
        select(CalendarConnection)
        .join(CalendarConnection.therapist)
        .where(
            or_(
                state == ConnectionState.REFUSED,
                and_(state == ConnectionState.FAILING, since <= now - SILENT_FOR),
            ),
            or_(CalendarConnection.warned_at.is_(None), CalendarConnection.warned_at <= now - AGAIN_AFTER),
            Therapist.ended_at.is_(None),
        )
        .order_by(CalendarConnection.id)
        .limit(AT_ONCE)
        .options(joinedload(CalendarConnection.therapist))
        .with_for_update(of=CalendarConnection, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    with transaction() as session:
        found = session.scalars(due).all()
        for connection in found:
            connection.warned_at = now
            _write(session, connection, now=now)
    return len(found)


def _write(session: Session, connection: CalendarConnection, *, now: datetime) -> None:
    kind, user_id = KINDS[connection.state], connection.therapist.user_id
    user = session.get(User, user_id) if user_id is not None else None
    readers = [user] if user is not None and user.active else []
    if not readers:
        kind = LoginLetterKind.CALENDAR_OF_OTHER
        readers = [each for each in list_staff(connection.practice_id) if each.has(*RUNS_THE_DESK)]
    for each in readers:
        if may_send_again(session, each, kind, now=now, rests_for=SILENT_FOR):
            send_login_letter(session, each, kind, now=now)
