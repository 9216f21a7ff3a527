"""The colours of services stay apart, also for whoever does not see red, green or blue (Machado and others, 2009)."""

from __future__ import annotations

import itertools
import math
import re

import pytest

from telehealth.domain.colours import ServiceColour
from tests.house.source import ROOT

TOKENS = (ROOT / "telehealth" / "web" / "assets" / "css" / "tokens.css").read_text()
SEEN_BY = {
    "everybody": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
APART = {"everybody": 25, "protanopia": 20, "deuteranopia": 20, "tritanopia": 14}
"""In CIELAB; two neighbours on one page are told apart from about 10 on."""
Seen = tuple[float, float, float]


def tones() -> list[list[Seen]]:
    """Of the light theme and of the two ways into the dark one, as linear light."""
    found = [re.findall(rf"--tone-{number}: #([0-9a-f]{{6}});", TOKENS) for number in range(1, len(ServiceColour) + 1)]
    return [[linear(each) for each in theme] for theme in zip(*found, strict=True)]


def linear(code: str) -> Seen:
    parts = [int(code[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return red, green, blue


def lab(colour: Seen, by: str) -> Seen:
    red, green, blue = (min(1, max(0, sum(a * b for a, b in zip(row, colour, strict=True)))) for row in SEEN_BY[by])
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (each ** (1 / 3) if each > 0.008856 else 7.787 * each + 16 / 116 for each in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("by", SEEN_BY)
def test_they_stay_apart(by: str) -> None:
    themes = tones()
    assert len(themes) == 3
    for theme in themes:
        pairs = itertools.combinations([lab(each, by) for each in theme], 2)
        assert min(math.dist(*each) for each in pairs) >= APART[by]
