"""Who has agreed to meet by video, in the words of the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from telehealth.domain.words import Mode, TelehealthAnswer
from telehealth.late import Library
from telehealth.models import Appointment, TelehealthConsent

if TYPE_CHECKING:
    from telehealth.queries.consent import telehealth as standings
else:
    standings = Library("telehealth.queries.consent.telehealth")

WAYS: Mapping[str, str] = {"page": "by their link", "paper": "on paper", "voice": "by voice"}
ANSWERS: Mapping[str, str] = {
    "agreed": "Agreed to meet by video",
    "declined": "Would rather not meet by video",
    "withdrawn": "Took it back",
}
NOT_ASKED = "Not agreed yet"


def say_answer(given: TelehealthConsent, zone: ZoneInfo) -> str:
    """ "Agreed to meet by video on 2026-11-23, version 2, by their link: Jane Doe"."""
    day = given.answered_at.astimezone(zone).date().isoformat()
    by = f": {given.signature}" if given.signature else ""
    return f"{ANSWERS[given.answer]} on {day}, version {given.text.version}, {WAYS[given.way]}{by}"


def say_consents(found: Appointment, zone: ZoneInfo) -> dict[int, str]:
    """How it stands with each client of a video appointment, by the id of the client; of others nothing."""
    if found.mode != Mode.VIRTUAL:
        return {}
    ids = {each.client_id for each in found.attendees}
    said = {}
    for client_id, standing in standings.find_standings(found.practice, ids).items():
        last = standing.last
        if last is None:
            said[client_id] = NOT_ASKED
        elif standing.is_given:
            day = last.answered_at.astimezone(zone).date().isoformat()
            said[client_id] = f"Consent of {day}, version {last.text.version}"
        elif last.answer == TelehealthAnswer.AGREED:
            said[client_id] = f"{NOT_ASKED} to version {standing.version}; agreed to version {last.text.version}"
        else:
            said[client_id] = say_answer(last, zone)
    return said
