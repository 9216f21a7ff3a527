"""How many may ask for texts from one network in a day: whoever books without a login could otherwise text the world.

What one number gets in a day is bounded apart from this (``Practice.texts_a_day``). Both count what was, so cancelling
and booking again begins nothing anew.
"""

from __future__ import annotations

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from telehealth.models import InboundText
from telehealth.queries.consent.client_files import ClientFiles
from telehealth.services.audit import ActedBy

MOST_OF_NETWORK = 20
"""Seats with texts to numbers that never wrote to the practice. A school is many people; the next one is e-mailed."""


def may_ask_for_texts(session: Session, practice_id: int, phone: str | None, files: ClientFiles, by: ActedBy) -> bool:
    """Whether a seat may get texts, asked for from where somebody books. Staff, and whoever wrote to us, always may."""
    if by.is_staff or by.remote_address is None or files.asked_for_texts < MOST_OF_NETWORK:
        return True
    wrote = exists().where(InboundText.practice_id == practice_id, InboundText.sender == phone)
    return bool(session.scalar(select(wrote)))
