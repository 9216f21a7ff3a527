"""Whatever colour a practice chooses, what stands in it and on it can be read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telehealth.domain import colours
from telehealth.domain.colours import Shades, clean_colour, contrast, luminance, make_accent, make_stylesheet
from tests.house.source import ROOT

TOKENS = (ROOT / "telehealth/web/assets/css/tokens.css").read_text()
anything = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def token(name: str, *, dark: bool) -> str:
    block = TOKENS.partition(':root[data-theme="dark"]')[2] if dark else TOKENS
    found = re.search(rf"--{name}: (#[0-9a-f]{{6}});", block)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("dark", [False, True])
def test_the_grounds_are_those_of_the_style_sheet(dark: bool) -> None:
    grounds = colours.DARK_GROUNDS if dark else colours.LIGHT_GROUNDS
    assert grounds == tuple(token(name, dark=dark) for name in ("card", "paper", "sunken"))
    assert colours.ON_BAND[dark] == token("on-band", dark=dark)


def test_contrast_is_counted_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert luminance("#ff0000") == 0.2126


def check(shades: Shades, grounds: tuple[str, ...], *, dark: bool) -> None:
    for ink in (shades.accent, shades.accent_strong):
        for ground in (*grounds, shades.accent_soft):
            assert contrast(ink, ground) >= 4.5, (ink, ground)
        assert contrast(ink, shades.on_accent) >= 4.5
    for text in ("ink", "ink-soft"):
        assert contrast(token(text, dark=dark), shades.accent_soft) >= 4.5
    assert contrast(token("focus", dark=dark), shades.accent_soft) >= 3
    for ink in (colours.ON_BAND[dark], shades.on_band_link):
        assert contrast(ink, shades.band) >= 4.5
    assert contrast(token("band-focus", dark=dark), shades.band) >= 3


@given(anything)
def test_everything_can_be_read_in_both_themes(colour: str) -> None:
    accent = make_accent(colour)
    check(accent.light, colours.LIGHT_GROUNDS, dark=False)
    check(accent.dark, colours.DARK_GROUNDS, dark=True)


@pytest.mark.parametrize(
    "colour", ["#000000", "#ffffff", "#ff0000", "#00ff00", "#0000ff", "#ffd400", "#777777", "#f9f9f9"]
)
def test_the_extremes_can_be_read_too(colour: str) -> None:
    accent = make_accent(colour)
    check(accent.light, colours.LIGHT_GROUNDS, dark=False)
    check(accent.dark, colours.DARK_GROUNDS, dark=True)


def test_what_will_do_stays_as_it_was_chosen_and_the_rest_is_told() -> None:
    kept = make_accent("#7a3f8f")
    assert kept.light.accent == "#7a3f8f"
    assert kept.notes == ["On the dark page, which some devices ask for, it is shown lighter."]
    weak = make_accent("#ffd400")
    assert weak.dark.accent == "#ffd400"
    assert weak.notes == ["On the light page this colour is shown darker, so that it can be read."]


@pytest.mark.parametrize(("typed", "kept"), [("#1C5A55", "#1c5a55"), (" abc ", "#aabbcc"), ("#fff", "#ffffff")])
def test_colours_are_read_as_people_write_them(typed: str, kept: str) -> None:
    assert clean_colour(typed) == kept


@pytest.mark.parametrize("typed", ["", "teal", "#12345", "#1234567", "#12345g", "red;}body{display:none", "#１２３"])
def test_what_is_no_colour_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="six digits"):
        clean_colour(typed)


def test_the_rules_hold_nothing_but_colours() -> None:
    rules, version = make_stylesheet("#7a3f8f")
    assert rules.startswith(":root{--accent:#7a3f8f;--accent-strong:#")
    assert rules.count("--accent:") == 3
    assert re.fullmatch(r"[0-9a-f]{12}", version)
    assert make_stylesheet("#7a3f90")[1] != version
