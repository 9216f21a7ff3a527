"""What was changed last, so that it can be said and undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telehealth.domain.audit_words import AuditAction
from telehealth.domain.walltime import zone
from telehealth.domain.words import Mode
from telehealth.models import Location, Therapist
from telehealth.queries.practice.practices import list_former_locations_too, list_therapists
from telehealth.services.appointments.moving import Destination
from telehealth.web.client.seats import NEW_FOR, Seat
from telehealth.web.shown_times import ShownTime, show_time


@dataclass(frozen=True, slots=True)
class Before:
    """Where an appointment was before its last move."""

    starts_at: datetime
    mode: Mode
    therapist: Therapist
    co_therapist: Therapist | None
    location: Location | None
    time: ShownTime

    @property
    def with_whom(self) -> str:
        """Who gave it, by name."""
        return " and ".join(each.name for each in (self.therapist, self.co_therapist) if each is not None)

    @property
    def destination(self) -> Destination:
        """The same as somewhere to move to."""
        return Destination(
            starts_at=self.starts_at,
            mode=self.mode,
            therapist=self.therapist.public_id,
            co_therapist=self.co_therapist.public_id if self.co_therapist is not None else None,
            location=self.location.public_id if self.location is not None else None,
        )


def find_last_move(seat: Seat) -> Before | None:
    """Where it was, when a move a few minutes ago is the last that happened to it."""
    moves = [event for event in seat.appointment.events if event.details.get("sequence") == seat.appointment.sequence]
    last = next((event for event in moves if event.action == AuditAction.MOVED), None)
    if last is None or seat.now - last.at >= NEW_FOR:
        return None
    return _read(seat, last.details["before"])


def _read(seat: Seat, before: dict[str, Any]) -> Before | None:
    """Who has left the practice since is nobody to go back to."""
    practice_id = seat.appointment.practice_id
    team = {each.id: each for each in list_therapists(practice_id)}
    therapist, together = team.get(before["therapist_id"]), before["co_therapist_id"]
    location = next((each for each in list_former_locations_too(practice_id) if each.id == before["location_id"]), None)
    if therapist is None or (together is not None and together not in team):
        return None
    starts_at, own = datetime.fromisoformat(before["starts_at"]), zone(seat.attendee.timezone)
    first, other = (own, zone(therapist.timezone)) if location is None else (zone(location.timezone), own)
    shown = show_time(starts_at, first, other)
    return Before(starts_at, Mode(before["mode"]), therapist, team.get(together), location, shown)
