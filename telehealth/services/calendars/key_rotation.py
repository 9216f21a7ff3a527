"""Sealing every secret anew with the newest key, so that older keys can be taken away."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.calendar_refusals import CalendarsOff
from telehealth.domain.sealing import KeyRing, Rotated, SealBroken
from telehealth.models import CalendarConnection
from telehealth.services.calendars.sealed_access import find_place

PORTION: Final = 100
"""So many rows are locked at a time: the service goes on meanwhile."""


def seal_anew(*, ring: KeyRing, done: Rotated, now: datetime) -> bool:
    """Go on with the next portion after ``done``, which counts it; whether there was one. What was sealed anew stays so
    when the next portion is never reached. Raises CalendarsOff.
    """
    if ring.is_empty:
        raise CalendarsOff
    with transaction() as session:
        found = _find_portion(session, after=done.last_id)
        for connection in found:
            _seal_one(connection, ring, done, now=now)
            done.last_id = connection.id
        return bool(found)


def _find_portion(session: Session, *, after: int) -> list[CalendarConnection]:
    sealed = CalendarConnection.id > after, CalendarConnection.secret.is_not(None)
    portion = select(CalendarConnection).where(*sealed).order_by(CalendarConnection.id).limit(PORTION)
    return list(session.scalars(portion.with_for_update().execution_options(populate_existing=True)))


def _seal_one(connection: CalendarConnection, ring: KeyRing, done: Rotated, *, now: datetime) -> None:
    sealed, place = connection.secret or b"", find_place(connection.public_id)
    try:
        value = ring.open(sealed, place=place)
    except SealBroken:
        done.broken += 1
        return
    if ring.is_newest(sealed):
        done.already += 1
        return
    if connection.leased_until is not None and connection.leased_until > now:
        done.in_use += 1  # Whoever holds it may bring a newer secret back, and knows its own by the one that it took.
        return
    connection.secret = ring.seal(value, place=place)
    done.anew += 1
