"""Taking along what a practice has as a file: who did it, of what, and of which days is written down."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from telehealth.database import transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.errors import InvalidInput
from telehealth.services.audit import ActedBy, Setting, record_setting

LONGEST_DAYS = 3 * 366
TURNED = "The last day is before the first one."
TOO_LONG = "Please take at most three years at a time."


class Exported(StrEnum):
    """What may be taken along."""

    APPOINTMENTS = "appointments"
    MESSAGES = "messages"


def record_export(*, practice_id: int, what: Exported, first: date, last: date, by: ActedBy, now: datetime) -> None:
    """Write down that somebody takes along what lies on these days, both inclusive. Staff only. Raises NotAllowed, and
    InvalidInput (field ``until``).
    """
    by.require_staff()
    days = (last - first).days
    if not 0 <= days < LONGEST_DAYS:
        raise InvalidInput({"until": TURNED if days < 0 else TOO_LONG})
    with transaction() as session:
        about = Setting(AuditSubject.EXPORT, name=what)
        record_setting(session, practice_id, about, AuditAction.CREATED, by, now=now, first_day=first, last_day=last)
