"""Sealing the secret of every calendar account anew with the newest key."""

from __future__ import annotations

from datetime import datetime

from telehealth.domain.calendar_refusals import CalendarsOff
from telehealth.domain.sealing import KeyRing, Rotated
from telehealth.models import CalendarConnection
from telehealth.services.calendars.sealed_access import find_place
from telehealth.services.resealing import seal_portion_anew


def seal_anew(*, ring: KeyRing, done: Rotated, now: datetime) -> bool:
    """Go on with the next portion after ``done``, which counts it; whether there was one. Raises CalendarsOff."""
    if ring.is_empty:
        raise CalendarsOff

    def is_in_use(connection: CalendarConnection) -> bool:
        return connection.leased_until is not None and connection.leased_until > now

    return seal_portion_anew(CalendarConnection, ring=ring, done=done, find_place=find_place, is_in_use=is_in_use)
