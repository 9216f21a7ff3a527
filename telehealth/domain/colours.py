"""The colours of services; the practice's own, and what is made of it so that everybody can read what stands in it and
on it.

Text and what is pressed need a contrast of 4.5 (WCAG 2.2, 1.4.3), on the light page and on the dark one. A colour that
has less is made darker for the one, lighter for the other, and keeps its hue.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

LEAST_CONTRAST = 4.5
BLACK, WHITE = "#000000", "#ffffff"
LIGHT_GROUNDS, DARK_GROUNDS = ("#fffdf9", "#faf6ef", "#f1eae0"), ("#24221e", "#1a1916", "#12110f")
"""Card, paper and what is sunken, in both themes, as in tokens.css; a test compares them."""
ON_BAND = {False: "#f5efe5", True: "#eee8dd"}
BAND_LUMINANCE = {False: 0.038, True: 0.013}
"""How light the band at the foot of a page is, by whether the page is dark."""
STEPS = 100
NO_COLOUR = "Please give a colour as # and six digits, such as #1c5a55."
_COLOUR = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})")
_LINEAR_UP_TO = 0.04045


class ServiceColour(StrEnum):
    """What a service may have in the schedule, in the order of the tones in tokens.css. They stay apart for whoever
    does not see red, green or blue; and a name always stands with them.
    """

    TEAL = "teal"
    BLUE = "blue"
    BROWN = "brown"
    VIOLET = "violet"
    GOLD = "gold"
    WINE = "wine"
    GREEN = "green"
    GREY = "grey"


@dataclass(frozen=True, slots=True)
class Shades:
    """What one theme makes of a colour, each as #rrggbb; the names are those of tokens.css."""

    accent: str
    accent_strong: str
    on_accent: str
    accent_soft: str
    band: str
    on_band_link: str


@dataclass(frozen=True, slots=True)
class Accent:
    """A colour, and what is made of it in the light and in the dark."""

    colour: str
    light: Shades
    dark: Shades

    @property
    def notes(self) -> list[str]:
        """Where it is shown otherwise than it was chosen, in sentences."""
        said = []
        if self.light.accent != self.colour:
            said.append("On the light page this colour is shown darker, so that it can be read.")
        if self.dark.accent != self.colour:
            said.append("On the dark page, which some devices ask for, it is shown lighter.")
        return said


def clean_colour(typed: str) -> str:
    """As #rrggbb in small letters. Raises ValueError."""
    found = _COLOUR.fullmatch(typed.strip().lower())
    if found is None:
        raise ValueError(NO_COLOUR)
    digits = found[1] if len(found[1]) == len("rrggbb") else "".join(2 * each for each in found[1])
    return f"#{digits}"


@lru_cache(maxsize=64)
def make_accent(colour: str) -> Accent:
    """What is made of a clean colour."""
    return Accent(colour, _shade(colour, is_dark=False), _shade(colour, is_dark=True))


@lru_cache(maxsize=64)
def make_stylesheet(colour: str) -> tuple[str, str]:
    """The rules that put it in place of the usual one, and a word for this version of them."""
    accent = make_accent(colour)
    rules = (
        f":root{{{_as_rules(accent.light)}}}\n"
        f'@media (prefers-color-scheme:dark){{:root:not([data-theme="light"]){{{_as_rules(accent.dark)}}}}}\n'
        f':root[data-theme="dark"]{{{_as_rules(accent.dark)}}}\n'
    )
    return rules, hashlib.sha256(rules.encode()).hexdigest()[:12]


def contrast(one: str, other: str) -> float:
    """From 1, the same, to 21, black on white (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """How light it is, from 0 to 1 (WCAG 2.2, "relative luminance")."""
    parts = [part / 255 for part in _parts(colour)]
    red, green, blue = [part / 12.92 if part <= _LINEAR_UP_TO else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _shade(colour: str, *, is_dark: bool) -> Shades:
    grounds, away = (DARK_GROUNDS, WHITE) if is_dark else (LIGHT_GROUNDS, BLACK)

    def soft(accent: str) -> str:
        return _mix(grounds[0], accent, 0.16 if is_dark else 0.12)

    def can_be_read(accent: str) -> bool:
        return _least([*grounds, soft(accent)], accent) >= LEAST_CONTRAST

    accent = _first(colour, away, can_be_read)
    band = _first(_mix(colour, BLACK, 0.2), BLACK, lambda each: luminance(each) <= BAND_LUMINANCE[is_dark])
    return Shades(
        accent=accent,
        accent_strong=_mix(accent, away, 0.35),
        on_accent=_mix(accent, BLACK, 0.85) if is_dark else grounds[0],
        accent_soft=soft(accent),
        band=band,
        on_band_link=_mix(accent, ON_BAND[is_dark], 0.75),
    )


def _first(colour: str, away: str, will_do: Callable[[str], bool]) -> str:
    """The colour itself, or the nearest on the way to black or white that will do; those do in any case."""
    return next((each for k in range(STEPS) if will_do(each := _mix(colour, away, k / STEPS))), away)


def _least(grounds: Sequence[str], colour: str) -> float:
    return min(contrast(colour, ground) for ground in grounds)


def _mix(one: str, other: str, share: float) -> str:
    """So much of the other."""
    mixed = (round(a + (b - a) * share) for a, b in zip(_parts(one), _parts(other), strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _parts(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def _as_rules(shades: Shades) -> str:
    return "".join(f"--{name.replace('_', '-')}:{getattr(shades, name)};" for name in Shades.__slots__)
