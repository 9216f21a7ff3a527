"""Times in the letters of texts: a letter that their alphabet lacks would double what a text costs, and a word is not
written without an accent that it needs. So a word that needs one ("sábado", "hora de Bogotá") stays out.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from telehealth.domain.languages import ENGLISH
from telehealth.domain.messages.segments import is_cheap
from telehealth.domain.times import clock_time, say_briefly, say_short_day, say_time

HOUR = timedelta(hours=1)


def text_briefly(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """``times.say_briefly`` for texts: "martes 24 de nov a las 3:00 p.m. MST", "28 de nov a las 3:00 p.m. MST"."""
    said = say_briefly(instant, zone, locale)
    if is_cheap(said):
        return said
    said = said.replace(say_time(instant, zone, locale), text_time(instant, zone, locale))
    return said.replace(say_short_day(instant, zone, locale), text_day(instant, zone, locale))


def text_day(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """``times.say_short_day`` for texts: without the weekday that cannot be spelt."""
    said = say_short_day(instant, zone, locale)
    return said if is_cheap(said) else said.partition(" ")[2]


def text_time(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """``times.say_time`` for texts: with the offset, where the zone's name cannot be spelt: "3:00 p.m. UTC-5"."""
    said = say_time(instant, zone, locale)
    return said if is_cheap(said) else f"{clock_time(instant, zone, locale)} {_offset(instant, zone)}"


def _offset(instant: datetime, zone: ZoneInfo) -> str:
    offset = instant.astimezone(zone).utcoffset() or timedelta()
    hours, rest = divmod(abs(offset), HOUR)
    minutes = f":{rest.seconds // 60:02}" if rest else ""
    return f"UTC{'-' if offset < timedelta() else '+'}{hours}{minutes}"
