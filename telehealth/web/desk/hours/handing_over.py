"""The way from what is booked while somebody is gone to the page on which colleagues take over, or it is cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for

from telehealth.domain import walltime
from telehealth.models import Appointment, Therapist
from telehealth.web.acting import viewer
from telehealth.web.desk import words
from telehealth.web.desk.frame import RUNS_THE_DESK, zone_of

AT_ONCE = timedelta(days=61)
"""So many days are handed over on one page (Sick day)."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """The address of the page for the first two months of what is booked, and which dates these are."""

    href: str
    dates: str


def find_hand_over(therapist: Therapist, booked: Sequence[Appointment]) -> HandOver | None:
    """For those who decide for the whole practice; None for others, and when nothing is booked. ``booked`` is in order
    of time.
    """
    if not booked or not viewer.has(*RUNS_THE_DESK):
        return None
    zone = zone_of(therapist)
    first, last = (walltime.wall(each.starts_at, zone).date() for each in (booked[0], booked[-1]))
    last = min(last, first + AT_ONCE)
    href = url_for("desk.reassign", therapist=therapist.public_id, first_day=words.iso(first), last_day=words.iso(last))
    said = words.short_day(first) if first == last else f"{words.short_day(first)} to {words.short_day(last)}"
    return HandOver(href, said)
