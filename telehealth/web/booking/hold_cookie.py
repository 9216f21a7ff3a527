"""The time that is kept for a visitor while they type, and what the page says about it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import session

from telehealth.domain.errors import HoldExpired
from telehealth.domain.times import say_time
from telehealth.models import Hold, Practice
from telehealth.queries.appointments.holds import find_hold_by_secret
from telehealth.services.appointments.holding import MOST_EXTENSIONS, HoldWish, extend_hold, keep_slot

LAST_HOLD = "hold"
"""In the visitor's cookie: whoever goes back and chooses another time does not keep two."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How the page says it. ``until`` is an aware instant; ``ran_out`` tells that it was kept, and no longer is."""

    until: datetime | None = None
    words: str = ""
    may_extend: bool = False
    ran_out: bool = False


def last_hold(practice: Practice) -> Hold | None:
    """What this visitor was kept last, if anything."""
    return find_hold_by_secret(practice.id, session.get(LAST_HOLD))


def keep(practice: Practice, wish: HoldWish, *, now: datetime) -> Hold:
    """Keep a slot, and let go of what this visitor was kept before. Raises what ``holding.keep_slot`` raises."""
    hold = keep_slot(practice_id=practice.id, wish=wish, now=now, replaces=session.get(LAST_HOLD))
    session[LAST_HOLD] = hold.public_id
    return hold


def keep_longer(practice: Practice, hold: Hold | None, wish: HoldWish, *, now: datetime) -> Hold:
    """Prolong what is kept, as long as that is possible; when it is over, keep it again if it is still free.

    Raises what ``holding.keep_slot`` raises.
    """
    if hold is None or not hold.still_keeps(now=now):
        return keep(practice, wish, now=now)
    with suppress(HoldExpired):  # Often enough; the page says until when.
        return extend_hold(practice_id=practice.id, hold=hold.public_id, now=now)
    return hold


def forget() -> None:
    """It was used up."""
    session.pop(LAST_HOLD, None)


def is_live(hold: Hold | None, *, now: datetime) -> bool:
    """Whether it still keeps anything."""
    return hold is not None and hold.still_keeps(now=now)


def say_kept(hold: Hold | None, given: str | None, zone: ZoneInfo, *, now: datetime) -> Kept:
    """What became of the hold that an address names (``given``). Nothing is said where none was ever made."""
    if hold is None or not hold.still_keeps(now=now):
        return Kept(ran_out=bool(given))
    return Kept(hold.expires_at, say_time(hold.expires_at, zone), may_extend=hold.extensions < MOST_EXTENSIONS)
