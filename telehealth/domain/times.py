"""How times are said to people. A time never stands without its zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from telehealth.domain.languages import ENGLISH, SPANISH
from telehealth.domain.zone_places import city_of, country_of, former_names

SPOKEN_ZONES = {
    "America/New_York": "Eastern Time",
    "America/Detroit": "Eastern Time",
    "America/Chicago": "Central Time",
    "America/Denver": "Mountain Time",
    "America/Boise": "Mountain Time",
    "America/Phoenix": "Arizona Time",
    "America/Los_Angeles": "Pacific Time",
    "America/Anchorage": "Alaska Time",
    "Pacific/Honolulu": "Hawaii Time",
    "America/Puerto_Rico": "Atlantic Time",
}
IN_SPANISH: Mapping[str, str] = {
    "Eastern Time": "hora del Este",
    "Central Time": "hora del Centro",
    "Mountain Time": "hora de la montaña",
    "Arizona Time": "hora de Arizona",
    "Pacific Time": "hora del Pacífico",
    "Alaska Time": "hora de Alaska",
    "Hawaii Time": "hora de Hawái",
    "Atlantic Time": "hora del Atlántico",
}
AMERICAN_SPANISH = Locale.parse("es_US")
LONG_DAY, SHORT_DAY = "EEEE, d 'de' MMMM 'de' y", "EEEE d 'de' MMM"
NOON = 12


LETTERS_ARE_KNOWN_IN = frozenset({"US", "PR", "VI", "GU", "AS", "MP", "UM", "CA"})
"""Where clocks are told apart by letters such as MST. Elsewhere the same letters mean another time (CST is Chicago's
and Shanghai's, IST is India's, Ireland's and Israel's) or nothing to the reader, so there the place is named.
"""
AT_SEA = "Etc/GMT"


@lru_cache(maxsize=1024)
def zone_name(zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """A zone as people say it: "Mountain Time", "Berlin time"; in Spanish "hora de la montaña", "hora de Berlín"."""
    spoken = SPOKEN_ZONES.get(zone.key)
    if zone.key.startswith(AT_SEA):  # Their names have the sign of POSIX: Etc/GMT+7 lies seven hours west.
        return _offset(datetime(2000, 1, 1, tzinfo=zone))
    if locale == SPANISH and "/" in zone.key:
        return IN_SPANISH[spoken] if spoken else f"hora de {_place_in_spanish(zone)}"
    if spoken:
        return spoken
    return f"{city_of(zone.key)} time" if "/" in zone.key else zone.key


def _place_in_spanish(zone: ZoneInfo) -> str:
    """CLDR keeps to the first name that a zone ever had, so what it says is looked for under all of them."""
    known = (AMERICAN_SPANISH.time_zones.get(name, {}) for name in (zone.key, *former_names(zone.key)))
    return next((str(each["city"]) for each in known if "city" in each), city_of(zone.key))


def zone_mark(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """The zone right after a time: "MST" where such letters are known, else the place: "Berlin time", "en Berlín". An
    hour that comes twice with the same words is told apart by its distance from UTC: "Santiago time (UTC-3)".
    """
    mark, offset = _letters(instant, zone) or _place_after(zone, locale), _offset_that_tells(instant, zone)
    return f"{mark} ({offset})" if offset else mark


def _place_after(zone: ZoneInfo, locale: str) -> str:
    """ "en Berlín" is five letters shorter than "hora de Berlín", which texts are charged for."""
    is_place = locale == SPANISH and "/" in zone.key and not zone.key.startswith(AT_SEA)
    return f"en {_place_in_spanish(zone)}" if is_place else zone_name(zone, locale)


def zone_in_full(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """ "Mountain Time (MST)", "Berlin time": the letters tell the two hours apart that autumn repeats."""
    about = ", ".join(filter(None, (_letters(instant, zone), _offset_that_tells(instant, zone))))
    return f"{zone_name(zone, locale)}{f' ({about})' if about else ''}"


def _letters(instant: datetime, zone: ZoneInfo) -> str:
    mark = instant.astimezone(zone).tzname() or ""
    return mark if mark.isalpha() and country_of(zone.key) in LETTERS_ARE_KNOWN_IN else ""


def _offset_that_tells(instant: datetime, zone: ZoneInfo) -> str:
    """ "UTC-3" in an hour that comes twice where nothing else would tell which of them is meant; else empty."""
    local = instant.astimezone(zone)
    other = local.replace(fold=1 - local.fold)
    is_told = local.utcoffset() == other.utcoffset() or _letters(local, zone) != _letters(other, zone)
    return "" if is_told else _offset(local)


def _offset(local: datetime) -> str:
    """ "UTC-7", "UTC+10:30": with a plain hyphen, which every phone can show."""
    ahead = (local.utcoffset() or timedelta(0)) // timedelta(minutes=1)
    hours, minutes = divmod(abs(ahead), 60)
    return f"UTC{'-' if ahead < 0 else '+'}{hours}{f':{minutes:02}' if minutes else ''}" if ahead else "UTC"


def say_time(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """ "3:00 PM MST", "3:00 p.m. MST", "15:00 Berlin time"."""
    return f"{clock_time(instant, zone, locale)} {zone_mark(instant, zone, locale)}"


def clock_time(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """ "3:00 PM", "3:00 p.m.", "15:00", for places where the zone stands close by."""
    return say_clock(instant.astimezone(zone).time(), zone, locale)


def say_clock(at: time, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """What a clock says, as it is written where it hangs: "3:00 PM" in Denver, "15:00" in Berlin. Spanish writes "9:00"
    where English writes "09:00", lest it be read as the morning's.
    """
    if counts_to_24(zone):
        return f"{at.hour}:{at:%M}" if locale == SPANISH else f"{at:%H:%M}"
    halves = ("a.m.", "p.m.") if locale == SPANISH else ("AM", "PM")
    return f"{at.hour % NOON or NOON}:{at:%M} {halves[at.hour >= NOON]}"


@lru_cache(maxsize=1024)
def counts_to_24(zone: ZoneInfo) -> bool:
    """Whether clocks of the zone are written with 24 hours, which the habit of its country decides (CLDR)."""
    try:
        habit = Locale.parse(f"und_{country_of(zone.key) or 'US'}")
    except (UnknownLocaleError, ValueError):
        return False
    return "H" in habit.time_formats["short"].pattern


def say_day(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """ "Tuesday, November 24, 2026", "martes, 24 de noviembre de 2026"."""
    local = instant.astimezone(zone)
    if locale == SPANISH:
        return _day_in_spanish(local.date(), LONG_DAY)
    return f"{local:%A, %B} {local.day}, {local.year}"


def say_short_day(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """ "Tue, Nov 24", "martes 24 de nov"."""
    local = instant.astimezone(zone)
    if locale == SPANISH:
        return _day_in_spanish(local.date(), SHORT_DAY)
    return f"{local:%a, %b} {local.day}"


def say_weekdays(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """A weekday that comes again and again: "Tuesday" (after "every"), "martes" and "sábados" (after "todos los")."""
    day = say_weekday(instant, zone, locale)
    return day if locale != SPANISH or day.endswith("s") else f"{day}s"


def say_weekday(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """ "Tuesday", "martes"."""
    local = instant.astimezone(zone)
    return _day_in_spanish(local.date(), "EEEE") if locale == SPANISH else f"{local:%A}"


@lru_cache(maxsize=4096)
def _day_in_spanish(day: date, pattern: str) -> str:
    """Kept, because many messages of one minute are about the same few days."""
    return format_date(day, pattern, AMERICAN_SPANISH)


def say_when(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """ "Tuesday, November 24, 2026, 3:00 PM MST (Mountain Time)"; in Spanish "martes, 24 de noviembre de 2026,
    3:00 p.m. MST (hora de la montaña)"; "Tuesday, November 24, 2026, 23:00 Berlin time" where letters are not known.
    """
    spoken = f" ({zone_name(zone, locale)})" if _letters(instant, zone) else ""
    return f"{say_day(instant, zone, locale)}, {say_time(instant, zone, locale)}{spoken}"


def say_briefly(instant: datetime, zone: ZoneInfo, locale: str = ENGLISH) -> str:
    """ "Tue, Nov 24 at 3:00 PM MST", "martes 24 de nov a las 3:00 p.m. MST", short enough for a text."""
    if locale != SPANISH:
        return f"{say_short_day(instant, zone)} at {say_time(instant, zone)}"
    local = instant.astimezone(zone)
    at = "a la" if local.hour == 1 or (local.hour == NOON + 1 and not counts_to_24(zone)) else "a las"
    return f"{say_short_day(instant, zone, locale)} {at} {say_time(instant, zone, locale)}"


def differ(instant: datetime, one: ZoneInfo, other: ZoneInfo) -> bool:
    """Whether clocks in two zones show different times at an instant."""
    return instant.astimezone(one).utcoffset() != instant.astimezone(other).utcoffset()
