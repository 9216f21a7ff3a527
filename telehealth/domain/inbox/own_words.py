"""The part of a text that its sender said just now: without quotes of ours, signatures and the name at its end."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from telehealth.domain.inbox.spelling import fold_words, spell_plainly
from telehealth.domain.messages.phrases import IN

_OUR_LAST_LINE = re.compile("|".join(re.escape(each.around.stop) for each in IN.values()), re.IGNORECASE)
_NO_QUOTE = r"[^\"\u201c\u201d\u00ab\u00bb]"
_QUOTED = re.compile(
    rf"[\"\u201c\u00ab](?={_NO_QUOTE}*\s{_NO_QUOTE}*\s){_NO_QUOTE}*[\"\u201d\u00bb]|^>.*$", re.MULTILINE
)
"""Three words or more in quotation marks, and lines of an earlier text."""
_NAME_AFTER_A_DASH = re.compile(r"(?<=\S)\s+[-\u2013\u2014~]+\s*[^\W\d_]+(?:[ .]+[^\W\d_]+){0,2}\.?\s*$")
_RULER = re.compile(r"^\s*(?:--+|__+|\*\*+|\u2014+)\s*$")
_END_OF_SENTENCE = re.compile(r"[.!?,;:\n()\u2026\u2013\u2014]+")
_SIGNATURES = (
    r"sent from (?:my|the|outlook|yahoo|mail|samsung|android|iphone|gmail)\b.*",
    r"sent (?:with|via|using) .*",
    r"get outlook for .*",
    r"enviado (?:desde|de|con|por) .*",
    r"on (?:mon|tue|wed|thu|fri|sat|sun)\w* .* wrote",
    r"on .* at .* wrote",
    r"el .* escribio",
)


def without_our_last_line(body: str) -> str:
    """Whoever quotes our "reply STOP" does not say it."""
    return _OUR_LAST_LINE.sub(" ", body)


def own_words_in(body: str) -> str:
    """Without quotes and signature."""
    return _without_quotes(_without_signature(body))


def sentences_in(text: str) -> Iterator[str]:
    """The whole, then each sentence, spelt plainly."""
    yield spell_plainly(text)
    for each in _END_OF_SENTENCE.split(text):
        if words := spell_plainly(each):
            yield words


def said_once(words: str) -> str:
    """One word that is said again and again, once: "C C C"."""
    return words if len(set(words.split())) > 1 else " ".join(words.split()[:1])


def asks(text: str) -> bool:
    """Whether it has a question mark."""
    return "?" in text or "\u00bf" in text


def _without_quotes(text: str) -> str:
    """Without what is quoted, where anything else is said."""
    rest = _QUOTED.sub(" ", text)
    return rest if _says_something(rest) else text


def _without_signature(body: str) -> str:
    """The lines above a signature, and a line without the name at its end: "C - Jane"."""
    lines: list[str] = []
    for line in body.strip().splitlines():
        if lines and (_RULER.match(line) or _is_signature(fold_words(line))):
            break
        lines.append(line)
    text = "\n".join(lines).strip()
    unsigned = _NAME_AFTER_A_DASH.sub("", text)
    return unsigned if _says_something(unsigned) else text


def _is_signature(line: str) -> bool:
    return any(_compiled(pattern).fullmatch(line) for pattern in _SIGNATURES)


def _says_something(text: str) -> bool:
    """Whether it holds a letter, a figure, or a sign such as a thumb: in ":~c" the c is no name, but all there is."""
    return any(each.isalnum() or unicodedata.category(each) == "So" for each in text)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
