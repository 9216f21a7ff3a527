"""How long a text is for the phone company, which counts and charges by pieces ("segments").

Letters of the GSM 03.38 alphabet take one of 160 places, a few marks take two; a longer text is cut into pieces of 153.
One single letter outside that alphabet, and the whole text is sent as UCS-2: 70 places, pieces of 67.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")
"""Marks that stand behind an escape, and take two places."""

GSM_SIZES, UCS2_SIZES = (160, 153), (70, 67)
LAST_OF_TWO_BYTES = 0xFFFF

_PLAIN = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u2032": "'", "\u00b4": "'", "`": "'",
        "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"',
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
        "\u2026": "...", "\u2022": "-", "\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "\u200b": "",
        "\u00ad": "", "\ufeff": "",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Length:
    """``encoding`` is "GSM-7" or "UCS-2", ``units`` the places that are taken. ``odd`` are the letters that force
    UCS-2, in the order in which they come.
    """

    encoding: str
    characters: int
    units: int
    segments: int
    odd: tuple[str, ...]


def measure_text(body: str) -> Length:
    """How long a text is. A letter of two places is never cut in two."""
    unusual = set(body) - GSM  # Usually none: this is on the way of every text.
    odd = tuple(dict.fromkeys(letter for letter in body if letter in unusual - EXTENDED)) if unusual else ()
    wide = {each for each in set(body) if ord(each) > LAST_OF_TWO_BYTES} if odd else unusual
    whole, piece = UCS2_SIZES if odd else GSM_SIZES
    units = len(body) + sum(letter in wide for letter in body) if wide else len(body)
    segments = min(len(body), 1) if units <= whole else _pieces(body, wide, piece)
    return Length("UCS-2" if odd else "GSM-7", len(body), units, segments, odd)


def _pieces(body: str, wide: Collection[str], size: int) -> int:
    if not wide:
        return -(-len(body) // size)
    pieces, used = 1, 0
    for letter in body:
        each = 2 if letter in wide else 1
        if used + each > size:
            pieces, used = pieces + 1, 0
        used += each
    return pieces


def plain_words(words: str) -> str:
    """The same with typewriter quotes, dashes and spaces: a curly quote would double what a text costs."""
    return words.translate(_PLAIN)


def is_cheap(words: str) -> bool:
    """Whether they fit the alphabet of texts."""
    return words.isascii() or set(words) <= GSM | EXTENDED


def text_name(name: str) -> str:
    """What a practice is called in texts: with "i" for "í" wherever their alphabet lacks the letter, because it stands
    in every one of them. For senders only: our own sentences do without such letters, and people's names keep theirs.
    """
    words = plain_words(name)
    if words.isascii():
        return words
    return "".join(letter if letter in GSM else _without_marks(letter) for letter in words)


def _without_marks(letter: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFD", letter) if not unicodedata.combining(each))
