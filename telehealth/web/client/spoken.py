"""Pages about a seat that speak the languages of clients: in the one that whoever reads the seat reads."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask.typing import ResponseReturnValue

from telehealth.domain.languages import ENGLISH, nearest_language
from telehealth.domain.times import differ, say_briefly, say_when
from telehealth.late import Library
from telehealth.web.client.seats import Seat

if TYPE_CHECKING:
    from telehealth.web import call_words
    from telehealth.web.client import door_words
else:
    call_words = Library("telehealth.web.call_words")
    door_words = Library("telehealth.web.client.door_words")


def show_spoken(seat: Seat, template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any) -> ResponseReturnValue:
    """Render a page about a seat in its reader's language: ``words`` are those of the pages before the call."""
    language = nearest_language(seat.language)
    said: dict[str, Any] = {
        "words": door_words.find_door_words(language),
        "frame_words": call_words.find_call_words(language),
        "frame_language": language,
    }
    if language != ENGLISH:
        said.update(_say_times(seat, language))
    return seat.page(template, status, **{**said, **context})


def _say_times(seat: Seat, language: str) -> dict[str, str]:
    """When it is and when its room opens; in English the usual parts of pages say so."""
    starts_at, zone, other = seat.appointment.starts_at, seat.facts.zone, seat.facts.other_zone
    is_other = other is not None and differ(starts_at, zone, other)
    return {
        "starting": say_when(starts_at, zone, language),
        "starting_there": say_when(starts_at, other, language) if is_other and other is not None else "",
        "opening": _say_opening(seat.appointment.room_opens_at, zone, seat.now, language),
    }


def _say_opening(opening: datetime, zone: ZoneInfo, now: datetime, language: str) -> str:
    is_today = opening.astimezone(zone).date() == now.astimezone(zone).date()
    briefly = say_briefly(opening, zone, language)
    if not is_today:
        return f"el {briefly}"
    return briefly[briefly.index(" a la") + 1 :]
