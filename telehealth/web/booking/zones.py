"""The time zones a client may choose from."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

from telehealth.domain.times import SPOKEN_ZONES
from telehealth.domain.walltime import zone_names

REGIONS = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")


def list_zones(chosen: ZoneInfo) -> list[tuple[str, str]]:
    """(key, text) pairs: the zones most clients live in, then the rest of the world, and always the chosen one."""
    everywhere = _everywhere()
    if any(key == chosen.key for key, _ in everywhere):
        return list(everywhere)
    return [(chosen.key, _text(chosen.key)), *everywhere]


@lru_cache(maxsize=1)
def _everywhere() -> tuple[tuple[str, str], ...]:
    others = sorted(key for key in zone_names() if key.startswith(REGIONS) and key not in SPOKEN_ZONES)
    return (*((key, _spoken(key)) for key in SPOKEN_ZONES), *((key, _text(key)) for key in others))


def _spoken(key: str) -> str:
    return f"{SPOKEN_ZONES[key]} ({_city(key)})"


def _text(key: str) -> str:
    return f"{_city(key)} ({key.partition('/')[0]})" if "/" in key else key


def _city(key: str) -> str:
    return key.rpartition("/")[2].replace("_", " ")
