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
from telehealth.web.headers import find_network

LAST_HOLD = "hold"
"""In the visitor's cookie: whoever goes back and chooses another time does not keep two."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How the page says it. ``until`` is an aware instant; ``ran_out`` tells that it was kept, and no longer is."""

    until: datetime | None = None
    words: str = ""
    may_extend: bool = False
    ran_out: bool = False


def find_visitor_hold(practice: Practice, *, now: datetime) -> Hold | None:
    """What this visitor was kept last, as long as it keeps anything."""
    found = find_hold_by_secret(practice.id, session.get(LAST_HOLD))
    return found if found is not None and found.still_keeps(now=now) else None


def keep_for_visitor(practice: Practice, wish: HoldWish, *, now: datetime) -> Hold:
    """Keep a slot, and let go of what this visitor was kept before. Raises what ``holding.keep_slot`` raises."""
    hold = keep_slot(
        practice_id=practice.id,
        wish=wish,
        network=find_network(),
        replaced_public_id=session.get(LAST_HOLD),
        now=now,
    )
    session[LAST_HOLD] = hold.public_id
    return hold


def keep_longer(practice: Practice, hold: Hold | None, wish: HoldWish, *, now: datetime) -> Hold:
    """Prolong what is kept, as long as that is possible; when it is over, keep it again if it is still free.

    Raises what ``holding.keep_slot`` raises.
    """
    if hold is None:
        return keep_for_visitor(practice, wish, now=now)
    with suppress(HoldExpired):  # Often enough; the page says until when.
        return extend_hold(practice_id=practice.id, hold_public_id=hold.public_id, now=now)
    return hold


def forget_visitor_hold() -> None:
    """It was used up."""
    session.pop(LAST_HOLD, None)


def say_kept(hold: Hold | None, given: str | None, zone: ZoneInfo) -> Kept:
    """What became of the hold that an address names (``given``). Nothing is said where none was ever made."""
    if hold is None:
        return Kept(ran_out=bool(given))
    return Kept(hold.expires_at, say_time(hold.expires_at, zone), may_extend=hold.extensions < MOST_EXTENSIONS)
