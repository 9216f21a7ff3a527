"""A tap on a text of ours: "Liked", a thumb, and our own words, quoted, of which nothing is read."""

from __future__ import annotations

import re

from telehealth.domain.inbox import reply_words
from telehealth.domain.inbox.reading import Reading
from telehealth.domain.inbox.spelling import fold_words
from telehealth.domain.message_words import ReplyMeaning

_TAP = re.compile(r"(?P<how>[^\s\"\u201c\u00ab][^\n\"\u201c\u00ab]{0,39}?)\s*[\"\u201c\u00ab].*", re.DOTALL)


def read_reaction(body: str) -> Reading | None:
    """A tap on a text of ours. What is quoted are our own words: nothing of it is read."""
    tap = _TAP.fullmatch(body.strip())  # Stripped: two runs of spaces side by side would be tried in every way.
    how = tap["how"] if tap is not None else _tap_without_a_quote(body)
    if not how:
        return None
    said, signs = fold_words(how), {each for each in how if not (each.isalnum() or each.isspace())}
    if said.startswith(reply_words.TAKES_BACK) and said.endswith((" from", " de", "gusta", "encanta")):
        return _tapped(asks_nothing=True)
    if said in reply_words.LIKES:
        return _tapped(is_yes=True, asks_nothing=True)
    if said in reply_words.NOTHING_SAID:
        return _tapped(asks_nothing=True)
    if signs and reply_words.WITH_A_SIGN.are_all_of(said):
        is_sad = bool(signs & reply_words.SAD_SIGNS)
        is_yes = not is_sad and bool(signs & (reply_words.YES_SIGNS | reply_words.HEARTS))
        return _tapped(is_yes=is_yes, asks_nothing=not is_sad)
    return _tapped() if said in reply_words.FOR_A_PERSON else None


def _tapped(*, is_yes: bool = False, asks_nothing: bool = False) -> Reading:
    meaning = ReplyMeaning.CONFIRM if is_yes else ReplyMeaning.OTHER
    return Reading(meaning, is_reaction=True, asks_nothing=asks_nothing)


def _tap_without_a_quote(body: str) -> str:
    """How somebody tapped on "a message" or "an image"."""
    said = body.split()
    return " ".join(said[:-2]) if reply_words.A_TEXT_OF_OURS.are_all_of(fold_words(" ".join(said[-2:]))) else ""
