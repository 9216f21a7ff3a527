"""A practice's own number for crises."""

from __future__ import annotations

from datetime import datetime

from telehealth.database import transaction
from telehealth.domain.video.crisis import CrisisLine, read_crisis_line
from telehealth.services.audit import ActedBy
from telehealth.services.practice.practice_settings import change_practice


def set_crisis_line(*, practice_id: int, phone: str, about: str, by: ActedBy, now: datetime) -> CrisisLine:
    """Offer clients around video appointments a number of the practice's own for crises (empty: none), with a few words
    of who answers it when. Returns what is kept. Raises InvalidInput by field: ``crisis_phone``, ``crisis_about``.
    """
    line = read_crisis_line(phone, about)
    with transaction() as session:
        change_practice(session, practice_id, {"crisis_phone": line.phone, "crisis_about": line.about}, by, now=now)
    return line
