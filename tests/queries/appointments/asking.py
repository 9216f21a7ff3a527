"""Questions about slots, as tests ask them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from telehealth.domain.words import Mode, Obstacle
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import free_at, obstacles_at
from tests.factories import Office
from tests.moments import NOW

DAY = timedelta(days=1)


def query(office: Office, mode: Mode = Mode.VIRTUAL, **given: Any) -> SlotQuery:
    """The five days from NOW; by video or phone from Colorado, in person at the office."""
    usual = {
        "practice_id": office.practice.id,
        "service": office.service,
        "mode": mode,
        "since": NOW,
        "until": NOW + 5 * DAY,
        "location_id": office.location.id if mode == Mode.IN_PERSON else None,
        "jurisdiction": "CO" if mode != Mode.IN_PERSON else None,
    }
    return SlotQuery(**{**usual, **given})


def who(office: Office, start: datetime, *, now: datetime = NOW, **given: Any) -> list[int]:
    """The ids of the therapists who are free then, in order."""
    return [each.therapist_id for each in free_at(query(office, since=start, **given), now=now)]


def why(office: Office, start: datetime, *, now: datetime = NOW, **given: Any) -> list[Obstacle]:
    """What forbids a start with the office's therapist."""
    named = {"therapist_id": office.therapist.id, **given}
    return obstacles_at(query(office, since=start, **named), now=now)[named["therapist_id"]]
