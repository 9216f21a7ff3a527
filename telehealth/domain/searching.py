"""Finding people however their names, addresses and numbers are spelt: both sides are folded in one way, in Python, so
that every database answers alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from telehealth.domain.contact import LONGEST_EMAIL, LONGEST_NAME

LONGEST_SEARCH_TEXT = 2_000
"""Letters kept of one client: names and addresses are bounded, and a letter may fold into a few."""
MOST_TERMS = 8
"""Each costs a look at every client. Whoever types more has found them already."""
FEWEST_DIGITS = 3
"""With fewer, most numbers hold them."""
DIGITS_OF_A_NUMBER = 7
"""From here on it may be a whole number, with what is dialled before it."""
APOSTROPHES = re.compile("['’‘ʼʻ`´′.]")
_LETTERS = str.maketrans(
    {"ł": "l", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t"}
)
_NO_LETTER = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"[\d()+./-]*\d[\d()+./-]*")
_DATE = re.compile(
    r"(?P<month>\d\d?)[/.-](?P<day>\d\d?)[/.-](?P<year>\d{4})|(?P<y>\d{4})-(?P<m>\d\d?)-(?P<d>\d\d?)", re.ASCII
)
_DIALLED_BEFORE = re.compile(r"^(?:011|0+)")


@dataclass(frozen=True, slots=True)
class Term:
    """Something that was looked for: any of the spellings will do. ``digits`` are those of a part of a number, else
    empty.
    """

    spellings: frozenset[str]
    digits: frozenset[str] = frozenset()


def fold_name(text: str) -> str:
    """Small letters without accents, apostrophes and dots, and one space for whatever else is no letter or digit:
    "José O’Brien-Nguyễn" is "jose obrien nguyen".
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(letter for letter in plain if unicodedata.category(letter) != "Mn").translate(_LETTERS)
    return _NO_LETTER.sub(" ", APOSTROPHES.sub("", plain)).strip()


def make_search_text(
    *, name: str, emails: Iterable[str | None], phones: Iterable[str | None], others: Iterable[str] = ()
) -> str:
    """Everything that a client is found by, folded: the name, also in one word, addresses, the digits of numbers in
    E.164 form, and the names of ``others`` who act for them. A space stands before each word.
    """
    words = fold_name(name[: 2 * LONGEST_NAME])
    found = [words, words.replace(" ", "") if " " in words else ""]
    found += sorted({fold_name(each[: 2 * LONGEST_NAME]) for each in others})
    found += sorted({each[:LONGEST_EMAIL].casefold() for each in emails if each})
    found += sorted({_digits(each) for each in phones if each})
    return "".join(f" {each}" for each in found if each)[:LONGEST_SEARCH_TEXT]


def split_search(text: str) -> list[Term]:
    """What was typed as terms, each of which has to be found. Pieces of a number that stand side by side are one."""
    pieces: list[str] = []
    for each in text.casefold().split():
        goes_on = pieces and _NUMBER.fullmatch(pieces[-1]) and _NUMBER.fullmatch(each)
        pieces = [*pieces[:-1], pieces[-1] + each] if goes_on else [*pieces, each]
    return [_term(each) for each in pieces[:MOST_TERMS]]


def read_birth(text: str) -> date | None:
    """A date that was typed alone, as people in the US write it or as it is kept: 5/12/1990, 1990-05-12."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    month, day, year = (int(found[us] or found[iso]) for us, iso in (("month", "m"), ("day", "d"), ("year", "y")))
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _term(piece: str) -> Term:
    if _NUMBER.fullmatch(piece):
        digits = _spellings_of_number(piece)
        return Term(digits, digits if len(_digits(piece)) >= FEWEST_DIGITS else frozenset())
    return Term(frozenset({piece, "" if "@" in piece else fold_name(piece)} - {""}))


def _spellings_of_number(piece: str) -> frozenset[str]:
    """The digits as typed, and without what is dialled before them at home or from abroad."""
    digits = _digits(piece.replace("(0)", ""))
    if len(digits) < DIGITS_OF_A_NUMBER:
        return frozenset({digits})
    return frozenset({digits, _DIALLED_BEFORE.sub("", digits) or digits})


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdecimal())
